# Thin on purpose: what each target does stands in deploy/ and in `deploy/portal --help`.
PORT = 8000
DATA = .data
PYTHON_DEV = deploy/environment.sh requirements-dev.lock && PYTHONPATH=. exec .venv/bin/python

.DEFAULT_GOAL = help
.PHONY: help serve mini demo test test-full check bench bench-large openapi bundle lock clean

help:       ## these lines
	@grep -E '^[a-z-]+: +##' Makefile | sed 's/:  *##/\t/' | expand -t 12

serve:      ## everything on this machine, with demonstration data: make serve PORT=8000 DATA=.data
	@exec deploy/portal --data "$(DATA)" serve --prepare --port "$(PORT)"

mini:       ## the mini-program for a desktop browser: /dev/mini/ of a running `make serve`
	@exec deploy/mini.sh

demo:       ## one whole story over HTTP, step by step
	@exec deploy/portal demo

test:       ## style, types, imports, then the whole suite; installs what it lacks
	@exec deploy/test.sh

test-full:  ## the same with the longer runs
	@exec deploy/test.sh --full

check:      ## ruff, mypy, import contracts
	@exec deploy/check.sh

bench:      ## what it weighs and how fast it is
	@exec deploy/bench.sh

bench-large: ## the desk at 10,000 and at 1,000,000 cases: next file, timeline
	@exec deploy/bench.sh large

openapi:    ## write the API manual's snapshot anew: tests/api/openapi.json
	@$(PYTHON_DEV) -m api.openapi tests/api/openapi.json

bundle:     ## everything for an office without internet access: build/*.tar.gz
	@exec deploy/bundle.sh

lock:       ## write the lock files anew (needs uv)
	@exec deploy/lock.sh

clean:      ## forget the environment and what was built; keeps data
	rm -rf miniprogram_stub/node_modules miniprogram_stub/dist .venv build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
