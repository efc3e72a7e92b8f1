from __future__ import annotations

import os

import pytest
from hypothesis import settings

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
