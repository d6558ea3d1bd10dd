#!/usr/bin/env bash
# Installs and tries the Debian package: here, or in Debian systems of their own.
#   bash packaging/linux/test.sh here|bullseye|bookworm|trixie|all [PACKAGE.deb] [PREVIOUS.deb]
# `here` installs on this machine and purges again (that is what .ci/run does). Screenshots and logs: dist/linux-WHERE/.
# Needs root. Without PREVIOUS the upgrade is not tried; packaging/previous.sh builds one.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$root/packaging/bundle/common.sh"
. "$root/packaging/chroot.sh"
where=${1:-here}
package=$(readlink -f "${2:-$out/bangjiao-desktop_${version}_amd64.deb}")
previous=${3:+$(readlink -f "$3")}

in_chroot() {
    local suite=$1 system shots=$out/linux-$1 status=0
    mkdir -p "$shots"
    system=$(chroot_make "$suite")
    mkdir -p "$system/test/out"
    cp "$package" "$system/test/new.deb"
    [ -z "$previous" ] || cp "$previous" "$system/test/previous.deb"
    cp -r "$root/tests/data" "$system/test/samples"
    cp "$root"/packaging/linux/*.sh "$system/test/"
    chroot_run "$system" bash /test/inside.sh /test/new.deb /test/out /test/samples ${previous:+/test/previous.deb} 2>&1 |
        tee "$shots/log.txt" || status=$?
    cp "$system"/test/out/* "$shots/" 2>/dev/null || true
    chroot_remove "$system"
    return $status
}

case $where in
here)
    mkdir -p "$out/linux-here"
    bash "$root/packaging/linux/inside.sh" "$package" "$out/linux-here" "$root/tests/data" ${previous:+"$previous"} 2>&1 | tee "$out/linux-here/log.txt"
    ;;
all)
    for suite in bullseye bookworm trixie; do in_chroot $suite; done
    ;;
*) in_chroot "$where" ;;
esac
