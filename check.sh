#!/usr/bin/env bash
# Everything that CI runs; `make check` and `python3 bootstrap.py test` call it.
set -euo pipefail
cd "$(dirname "$0")"
export PATH="$PWD/.venv/bin:$PATH"
step() { printf '\n== %s\n' "$*"; "$@"; }
step ruff check .
step ruff format --check .
step mypy
step lint-imports
step deptry src
step python -m pytest -n auto -q "$@"
