# The commands of the README; each makes what it needs by itself.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NANGO := entrypoints/http/static/nango

.PHONY: help install demo test torture picture bench check format lock clean

help: ## list the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(VENV)/.installed $(NANGO)/index.js ## make .venv with everything pinned by hash

$(VENV)/.installed: requirements/dev.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Latchkey needs Python 3.11 or later: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

# Without npm the page has one way in fewer, and everything else works.
$(NANGO)/index.js: browser/package-lock.json | $(VENV)/.installed
	-@$(BIN)/python -m entrypoints.browser_files

demo: install ## sign in on this machine: PostgreSQL, sandbox of Nango and GitHub, web page
	$(BIN)/latchkey demo

test: install ## every test, with PostgreSQL and Chromium found or fetched
	$(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

torture: install ## what kills, floods and outages do, at full size: some ten minutes
	$(BIN)/pytest tests/torture --torture --capture=no

picture: install ## draw the picture of the README anew
	$(BIN)/pytest tests/browser/picture.py

bench: install ## load beside the peer, some fifteen minutes; BENCH=--quick for three
	$(BIN)/python benchmarks/run $(BENCH)

check: install ## format, lint, types and import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/pyright

format: install ## rewrite the sources in the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: install ## pin the dependencies anew (needs uv)
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --quiet --upgrade -o requirements/runtime.txt
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --quiet --upgrade -c requirements/runtime.txt -o requirements/dev.txt

clean: ## remove what the commands above made
	rm -rf $(VENV) $(NANGO) node_modules browser/node_modules .pytest_cache .ruff_cache .hypothesis .import_linter_cache
