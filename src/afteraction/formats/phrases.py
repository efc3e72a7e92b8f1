"""What people state in so many words, found by the forms of English and never by names.

In comes the text of one message or paragraph, with who said it and on which day; out go phrases: a field of the
post-mortem and the value that was stated for it. Precision goes before recall: a question, a supposition, a denial, a
quotation and a look back at another incident state nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from afteraction.formats.actions import actions_in, heads_actions, notes_actions
from afteraction.formats.causes_told import cause_told
from afteraction.formats.clauses import Clause, clauses
from afteraction.formats.lesson_words import lesson_field
from afteraction.formats.losses import losses_in
from afteraction.formats.measures import names_gap, wishes_in
from afteraction.formats.phrase_labels import IMPACT, LABELS
from afteraction.formats.phrase_rules import EXECUTIVE, FAULT, HARM, PLAIN, RULES, STRETCH
from afteraction.formats.roles import roles_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A stated value. `clock` is a time of day that the text itself gives for it (`14:02 UTC`), else empty."""

    field: str
    value: str
    clock: str = ""


def phrases_in(text: str, *, speaker: str = "", said_on: date | None = None) -> list[Phrase]:
    """Return what `text` states. `speaker` stands for `I`; `said_on` tells how far a due date is away."""
    found: list[Phrase] = []
    before = ""
    listed = ""
    said = tuple(clauses(text))
    for index, clause in enumerate(said):
        found += [Phrase(field=a.field, value=a.value) for a in actions_in(clause.raw, said_on=said_on, listed=listed)]
        listed = "all" if heads_actions(clause.raw) else listed or ("named" if notes_actions(clause.raw) else "")
        found += [Phrase(field=f"appendix.team.{role}", value=name) for role, name in roles_in(clause, speaker)]
        if clause.asks:
            continue
        found += _labelled(clause, text)
        if names_gap(clause):
            found.append(Phrase(field="metrics.quality.documentation_gaps", value=clause.raw))
        found += _cause(said, index)
        if clause.looks_back:
            continue
        found += [Phrase(field=field, value=value) for field, value in wishes_in(clause)]
        found += _severity(clause)
        found += _stated(clause)
        labelled = {phrase.field for phrase in found}
        harm = [Phrase(field=field, value=value) for field, value in losses_in(clause) if field not in labelled]
        found += harm
        if not any(phrase.field == f"{IMPACT}.users_affected" for phrase in harm):
            found += _affected(clause)
        excluded = list(_ruled_out(clause, before))
        # Whoever excludes a cause has looked.
        found += [*excluded, *(Phrase(field="milestone.investigating", value=clause.raw) for _ in excluded[:1])]
        before = clause.raw
    return list(dict.fromkeys(phrase for phrase in found if phrase.value))


def _cause(said: tuple[Clause, ...], index: int) -> Iterator[Phrase]:
    """Yield the cause that a sentence tells without calling it one."""
    field, words = cause_told(said, index)
    if field:
        yield Phrase(field=field, value=words)


# --- labels: `Root cause: ...` ------------------------------------------------------------------------------------

_LABEL_FORMS = tuple((re.compile(rf"^(?:update[:,]? )?(?:{form})\s*(?::|=|[-–—]\s)\s*(?P<value>\S.*)$", re.IGNORECASE), field)
                     for form, field in LABELS)  # fmt: skip
_LABEL_END = re.compile(r"[:=]|[-–—]\s")
_NO_VALUE = re.compile(
    r"^(?:\W*|(?:still )?(?:tbd|tba|tbc|n/?a|none yet|unknown|unclear|pending|not (?:yet )?(?:known|clear|identified|sure)|"
    r"under investigation|being investigated|investigating|ongoing|to be determined|in progress|see below|wip|"
    r"update(?:d)?|done|\?+|\[[^\]]*\]|<[^>]*>|_+)\W*)$",
    re.IGNORECASE,
)
_UNKNOWN = re.compile(
    r"\b(?:still (?:unknown|unclear|investigating|looking)|unknown|unclear|not (?:yet )?(?:known|clear|identified|confirmed|found|sure)|"
    r"tbd|under investigation|being investigated|no idea|to be determined)\b",
    re.IGNORECASE,
)


