#!/usr/bin/env bash
# Types Chinese into the installed program, with fcitx5, with fcitx 4 (UOS 20, Kylin V10; where Debian still has it) and with
# ibus, as a person does: pinyin into the search box and into the text of a visit.
# Runs inside the target system (see inside.sh): typing.sh VAULT OUT
set -euo pipefail
vault=${1:-} out=${2:-}
fcitx4=(fcitx-bin fcitx-modules fcitx-pinyin fcitx-ui-classic fcitx-module-dbus fcitx-module-x11)
install() { apt-get install -y -qq --no-install-recommends "$@" >/dev/null; }
# not where somebody has fcitx5: the two exclude each other
can_have_fcitx4() { ! command -v fcitx5 >/dev/null && apt-cache show "${fcitx4[@]}" >/dev/null 2>&1; }

# one METHOD : in a session of its own; prints what arrived
one() {
    local method=$1 home
    home=$(mktemp -d /tmp/bangjiao-typing.XXXX)
    cp -a "$vault" "$home/vault"
    mkdir -p "$home/.config/fcitx5" "$home/.config/fcitx" "$home/run"
    chmod 700 "$home/run"
    printf '[Groups/0]\nName=Default\nDefault Layout=us\nDefaultIM=pinyin\n\n[Groups/0/Items/0]\nName=keyboard-us\nLayout=\n\n[Groups/0/Items/1]\nName=pinyin\nLayout=\n\n[GroupOrder]\n0=Default\n' \
        >"$home/.config/fcitx5/profile"
    printf '[Profile]\nIMName=pinyin\nEnabledIMList=fcitx-keyboard-us:True,pinyin:True\n' >"$home/.config/fcitx/profile"
    env -u QT_IM_MODULE -u XMODIFIERS -u GTK_IM_MODULE HOME="$home" XDG_RUNTIME_DIR="$home/run" XDG_CONFIG_HOME="$home/.config" \
        METHOD="$method" OUT="$out" VAULT="$home/vault" BANGJIAO_PASSWORD="${BANGJIAO_PASSWORD:-yanshi-2026}" \
        timeout 150 dbus-run-session -- bash "$0" --inside
    local status=$?
    rm -rf "$home"
    return $status
}

inside() {
    set +e
    local failed=0 program toggle panel
    case $METHOD in
    fcitx4)
        fcitx -d >/dev/null 2>&1
        toggle=ctrl+space panel=fcitx
        ;;
    fcitx5)
        fcitx5 -d >/dev/null 2>&1
        toggle=ctrl+space panel=fcitx
        ;;
    ibus)
        gsettings set org.freedesktop.ibus.general preload-engines "['libpinyin']" 2>/dev/null
        gsettings set org.freedesktop.ibus.general engines-order "['libpinyin']" 2>/dev/null
        ibus-daemon -drx >/dev/null 2>&1
        sleep 3
        ibus engine libpinyin >/dev/null 2>&1
        toggle= panel=ibus-ui-gtk3
        ;;
    esac
    sleep 3
    bangjiao "$VAULT" >/dev/null 2>&1 &
    program=$!
    timeout 40 bash -c 'until xdotool search --onlyvisible --name "安置帮教工作台" >/dev/null 2>&1; do sleep 0.3; done'
    sleep 4
    xdotool search --onlyvisible --name "安置帮教工作台" windowfocus
    sleep 1
    xdotool key ctrl+2; sleep 1 # 台账
    xdotool key ctrl+k; sleep 1
    [ -z "$toggle" ] || xdotool key "$toggle"
    [ "$METHOD" != ibus ] || ibus engine libpinyin >/dev/null 2>&1
    sleep 1
    enter sifasuo 司法所 search 搜索框 30 120 || failed=1
    # a visit of the first person
    xdotool key ctrl+a BackSpace; sleep 2
    xdotool key Down; sleep 1
    xdotool key Return; sleep 3
    xdotool key ctrl+r; sleep 3
    reach_text
    [ -z "$toggle" ] || xdotool key "$toggle"
    sleep 1
    enter jiatingzoufang 家庭走访 visit 走访内容 250 480 || failed=1
    kill $program
    wait $program 2>/dev/null
    pkill -s 0 -x fcitx5; pkill -s 0 -x fcitx; pkill -s 0 ibus-daemon
    return $failed
}

