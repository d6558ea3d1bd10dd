# shellcheck shell=bash
# Debian systems in folders, for the tests of the installers; sourced. Needs root.

# chroot_make SUITE PACKAGE ... : a fresh copy of a debootstrapped system with packages; prints its folder.
# The bare system is kept in $cache and copied, so that every test starts clean.
chroot_make() {
    local suite=$1 base=$cache/debootstrap-$1 copy
    shift
    apt_install debootstrap debian-archive-keyring >&2
    if [ ! -f "$base/.complete" ]; then
        say "debootstrap $suite" >&2
        rm -rf "$base"
        debootstrap --variant=minbase "$suite" "$base" "$(debian_mirror)" >"$cache/debootstrap-$suite.log" 2>&1 ||
            { tail -n 5 "$cache/debootstrap-$suite.log" >&2; return 1; }
        touch "$base/.complete"
    fi
    if [ $# -gt 0 ]; then
        local key
        key=$base-$(echo "$*" | sha256sum | cut -c1-8)
        if [ ! -f "$key/.complete" ]; then
            say "$suite：$*" >&2
            rm -rf "$key"
            cp -a "$base" "$key"
            rm -f "$key/.complete"
            chroot_run "$key" bash -c "apt-get update -qq && apt-get install -y -qq --no-install-recommends $*" >"$cache/debootstrap-$suite.log" 2>&1 ||
                { tail -n 5 "$cache/debootstrap-$suite.log" >&2; return 1; }
            touch "$key/.complete"
        fi
        base=$key
    fi
    copy=$(mktemp -d "$cache/chroot-$suite.XXXX")
    cp -a "$base/." "$copy/"
    echo "$copy"
}

# chroot_run FOLDER COMMAND ... : with /proc and /dev of this machine, no network but apt's, a clean environment.
chroot_run() {
    local folder=$1 status=0
    shift
    mount --bind /proc "$folder/proc"
    mount --bind /dev "$folder/dev"
    cp -f /etc/resolv.conf "$folder/etc/resolv.conf" 2>/dev/null || true
    cp -f /etc/hosts "$folder/etc/hosts" 2>/dev/null || true
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 \
        ${BANGJIAO_TYPING+BANGJIAO_TYPING=$BANGJIAO_TYPING} chroot "$folder" "$@" || status=$?
    umount -l "$folder/proc" "$folder/dev"
    return $status
}

# chroot_remove FOLDER : never while something is mounted in it.
chroot_remove() {
    umount -l "$1/proc" "$1/dev" 2>/dev/null || true
    if grep -q " $1/" /proc/mounts; then
        echo "$1 里还挂着东西，不删除。" >&2
    else
        rm -rf --one-file-system "$1"
    fi
}
