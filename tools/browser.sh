#!/bin/sh
# The browser tests need Chromium and a Chinese font. Install them where we may; else say what to do.
set -eu

has_browser() {
    for name in chromium chromium-browser google-chrome; do
        command -v "$name" >/dev/null 2>&1 && return 0
    done
    return 1
}

has_font() {
    command -v fc-list >/dev/null 2>&1 && [ -n "$(fc-list :lang=zh family 2>/dev/null)" ]
}

wanted=""
has_browser || wanted="$wanted chromium"
has_font || wanted="$wanted fontconfig fonts-noto-cjk"
[ -z "$wanted" ] && exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "浏览器测试需要：$wanted。请先安装（Debian：sudo apt-get install$wanted），再运行 make test。" >&2
    exit 1
fi
echo "正在安装浏览器测试所需的：$wanted"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
apt-get update -qq && apt-get install -qq -y --no-install-recommends $wanted >/dev/null
