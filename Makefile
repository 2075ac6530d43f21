# 守望 Shouwang. `make help` lists every target; the two that matter are `make run` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
# What kills, clicks or measures has the machine to itself; the rest runs in two processes, each with its own PostgreSQL.
ALONE := browser or fault or bench
TOGETHER := -m "not ($(ALONE))" -n 2 --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help setup run test check lint types layers migrations unit browser faults matrix-full mutate formulas bench seed lock regions clean

help: ## this list
	@grep -hE '^[a-z-]+:.*?## ' $(MAKEFILE_LIST) | awk -F':.*?## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: $(STAMP) ## create .venv and install everything that is pinned

$(STAMP): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Shouwang needs Python 3.11 or newer; set PYTHON=python3.x" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

run: setup ## everything set up and running at http://127.0.0.1:8000, demo village loaded
	@$(BIN)/shouwang run

test: setup browser ## everything CI runs
	@$(MAKE) --no-print-directory check
	$(BIN)/pytest $(TOGETHER)
	$(BIN)/pytest -m "$(ALONE)"

check: lint types layers migrations ## format, lint, types, layers, migrations

lint: setup ## ruff format and lint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: setup ## mypy --strict
	$(BIN)/mypy

layers: setup ## import-linter: one way down
	$(BIN)/lint-imports --no-cache

migrations: setup ## squawk over the migrations' SQL
	$(BIN)/python tests/migrations.py

unit: setup ## tests without browser, kills and measurements
	$(BIN)/pytest $(TOGETHER)

browser: setup ## find Chromium, or install the system's
	@$(BIN)/python tests/find_browser.py

faults: setup ## the longer kill campaign: 50 kills of server and database under load
	SHOUWANG_KILLS=50 $(BIN)/pytest -m fault --timeout 3600

matrix-full: setup ## every actor at every route, and SHOUWANG_MATRIX random organisations (500) from SHOUWANG_SEED on
	SHOUWANG_MATRIX=$${SHOUWANG_MATRIX:-500} $(BIN)/pytest tests/routers/test_matrix.py tests/app/test_scope_oracle.py --timeout 7200

mutate: setup ## take away every scope guard, one after the other: the matrix must go red each time
	SHOUWANG_MUTATE=all $(BIN)/pytest -s tests/mutations --timeout 14400

formulas: setup ## 100,000 hostile cells in files of an export, opened by LibreOffice (apt-get install libreoffice-calc-nogui)
	$(BIN)/python -m tests.office

bench: setup ## measure against the limits: check-ins, pages, roll call, directory, import, ledger, scope, ladder, messages
	$(BIN)/shouwang bench checkins
	$(BIN)/shouwang bench pages
	$(BIN)/shouwang bench roll-call
	$(BIN)/shouwang bench directory
	$(BIN)/shouwang bench import
	$(BIN)/shouwang bench audit
	$(BIN)/shouwang bench scope
	$(BIN)/shouwang bench ladder
	$(BIN)/shouwang bench messages

seed: setup ## load regions and the demo village into the configured database
	$(BIN)/shouwang migrate
	$(BIN)/shouwang regions load
	$(BIN)/shouwang demo load

lock: setup ## resolve the pinned versions anew
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header -q -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header -q -o requirements-dev.lock

clean: ## remove .venv and caches; the data in .data stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