_TOLD_AT_LENGTH = {"root_cause.primary", f"{EXECUTIVE}.status_page", f"{EXECUTIVE}.what_happened"}
"""Fields whose label speaks for the whole line and not for its first sentence only."""
_AT_LENGTH = 420
_COUNTED = re.compile(
    r"\W*(?:about |around |over |roughly )?(?:\d|no\b|none|one\b|two\b|three\b|several|a few|dozens)", re.IGNORECASE
)
"""How a number of complaints begins; anything else behind `Tickets:` is a list of them."""


def _to_the_end(value: str, text: str, field: str) -> str:
    """Return the value with what follows it on its line; a quoted one up to the closing quote."""
    line = next((line for line in text.splitlines() if value in line), value)
    rest = line[line.index(value) :]
    opening = line[: line.index(value)][-1:] or rest[:1]
    if opening in {'"', "“"} and (end := re.search('["”]', rest.lstrip('"“'))):
        return rest.lstrip('"“')[: end.start()].strip()
    if field == f"{EXECUTIVE}.status_page" or "?" in rest or len(rest) > _AT_LENGTH:
        return value
    return rest.strip()


def _labelled(clause: Clause, text: str) -> Iterator[Phrase]:
    """Find `Label: value`; a label is as explicit as it gets, only a value that is a guess is refused."""
    if not _LABEL_END.search(clause.raw):
        return
    for form, field in _LABEL_FORMS:
        if not (found := form.match(clause.raw)):
            continue
        value = found["value"].strip().strip('"“”').strip()
        guessed = clause.supposes and field.startswith(("root_cause", f"{EXECUTIVE}.resolution", "summary"))
        guessed = guessed or (field == "metrics.quality.customer_complaints" and not _COUNTED.match(value))
        if guessed or _NO_VALUE.match(value) or (field.startswith("root_cause") and _UNKNOWN.search(value)):
            return
        if field == f"{EXECUTIVE}.status_page" and len(value.split()) < 3:
            return
        if field in {"lessons.went_well", "lessons.went_wrong", "lessons.learned"}:
            yield Phrase(field=lesson_field(field, value), value=value)
            return
        yield Phrase(field=field, value=_to_the_end(value, text, field) if field in _TOLD_AT_LENGTH else value)
        if field == "root_cause.primary":
            yield Phrase(field="milestone.cause_identified", value=clause.raw)
        return


def is_cause(value: str) -> bool:
    """Whether a text names a cause, rather than announcing a list of some or saying that none is known."""
    counted = re.fullmatch(
        r"(?:one|two|three|four|several|multiple|many|various|\d) (?:\w+ )?(?:factors?|causes?|reasons?|issues?|things?)",
        value,
        re.IGNORECASE,
    )
    return not (value.rstrip().endswith(":") or counted or _NO_VALUE.match(value) or _UNKNOWN.search(value))


# --- severity and identity ----------------------------------------------------------------------------------------

