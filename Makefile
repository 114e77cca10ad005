# Everything from a bare machine: python3 and make are enough; uv is used where it is.
SHELL := /bin/sh
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.ready
DEMO ?=
PYTEST_ARGS ?= -n auto --dist worksteal

.PHONY: help setup demo test lint types apiserver oracle screenshots bench faults soak load clean

help:
	@echo "make demo         the app on a simulated cluster (DEMO='overview -o json' for a plain command)"
	@echo "make test         set up and run every test"
	@echo "make lint types   ruff format and lint, mypy --strict"
	@echo "make apiserver    build a real kube-apiserver and etcd into .tools/bin (needs go; minutes)"
	@echo "make oracle       build Kubernetes' own arithmetic as a test oracle into .tools/bin (needs go)"
	@echo "make screenshots  draw screenshots/*.svg from the demo cluster"
	@echo "make bench        measure everything beside what else does the job, and write docs/benchmarks.md (most of an hour)"
	@echo "make faults       pull the cable, let every fault strike the app, in real time; docs/cable.md, docs/faults.md (half an hour)"
	@echo "make soak         the app for 20 minutes on a cluster that never rests: memory, threads, files; writes docs/soak.md"
	@echo "make load         what a session costs a real API server, beside kubectl's; writes docs/load.md (20 minutes)"

setup: $(STAMP)

$(STAMP): pyproject.toml tools/make-venv.sh
	@sh tools/make-venv.sh $(VENV)
	@touch $@

demo: setup
	@$(PY) -m kite_tui demo $(DEMO)

# Compiled first, because tests start the program some two hundred times and Python may be told to write no bytecode.
test: setup
	@$(PY) -m compileall -q kite_tui tests
	@$(PY) -m pytest $(PYTEST_ARGS)

lint: setup
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .

types: setup
	$(PY) -m mypy

apiserver:
	@sh tools/build-apiserver.sh

oracle:
	@sh tools/build-oracle.sh

screenshots: setup
	$(PY) -m screenshots

bench: setup
	$(PY) -m benchmarks --write docs/benchmarks.md --json docs/benchmarks.json

faults: setup
	$(PY) -m benchmarks.cable --write docs/cable.md
	$(PY) -m benchmarks.faults --write docs/faults.md

soak: setup
	$(PY) -m benchmarks.soak --write docs/soak.md

load: setup
	$(PY) -m benchmarks.load --write docs/load.md

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache dist
