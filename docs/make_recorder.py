"""Write the page on what the flight recorder costs and survives, from the figures in `bench/results/`.

python docs/make_recorder.py
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent
RESULTS = DOCS.parent / "bench" / "results"

_PAGE = """# What the flight recorder costs

Written by `{command}` on {date}, two cores shared with other work. 500 calls with a small result and 100 with 256 KiB, in turns
with the same calls made directly and through fastmcp's proxy, against a server and a client of the standard library, so that
little but the path between them is measured. *Added* is what stands between the medians of the path and of the direct one.
Start is the time to the first answer. Memory is the peak of what is resident, the small shell by which the recorder sees to it that
nothing outlives it included. The aim was at most 0.5 ms added for small calls, and at most 15 MiB.

| way | path | small: median ms | p99 ms | added ms | 256 KiB: median ms | p99 ms | added ms | start ms | MiB |
| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
{rows}

## A long day

Written by `{soak_command}` on {soak_date}: the disk of the spool fills and empties again while the calls pass, and the reader of the spool
is killed now and then. What was not kept was lost to the full disk; every answer has to reach the client, and every kept one has to
be readable.

| way | calls | answered | answers kept | kept but not readable |
| --- | ---: | ---: | ---: | ---: |
{soak}
"""


def _result(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def recorder() -> str:
    """Return the page."""
    cost, soak = _result("recorder_cost"), _result("recorder_soak")
    rows = [
        (way, path, *_figures(one["small"]), *_figures(one["256 KiB"]), one["start ms"], one["MiB"])
        for way in ("stdio", "http")
        for path, one in cost[way].items()
        if isinstance(one, dict)
    ]
    days = [
        (
            way,
            *(
                f"{soak[way][name]:,}"
                for name in ("calls", "answered", "answers recorded", "recorded but not readable")
            ),
        )
        for way in ("stdio", "http")
    ]
    return _PAGE.format(
        command=cost["command"], date=cost["date"], rows=_lines(rows),
        soak_command=soak["command"], soak_date=soak["date"], soak=_lines(days),
    )  # fmt: skip


def _figures(one: dict[str, Any]) -> tuple[object, ...]:
    return one["median ms"], one["p99 ms"], one.get("added at the median ms", "")


def _lines(rows: list[tuple[object, ...]]) -> str:
    return "\n".join("| " + " | ".join(str(cell) for cell in row) + " |" for row in rows)


PAGES = {"measurements/recorder.md": recorder}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")