_LEVEL = r"(?:(?i:sev(?:erity)?)[\s_:=#-]{0,3}(?P<sev>[0-5])|(?:P|(?i:prio(?:rity)?)[\s_:=#-]{1,3})(?P<prio>[0-5]))(?![\w.%]|-\d)"
_LEVEL_AGAIN = r"(?:(?i:sev(?:erity)?)[\s_:=#-]{0,3}[0-5]|(?:P|(?i:prio(?:rity)?)[\s_:=#-]{1,3})[0-5])"
_WORD = r"(?P<word>critical|high|major|medium|moderate|minor|low)"
_DECLARES = (
    r"(?:declar\w+|rais\w+|upgrad\w+|downgrad\w+|bump\w*|lower\w*|promot\w+|demot\w+|reclassif\w+|classif\w+|escalat\w+|"
    r"set(?:ting)?|mark(?:ed|ing)?|open(?:ed|ing)|call(?:ed|ing)|treat(?:ed|ing)?|start(?:ed|ing)|rat(?:ed|ing)|"
    r"mov(?:ed|ing)|kick(?:ed|ing) off|creat(?:ed|ing)|tagg(?:ed|ing))"
)
_SEVERITY_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"(?i:\b{_DECLARES}\b)[^.;]{{0,50}}?\b(?i:to|as|at)\s(?:(?i:an?|the)\s)?{_LEVEL}",
        rf"(?i:\b{_DECLARES}\b)[^.;,]{{0,30}}?\b{_LEVEL}",
        rf"(?i:\b{_DECLARES}\b)\s[^.;,]{{1,30}},\s*{_LEVEL}",
        rf"(?i:\b{_DECLARES}\s(?:an?\s|the\s)?(?:new\s)?(?:incident|outage)\b)[\s,:(–—-]{{1,4}}{_LEVEL}",
        rf"(?i:\b(?:this|it|we|incident|that|impact)(?:\s(?:is|are|was)|'s|'re)(?:\s(?:now|officially|still|at|in|on|definitely))*(?:\san?)?\s){_LEVEL}",
        rf"(?i:^(?:now|officially|confirmed)(?:\san?)?\s){_LEVEL}",
        rf"^\W{{0,3}}(?i:incident\W{{1,3}})?{_LEVEL}(?=\W*$|\s*[:|,–—\]()]|\s-\s|\s(?i:declared|confirmed|incident|it is|now|started|opened|for|on|please)\b)",
        rf"\b{_LEVEL}\s(?i:(?:incident\s)?(?:(?:is|was|has been)\s)?(?:now\s)?(?:declared|confirmed|opened|open))",
        rf"(?i:\bseverity(?:\slevel)?(?:\s(?:is|was)(?:\snow)?|\sset\sto|\sto|\s?[:=]|\s?->)\s?){_LEVEL}",
        r"(?i:\bseverity(?:\slevel)?(?:\s(?:is|was)(?:\snow)?)?(?:\sset|\sraised|\slowered)\s(?:to|at)\s)(?P<sev>[0-5])(?![\w.%])",
        rf"(?i:\bseverity(?:\slevel)?(?:\s(?:is|was)(?:\snow)?|\sset\sto|\sto|\s?[:=]|\s?->)\s?{_WORD})\b",
        rf"(?i:\b(?:declar\w+|open\w+|call\w+|treat\w+)[^.;,]{{0,24}}?\b{_WORD}(?:[\s-]severity)?\s(?:incident|outage)\b)",
        rf"(?i:\b{_WORD}(?:[\s-]severity)?\s(?:incident|outage)\s(?:is\s|was\s|has been\s)?declared\b)",
    )
)
_RATED = re.compile(rf"{_LEVEL}|(?i:{_WORD}|severity)")
"""What every form of a severity holds; most sentences hold none."""
_TITLED = re.compile(
    rf"^\W{{0,3}}{_LEVEL}\W{{0,2}}(?:(?i:incident|declared)\s*)?\s*(?::|[-–—|]\s)\s*(?P<title>[^|]{{6,140}})"
)
_DECLARATION = re.compile(
    rf"(?i:^(?:(?:ok,?|okay,?|so|guys|team|all),? )*(?:this|it|we) (?:is|are|'s|'re)(?: now)?(?: at)?(?: an?)? ){_LEVEL_AGAIN}"
    rf"|^\W{{0,3}}{_LEVEL_AGAIN}(?=\s*[,:]\s|$)|(?i:\brais(?:ed|ing)\b)"
)
"""`this is a SEV-3`: who grades an incident treats it as one."""
_DECLARED = re.compile(rf"(?i:\b{_DECLARES}\b)[^.;:]{{0,30}}?{_LEVEL}\s*:\s+(?P<title>[^|]{{6,140}})")
"""`I declare a SEV2: customers cannot check out`."""
_ID = re.compile(
    r"(?<![\w/.-])(?P<id>(?:INC|INCIDENT|Incident|Inc|PIR|IR)[-_#]?\d[\w-]{1,30}|(?i:incident\s)#?\d{2,10})(?!\w)"
)
_ID_CUE = re.compile(
    r"(?i:\b(?:declar\w+|open\w*|creat\w+|start\w+|track\w+|number|filed|logged|raised|this is|incident (?:id|is)|assigned|known as|under|channel for)\b)"
)


