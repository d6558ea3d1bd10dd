#!/usr/bin/env bash
# Tests an installed package as a person has it; runs as root inside the target system (see test.sh).
#   inside.sh DEB OUT SAMPLES [PREVIOUS.deb]
# OUT gets the screenshots and figures.json; SAMPLES is tests/data.
set -euo pipefail
deb=$(readlink -f "$1") out=$(readlink -f "$2") samples=$(readlink -f "$3") previous=${4:+$(readlink -f "$4")}
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 LANG=C.UTF-8 BANGJIAO_PASSWORD=yanshi-2026
python=/opt/bangjiao-desktop/python/bin/python3.13
work=$(mktemp -d /tmp/bangjiao-test.XXXX)
export HOME=$work/home XDG_RUNTIME_DIR=$work/run
mkdir -p "$HOME" "$XDG_RUNTIME_DIR"
chmod 700 "$XDG_RUNTIME_DIR"
failed=0
passed() { echo "  通过：$*"; count=$((${count:-0} + 1)); }
wrong() { echo "  失败：$*" >&2; failed=$((failed + 1)); }
need() { local what=$1; shift; if "$@"; then passed "$what"; else wrong "$what"; fi; }

leave() {
    [ -z "${xvfb:-}" ] || kill "$xvfb" 2>/dev/null || true
    [ -z "${session:-}" ] || kill "$session" 2>/dev/null || true
}
trap leave EXIT

screen() {
    export DISPLAY=:$((80 + RANDOM % 100))
    Xvfb "$DISPLAY" -screen 0 1366x768x24 >/dev/null 2>&1 &
    xvfb=$!
    sleep 1
    openbox >/dev/null 2>&1 &
    sleep 1
}
window() { timeout 40 bash -c 'until xdotool search --onlyvisible --name "安置帮教工作台" >/dev/null 2>&1; do sleep 0.3; done'; }
shot() { sleep "${2:-2}"; import -window root "$out/$1.png"; }
close_window() {
    xdotool search --onlyvisible --name "安置帮教工作台" windowfocus 2>/dev/null || true
    xdotool key alt+F4 # not in one call: a window that is gone would leave the keys pressed
    timeout 15 tail --pid="$program" -f /dev/null 2>/dev/null || pkill -P "$program" || true
    wait "$program" 2>/dev/null || true
}

. /etc/os-release
echo "== $PRETTY_NAME，$(ldd --version | sed -n 1p)"
apt-get update -qq
apt-get install -y -qq --no-install-recommends xvfb xauth openbox xdotool imagemagick fonts-noto-cjk procps dbus xclip unzip >/dev/null

if [ -n "$previous" ]; then
    echo "== 先装旧版本，做一个台账"
    apt-get install -y -qq "$previous" >/dev/null
    old=$(bangjiao --version)
    bangjiao demo "$work/old-vault" --people 40 --seed 3 >/dev/null
    bangjiao stats "$work/old-vault" 2026Q3 --json >"$work/old-figures.json"
fi

echo "== 安装"
if [ -z "$previous" ]; then
    apt-get install -y -qq "$deb" >/dev/null
else
    # over a vault in use: the old program has it open while it is replaced
    screen
    dbus-run-session -- bangjiao "$work/old-vault" >/dev/null 2>&1 &
    program=$!
    window
    apt-get install -y -qq "$deb" >/dev/null
    need "升级时台账正开着，窗口没有倒" kill -0 "$program"
    shot upgraded-under-way 8
    close_window
    kill "$xvfb"; xvfb=
    need "升级后版本变了" [ "$(bangjiao --version)" != "$old" ]
    bangjiao stats "$work/old-vault" 2026Q3 --json >"$work/new-figures.json"
    need "升级后数字不变" cmp -s "$work/old-figures.json" "$work/new-figures.json"
fi
need "没有缺的系统库" bash -c '! find /opt/bangjiao-desktop -name "*.so*" -type f -exec env LD_LIBRARY_PATH=/opt/bangjiao-desktop/site/PySide6/Qt/lib ldd {} + 2>/dev/null | grep -q "=> not found"'
need "文件与清单一致" "$python" -I -S - <<'END'
import hashlib, json, pathlib
home = pathlib.Path("/opt/bangjiao-desktop")
files = json.loads((home / "manifest.json").read_text())["files"]
assert len(files) > 1000
for name, digest in files.items():
    assert hashlib.sha256((home / name).read_bytes()).hexdigest() == digest, name
