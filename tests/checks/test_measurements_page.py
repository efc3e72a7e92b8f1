"""The page on what the check says holds the table that the bench makes of its last result."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_tables_of_the_page_are_those_of_the_last_result() -> None:
    spec = importlib.util.spec_from_file_location("check_post_mortems", ROOT / "bench" / "check_post_mortems.py")
    assert spec is not None
    assert spec.loader is not None
    bench = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bench)
    result = json.loads(bench.RESULT.read_text(encoding="utf-8"))
    page = bench.PAGE.read_text(encoding="utf-8")
    assert page.endswith(bench.table(result)), "run bench/check_post_mortems.py --page"
    assert f"over {result['files']} real post-mortems" in page
    assert sum(said["unjudged"] for group in result["groups"].values() for said in group["rules"].values()) == 0