def _severity(clause: Clause) -> Iterator[Phrase]:
    """Find a declared severity, the title and the id that stand beside it."""
    told = _RATED.search(clause.text)
    label = next((label for form in _SEVERITY_FORMS if (label := _last_level(form, clause))), "") if told else ""
    if label and not clause.supposes:
        yield Phrase(field="summary.severity", value=label)
        if _DECLARATION.search(clause.text) or re.search(
            r"\b(?:declar\w+|open(?:ed|ing)|start(?:ed|ing) an? incident|treat(?:ing)? (?:it|this) as|call(?:ing)? (?:it|this)|mak(?:e|ing) (?:it|this))",
            clause.text,
            re.IGNORECASE,
        ):
            yield Phrase(field="milestone.responding", value=clause.raw)
        if titled := _TITLED.match(clause.raw) or _DECLARED.search(clause.raw):
            yield Phrase(field="summary.title", value=titled["title"].strip().rstrip(".,;"))
    if not clause.supposes and (found := _ID.search(clause.text)) and not clause.denied(found.start()):
        alone = found.start() == 0 or clause.text[: found.start()].strip(" [(#:").lower() in {"", "incident"}
        if (
            alone
            or _ID_CUE.search(clause.text[: found.start()])
            or clause.text[found.end() :].strip().startswith(("declared", "opened", "created"))
        ):
            yield Phrase(field="summary.incident_id", value=found["id"])


def _last_level(form: re.Pattern[str], clause: Clause) -> str:
    """Return the label of the match that counts: in `from SEV1 to SEV2` the later one."""
    if not (found := form.search(clause.text)) or clause.denied(found.start()) or _denied_inside(found):
        return ""
    groups = found.groupdict()
    if groups.get("word"):
        return groups["word"].lower()
    label = f"SEV{groups['sev']}" if groups.get("sev") else f"P{groups['prio']}"
    after = re.match(rf"\s*(?:->|→|to|=>)\s*{_LEVEL}", clause.text[found.end() :])
    if after:
        label = f"SEV{after['sev']}" if after["sev"] else f"P{after['prio']}"
    return label


def _denied_inside(found: re.Match[str]) -> bool:
    return re.search(r"\b(?:not|n't|no longer|never)\b|n't\b", found[0]) is not None


# --- what happened, and when --------------------------------------------------------------------------------------

_RULE_FORMS = tuple((field, mood, re.compile(form, re.IGNORECASE)) for field, mood, form, _ in RULES)
_STEMS = {
    stem: tuple(number for number, rule in enumerate(RULES) if stem in rule[3].split("|"))
    for stem in dict.fromkeys(stem for rule in RULES for stem in rule[3].split("|"))
}
_BEGAN = re.compile(
    rf"\b(?:impact|{FAULT}|it|this) (?:\w+ )?(?:started|began|starting|beginning|start|since|goes back)(?: (?:at|around|about|from|to))*:? "
    r"(?P<clock>\d{1,2}:\d\d(?::\d\d)?(?: ?[ap]m)?(?: ?(?:UTC|GMT|Z|[A-Z]{2,4}T))?)(?!\w)(?P<opening>)",
    re.IGNORECASE,
)

_LASTED = re.compile(
    rf"\b{HARM}\b[^.;]{{0,60}}? {STRETCH}|^{STRETCH.replace('clock', 'opening')}[^.;]{{0,40}}?\b{HARM}\b",
    re.IGNORECASE,
)
"""`1,900 fans lost their cart between 18:48 and 19:31`: the harm began with the stretch."""
_UNREAL = re.compile(r"\b(?:if|would|may|might|should|will|plan\w*)\b", re.IGNORECASE)


_IN_VAIN = re.compile(
    r"\b(?:no (?:change|effect|difference|improvement|luck|help)|(?:did not|didn't|does not|doesn't) help|still (?:failing|broken|down|seeing|\d))",
    re.IGNORECASE,
)
"""What people say of an attempt that did not end it."""


_OF_CAUSE = re.compile(r"^(?:\w+ )?(?:root[- ])?cause\b[^:]{0,20}:", re.IGNORECASE)
"""A line that tells the cause names the change that broke things, not the one that mended them."""


def _stated(clause: Clause) -> Iterator[Phrase]:
    """Find what the table of rules describes; each rule speaks once a sentence."""
    lower = clause.text.lower()
    for number in sorted({number for stem, numbers in _STEMS.items() if stem in lower for number in numbers}):
        field, mood, form = _RULE_FORMS[number]
        if mood == PLAIN and clause.supposes:
            continue
        found = form.search(clause.text)
        if found is None:
            continue
        if mood == PLAIN and (clause.denied(found.start()) or _denied_inside_clause(clause, found, field)):
            continue
        if field == "milestone.fix_implemented" and _OF_CAUSE.match(clause.text):
            continue
        if field == "milestone.fix_implemented":
            yield Phrase(field="resolution.step", value=clause.raw)
            if _IN_VAIN.search(clause.text):
                continue
        value = (found.groupdict().get("value") or clause.raw).strip(" ,;:")
        if field.startswith("root_cause") and not is_cause(value):
            continue
        yield Phrase(field=field, value=value)
    yield from _began(clause)


