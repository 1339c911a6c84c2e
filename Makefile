# Two targets do everything on a machine with Python >= 3.11, make and a package registry:
#   make check   the conformance suite against the reference server, report in report/
#   make test    the project's own tests, linters, types, schemas and docs, side by side
# What starts processes again and again is left to CI; these run that, too, or that alone:
#   make test-all, make test-rest
# One proves the kit itself, on servers with faults; it takes minutes:
#   make selftest   every fault is caught, no right server is flagged; the kill matrix is in report-selftest/
# A third one needs Go, and says that it was skipped where there is none:
#   make check-go   tests of the server in Go, and the suite against it, report in report-go/
# And one tries the suite on each kind of broker; it takes a minute:
#   make check-brokers   the reference server on the oldest broker, the newest, a cluster and a leaf
# One ends, freezes and starts instances of a server that says that what it has acked outlives it, and nodes of its broker:
#   make check-durable   two instances of the reference server on a journal of three nodes, report in report-durable/
# One judges clients, the reference client whole and in parts, one of another make, and the one in TypeScript, in Node.js
# and in a browser:
#   make check-clients   each with one line, the reports in report-clients/
#   make check-typescript   tests of the client in TypeScript, and the suite against it, report in report-typescript/, and in
#   a browser, where Chromium is installed, report in report-typescript-browser/
# One needs the compiler of Gleam, and says that it was skipped where there is none:
#   make check-gleam   tests of the client in Gleam, the vectors, and the suite against it, report in report-gleam/
# One lets servers and clients meet, each server with each client, where Go, Node.js and Chromium are installed:
#   make check-interop   a table of all pairs, the reports in report-interop/
# And one changes both servers in small places, and tells which changes the kit does not notice:
#   make mutants N=100 SEED=7   results in report-mutants/; without a SEED new ones; JOBS at a time
# One plays clients and a server on a virtual clock, over a network that fails, and keeps what goes wrong:
#   make simulate MINUTES=10 SEED=7   schedules that fail are in report-simulate/; without a SEED new ones
# One kills, freezes and stops instances and brokers of a durable server under load, on one node and on three:
#   make kills KILLS=20         prints a table; each row is tried so often
#   make figures                what a journal costs, beside what it rests on and beside a server in memory
# What is drawn by chance, takes minutes or is done again and again, for a nightly job:
#   make nightly    make slow; selftest --whole; tests with examples of this night; the same check, 20 times,
#                   each with a seed of its own; minutes of generated traffic and of simulation; kills; mutants of this night

PYTHON ?= python3
# uv is used where it is installed; elsewhere a private copy of it is, so that uv.lock always counts.
UV_VERSION := 0.13.9
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
BIN := .venv/bin
# What the kit needs to run, and what those who change it need beside it.
KIT := .venv/.kit
READY := .venv/.ready
# The library for WebSockets, beside the others: the tests of brokers behind WebSockets add it.
WS := .venv/.ws
# The grammar of Gleam, beside the others as well: the tests of the client in Gleam add it.
GRAMMAR := .venv/.gleam
# The oldest broker, which no environment with the newest can have.
OLDEST := .venv/.oldest-broker
MKDOCS_YML := mkdocs.yml
SOURCES := conformance reference tools tests hatch_build.py
# How many tests run at a time, and how often the night runs the same check. Those of `make test` compute, and have
# pyright beside them; the others wait for programs, so that more than there are cores may run.
UNIT_WORKERS ?= 2
WORKERS ?= 3
TIMES ?= 20
# How long generated traffic goes on, on each of two brokers.
DEEP ?= 10m
# What runs of the kit draw is the same each time, so that nothing fails by chance; the night draws anew.
# Mutants and minutes of generated traffic are drawn anew as well, unless a seed is given by hand.
MUTANTS_SEED := $(SEED)
SIMULATE_SEED := $(SEED)
DEEP_SEED := $(or $(SEED),$(shell date +%s))
SEED ?= 0
# How long clients and a server are simulated.
MINUTES ?= 10
# How often each row of the table of kills is tried.
KILLS ?= 20
# How many mutants of each server are run, and how many at a time.
N ?= 100
JOBS ?= 1

