#!/usr/bin/env bash
# Builds installers of an older commit into dist/previous, to try the upgrade from them and the way back.
#   bash packaging/previous.sh [COMMIT]     default: the last commit before the vault's third schema
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
commit=${1:-d5ac950^}
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
git -C "$root" archive "$commit" | tar -x -C "$tree"
SOURCE_DATE_EPOCH=$(git -C "$root" log -1 --format=%ct "$commit")
export SOURCE_DATE_EPOCH BANGJIAO_SOURCE=$tree BANGJIAO_OUT=$root/dist/previous BANGJIAO_CACHE=${BANGJIAO_CACHE:-$root/dist/cache}
bash "$root/packaging/linux/build.sh"
bash "$root/packaging/windows/build.sh"
