#!/bin/sh
# The layout tests of vouchers need LibreOffice and Chinese fonts. Install them where we may; else
# say what to do. The server needs the same for its PDFs (docs/kernel/vouchers.md).
set -eu

has_office() {
    for name in soffice libreoffice; do
        command -v "$name" >/dev/null 2>&1 && return 0
    done
    return 1
}

has_font() {
    command -v fc-list >/dev/null 2>&1 && fc-list ":family=$1" family 2>/dev/null | grep -q .
}

wanted=""
has_office || wanted="$wanted libreoffice-writer-nogui"
{ has_font "Noto Serif CJK SC" && has_font "Noto Sans CJK SC"; } ||
    wanted="$wanted fontconfig fonts-noto-cjk"
[ -z "$wanted" ] && exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "凭证版式测试需要：$wanted。请先安装（Debian：sudo apt-get install$wanted），再运行 make test。" >&2
    exit 1
fi
echo "正在安装凭证版式测试所需的：$wanted"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
apt-get update -qq && apt-get install -qq -y --no-install-recommends $wanted >/dev/null
