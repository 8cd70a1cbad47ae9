#!/bin/bash
# The whole suite on a fresh machine: deploy/test.sh [--full] [pytest arguments]
# As root on Debian or Ubuntu it installs what it lacks; else it says so and skips loudly.
set -euo pipefail
cd "$(dirname "$0")/.."
. deploy/postgres.sh
. deploy/rabbitmq.sh
export PYTHONPATH=.

missing_packages() {
    command -v chromium-headless-shell chromium >/dev/null || echo chromium-headless-shell
    fc-list 2>/dev/null | grep "Noto Sans CJK" >/dev/null || echo fontconfig fonts-noto-cjk
    command -v pdftoppm >/dev/null || echo poppler-utils
    command -v node >/dev/null || echo nodejs
    command -v ps >/dev/null || echo procps
    [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || echo rabbitmq-server
    command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || echo nginx-light
    command -v strace >/dev/null || echo strace
    command -v logrotate >/dev/null || [ -x /usr/sbin/logrotate ] || echo logrotate
    command -v systemd-analyze >/dev/null || echo systemd
    command -v redis-server >/dev/null || echo redis-server
    compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null || echo postgresql
}

install_missing() {
    local wanted
    wanted=$(missing_packages | xargs)
    [ -n "$wanted" ] || return 0
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing what the tests need: $wanted"
        # shellcheck disable=SC2086
        apt_get update && { packages $wanted || for one in $wanted; do packages "$one" || true; done; }
    fi
    wanted=$(missing_packages | xargs)
    [ -z "$wanted" ] || loud "MISSING: $wanted" \
        "The tests that need them are SKIPPED. Install them: apt install $wanted"
}

packages() {
    apt_get install -y --no-install-recommends "$@"
}

apt_get() {
    DEBIAN_FRONTEND=noninteractive apt-get -qq "$@" >"$work/apt" 2>&1 || {
        tail -20 "$work/apt"
        return 1
    }
}

loud() {
    printf '\n%s\n' "======================================================================"
    printf '  %s\n' "$@"
    printf '%s\n\n' "======================================================================"
}

finish() {
    stop_postgres || true
    stop_rabbitmq || true
    rm -rf "$work"
}

# Databases and photos of tests live in memory where there is room: what is durable is not tried there.
room=/tmp
[ ! -w /dev/shm ] || [ "$(df -k --output=avail /dev/shm | tail -1)" -lt 3000000 ] || room=/dev/shm
work=$(mktemp -d -p "$room" portal-test.XXXXXX)
chmod 755 "$work"
trap finish EXIT
trap 'exit 130' INT TERM

deploy/check.sh
install_missing
start_rabbitmq "$room"
start_postgres "$room"
await_rabbitmq
status=0
TMPDIR=$work .venv/bin/python -m pytest -n 2 --dist worksteal -q -rfEsR "$@" || status=$?
[ "$status" != 5 ] || loud "No test was run: that is a failure."
exit "$status"
