#!/bin/sh
# Writes both lock files anew from pyproject.toml. Needs `uv`; the result needs only pip.
set -eu
cd "$(dirname "$0")/.."
lock() {
    uv pip compile pyproject.toml "$@" --universal --generate-hashes --no-emit-index-url --no-header --no-annotate --quiet
}
lock -o requirements.lock
lock --extra dev -c requirements.lock -o requirements-dev.lock
