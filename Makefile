# Firstline: two commands, `make run` and `make test`. `make help` lists the rest.

HOST ?= 127.0.0.1
PORT ?= 2000
CORPUS ?= corpus
INDEX ?= build/index

BIN := .venv/bin
BENCHES := kernel answering opening server building
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null \
	&& { echo $$p; break; }; done)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help install run serve index docs test lint audit reliability quality cluster-check \
	screenshots page-figures lock clean

help:  ## List every target
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

install: .venv/installed  ## Create .venv with the pinned dependencies

.venv/installed: requirements.lock setup.cfg pyproject.toml
	@test -n "$(PYTHON)" || { echo "Firstline needs Python 3.11 to 3.14: none was found on PATH." >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing the pinned dependencies into .venv (once)" >&2
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/tested: .venv/installed requirements-test.lock
	@echo "installing the pinned test dependencies into .venv (once)" >&2
	@$(PIP) install --require-hashes -r requirements-test.lock
	@touch $@

.venv/benched: .venv/installed requirements-bench.lock
	@echo "installing the pinned benchmark rivals into .venv (once)" >&2
	@$(PIP) install --require-hashes -r requirements-bench.lock
	@touch $@

# The index is rebuilt when it is missing, or when anything in the corpus or its format is newer.
$(INDEX)/CURRENT: .venv/installed service/retrieval/artefact.py $(shell find $(CORPUS) -type f -o -type d 2>/dev/null)
	@$(BIN)/firstline-index build $(CORPUS) --out $(INDEX)

run: $(INDEX)/CURRENT serve  ## Install, build the index if needed, serve: make run PORT=2100 HOST=0.0.0.0

serve: .venv/installed  ## Serve the index as it is
	@exec $(BIN)/firstline serve --index $(INDEX) --host $(HOST) --port $(PORT)

index: .venv/installed  ## Rebuild the knowledge base; a running server takes it up
	@$(BIN)/firstline-index build $(CORPUS) --out $(INDEX)

docs: .venv/tested  ## Build the documents as HTML into build/site
	@$(BIN)/mkdocs build --quiet --strict

test: .venv/tested  ## Run every test that this machine can run
	@$(BIN)/python -m pytest

lint: .venv/tested  ## Check style, types, the import graph and the knowledge base
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --config setup.cfg
	@mkdir -p build
	@$(BIN)/firstline-index check corpus >build/check.txt || { cat build/check.txt; exit 1; }
	@$(BIN)/firstline-index check corpus.de >build/check.txt || { cat build/check.txt; exit 1; }

audit: .venv/tested  ## Look the pinned dependencies up among known vulnerabilities (needs the network)
	@for lock in requirements*.lock; do echo "$$lock" >&2; \
		$(BIN)/pip-audit --strict --disable-pip --progress-spinner off -r $$lock || exit 1; done

reliability: .venv/tested  ## Put the server through what it must stand, into docs/reliability.md (an hour)
	@$(BIN)/python -m bench.reliability $(ROWS)

.PHONY: bench bench-full
bench: .venv/benched  ## Measure speed beside the alternatives in five minutes, into docs/performance.md
	@for question in $(BENCHES); do OMP_NUM_THREADS=1 $(BIN)/python -m bench.$$question || exit 1; done
	@$(BIN)/python -m bench.speed_page

bench-full: .venv/benched  ## The same up to a million rows; an hour and 6 GB
	@for question in $(BENCHES); do OMP_NUM_THREADS=1 $(BIN)/python -m bench.$$question --full || exit 1; done
	@$(BIN)/python -m bench.speed_page

quality: .venv/benched  ## Measure answers and refusals beside two peers, into docs/quality.md
	@$(BIN)/python -m bench.quality

cluster-check: .venv/tested  ## Lose a node of three while it builds and while it serves: docs/scaling.md
	@$(BIN)/python -m bench.cluster.page losing

screenshots: .venv/tested  ## Take the pictures in docs/images again
	@FIRSTLINE_SCREENSHOTS=docs/images $(BIN)/python -m pytest tests/journeys/test_page_screenshots.py

page-figures: .venv/tested $(INDEX)/CURRENT  ## Measure the page with Lighthouse, into docs/page.md (needs npx)
	@$(BIN)/python -m bench.page

lock:  ## Pin all dependencies again (needs uv)
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-emit-find-links --extra builder --extra build-backend setup.cfg -o requirements.lock
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-emit-find-links --extra builder --extra build-backend --extra documents --extra embeddings --extra postgres --extra telemetry --extra cluster --extra test setup.cfg -o requirements-test.lock
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-emit-find-links --extra builder --extra build-backend --extra bench --extra embeddings setup.cfg -o requirements-bench.lock
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-emit-find-links --extra build-backend --extra postgres --extra telemetry setup.cfg -o requirements-server.lock

clean:  ## Remove everything that make has made
	@rm -rf .venv build .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage *.egg-info