def _began(clause: Clause) -> Iterator[Phrase]:
    """Find the clock time from which something failed."""
    found = None if clause.supposes else _BEGAN.search(clause.text)
    if found is None and not _UNREAL.search(clause.text):
        found = _LASTED.search(clause.text)
    if found and not clause.denied(found.start()):
        yield Phrase(field="milestone.impact_started", value=clause.raw, clock=found["clock"] or found["opening"])


def _denied_inside_clause(clause: Clause, found: re.Match[str], field: str) -> bool:
    """Refuse `is not resolved`, `not fully back to normal`, `rollback failed`: a denial inside or right behind."""
    if not field.startswith(("milestone.", "summary.status", f"{EXECUTIVE}.resolution")):
        return False
    inside = re.search(
        r"\b(?:not|never|no longer|isn't|aren't|hasn't|haven't|wasn't|didn't|doesn't|don't)\b", found[0], re.IGNORECASE
    )
    behind = re.match(
        r"\W*(?:didn't|did not|failed|has not|hasn't|yet to)\b", clause.text[found.end() :], re.IGNORECASE
    )
    return inside is not None or behind is not None


# --- how many -----------------------------------------------------------------------------------------------------

_ABOUT = r"(?:about|around|roughly|approximately|approx\.?|~|≈|circa|ca\.?|over|more than|up to|at least|nearly|almost|some|fewer than|less than|under)"
_NUMBER = r"\d[\d,.]{0,20}(?:\s?(?:k|m|thousand|million)\b)?"
_WHO = (
    r"(?:users?|customers?|accounts?|tenants?|merchants?|clients?|visitors?|subscribers?|members|people|shoppers?|buyers|sessions?|"
    r"check-?outs?|orders?|requests?|payments?|logins?|sign-?ins?|sign-?ups?|transactions?|purchases?|uploads?|searches|calls|"
    r"messages|jobs|builds|traffic|page ?views|api calls|bookings|(?:\w+ )?attempts|invoices|e?-?mails|images|files|tickets|deliveries|workspaces|organi[sz]ations|teams|devices)"
)
_COUNT = re.compile(
    rf"(?P<value>(?:{_ABOUT}\s?)?(?:{_NUMBER}\s?(?:%|percent|per cent)\s(?:of\s)?(?:\w+\s){{0,3}}?{_WHO}|(?<![\w.:-]){_NUMBER}\s(?:\w+\s){{0,2}}?{_WHO}"
    rf"|(?<![\w.:-]){_NUMBER}\s(?:\w+\s)?(?!(?:pods|nodes|hosts|servers|instances|replicas|containers|brokers|shards|disks)\b)[a-z]+s(?=\s(?:were|was|have been|are)\s(?:delayed|affected|impacted|rejected|dropped|lost|not delivered|late)))\b)",
    re.IGNORECASE,
)
_HURT = re.compile(
    r"\b(?:affect\w*|impact\w*|fail\w*|error\w*|unable|can't|cannot|couldn't|could not|hit|experienc\w*|down|broken|5xx|50\d|"
    r"timing out|timed out|blocked|degraded|slow|reject\w*|delay\w*|late|locked out|hurt|dropped|declined|50\ds|unavailable)\b",
    re.IGNORECASE,
)
_HEALED = re.compile(
    r"\b(?:recover\w*|restored|back (?:to|up|online)|rolled out|rollout|canary|enabled|shift\w*|succe\w+|healthy|fine|"
    r"working|ok|unaffected|not affected|not impacted|tickets?|complaints?|complained|reported|per second|/s|rps|qps|replicas|retries|threshold|alert(?:s|ing)? (?:at|when|if))\b",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    rf"\bno (?:\w+ )?(?P<who>{_WHO}) (?:(?:were|are|was|have been|has been|is) )?(?:affected|impacted)\b", re.IGNORECASE
)


