# Two commands do everything: `make run` and `make test`.

PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help run test check bench screenshots messages lock clean

help: ## Say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: .venv/run.stamp ## Set up, make the demo workspace, run pages and workers on 127.0.0.1:8000
	@exec $(BIN)/vincle up --demo

test: .venv/dev.stamp ## Everything, in real browsers too, on SQLite and PostgreSQL
	@$(BIN)/python scripts/test.py $(ARGS)

check: .venv/dev.stamp ## Style, types, layers, migrations, translations, documentation
	@$(BIN)/python scripts/check.py

bench: .venv/dev.stamp ## Speed and memory, beside a baseline, as ratios
	@$(BIN)/python -m benchmarks $(ARGS)

screenshots: .venv/dev.stamp ## Pictures of every screen into docs/images
	@$(BIN)/python scripts/screenshots.py $(ARGS)

messages: .venv/dev.stamp ## Collect new texts for translation and compile the translations
	@$(BIN)/python scripts/messages.py

lock: ## Work out exact versions and hashes of all dependencies anew
	@scripts/lock

clean: ## Remove what was installed and built (not the data)
	rm -rf .venv .venv-outside .venv-peers build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

.venv/run.stamp: requirements.lock pyproject.toml
	@scripts/venv $(PYTHON) requirements.lock
	@touch $@

.venv/dev.stamp: requirements-dev.lock pyproject.toml
	@scripts/venv $(PYTHON) requirements-dev.lock
	@touch $@ .venv/run.stamp
