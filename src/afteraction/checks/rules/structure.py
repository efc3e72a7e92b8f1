"""Structure: the sections that a reader expects are there, once each, and nothing of the template is left unfilled."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from afteraction.checks.remark import Rule, Said, Severity, Subject
from afteraction.model.postmortem.document import Gap
from afteraction.model.postmortem.gaps import gaps

SECTIONS: dict[str, str] = {
    "incident summary": "summary",
    "executive summary": "executive_summary",
    "incident timeline": "timeline",
    "root cause analysis": "root_cause",
    "resolution details": "resolution",
    "impact analysis": "impact",
    "lessons learned": "lessons",
    "action items": "actions",
    "prevention measures": "prevention",
    "metrics and kpis": "metrics",
    "follow up plan": "followup",
    "appendix": "appendix",
}
"""The words of the template's sections, each with the part of the post-mortem that it holds."""
_FORM = 4
"""From how many of the template's sections on a page is meant to be in its form; fewer, and it follows another outline."""


def in_form(subject: Subject) -> bool:
    """Say whether the page follows the template at all."""
    present = {heading.words for heading in subject.page.headings}
    return len(present & set(SECTIONS)) >= _FORM


def _missing(subject: Subject) -> Iterator[Said]:
    if not in_form(subject):
        return
    present = {heading.words for heading in subject.page.headings}
    for section in SECTIONS:
        if section not in present:
            yield 1, f'The section "{section.title()}" is missing.'


def _duplicated(subject: Subject) -> Iterator[Said]:
    first: dict[str, int] = {}
    for heading in subject.page.headings:
        if heading.words not in SECTIONS:
            continue
        if heading.words in first:
            yield (
                heading.line,
                f'The section "{heading.words.title()}" stands here a second time (first in line {first[heading.words]}).',
            )
        first.setdefault(heading.words, heading.line)


def _gaps(subject: Subject) -> Iterator[Said]:
    """One remark for a section: a list of forty gaps is read by nobody."""
    if not in_form(subject):
        return
    lines = {heading.words: heading.line for heading in reversed(subject.page.headings)}
    found: dict[str, list[Gap]] = defaultdict(list)
    for gap in gaps(subject.post_mortem):
        found[gap.field.split(".")[0]].append(gap)
    for section, part in SECTIONS.items():
        if section in lines and found[part]:
            names = ", ".join(dict.fromkeys(_label(gap) for gap in found[part]))
            many = f"{len(found[part])} fields are" if len(found[part]) > 1 else "1 field is"
            question = found[part][0].question
            yield lines[section], f"{many} still open in {section} ({names}). The first question: {question}"


def _label(gap: Gap) -> str:
    return re.sub(r"\[\d+\]", "", gap.field.rsplit(".", 1)[-1]).replace("_", " ")


_LEFT = re.compile(
    r"\b(?:TODO|TBD|TBA|TBC|FIXME|XXX)\b|(?<![\w?])\?{3,}(?![\w?])|\blorem ipsum\b|<(?:tool-name|param\d|value\d|pod-name|namespace|name|date|todo)>|"
    r"\bINCIDENT-YYYY-MM-DD-HHMM\b|\bfill (?:this )?in\b|\byour (?:text|answer) here\b",
)


def _left_over(subject: Subject) -> Iterator[Said]:
    template_calls = subject.post_mortem.appendix.commands is None
    for number, line in enumerate(subject.page.lines, 1):
        coded = number in subject.page.coded
        if (coded and template_calls) or "<!--" in line or number <= subject.page.front_matter:
            continue
        for match in _LEFT.finditer(line):
            quoted = line[: match.start()].count("`") % 2 == 1
            if not quoted and not (coded and not match[0].startswith("<")):
                yield number, f'"{match[0]}" was left in.'
                break


_EMPTY_LINK = re.compile(r"\[(?P<title>[^\]]+)\]\(#?\)")


def _unlinked(subject: Subject) -> Iterator[Said]:
    titles: dict[int, list[str]] = defaultdict(list)
    for number, line in enumerate(subject.page.lines, 1):
        if number not in subject.page.coded:
            titles[number] += [match["title"] for match in _EMPTY_LINK.finditer(line)]
    found = [(number, title) for number, named in titles.items() for title in named]
    if found:
        names = ", ".join(title for _, title in found)
        yield (
            found[0][0],
            f"{len(found)} links lead nowhere: {names}." if len(found) > 1 else f"The link {names} leads nowhere.",
        )


RULES = (
    Rule(
        id="AR101",
        title="A section is missing",
        severity=Severity.WARNING,
        why='Readers and programs look for each section of the template by its heading. A missing one reads as "nothing to say", '
        "which is seldom what was meant. A page that follows another outline altogether is not measured by this one.",
        suggestion="Add the heading; `afteraction template` prints all of them. A section may say that there is nothing to say.",
        find=_missing,
    ),
    Rule(
        id="AR102",
        title="A section stands twice",
        severity=Severity.ERROR,
        why="Of two sections with one heading a program reads one; what the other says is lost to metrics and follow-up.",
        suggestion="Move what the second one says into the first.",
        find=_duplicated,
    ),
    Rule(
        id="AR201",
        title="Fields are still open",
        severity=Severity.WARNING,
        why="A field that still holds the template's placeholder is a question that nobody has answered. It may stay open while the "
        "post-mortem is a draft; published, it leaves the reader guessing whether it was forgotten.",
        suggestion='Answer the question, or write what is known ("unknown: no metrics were kept").',
        find=_gaps,
    ),
    Rule(
        id="AR202",
        title="A placeholder was left in",
        severity=Severity.WARNING,
        why="Words such as TODO, TBD or <tool-name> tell the reader that somebody meant to come back.",
        suggestion="Replace it, or make it an action item with an owner and a date.",
        find=_left_over,
    ),
    Rule(
        id="AR203",
        title="A link leads nowhere",
        severity=Severity.NOTE,
        why="A link to `#` looks like evidence and is none.",
        suggestion="Link the document, or take the line out.",
        find=_unlinked,
    ),
)
