#!/usr/bin/env bash
# Builds dist/bangjiao-desktop_VERSION_ARCH.deb on Debian 12, from the lock and packages of the registries alone.
# See packaging/README.md; environment: bundle/common.sh, BANGJIAO_ARCH (default: this machine's).
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/packaging/bundle/common.sh"

# The architecture switch. arm64: run it on an arm64 machine; what else it needs stands in packaging/README.md.
case ${BANGJIAO_ARCH:-$(uname -m)} in
x86_64 | amd64) deb=amd64 platform=linux-x86_64 triplet=x86_64-linux-gnu glibc=2.28 glibcxx=3.4.25 cxxabi=1.3.11 ;;
aarch64 | arm64) deb=arm64 platform=linux-aarch64 triplet=aarch64-linux-gnu glibc=2.39 glibcxx=3.4.33 cxxabi=1.3.15 ;;
*) echo "没有为 ${BANGJIAO_ARCH:-$(uname -m)} 准备的构建。" >&2; exit 1 ;;
esac
case $(uname -m) in
x86_64) [ "$deb" = amd64 ] ;;
aarch64) [ "$deb" = arm64 ] ;;
esac || { echo "要在 $deb 的机器上构建 $deb 的包：字节码要用包里的解释器编译。" >&2; exit 1; }

apt_install dpkg-dev binutils lintian appstream desktop-file-utils xz-utils debian-archive-keyring \
    libegl1 libgl1 libfontconfig1 libglib2.0-0 libdbus-1-3 libxkbcommon0
make_tools
python=$(BANGJIAO_ARCH=$deb bash "$root/packaging/bundle/python.sh")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
here=$root/packaging/linux
prefix=/opt/bangjiao-desktop
package=$work/package
payload=$package$prefix
mkdir -p "$package/opt"

say "程序和依赖（按 uv.lock）"
python3 "$root/packaging/bundle/assemble.py" "$platform" "$tree" "$payload" \
    --python "$python" --uv "$cache/uv/bin/uv" --prefix "$prefix/site"
find "$payload/site" -name '*.so*' -type f \( ! -path '*/PySide6/*' -o -name 'libicu*' \) ! -path '*/shiboken6/*' -exec strip --strip-unneeded {} +

say "解释器"
mkdir -p "$payload/python/bin" "$payload/bin"
cp "$python/bin/python3.13" "$payload/python/bin/"
cp -a "$python/lib" "$payload/python/"
rm -rf "$payload/python/lib/pkgconfig" "$payload/python/lib/"*.a
python3 "$root/packaging/bundle/prune_library.py" "$payload/python/lib/python3.13" --python "$python" --prefix "$prefix/python/lib/python3.13"
install -m 755 "$here/bangjiao" "$payload/bin/bangjiao"

