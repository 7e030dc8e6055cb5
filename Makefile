# Each target is one line; what it needs (virtual environments) is made on the way.
PYTHON ?= python3
SAM_PYTHON ?= $(shell tools/lambda-python)
STAGE ?= dev
AREA ?= all
BIN := .venv/bin
# What the bundle lane builds must run here; what is deployed is built for the parameter Arch.
HOST_ARCH := $(if $(filter aarch64 arm64,$(shell uname -m)),arm64,x86_64)
SAM := SAM_CLI_TELEMETRY=0 PATH="$(CURDIR)/.venv-sam/bin:$$PATH" .venv-sam/bin/sam
# The dashboard is built by the machine's Node where it fits, else by one from the package index.
NODE_READY := $(if $(shell tools/has-node),,.venv-node/.ready)
NPM := PATH="$(CURDIR)/.venv-node/bin:$$PATH" npm --prefix web
WEB_SOURCES := $(shell find web -type d \( -name node_modules -o -name dist -o -name dist-mock -o -name screenshots \) -prune \
	-o -type f ! -name schema.d.ts ! -name '*.test.ts*' -print)
DATA_ACCESS := $(addprefix tests/integration/,api authorizer openai pipeline ports security)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo dev down test check pages mock-pages picture web-check openapi format template secrets build image bundle deploy preflight bench bench-pages tables faults lock clean
help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | column -t -s "$$(printf '\t')"

# What is made once, and again when its list changes.
.venv/.ready: requirements-dev.txt layers/shared/pyproject.toml
	test -x .venv/bin/python || $(PYTHON) -m venv .venv
	.venv/bin/pip install -q -r requirements-dev.txt
	.venv/bin/pip install -q --no-deps -e layers/shared
	touch $@
.venv-engine/.ready: local/engine-requirements.txt
	test -x .venv-engine/bin/python || $(PYTHON) -m venv .venv-engine
	.venv-engine/bin/pip install -q -r $<
	touch $@
# Older majors of OpenAI's client, each alone in a folder, for the tests that run it unmodified.
.venv-openai/.ready: tests/openai_majors/1.txt tests/openai_majors/2.txt .venv/.ready
	rm -rf .venv-openai/1 .venv-openai/2
	for major in 1 2; do .venv/bin/pip install -q --no-deps --target ".venv-openai/$$major" \
		-r "tests/openai_majors/$$major.txt" || exit 1; done
	touch $@
.venv-sam/.ready: tools/sam-requirements.txt
	test -x .venv-sam/bin/python || $(SAM_PYTHON) -m venv .venv-sam
	.venv-sam/bin/pip install -q -r $<
	touch $@
.venv-lambda/.ready: tools/runtime-requirements.txt
	test -x .venv-lambda/bin/python || $(SAM_PYTHON) -m venv .venv-lambda
	.venv-lambda/bin/pip install -q -r $<
	touch $@

.venv-node/.ready: tools/node-requirements.txt
	test -x .venv-node/bin/python || $(PYTHON) -m venv .venv-node
	.venv-node/bin/pip install -q -r $<
	cd .venv-node && for tool in node npm-cli.js; do \
		ln -sf "$$(find "$$PWD/lib" -path "*/bin/$$tool" -type f | head -n 1)" "bin/$${tool%-cli.js}"; done
	chmod +x .venv-node/bin/npm
	touch $@
web/node_modules/.ready: web/package-lock.json $(NODE_READY)
	$(NPM) ci --no-audit --no-fund --loglevel=error
	touch $@
web/dist/index.html: web/node_modules/.ready docs/openapi.json $(WEB_SOURCES)
	$(NPM) run --silent build
	touch $@

web/dist-mock/index.html: web/node_modules/.ready docs/openapi.json $(WEB_SOURCES)
	$(NPM) run --silent build:mock
	touch $@

demo: .venv/.ready .venv-engine/.ready web/dist/index.html ## one job on this machine, from a file to a verified adapter; MODEL=smollm2 trains a real language model
	$(BIN)/python -m local.demo $(MODEL)

dev: .venv/.ready .venv-engine/.ready web/dist/index.html ## start the local stack and leave it running; MODEL=smollm2 offers that model too
	$(BIN)/python -m local up $(MODEL)

down: .venv/.ready ## stop the local stack; its data stays
	$(BIN)/python -m local down