# Of wrong deployments one for each requirement, and of those that are right or none the ones that differ most.
DEPLOYMENTS := open-all control-writable state-writable inbox-open allow-responses actions-heard queue-open js-open shared raw-id \
	anonymous silent-listener capturing-stream one-account server-wide tokens-of-users deny-all wrong-users
# Wrong clients are many, and wait for real timers: those of some requirements are tried each time.
TRIED := CLI-004 CLI-006 CLI-012 CLI-025 HYB-001 HYB-013

export OMNISESSION_SEED := $(SEED)
export UV_PROJECT_ENVIRONMENT := .venv
export NO_MKDOCS_2_WARNING := 1
# Without byte code every program that is started compiles anew all that it imports.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: check check-go check-brokers check-durable check-clients check-typescript check-gleam check-interop selftest selftest-clients selftest-deployments slow nightly drawn repeat deep whole simulate kills figures mutants generate test test-all test-rest static \
	lint types schemas spec docs unit every serve clean

check: $(KIT)
	$(BIN)/omnisession check --report report

check-go: $(KIT)
	implementations/go/check.sh $(BIN)/omnisession report-go

check-brokers: $(KIT) $(OLDEST)/.ready
	$(BIN)/python tools/check_brokers.py $(OLDEST) report-brokers

# A journal is heard by the kit as all else is, so that the rules of other profiles would judge it as well.
check-durable: $(KIT)
	$(BIN)/omnisession check --server-cmd '$(BIN)/omnisession serve --store jetstream' --instances 2 --nodes 3 --profile durable \
		--report report-durable

check-clients: $(KIT)
	$(BIN)/python tools/check_clients.py report-clients

check-typescript: $(KIT)
	implementations/typescript/check.sh $(BIN)/omnisession report-typescript

check-gleam: $(KIT)
	implementations/gleam/check.sh $(BIN)/omnisession report-gleam

check-interop: $(KIT)
	$(BIN)/python tools/check_interop.py report-interop

selftest: $(KIT)
	$(BIN)/omnisession selftest --report report-selftest
	$(BIN)/omnisession selftest --on limits-at-their-floors --report report-selftest-floors
	$(BIN)/omnisession selftest --programs 60 --report report-selftest-generated
	$(BIN)/omnisession selftest --role client --faults $(addprefix --only ,$(TRIED)) --report report-selftest-clients
	$(BIN)/omnisession selftest --role deployment $(addprefix --only ,$(DEPLOYMENTS)) --report report-selftest-deployments

# All wrong clients and all unusual ones: most of its time is waiting, so that more go at a time.
selftest-clients: $(KIT)
	$(BIN)/omnisession selftest --role client --jobs 8 --report report-selftest-clients

# All deployments, those with a fault by all cases.
selftest-deployments: $(KIT)
	$(BIN)/omnisession selftest --role deployment --whole --report report-selftest-deployments

# What only reads the sources stands beside what runs them; each tells all that is wrong.
BESIDE := $(MAKE) --no-print-directory --keep-going --jobs=2
AT_A_TIME := $(BIN)/pytest --dist=worksteal --numprocesses
PYTEST := $(AT_A_TIME)=$(WORKERS)

test: $(READY)
	$(BESIDE) unit static

test-all: $(READY)
	$(BESIDE) every static

test-rest: $(READY)
	$(PYTEST) -m "dear and not slow"

unit: $(READY)
	$(AT_A_TIME)=$(UNIT_WORKERS)

every: $(READY)
	$(PYTEST) -m "not slow"

# The site is built by the tests of it, strictly as `docs` builds it.
static: lint types schemas spec

lint: $(READY)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/codespell
	$(BIN)/lint-imports --no-cache

# Of what was right before, only what changed and what imports it; everything on a fresh checkout.
types: $(READY)
	$(BIN)/python tools/check_types.py

