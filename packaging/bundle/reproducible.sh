#!/usr/bin/env bash
# Builds both payloads twice, the interpreter included, in different folders, and compares the manifests.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for run in one two; do
    mkdir -p "$scratch/$run"
    BANGJIAO_CACHE=$scratch/$run/cache BANGJIAO_OUT=$scratch/$run bash "$root/packaging/linux/build.sh" >"$scratch/$run.log" 2>&1 || { tail -n 20 "$scratch/$run.log"; exit 1; }
    BANGJIAO_CACHE=$scratch/$run/cache BANGJIAO_OUT=$scratch/$run bash "$root/packaging/windows/build.sh" >>"$scratch/$run.log" 2>&1 || { tail -n 20 "$scratch/$run.log"; exit 1; }
done
for file in "$scratch"/one/*.manifest.json "$scratch"/one/*.deb "$scratch"/one/*.exe; do
    if cmp -s "$file" "$scratch/two/$(basename "$file")"; then echo "相同：$(basename "$file")"; else
        echo "不同：$(basename "$file")"
        diff "$file" "$scratch/two/$(basename "$file")" | head -n 5 || true
        differ=1
    fi
done
[ -z "${differ:-}" ]
