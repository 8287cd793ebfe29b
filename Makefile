# `make run` on a fresh machine with Python 3.11 and nothing else. `make help` lists the rest.
SHELL := /bin/sh
.DEFAULT_GOAL := help

# Where bytecode may not be kept, every process of the tests compiles every module anew.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PORT ?= 8000
# Processes of the test run; the launcher tests start servers of their own, two are enough.
JOBS ?= 2
TESTS ?=
# A domain: its own tests, and the walks over its pages. A number: the files, and the tests of each
# file, in the random order of that seed.
FOR ?=
SEED ?=
ORDER := $(if $(SEED),--random-order-bucket=module --random-order-seed=$(SEED))

PG15 := /usr/lib/postgresql/15/bin/postgres

.PHONY: help setup run test test-main test-for test-pg15 check bench browser office broker clean

help:
	@echo "make run    启动（首次会安装依赖、建库、装入演示数据）：http://127.0.0.1:$(PORT)"
	@echo "make test   全部测试，含浏览器测试；FOR=energy 只测一个业务，SEED=1 按随机次序"
	@echo "make check  代码检查：ruff、djlint、mypy、导入约定、凭证模板、迁移、法规数据"
	@echo "make bench  性能测量"
	@echo "make setup  只安装依赖（.venv）"
	@echo "make clean  删除 .venv 和缓存（不动 var/ 中的数据）"

setup: $(READY)

# The second run costs one look at the time stamps.
$(READY): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
		echo "没有找到 $(PYTHON)。请安装 Python 3.11 或更新的版本，或用 make PYTHON=/路径/python 指定。" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "$(PYTHON) 的版本太旧，需要 Python 3.11 或更新的版本。" >&2; exit 1; }
	@echo "正在安装依赖到 $(VENV) ……"
	@test -x $(BIN)/pip || { rm -rf $(VENV); $(PYTHON) -m venv $(VENV); } || { \
		echo "不能建立 $(VENV)。Debian 上请先安装 python3-venv。" >&2; rm -rf $(VENV); exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@touch $@

run: setup
	@exec $(BIN)/guanjia up --demo --port $(PORT)

browser:
	@tools/browser.sh

office:
	@tools/office.sh

broker:
	@tools/broker.sh

# The whole suite on the embedded server; then, where PostgreSQL 15 lies, what leans on the
# database by its own marker (pg15).
test: setup $(if $(FOR),test-for,browser office broker test-main test-pg15)

# In the order of the files: by the number of their tests, the longest (a demo, a journey) would come
# last, and one process would wait for the other.
test-main: setup
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(ORDER) $(TESTS)

test-for: setup
	@test -d guanjia/domains/$(FOR) || { echo "没有 guanjia/domains/$(FOR)。" >&2; exit 1; }
	$(BIN)/python -m pytest -q -n $(JOBS) --dist load --for $(FOR) $(ORDER) \
		-m "not browser and not launcher and not slow" guanjia/domains/$(FOR) tests/house

test-pg15: setup
	@if [ -x $(PG15) ]; then \
		echo "PostgreSQL 15："; \
		GUANJIA_TEST_PG=15 $(BIN)/python -m pytest -q -n $(JOBS) --dist loadfile \
			-m "pg15 and not browser and not launcher and not slow" \
			$(if $(TESTS),$(TESTS),$$(grep -rlw pg15 --include='test_*.py' guanjia tests)); \
	else \
		echo "没有安装 PostgreSQL 15，略过在该版本上的测试。"; \
	fi

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint --lint --quiet guanjia
	$(BIN)/python tools/check_templates.py
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports
	$(BIN)/python tools/make_templates.py --check
	@home=$$(mktemp -d) && trap 'rm -rf "$$home"' EXIT && \
		GUANJIA_HOME="$$home" $(BIN)/guanjia manage makemigrations --check --dry-run
	$(BIN)/guanjia check-law

# What the suite does in a short form is done at length here: many lives of approvals, every moment
# of the demo.
bench: setup
	$(BIN)/python -m tools.bench
	GUANJIA_APPROVALS_ROUTES=500 $(BIN)/python -m pytest -q -n $(JOBS) --dist loadfile \
		guanjia/kernel/approvals/tests/test_properties.py guanjia/kernel/approvals/tests/test_properties_kept.py
	GUANJIA_DEMO_MOMENTS=all $(BIN)/python -m pytest -q -n 0 tests/demo/test_hours.py
	GUANJIA_METERS_LIVES=1500 $(BIN)/python -m pytest -q -n 0 guanjia/domains/energy/tests/test_metering.py

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info build
