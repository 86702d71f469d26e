# Each target does the set-up it needs by itself; a second run sets up nothing.
# make corpus | test | test-long | bench | check | models | evaluate | compare BASE=COMMIT | samples | notebooks | clean      RAW=, OUT=, CORPUS= override the folders

RAW ?= data/raw
OUT ?= data/processed
CORPUS ?= ../shared/corpora
PLANS ?= 1000 3000 10000 30000 100000
JOBS ?= $(shell nproc)
PYTHON ?= python3
BIN := .venv/bin
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
APT := tesseract-ocr tesseract-ocr-vie tesseract-ocr-script-viet poppler-utils python3-venv fonts-croscore fonts-liberation2 \
       fonts-dejavu-core libgl1 libglib2.0-0
export OMP_THREAD_LIMIT = 1

.PHONY: setup corpus test test-long bench check models evaluate compare samples notebooks clean
setup: .venv/.done

# Debian packages, only where one is missing. Elsewhere: install the like of them; `kehoach doctor` says what is still missing.
.venv/.apt:
	@if command -v apt-get >/dev/null; then \
	  missing=$$(for p in $(APT); do dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'install ok installed' || echo $$p; done); \
	  if [ -n "$$missing" ]; then $(SUDO) apt-get update -q && $(SUDO) apt-get install -y -q --no-install-recommends $$missing; fi; \
	else echo "No apt-get here: install $(APT) in your system's way." >&2; fi
	@mkdir -p .venv && touch $@

.venv/.done: .venv/.apt requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q --disable-pip-version-check -r requirements.lock
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@echo 'Quyét dlnh' | $(BIN)/kehoach repair >/dev/null  # compiles the search of the lattice once
	@touch $@

corpus: setup
	$(BIN)/kehoach build "$(RAW)" "$(OUT)" --jobs $(JOBS)

test: setup
	$(BIN)/pytest

test-long: setup
	$(BIN)/pytest -m long

# Times depend on the machine and on what else it does: never part of a test.
bench: setup
	$(BIN)/pytest -m bench --durations 0
	$(BIN)/python tests/bench_corpus.py docs/scale.svg $(PLANS)
	@[ ! -d ../shared/samples/degraded ] || $(BIN)/python -m pipeline.evaluate.speed ../shared/samples

check: setup
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/pytest

models: setup
	$(BIN)/kehoach train "$(CORPUS)" models

evaluate: setup
	$(BIN)/python -m pipeline.evaluate.report

compare: setup
	@$(BIN)/python -m pipeline.evaluate.compare --jobs $(JOBS) $(if $(SCANS),--scans) $(if $(JSON),--json) $(or $(BASE),HEAD)

samples: setup
	$(BIN)/python -m pipeline.synth tests/samples data/raw/samples

notebooks: corpus
	$(BIN)/jupyter nbconvert --to html --execute --output-dir "$(OUT)/notebooks" notebooks/*.ipynb

# Never touches data/raw or data/corrections.
clean:
	rm -rf "$(OUT)"/notebooks "$(OUT)"/tables "$(OUT)"/plans "$(OUT)"/.work "$(OUT)"/run.json "$(OUT)"/datapackage.json "$(OUT)"/corpus.sqlite
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
