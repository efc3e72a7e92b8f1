"""Action items: each has an owner and a date that can be met, and says how one will know that it is done."""

from __future__ import annotations

import re
from collections.abc import Iterator

from afteraction.checks.clock import incident_day, read_date
from afteraction.checks.remark import Rule, Said, Severity, Subject
from afteraction.checks.rules.structure import in_form
from afteraction.model.postmortem.actions import ActionItem

_NOBODY = {
    "",
    "name",
    "tbd",
    "tba",
    "?",
    "n/a",
    "none",
    "unknown",
    "nobody",
    "team",
    "the team",
    "everyone",
    "all",
    "somebody",
}


def _items(subject: Subject) -> Iterator[tuple[ActionItem, int]]:
    for _, items in subject.post_mortem.actions.horizons():
        for item in items:
            if not item.blank:
                yield item, subject.page.line_of(item.text, below="action items")


def _shown(item: ActionItem) -> str:
    return f'"{item.text[:60]}{"…" if len(item.text) > 60 else ""}"'


def _ownerless(subject: Subject) -> Iterator[Said]:
    for item, line in _items(subject):
        if not item.done and item.owner.strip().lower().strip("[]@") in _NOBODY:
            yield line, f"{_shown(item)} has no owner."


def _dateless(subject: Subject) -> Iterator[Said]:
    for item, line in _items(subject):
        if not item.done and item.due.strip().lower().strip("[]") in {
            "",
            "date",
            "tbd",
            "?",
            "asap",
            "soon",
            "n/a",
            "unknown",
        }:
            yield line, f"{_shown(item)} has no due date."


def _unreadable_due(subject: Subject) -> Iterator[Said]:
    for item, line in _items(subject):
        plain = item.due.strip().strip("[]")
        if (
            not item.done
            and plain
            and plain.lower() not in {"date", "tbd", "?", "asap", "soon", "n/a", "unknown"}
            and read_date(plain) is None
        ):
            yield line, f'{_shown(item)} is due "{item.due}", which is no calendar date.'


def _due_before(subject: Subject) -> Iterator[Said]:
    day = incident_day(subject.post_mortem)
    if day is None:
        return
    for item, line in _items(subject):
        due = read_date(item.due) if item.due else None
        if due and due < day:
            yield line, f"{_shown(item)} is due on {due}, before the incident ({day})."


def _none_at_all(subject: Subject) -> Iterator[Said]:
    if (
        in_form(subject)
        and not any(True for _ in _items(subject))
        and subject.post_mortem.root_cause.primary is not None
    ):
        yield subject.page.line_of("", below="action items"), "A cause is stated, but there is no action item."


_OPEN_ENDED = re.compile(
    r"^(?:(?:we|to|should|will|need|must|please|let'?s)\s+)*(?:look (?:into|at)|investigate|explore|consider|think about|discuss|research|"
    r"evaluate|assess|improve|review|revisit|examine|understand|be|try|work on|continue|keep|ensure|make sure)\b",
    re.IGNORECASE,
)


def _open_ended(subject: Subject) -> Iterator[Said]:
    for item, line in _items(subject):
        if not item.done and not item.done_when and not item.ticket and _OPEN_ENDED.match(item.text):
            yield line, f"{_shown(item)} does not say when it is done."


_CAREFUL = re.compile(
    r"\b(?:be (?:more |extra |very )?(?:careful|diligent|cautious|vigilant|attentive|mindful)|pay (?:more |closer )?attention|"
    r"(?:take|exercise) (?:more |extra |greater )?care|double[- ]check|don'?t (?:do|make|forget)|try harder|remember to|"
    r"remind (?:people|everyone|everybody|engineers|developers|the team|staff)|raise awareness)\b",
    re.IGNORECASE,
)
_TRAINING = re.compile(
    r"\b(?:train(?:ing|ed)?|educat\w+|workshop|brown ?bag|teach)\b(?! (?:data|set|model|job|pipeline))", re.IGNORECASE
)


def _only_careful(subject: Subject) -> Iterator[Said]:
    found = list(_items(subject))
    for item, line in found:
        if _CAREFUL.search(item.text):
            yield line, f"{_shown(item)} asks people to take more care."
    if found and all(_TRAINING.search(item.text) for item, _ in found):
        yield found[0][1], "Training is the only action."


RULES = (
    Rule(
        id="AR501",
        title="An action has no owner",
        severity=Severity.WARNING,
        why="An action that belongs to a team belongs to nobody; those without a name are seldom done.",
        suggestion="Name one person who sees it through; others may do the work.",
        find=_ownerless,
    ),
    Rule(
        id="AR502",
        title="An action has no due date",
        severity=Severity.WARNING,
        why="Without a date nobody can tell a late action from a young one, and the reviews have nothing to look at.",
        suggestion="Give a date, such as 2025-11-30. If there is none, decline the action and write why.",
        find=_dateless,
    ),
    Rule(
        id="AR503",
        title="A due date is no calendar date",
        severity=Severity.NOTE,
        why='"Next sprint" is another day for each reader, and no program can remind anybody of it.',
        suggestion="Write the date, such as 2025-11-30.",
        find=_unreadable_due,
    ),
    Rule(
        id="AR504",
        title="An action is due before the incident",
        severity=Severity.ERROR,
        why="The date is a slip, most often of the year.",
        suggestion="Correct the date.",
        find=_due_before,
    ),
    Rule(
        id="AR505",
        title="No action at all",
        severity=Severity.NOTE,
        why="No action is a valid outcome (Etsy's guide says so), but then the reader wants to know that it was decided.",
        suggestion="Write one line that says that and why no action is taken, or add one.",
        find=_none_at_all,
    ),
    Rule(
        id="AR506",
        title="An action has no end",
        severity=Severity.NOTE,
        why='"Improve monitoring" is never done. Actions that are carried out are specific and bounded (PagerDuty\'s guide).',
        suggestion='Say what will be there when it is done: "an alert fires when the queue is longer than 1,000 for 5 minutes".',
        find=_open_ended,
    ),
    Rule(
        id="AR507",
        title="An action asks people to take more care",
        severity=Severity.WARNING,
        why="People took care the last time, too. What makes the next slip harmless is a change of the system: a check, a limit, a "
        "default, a page that tells.",
        suggestion="Ask what would have caught it if somebody slips again, and make that the action.",
        find=_only_careful,
    ),
)
