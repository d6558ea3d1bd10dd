#!/usr/bin/env bash
# The test inside trixie with Wine (see test.sh): /test holds setup.exe, perhaps previous.exe, and samples.
set -uo pipefail
export WINEPREFIX=/test/prefix WINEARCH=win64 WINEDEBUG=-all LC_ALL=C.UTF-8 LANG=zh_CN.UTF-8 DISPLAY=:55 BANGJIAO_PASSWORD=yanshi-2026
export HOME=/test/home
mkdir -p "$HOME"
count=0 failed=0
passed() { echo "  通过：$*"; count=$((count + 1)); }
wrong() { echo "  失败：$*"; failed=$((failed + 1)); }
need() { local what=$1; shift; if "$@"; then passed "$what"; else wrong "$what"; fi; }
run() { timeout 240 wine "$@" 2>/dev/null; }
cd /test
Xvfb :55 -screen 0 1366x768x24 >/dev/null 2>&1 &
xvfb=$!
sleep 1
openbox >/dev/null 2>&1 &
trap 'wineserver -k; kill $xvfb; umount /test/small /test/readonly 2>/dev/null' EXIT
wine wineboot -i >/dev/null 2>&1
for face in "Tahoma" "MS Shell Dlg" "MS Shell Dlg 2" "SimSun" "Microsoft YaHei" "Segoe UI" "Verdana"; do
    wine reg add 'HKCU\Software\Wine\Fonts\Replacements' /v "$face" /d "Noto Sans CJK SC" /f >/dev/null 2>&1
done
wineserver -w
echo "== $(wine --version 2>/dev/null | tail -n 1)"
home="$WINEPREFIX/drive_c/users/root/AppData/Local/Programs/bangjiao-desktop"
desk() { run "$home/bangjiao.exe" "$@"; }
visible() { xdotool search --onlyvisible --name "安置帮教工作台" >/dev/null 2>&1; }
wait_for_window() { timeout 60 bash -c 'until xdotool search --onlyvisible --name "安置帮教工作台" >/dev/null 2>&1; do sleep 0.5; done'; }
uninstall_key='HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\bangjiao-desktop'
installed_version() { run reg query "$uninstall_key" /v DisplayVersion | tr -d '\r' | sed -n 's/.*REG_SZ *//p'; }

# lines end as on Windows in what a Windows program prints
same_figures() { cmp -s <(tr -d '\r' <"$1") <(tr -d '\r' <"$2") && [ "$(wc -c <"$1")" -gt 500 ]; }
as_expected() {
    cat >/test/compare.py <<'END'
import json
expected = json.load(open("samples/ledger.expected.json", encoding="utf-8"))["figures"]
for period in ("2026Q1", "2026Q2", "2026Q3"):
    got = json.load(open(f"figures-{period}.json", encoding="utf-8"))["figures"]
    assert len(expected[period]) > 80
    for key, value in expected[period].items():
        assert got[key] == value, (period, key)
END
    python3 /test/compare.py
}

echo "== 太旧的 Windows 要拒绝"
for old in win7 win81; do
    wine winecfg -v $old >/dev/null 2>&1
    wineserver -w
    run setup.exe /S
    status=$?
    need "$old：退出码 3，什么都没装" [ $status -eq 3 -a ! -e "$home" ]
done
wine winecfg -v win7 >/dev/null 2>&1
wineserver -w
wine setup.exe >/dev/null 2>&1 &
sleep 6
import -window root refused-windows-7.png
wineserver -k
wine winecfg -v win10 >/dev/null 2>&1
wineserver -w

