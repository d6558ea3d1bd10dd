#!/usr/bin/env bash
# Prints from the installed program through CUPS on Debian's PDF printer, and looks at what came out.
# Runs inside the target system as root (see inside.sh): printing.sh FILE.pdf OUT SAMPLES
set -euo pipefail
file=$(readlink -f "$1") out=$2 samples=$3
echo "== 打印（CUPS 的 PDF 打印机）"
apt-get install -y -qq --no-install-recommends cups cups-client printer-driver-cups-pdf poppler-utils >/dev/null
base=$(mktemp -d /tmp/bangjiao-cups.XXXX)
mkdir -p "$base"/{etc/ppd,cache,run,spool/tmp,log}
for name in cupsd.conf cups-files.conf; do sed "s#@BASE@#$base#g" "$samples/cups/$name" >"$base/etc/$name"; done
chmod 755 "$base"
chown -R lp:lp "$base"
cupsd -f -c "$base/etc/cupsd.conf" -s "$base/etc/cups-files.conf" >/dev/null 2>&1 &
server=$!
trap 'kill $server 2>/dev/null; wait $server 2>/dev/null; rm -rf "$base" || true' EXIT
timeout 20 bash -c "until [ -S $base/run/cups.sock ]; do sleep 0.2; done"
export CUPS_SERVER=$base/run/cups.sock
lpadmin -p bangjiao-pdf -v cups-pdf:/ -P /usr/share/ppd/cups-pdf/CUPS-PDF_opt.ppd -o PageSize=A4 -E 2>/dev/null
title=bangjiao-$$-$RANDOM
# the installed interpreter and Qt, the program's own way of printing
QT_QPA_PLATFORM=offscreen /opt/bangjiao-desktop/python/bin/python3.13 -I -S - "$file" "$title" <<'END'
import sys
sys.path.append("/opt/bangjiao-desktop/site")
from pathlib import Path
from PySide6.QtPrintSupport import QPrinter, QPrinterInfo
from PySide6.QtWidgets import QApplication
from bangjiao_desktop.ui.kit.printer import print_pdf
application = QApplication([])
assert "bangjiao-pdf" in QPrinterInfo.availablePrinterNames(), QPrinterInfo.availablePrinterNames()
printer = QPrinter(QPrinterInfo.printerInfo("bangjiao-pdf"), QPrinter.PrinterMode.HighResolution)
print_pdf(Path(sys.argv[1]).read_bytes(), printer, sys.argv[2])
END
folder=$(getent passwd root | cut -d: -f6)/PDF
timeout 240 bash -c "until ls $folder/*$title*.pdf >/dev/null 2>&1 && pdfinfo $folder/*$title*.pdf >/dev/null 2>&1; do sleep 0.5; done"
printed=$(ls "$folder"/*"$title"*.pdf)
same() { [ "$(pdfinfo "$file" | sed -n 's/^Pages: *//p')" = "$(pdfinfo "$printed" | sed -n 's/^Pages: *//p')" ]; }
if same && pdfinfo "$printed" | grep -qE '^Page size: +(595|596|594)(\.[0-9]+)? x (841|842)'; then
    echo "  通过：从安装好的程序打出来，页数相同，A4"
else
    echo "  失败：打出来的页数或纸张不对" >&2
    pdfinfo "$printed" >&2
    exit 1
fi
pdftoppm -r 60 -f 1 -l 1 -png -singlefile "$printed" "$out/printed"
rm -f "$printed"