def _affected(clause: Clause) -> Iterator[Phrase]:
    """Find how many were hurt: a number of users or of what they do, in a sentence that tells of harm."""
    if found := _NOBODY.search(clause.text):
        yield Phrase(field=f"{IMPACT}.users_affected", value=f"no {found['who']}")
        return
    found = _COUNT.search(clause.text) if re.search(r"\d", clause.text) else None
    if found is None or _HEALED.search(clause.text) or clause.denied(found.start()):
        return
    beyond = clause.text[: found.start()] + " " + clause.text[found.end() :]
    if _HURT.search(beyond) and not re.search(
        r"\b(?:if|would|could(?! not|n\'t)|might|until|should)\b", clause.text, re.IGNORECASE
    ):
        yield Phrase(field=f"{IMPACT}.users_affected", value=found["value"].strip())


# --- what it was not ----------------------------------------------------------------------------------------------

_NOT_RULED = re.compile(
    r"\b(?:can't|cannot|can not|couldn't|haven't|hasn't|not|n't|never|to|should|try(?:ing)? to|before)\s(?:yet |be |been |fully )*(?:rul(?:e|ed|ing) out)\b",
    re.IGNORECASE,
)
_RULED = (
    re.compile(r"\b(?:rul(?:ed|ing) out|(?:can|we|i) (?:now )?rule out) (?P<value>[^,;.]{2,80})", re.IGNORECASE),
    re.compile(r"(?:^|[,;] (?:(?:so|and|therefore|thus) )?)(?P<value>[^,;:]{2,60}?) (?:(?:is|are|was|were|has been|have been|can be) )?(?:now )?ruled out\b", re.IGNORECASE),
    re.compile(r"^(?:(?:so|ok,?|and|also|confirmed,?|update:?) )*(?P<value>(?:the |our |this |that )?[\w/.' -]{2,50}?) (?:is|are|was|were|has|have|had)(?:n't| not| nothing| no)(?: (?:the|a|to do with|related to|involved in|cause of|relation to))*(?: (?:root )?(?:cause|culprit|problem|issue|this|it|reason))$", re.IGNORECASE),
    re.compile(r"^(?:(?:the |our |this )?(?P<value>[\w/. -]{2,50}?)) (?:is|are|was|were) (?:unrelated|a red herring|innocent|not (?:involved|related|to blame|at fault))\b", re.IGNORECASE),
    re.compile(r"^(?:(?:so|ok,?|and|confirmed,?|definitely|it's|its|it is|it was|this is|this was|that's|this isn't|it isn't|it wasn't|wasn't|isn't|clearly) )*(?:not (?:related to |caused by |due to )?|(?<=isn't )|(?<=wasn't ))(?P<value>(?:the|a|an|our) [\w/.-]+(?: [\w/.-]+){0,4})$", re.IGNORECASE),
)  # fmt: skip
_MAY_RULE = re.compile(r"rul|n't|\bnot?\b|nothing|unrelated|red herring|innocent", re.IGNORECASE)
_NO_SUSPECT = re.compile(
    r"^(?:(?:the|a|an|our) )?(?:first|last|only|best|same|case|end|time|point|whole|right|full|problem|issue|cause|root|sev|p\d|"
    r"incident|outage|surprise|big|blocker|fan|good|great|lot|few|priority|way|place|moment|drill|real|new|it|this|that|there|we|i|"
    r"page|one|ones|answer|solution|fix|plan|concern|expert|hard|easy|bad|done|over|which|what|who)\b",
    re.IGNORECASE,
)


def _ruled_out(clause: Clause, before: str) -> Iterator[Phrase]:
    """Find what people excluded as a cause; `Ruled out.` alone speaks of the sentence before it."""
    if before and re.fullmatch(r"(?:so |is |that is |now )*ruled out", clause.text.strip(), re.IGNORECASE):
        yield Phrase(field="root_cause.ruled_out", value=before)
        return
    if clause.supposes or _NOT_RULED.search(clause.text):
        return
    if not _MAY_RULE.search(clause.text):
        return
    for form in _RULED:
        found = form.search(clause.text)
        if found is None:
            continue
        value = found["value"].strip()
        value = re.sub(r"^(?:we|i)(?:'ve| have)?\s", "", value)
        if not _NO_SUSPECT.match(value) and len(value.split()) <= 10:
            yield Phrase(field="root_cause.ruled_out", value=value)
            return
