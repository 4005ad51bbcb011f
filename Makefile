# `make` lists the targets; `make demo` and `make test` are all a newcomer needs.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.DEFAULT_GOAL := help
.PHONY: help images data networks demo test check slow benchmark clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## (.*)/  make \1|\2/' | column -t -s '|'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; (3, 11) <= sys.version_info < (3, 14) or sys.exit("hepar needs Python 3.11 to 3.13, this is " + sys.version.split()[0] + "; name another one: make demo PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) -e '.[survival]'
	@touch $@

$(VENV)/.developer: $(VENV)/.installed
	$(INSTALL) -e '.[dev]'
	@touch $@

images: $(VENV)/.installed  ## add what images need: DICOM, NIfTI, radiomics, raw ultrasound, slides
	$(INSTALL) -e '.[survival,images,ultrasound,slides,bundle]'

data: $(VENV)/.installed  ## add what study data need: case record forms, audit trail, de-identification
	$(INSTALL) -e '.[survival,images,ultrasound,slides,capture,redcap]'

networks: $(VENV)/.installed  ## add what networks need: torch and ONNX
	$(INSTALL) -e '.[networks,bundle]'

demo: $(VENV)/.installed  ## run a real study: colorectal recurrence against TNM stage and CEA; says where the report lies
	$(BIN)/hepar demo

test: $(VENV)/.developer  ## install what the tests need and run them
	$(BIN)/python -m pytest -q

check: $(VENV)/.developer  ## every gate: format, lint, types, layers, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q

slow: $(VENV)/.developer  ## the long tests: every bundled protocol end to end, properties on new examples
	$(BIN)/python -m pytest -q -m slow
	$(BIN)/python -m pytest -q -m hypothesis --hypothesis-profile=explore

benchmark: $(VENV)/.developer  ## speed beside the naive way, in one run
	$(BIN)/python -m benchmarks.bench_statistics

clean:  ## remove the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist src/*.egg-info
