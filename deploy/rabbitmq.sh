# Sourced: start_rabbitmq FOLDER_FOR_DATA starts a RabbitMQ of our own on free loopback ports with the
# virtual hosts test0 to test3; await_rabbitmq, some seconds later, exports PORTAL_TEST_RABBITMQ
# (without the virtual host), or fails; stop_rabbitmq ends it; run_rabbitmq runs it again on the same data after
# `kill -KILL -- -$broker`. Quietly does nothing where none is installed.
broker='' broker_folder='' broker_port='' broker_link='' mapper='' mapper_port=''

start_rabbitmq() {
    [ -z "${PORTAL_TEST_RABBITMQ:-}" ] || return 0
    [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] && command -v epmd >/dev/null || return 0
    broker_folder=$(mktemp -d -p "$1" portal-rabbitmq.XXXXXX)
    read -r broker_port broker_link mapper_port < <(.venv/bin/python -c \
        'from portal.serving import free_port; print(free_port(), free_port(), free_port())')
    write_rabbitmq_settings
    epmd -address 127.0.0.1 -port "$mapper_port" >/dev/null 2>&1 &
    mapper=$!
    disown "$mapper"
    run_rabbitmq
}

run_rabbitmq() {
    HOME=$broker_folder ERL_EPMD_PORT=$mapper_port RABBITMQ_NODENAME="portal-test-$$@localhost" \
        RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 RABBITMQ_NODE_PORT=$broker_port \
        RABBITMQ_DIST_PORT=$broker_link RABBITMQ_MNESIA_BASE=$broker_folder/data \
        RABBITMQ_LOG_BASE=$broker_folder/log RABBITMQ_PID_FILE=$broker_folder/pid \
        RABBITMQ_ENABLED_PLUGINS_FILE=$broker_folder/plugins RABBITMQ_CONF_ENV_FILE=/dev/null \
        RABBITMQ_CONFIG_FILE=$broker_folder/rabbitmq.conf \
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+S 1:1 +sbwt none" \
        setsid /usr/lib/rabbitmq/bin/rabbitmq-server >"$broker_folder/out" 2>&1 &
    broker=$!
    disown "$broker"
}

write_rabbitmq_settings() {
    local hosts='' rights='' number
    for number in 0 1 2 3; do
        hosts+="${hosts:+,}{\"name\":\"test$number\"}"
        rights+="${rights:+,}{\"user\":\"test\",\"vhost\":\"test$number\",\"configure\":\".*\",\"write\":\".*\",\"read\":\".*\"}"
    done
    printf '{"users":[{"name":"test","password":"test","tags":[]}],"vhosts":[%s],"permissions":[%s]}' \
        "$hosts" "$rights" >"$broker_folder/definitions.json"
    printf 'load_definitions = %s/definitions.json\nlog.file.level = warning\n' "$broker_folder" \
        >"$broker_folder/rabbitmq.conf"
    echo '[].' >"$broker_folder/plugins"
}

await_rabbitmq() {
    local turn
    [ -n "$broker" ] || return 0
    for turn in $(seq 300); do
        kill -0 "$broker" 2>/dev/null || break
        if (exec 3<>"/dev/tcp/127.0.0.1/$broker_port") 2>/dev/null; then
            export PORTAL_TEST_RABBITMQ="amqp://test:test@127.0.0.1:$broker_port"
            return 0
        fi
        sleep 0.2
    done
    echo "RabbitMQ did not start:" >&2
    tail -5 "$broker_folder/out" >&2
    stop_rabbitmq
    return 1
}

stop_rabbitmq() {
    [ -z "$broker" ] || kill -KILL -- "-$broker" 2>/dev/null || true
    [ -z "$mapper" ] || kill "$mapper" 2>/dev/null || true
    [ -z "$broker_folder" ] || rm -rf "$broker_folder"
    broker='' broker_folder='' mapper=''
}
