# Every target is one call of tools/project.py, which works without make as well.
PYTHON ?= python3
PROJECT = $(PYTHON) tools/project.py

.NOTPARALLEL:
.PHONY: help setup book test serve notebooks bench sweeps repository clean

help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' Makefile

setup: ## make or mend the environment in .venv
	@$(PROJECT) setup

book: ## build the site into _build/html
	@$(PROJECT) book

test: ## run every test
	@$(PROJECT) test

serve: ## build the site and serve it on this machine
	@$(PROJECT) serve

notebooks: ## execute the notebooks again and normalise them
	@$(PROJECT) notebooks

bench: ## measure speed and memory; a part: make bench SIZES="S1 S2"
	@$(PROJECT) bench $(SIZES)

sweeps: ## train all that chapters 8 to 10 report on, in an hour or two; a part: make sweeps NAMES="adding units"
	@$(PROJECT) sweeps $(NAMES)

repository: ## set the public address: make repository REPO=owner/name
	@$(PROJECT) repository "$(REPO)"

clean: ## remove the built site
	@$(PROJECT) clean
