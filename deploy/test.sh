#!/bin/bash
# The whole suite on a fresh machine: deploy/test.sh [--full] [pytest arguments]
# As root on Debian or Ubuntu it installs what it lacks; else it says so and skips loudly.
set -euo pipefail
cd "$(dirname "$0")/.."
export PYTHONPATH=.

missing_packages() {
    command -v chromium >/dev/null || echo chromium
    fc-list 2>/dev/null | grep -q "Noto Sans CJK" || echo fontconfig fonts-noto-cjk
    command -v pdftoppm >/dev/null || echo poppler-utils
    command -v node >/dev/null || echo nodejs
    compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null || echo postgresql
}

install_missing() {
    local wanted
    wanted=$(missing_packages | xargs)
    [ -n "$wanted" ] || return 0
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing what the tests need: $wanted"
        export DEBIAN_FRONTEND=noninteractive
        # shellcheck disable=SC2086
        { apt-get update -q && apt-get install -q -y --no-install-recommends $wanted; } \
            >/tmp/portal-test-packages.$$ 2>&1 || tail -20 /tmp/portal-test-packages.$$
        rm -f /tmp/portal-test-packages.$$
    fi
    wanted=$(missing_packages | xargs)
    [ -z "$wanted" ] || loud "MISSING: $wanted" "The tests that need them are SKIPPED. Install them: apt install $wanted"
}

loud() {
    printf '\n%s\n' "======================================================================"
    printf '  %s\n' "$@"
    printf '%s\n\n' "======================================================================"
}

as_postgres() {
    if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

start_postgres() {
    local binaries port
    binaries=$(compgen -G "/usr/lib/postgresql/*/bin" | sort -V | tail -1) || return 0
    [ "$(id -u)" != 0 ] || id postgres >/dev/null 2>&1 || return 0
    cluster=$(mktemp -d -p "$([ -w /dev/shm ] && echo /dev/shm || echo /tmp)" portal-postgres.XXXXXX)
    [ "$(id -u)" != 0 ] || chown postgres "$cluster"
    port=$(.venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    as_postgres "$binaries/initdb" -D "$cluster/data" -U portal -A trust -E UTF8 --locale=C.UTF-8 >"$cluster/log" 2>&1 &&
        as_postgres "$binaries/pg_ctl" -D "$cluster/data" -l "$cluster/log" -w -s start \
            -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=300" || {
        loud "PostgreSQL did not start:" "$(tail -5 "$cluster/log")"
        return 1
    }
    server=$binaries
    PORTAL_TEST_POSTGRES=postgresql://portal@127.0.0.1:$port/postgres
    export PORTAL_TEST_POSTGRES
}

stop_postgres() {
    [ -n "$server" ] && as_postgres "$server/pg_ctl" -D "$cluster/data" -m immediate -s stop
    [ -n "$cluster" ] && rm -rf "$cluster"
    return 0
}

server='' cluster=''
trap stop_postgres EXIT
trap 'exit 130' INT TERM
install_missing
deploy/check.sh
deploy/environment.sh requirements-dev.lock
[ -n "${PORTAL_TEST_POSTGRES:-}" ] || start_postgres
status=0
.venv/bin/python -m pytest -n 2 --dist loadfile -q -rs "$@" || status=$?
[ "$status" != 5 ] || loud "No test was run: that is a failure."
[ "$status" = 0 ] || exit "$status"
