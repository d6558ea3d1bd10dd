# shellcheck shell=bash
# Lines of the components' file of describe.py; sourced by the two builds.

# component NAME VERSION LICENCE PURL HOMEPAGE TEXT ...
component() {
    local name=$1 number=$2 licence=$3 purl=$4 homepage=$5 text
    shift 5
    printf '[[component]]\nname = "%s"\nversion = "%s"\nlicence = "%s"\npurl = "pkg:%s@%s"\nhomepage = "%s"\n' \
        "$name" "$number" "$licence" "$purl" "$number" "$homepage"
    printf 'text = ['
    for text in "$@"; do printf '"%s", ' "$text"; done
    printf ']\n'
}

# What both installers ship: Qt (in PySide6's wheels), fonts, colour profile.
shared_components() {
    component "Qt（Core、Gui、Widgets、PrintSupport、Svg 等）" "$(locked pyside6-essentials)" LGPL-3.0-only generic/qt https://www.qt.io lgpl-3.txt
    component "Noto Sans SC、Noto Serif SC（思源黑体、思源宋体）" 0.4.3 OFL-1.1 npm/%40expo-google-fonts/noto-sans-sc https://fonts.google.com/noto noto.txt
    component "sRGB 颜色特性文件" 1 Zlib generic/srgb https://www.color.org srgb.txt
}
