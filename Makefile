SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
CACHE := .cache
BIN := .venv/bin
BIN_0.8 := .venv-0.8/bin
WEBR := $(CACHE)/webr-0.6.0
LAB := kernels/lite/labextension/package.json
PORT ?= 8000

# Where tests and benchmarks that run R in Node find webR's files.
export RPY_WEBR_URL := $(CURDIR)/$(WEBR)

.PHONY: help setup serve labextension site site-0.8 test check bench docs clean

help: ## list the targets
	@grep -hE '^[a-z0-9.-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(CACHE)/venv $(CACHE)/venv-0.8 $(CACHE)/node_modules $(CACHE)/node_modules-lite $(WEBR) $(CACHE)/pyodide-0.29.0 $(CACHE)/pyodide-314.0.6 $(CACHE)/browser $(CACHE)/engines ## install all that the other targets need
	@echo "Ready. Browser for tests: $$(cat $(CACHE)/browser)"

serve: site ## build the demo site and serve it
	$(BIN)/python lite/serve.py lite/_output --port $(PORT)

labextension: $(LAB) ## build what pages load (kernels/lite)

site: $(CACHE)/venv $(LAB) $(WEBR) $(CACHE)/pyodide-0.29.0 ## build the demo site (JupyterLite 0.7, NumPy, pandas) into lite/_output
	PATH="$(CURDIR)/$(BIN):$$PATH" lite/build 0.29.0 lite/_output

site-0.8: $(CACHE)/venv-0.8 $(LAB) $(WEBR) $(CACHE)/pyodide-314.0.6 ## build the same with JupyterLite 0.8 into lite/_output-0.8
	PATH="$(CURDIR)/$(BIN_0.8):$$PATH" lite/build 314.0.6 lite/_output-0.8

test: setup site site-0.8 docs ## run all tests
	$(BIN)/pytest --numprocesses 2 --no-loadscope-reorder
	$(BIN_0.8)/pytest --quiet --numprocesses 2 tests/convert tests/node/test_conversions.py # with pandas 2
	npm test --silent

check: $(CACHE)/venv $(CACHE)/node_modules $(CACHE)/node_modules-lite ## look for mistakes without running anything; changes no file
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	npm run check --silent
	npm run check --silent --prefix kernels/lite

bench: setup site ## measure, in Node and in Chromium
	$(BIN)/python benchmarks/run.py

docs: site ## build the documentation, whose examples run in the demo site, into .cache/docs
	$(BIN)/mkdocs build --strict --quiet
	@echo "$(CURDIR)/$(CACHE)/docs: $(BIN)/python lite/serve.py $(CACHE)/docs serves it"

clean: ## remove what was built and installed
	rm -rf .venv .venv-0.8 node_modules kernels/lite/node_modules kernels/lite/labextension $(CACHE) lite/_output lite/_output-0.8

$(CACHE)/venv: pyproject.toml
	@$(PYTHON) -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 10))' || { echo "Needs Python 3.10 or later with venv (Debian: apt install python3-venv); another one: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	mkdir -p $(CACHE) && touch $@

$(CACHE)/venv-0.8: pyproject.toml
	$(PYTHON) -m venv .venv-0.8
	$(BIN_0.8)/python -m pip install --quiet --editable . jupyterlite-core==0.8.6 jupyterlite-pyodide-kernel==0.8.6 jupyter-server 'pandas<3' numpy polars pyarrow scipy pytest pytest-xdist hypothesis
	mkdir -p $(CACHE) && touch $@

$(CACHE)/node_modules: package.json package-lock.json
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || { echo "Needs Node.js 20 or later with npm"; exit 1; }
	npm ci --silent --no-audit --no-fund
	mkdir -p $(CACHE) && touch $@

$(CACHE)/node_modules-lite: kernels/lite/package.json kernels/lite/package-lock.json | $(CACHE)/node_modules
	npm ci --silent --no-audit --no-fund --ignore-scripts --prefix kernels/lite
	touch $@

$(LAB): $(CACHE)/node_modules-lite $(shell find kernels/lite/src kernels/lite/schema kernels/lite/style kernels/native -type f) kernels/lite/build.mjs $(wildcard jupyterlite_rpy/js/*.mjs) jupyterlite_rpy/webr.json
	npm run build --silent --prefix kernels/lite

$(WEBR): | $(CACHE)/venv
	RPY_WEBR_URL= $(BIN)/python -c "from pathlib import Path; from jupyterlite_rpy.webr_files import cached_folder; print(cached_folder(Path('$(CACHE)')))"

$(CACHE)/pyodide-%: lite/pyodide-%.txt lite/local_pyodide.py | $(CACHE)/venv
	$(BIN)/python lite/local_pyodide.py $* $@
	touch $@

$(CACHE)/browser: .ci/browser | $(CACHE)/venv
	.ci/browser > $@

$(CACHE)/engines: .ci/engines | $(CACHE)/venv
	.ci/engines >&2
	touch $@