test: .venv/.ready .venv-engine/.ready web/dist/index.html web/dist-mock/index.html .venv-openai/.ready ## unit, integration, stack, faults, and one run of everything
	$(BIN)/pytest -m "not bench and not bundle" -n logical --dist loadfile --ignore tests/stack --ignore tests/e2e; \
		status=$$?; $(BIN)/pytest -m "not bench" -n 2 --dist loadfile tests/stack tests/e2e && exit $$status

check: .venv/.ready template secrets web-check ## style, types, import rules, template, secrets, API document
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports
	$(BIN)/python -m functions.api.openapi --check

pages: web/dist/index.html ## the dashboard, built into web/dist
mock-pages: web/dist-mock/index.html ## the dashboard on mocked answers, of which the tests take pictures into web/screenshots
web-check: web/node_modules/.ready ## the dashboard's types, style, unused code, component tests and size
	$(NPM) run --silent check

picture: .venv/.ready .venv-engine/.ready web/dist/index.html ## README's picture of a job, out of a real one
	$(BIN)/pytest tests/e2e/test_the_pages.py -k curve
	cp web/screenshots/job.webp docs/images/job.webp

openapi: .venv/.ready ## docs/openapi.json and that of /v1, out of the routes and their models
	$(BIN)/python -m functions.api.openapi

format: .venv/.ready ## format the code
	$(BIN)/ruff check --fix-only -q . ; $(BIN)/ruff format -q .

template: .venv-sam/.ready ## validate the SAM template
	$(SAM) validate --lint

secrets: .venv/.ready ## scan the repository for secrets
	$(BIN)/python -m tools.scan_secrets

build: .venv-sam/.ready ## what would be deployed, in .aws-sam/build, with the parameters of STAGE
	$(SAM) build --parallel --cached --config-env $(STAGE)
	tools/finish-build .venv-sam/bin/python .aws-sam/build

image: ## the GPU worker, by docker, podman or buildah; BUILD_ARGS go to its build
	tools/build-image $(BUILD_ARGS)

bundle: .venv-sam/.ready .venv-lambda/.ready .venv/.ready ## build what would ship and test it under the real Lambda runtime
	$(SAM) build --parallel --cached --build-dir build/bundle --parameter-overrides Arch=$(HOST_ARCH)
	tools/finish-build .venv-sam/bin/python build/bundle
	$(BIN)/pytest -m bundle tests/bundle

build/bundle/template.yaml: .venv-sam/.ready .venv-lambda/.ready $(shell git ls-files functions layers template.yaml)
	$(SAM) build --parallel --cached --build-dir build/bundle --parameter-overrides Arch=$(HOST_ARCH)
	tools/finish-build .venv-sam/bin/python build/bundle

invoke: build/bundle/template.yaml .venv/.ready ## STEP=process_jobs EVENT=schedule: that function, as built, under Lambda's runtime, against `make dev`; IN=container: by sam local invoke
	$(BIN)/python -m local.invoke $(STEP) $(EVENT) $(if $(filter container,$(IN)),--container)

deploy: build .venv/.ready web/dist/index.html ## STAGE=dev|prod, into the AWS account of your credentials
	$(SAM) deploy --config-env $(STAGE)
	AWS_DEFAULT_REGION=us-east-1 $(BIN)/python -m tools.upload_pages brightrun-$(STAGE)

preflight: .venv/.ready ## STAGE=dev|prod: what the stage lacks to train a model, with the command that mends each
	$(BIN)/brightrun doctor --stage $(STAGE)

tables: .venv/.ready .venv-engine/.ready ## the data-access tests on a second table engine; TABLES=address for one of your own
	$(BIN)/pytest -q --tables $(or $(TABLES),embedded) $(DATA_ACCESS)

bench: .venv/.ready .venv-engine/.ready ## measurements, printed
	$(BIN)/pytest -m bench -s tests/bench

bench-pages: .venv/.ready web/dist/index.html web/dist-mock/index.html ## the dashboard on a slow machine: largest paint, layout shift, a long curve, the script of a first visit
	$(BIN)/pytest -m bench -s -q tests/bench/test_pages.py

faults: .venv/.ready ## AREA=trainer|jobs|…: put each known fault of that area into a copy of the code and see its tests notice
	$(BIN)/python -m tests.mutation.run $(AREA)

lock: ## resolve every dependency anew
	PYTHON=$(PYTHON) tools/lock

clean: ## what was built; environments and the local stack's state stay
	rm -rf .aws-sam build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
