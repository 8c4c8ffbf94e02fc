# make demo      watch a real playbook against a local SSH server: healthy hosts, broken ones, and one that hangs
# make test      everything that CI checks
# make lint      the quick part of it
# make samples   the sample logs that are missing (Linux, root)
# make docs      docs/rules/ from the rules, and README's table of keys
# make picture   README's picture of the screen
# make bench     MB/s and peak memory of the report on 200 MB, beside grep and lnav
# PYTHON names the interpreter to make .venv with (3.11 or newer): make demo PYTHON=python3.12

PYTHON ?= python3
VENV ?= .venv
RUN := $(VENV)/bin/python

.PHONY: help demo test lint samples docs picture bench clean

help:
	@sed -n 's/^# //p' Makefile

demo: $(VENV)/.demo
	@$(VENV)/bin/sshdebug-tui demo

test: lint
	$(RUN) -m pytest

lint: $(VENV)/.dev
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	$(VENV)/bin/lint-imports

samples: $(VENV)/.dev
	$(RUN) -m tests.lab.make_samples --missing

docs: $(VENV)/.dev
	$(RUN) -m scripts.pages

picture: $(VENV)/.dev
	$(RUN) -m scripts.picture

bench: $(VENV)/.dev
	$(RUN) -m benchmarks.report_speed

clean:
	rm -rf $(VENV) benchmarks/data

$(RUN):
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("sshdebug-tui needs Python 3.11 or newer: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)

# The stamps make the second time quick; a change of pyproject.toml makes them stale.
$(VENV)/.demo: pyproject.toml | $(RUN)
	$(RUN) -m pip install --quiet --disable-pip-version-check --editable '.[demo]'
	@touch $@

# The pip of an older Python knows no --group, so the group is read out for it.
$(VENV)/.dev: $(VENV)/.demo
	$(RUN) -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["dev"], sep="\n")' > $(VENV)/dev.txt
	$(RUN) -m pip install --quiet --disable-pip-version-check --requirement $(VENV)/dev.txt
	@touch $@
