# The set-up is .venv/ready: whatever needs it makes it, and a change of a version makes it anew.
PYTHON ?= python3
PORT ?= 8000
SEED ?= 1
THREADS ?= 1
READY := .venv/ready
PYTEST := .venv/bin/pytest --numprocesses=auto --maxprocesses=4
SITE := _build/ready
PDF := _build/html/understanding-the-lstm.pdf
EPUB := _build/html/understanding-the-lstm.epub
SOURCES := $(shell find book lstm_ref web -type f ! -path '*/.*' ! -path '*/__pycache__*' ! -path '*/node_modules/*') \
	index.md _config.yml _toc.yml CHANGELOG.md
NODE_MODULES := web/node_modules/.package-lock.json
# Wheels for Python in the page, got once; where they cannot be had the site is built without Run.
RUNTIME := build/runtime/ready

# One thread for each library, and no window.
export OMP_NUM_THREADS = 1
export OPENBLAS_NUM_THREADS = 1
export MKL_NUM_THREADS = 1
export MPLBACKEND = agg
export PYTHONUTF8 = 1
# Nothing from outside the environment.
export PIP_USER = 0
unexport PYTHONPATH PYTHONHOME
# The tests that look at the site take the one that is built.
test test-long shuffle coverage: export SITE_IS_BUILT = 1

.NOTPARALLEL:
.PHONY: help setup book serve pdf epub weigh test test-long shuffle coverage test-fast lint notebooks covers bench gpu sweeps soak mutants dist repository lock clean clean-all

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' Makefile

setup: $(READY) ## make the environment in .venv, or bring it up to date

book: $(SITE) ## build the site into _build/html
	@echo "The book is built. Open $(CURDIR)/_build/html/index.html"

serve: $(SITE) ## build the site and serve it on this machine; another port: PORT=8001
	.venv/bin/python -m http.server $(PORT) --bind 127.0.0.1 --directory _build/html

pdf: $(PDF) ## print the book and the cheat sheet as PDFs, which the site then links to; needs Chromium or Chrome

epub: $(EPUB) ## make an EPUB of the book, which the site then links to

weigh: $(SITE) ## print what pages weigh and how fast they show: the table in CONTRIBUTING.md
	.venv/bin/python web/weigh.py

# The notebooks first: the longest come to an end while others run.
test: $(SITE) ## run every test but the long ones, and every notebook again; the long ones too: ALL=1
	$(PYTEST) $(if $(ALL),,-m "not long") --nbval --nbval-current-env book tests

test-long: $(SITE) ## run the rest: Python in the page, runs that are killed, a rehearsal of make gpu
	$(PYTEST) -m long tests

# Without the notebooks, whose cells have one order.
shuffle: $(SITE) ## run the tests in another order, with other hash values: SEED=7; THREADS=2
	env PYTHONHASHSEED=$(SEED) $(foreach each,OMP OPENBLAS MKL,$(each)_NUM_THREADS=$(THREADS)) \
		$(PYTEST) -m "not long" --random-order --random-order-seed=$(SEED) tests

# Without the notebooks: what measures coverage would reach into their kernels and stop them.
coverage: $(SITE) ## say what of the package the tests reach
	$(PYTEST) tests --cov

test-fast: $(READY) ## test the package alone: no notebooks, no site, no browser, nothing slow
	$(PYTEST) -m "not slow" --ignore=tests/book --ignore=tests/repository tests

lint: $(READY) ## check form, types, spelling and links; before each commit: .venv/bin/pre-commit install
	.venv/bin/pre-commit run --all-files

notebooks: $(READY) ## execute the notebooks again and normalise them; some: NAMES="02 05"
	.venv/bin/python tools/notebooks.py run $(NAMES)

covers: $(READY) ## make the figures of the first page again, in book/images
	.venv/bin/python tools/cover.py

bench: $(READY) ## measure speed and memory, in some ten minutes; print a part: SIZES="S1 S2"
	env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE .venv/bin/python -m benchmarks $(SIZES)

# WITH=python3 is for a machine on which nothing can be installed: it takes that Python, and leaves .venv alone.
gpu: $(if $(WITH),,$(READY)) ## check, measure and train on a GPU: MINUTES=6; with another Python: WITH=python3
	$(or $(WITH),.venv/bin/python) -m benchmarks.gpu $(if $(MINUTES),--minutes $(MINUTES)) $(ARGS)

sweeps: $(READY) ## train all that chapters 7 to 11 report on, in some hours; a part: NAMES="adding units"
	.venv/bin/python -m experiments.sweeps $(NAMES)

soak: $(READY) ## kill, interrupt and starve trainings, in 3 minutes; longer: MINUTES=120; needs Linux
	cd tests && ../.venv/bin/python -m trust.soak $(if $(MINUTES),--minutes $(MINUTES))

mutants: $(READY) ## change the package in 300 small ways and see whether its tests notice; each: ARGS="--all"
	.venv/bin/python tools/mutants.py $(ARGS)

dist: $(READY) ## build a release into dist, and try it in environments of its own
	.venv/bin/python tools/release.py

repository: $(READY) ## print the public address, or set it wherever it stands: REPO=owner/name
	.venv/bin/python tools/repository.py "$(REPO)"

lock: $(READY) ## write requirements.txt from pyproject.toml; a newer version: ARGS="--upgrade-package numpy"
	.venv/bin/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --no-annotate \
		--custom-compile-command "make lock" --output-file requirements.txt --quiet $(ARGS)

clean: ## remove the built site
	rm -rf _build

clean-all: clean ## remove the environment and what was fetched too, as after the folder has moved or its Python is gone
	rm -rf .venv web/node_modules build/runtime

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " \
		+ sys.version.split()[0] + "; name another: make PYTHON=python3.12")'
	$(PYTHON) -m venv --clear .venv
	.venv/bin/pip install --quiet --requirement requirements.txt
	.venv/bin/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(NODE_MODULES): web/package-lock.json | $(READY)
	.venv/bin/npm ci --silent --prefix web
	@touch $@

$(RUNTIME): web/runtime.py web/package-lock.json | $(NODE_MODULES)
	.venv/bin/python web/runtime.py

# From nothing each time: Sphinx reports a page's warnings only when it reads that page.
$(SITE): $(READY) $(NODE_MODULES) $(SOURCES) $(wildcard $(RUNTIME)) | $(RUNTIME)
	rm -rf _build
	.venv/bin/jupyter-book build . -W --keep-going -q
	@touch $@

$(PDF): $(SITE)
	.venv/bin/python web/book_pdf.py

$(EPUB): $(SITE)
	.venv/bin/python web/book_epub.py
