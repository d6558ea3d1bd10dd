# shellcheck shell=bash
# Installing what is missing from Debian's registry; sourced by the other scripts.

# apt_missing PACKAGE ... : fills `missing` with those that are not there.
apt_missing() {
    local package have
    have=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' 2>/dev/null || true)
    missing=()
    for package in "$@"; do
        grep -qx "$package installed" <<<"$have" || missing+=("$package")
    done
}

# apt_install PACKAGE ... : install those that are not there; as root or with sudo. One at a time: the tests and the
# installers may be prepared at once (dev.sh all).
apt_install() {
    local missing turn
    apt_missing "$@"
    [ ${#missing[@]} -gt 0 ] || return 0
    exec {turn}>"${TMPDIR:-/tmp}/bangjiao-apt-$(id -u).lock"
    flock "$turn"
    apt_missing "$@"
    if [ ${#missing[@]} -gt 0 ]; then apt_install_missing; fi
    exec {turn}>&-
}

apt_install_missing() {
    local sudo=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || { echo "缺少系统软件包 ${missing[*]}；请用 root 运行，或安装 sudo。" >&2; exit 1; }
        sudo=(sudo)
    fi
    echo "安装系统软件包：${missing[*]}"
    # the lock is not handed on: a service that a package starts would keep it
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq {turn}>&-
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null {turn}>&-
}

# debian_mirror : the mirror this machine's apt is set up with.
debian_mirror() {
    apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Label: Debian' | sed -n 1p
}

# other_apt KIND SUITE FOLDER WORDS ... : apt-get in FOLDER with a list of its own (deb or deb-src of another suite), signed by
# Debian as ever, without touching the machine's apt.
other_apt() {
    local kind=$1 suite=$2 folder=$3 private status=0
    shift 3
    private=$(mktemp -d)
    mkdir -p "$folder" "$private/lists/partial" "$private/cache/archives/partial"
    echo "$kind [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(debian_mirror) $suite main" >"$private/sources.list"
    local options=(-o "Dir::Etc::sourcelist=$private/sources.list" -o Dir::Etc::sourceparts=/dev/null
        -o "Dir::State::lists=$private/lists" -o "Dir::Cache=$private/cache" -o APT::Sandbox::User=root)
    apt-get "${options[@]}" update -qq && (cd "$folder" && apt-get "${options[@]}" -qq "$@" >/dev/null) || status=$?
    rm -rf "$private"
    return $status
}

# debian_source NAME SUITE FOLDER : download and verify a source package of another suite.
debian_source() { other_apt deb-src "$2" "$3" source --download-only "$1/$2"; }

# debian_package SUITE FOLDER NAME ... : download and verify binary packages of another suite.
debian_package() { other_apt deb "$1" "$2" download "${@:3}"; }
