"""Timeline rows of real post-mortems: recall and precision per organisation, to the minute.

The rows were labelled by hand (bench/labels/post_mortem_rows.json) before the parser was written; the parser was then
developed on the same files, so these are development figures. A row counts as found when the source reads an event on
the same line with the same UTC minute (a row that gives only a day: the same day with the precision `day`). The peer is
a plain search for `HH:MM` at the beginning of bullets, paragraphs, headings and table cells with the date of the file's
name and UTC, which is what a script of an afternoon does.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

from afteraction.fetch.folder import gather
from afteraction.formats.session_clock import day_in_name
from afteraction.model.origin import Precision
from afteraction.model.reading import Context, Problem, RawInput
from afteraction.sources.notes import Notes

Row = tuple[int, str]


def labels(path: Path, key: str) -> dict[str, set[Row]]:
    found: dict[str, set[Row]] = {}
    for file in json.loads(path.read_text(encoding="utf-8"))["files"]:
        rows = {(row["line"], row.get(key) or row.get("utc") or row["day"]) for row in file["rows"]}
        found[file["file"]] = rows
    return found


def read_rows(raw: RawInput) -> set[Row]:
    source = Notes()
    if not source.claims(raw):
        return set()
    rows = set()
    for event in source.read(raw, Context()).events:
        day = event.precision is Precision.DAY
        rows.add((event.origin.line or 0, event.at.strftime("%Y-%m-%d" if day else "%Y-%m-%dT%H:%MZ")))
    return rows


def peer_rows(raw: RawInput) -> set[Row]:
    day = day_in_name(raw.name)
    rows = set()
    for number, line in enumerate(raw.read().decode("utf-8", "replace").splitlines(), 1):
        found = re.match(r"^[\s#*|>\[_-]*(?:\d{4}-\d\d-\d\d\s)?(\d{1,2}):(\d\d)\b", line)
        if found and day:
            rows.add((number, f"{day.isoformat()}T{int(found[1]):02d}:{found[2]}Z"))
    return rows


def score(truth: dict[str, set[Row]], read: dict[str, set[Row]]) -> dict[str, dict[str, Any]]:
    totals: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for file, rows in truth.items():
        got = read.get(file, set())
        for name in (file.partition("/")[0], "all"):
            totals[name][0] += len(rows)
            totals[name][1] += len(got)
            totals[name][2] += len(rows & got)
    return {
        name: {
            "labelled": labelled,
            "read": got,
            "right": right,
            "recall": round(right / labelled, 4) if labelled else None,
            "precision": round(right / got, 4) if got else None,
        }
        for name, (labelled, got, right) in totals.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--show", action="store_true", help="print each row that is missed or wrong")
    arguments = parser.parse_args()
    if not (arguments.data / "post-mortems").is_dir():
        parser.error(f"there is no folder {arguments.data / 'post-mortems'}; name the data with --data")
    here = Path(__file__).parent
    label_file = here / "labels" / "post_mortem_rows.json"
    folder = arguments.data / "post-mortems"
    raws = [raw for raw in gather([folder]) if not isinstance(raw, Problem)]
    ours = {raw.name: read_rows(raw) for raw in raws}
    peer = {raw.name: peer_rows(raw) for raw in raws}
    truth, literal = labels(label_file, "utc"), labels(label_file, "literal_utc")
    result = {
        "data": "post-mortems (development data; labelled by hand before the parser was written)",
        "afteraction": score(truth, ours),
        "afteraction, standard-time abbreviations taken literally": score(literal, ours),
        "plain search for HH:MM": score(truth, peer),
    }
    if arguments.show:
        for file, rows in truth.items():
            for row in sorted(rows ^ ours.get(file, set())):
                print("missed" if row in rows else "wrong ", file, *row)
    for name, scores in result.items():
        if isinstance(scores, dict):
            for organisation, figures in scores.items():
                print(
                    f"{name:60} {organisation:16} recall {figures['recall']} precision {figures['precision']} n {figures['labelled']}"
                )
    (here / "results").mkdir(exist_ok=True)
    (here / "results" / "post_mortem_rows.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
