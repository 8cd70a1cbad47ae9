# Sourced: start_postgres FOLDER_FOR_DATA starts a PostgreSQL of our own on a free loopback port and
# exports PORTAL_TEST_POSTGRES; stop_postgres ends it. Quietly does nothing where none is installed.
server='' cluster=''

as_postgres() {
    if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

start_postgres() {
    local binaries port
    [ -z "${PORTAL_TEST_POSTGRES:-}" ] || return 0
    binaries=$(compgen -G "/usr/lib/postgresql/*/bin" | sort -V | tail -1) || return 0
    [ "$(id -u)" != 0 ] || id postgres >/dev/null 2>&1 || return 0
    cluster=$(mktemp -d -p "$1" portal-postgres.XXXXXX)
    [ "$(id -u)" != 0 ] || chown postgres "$cluster"
    port=$(.venv/bin/python -c 'from portal.serving import free_port; print(free_port())')
    as_postgres "$binaries/initdb" -D "$cluster/data" -U portal -A trust -E UTF8 --locale=C.UTF-8 \
        >"$cluster/initdb.log" 2>&1 &&
        as_postgres "$binaries/pg_ctl" -D "$cluster/data" -l "$cluster/data/log" -w -s start \
            -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=300" || {
        tail -5 "$cluster"/initdb.log "$cluster"/data/log >&2
        return 1
    }
    server=$binaries
    export PORTAL_TEST_POSTGRES="postgresql://portal@127.0.0.1:$port/postgres"
}

stop_postgres() {
    [ -z "$server" ] || as_postgres "$server/pg_ctl" -D "$cluster/data" -m immediate -s stop
    [ -z "$cluster" ] || rm -rf "$cluster"
}
