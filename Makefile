# What a person types in this checkout, over pip and venv. `make` alone prints the help.
#
# A target that needs the tool makes .venv first, pinned by constraints.txt, and brings it up to date when
# pyproject.toml or constraints.txt change. GNU make turns every failure into its own 2: a script that wants
# the tool's exit code calls .venv/bin/pipeline itself.

PYTHON ?= python3
# One more than the two processors of CI: for a third of their time tests wait for a server.
WORKERS ?= 3
TIMES ?= 5
ARGS ?=

comma := ,
VENV := .venv
python := $(VENV)/bin/python
pipeline := $(python) -m pipeline
runtime := $(VENV)/.installed-runtime
development := $(VENV)/.installed-development

# sh has a variable of this name for its start-up file; a path is never the name of an environment.
ifneq ($(findstring /,$(ENV)),)
override ENV :=
endif
environment = $(or $(ENV),prod)

# $(call fill,EXTRAS,WORDS): pip reads the constraints from the environment in the isolated build too,
# which newer ones know by the second name. The venv needs no pip of its own.
define fill
	@echo 'Installing pipeline$(2) into $(VENV): once, about half a minute.' >&2
	@PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt PIP_ROOT_USER_ACTION=ignore \
		$(PYTHON) -m pip --python $(python) --disable-pip-version-check --quiet install --editable '.[$(1)]'
endef

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

##@ The example shop, and any project that takes its place

.PHONY: promote named demo status plan drift lint backup
promote: named $(runtime) ## Promote ENV with proof: make promote ENV=prod
	@$(pipeline) promote '$(ENV)' $(ARGS)

named:
	@test -n '$(ENV)' || { echo 'Promote which environment? For instance: make promote ENV=prod' >&2; exit 64; }

demo: $(runtime) ## Bring the example's prod to an older version, with a few thousand rows
	@$(python) examples/demo.py $(ARGS)

status: $(runtime) ## Show what is applied and what is pending, everywhere or in ENV
	@$(pipeline) status $(ENV) $(ARGS)

plan: $(runtime) ## Show what a promotion of ENV (prod) would do; changes nothing
	@$(pipeline) plan '$(environment)' $(ARGS)

drift: $(runtime) ## Compare ENV (prod) with what its migrations made of it
	@$(pipeline) drift '$(environment)' $(ARGS)

lint: $(runtime) ## Look for hazards in the pending migrations of ENV (prod)
	@$(pipeline) lint '$(environment)' $(ARGS)

backup: $(runtime) ## Back up ENV (prod)
	@$(pipeline) backup '$(environment)' $(ARGS)

##@ The house

.PHONY: install develop
install: $(runtime) ## Make .venv with the tool in it, and nothing else

develop: $(development) ## The same with the developer tools

.PHONY: check check-format check-code check-types check-imports check-dependencies check-unused check-shell check-workflows
check: check-format check-code check-types check-imports check-dependencies check-unused check-shell check-workflows ## Run every static check

check-format: $(development)
	@$(VENV)/bin/ruff format --check .

check-code: $(development)
	@$(VENV)/bin/ruff check .

check-types: $(development)
	@$(VENV)/bin/basedpyright

check-imports: $(development)
	@$(VENV)/bin/lint-imports

check-dependencies: $(development)
	@$(VENV)/bin/deptry .

check-unused: $(development)
	@$(VENV)/bin/vulture

check-shell: $(development)
	@git ls-files -z --cached --others --exclude-standard '*.sh' .ci/run ':!tests/conformance/cases' | xargs -0 $(VENV)/bin/shellcheck

check-workflows: $(development)
	@PATH='$(VENV)/bin':"$$PATH" $(VENV)/bin/actionlint
	@$(VENV)/bin/zizmor --offline --no-progress .github

.PHONY: test conformance torture cov bench fmt clean
test: $(development) ## Run the tests; REQUIRE_ALL=1 turns a missing part (Docker, PostgreSQL 15, PgBouncer) into a failure
	@$(python) -m pytest --numprocesses $(WORKERS) \
		$(if $(filter 1,$(REQUIRE_ALL)),--require-all) $(ARGS)

torture: $(development) ## Kill, cut off and race runs at TIMES (5) times the usual depth, and say what held
	@PIPELINE_TORTURE='$(TIMES)' $(python) -m pytest --numprocesses $(WORKERS) --dist worksteal \
		-m acceptance $(ARGS)

conformance: $(development) ## Run every case against the real tools, in turns with us (tests/conformance)
	@PIPELINE_CONFORMANCE=1 $(python) -m pytest --numprocesses $(WORKERS) \
		$(if $(filter 1,$(REQUIRE_ALL)),--require-all) tests/conformance $(ARGS)

cov: ## The tests again, a quarter slower: which lines they pass, in short and in htmlcov/
	@$(MAKE) test ARGS='--cov --cov-report term:skip-covered --cov-report html $(ARGS)'

bench: $(development) ## Measure the workloads of bench/, each contender in turn
	@$(python) -m bench.run $(ARGS)

fmt: $(development) ## Format the code and mend what ruff can mend
	@$(VENV)/bin/ruff check --fix-only --quiet .
	@$(VENV)/bin/ruff format .

clean: ## Remove .venv, the example's databases and all that was made, but no backup and no evidence
	@for mark in .pipeline/*/pipeline-cluster; do \
		test ! -e "$$mark" || test ! -x $(python) || $(pipeline) reset "$$(basename "$$(dirname "$$mark")")" --yes || exit 1; \
	done
	@rm -rf $(VENV) .pipeline build dist dbpipeline.egg-info .coverage .coverage.* htmlcov bench/results \
		.pytest_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help
help: ## Print this
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

$(python):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'Python 3.11 or newer is needed. Name one: make PYTHON=python3.11 …' >&2; exit 1; }
	@$(PYTHON) -m venv --without-pip $(VENV)

$(runtime): $(python) pyproject.toml constraints.txt
	$(call fill,embedded,)
	@touch $@

$(development): $(python) pyproject.toml constraints.txt
	$(call fill,embedded$(comma)test$(comma)lint, and the developer tools)
	@touch $(runtime) $@