schemas: $(READY)
	$(BIN)/check-jsonschema --check-metaschema $(wildcard schemas/*/*.schema.json schemas/*/*/*.schema.json)

spec: $(READY)
	$(BIN)/python tools/spec_lint.py

# What mkdocs tells is shown where it fails only. Its own --quiet hides warnings from --strict as well.
docs: $(READY)
	@echo "$(BIN)/mkdocs build --strict"
	@said=$$($(BIN)/mkdocs build --strict --config-file $(MKDOCS_YML) 2>&1) || { echo "$$said"; exit 1; }

slow: $(READY)
	$(BIN)/pytest -m slow

nightly: slow drawn repeat deep whole simulate kills figures selftest-clients selftest-deployments mutants

# Elsewhere each test draws the same examples every time, so that nothing fails by chance.
drawn: $(READY)
	$(PYTEST) -m "hypothesis and not slow" --hypothesis-profile=drawn

repeat: $(KIT)
	$(BIN)/python tools/repeat.py $(TIMES)

# The reference server by programs that nobody has seen yet, alone and with a node that is started again.
deep: $(KIT)
	$(BIN)/omnisession check --seed $(DEEP_SEED) --generate $(DEEP) --corpus report-deep/programs --report report-deep
	$(BIN)/omnisession check --seed $(DEEP_SEED) --generate $(DEEP) --topology leaf --corpus report-deep/programs \
		--report report-deep-leaf

whole: $(KIT)
	$(BIN)/omnisession selftest --whole --report report-selftest
	$(BIN)/omnisession selftest --whole --on limits-at-their-floors --report report-selftest-floors
	$(BIN)/omnisession selftest --whole --programs 90 --report report-selftest-generated
	$(BIN)/omnisession selftest --on limits-at-their-floors --programs 90 --report report-selftest-generated-floors

simulate: $(READY)
	$(BIN)/python -m tests.simulation --minutes $(MINUTES) --jobs $(JOBS) $(addprefix --seed ,$(SIMULATE_SEED)) \
		--report report-simulate

kills: $(READY)
	$(BIN)/python -m tests.durable.kills --runs $(KILLS) --jobs $(JOBS)

figures: $(READY)
	$(BIN)/python -m tests.durable.figures

mutants: $(KIT)
	PYTHONPATH=tools $(BIN)/python -m mutants -n $(N) --jobs $(JOBS) $(addprefix --seed ,$(MUTANTS_SEED)) --report report-mutants

# Whatever is made from something else: the faults in the registry, traces and rows of vectors, and the pages of the reference.
generate: $(READY)
	$(BIN)/python tools/registry_faults.py
	PYTHONPATH=tools $(BIN)/python -m vectors
	$(BIN)/python tools/docs_pages.py

serve: $(READY)
	$(BIN)/mkdocs serve

# --inexact leaves the tools where they are installed already.
$(KIT): pyproject.toml uv.lock | $(filter .uv/bin/uv,$(UV))
	$(UV) sync --frozen --quiet --no-dev --inexact --python $(PYTHON)
	touch $@

$(READY): $(KIT)
	$(UV) sync --frozen --quiet --python $(PYTHON)
	$(UV) export --frozen --quiet --only-group ws --output-file $(WS)/requirements.txt
	$(UV) pip install --quiet --require-hashes --python $(BIN)/python --target $(WS) --requirement $(WS)/requirements.txt
	touch $@

$(GRAMMAR)/.ready: pyproject.toml uv.lock | $(KIT)
	mkdir -p $(GRAMMAR)
	$(UV) export --frozen --quiet --only-group gleam --output-file $(GRAMMAR)/requirements.txt
	$(UV) pip install --quiet --require-hashes --python $(BIN)/python --target $(GRAMMAR) --requirement $(GRAMMAR)/requirements.txt
	touch $@

$(OLDEST)/.ready: tools/oldest_broker.txt | $(KIT)
	$(UV) pip install --quiet --require-hashes --python $(BIN)/python --target $(OLDEST) --requirement $<
	touch $@

.uv/bin/uv:
	$(PYTHON) -m venv .uv
	.uv/bin/python -m pip install --quiet uv==$(UV_VERSION)

clean:
	rm -rf .venv .uv report report-brokers report-clients report-gleam report-go report-interop report-mutants report-selftest report-selftest-floors \
		report-selftest-clients report-selftest-deployments report-selftest-generated report-selftest-generated-floors report-simulate report-typescript site .pytest_cache .ruff_cache .hypothesis
