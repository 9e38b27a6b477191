#!/usr/bin/env bash
# Rewrites requirements.lock and requirements-dev.lock: every package pinned with its hashes, for any platform.
#
#     tools/lock.sh              keeps the pinned versions as far as pyproject.toml allows
#     tools/lock.sh --upgrade    takes the newest ones
set -euo pipefail
cd "$(dirname "$0")/.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"${PYTHON:-python3}" -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet uv

# hatchling is locked too: `make setup` builds the wheel without an isolated, unpinned environment.
echo "hatchling" >"$scratch/build.in"

compile() {
    local target=$1
    shift
    "$scratch/venv/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-header --no-emit-index-url --no-emit-find-links --no-annotate \
        --output-file "$target" pyproject.toml "$scratch/build.in" "$@"
    sed -i.bak '1i # Written by tools/lock.sh; install with: pip install --require-hashes -r '"$target" "$target"
    rm "$target.bak"
    echo "$target: $(grep -c '==' "$target") packages"
}

# The wider set first: the same versions serve the node and its tests.
compile requirements-dev.lock --extra sample --extra dev "$@"
compile requirements.lock --extra sample --constraint requirements-dev.lock
