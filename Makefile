# Two targets do everything on a machine with Python >= 3.11, make and a package registry:
#   make check   the conformance suite against the reference server, report in report/
#   make test    the project's own tests, linters, types, schemas and docs
# Tests that take seconds each are left to CI; these run them, too, or them alone:
#   make test-all, make test-rest
# One proves the kit itself, on servers with faults; it takes minutes:
#   make selftest   every fault is caught, no right server is flagged; the kill matrix is in report-selftest/
# A third one needs Go, and says that it was skipped where there is none:
#   make check-go   tests of the server in Go, and the suite against it, report in report-go/
# What takes minutes and changes seldom, for a nightly job:
#   make slow       what the guide to Go shows is what the kit says of bare servers

PYTHON ?= python3
# uv is used where it is installed; elsewhere a private copy of it is, so that uv.lock always counts.
UV_VERSION := 0.13.9
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
BIN := .venv/bin
READY := .venv/.ready
MKDOCS_YML := mkdocs.yml
SOURCES := conformance reference tools tests hatch_build.py

export UV_PROJECT_ENVIRONMENT := .venv
export NO_MKDOCS_2_WARNING := 1

.PHONY: check check-go selftest slow generate test test-all test-rest lint types schemas spec docs unit serve clean

check: $(READY)
	$(BIN)/omnisession check --report report

check-go: $(READY)
	implementations/go/check.sh $(BIN)/omnisession report-go

selftest: $(READY)
	$(BIN)/omnisession selftest --report report-selftest

# The site is built by the tests of it, strictly as `docs` builds it.
STATIC := lint types schemas spec

test: $(STATIC) unit

test-all: $(STATIC)
	$(BIN)/pytest -m "not slow"

test-rest: $(READY)
	$(BIN)/pytest -m "dear and not slow"

lint: $(READY)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/codespell

types: $(READY)
	$(BIN)/pyright

schemas: $(READY)
	$(BIN)/check-jsonschema --check-metaschema $(wildcard schemas/*/*.schema.json)

spec: $(READY)
	$(BIN)/python tools/spec_lint.py

# What mkdocs tells is shown where it fails only. Its own --quiet hides warnings from --strict as well.
docs: $(READY)
	@echo "$(BIN)/mkdocs build --strict"
	@said=$$($(BIN)/mkdocs build --strict --config-file $(MKDOCS_YML) 2>&1) || { echo "$$said"; exit 1; }

unit: $(READY)
	$(BIN)/pytest

slow: $(READY)
	$(BIN)/pytest -m slow

# Whatever is made from something else: the faults in the registry, and the pages of the reference.
generate: $(READY)
	$(BIN)/python tools/registry_faults.py
	$(BIN)/python tools/docs_pages.py

serve: $(READY)
	$(BIN)/mkdocs serve

$(READY): pyproject.toml uv.lock | $(filter .uv/bin/uv,$(UV))
	$(UV) sync --frozen --quiet --python $(PYTHON)
	touch $@

.uv/bin/uv:
	$(PYTHON) -m venv .uv
	.uv/bin/python -m pip install --quiet uv==$(UV_VERSION)

clean:
	rm -rf .venv .uv report report-go report-selftest site .pytest_cache .ruff_cache .hypothesis
