#!/usr/bin/env bash
# The long run: both installers of this commit and of an older one, then every test of them. About half an hour; root.
# Results, logs and screenshots: dist/linux-bullseye, dist/linux-bookworm, dist/linux-trixie, dist/wine.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# 3: what could not be asked is listed for somebody to look at; a known problem (1) ends the release here.
python3 packaging/known_problems.py || [ $? -eq 3 ]
bash packaging/linux/build.sh
bash packaging/windows/build.sh
bash packaging/previous.sh
debs=(dist/bangjiao-desktop_*_amd64.deb) old_debs=(dist/previous/bangjiao-desktop_*_amd64.deb)
setups=(dist/bangjiao-setup-*-x64.exe) old_setups=(dist/previous/bangjiao-setup-*-x64.exe)
bash packaging/linux/test.sh all "${debs[-1]}" "${old_debs[-1]}"
bash packaging/windows/test.sh "${setups[-1]}" "${old_setups[-1]}"
