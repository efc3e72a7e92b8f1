"""Action items: each has an owner and a date that can be met, and says how one will know that it is done."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from afteraction.checks.clock import incident_day, read_date
from afteraction.checks.remark import Rule, Said, Severity, Subject
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
                line = subject.page.line_of(item.text, below="action items")
                over = _OVER.search(subject.page.heading_at(line).rsplit(" / ", 1)[-1]) or _MARKED_DONE.search(
                    item.text
                )
                if not subject.in_form and over:
                    continue
                yield item, line


_OVER = re.compile(r"\b(?:completed|done|taken|finished|closed|already|went (?:well|wrong|poorly|badly|right))\b")
"""Headings of other outlines below which stands what was done or how it went, not what is to be done."""


_MARKED_DONE = re.compile(r"\((?:done|completed|finished)\)|✅|\b(?:this )?has (?:already )?been done\b", re.IGNORECASE)


def _shown(item: ActionItem) -> str:
    return f'"{item.text[:60]}{"…" if len(item.text) > 60 else ""}"'


_NO_DATE = {"", "date", "tbd", "?", "asap", "soon", "n/a", "unknown"}
_TRACKED = re.compile(
    r"/(?:issues|pull|merge_requests|browse|commit|-/epics)/|(?<!\w)#\d{1,7}\b|\b[A-Z][A-Z0-9]{1,9}-\d{1,7}\b|\w\]\s?\[[^\]\n]+\]"
)
"""An item of another outline that leads to a tracker: its owner and date stand there."""
_MORE_COLUMNS = re.compile(r"\s*\((?:[\w /-]{1,30}: [^()]*)\)$")
"""What the mapping puts behind an item for columns that it does not know (`(type: prevent)`)."""
_HANDLE = re.compile(r"(?<![\w.])@[A-Za-z][\w-]+")
_DAY = re.compile(
    r"\b(?:q[1-4]\b|h[12] 20|20\d\d\b|(?:this|next|end of (?:the )?) ?(?:week|month|sprint|quarter|year)\b)",
    re.IGNORECASE,
)


def _tracked(item: ActionItem) -> bool:
    return item.ticket.strip().lower() not in _NOBODY or _TRACKED.search(item.text) is not None


def _ownerless(subject: Subject) -> Iterator[Said]:
    def lacks(item: ActionItem) -> bool:
        unnamed = item.owner.strip().lower().strip("[]@") in _NOBODY
        return unnamed and (subject.in_form or not _HANDLE.search(item.text))

    yield from _lacking(subject, lacks, "no owner")


def _dateless(subject: Subject) -> Iterator[Said]:
    def lacks(item: ActionItem) -> bool:
        undated = item.due.strip().lower().strip("[]") in _NO_DATE
        return undated and (subject.in_form or not (_DAY.search(item.text) or read_date(item.text)))

    yield from _lacking(subject, lacks, "no due date")


def _lacking(subject: Subject, lacks: Callable[[ActionItem], bool], what: str) -> Iterator[Said]:
    """A remark for each item; in another outline, whose items have no place for it, one for the page."""
    open_items = [(item, line) for item, line in _items(subject) if not item.done]
    if subject.in_form:
        yield from ((line, f"{_shown(item)} has {what}.") for item, line in open_items if lacks(item))
        return
    own = [(item, line) for item, line in open_items if not _tracked(item)]
    found = [(item, line) for item, line in own if lacks(item)]
    if len(found) == 1:
        yield found[0][1], f"{_shown(found[0][0])} has {what}, and leads to no ticket."
    elif found:
        many = f"{len(found)} of {len(open_items)} action items have"
        yield found[0][1], f"{many} {what}, and lead to no ticket; the first is {_shown(found[0][0])}."


def _unreadable_due(subject: Subject) -> Iterator[Said]:
    for item, line in _items(subject):
        plain = item.due.strip().strip("[]")
        if not item.done and plain.lower() not in _NO_DATE and read_date(plain) is None:
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
        subject.in_form
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
        bounded = item.done or item.done_when or _tracked(item)
        if not bounded and _OPEN_ENDED.match(item.text) and not _careful(item):
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

_TRAINS = re.compile(
    r"(?:re-?)?(?:train|educate|teach|coach)\s+(?!(?:data|set|model|job|pipeline|the model|a model)\b)|"
    r"(?:(?:provide|give|hold|do|schedule|organi[sz]e|run|more|better|additional|extra|refresher) )+(?:an? |the )?training\b|training (?:for|of)\b",
    re.IGNORECASE,
)
"""An item that is training and nothing else."""


def _careful(item: ActionItem) -> bool:
    """Say whether that is what the item is about: it stands near its beginning, or the item is short."""
    found = _CAREFUL.search(item.text)
    return found is not None and len(item.text[: found.start()].split()) <= 12


_VERBS = (
    "abandon accept add adjust adopt agree alert align allow analy[sz]e announce annotate apply archive ask assess assign audit automate avoid "
    "back backport block book bring build bump cache calculate call cap capture change check clarify clean cleanup clear close co-?ordinate collect combine "
    "communicate compare complete configure confirm connect consider consolidate contact continue convert copy correct cover create cut debug decide "
    "declare decommission decouple decrease define delay delete deliver demand deny deploy deprecate design detect determine develop disable discard discuss "
    "display distribute divide document double draft drain drop emit enable encrypt end enforce enhance ensure escalate establish evaluate examine exclude "
    "expand explain explore expose extend fail fetch figure file filter find finish fix flag follow force forward gate gather generate get give grant "
    "group guard handle harden have hold identify implement import improve include increase inform instrument integrate introduce inventory invest "
    "investigate isolate keep label launch learn leave let limit link list load lock log look lower maintain make map mark measure merge migrate "
    "minimi[sz]e mirror mitigate modify monitor move name normali[sz]e notify obtain offer open optimi[sz]e order organi[sz]e overhaul pass patch pause "
    "page perform pick pin plan point post practi[cs]e prepare prevent print prioriti[sz]e probe produce profile promote propose protect prove provide provision "
    "prune publish pull purge push put raise rate-limit reach read rearchitect rebuild recheck recommend reconfigure reconsider record recover redesign "
    "redirect redeploy reduce refactor refine refresh refuse reject release reload relocate remove rename renew reorgani[sz]e repair replace replicate "
    "report reproduce request require reserve reset resi[sz]e resolve restart restore restrict retire retry return review revisit revoke rewrite roll rotate "
    "route run sample save scale scan schedule script search secure see select send separate serve set setup share shard shift ship shorten show "
    "shut simplify simulate skip slow snapshot solve sort specify split stagger standardi[sz]e start stop store streamline strengthen submit "
    "subscribe support suppress switch sync synchroni[sz]e take talk teach tell test throttle tidy tie tighten time track train transfer transition trigger "
    "trim try tune turn uncordon understand unify uninstall unpin update upgrade upload use validate vary verify version wait warn watch whitelist "
    "widen wire withdraw work wrap write be do go say stay think need should must will can"
)
_VERB = re.compile(
    rf"\b(?:(?:re-?|un|pre-?)?(?:{'|'.join(_VERBS.split())})(?:e?s|e?d|[bdglmnprt]?ed|ing)?|\w{{3,}}ing|\w{{2,}}(?:ize|ise|ify))\b",
    re.IGNORECASE,
)


def _verbless(subject: Subject) -> Iterator[Said]:
    """Short items only: of a whole sentence it would be odd to lack a verb, and then it is one that we do not know."""
    for item, line in _items(subject):
        bare = re.sub(r"\[([^\]]*)\]\([^)]*\)|https?://\S+", r"\1", _MORE_COLUMNS.sub("", item.text))
        words = re.findall(r"[^\W\d_][\w'-]*", bare)
        first = words[0] if words else ""
        if item.done or not 0 < len(words) <= 6 or not first.isascii():
            continue
        if not _VERB.search(" ".join(words)) or (len(words) == 1 and first.lower().endswith("ing")):
            yield line, f"{_shown(item)} does not say what to do."


def _only_careful(subject: Subject) -> Iterator[Said]:
    found = list(_items(subject))
    for item, line in found:
        if _careful(item):
            yield line, f"{_shown(item)} asks people to take more care."
        elif len(found) > 1 and _TRAINS.match(item.text) and len(item.text.split()) <= 12:
            yield line, f"{_shown(item)} relies on people to know it the next time."
    if found and all(_TRAINING.search(item.text) for item, _ in found):
        yield found[0][1], "Training is the only action."


RULES = (
    Rule(
        id="AR501",
        title="An action has no owner",
        severity=Severity.WARNING,
        why="An action that belongs to a team belongs to nobody; those without a name are seldom done. In other outlines "
        "an item that leads to a ticket is left alone, and the rest is one remark for the page.",
        suggestion="Name one person who sees it through; others may do the work.",
        find=_ownerless,
    ),
    Rule(
        id="AR502",
        title="An action has no due date",
        severity=Severity.WARNING,
        why="Without a date nobody can tell a late action from a young one, and the reviews have nothing to look at. "
        "In other outlines an item that leads to a ticket is left alone.",
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
    Rule(
        id="AR508",
        title="An action has no verb",
        severity=Severity.NOTE,
        why='"Better dashboards" names a wish. A verb says what somebody will do, and so when it is done (Google\'s SRE workbook asks '
        "for items that start with one).",
        suggestion='Begin with what is done: "Add a panel for the queue\'s length to the on-call dashboard".',
        find=_verbless,
    ),
)
