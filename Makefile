PYTHON ?= python3.11
VENV ?= .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: setup demo test check lint fmt docs bench bench-tables size clean

setup: $(VENV)/.ready

$(VENV)/.ready: requirements/all.txt pyproject.toml
	@bench/preflight.sh $(PYTHON)
	@echo "Installing pinned versions into $(VENV) ..."
	@date +%s > .setup-started
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements/all.txt
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@echo "Installed in $$(( $$(date +%s) - $$(cat .setup-started) )) s"; rm -f .setup-started
	@touch $@

demo: setup  ## the whole workflow on tables that come with heldout
	@$(BIN)/python bench/size.py --short
	@$(BIN)/heldout demo

test: setup  ## everything that is quick
	$(BIN)/python -m pytest -m "not slow"

check: setup lint  ## everything
	$(BIN)/python -m pytest

lint: setup
	$(BIN)/ruff check src tests bench
	$(BIN)/ruff format --check src tests bench
	$(BIN)/mypy
	$(BIN)/lint-imports

fmt: setup
	$(BIN)/ruff format src tests bench
	$(BIN)/ruff check --fix src tests bench

docs: setup  ## pages that are made from code and tests
	$(BIN)/python bench/requirements.py
	$(BIN)/python bench/reference.py

bench: setup  ## figures of bench/LOG.md
	$(BIN)/python bench/coverage.py
	$(BIN)/python bench/trust_leaks.py dev --rows 1500 --draws 2
	$(BIN)/python bench/trust_leaks.py page
	$(BIN)/python bench/answer.py
	$(BIN)/python bench/clock.py

bench-tables: setup  ## docs/tables.md; resumable
	$(BIN)/python bench/tables.py --budget 20s

size: setup  ## what is installed, the largest first
	$(BIN)/python bench/size.py

clean:
	rm -rf $(VENV) build dist
