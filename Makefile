# Every target works from a fresh clone: .venv is made on first use, and again when pyproject.toml or .ci/constraints.txt changes.
# PYTHON=python3.12 chooses the interpreter; PYTEST_ARGS are handed to pytest.
.DEFAULT_GOAL := help
# The tests start hundreds of programs; without __pycache__ each would compile sqlsel anew.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help install lock demo quick nightly test test-slow test-all docs lint format generate types check bench mutants walks sql build clean

BIN := .venv/bin
READY := .venv/.ready
DEFAULT := -m "not slow and not nightly and not bench"
# As many processes as there are cores, eight at most; PYTEST_ARGS=-n0 for one. A file's tests stay together until a process has nothing left.
SIDE_BY_SIDE := -n auto --maxprocesses 8 --dist worksteal
# What tells within two minutes whether every surface still picks the right samples.
QUICK := tests/strategies tests/kernels $(addprefix tests/clause/test_,carets.py messages.py rewriter.py scanner.py) tests/config tests/sql \
	tests/parity/test_brute_force.py tests/connection/test_documented.py tests/test_arrays_groups.py tests/test_columns.py tests/test_pandas.py tests/test_quoting.py \
	$(addprefix tests/polars/test_,calls.py classes.py dtypes.py groups.py ids.py numbers.py options.py plans.py queries.py same_as_sql.py)

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

$(READY): pyproject.toml .ci/constraints.txt .ci/setup
	@.ci/setup
	@touch $@

install: $(READY) ## make .venv with sqlsel and what its tests need

lock: ## write .ci/constraints.txt, the versions of .venv, anew
	@.ci/lock

demo: $(READY) ## select among real digits, and show the picks
	@$(BIN)/python examples/demo.py

quick: $(READY) ## run the tests that tell most (2 minutes)
	HYPOTHESIS_PROFILE=quick $(BIN)/python -m pytest -q $(SIDE_BY_SIDE) $(DEFAULT) $(QUICK) --ignore=tests/strategies/test_balance_missing.py $(PYTEST_ARGS)

test: $(READY) ## run the tests (some minutes)
	$(BIN)/python -m pytest -q $(SIDE_BY_SIDE) $(DEFAULT) --ignore=tests/test_docs.py $(PYTEST_ARGS)

test-slow: $(READY) ## run the tests that take minutes
	$(BIN)/python -m pytest -q -m slow $(PYTEST_ARGS)

nightly: $(READY) ## run the tests of programs that are killed at any time (.ci/nightly runs more)
	$(BIN)/python -m pytest -q -m nightly $(PYTEST_ARGS)

test-all: $(READY) ## run every test, with documentation, slow ones and measurements
	$(BIN)/python -m pytest -q $(PYTEST_ARGS)

docs: $(READY) ## run README and examples as tests
	$(BIN)/python -m pytest -q $(SIDE_BY_SIDE) tests/test_docs.py $(PYTEST_ARGS)

lint: $(READY) ## check style and the import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

format: $(READY) ## bring the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

generate: $(READY) ## write the .pyi files, which editors and type checkers read, from the strategies
	$(BIN)/python tests/tools/stubs.py

types: $(READY) ## check the types
	$(BIN)/mypy

check: lint types test docs ## all that a change must pass

bench: $(READY) ## measure speed and memory (minutes)
	$(BIN)/python tests/bench/run.py
	$(BIN)/python tests/bench/path.py
	$(BIN)/python tests/bench/frames.py
	$(BIN)/python tests/bench/classes.py

mutants: $(READY) ## put in faults, one at a time, which the tests must catch (many minutes)
	$(BIN)/python tests/tools/mutants.py

walks: $(READY) ## count what one selection enters on each surface
	$(BIN)/python tests/tools/trace_walks.py

sql: $(READY) ## join macros and scores into dist/sqlsel.sql, for DuckDB's shell
	@mkdir -p dist
	@find sql/macros sql/scores -name '*.sql' 2>/dev/null | LC_ALL=C sort | xargs -r cat > dist/sqlsel.sql
	@echo "dist/sqlsel.sql: $$(grep -c '^CREATE' dist/sqlsel.sql) macros"

build: $(READY) ## make wheel and sdist, and look inside
	$(BIN)/python -m build --outdir dist .
	$(BIN)/python .ci/look_inside.py dist

clean: ## remove what was built, .venv too
	rm -rf .venv dist build examples/out .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage
