#!/bin/sh
# Style, types and import contracts. The first that fails ends it.
set -eu
cd "$(dirname "$0")/.."
deploy/environment.sh requirements-dev.lock
bin=.venv/bin
$bin/ruff check .
$bin/ruff format --check .
$bin/mypy
PYTHONPATH=. $bin/lint-imports