if [ -f previous.exe ]; then
    echo "== 先装旧版本，做一个台账"
    run previous.exe /S
    before=$(installed_version)
    desk demo 'C:\ledger' --people 60 --seed 5 >/dev/null
    desk stats 'C:\ledger' 2026Q3 --json >before.json
    echo "== 台账开着的时候升级"
    wine "$home/bangjiao-desktop.exe" 'C:\ledger' >/dev/null 2>&1 &
    wait_for_window
    sleep 6
    import -window root before-upgrade.png
    begun=$(date +%s)
    run setup.exe /S
    status=$?
    need "升级成功（退出码 $status）" [ $status -eq 0 ]
    need "升级时程序自己关上了" bash -c '! pgrep -f "[b]angjiao-desktop.exe" >/dev/null'
    need "版本从 $before 变成了 $(installed_version)" [ "$before" != "$(installed_version)" ]
    need "旧文件没有留下" [ ! -e "$home/app.old" -a ! -e "$home/app.new" ]
    desk stats 'C:\ledger' 2026Q3 --json >after.json
    need "升级后数字不变" cmp -s before.json after.json
    need "升级台账前做了备份" bash -c "ls $WINEPREFIX/drive_c/ledger/backups/ | grep -q before-migration"
    echo "== 带着升级前的备份退回旧版本"
    run previous.exe /S
    backup=$(cd "$WINEPREFIX/drive_c/ledger/backups" && ls before-migration-*.bjbak | head -n 1)
    desk restore "C:\\ledger\\backups\\$backup" 'C:\back' >/dev/null
    desk stats 'C:\back' 2026Q3 --json >back.json
    need "旧版本打开升级前的备份，数字不变" cmp -s before.json back.json
    desk people 'C:\ledger' --limit 1 >/dev/null 2>too-new.txt
    run setup.exe /S
    rm -rf "$WINEPREFIX/drive_c/ledger"
else
    echo "== 静默安装"
    begun=$(date +%s)
    run setup.exe /S
    status=$?
    need "安装成功（退出码 $status，$(($(date +%s) - begun)) 秒）" [ $status -eq 0 ]
fi
need "开始菜单和桌面有快捷方式" bash -c "find $WINEPREFIX/drive_c/users/root -name '安置帮教工作台.lnk' | wc -l | grep -q 2"
need "备份文件类型已登记" bash -c "wine reg query 'HKCU\\Software\\Classes\\Bangjiao.Backup\\shell\\open\\command' 2>/dev/null | grep -q bangjiao-desktop.exe"

echo "== 命令"
need "版本" bash -c "wine '$home/bangjiao.exe' --version 2>/dev/null | grep -q '^bangjiao [0-9]'"
desk demo 'C:\demo' --people 60 --seed 5 >/dev/null
desk stats 'C:\demo' 2026Q3 --json >demo.json
[ ! -f linux-demo.json ] || need "演示台账的数字与 Linux 上一致" same_figures demo.json linux-demo.json
desk init 'C:\sample' --bureau 秀洲区司法局 --office 王江泾司法所 --recovery-key 'C:\key.txt' >/dev/null
desk import 'C:\sample' 'Z:\test\samples\ledger.xlsx' --json >/dev/null
for period in 2026Q1 2026Q2 2026Q3; do desk stats 'C:\sample' $period --json >figures-$period.json; done
need "样本台账的数字与预期一致" as_expected
desk stats 'C:\sample' 2026Q3 --pdf 'C:\forms.pdf' --confirm >/dev/null
desk cards 'C:\sample' 'C:\cards.pdf' --all >/dev/null
desk brochure 'C:\sample' 'C:\brochure.pdf' >/dev/null
need "报表、联系卡、宣传册都成了 PDF" bash -c "for f in forms cards brochure; do head -c 5 $WINEPREFIX/drive_c/\$f.pdf | grep -q %PDF && [ \$(stat -c %s $WINEPREFIX/drive_c/\$f.pdf) -gt 20000 ] || exit 1; done"
desk backup 'C:\sample' 'C:\one.bjbak' >/dev/null

