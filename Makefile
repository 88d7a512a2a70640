# Đúng Hẹn. Two commands are enough: `make run` and `make test`. `make help` lists all.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Tests wait for processes, pages and servers, and mypy works on one core: all of it side by side keeps two cores busy to the end.
WORKERS := 3
PYTEST = $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder
# Tests start the program hundreds of times: it is compiled once, even where the shell asks that nothing compiled be kept.
test test-long: export PYTHONDONTWRITEBYTECODE :=
# Each test has a database of its own, of which nobody needs anything a moment later: in memory where there is plenty.
test test-long: export TMPDIR := $(shell scripts/room-for-tests.sh)
# What works on a store runs once more on PostgreSQL (tests/postgres.py finds or starts a server, as root or not), but for
# what asks nothing of it that no other test asks (`--thin`, `make thin-tests`). Of the pages those tests that open every page
# as every role, press every button and read the lists; `make test-long` runs all.
ON_POSTGRESQL := --database postgresql tests/flows tests/store
# In partitions by year: loads, lists, rates and letters, which have to answer alike.
IN_PARTITIONS := $(addprefix tests/flows/test_,both_databases.py main_job.py search_keys.py ingest_changes.py event_order.py letters_flow.py worked_rates.py)
PAGES := tests/web/test_access.py tests/web/test_recorded.py tests/web/test_pages.py

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev system run test test-long compiled on-sqlite on-postgresql check fmt lock audit bench bench-excel bench-faults bench-forecast bench-ingest bench-integrity bench-growth bench-letters bench-monday bench-polite bench-quarter bench-rates bench-reliability bench-replica bench-time bench-web bundle containers mutants guards handbook screenshots thin-tests permissions clean

help: ## list these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

setup: $(VENV)/.runtime ## environment with the program at .venv/bin/dunghen
$(VENV)/.runtime: requirements.txt pyproject.toml
	@scripts/make-venv.sh $(PYTHON) $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

setup-dev: setup $(VENV)/.development ## the same, with what tests and checks need
$(VENV)/.development: requirements-dev.txt $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

system: ## Debian packages that tests and printing need (browser, LibreOffice, fonts)
	@scripts/system-packages.sh

run: setup ## demonstration province on http://127.0.0.1:8000
	$(BIN)/dunghen demo

test: setup-dev system ## every check and every test
	@$(MAKE) --no-print-directory --jobs 3 check on-sqlite on-postgresql

# Each worker would compile all tests for itself.
compiled:
	@$(BIN)/python -m pytest --collect-only -qq >/dev/null || true # what is wrong is told by those who run them

on-sqlite: compiled
	$(PYTEST)

on-postgresql: WORKERS := 2
on-postgresql: compiled
	@mkdir -p build
	@echo 'On PostgreSQL: told when it has ended (build/on-postgresql.txt)'
	@$(PYTEST) $(ON_POSTGRESQL) $(PAGES) --thin -m "not browser and not long" >build/on-postgresql.txt 2>&1; status=$$?; cat build/on-postgresql.txt; exit $$status

test-long: setup-dev system ## the long property tests as well, and PostgreSQL in partitions
	$(PYTEST) -m "long or not long" --cold
	$(PYTEST) $(ON_POSTGRESQL) tests/web -m "not browser"
	$(PYTEST) --database postgresql --partitioned $(IN_PARTITIONS)

check: setup-dev ## style, types, import rules, clock rule
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fmt: setup-dev ## put the code into the house's form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: setup-dev ## compile the locked requirements anew (needs uv)
	uv pip compile --generate-hashes --universal --no-header --python-version 3.11 -q -o requirements.txt requirements.in requirements-forecast.in
	uv pip compile --generate-hashes --universal --no-header --python-version 3.11 -q -c requirements.txt -o requirements-dev.txt requirements-dev.in

audit: setup-dev ## known weaknesses of the locked packages (needs an index, or OSV=all.zip)
	$(BIN)/python -m scripts.audit_packages $(if $(OSV),--osv $(OSV))

bench: setup-dev ## the whole of 2022, timed beside its floor
	$(BIN)/python -m benchmarks.main_job

bench-excel: setup-dev ## a year's late list as a workbook, beside XlsxWriter and the bare deflating
	$(BIN)/python -m benchmarks.excel

