# Two commands do everything: `make run` and `make test`. Each installs what it needs, and nothing twice.
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
DATA ?= data
# What one process has compiled the next one reads, whatever the environment says: half of a start's time.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run test setup gpu demo check bench lock screenshots gallery clean

run: setup                ## open the studio on http://127.0.0.1:7860
	$(BIN)/python app.py --data $(DATA)

# The tests' processes share the cores: threads of OpenMP that wait for work would spin on them.
test: export OMP_NUM_THREADS := 1
test: .venv/dev           ## install what the tests need, then run them
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder || { \
	  echo "What failed runs once more, alone: a browser or a killed worker may only have been late."; \
	  $(BIN)/python -m pytest --last-failed --last-failed-no-failures none; }

setup: .venv/run          ## the environment, nothing else

gpu: .venv/gpu            ## torch and the libraries that run published models

demo: setup               ## render the demo song into out/
	$(BIN)/python -m studio music-video --audio assets/demo/song.mp3 \
	  --character assets/demo/character-1.png --character assets/demo/character-2.png \
	  --prompt "two friends leave the neon city for the sea at dawn" --out out

check: .venv/dev          ## ruff, pyright, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports

bench: .venv/dev          ## every benchmark, a ratio each against a named alternative
	$(BIN)/python -m benchmarks

screenshots: .venv/dev    ## the README's pictures, from a real run
	$(BIN)/python scripts/screenshots.py

gallery: .venv/dev        ## the README's three films and their keyframes
	$(BIN)/python scripts/make_gallery.py

lock: .venv/dev           ## pin requirements*.in anew
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-header --no-annotate requirements.in -o requirements.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-header --no-annotate -c requirements.txt requirements-dev.in -o requirements-dev.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-header --no-annotate -c requirements.txt requirements-gpu.in \
	  | grep -vE '^(torch|triton|nvidia-|cuda-)' > requirements-gpu.txt

.venv/run: requirements.txt scripts/setup.py
	$(PYTHON) scripts/setup.py
	@touch $@

.venv/gpu: .venv/run requirements-gpu.txt
	$(PYTHON) scripts/setup.py --gpu
	@touch $@

.venv/dev: .venv/gpu requirements-dev.txt
	$(PYTHON) scripts/setup.py --dev
	@touch $@

clean:
	rm -rf .venv out .pytest_cache .ruff_cache .hypothesis
