#!/bin/sh
# Makes .venv from a lock file; does nothing when it was made from this very lock already.
#   deploy/environment.sh [requirements.lock | requirements-dev.lock]
# PYTHON=/usr/bin/python3.12 chooses the Python. A folder wheels/ beside us replaces the network.
set -eu
cd "$(dirname "$0")/.."
lock=${1:-requirements.lock}
stamp=.venv/made-from.$lock

suits() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

choose() {
    for name in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        if suits "$name"; then
            echo "$name"
            return
        fi
    done
    echo "救助通 needs Python 3.11 or newer. On Debian or Ubuntu: apt install make python3-venv" >&2
    exit 1
}

fresh() {
    [ -f "$stamp" ] && suits .venv/bin/python && cmp -s "$lock" "$stamp"
}

make_environment() {
    python=$(choose)
    echo "Making the environment .venv from $lock (once; about half a minute)…"
    suits .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1 ||
        "$python" -m venv --clear .venv || {
        rm -rf .venv
        echo "Python's venv module is missing. On Debian or Ubuntu: apt install python3-venv" >&2
        exit 1
    }
    if [ -d wheels ]; then
        set -- --no-index --find-links wheels
    else
        set --
    fi
    .venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps \
        --require-hashes "$@" -r "$lock"
    cp "$lock" "$stamp"
    # The longer lock holds the shorter one at the same versions (tests/rules).
    [ "$lock" = requirements.lock ] || cp requirements.lock .venv/made-from.requirements.lock
}

fresh || make_environment
