#!/bin/bash
# What it weighs and how fast it is: deploy/bench.sh [names of bench/ modules]
set -euo pipefail
cd "$(dirname "$0")/.."
. deploy/postgres.sh
. deploy/rabbitmq.sh
export PYTHONPATH=.
deploy/environment.sh requirements-dev.lock
trap 'stop_postgres || true; stop_rabbitmq' EXIT
trap 'exit 130' INT TERM
start_rabbitmq /var/tmp
start_postgres /var/tmp
await_rabbitmq
.venv/bin/python -m bench "$@"
