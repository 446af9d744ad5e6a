PYTHON ?= python3
GATEWAY := .venv/bin/python
# Tests that run the whole guide: one after the other, for they need the machine to themselves.
WHOLE := tests/browser tests/bot/test_rasa_process.py tests/end_to_end tests/faults tests/fuzz

.DEFAULT_GOAL := help
.PHONY: help run setup train check test bench eval format clean

help:  ## what there is to make
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

run:  ## set everything up and serve the guide on http://localhost:8000
	@exec $(PYTHON) -m launcher.serve

setup:  ## install, build and train what is missing or changed
	@$(PYTHON) -m launcher.setup

train:  ## train the Rasa model, if its data changed
	@$(PYTHON) -m launcher.setup tools gateway rasa patterns model

check: setup  ## format, lint, types, layers, knowledge, replies, Rasa's data
	@$(GATEWAY) -m launcher.check

test: setup  ## everything in check, and all tests
	@$(GATEWAY) -m launcher.check
	@$(GATEWAY) -m pytest --numprocesses auto --dist loadfile $(addprefix --ignore=,$(WHOLE))
	@$(GATEWAY) -m pytest $(WHOLE)

eval: setup  ## how well the guide understands, on held-out questions
	@$(GATEWAY) -m tests.eval.report

bench: setup  ## how fast it is, beside bare Rasa
	@$(GATEWAY) -m benchmarks.run

format:  ## put the code in shape
	@.venv/bin/ruff check --fix . && .venv/bin/ruff format .

clean:  ## remove what a set-up made
	@$(PYTHON) -c "from launcher.setup import clean; clean()"
