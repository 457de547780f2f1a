# The two commands of the README are `make run` and `make test`; `make help` lists the rest.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
SYNTHETIC_SEED ?= 2020

export DO_NOT_TRACK := 1
export PREFECT_SERVER_ANALYTICS_ENABLED := false

.DEFAULT_GOAL := help
.PHONY: help install run test coverage serve bench evaluate lint format lock clean

help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(STAMP) ## create .venv and install the pinned dependencies (skipped when nothing changed)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 install"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@# --no-deps: the lock is whole, and pip looks for newer releases of "coverage[toml]" otherwise, which have no hash.
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

run: $(STAMP) ## the annual round 2020: published figures and a synthetic round, from source files to explained ranks
	@$(BIN)/dti demo run --seed $(SYNTHETIC_SEED)

test: $(STAMP) ## all tests
	@$(BIN)/python -m pytest -n 2 --dist loadfile

coverage: $(STAMP) ## all tests, with branch coverage; counting lines makes them take half as long again
	@$(BIN)/python -m pytest -n 2 --dist loadfile --cov --cov-report=term

serve: $(STAMP) ## Prefect server with its UI, the deployments and a worker, on this machine
	@$(BIN)/dti serve

bench: $(STAMP) ## the speeds this project promises, measured now, as a table
	@$(BIN)/python -m tests.bench

evaluate: $(STAMP) ## how well tone is measured, on posts that the model did not see, and how often true ranks are covered
	@$(BIN)/python -m tasks.evidence.tone.evaluate
	@$(BIN)/python -m tasks.scoring.uncertainty.coverage_study
	@$(BIN)/python -m tests.bench.panels

lint: $(STAMP) ## ruff, mypy, import-linter
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(STAMP) ## reformat and mend what ruff can mend
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: ## compile requirements.lock from pyproject.toml
	$(PYTHON) -m pip install --quiet uv
	$(PYTHON) -m uv pip compile pyproject.toml --extra postgres --extra scale --extra test --extra lint --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --quiet --upgrade --output-file requirements.lock

clean: ## remove .venv and everything that was computed
	rm -rf $(VENV) var
