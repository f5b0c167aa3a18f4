# Two commands do all the set-up: `make demo` and `make test`.
# Everything goes into .venv here; nothing is put into the system's Python.

SHELL := /bin/sh
.SUFFIXES:
.DEFAULT_GOAL := help

# Paths stay relative, so that the folder's own name may be anything, spaces included.
python := .venv/bin/python
environment := sh scripts/env.sh

# What a user's shell may carry from another project must not redirect this one.
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME PYTHONSTARTUP

# Tests run beside each other; PYTEST adds options: make test PYTEST="-x tests/core"
PYTEST ?=
WORKERS ?= auto

.PHONY: help demo test coverage check docs serve-docs bench clean

help: ## say what can be made
	@echo "make WHAT, where WHAT is one of:"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)$$/  \1|\2/p' Makefile | awk -F'|' '{printf "%-14s%s\n", $$1, $$2}'

demo: ## set up the environment, then simulate the ORCHESTRA trial
	@$(environment) runtime
	@.venv/bin/debulk trial run orchestra

test: ## set up the environment, then run every check and every test
	@$(environment) dev
	@$(MAKE) --no-print-directory static
	@echo "== tests"
	@$(python) -m pytest -n $(WORKERS) --dist worksteal $(PYTEST)

coverage: ## run every test and say which lines none of them reaches; takes a third longer
	@$(MAKE) --no-print-directory test PYTEST="--cov --cov-report=term:skip-covered $(PYTEST)"

check: ## run the static part alone: ruff, mypy, import-linter
	@$(environment) dev
	@$(MAKE) --no-print-directory static

.PHONY: static
static:
	@echo "== ruff"
	@$(python) -m ruff check .
	@$(python) -m ruff format --check .
	@echo "== mypy"
	@$(python) -m mypy
	@echo "== import-linter"
	@.venv/bin/lint-imports

docs: ## build the documentation into site/
	@$(environment) dev
	@NO_MKDOCS_2_WARNING=1 $(python) -m mkdocs build --strict --site-dir site
	@echo "Open site/index.html"

serve-docs: ## show the documentation in a browser while writing it
	@$(environment) dev
	@NO_MKDOCS_2_WARNING=1 $(python) -m mkdocs serve

bench: ## run the benchmarks and print one table; ONLY="name ..." picks some
	@$(environment) bench
	@$(python) -m benchmarks $(ONLY)

clean: ## remove build products and caches; keep the environment
	@rm -rf site htmlcov build dist .coverage .coverage.* coverage.xml
	@rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find src tests benchmarks scripts -depth \
		\( -name __pycache__ -o -name '*.nbi' -o -name '*.nbc' \) -exec rm -rf {} +
