"""Structure: the sections that a reader expects are there, once each, and nothing of the template is left unfilled."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from afteraction.checks.page import Page
from afteraction.checks.remark import Rule, Said, Severity, Subject
from afteraction.model.postmortem.document import Gap
from afteraction.model.postmortem.gaps import gaps
from afteraction.model.postmortem.value import Value

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


def in_form(page: Page) -> bool:
    """Say whether a page follows the template at all."""
    present = {heading.words for heading in page.headings}
    return len(present & set(SECTIONS)) >= _FORM


def _missing(subject: Subject) -> Iterator[Said]:
    if not subject.in_form:
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
    if not subject.in_form:
        yield from _empty(subject)
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


def _empty(subject: Subject) -> Iterator[Said]:
    """Headings of another outline below which nothing stands; a heading with a number may be a row of the timeline."""
    page, headings = subject.page, subject.page.headings
    found = []
    for heading, following in itertools.zip_longest(headings, headings[1:]):
        if following is not None and following.level > heading.level:
            continue
        end = following.line - 1 if following is not None else len(page.lines)
        below = page.lines[heading.line : end]
        if heading.level > 1 and not re.search(r"\d", heading.words) and not any(map(_says_something, below)):
            found.append(heading)
    if found:
        names = ", ".join(f'"{heading.words}"' for heading in found)
        yield (
            found[0].line,
            f"{len(found)} sections are empty: {names}." if len(found) > 1 else f"The section {names} is empty.",
        )


def _says_something(line: str) -> bool:
    return bool(re.search(r"[^\W_]|[!<|]", line)) and not re.fullmatch(r"\s*(?:[-*+]|\d+\.)?\s*\[ ?\]\s*", line)


def _parts_missing(subject: Subject) -> Iterator[Said]:
    """What a post-mortem of any outline has; a page that has hardly anything of it is none (an index, a policy)."""
    if subject.in_form:
        return
    found = subject.post_mortem
    cause, lessons = found.root_cause, found.lessons
    acted = any(not item.blank for _, items in found.actions.horizons() for item in items)
    has = {
        "a timeline": bool(subject.written.rows or subject.written.undated),
        "what caused it": filled(cause) or filled(lessons.went_wrong) or _tells(subject, _BECAUSE),
        "what will be done about it": acted or filled(found.prevention) or filled(found.executive_summary.resolution),
    }
    told = sum(has.values()) + sum(map(filled, (found.executive_summary, found.impact, lessons.went_well)))
    missing = [part for part, there in has.items() if not there]
    if missing and told >= 2:
        yield 1, f"No section says {' and '.join(missing)}." if "a timeline" not in missing else _untimed(missing)


_BECAUSE = re.compile(
    r"\b(?:because|caus(?:e|es|ed|ing)|due to|result(?:s|ed|ing)? (?:from|of)|reasons?|led to|triggered|bug|vulnerabilit\w+)\b",
    re.IGNORECASE,
)


def _tells(subject: Subject, pattern: re.Pattern[str]) -> bool:
    return any(pattern.search(line) for _, line in subject.page.prose())


def _untimed(missing: list[str]) -> str:
    others = [part for part in missing if part != "a timeline"]
    return "There is no timeline." + (f" No section says {' and '.join(others)}." if others else "")


def filled(part: object) -> bool:
    """Say whether anything stands in a part of the post-mortem."""
    if isinstance(part, Value):
        return bool(part.text.strip())
    if isinstance(part, tuple):
        return any(map(filled, part))
    if is_dataclass(part):
        return any(filled(getattr(part, declared.name)) for declared in fields(part))
    return False


def _label(gap: Gap) -> str:
    return re.sub(r"\[\d+\]", "", gap.field.rsplit(".", 1)[-1]).replace("_", " ")


_LEFT = re.compile(
    r"(?<!\ba )(?<!\bthe )(?<!\bour )(?<!\bthis )(?<!\bthat )(?<!\bmy )\bTODO\b(?! ?(?:lists?|comments?|items?|apps?)\b)|\b(?:TBD|TBA|TBC|FIXME)\b|"
    r"(?<![\w?])\?{3,}(?![\w?])|\b[Ll]orem ipsum\b|<(?:tool-name|param\d|value\d|pod-name|namespace|name|date|todo|insert [^>\n]{1,60})>|"
    r"\bINCIDENT-YYYY-MM-DD-HHMM\b|(?<![\w-])(?:YYYY-MM-DD|DD/MM/YYYY|MM/DD/YYYY)(?![\w-])|\b[Ff]ill (?:this )?in(?: (?:here|later))?(?=\W*$)|"
    r"\b[Yy]our (?:text|answer|name) here\b|\{\{[^{}\n]{1,60}\}\}|"
    r"\[(?:insert|describe|add|enter|fill in|list|explain|your|todo|tbd|placeholder)\b[^\]\n]{0,120}\](?![(\[:])",
)
_TELLING = re.compile(r'"[^"\n]{0,300}"|“[^”\n]{0,300}”|`[^`\n]*`|(?<=\])\([^)]*\)|https?://\S+')
"""What a line quotes: a TODO in a quoted message, in code or in an address was left in somewhere else."""


def _left_over(subject: Subject) -> Iterator[Said]:
    template_calls = subject.post_mortem.appendix.commands is None
    for number, line in enumerate(subject.page.lines, 1):
        coded = number in subject.page.coded
        if (coded and template_calls) or "<!--" in line or number <= subject.page.front_matter:
            continue
        if line.lstrip().startswith(">") or line.startswith(("\t", "     ")):
            continue  # quotations and indented code are somebody else's words
        for match in _LEFT.finditer(line if coded else _TELLING.sub(lambda told: " " * len(told[0]), line)):
            if not coded or (match[0].startswith("<") and subject.in_form):
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
        id="AR103",
        title="A part that readers look for is missing",
        severity=Severity.NOTE,
        why="Whatever the outline: readers look for what happened when, what caused it, and what is done about it. This one looks "
        "at pages that do not follow the template; the headings of other outlines count.",
        suggestion="Add the part, or a line that says why there is none.",
        find=_parts_missing,
    ),
    Rule(
        id="AR101",
        title="A section is missing",
        severity=Severity.WARNING,
        why='Readers and programs look for each section of the template by its heading. A missing one reads as "nothing to say", '
        "which is seldom what was meant. A page that follows another outline altogether is not measured by this one but by AR103.",
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
        "post-mortem is a draft; published, it leaves the reader guessing whether it was forgotten. In other outlines an empty section "
        "is such a question.",
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
