#!/usr/bin/env bash
# Shows the installed program under Wayland without an X server (weston, drawing in memory), and takes a picture.
# Runs inside the target system (see inside.sh): wayland.sh VAULT OUT
set -euo pipefail
vault=$1 out=$2
libwayland=$(dpkg-query -W -f '${Version}' libwayland-client0)
if dpkg --compare-versions "$libwayland" lt 1.20; then
    echo "== 没有 X 的 Wayland：这里的 libwayland $libwayland 对 Qt 太旧，只能经 X"
    exit 0
fi
echo "== 没有 X 的 Wayland"
apt-get install -y -qq --no-install-recommends weston >/dev/null
work=$(mktemp -d /tmp/bangjiao-wayland.XXXX)
export XDG_RUNTIME_DIR=$work WAYLAND_DISPLAY=bangjiao-test
chmod 700 "$work"
unset DISPLAY QT_QPA_PLATFORM
pixman=--renderer=pixman backend=headless
weston --version | grep -qE ' (1[2-9]|[2-9][0-9])' || pixman=--use-pixman backend=headless-backend.so
(cd "$work" && exec weston --backend=$backend $pixman --width=1366 --height=768 --socket=$WAYLAND_DISPLAY --debug --idle-time=0) >"$work/weston.log" 2>&1 &
weston=$!
trap 'kill $weston 2>/dev/null || true; rm -rf "$work"' EXIT
timeout 20 bash -c "until [ -S '$work/$WAYLAND_DISPLAY' ]; do sleep 0.2; done"
dbus-run-session -- bangjiao "$vault" >"$work/window.log" 2>&1 &
sleep 10
program=$(pgrep -n -f /opt/bangjiao-desktop/python/bin/python3.13)
(cd "$work" && weston-screenshooter)
mv "$work"/wayland-screenshot-*.png "$out/wayland.png"
grep -q libqwayland "/proc/$program/maps"
kill "$program"
if grep -iE 'Traceback|No decoration|could not' "$work/window.log" >&2; then exit 1; fi
echo "  通过：窗口打开了，有边框"
