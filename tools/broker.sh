#!/bin/sh
# The tests of meters talk to a broker of their own, Debian's mosquitto, started on a free port and
# ended with the test. Install it where we may; else say what to do. A server is not started here.
set -eu

command -v mosquitto >/dev/null 2>&1 && exit 0
[ -x /usr/sbin/mosquitto ] && exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "表计接入的测试需要 mosquitto。请先安装（Debian：sudo apt-get install mosquitto），再运行 make test。" >&2
    exit 1
fi
echo "正在安装表计接入测试所需的：mosquitto"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq && apt-get install -qq -y --no-install-recommends mosquitto >/dev/null
