"""What `afteraction import` makes of the 80 real post-mortems: lines lost, fields filled, share kept as text, speed.

A line counts as lost when its words stand nowhere in the document (`tests/rescue/lost.py`, written apart from the product's
own way of cutting pages). "Has" counts the pages whose own headings, read by hand-made patterns below, say that there is
such a part; "filled" how many of these have our field. The outline table was made while reading these pages: development
figures. The peer is `afteraction draft` of the same page, which keeps what it can cite and leaves the rest.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from afteraction.assembly import new_masker
from afteraction.fetch.folder import gather
from afteraction.formats.json_documents import decode_text
from afteraction.markdown import render
from afteraction.model.postmortem.document import PostMortem
from afteraction.model.reading import Context, Problem, RawInput
from afteraction.model.settings import Settings
from afteraction.rescue import KEPT, rescue_page
from afteraction.sources.notes import Notes
from afteraction.usecases.draft import draft_incident
from afteraction.usecases.read import read

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "rescue"))
from lost import lost_lines  # type: ignore[import-not-found]  # beside the tests

PARTS: dict[str, tuple[str, Callable[[PostMortem], Any]]] = {
    "title": (r"(?m)^(?:# |title:)", lambda pm: pm.summary.title),
    "summary": (r"(?mi)^#+ (?:issue |incident |executive )?summary", lambda pm: pm.executive_summary.what_happened),
    "root cause": (r"(?mi)^#+ root cause|^- \*\*identified", lambda pm: pm.root_cause.primary),
    "contributing factors": (r"(?mi)^#+ contributing factors", lambda pm: pm.root_cause.factors[0].description),
    "resolution": (r"(?mi)^#+ resolution|^- \*\*resolution", lambda pm: pm.executive_summary.resolution),
    "impact": (r"(?mi)^#+ impact|^- \*\*impact", lambda pm: pm.impact.business.customer_impact),
    "went well": (r"(?mi)^#+ what went well", lambda pm: pm.lessons.went_well.more),
    "went wrong": (r"(?mi)^#+ what (?:went (?:wrong|poorly)|could have gone)", lambda pm: pm.lessons.went_wrong.more),
    "lucky": (r"(?mi)^#+ where we got lucky", lambda pm: pm.lessons.lucky),
    "lessons": (r"(?mi)^#+ lessons learn(?:ed|t)[^#]{0,9}\n+(?=[-*\w])", lambda pm: pm.lessons.learned.more),
    "action items": (r"(?mi)^#+ (?:action items|follow-ups)\s*\n+[^#\n]", lambda pm: any(not a.blank for _, items in pm.actions.horizons() for a in items)),
}  # fmt: skip
TEMPLATES = re.compile(r"template|README|index\.md", re.IGNORECASE)


def drafted(raw: RawInput) -> str:
    masker, settings = new_masker(), Settings()
    quiet: Callable[[str], None] = lambda _: None  # noqa: E731  a progress that shows nothing
    material = read([raw], sources=(Notes(),), context=Context(), masker=masker, progress=quiet)
    return draft_incident(material, settings=settings, masker=masker, progress=quiet).document


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    arguments = parser.parse_args()
    if not (arguments.data / "post-mortems").is_dir():
        parser.error(f"there is no folder {arguments.data / 'post-mortems'}; name the data with --data")
    totals: Counter[str] = Counter()
    parts: dict[str, list[int]] = {name: [0, 0] for name in PARTS}
    seconds = 0.0
    for raw in gather([arguments.data / "post-mortems"]):
        if isinstance(raw, Problem) or raw.name.rsplit("/", 1)[-1] == "LICENSE":
            continue
        text = decode_text(raw.read())
        begun = time.perf_counter()
        found = rescue_page(text, raw.name)
        document = render(found.post_mortem)
        seconds += time.perf_counter() - begun
        totals["pages"] += 1
        totals["bytes"] += len(text.encode())
        totals["lines"] += sum(bool(line.strip()) for line in text.splitlines())
        totals["lines lost"] += len(lost_lines(text, document))
        totals["lines that a draft leaves out"] += len(lost_lines(text, drafted(raw)))
        totals["rows"] += found.rows
        totals["characters in fields"] += sum(p.characters for p in found.placements if p.field != KEPT)
        totals["characters kept as text"] += sum(p.characters for p in found.placements if p.field == KEPT)
        for name, (form, field) in PARTS.items():
            if re.search(form, text) and not TEMPLATES.search(raw.name):
                parts[name][0] += 1
                parts[name][1] += bool(field(found.post_mortem))
    result = {
        "data": "post-mortems (development data)",
        **totals,
        "seconds": round(seconds, 2),
        "parts": {name: {"has": has, "filled": filled} for name, (has, filled) in parts.items()},
    }
    print(json.dumps(result, indent=1))
    file = Path(__file__).parent / "results" / "post_mortem_rescue.json"
    file.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
