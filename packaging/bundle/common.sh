# shellcheck shell=bash
# What both installers share: places, version, tools. Sourced with $root set to the repository.
#
#   BANGJIAO_SOURCE   the tree to package (default: the repository); another commit's, to build an older version
#   BANGJIAO_CACHE    what is kept between builds (default: dist/cache)
#   BANGJIAO_OUT      where the results go (default: dist)
#   BANGJIAO_PAYLOAD_ONLY  stop when the payload and its manifest are there, before anything is compressed
set -euo pipefail
. "$root/packaging/apt.sh"
tree=${BANGJIAO_SOURCE:-$root}
out=${BANGJIAO_OUT:-$root/dist}
cache=${BANGJIAO_CACHE:-$root/dist/cache}
tools=$cache/tools
mkdir -p "$out" "$cache"
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$tree/pyproject.toml")
# The moment everything in the payload is dated: the commit's, so that two builds are the same.
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
    SOURCE_DATE_EPOCH=$(git -C "$tree" log -1 --format=%ct 2>/dev/null || git -C "$root" log -1 --format=%ct)
fi
export SOURCE_DATE_EPOCH LC_ALL=C.UTF-8 TZ=UTC

say() { echo "[$(date +%T)] $*"; }

# Tools from PyPI by the lock (group "packaging"), in an environment of their own.
make_tools() {
    local stamp=$tools/.installed wanted
    wanted=$(sha256sum "$root/uv.lock" | cut -d' ' -f1)
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && return 0
    say "安装打包工具（按 uv.lock）"
    command -v python3 >/dev/null || apt_install python3 python3-venv
    [ -x "$cache/uv/bin/uv" ] || { python3 -m venv "$cache/uv" || { apt_install python3-venv; python3 -m venv "$cache/uv"; }; }
    "$cache/uv/bin/pip" install --quiet --disable-pip-version-check "uv==$(locked uv)"
    (cd "$root" && UV_PROJECT_ENVIRONMENT=$tools "$cache/uv/bin/uv" sync --quiet --locked --only-group packaging)
    echo "$wanted" >"$stamp"
}

# locked NAME : the version of a package in the lock.
locked() { sed -n "/^name = \"$1\"$/{n;s/^version = \"\(.*\)\"$/\1/p}" "$root/uv.lock"; }

uv() { "$cache/uv/bin/uv" "$@"; }
export -f say
