#!/usr/bin/env bash
# Makes Chromium ready for the browser tests: installs Debian's package as root, otherwise says what to do.
# Without Chromium the browser tests skip and say so.
set -euo pipefail

if command -v chromium >/dev/null; then
    echo "chromium: $(chromium --version 2>/dev/null | head -n 1)"
elif [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    echo "chromium: installing Debian's package"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq </dev/null
    apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core </dev/null >/dev/null
    chromium --version
else
    echo "chromium: not found and not root, so the browser tests will skip; install Chromium to run them" >&2
fi
