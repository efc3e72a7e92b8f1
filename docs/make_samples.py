"""Writes src/afteraction/cli/samples.json: for each source, how its files begin and what they yield.

Nobody writes samples down: they are cut from the cases under tests/sources, and what a source yields is what it reads
there. `make_reference.py` runs this too. A case without a licence of its own is preferred, then a short one.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from afteraction.formats.json_documents import decode_text
from afteraction.model.reading import Context, RawInput, Reading
from afteraction.sources import SOURCES

ROOT = Path(__file__).resolve().parents[1]
CASES = ROOT / "tests" / "sources"
FILE = ROOT / "src" / "afteraction" / "cli" / "samples.json"
LINES = 6
"""Lines of a sample: enough to know one's own file again."""
WIDTH = 160
"""Characters of a line of a sample."""

_spec = importlib.util.spec_from_file_location("source_cases", CASES / "samples.py")
assert _spec is not None
assert _spec.loader is not None
source_cases = importlib.util.module_from_spec(_spec)
sys.modules["source_cases"] = source_cases
_spec.loader.exec_module(source_cases)

KINDS = ("series", "spans", "logs", "objects", "edges", "statements", "people")


def samples() -> dict[str, dict[str, Any]]:
    """Return each source's sample (the case, the file's name, the first lines) and what its cases yield."""
    found: dict[str, dict[str, Any]] = {}
    for source in SOURCES:
        mine = [case for case in source_cases.cases() if case.source == source.name]
        read = [(case, raw, source.read(raw, Context())) for case in mine for raw in case.raws() if source.claims(raw)]
        if not read:
            continue
        case, raw, _ = min(read, key=lambda one: _rank(*one))
        found[source.name] = {
            "yields": phrases({kind for _, _, reading in read for kind in yields(reading)}),
            "case": case.id,
            "file": raw.name.rsplit("/", 1)[-1],
            "sample": excerpt(raw),
        }
    return found


def yields(reading: Reading) -> Iterator[str]:
    """Yield the kinds of facts in a reading: the nouns, and for events what they mean."""
    yield from (f"events: {event.kind.value.replace('_', ' ')}" for event in reading.events)
    yield from (kind for kind in KINDS if getattr(reading, kind))


def phrases(kinds: set[str]) -> list[str]:
    """Return the kinds of facts as people read them: `events (message, status)`, `people`."""
    events = sorted(kind.removeprefix("events: ") for kind in kinds if kind.startswith("events: "))
    rest = sorted(kind for kind in kinds if not kind.startswith("events: "))
    return [*([f"events ({', '.join(events)})"] if events else []), *rest]


def excerpt(raw: RawInput) -> str:
    """Return the first lines of a file that say something, long ones cut; JSON over many lines is set tightly."""
    text = decode_text(raw.head)
    try:
        tight = json.dumps(json.loads(text), ensure_ascii=False)
        lines = [tight[at : at + WIDTH] for at in range(0, len(tight), WIDTH)]
        most = LINES // 2
    except ValueError:
        lines = [line.rstrip() for line in text.splitlines() if line.strip()]
        most = LINES
    shown = ["".join(c if c.isprintable() else "�" for c in line.expandtabs(4)) for line in lines[:most]]
    cut = [line if len(line) <= WIDTH else f"{line[: WIDTH - 2]} …" for line in shown]
    return "\n".join([*cut, *(["…"] if len(lines) > most else [])])


def _rank(case: Any, raw: RawInput, reading: Reading) -> tuple[bool, bool, int, int, str]:
    """Own words before licensed ones, whole files before damaged ones, then what yields most, then the shortest."""
    licensed = (case.folder / "LICENSE").exists()
    kinds = len(set(yields(reading)))
    return licensed, bool(reading.problems), -kinds, raw.size or len(raw.head), case.id


def written() -> str:
    """Return the text of the file."""
    return json.dumps(samples(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(written(), encoding="utf-8")