END
need "手册页" bash -c 'zcat /usr/share/man/man1/bangjiao.1.gz | grep -q 安置帮教工作台'
need "备份文件认得出" bash -c 'grep -rq "application/x-bangjiao-backup" /usr/share/mime/packages/bangjiao-desktop.xml'

echo "== 命令"
vault=$work/vault
bangjiao init "$vault" --bureau 秀洲区司法局 --office 王江泾司法所 --recovery-key "$work/key.txt" >/dev/null
bangjiao import "$vault" "$samples/ledger.xlsx" --json >"$work/import.json" || [ $? -eq 2 ]
for period in 2026Q1 2026Q2 2026Q3; do bangjiao stats "$vault" $period --json >"$out/figures-$period.json"; done
need "样本台账的数字与预期一致" "$python" -I -S - "$samples/ledger.expected.json" "$out" <<'END'
import json, sys
expected = json.load(open(sys.argv[1], encoding="utf-8"))
seen = 0
for name in ("2026Q1", "2026Q2", "2026Q3"):
    got = json.load(open(f"{sys.argv[2]}/figures-{name}.json", encoding="utf-8"))["figures"]
    for key, value in expected["figures"][name].items():
        seen += 1
        assert got[key] == value, (name, key, got[key], value)
assert seen > 200, seen
END
bangjiao stats "$vault" 2026Q3 --pdf "$work/forms.pdf" --confirm >/dev/null
bangjiao cards "$vault" "$work/cards.pdf" --all >/dev/null
bangjiao brochure "$vault" "$work/brochure.pdf" >/dev/null
bangjiao roster "$vault" "$work/roster.pdf" >/dev/null
need "报表、联系卡、宣传册、花名册都成了 PDF" bash -c "for f in '$work'/*.pdf; do head -c 5 \"\$f\" | grep -q %PDF && [ \$(stat -c %s \"\$f\") -gt 20000 ] || exit 1; done"
bangjiao backup "$vault" "$work/one.bjbak" >/dev/null
bangjiao restore "$work/one.bjbak" "$work/restored" >/dev/null
need "备份能恢复" bash -c "bangjiao verify '$work/restored' >/dev/null"
need "错误的口令被拒绝，一句话" bash -c "! BANGJIAO_PASSWORD=wrong-one bangjiao people '$vault' 2>&1 | grep -q Traceback"

echo "== 窗口"
screen
bangjiao demo "$work/demo" --people 60 --seed 5 >/dev/null
dbus-run-session -- bangjiao "$work/demo" >"$work/window.log" 2>&1 &
program=$!
need "窗口打开了" window
shot window 4
need "窗口没有报错" bash -c "! grep -v '^dbus-daemon' '$work/window.log' | grep -iE 'error|Traceback|could not'"
close_window

# Fresh user: the wizard
unset BANGJIAO_PASSWORD
dbus-run-session -- env HOME="$work/fresh" bangjiao >"$work/wizard.log" 2>&1 &
program=$!
need "第一次打开是向导" window
shot wizard 3
close_window
export BANGJIAO_PASSWORD=yanshi-2026
kill "$xvfb"; xvfb=

if [ "${BANGJIAO_TYPING:-1}" = 1 ] && [ -x "$(dirname "$0")/typing.sh" ]; then
    bash "$(dirname "$0")/typing.sh" "$work/demo" "$out" || wrong "输入中文"
fi
if [ "${BANGJIAO_PRINTING:-1}" = 1 ] && [ -x "$(dirname "$0")/printing.sh" ]; then
    bash "$(dirname "$0")/printing.sh" "$work/cards.pdf" "$out" "$samples" || wrong "打印"
fi

if [ "${BANGJIAO_WAYLAND:-1}" = 1 ] && [ -x "$(dirname "$0")/wayland.sh" ]; then
    bash "$(dirname "$0")/wayland.sh" "$work/demo" "$out" || wrong "没有 X 的 Wayland"
fi

echo "== 卸载"
apt-get purge -y -qq bangjiao-desktop >/dev/null
need "程序没有了" [ ! -e /opt/bangjiao-desktop ]
need "台账还在" [ -f "$vault/ledger.db" ]
apt-get install -y -qq "$deb" >/dev/null
need "重装后台账照样打开" bash -c "[ \$(bangjiao people '$vault' --limit 3 --json | grep -c identity_number) -ge 1 ] || bangjiao verify '$vault' >/dev/null"
apt-get purge -y -qq bangjiao-desktop >/dev/null
rm -rf "$work"
echo "== $count 项通过，$failed 项失败"
[ "$failed" -eq 0 ]
