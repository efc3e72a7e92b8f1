"""Language: conditions instead of culprits, what people knew instead of what we know now, facts instead of drama.

The rules follow the guides of Google SRE, PagerDuty, Etsy and Atlassian on blameless post-mortems. They look at prose
only: what somebody is quoted with, what stands in code or in the ledger, and the words of a log are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from afteraction.checks.remark import Rule, Said, Severity, Subject
from afteraction.checks.rules.ledger import UNKNOWN
from afteraction.checks.rules.structure import filled
from afteraction.model.postmortem.value import Value

_OTHERS = (
    r"(?:an?|the|one|our|some|another|one of (?:our|the)) (?:\w+ ){0,2}?(?:engineers?|developers?|operators?|admins?|administrators?|employees?|"
    r"contractors?|interns?|persons?|colleagues?|team ?members?|members?|sres?|dbas?|on-?callers?|on-?call engineers?|staff|maintainers?|"
    r"managers?|authors?|reviewers?)|(?:somebody|someone|he|she)|@[\w-]+"
)
"""Somebody other than the authors: a team that writes "we forgot" owns it and blames nobody."""


_TALK = re.compile(r"\b(?:chat|transcript|slack|irc|conversation|discussion|q a|faq|questions and answers)\b")
"""Sections that hold what was said at the time, or what others ask; nobody rewords that."""


def _speaking(pattern: re.Pattern[str], message: str) -> Callable[[Subject], Iterator[Said]]:
    """Make a rule that remarks on each line of prose in which `pattern` is found; `{}` in the message shows the words."""

    def find(subject: Subject) -> Iterator[Said]:
        for number, line in subject.page.prose():
            if (match := pattern.search(line)) and not _TALK.search(subject.page.heading_at(number)):
                yield number, message.format(" ".join(match[0].split()))

    return find


PERSON = re.compile(
    rf"\b(?:{_OTHERS})(?:(?:'s| had| has| have| was| were| then| also))?\s+(?:accidentally|mistakenly|inadvertently|unintentionally|erroneously|"
    r"incorrectly|wrongly|carelessly|foolishly|unwittingly|forgot(?:ten)?|neglected|(?:made|had made) (?:a|the) (?:mistake|error)|broke|messed up|"
    r"screwed up|fat-?fingered|caused (?:the|this|an?) (?:outage|incident|issue|problem|failure))\b|"
    r"\b(?:fault|mistake|error|negligence) (?:of|by|on the part of) (?:the |an? |our )?(?:engineer|developer|operator|admin|employee|contractor|intern|@\w+)\b",
    re.IGNORECASE,
)
HUMAN_ERROR = re.compile(
    r"\b(?:human|operator|user|pilot|manual|engineer(?:'s)?) (?:error|mistake|failure)s?\b(?! (?:rate|budget|code|message|page|handling|report|log))|"
    r"\bcareless(?:ness|ly)?\b|\bnegligen(?:ce|t|tly)\b|\bincompeten(?:ce|t)\b|\bsloppy\b|\bsloppiness\b|\black of (?:care|attention|diligence|discipline)\b|"
    r"\bfat[- ]?finger\w*\b",
    re.IGNORECASE,
)
_DONE = r"(?:been (?!automatically)\w+|had|done|made|set|put|run|seen|gone|cut|known|told|kept|(?!been\b)\w{2,}(?:ed|en|ght|wn|lt))\b"
COUNTERFACTUAL = re.compile(
    rf"\b(?:should|ought to)(?: not|n'?t)? have (?:\w+ly )?{_DONE}|"
    rf"\b(?:{_OTHERS})\s+(?:failed to|didn'?t bother|neglected to|did not bother)\b|"
    r"\b(?:could|would) (?:easily )?have (?:easily )?been (?:easily )?(?:prevented|avoided)\b|"
    rf"\bif (?:only )?(?:{_OTHERS}|we|i) had\b|\bhad (?:{_OTHERS}|we|i) (?:only )?(?:checked|noticed|tested|verified|read|known|asked|followed|looked)\b",
    re.IGNORECASE,
)
HINDSIGHT = re.compile(
    r"\bobviously\b|\bneedless to say\b|\bit (?:is|was|should (?:be|have been)) (?:obvious|self-?evident|clear to (?:anyone|everyone))\b|"
    r"\bof course\b|\b(?:simply|just) (?:forgot|didn'?t|did not|had to|needed to|missed|overlooked|ignored|failed)\b|"
    r"\bclearly (?:not|should|was|were|did|had|missed|wrong|failed|forgot|knew)\b|\bas (?:anyone|everyone) (?:knows|could)\b|\bcommon sense\b",
    re.IGNORECASE,
)
WHY_YOU = re.compile(
    rf"\b(?<!q: )why (?:did(?:n'?t| not)?|was(?:n'?t| not)?|were(?:n'?t| not)?|had(?:n'?t| not)?) (?:you|{_OTHERS})\b",
    re.IGNORECASE,
)
DRAMA = re.compile(
    r"\b(?:disast(?:ers?(?![- ](?:recovery|response|plan\w*|relief))\b|rous(?:ly)?)|catastroph\w+|horrible|horribly|horrendous\w*|(?<!feel )terribl[ey]|nightmare\w*|"
    r"stupid(?:ly|ity)?|idiot\w*|dumb(?![-_ ]?(?:init|terminal|pipe))|ridiculous\w*|insane(?:ly)?|inexcusabl\w+|unforgivabl\w+|embarrass\w+|shameful\w*|"
    r"awful(?:ly)?|pathetic\w*|appalling\w*|mayhem|apocalyp\w+|unacceptabl\w+|ludicrous\w*|wtf|facepalm|lazy(?= (?:engineer|developer|people|admin)))\b",
    re.IGNORECASE,
)


_MORE = re.compile(
    r"^\s*(?:[-*+]|\d+[.)])\s|\b(?:also|both|combin\w+|contribut\w+|in addition|additionally|furthermore|moreover|coupled with|together with|"
    r"factors?|compound\w*|another|second(?:ly|ary)?|several|multiple|two|three|which (?:meant|in turn)|in turn|even though|while)\b",
    re.IGNORECASE | re.MULTILINE,
)


def _several(cause: str) -> bool:
    """Say whether a cause told in free text names more than one condition: several paragraphs, a list, or words for it."""
    sentences = re.findall(r"[^.!?]+[.!?](?=\s|$)", cause)
    return "\n\n" in cause.strip() or len(sentences) > 3 or _MORE.search(cause) is not None


def _single_cause(subject: Subject) -> Iterator[Said]:
    cause = subject.post_mortem.root_cause
    if cause.primary is None or any(factor.description for factor in cause.factors):
        return
    if UNKNOWN.search(cause.primary.text):
        return
    elsewhere = filled(subject.post_mortem.lessons.went_wrong) or filled(cause.whys) or filled(cause.trigger)
    if not subject.in_form and (elsewhere or _several(cause.primary.text)):
        return
    line = subject.page.line_of(cause.primary.text, below="primary cause")
    yield line, "One cause is stated and no contributing factor."


_CAUSE_HEADING = re.compile(
    r"root cause|\bcauses?\b|contributing|five whys|\bwhys?\b|why it happened|what went wrong|went poorly|trigger"
)
_HANDLE = re.compile(r"(?<![\w.@/])@[A-Za-z][\w-]{1,38}\b(?!\.\w|/)")


def _names(subject: Subject) -> set[str]:
    """Return the names of people whom the document itself lists."""
    found = subject.post_mortem
    team = found.appendix.team
    held: list[Value | None] = [
        team.incident_commander, team.technical_lead, team.communications_lead, team.facilitator, team.scribe,
        found.footer.completed_by,
    ]  # fmt: skip
    named = [value.text for value in held if value] + [attendee.name for attendee in found.appendix.attendees]
    named += [item.owner for _, items in found.actions.horizons() for item in items]
    named += [name for _, name in subject.settings.people]
    return {
        name.strip().lstrip("@")
        for name in named
        if len(name.strip().lstrip("@")) > 2 and not name.startswith("[") and not name.isupper()  # a firm or a team
    }


def _named_in_cause(subject: Subject) -> Iterator[Said]:
    names = sorted(_names(subject), key=len, reverse=True)
    known = re.compile(r"\b(?:" + "|".join(re.escape(name) for name in names) + r")\b") if names else None
    for number, line in subject.page.prose():
        nearest = subject.page.heading_at(number).rsplit(" / ", 1)[-1]
        if not _CAUSE_HEADING.search(nearest):
            continue
        match = _HANDLE.search(line) or (known.search(line) if known else None)
        if match:
            yield number, f"{match[0]} is named in a section on causes."


RULES = (
    Rule(
        id="AR701",
        title="A person stands where a cause belongs",
        severity=Severity.WARNING,
        why='"The engineer accidentally deleted the table" ends the search one step too early: the next person meets the same prompt. '
        "Ask what made the step possible, likely and harmful.",
        suggestion="Make the system the subject: which command, prompt, default or missing check let one step do this?",
        find=_speaking(PERSON, '"{}" makes a person the cause.'),
    ),
    Rule(
        id="AR702",
        title="Human error as an explanation",
        severity=Severity.WARNING,
        why='"Human error" explains every incident and prevents none. It is where the analysis begins.',
        suggestion="Describe the conditions: what did people see, what did they have to decide, what made the slip easy?",
        find=_speaking(HUMAN_ERROR, '"{}" is no cause that can be mended.'),
    ),
    Rule(
        id="AR703",
        title="What somebody should have done",
        severity=Severity.NOTE,
        why='"Should have" compares what people did with a story that nobody knew at the time. It tells what did not happen and '
        "leaves open why what did happen made sense.",
        suggestion="Say what people did and what they knew then; turn the wish into an action item.",
        find=_speaking(COUNTERFACTUAL, '"{}" tells what did not happen.'),
    ),
    Rule(
        id="AR704",
        title="A word of hindsight",
        severity=Severity.NOTE,
        why='"Obviously" is true only for those who know the end. It makes readers who did not see it keep quiet.',
        suggestion="Take the word out; the sentence stands without it.",
        find=_speaking(HINDSIGHT, '"{}" is a word of hindsight.'),
    ),
    Rule(
        id="AR705",
        title="A question that accuses",
        severity=Severity.WARNING,
        why='"Why did you" asks for a defence. "How did it look" and "what made it seem right" ask for what happened.',
        suggestion="Ask how or what.",
        find=_speaking(WHY_YOU, '"{}" asks for a defence.'),
    ),
    Rule(
        id="AR706",
        title="Drama",
        severity=Severity.NOTE,
        why="Strong adjectives tell how the author felt; numbers tell how bad it was.",
        suggestion="Give the number: how many, how long, how much.",
        find=_speaking(DRAMA, '"{}" judges where a number would tell.'),
    ),
    Rule(
        id="AR707",
        title="One cause, no factors",
        severity=Severity.NOTE,
        why="Incidents need several conditions at once. A single cause is where the analysis stopped.",
        suggestion="Ask what else had to be true: why was it not caught before, not seen at once, not contained?",
        find=_single_cause,
    ),
    Rule(
        id="AR708",
        title="A name in a section on causes",
        severity=Severity.NOTE,
        why="In the timeline a name tells whom to ask. Among the causes it tells whom to blame, whatever the sentence says.",
        suggestion='Write the role ("the on-call engineer"), or what the system did.',
        find=_named_in_cause,
    ),
)
