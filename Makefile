# make up        set everything up and serve on http://127.0.0.1:8765
# make test      set everything up and run all checks and tests
# make setup     .venv with the built wheel, the sample shop's data and compiled kernels
# make bench     the benchmarks of benchmarks/, JSON out
# make soak      the long tests
# make pictures  photograph console, portal, shop and the trust loop into docs/pictures

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

PYTHON ?= python3
BIN := .venv/bin
# What makes a new wheel necessary. README and LICENSE go into it too, but no kernel is compiled anew for their sake.
SOURCES := src pyproject.toml

# Tests run file by file in three processes, in the order of collection: tests/conftest.py puts the longest first.
PARALLEL ?= --numprocesses 3 --dist loadfile --no-loadscope-reorder
# Tests run side by side: a library that keeps a core waiting for its own threads takes it from the others.
ALONE := OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE OPENBLAS_NUM_THREADS=1

# Only the built wheel is run, whatever the caller's shell says.
unexport PYTHONPATH PYTHONHOME
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help up test setup check tests bench soak pictures lock clean FORCE

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

# --- setup: each step leaves a stamp in .venv, so that a repeated run does only what changed ---

setup: .venv/warm
	@echo "setup: ready; try $(BIN)/genom --help"

.venv/created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Genom cannot be set up with $$($(PYTHON) --version 2>&1)."; \
	  echo "  why: it needs Python 3.11 or newer"; \
	  echo "  fix: make $(MAKECMDGOALS) PYTHON=python3.11"; exit 1; } >&2
	@echo "setup: creating .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv --clear .venv
	@touch $@

.venv/runtime: requirements.lock .venv/created
	@echo "setup: installing the packages of requirements.lock"
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@touch $@

# Changes its time only if a source's content changed.
.venv/sources: FORCE .venv/created
	@$(BIN)/python tools/digest.py $(SOURCES) > $@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

.venv/wheel: .venv/sources .venv/runtime
	@echo "setup: building the wheel"
	@rm -rf dist && mkdir dist
	@$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .
	@echo "setup: installing $$(ls dist)"
	@$(BIN)/python -m pip install --quiet --no-deps --no-index --force-reinstall dist/genom-*.whl
	@touch $@

.venv/warm: .venv/wheel
	@echo "setup: compiling kernels into the cache"
	@$(BIN)/genom warm
	@touch $@

.venv/dev: requirements-dev.lock .venv/runtime
	@echo "setup: installing the packages of requirements-dev.lock"
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

# --- use ---

up: setup
	@exec $(BIN)/genom up --data "$${GENOM_DATA:-./genom-data}"

# --- checks ---

test: check tests

check: setup .venv/dev
	@echo "check: ruff"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@echo "check: mypy --strict"
	@$(BIN)/mypy --strict src
	@echo "check: stages (import-linter)"
	@$(BIN)/lint-imports --no-cache

tests: setup .venv/dev
	@if [ -d tests/browser ]; then tools/chromium.sh; fi
	@echo "tests: the installed wheel, its doctests and the docs"
	@$(ALONE) $(BIN)/python -m pytest tests --doctest-modules --pyargs genom genom_demo --durations 25 $(PARALLEL)

soak: setup .venv/dev
	@$(BIN)/python -m pytest tests -m soak
	@echo "soak: ten million mutations of TC strings, a million of GPP strings"
	@GENOM_TC_MUTATIONS=10000000 $(BIN)/python -m pytest tests/consent/test_tcf.py tests/consent/test_gpp.py -k no_mutation
	@echo "soak: the laws on examples that no run has seen"
	@$(BIN)/python -m pytest tests -m "hypothesis and not soak" --hypothesis-profile=search

bench: setup .venv/dev
	@$(BIN)/python benchmarks/run_all.py

# --- upkeep ---

# Each starts a node of its own on data that are the same each time; pictures there are overwritten.
pictures: setup .venv/dev
	@tools/chromium.sh
	@echo "pictures: every page of console and portal"
	@$(BIN)/python tools/screenshots.py
	@echo "pictures: the living shop"
	@$(BIN)/python tools/shop_pictures.py
	@echo "pictures: the trust loop, what a turned switch changes for everybody"
	@$(BIN)/python tools/trust_loop_pictures.py
	@echo "pictures: docs/pictures is written; look at what changed before it is committed"

lock:
	@PYTHON=$(PYTHON) tools/lock.sh

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