bench-faults: setup-dev ## every fault at random moments of all the program does, on both databases: lost, doubled, untold
	$(BIN)/python -m benchmarks.faults

bench-forecast: setup-dev ## a province-year forecast: seconds of processor, and what its trial finds (generated data)
	$(BIN)/python -m benchmarks.forecast

bench-ingest: setup-dev ## CSV, workbooks and payloads into SQLite and PostgreSQL, beside their floors
	$(BIN)/python -m benchmarks.ingest

bench-integrity: setup-dev ## planted signs of hidden lateness among honest dossiers: precision and recall by kind
	$(BIN)/python -m benchmarks.integrity

KEEP ?= build/bench
bench-growth: setup-dev ## the same questions to stores that Monday keeps: does the cost follow the answer (STORES="DIR DIR")
	$(BIN)/python -m benchmarks.growth $(foreach place,$(or $(STORES),$(KEEP)),--store $(place)) $(if $(DATABASE),--database $(DATABASE))

bench-monday: setup-dev ## a provincial Monday with 10 million dossiers, all at once (ROWS, DATABASE=postgresql, KEEP=folder of the store)
	$(BIN)/python -m benchmarks.monday --keep $(KEEP) $(if $(ROWS),--rows $(ROWS)) $(if $(DATABASE),--database $(DATABASE))

bench-soak: setup-dev ## web, workers, scheduler under steady load: memory, open files, threads, connections (MINUTES, DATABASE)
	$(BIN)/python -m benchmarks.soak $(if $(MINUTES),--minutes $(MINUTES)) $(if $(DATABASE),--database $(DATABASE))

bench-letters: setup-dev system ## apology letters beside python-docx, docxtpl and the writing of ready files
	$(BIN)/python -m benchmarks.letters

bench-polite: setup-dev ## how long log-ins and page views wait for a load into SQLite
	$(BIN)/python -m benchmarks.polite

bench-quarter: setup-dev ## a province through three months of faults, and 50,000 overdue in one night: lost, doubled, at night
	$(BIN)/python -m benchmarks.quarter

bench-rates: setup-dev ## rates of a million dossiers from the counts by month, beside a recount and the reading of rows
	$(BIN)/python -m benchmarks.rates

bench-reliability: setup-dev ## 200 random runs a database with killed processes: what is lost, doubled, in doubt (an hour)
	$(BIN)/python -m benchmarks.reliability

bench-replica: setup-dev ## a desk's page while a heavy report runs, from the primary and from a real replica (PostgreSQL)
	$(BIN)/python -m benchmarks.replica

bench-time: setup-dev ## working days and deadlines beside `holidays` and numpy's business days
	$(BIN)/python -m benchmarks.time

bench-web: setup-dev system ## pages of a million dossiers for four people at once, beside their templates (needs wrk)
	$(BIN)/python -m benchmarks.web

bundle: setup-dev ## the program for machines without internet, in dist/ (PLATFORM=win_amd64 for Windows)
	$(BIN)/python -m scripts.bundle $(if $(PLATFORM),--platform $(PLATFORM))

containers: ## build the images and run compose.yaml for real (root, podman; WHEELS=folder without an index)
	@scripts/try-containers.sh $(WHEELS)

mutants: setup-dev ## changes the time arithmetic and shows what no test notices (long; goes on where it stopped)
	$(BIN)/python scripts/mutants.py

guards: setup-dev ## take out each guard of docs/security.md alone and see its test fail
	$(BIN)/python -m scripts.guards

screenshots: setup-dev system ## the pictures of the README, made by the program itself
	$(BIN)/python -m tests.web.screenshots build/screenshots 1
	mkdir -p docs/images
	cp build/screenshots/board-wide.png docs/images/board.png
	cp build/screenshots/score-wide.png docs/images/score.png

handbook: setup-dev system ## the pictures of docs/so-tay, made by the program itself
	$(BIN)/python -m tests.web.handbook_pictures docs/so-tay/hinh

thin-tests: setup-dev system ## measure anew which tests ask nothing of PostgreSQL that no other asks (half an hour)
	$(BIN)/python -m scripts.thin_tests

permissions: setup ## docs/permissions.md from the routes
	$(BIN)/python -m scripts.permissions

clean: ## remove what was built (not the data)
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
