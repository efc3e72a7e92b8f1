"""The ledger: every value that claims a basis cites something, and every citation exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from afteraction.checks.remark import Rule, Said, Severity, Subject
from afteraction.model.origin import Basis
from afteraction.model.postmortem.value import Value

_CITED = re.compile(r"\[\^(?P<id>[^\]\s]+)\](?!:)")
_DEFINED = re.compile(r"^\s{0,3}\[\^(?P<id>[^\]\s]+)\]:")


def values(part: object) -> Iterator[Value]:
    """Yield every filled value of a part, however deep."""
    if isinstance(part, Value):
        yield part
    elif isinstance(part, tuple):
        for member in part:
            yield from values(member)
    elif is_dataclass(part):
        for declared in fields(part):
            yield from values(getattr(part, declared.name))


def _citations(subject: Subject) -> tuple[dict[str, int], dict[str, int]]:
    """Return where ids are first cited and where they are defined."""
    cited: dict[str, int] = {}
    defined: dict[str, int] = {}
    for number, line in enumerate(subject.page.lines, 1):
        if number in subject.page.coded:
            continue
        if match := _DEFINED.match(line):
            defined.setdefault(match["id"], number)
        for found in _CITED.finditer(re.sub(r"`[^`]*`", "", line)):
            cited.setdefault(found["id"], number)
    return cited, defined


def _unknown_citation(subject: Subject) -> Iterator[Said]:
    cited, defined = _citations(subject)
    for name, line in cited.items():
        if name not in defined:
            yield line, f"[^{name}] is cited, but there is no such entry in the ledger."


def _uncited(subject: Subject) -> Iterator[Said]:
    for value in values(subject.post_mortem):
        if value.basis not in {None, Basis.UNKNOWN} and not value.citations:
            shown = value.text.split("\n")[0][:60]
            yield subject.page.line_of(value.text), f'"{shown}" is marked as {value.basis}, but cites nothing.'


def _unused(subject: Subject) -> Iterator[Said]:
    cited, defined = _citations(subject)
    unused = [(line, name) for name, line in defined.items() if name not in cited]
    if unused:
        names = ", ".join(f"[^{name}]" for _, name in unused[:6]) + (" and more" if len(unused) > 6 else "")
        yield unused[0][0], f"{len(unused)} entries of the ledger are cited nowhere: {names}."


UNKNOWN = re.compile(
    r"\b(?:unknown|not (?:yet |fully )?(?:known|determined|understood|found|clear|established)|under investigation|"
    r"(?:still|being) investigat\w+|unclear|no (?:root )?cause (?:was|has been|is) (?:found|identified|known))\b",
    re.IGNORECASE,
)
"""A cause that is said not to be known: there is nothing to show and nothing to add to."""
_SHOWN = re.compile(
    r"https?://|^\s{0,3}>\s|\w\s?\[[^\]\n]{3,80}\](?=[\s.,;\[])|!\[|<img\b|```|\]\(|`[^`\n]+`|(?<!\w)#\d{2,}\b|\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,40}\b|"
    r"\b(?:logs?|graphs?|traces?|metrics?|dashboards?|screenshots?|profiles?|reproduc\w+|bisect\w*)\b",
    re.IGNORECASE | re.MULTILINE,
)
"""What people show a cause with when they keep no ledger: links, pictures, code, commits, or that they looked at them."""

_PICTURED = re.compile(r"!\[|<img\b|^\s{0,3}(?:```|~~~)|`[^`\n]{12,}`", re.MULTILINE)
"""Pictures, logs and code anywhere on a page of another outline, which has no place of its own for evidence."""


def _cause_without_evidence(subject: Subject) -> Iterator[Said]:
    cause = subject.post_mortem.root_cause
    if cause.primary is None or cause.primary.citations or cause.evidence is not None:
        return
    if any(value.citations or _SHOWN.search(value.text) for value in values(cause)):
        return
    told = cause.primary.text
    if UNKNOWN.search(told):
        return  # nothing is claimed
    if not subject.in_form and (_PICTURED.search(subject.page.text) or len(re.findall(r"[.!?](?=\s|$)", told)) > 4):
        return  # the page shows things, or explains how it came about
    line = subject.page.line_of(cause.primary.text, below="primary cause")
    yield line, "The primary cause is stated, but nothing shows it: no citation, link, log line or graph."


RULES = (
    Rule(
        id="AR401",
        title="A citation has no entry",
        severity=Severity.ERROR,
        why="A footnote that leads nowhere claims evidence that nobody can look at.",
        suggestion="Restore the entry at the end of the document, or take the citation out.",
        find=_unknown_citation,
    ),
    Rule(
        id="AR402",
        title="A statement claims a basis and cites nothing",
        severity=Severity.WARNING,
        why='"Observed" without a citation is an opinion in the dress of a fact.',
        suggestion="Cite the entry that it rests on, or take the mark away: then it counts as written by a person.",
        find=_uncited,
    ),
    Rule(
        id="AR403",
        title="Entries of the ledger are cited nowhere",
        severity=Severity.NOTE,
        why="An entry that nothing cites any more is what is left of a statement that was rewritten; perhaps its citation was lost.",
        suggestion="Put the citation back behind the statement, or remove the entry.",
        find=_unused,
    ),
    Rule(
        id="AR404",
        title="A cause without evidence",
        severity=Severity.WARNING,
        why="A cause that nothing shows is a guess; the actions that follow from it may mend what was not broken. A citation, a link, "
        "a log line, a commit or a picture in the analysis will do.",
        suggestion="Cite the log line, graph or change that shows it, or word it as a suspicion.",
        find=_cause_without_evidence,
    ),
)
