#!/usr/bin/env bash
# Sets up everything on Debian 12 (as root or with sudo) and then
#   run   opens the window on a demo ledger, which is made if there is none
#   test  runs linters, types, layers and tests, and tells their coverage by branch; some files must be tested whole
#   installers  builds both installers and tries the Debian package on this machine (root; see packaging/README.md)
#   all   what CI runs: the tests, meanwhile both installers, then the Debian package is tried
# Safe to repeat; the second time it only looks whether everything is there.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
. packaging/apt.sh
task=${1:-}
case $task in
run | test | installers | installers-only | all) ;;
*)
    echo "用法：bash packaging/dev.sh run | test | installers | all" >&2
    exit 2
    ;;
esac

packages=(
    python3 python3-venv ca-certificates fonts-noto-cjk poppler-utils
    libegl1 libgl1 libopengl0 libglib2.0-0 libfontconfig1 libfreetype6 libdbus-1-3 libxkbcommon0 libxkbcommon-x11-0
    libxcb1 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0
    libxcb-shape0 libxcb-sync1 libxcb-xfixes0 libxcb-xinerama0 libxcb-xkb1 libx11-xcb1 libcups2 xvfb xauth
    postgresql-15 strace gcc libc6-dev
    cups cups-client printer-driver-cups-pdf libpdfbox2-java libjaxb-api-java libactivation-java
)

choose_python() {
    local candidate
    for candidate in python3 python3.11 python3.12 python3.13 /usr/bin/python3; do
        if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "需要 Python 3.11 至 3.13。" >&2
    exit 1
}

install_python_packages() {
    local stamp=.venv/.installed wanted
    wanted=$(cat uv.lock pyproject.toml | sha256sum)
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && [ -x .venv/bin/python ]; then
        return 0
    fi
    echo "安装 Python 依赖（按 uv.lock）"
    if ! [ -x .venv/bin/uv ]; then
        local python uv_version
        python=$(choose_python)
        rm -rf .venv
        "$python" -m venv .venv
        # uv itself is locked too: take the locked version to install the rest
        uv_version=$(grep -A1 '^name = "uv"$' uv.lock | sed -n 's/^version = "\(.*\)"$/\1/p')
        .venv/bin/pip install --quiet --disable-pip-version-check "uv==$uv_version"
    fi
    .venv/bin/uv sync --quiet --locked --compile-bytecode --python .venv/bin/python
    echo "$wanted" >"$stamp"
}

run_demo() {
    local vault=${BANGJIAO_DEMO:-${XDG_DATA_HOME:-$HOME/.local/share}/bangjiao-demo}
    # The demo ledger is fiction, so its password may stand here.
    export BANGJIAO_PASSWORD=${BANGJIAO_DEMO_PASSWORD:-yanshi-2026}
    if ! [ -f "$vault/keys.json" ]; then
        mkdir -p "$(dirname "$vault")"
        .venv/bin/bangjiao demo "$vault"
    fi
    echo "演示台账：$vault　口令：$BANGJIAO_PASSWORD"
    if [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && [ -z "${QT_QPA_PLATFORM:-}" ]; then
        echo "这台机器没有显示器，窗口打不开。可在虚拟屏幕上运行："
        echo "  xvfb-run -a -s '-screen 0 1366x768x24' bash packaging/dev.sh run"
        return 0
    fi
    exec .venv/bin/bangjiao "$vault"
}

run_tests() {
    export QT_QPA_PLATFORM=offscreen LC_ALL=C.UTF-8
    .venv/bin/ruff check .
    .venv/bin/ruff format --check .
    .venv/bin/mypy
    .venv/bin/lint-imports
    mkdir -p .setup
    # A file's tests share what they prepare, so each file goes to one worker (tests/dealing.py). What takes many times as
    # long as it should stands still: it is told to say where.
    timeout --foreground --kill-after=2m 65m .venv/bin/pytest -n 2 --dist loadfile --cov --cov-report=term:skip-covered
    .venv/bin/python packaging/coverage_whole.py  # the files that must be tested whole
}

build_installers() {
    bash packaging/linux/build.sh
    bash packaging/windows/build.sh
}

# The installers are put together mostly on one core, and take what the tests leave of both.
run_all() {
    local status=0
    mkdir -p dist
    set -m # a process group of its own, to be ended whole
    # With temporary files of their own: tests look at what is left in those of the machine.
    temporary=$(mktemp -d)
    TMPDIR=$temporary nice -n 19 bash packaging/dev.sh installers-only >dist/build.log 2>&1 &
    building=$!
    set +m
    trap 'kill -- -$building 2>/dev/null || true; wait $building || true; rm -rf "$temporary"; tail -n 20 dist/build.log' EXIT
    bash packaging/dev.sh test
    wait $building || status=$?
    trap - EXIT
    rm -rf "$temporary"
    cat dist/build.log
    [ $status -eq 0 ] || exit $status
    bash packaging/linux/test.sh here
}

case $task in
all)
    run_all
    exit 0
    ;;
installers-only)
    build_installers
    exit 0
    ;;
installers)
    build_installers
    bash packaging/linux/test.sh here
    exit 0
    ;;
esac
apt_install "${packages[@]}"
install_python_packages
if [ "$task" = run ]; then run_demo; else run_tests; fi