# enter PINYIN WANTED PICTURE WHERE TOP BOTTOM : type, look at the candidates, take the first, compare what stands there
enter() {
    local failed=0
    xdotool type --delay 200 "$1"
    sleep 2
    import -window root "$OUT/typing-$METHOD-$3.png"
    beside "$panel" "$4" "$5" "$6" || failed=1
    xdotool key space; sleep 1
    [ -z "$toggle" ] || xdotool key "$toggle"
    xdotool key ctrl+a ctrl+c; sleep 1
    arrived "$2" "$(xclip -o -selection clipboard 2>/dev/null)" "$4" || failed=1
    return $failed
}

# arrived WANTED GOT WHERE
arrived() {
    if [ "$1" = "$2" ]; then echo "  通过：$METHOD，$3：打出了“$2”"; else echo "  失败：$METHOD，$3：要“$1”，得到“$2”" >&2; return 1; fi
}

# beside CLASS WHERE TOP BOTTOM : the candidate window is open, between two heights of the screen
beside() {
    local window y
    for window in $(xdotool search --onlyvisible --class "$1" 2>/dev/null); do
        [ "$(xdotool getwindowname "$window")" != "Fcitx Main Window" ] || continue # fcitx 4's status bar
        eval "$(xdotool getwindowgeometry --shell "$window" | grep -E '^(X|Y|WIDTH|HEIGHT)=')"
        y=$Y
        if [ "$HEIGHT" -lt 400 ] && [ "$y" -gt "$3" ] && [ "$y" -lt "$4" ]; then
            echo "  通过：$METHOD，$2：候选窗在光标旁（$X，$Y）"
            return 0
        fi
    done
    # with older fcitx5 the plugin draws the candidates itself: a small window of the program's own, outside its frame
    while read -r window; do
        xwininfo -id "$window" 2>/dev/null | grep -q IsViewable || continue
        eval "$(xdotool getwindowgeometry --shell "$window" | grep -E '^(X|Y|WIDTH|HEIGHT)=')"
        if [ "$HEIGHT" -gt 15 ] && [ "$HEIGHT" -lt 200 ] && [ "$WIDTH" -gt 100 ] && [ "$WIDTH" -lt 900 ] && [ "$Y" -gt "$3" ] && [ "$Y" -lt "$4" ]; then
            echo "  通过：$METHOD，$2：候选窗在光标旁（$X，$Y）"
            return 0
        fi
    done < <(xwininfo -root -children | sed -nE 's/^ *(0x[0-9a-f]+) (\(has no name\)|"[Ff]citx|"安置帮教工作台").*/\1/p')
    echo "  失败：$METHOD，$2：候选窗不在光标旁" >&2
    return 1
}

# The text of a visit: a click into the middle of the dialog, where its only field of several lines lies.
reach_text() {
    eval "$(xdotool getwindowgeometry --shell "$(xdotool search --onlyvisible --name 登记帮教记录 | tail -n 1)" | grep -E '^(X|Y|WIDTH|HEIGHT)=')"
    xdotool mousemove $((X + WIDTH / 2)) $((Y + HEIGHT * 46 / 100)) click 1
    sleep 1
}

if [ "${1:-}" = --inside ]; then
    inside
    exit $?
fi
echo "== 输入中文"
install libglib2.0-bin dconf-gsettings-backend dbus xclip xdotool x11-utils imagemagick openbox xvfb
export DISPLAY=:$((180 + RANDOM % 60))
Xvfb "$DISPLAY" -screen 0 1366x768x24 >/dev/null 2>&1 &
xvfb=$!
trap 'kill $xvfb 2>/dev/null' EXIT
sleep 1
openbox >/dev/null 2>&1 &
sleep 1
status=0
if can_have_fcitx4; then
    install "${fcitx4[@]}"
    one fcitx4 || status=1
    apt-get purge -y -qq "${fcitx4[@]}" >/dev/null
fi
install fcitx5 fcitx5-chinese-addons ibus ibus-libpinyin
one fcitx5 || status=1
one ibus || status=1
exit $status
