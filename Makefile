.PHONY: setup check test lint format
setup: ; python3 bootstrap.py
check: ; ./check.sh
test: ; .venv/bin/python -m pytest -n auto -q
lint: ; .venv/bin/ruff check . && .venv/bin/mypy && .venv/bin/lint-imports
format: ; .venv/bin/ruff format . && .venv/bin/ruff check --fix .
