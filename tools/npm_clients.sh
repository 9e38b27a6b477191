#!/usr/bin/env bash
# Installs the JavaScript libraries that tests/clients points at a node, as its lock file says, into .venv/clients.
# Without Node and npm, or without a registry, the tests of these libraries skip and say so.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
target="${1:-$here/.venv/clients}"

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    echo "clients: Node or npm is missing, so the tests of JavaScript libraries will skip" >&2
    exit 0
fi
if cmp -s "$here/tests/clients/package-lock.json" "$target/installed.json"; then
    echo "clients: $target is as the lock file says"
    exit 0
fi
mkdir -p "$target"
cp "$here/tests/clients/package.json" "$here/tests/clients/package-lock.json" "$here/tests/clients/.npmrc" "$target"
rm -f "$target/installed.json"
echo "clients: installing the libraries of tests/clients/package-lock.json"
if (cd "$target" && npm ci --loglevel=error </dev/null >/dev/null); then
    cp "$target/package-lock.json" "$target/installed.json"
else
    echo "clients: npm could not install them, so the tests of JavaScript libraries will skip" >&2
fi
