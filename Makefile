# The commands of KAM. `make run` and `make test` need Python 3.11, git and make, and nothing else.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run test test-services lint format frontend dev messages makemessages lock clean

export PORT ?= 8000
export DEMO_ACCOUNTS ?= 300
export PYTHONUNBUFFERED := 1

# The first interpreter that is new enough; without one bin/setup.py says so.
PYTHON ?= $(shell for python in python3 python3.11 python3.12 python3.13 python3.14; do \
	if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then echo $$python; exit; fi; \
	done; command -v python3 || echo missing)
VENV := .venv/bin
SETUP = @if [ "$(PYTHON)" = missing ]; then echo "KAM needs Python 3.11 or newer, and there is no python3." >&2; exit 1; fi; \
	$(PYTHON) bin/setup.py

# Tests on PostgreSQL and Redis: these unless the environment names others
# (7 processes at most: each takes two of the 16 databases of a Redis server)
SERVICES_DATABASE_URL = $(or $(DATABASE_URL),postgres://postgres@127.0.0.1:5432/kam)
SERVICES_REDIS_URL = $(or $(REDIS_URL),redis://127.0.0.1:6379/0)
PYTEST_WORKERS ?= auto
PYTEST = $(VENV)/python -m pytest -n $(PYTEST_WORKERS) --maxprocesses 7 --dist worksteal --durations 12 --durations-min 3 $(PYTEST_ARGS)

help: ## What there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 24

run: ## Install what is missing and serve KAM with demo data (PORT=8000 DEMO_ACCOUNTS=300)
	$(SETUP) run
	@exec $(VENV)/python manage.py serve --prepare --demo-accounts $(DEMO_ACCOUNTS)

dev: ## The environment for tests and linters
	$(SETUP) dev

frontend: ## Bundle the front-end packages into static/build
	$(SETUP) frontend

messages: dev ## Compile the translations

test: dev ## The suite on SQLite, with coverage; without the browser and a database server (test-services has them)
	@env -u DATABASE_URL -u REDIS_URL -u KAM_REQUIRE_SERVICES $(PYTEST) -m "not e2e and not server" --cov --cov-report=term

test-services: dev frontend ## The suite on PostgreSQL and Redis with a real worker and Chromium; skips nothing
	@DATABASE_URL=$(SERVICES_DATABASE_URL) REDIS_URL=$(SERVICES_REDIS_URL) KAM_REQUIRE_SERVICES=1 $(PYTEST) -m "not embedded"

lint: dev ## Every check of the code, the templates, the settings and the papers made from them
	@bin/lint

format: dev ## Put the code and the templates into shape
	@$(VENV)/ruff check --fix --exit-zero .
	@$(VENV)/ruff format .
	@git ls-files '*.html' '*.txt' | grep '^templates/' | xargs -r $(VENV)/djade --target-version 5.2 || true
	@git ls-files 'templates/*.html' | xargs -r $(VENV)/djhtml --tabwidth 2 || true

makemessages: dev ## Gather the texts to translate (needs gettext)
	@bin/makemessages

LOCK = $(VENV)/uv pip compile --quiet --no-strip-extras --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
lock: dev ## Resolve the dependencies anew (UPGRADE=1: to the newest)
	$(LOCK) $(if $(UPGRADE),--upgrade) requirements.in -o requirements.txt
	$(LOCK) $(if $(UPGRADE),--upgrade) requirements-dev.in -o requirements-dev.txt
	$(LOCK) $(if $(UPGRADE),--upgrade) requirements-node.in -o requirements-node.txt

clean: ## Remove what was installed and built; keeps the data in .data
	rm -rf .venv node_modules static/build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage
	find locale -name '*.mo' -delete
