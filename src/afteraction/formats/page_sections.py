"""What a post-mortem's sections say, field by field: lessons, factors, impact, roles, authors, tables of actions.

The lines of a page come in; out go the fields that its headings and labels mean, each with the words below it and the
lines where these stand. Headings are understood by `formats/outline.py`; what they do not mean is left to people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from afteraction.formats.lesson_words import lesson_field
from afteraction.formats.markdown_lines import Line, plain
from afteraction.formats.outline import field_for
from afteraction.formats.phrases import phrases_in

_LESSONS = ("lessons.went_well", "lessons.went_wrong", "lessons.learned")
_FACTORS = "root_cause.factors"
_IMPACT = "impact.business.customer_impact"
_TOLD_OF_IMPACT = (
    "executive_summary.impact.",
    "impact.business.",
    "impact.technical.",
    "metrics.quality.",
)
_WHOLE = (
    "impact.technical.data_loss",
    "impact.technical.security_impact",
    "impact.technical.performance_degradation",
    "impact.business.revenue_loss",
    "impact.business.reputation_impact",
    "impact.business.operational_impact",
    "impact.team.external_dependencies",
    "impact.team.escalation_required",
    "executive_summary.impact.business_impact",
    "metrics.quality.customer_complaints",
)
"""Fields that a section of their name fills with its first paragraph."""
_LABELLED = (
    *_WHOLE,
    "footer.completed_by",
    "footer.date",
    "appendix.team.incident_commander",
    "appendix.team.technical_lead",
    "appendix.team.communications_lead",
    "appendix.team.scribe",
    "appendix.team.facilitator",
)
_EMPTY = re.compile(
    r"^\W*(?:\[[^\]]*\]|<[^>]*>|\{\{.*\}\}|todo|tbd|tba|n/?a|none|unknown|not much|nothing(?: much)?|\.\.\.|…)?\W*$",
    re.IGNORECASE,
)
_LABEL = re.compile(r"^(?P<label>[A-Z][\w /()'-]{2,40}?)\s*:\s+(?P<value>\S.*)$")
_PARTED = re.compile(r"\s+[·|•]\s+")
_COLUMNS = (
    ("text", r"\b(?:action|item|task|what|description|title|todo|improvement|measure|work)\b"),
    ("owner", r"\b(?:owner|assignee|assigned|who|responsible|dri|lead)\b"),
    ("due", r"\b(?:due|deadline|eta|target|by when|until|date)\b"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The value of a field, with the first and the last line that it was read from."""

    field: str
    value: str
    line: Line
    last: Line


def sections_told(lines: Sequence[Line]) -> Iterator[Told]:
    """Yield what the sections and labels of a page say."""
    meant = ""
    for index, line in enumerate(lines):
        if line.heading:
            meant = field_for(plain(line.body).strip(" :*#"))
            continue
        if line.timeline or line.front or not line.body.strip() or line.text.lstrip().startswith("|"):
            continue
        text = plain(line.body)
        yield from _labels(text, line)
        if _EMPTY.match(text) or (line.indent >= 2 and line.bullet):
            continue
        starts = line.bullet or index == 0 or not lines[index - 1].body.strip() or bool(lines[index - 1].heading)
        if not starts:
            continue
        whole, last = _joined(lines, index)
        if whole.endswith(":"):
            continue  # it announces the list below it
        yield from _below(meant, whole, line, last)


def _below(meant: str, whole: str, line: Line, last: Line) -> Iterator[Told]:
    """Yield what a paragraph or bullet below a heading says."""
    if meant in _LESSONS:
        yield Told(field=lesson_field(meant, whole), value=whole, line=line, last=last)
    elif meant in _WHOLE or meant in {_FACTORS, _IMPACT}:
        yield Told(field=meant, value=whole, line=line, last=last)
    if meant in {_IMPACT, "executive_summary.what_happened"}:
        yield from _impact(whole, line, last)


def _joined(lines: Sequence[Line], index: int) -> tuple[str, Line]:
    """Return a paragraph or a bullet with the lines that go on with it."""
    first = last = lines[index]
    parts = [plain(first.body)]
    for line in lines[index + 1 :]:
        if not line.body.strip() or line.bullet or line.heading or line.text.lstrip().startswith("|"):
            break
        parts.append(plain(line.body))
        last = line
    return " ".join(parts), last


def _impact(text: str, line: Line, last: Line) -> Iterator[Told]:
    """Yield the numbers that a sentence of the impact names."""
    for phrase in phrases_in(text):
        if phrase.field.startswith(_TOLD_OF_IMPACT):
            yield Told(field=phrase.field, value=phrase.value, line=line, last=last)


def _labels(text: str, line: Line) -> Iterator[Told]:
    for part in _PARTED.split(text):
        found = _LABEL.match(part.strip())
        field = field_for(found["label"]) if found else ""
        if found and field in _LABELLED and not _EMPTY.match(found["value"]):
            yield Told(field=field, value=found["value"].strip(), line=line, last=line)


def actions_tabled(lines: Sequence[Line]) -> Iterator[tuple[str, Line]]:
    """Yield the rows of the tables of actions, as `Text - Owner: name, Due: date`, with their lines."""
    columns: dict[str, int] = {}
    inside = False
    for line in lines:
        if line.heading:
            inside, columns = field_for(plain(line.body).strip(" :*#")).startswith("actions."), {}
            continue
        if not inside or not line.text.lstrip().startswith("|"):
            columns = columns if line.text.strip() else {}
            continue
        cells = [plain(cell) for cell in re.split(r"(?<!\\)\|", line.text.strip().strip("|"))]
        if all(re.fullmatch(r":?-{2,}:?", cell) for cell in cells if cell):
            continue
        if not columns:
            columns = _columns(cells)
        elif row := _row(cells, columns):
            yield row, line


def _columns(header: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, form in _COLUMNS:
        at = next(
            (n for n, cell in enumerate(header) if n not in found.values() and re.search(form, cell, re.IGNORECASE)), -1
        )
        if at >= 0:
            found[name] = at
    return found if "text" in found else {}


def _row(cells: Sequence[str], columns: dict[str, int]) -> str:
    told = {name: cells[at].strip() for name, at in columns.items() if at < len(cells) and not _EMPTY.match(cells[at])}
    if not told.get("text"):
        return ""
    tail = ", ".join(f"{name.capitalize()}: {told[name]}" for name in ("owner", "due") if name in told)
    return f"{told['text']} - {tail}" if tail else told["text"]
