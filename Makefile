# The extension's code without the Slicer desktop: `make demo` and `make test` on a bare Linux machine.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# PyPI's torch for Linux carries gigabytes of CUDA; PyTorch's own index has the CPU build. Used where it is reachable.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu

.PHONY: demo test lint translations environment model live-model carotid-model evaluate benchmark clean

demo: $(READY)
	$(BIN)/python -m Speckle2SelfTrainingLib.demo --output demo

test: lint
	$(BIN)/python -m pytest --numprocesses 2

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Templates for translators; a test says when they are out of date.
translations: $(READY)
	$(BIN)/python Testing/translations/update_templates.py

environment: $(READY)

# Hours on a CPU; a stopped training goes on where it was. DATA: folder of the real frames (default_model/real_frames.py).
model: $(READY)
	$(BIN)/python -m Speckle2SelfTrainingLib.default_model.train $(if $(DATA),--data $(DATA))

# After `make model`: the narrow model for live use learns from its examples and its network. Half an hour on one core.
live-model: $(READY)
	$(BIN)/python -m Speckle2SelfTrainingLib.live_model.train

# About an hour on one core; RUN keeps the checkpoints, and LEAVE_OUT names subjects or collections to be tested on.
RUN ?= runs/carotid
LEAVE_OUT ?=
carotid-model: $(READY)
	$(BIN)/python -m Speckle2SelfTrainingLib.carotid_model.train $(DATA) $(RUN) $(RUN)-bundle $(if $(LEAVE_OUT),--without $(LEAVE_OUT))

# The table of the README: three simulated sets and, where they are at hand, the published carotid frames (EVALUATION_DATA).
EVALUATION_DATA ?= ../shared/data
CAROTID := $(EVALUATION_DATA)/published-carotid-comparison
comma := ,
empty :=
three = $(foreach number,1 2 3,$(CAROTID)/$(1)_0$(number).gif)
joined = $(subst $(empty) $(empty),$(comma),$(strip $(call three,$(1))))

evaluate: $(READY)
	$(BIN)/python -m Speckle2SelfLib evaluate --output evaluation --set all --strength 0.8 0.5 --peers classical --tune \
		$(if $(wildcard $(CAROTID)),$(call three,Input) --independent --name carotid --boxes $(CAROTID)/boxes.json \
		--result "as published=$(call joined,OurMethod)" --result "BM3D as published=$(call joined,bm3d)")

# Figures and tables of speed: about ten minutes on two cores that have nothing else to do. PEERS_PYTHON: a Python
# with methods that this environment lacks (zea, bm3d), see Testing/Benchmarks/peers-requirements.txt.
benchmark: $(READY)
	$(BIN)/python -m Speckle2SelfLib benchmark --output Testing/Benchmarks/speed \
		$(if $(PEERS_PYTHON),--peers-python $(PEERS_PYTHON))

$(READY): constraints.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(None if (3, 11) <= sys.version_info[:2] <= (3, 13) else "Python 3.11 to 3.13 is needed, found %d.%d: make PYTHON=python3.12" % sys.version_info[:2])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt \
		$$($(BIN)/python -c 'import urllib.request as u; u.urlopen("$(TORCH_INDEX)/torch/", timeout=5); print("--extra-index-url $(TORCH_INDEX)")' 2>/dev/null) \
		--editable '.[test]'
	touch $(READY)

clean:
	rm -rf $(VENV) demo
