# `make run` serves the site, `make test` runs every test. Both need Python 3.11 or newer and
# nothing else: they keep a virtual environment in .venv, and install again only when the pinned
# packages, or Python itself, have changed.

PYTHON ?= python3
UV ?= uv

found := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2] if sys.version_info >= (3, 11) else "")' 2>/dev/null)
python := .venv/bin/python
installed := .venv/installed-$(found)

.PHONY: run test bench lint lock python

run: $(installed)-run
	@exec $(python) manage.py quickstart

# The tests of a file stay together, and share servers and pages; tests/conftest.py says which files
# come first. What one process has compiled, the others need not.
test: $(installed)-test
	@PYTHONDONTWRITEBYTECODE= exec $(python) -m pytest --numprocesses auto --maxprocesses 4 \
		--dist loadfile --no-loadscope-reorder $(ARGS)

# Nine minutes, and ratios within one run: on a machine that does nothing else.
bench: $(installed)-bench
	@exec $(python) -m tests.bench $(ARGS)

# mypy and manage.py load the settings, which want a data folder: one for them alone.
lint: export CERBYKEYS_DATA_DIR := $(CURDIR)/.venv/lint
lint: $(installed)-dev
	$(python) -c 'from cerbykeys.data_folder import create; create()'
	$(python) -m ruff check .
	$(python) -m ruff format --check .
	$(python) -m mypy
	$(python) -m djlint --quiet --check --lint templates
	.venv/bin/lint-imports
	$(pip) check
	$(python) manage.py makemigrations --check --dry-run
	CERBYKEYS_ALLOWED_HOSTS=keys.example $(python) manage.py check --deploy --fail-level WARNING
	@$(if $(DATABASE_URL),DJANGO_SETTINGS_MODULE=tests.lint_settings $(python) manage.py lintmigrations --project-root-path .,\
		echo "make lint: migrations are linted where DATABASE_URL names a PostgreSQL: skipped")
	.venv/bin/hadolint Dockerfile
	.venv/bin/check-jsonschema --quiet --builtin-schema vendor.compose-spec compose.yaml
	@$(if $(shell command -v caddy),caddy fmt deploy/Caddyfile | diff - deploy/Caddyfile && \
		caddy validate --config deploy/Caddyfile --adapter caddyfile,\
		echo "make lint: there is no caddy here: deploy/Caddyfile is not looked at")

lock:
	$(compile) --extra postgres --extra redis --output-file requirements.txt
	$(compile) --extra postgres --extra redis --extra test --output-file requirements-test.txt
	$(compile) --extra postgres --extra redis --extra test --extra lint --constraint requirements-test.txt \
		--output-file requirements-dev.txt
	$(compile) --extra postgres --extra redis --extra test --extra bench --constraint requirements-test.txt \
		--output-file requirements-bench.txt

compile = $(UV) pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header

# Each of the three holds the ones before it, and whatever they need: pip is to resolve nothing. Where
# it does, it looks at newer releases of what a package asks for with an extra, and refuses them for
# want of a hash. Modules are compiled here, once, on all cores: where PYTHONDONTWRITEBYTECODE is set,
# every process would otherwise compile them anew.
$(installed)-run: requirements.txt | python
	@$(call install,requirements.txt)
	@$(compiled)
	@touch $@

$(installed)-test: requirements-test.txt requirements.txt | python
	@$(call install,requirements-test.txt)
	@$(compiled)
	@touch $(installed)-run $@

$(installed)-dev: requirements-dev.txt requirements-test.txt requirements.txt | python
	@$(call install,requirements-dev.txt)
	@$(compiled)
	@touch $(installed)-run $(installed)-test $@

$(installed)-bench: requirements-bench.txt requirements-test.txt requirements.txt | python
	@$(call install,requirements-bench.txt)
	@$(compiled)
	@touch $(installed)-run $(installed)-test $@

# pip keeps one core busy: two of them take every other package each. A name begins a line, and its
# hashes follow in lines that begin with a blank.
install = $(PYTHON) -m venv --without-pip .venv && echo "Installing the packages (once) ..." && \
	{ $(theirs) --version >/dev/null 2>&1 || $(python) -m ensurepip >/dev/null; } && \
	awk '/^[^ ]/ { n++ } { print > (".venv/half-" n % 2) }' $(1) && \
	printf '%s\n' .venv/half-0 .venv/half-1 | xargs -n 1 -P 2 $(pip) install --quiet \
		--disable-pip-version-check --no-deps --no-compile --require-hashes --requirement
# What no command and no test imports.
unused = /(pip|setuptools|pkg_resources|pygments/lexers|faker/providers/[a-z_]+/[a-z]|contrib/gis|tests)/
compiled = $(python) -m compileall -q -j 0 -x '$(unused)' .venv/lib >/dev/null || true
# Python's own pip, where it has one: to put another one into the environment takes three seconds.
theirs = $(PYTHON) -m pip --python $(python)
pip = $$($(theirs) --version >/dev/null 2>&1 && echo "$(theirs)" || echo "$(python) -m pip")

python:
	@test -n "$(found)" || { \
		echo "cerbykeys: $(PYTHON) is not Python 3.11 or newer: install one, or name it: make run PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "cerbykeys: $(PYTHON) cannot make virtual environments: install its venv package (Debian: apt-get install python3-venv)" >&2; exit 1; }
