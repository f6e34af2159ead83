# Two commands on a fresh machine: `make validate` (the main job) and `make test`.
# Every target sets up what it needs; a set-up that is current costs nothing.

.DEFAULT_GOAL := help
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help validate test check up load chaos coverage bench report doctor wheel requirements clean

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1|/p' $(MAKEFILE_LIST) | column -t -s '|'

$(READY): scripts/setup pyproject.toml requirements/dev.txt
	@scripts/setup $(VENV)

validate: $(READY) ## The main job: the matrix against the reference service, and its report
	@$(BIN)/clerk-harness validate $(ARGS)

test: $(READY) ## All tests, in parallel
	@scripts/chromium $(BIN)/python
	@$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

check: $(READY) ## Lint, format, types, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

up: $(READY) ## A local Clerk with the reference service behind it, until Ctrl-C
	@$(BIN)/clerk-harness up $(ARGS)

load: $(READY) ## The webhook row alone, harder: RATE=80 DURATION=30
	@$(BIN)/clerk-harness validate --row "Webhook Processing" \
	  --rate $(or $(RATE),80) --duration $(or $(DURATION),30) $(ARGS)

chaos: $(READY) ## The rows that kill things
	@$(BIN)/clerk-harness validate --row "Background Tasks" --row "Error Handling" $(ARGS)

coverage: $(READY) ## Which operations of Clerk's API there are: docs/coverage.md
	@$(BIN)/python -m clerk_fake.coverage --write docs/coverage.md

bench: $(READY) ## Figures, as ratios where there is a baseline: ARGS=--million, ARGS=--with-matrix
	@$(BIN)/python benchmarks/start_up.py $(ARGS)
	@echo
	@$(BIN)/python benchmarks/backend_api.py $(ARGS)
	@echo
	@$(BIN)/python benchmarks/holding.py
	@echo
	@$(BIN)/python benchmarks/deliveries.py $(ARGS)
	@echo
	@$(BIN)/python benchmarks/ingesting.py
	@echo
	@$(BIN)/python benchmarks/applying.py
	@echo
	@$(BIN)/python benchmarks/end_to_end.py
	@echo
	@$(BIN)/python benchmarks/reconciling.py

doctor: $(READY) ## Is everything there that a run needs?
	@$(BIN)/clerk-harness doctor $(ARGS)

report: ## Open the latest report
	@xdg-open reports/out/latest/index.html 2>/dev/null || echo reports/out/latest/index.html

wheel: $(READY) ## Build the wheel into dist/
	@$(BIN)/python -m build --wheel --no-isolation --outdir dist .

requirements: $(READY) ## Pin every dependency anew, with hashes and without addresses
	@scripts/pin $(BIN)/python

clean: ## Remove what `make` made
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