# Small libraries of the X server that a desktop without Qt 6 lacks, and the fcitx plugin that PyPI's Qt lacks.
say "fcitx 插件与 xcb 小库"
debs=$work/debs
(. /etc/os-release && debian_package "$VERSION_CODENAME" "$debs" libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-render-util0 libxcb-util1)
debian_package trixie "$debs" fcitx5-frontend-qt6 libfcitx5-qt6-1
mkdir "$work/debian"
for file in "$debs"/*.deb; do dpkg-deb -x "$file" "$work/debian"; done
qt=$payload/site/PySide6/Qt
for library in libxcb-cursor.so.0 libxcb-icccm.so.4 libxcb-image.so.0 libxcb-keysyms.so.1 libxcb-render-util.so.0 libxcb-util.so.1 libFcitx5Qt6DBusAddons.so.1; do
    install -m 644 "$(readlink -f "$work/debian/usr/lib/$triplet/$library")" "$qt/lib/$library"
done
plugin=$qt/plugins/platforminputcontexts/libfcitx5platforminputcontextplugin.so
install -m 644 "$work/debian/usr/lib/$triplet/qt6/plugins/platforminputcontexts/libfcitx5platforminputcontextplugin.so" "$plugin"
"$tools/bin/patchelf" --set-rpath '$ORIGIN/../../lib' "$plugin"
if [ "$deb" = amd64 ]; then
    # Compiled for a newer system: what older ones lack is in compat.c.
    ZIG_GLOBAL_CACHE_DIR=$work/zig ZIG_LOCAL_CACHE_DIR=$work/zig "$tools/bin/python" -m ziglang cc -target x86_64-linux-gnu.2.28 \
        -shared -fPIC -O2 -s -Wl,-soname,libbangjiao-compat.so -o "$qt/lib/libbangjiao-compat.so" "$here/compat.c" -ldl
    for file in "$plugin" "$qt/lib/libFcitx5Qt6DBusAddons.so.1"; do
        "$tools/bin/patchelf" --add-needed libbangjiao-compat.so \
            --clear-symbol-version __cxa_call_terminate --clear-symbol-version _ZSt28__throw_bad_array_new_lengthv "$file"
    done
    "$tools/bin/patchelf" --set-rpath '$ORIGIN' "$qt/lib/libFcitx5Qt6DBusAddons.so.1"
    python3 "$here/elf.py" relax "$plugin" GLIBCXX_3.4.29 CXXABI_1.3.15
    python3 "$here/elf.py" relax "$qt/lib/libFcitx5Qt6DBusAddons.so.1" CXXABI_1.3.15
fi
rm -f "$qt"/lib/*.tmp

say "清单、SBOM、许可"
parts=$work/parts
mkdir "$parts"
cp "$python"/licences/*.txt "$parts/"
cp "$work/debian/usr/share/doc/libxcb-cursor0/copyright" "$parts/xcb-util.txt"
cp "$work/debian/usr/share/doc/fcitx5-frontend-qt6/copyright" "$parts/fcitx5-qt.txt"
cp "$root"/resources/fonts/OFL-sans.txt "$parts/noto.txt"
cp /usr/share/common-licenses/LGPL-3 "$parts/lgpl-3.txt"
cp "$root/resources/colour/LICENSE.txt" "$parts/srgb.txt"
debian_version() { dpkg-deb -f "$debs"/"$1"_*.deb Version; }
{
    . "$root/packaging/bundle/components.sh"
    component CPython "$(sed -n 's/^python //p' "$python/versions")" PSF-2.0 generic/cpython https://www.python.org CPython.txt
    component libffi "$(sed -n 's/^libffi //p' "$python/versions")" MIT generic/libffi https://sourceware.org/libffi libffi.txt
    component zlib "$(sed -n 's/^zlib //p' "$python/versions")" Zlib generic/zlib https://zlib.net zlib.txt
    component "xcb-util（cursor、image、keysyms、render-util、wm）" "$(debian_version libxcb-cursor0)" MIT deb/debian/libxcb-cursor0 https://xcb.freedesktop.org xcb-util.txt
    component "fcitx5-qt（输入法插件）" "$(debian_version fcitx5-frontend-qt6)" "BSD-3-Clause AND LGPL-2.1-or-later" deb/debian/fcitx5-frontend-qt6 https://github.com/fcitx/fcitx5-qt fcitx5-qt.txt
    shared_components
} >"$parts/components.toml"
"$tools/bin/python" "$root/packaging/bundle/describe.py" "$payload" "$tree" --name bangjiao-desktop --components "$parts/components.toml"

cp "$payload/manifest.json" "$out/bangjiao-desktop_${version}_$deb.manifest.json"
[ -z "${BANGJIAO_PAYLOAD_ONLY:-}" ] || exit 0

say "桌面文件、图标、手册页"
share=$package/usr/share
"$tools/bin/python" "$root/packaging/bundle/icons.py" "$root/resources/icons/app.svg" "$work/icons"
for size in 16 24 32 48 64 128 256 512; do
    install -D -m 644 "$work/icons/$size.png" "$share/icons/hicolor/${size}x$size/apps/bangjiao-desktop.png"
done
install -D -m 644 "$root/resources/icons/app.svg" "$share/icons/hicolor/scalable/apps/bangjiao-desktop.svg"
install -D -m 644 "$here/cn.bangjiao.Desktop.desktop" "$share/applications/cn.bangjiao.Desktop.desktop"
install -D -m 644 "$here/bangjiao-desktop.xml" "$share/mime/packages/bangjiao-desktop.xml"
install -D -m 644 "$here/lintian-overrides" "$share/lintian/overrides/bangjiao-desktop"
mkdir -p "$share/metainfo" "$share/doc/bangjiao-desktop" "$share/man/zh_CN/man1" "$share/man/man1" "$package/usr/bin"
python3 "$here/metadata.py" metainfo "$tree" >"$share/metainfo/cn.bangjiao.Desktop.metainfo.xml"
python3 "$here/metadata.py" changelog "$tree" | gzip -9n >"$share/doc/bangjiao-desktop/changelog.gz"
{ cat "$root/LICENSE"; echo; echo "随附的软件各有许可，全文见程序里“关于 → 许可”，清单见 $prefix/sbom.cdx.json。"
  echo "On Debian systems the text of the LGPL stands in /usr/share/common-licenses/LGPL-3."; } >"$share/doc/bangjiao-desktop/copyright"
gzip -9n <"$here/bangjiao.1" >"$share/man/zh_CN/man1/bangjiao.1.gz"
ln -s ../zh_CN/man1/bangjiao.1.gz "$share/man/man1/bangjiao.1.gz"
ln -s "$prefix/bin/bangjiao" "$package/usr/bin/bangjiao"

say "打包"
python3 "$here/elf.py" check "$payload" --glibc $glibc --glibcxx $glibcxx --cxxabi $cxxabi --libraries "$here/libraries"
mkdir "$package/DEBIAN"
find "$package" -type d -exec chmod 755 {} +
find "$package" -type f ! -perm -u+x -exec chmod 644 {} +
find "$payload" -type f \( -name '*.so*' -o -name '*.py' \) -exec chmod 644 {} +
chmod 755 "$payload/bin/bangjiao" "$payload/python/bin/python3.13"
cat >"$package/DEBIAN/control" <<END
Package: bangjiao-desktop
Version: $version
Architecture: $deb
Maintainer: $(sed -n 's/^MAINTAINER = "\(.*\)"$/\1/p' "$here/metadata.py")
Installed-Size: $(du -k -s --apparent-size "$package" | cut -f1)
Depends: $(python3 "$here/metadata.py" depends "$here/libraries" "$deb")
Recommends: fonts-noto-cjk | fonts-wqy-microhei | fonts-wqy-zenhei, cups
Section: misc
Priority: optional
Description: 安置帮教工作台 (ledger of a justice office)
 司法所和区县司法局的安置帮教台账：
 加密存在自己的电脑上，每天提醒到期的工作，
 按官方口径算出每季指标，
 打印联系卡、档案、宣传册和统计报表。
 不联网也能用。
 .
 Self-contained: brings its own Python, Qt and fonts under /opt.
 Ledgers lie in the users' own folders;
 removing or purging the package never touches them.
END
(cd "$package" && find usr opt -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$package/DEBIAN/md5sums"
find "$package" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
result=$out/bangjiao-desktop_${version}_$deb.deb
dpkg-deb --root-owner-group -Zxz -z6 --build "$package" "$result" >/dev/null

say "检查"
desktop-file-validate "$share/applications/cn.bangjiao.Desktop.desktop"
appstreamcli validate --no-net "$share/metainfo/cn.bangjiao.Desktop.metainfo.xml"
lintian --no-cfg --allow-root --fail-on error "$result"
size=$(stat -c %s "$result")
say "$(basename "$result")：$((size / 1048576)) MB，安装后 $(du -m -s "$package" | cut -f1) MB"
[ "$size" -le $((110 * 1048576)) ] || { echo "安装包超过 110 MB。" >&2; exit 1; }
