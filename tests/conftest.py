from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

# No test may touch the record of whoever runs it; what they start inherits this.
_HOME = Path(tempfile.mkdtemp(prefix="afteraction-tests-"))
os.environ["AFTERACTION_DATABASE_URL"] = f"sqlite:///{_HOME}/record.db"
os.environ["XDG_DATA_HOME"] = str(_HOME)

# CI decides by the same examples every time; at a developer's desk hypothesis keeps looking for new ones.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("desk", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write what the sources read now over tests/sources/*/*/expected.jsonl",
    )


def pytest_unconfigure() -> None:
    for path in sorted(_HOME.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    _HOME.rmdir()
