#!/usr/bin/env bash
# Fetches the four shipped faces from their npm packages into resources/fonts and checks them by hash.
# They are in the repository; this shows where they come from and renews them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../resources/fonts"
version=0.4.3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for family in sans serif; do
    (cd "$scratch" && npm pack --silent "@expo-google-fonts/noto-$family-sc@$version" >/dev/null)
    mkdir "$scratch/$family"
    tar -xzf "$scratch/expo-google-fonts-noto-$family-sc-$version.tgz" -C "$scratch/$family"
    name=$([ "$family" = sans ] && echo NotoSansSC || echo NotoSerifSC)
    cp "$scratch/$family/package/400Regular/${name}_400Regular.ttf" "$name-Regular.ttf"
    cp "$scratch/$family/package/700Bold/${name}_700Bold.ttf" "$name-Bold.ttf"
    cp "$scratch/$family/package/LICENSE_FONT" "OFL-$family.txt"
done
sha256sum --check SHA256SUMS