echo "== 窗口"
wine "$home/bangjiao-desktop.exe" 'C:\demo' >/dev/null 2>&1 &
need "窗口打开了" wait_for_window
sleep 8
import -window root window.png
run setup.exe /S
need "修复（同版本再装）时请窗口关上，装好" bash -c '! pgrep -f "[b]angjiao-desktop.exe" >/dev/null'
echo "== 有没保存的内容时，静默安装不硬关"
wine "$home/bangjiao-desktop.exe" 'C:\demo' >/dev/null 2>&1 &
wait_for_window
sleep 6
xdotool search --onlyvisible --name "安置帮教工作台" windowfocus
xdotool key ctrl+2; sleep 2
xdotool key ctrl+n; sleep 4
xdotool type --delay 80 abc
sleep 1
import -window root unsaved.png
run setup.exe /S
status=$?
import -window root unsaved-asked.png
xdotool key Return # 继续填写
sleep 2
import -window root unsaved-kept.png
need "退出码 4，程序还开着" bash -c "[ $status -eq 4 ] && pgrep -f '[b]angjiao-desktop.exe' >/dev/null"
wineserver -k
sleep 1
find "$WINEPREFIX/drive_c/users/root/AppData" -name window.toml -delete # as somebody who never opened it
(unset BANGJIAO_PASSWORD; wine "$home/bangjiao-desktop.exe" >/dev/null 2>&1 &)
sleep 14
import -window root wizard.png
wineserver -k
sleep 1
wine setup.exe >/dev/null 2>&1 &
sleep 7
import -window root setup-welcome.png
xdotool key alt+n; sleep 2; import -window root setup-scope.png
xdotool key alt+n; sleep 2; import -window root setup-folder.png
wineserver -k

echo "== 给所有用户装在指定的文件夹"
run setup.exe /S /AllUsers '/D=C:\Apps\Bangjiao'
apps="$WINEPREFIX/drive_c/Apps/Bangjiao"
need "装在那里，能用" bash -c "wine '$apps/bangjiao.exe' --version 2>/dev/null | grep -q '^bangjiao [0-9]'"
need "登记在整机" bash -c "wine reg query 'HKLM\\Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\bangjiao-desktop' 2>/dev/null | grep -q DisplayVersion"
run "$apps/uninstall.exe" /S
sleep 5
need "整机的卸得掉，自己的还在" [ ! -e "$apps/app" -a -e "$home/app" ]

echo "== 装不下、写不进"
mkdir -p small readonly
mount -t tmpfs -o size=60m tmpfs /test/small
mount --bind /test/readonly /test/readonly && mount -o remount,ro,bind /test/readonly
ln -sfn /test/small "$WINEPREFIX/dosdevices/s:"
ln -sfn /test/readonly "$WINEPREFIX/dosdevices/r:"
run setup.exe /S '/D=S:\Bangjiao'
need "磁盘不够：退出码 5，什么都没留下" [ $? -eq 5 -a -z "$(ls -A small)" ]
run setup.exe /S '/D=R:\Bangjiao'
need "写不进：退出码 2" [ $? -eq 2 -a -z "$(ls -A readonly)" ]
wineserver -w
umount /test/small /test/readonly
need "原来装的还能用" bash -c "wine '$home/bangjiao.exe' --version 2>/dev/null | grep -q '^bangjiao [0-9]'"

echo "== 卸载"
run "$home/uninstall.exe" /S
sleep 6
need "程序没有了" [ ! -e "$home/app" -a ! -e "$home/bangjiao.exe" ]
need "快捷方式和登记没有了" bash -c "! find $WINEPREFIX/drive_c/users/root -name '安置帮教工作台.lnk' | grep -q . && ! wine reg query '$uninstall_key' >/dev/null 2>&1"
need "台账还在" [ -f "$WINEPREFIX/drive_c/sample/ledger.db" ]
run setup.exe /S
desk stats 'C:\sample' 2026Q3 --json >again.json
need "重装后台账照样打开，数字一样" cmp -s again.json figures-2026Q3.json
echo "== $count 项通过，$failed 项失败"
[ "$failed" -eq 0 ]
