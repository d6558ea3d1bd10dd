#!/usr/bin/env bash
# Builds the CPython that the Debian package ships, and that compiles the bytecode of both installers.
# Source: Debian's python3.13 of trixie with its security patches; compiled with zig cc against glibc 2.28, so that it
# starts on UOS 20, Kylin V10 and everything newer. Prints the folder it lies in. Built once; later runs find it there.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/packaging/bundle/common.sh"

case ${BANGJIAO_ARCH:-$(uname -m)} in
x86_64 | amd64) zig_target=x86_64-linux-gnu.2.28 ;;
aarch64 | arm64) zig_target=aarch64-linux-gnu.2.39 ;; # PySide6's wheels for arm64 need glibc 2.39 themselves
*) echo "没有为 ${BANGJIAO_ARCH:-$(uname -m)} 准备的构建。" >&2; exit 1 ;;
esac

python=3.13.5
libffi=3.4.4
zlib=1.2.13
declare -A sha256=(
    [python]=93e583f243454e6e9e4588ca2c2662206ad961659863277afcdb96801647d640
    [libffi]=d66c56ad259a82cf2a9dfc408b32bf5da52371500b84745f7fb8b645712df676
    [zlib]=71feb7947e3c00ef125f83b79a4e529bde31171e5babe48b391f06758d1ab0a1
)
key=$({ sha256sum <"${BASH_SOURCE[0]}"; locked ziglang; } | sha256sum | cut -c1-16)
home=$cache/python-$zig_target-$key
if [ -f "$home/.built" ]; then
    echo "$home"
    exit 0
fi
{
    apt_install dpkg-dev xz-utils bzip2 patch make ca-certificates debian-archive-keyring file
    make_tools
    say "编译 CPython $python（$zig_target）"
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    rm -rf "$home"
    debian_source python3.13 trixie "$work/source"
    debian_source libffi bookworm "$work/source"
    debian_source zlib bookworm "$work/source"
    cd "$work"
    for pair in "python source/python3.13_$python.orig.tar.xz" "libffi source/libffi_$libffi.orig.tar.gz" \
        "zlib source/zlib_$zlib.dfsg.orig.tar.bz2"; do
        echo "${sha256[${pair%% *}]}  ${pair#* }" | sha256sum --check --quiet
        tar -xf "${pair#* }"
    done
    mkdir bin debian
    tar -xf source/python3.13_*.debian.tar.xz -C debian
    # zig itself, without a Python before it: it is called some two thousand times
    zig=$("$tools/bin/python" -c 'import os, ziglang; print(os.path.join(os.path.dirname(ziglang.__file__), "zig"))')
    printf '#!/bin/sh\nexec "%s" cc -target %s "$@"\n' "$zig" "$zig_target" >bin/cc
    printf '#!/bin/sh\nexec "%s" ar "$@"\n' "$zig" >bin/ar
    printf '#!/bin/sh\nexec "%s" ranlib "$@"\n' "$zig" >bin/ranlib
    chmod +x bin/*
    export CC=$work/bin/cc AR=$work/bin/ar RANLIB=$work/bin/ranlib
    export ZIG_GLOBAL_CACHE_DIR=$work/zig ZIG_LOCAL_CACHE_DIR=$work/zig
    (cd zlib-$zlib.dfsg && CFLAGS="-O3 -fPIC" ./configure --static --prefix="$work/deps" && make -j"$(nproc)" install) >zlib.log 2>&1
    (cd libffi-$libffi && CFLAGS="-O2 -fPIC" ./configure --disable-shared --disable-docs --disable-exec-static-tramp \
        --prefix="$work/deps" --libdir="$work/deps/lib" && make -j"$(nproc)" install) >libffi.log 2>&1
    cd Python-$python
    grep '^CVE-' ../debian/debian/patches/series | while read -r patch; do
        patch -p1 --quiet --forward <"../debian/debian/patches/$patch"
    done
    # The interpreter would tell the moment it was compiled; two builds must be alike.
    sed -i "1i #define DATE \"$(date -u -d "@$SOURCE_DATE_EPOCH" '+%b %e %Y')\"\n#define TIME \"00:00:00\"" Modules/getbuildinfo.c
    absent=(); for module in _tkinter _ssl _hashlib _dbm _gdbm _curses _curses_panel _bz2 _lzma _sqlite3 _uuid readline nis; do absent+=("py_cv_module_$module=n/a"); done
    # Position independent, as Debian's own: the interpreter lies elsewhere in memory at every start.
    OPT="-DNDEBUG -fwrapv -O3 -Wall" LINKFORSHARED="-pie -Wl,-export-dynamic" CFLAGS="-fPIE -g0 -fno-sanitize=undefined -ffile-prefix-map=$work=. -I$work/deps/include" \
        LDFLAGS="-s -L$work/deps/lib" PKG_CONFIG=false \
        LIBFFI_CFLAGS="-I$work/deps/include" LIBFFI_LIBS="-L$work/deps/lib -lffi" \
        ZLIB_CFLAGS="-I$work/deps/include" ZLIB_LIBS="-L$work/deps/lib -lz" \
        ./configure --prefix=/opt/bangjiao-desktop/python --without-ensurepip --disable-test-modules \
        --without-readline --without-static-libpython "${absent[@]}" >../configure.log 2>&1 ||
        { tail -n 30 ../configure.log; exit 1; }
    make -j"$(nproc)" >../make.log 2>&1 || { grep -n 'error' ../make.log | tail -n 20; exit 1; }
    # no bytecode: prune_library.py compiles what is kept, once
    make install DESTDIR="$work/out" COMPILEALL_OPTS=--help >../install.log 2>&1
    mkdir -p "$home"
    cp -a "$work/out/opt/bangjiao-desktop/python/." "$home/"
    # SQLAlchemy asks sysconfig, which tells where things were compiled
    sed -i "s#$work#/build#g; s#$tools#/build/tools#g" "$home"/lib/python3.13/_sysconfigdata*.py
    mkdir "$home/licences"
    cp LICENSE "$home/licences/CPython.txt"
    cp ../libffi-$libffi/LICENSE "$home/licences/libffi.txt"
    sed -n '/Copyright notice:/,/madler@alumni.caltech.edu/p' ../zlib-$zlib.dfsg/README >"$home/licences/zlib.txt"
    printf 'python %s\nlibffi %s\nzlib %s\n' "$python" "$libffi" "$zlib" >"$home/versions"
    "$home/bin/python3.13" -c 'import ctypes, zlib, decimal, unicodedata, _zoneinfo, _elementtree, _datetime'
    touch "$home/.built"
} >&2
echo "$home"
