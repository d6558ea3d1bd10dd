#!/usr/bin/env bash
# Builds both payloads twice, the interpreter included, in different folders, and compares their manifests.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/packaging/bundle/common.sh" # for the moment everything is dated
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export BANGJIAO_PAYLOAD_ONLY=1
for run in one two; do
    mkdir -p "$scratch/$run"
    for system in linux windows; do
        BANGJIAO_CACHE=$scratch/$run/cache BANGJIAO_OUT=$scratch/$run bash "$root/packaging/$system/build.sh" >"$scratch/$run.log" 2>&1 ||
            { tail -n 20 "$scratch/$run.log"; exit 1; }
    done
done
differ=0
for file in "$scratch"/one/*.manifest.json; do
    other=$scratch/two/$(basename "$file")
    if cmp -s "$file" "$other"; then
        echo "相同：$(basename "$file")，$(grep -c '": "[0-9a-f]\{64\}"' "$file") 个文件"
    else
        echo "不同：$(basename "$file")"
        diff "$file" "$other" | head -n 20 || true
        differ=1
    fi
done
exit $differ
