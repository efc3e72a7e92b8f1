"""Stated durations (and days in titles) of real post-mortems against the rows of their own timelines: which contradictions are found, which are false.

The labels (bench/labels/post_mortem_contradictions.json) were made by hand before the rule was first run on these files.
The rules were then improved on the same files, so the final figures are development figures; the first run is kept beside
them. A contradiction counts as found when it is reported for the labelled line, and as false when it is reported for a
line where the labels say that it agrees, that it is not about the rows, that it cannot be decided, or nothing. Lines on
which readers could differ count neither way. The peer reports every duration that is not the time from the first row to
the last, which is what a script of an afternoon does.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from afteraction.fetch.folder import gather
from afteraction.formats.durations import parse_duration
from afteraction.model.reading import Context, Material, Problem, RawInput
from afteraction.sources.notes import Notes
from afteraction.timeline import build

Place = tuple[str, int]
RULES = {"stated-duration", "title-date"}


def reported(raw: RawInput) -> tuple[dict[Place, str], set[Place]]:
    """Return the places of contradictions, and those that the peer reports."""
    source = Notes()
    if not source.claims(raw):
        return {}, set()
    reading = source.read(raw, Context())
    timeline = build(Material(events=reading.events, statements=reading.statements))
    ours = {(o.file, o.line or 0): c.text for c in timeline.contradictions if c.rule in RULES for o in c.origins}
    rows = [event.at for event in reading.events]
    peer = set()
    for number, line in enumerate(raw.read().decode("utf-8", "replace").splitlines(), 1):
        stated = parse_duration(line)
        if stated and len(rows) > 1 and stated.seconds >= 60:
            spanned = (max(rows) - min(rows)).total_seconds()
            if abs(spanned - stated.seconds) > stated.slack:
                peer.add((raw.name, number))
    return ours, peer


def score(labels: dict[Place, set[str]], found: set[Place]) -> dict[str, Any]:
    """Return the figures; a line with several durations contradicts when one of them does."""
    wrong = {place for place, verdicts in labels.items() if "contradicts" in verdicts}
    either = {place for place, verdicts in labels.items() if "arguable" in verdicts} - wrong
    right = wrong & found
    false = found - wrong - either
    return {
        "labelled": len(wrong),
        "reported": len(found),
        "found": len(right),
        "recall": round(len(right) / len(wrong), 4),
        "false": len(false),
        "arguable": len(found & either),
    }


def show(labels: dict[Place, set[str]], ours: dict[Place, str]) -> None:
    """Print each contradiction that is missed, false, found, or of which readers could differ."""
    wrong = {place for place, verdicts in labels.items() if "contradicts" in verdicts}
    for place in sorted(wrong | set(ours)):
        verdict = "found " if place in wrong and place in ours else "missed" if place in wrong else "false "
        if place not in wrong and "arguable" in labels.get(place, set()):
            verdict = "either"
        print(verdict, *place, ours.get(place, ""))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--show", action="store_true", help="print each contradiction that is missed, false or found")
    arguments = parser.parse_args()
    if not (arguments.data / "post-mortems").is_dir():
        parser.error(f"there is no folder {arguments.data / 'post-mortems'}; name the data with --data")
    here = Path(__file__).parent
    label_file = here / "labels" / "post_mortem_contradictions.json"
    labels: dict[Place, set[str]] = {}
    for file in json.loads(label_file.read_text(encoding="utf-8"))["files"]:
        for one in file["stated"]:
            if one["kind"] in {"duration", "total"} or (one["kind"] == "date" and one["line"] == 1):
                labels.setdefault((file["file"], one["line"]), set()).add(one["verdict"])
    ours: dict[Place, str] = {}
    peer: set[Place] = set()
    for raw in gather([arguments.data / "post-mortems"]):
        if not isinstance(raw, Problem):
            mine, others = reported(raw)
            ours |= mine
            peer |= others
    if arguments.show:
        show(labels, ours)
    file = here / "results" / "post_mortem_contradictions.json"
    before = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    result = {
        "data": "post-mortems (development data; labelled by hand before the rule was first run on them)",
        "stated": sum(len(verdicts) for verdicts in labels.values()),
        "afteraction": score(labels, set(ours)),
        "afteraction, first run after the labels": before.get("afteraction, first run after the labels")
        or score(labels, set(ours)),
        "every duration that is not first row to last row": score(labels, peer),
    }
    for name, figures in result.items():
        if isinstance(figures, dict):
            print(f"{name:50} {figures}")
    file.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
