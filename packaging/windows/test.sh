#!/usr/bin/env bash
# Runs the finished setup program on Wine 10 in a Debian trixie of its own: install, window, commands, upgrade, uninstall.
#   bash packaging/windows/test.sh [SETUP.exe] [PREVIOUS-SETUP.exe]
# Screenshots and the log go to dist/wine/. As root; see packaging/README.md.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/packaging/bundle/common.sh"
. "$root/packaging/chroot.sh"
setup=${1:-$out/bangjiao-setup-$version-x64.exe}
previous=${2:-}
shots=$out/wine
mkdir -p "$shots"
system=$(chroot_make trixie wine wine64 xvfb xauth openbox xdotool imagemagick fonts-noto-cjk procps python3)
trap 'chroot_remove "$system"' EXIT
mkdir -p "$system/test/samples"
cp "$setup" "$system/test/setup.exe"
[ -z "$previous" ] || cp "$previous" "$system/test/previous.exe"
cp "$root/packaging/windows/inside.sh" "$system/test/"
cp "$root/tests/data/ledger.xlsx" "$root/tests/data/ledger.expected.json" "$system/test/samples/"
# what the program on Linux says of the same ledger: the installed copy must say the same
if [ -x "$root/.venv/bin/bangjiao" ]; then
    scratch=$(mktemp -d)
    BANGJIAO_PASSWORD=yanshi-2026 "$root/.venv/bin/bangjiao" demo "$scratch/demo" --people 60 --seed 5 >/dev/null
    BANGJIAO_PASSWORD=yanshi-2026 "$root/.venv/bin/bangjiao" stats "$scratch/demo" 2026Q3 --json >"$system/test/linux-demo.json"
    rm -rf "$scratch"
fi
status=0
chroot_run "$system" bash /test/inside.sh 2>&1 | tee "$shots/log.txt" || status=$?
cp "$system"/test/*.png "$shots/" 2>/dev/null || true
exit $status
