#!/bin/bash
# What it weighs and how fast it is: deploy/bench.sh [names of bench/ modules]
set -euo pipefail
cd "$(dirname "$0")/.."
. deploy/postgres.sh
export PYTHONPATH=.
deploy/environment.sh requirements-dev.lock
trap 'stop_postgres || true' EXIT
trap 'exit 130' INT TERM
start_postgres /var/tmp
.venv/bin/python -m bench "$@"
