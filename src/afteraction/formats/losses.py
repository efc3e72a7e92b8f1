"""What an incident cost, as people state it: how many were hurt, how much money was lost, who outside was called.

In comes one sentence; out go fields of the impact with the words that state them. A number counts only beside the harm
(`1,900 fans lost their cart`), an amount of money only beside a word for a loss; what costs in general, what was saved and
what may be are no losses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from afteraction.formats.clauses import Clause

_ABOUT = r"(?:(?:about|around|roughly|approximately|approx\.?|circa|ca\.?|some|nearly|almost|over|more than|at least|up to|an estimated)\s|[~≈]\s?)?"
_NUMBER = r"\d[\d,.]{0,14}(?:\s?(?:k|m|thousand|million)\b)?"
_BUT_UNITS = r"(?!(?:seconds?|minutes?|hours?|days?|weeks?|times|percent|points?|retries|replicas|pods|nodes|hosts|servers|instances|errors|alerts|lines|rows|bytes|commits)\b)"
_HARMED = (
    r"(?:(?:was|were|is|are|have been|has been|got) (?:\w+ )?(?:affected|impacted|hit|lost|delayed|rejected|declined|blocked|cancell?ed|missed|"
    r"charged twice|debited twice|locked out|disconnected|offline|down|without|unable|dropped|refused|stuck|late)|"
    r"(?:got|received|saw|had) (?:their|the|a|an) [^.;]{1,40}?\b(?:late|twice|wrong|missing|empty)\b|"
    r"(?:could|can|did) ?(?:not|n't)|couldn't|can't|cannot|didn't|failed|missed|lost|saw errors|had no|timed out)\b"
)
_HURT = re.compile(
    rf"(?<![\w.:#/-])(?P<value>{_ABOUT}{_NUMBER}\s(?:[a-z-]+\s)?{_BUT_UNITS}[a-z]{{3,}}(?:s|people|staff)(?:\s(?:in|at|from|of|on)\s(?:the\s|\d{{1,6}}\s)?[\w-]+)?)\s{_HARMED}",
    re.IGNORECASE,
)
_AND_MORE = re.compile(
    rf"\baffected[,:]?\s(?:and\s)?(?P<value>{_ABOUT}{_NUMBER}\s{_BUT_UNITS}[a-z]{{3,}}s)\b", re.IGNORECASE
)
_SUPPOSED = re.compile(r"\b(?:if|would|might|may|should|unless|until|expected to)\b", re.IGNORECASE)

_CODE = r"(?-i:[A-Z]{3})"
_MONEY = (
    rf"{_ABOUT}(?:(?:[$€£¥]|{_CODE}\s)\s?\d[\d,.]*\d(?:\s?(?:k|m|mn|bn|million|thousand)\b)?|"
    rf"\d[\d,.]*\d?\s?(?:(?:k|m|mn|bn|million|thousand)\s?)?(?:[$€£¥]|(?-i:USD|EUR|GBP|CHF|JPY|SEK|NOK|DKK|PLN|CZK|INR|BRL|AUD|CAD|NZD|SGD|ZAR|TRY|HUF)\b|(?:dollars|euros|pounds|francs|crowns|rupees|yen)\b))"
)
_LOST = (
    r"(?:lost|missed|missing|unsold|losses|loss|lose|losing|penalt(?:y|ies)|fines?|(?:sla|service) credits?|credits|refund(?:s|ed)?|compensat(?:ion|ed|e)|"
    r"goodwill|damages?|chargebacks?|write-?offs?|forgone|foregone|cost(?:s)? (?:us|of (?:the|this) (?:incident|outage)))"
)
_LOSSES = re.compile(
    rf"\b{_LOST}\b[^.;]{{0,60}}?(?<![\w.])(?P<value>{_MONEY})|(?P<before>{_MONEY})[^.;]{{0,40}}?\b{_LOST}\b",
    re.IGNORECASE,
)
_NO_LOSS = re.compile(
    r"\b(?:saved?|saving|budget|per (?:month|year|hour)|a (?:month|year)|no (?:loss|refund|money)|last (?:year|month|time|quarter))\b|\?",
    re.IGNORECASE,
)
_MUCH = 160
"""A sentence longer than this tells more than the amount; then only its own words are kept."""

_OUTSIDE = re.compile(
    r"\b(?P<act>(?:rais|open|fil|creat|submitt|logg)(?:ed|ing)|call(?:ed|ing)|phon(?:ed|ing)|contact(?:ed|ing)|escalat(?:ed|ing)(?: to)?)\s"
    r"(?:(?:an?|the|our|another|with|at|to|up)\s)*(?P<what>[^.;]{0,60}?)"
    r"(?:\(?\b(?:their |the |our )?(?:support )?(?:case|ticket|reference|ref)\b(?: (?:number|no\.?|id))?:? #?(?P<id>[A-Z]{0,5}-?\d[\w-]{2,20}))",
    re.IGNORECASE,
)
_BESIDE = re.compile(
    r"\b(?:their|the (?:provider|vendor|carrier|supplier)'s?)\s(?:[\w-]+\s){0,4}\((?:[^()]{0,40}[\s,])?(?:case|ticket|reference)\s#?[A-Z]{0,5}-?\d[\w-]{2,20}\)",
    re.IGNORECASE,
)
"""`their operations desk (ticket ECD-20931)`: somebody outside, with the number that they gave."""
_THEIRS = re.compile(r"\b(?:their|provider|vendor|carrier|support|supplier|upstream|isp|noc)\b", re.IGNORECASE)


def losses_in(clause: Clause) -> Iterator[tuple[str, str]]:
    """Yield the fields of a sentence about what the incident cost, each with the words that state it."""
    if clause.asks or clause.looks_back:
        return
    if any(sign.isdigit() for sign in clause.text):
        yield from _hurt(clause)
        yield from _money(clause)
        yield from _outside(clause)


def _hurt(clause: Clause) -> Iterator[tuple[str, str]]:
    told = [
        found for form in (_HURT, _AND_MORE) if (found := form.search(clause.text)) and not clause.denied(found.start())
    ]
    if told and not _SUPPOSED.search(clause.text):
        values = dict.fromkeys(found["value"].strip() for found in told)
        yield "executive_summary.impact.users_affected", ", ".join(values)


def _money(clause: Clause) -> Iterator[tuple[str, str]]:
    found = _LOSSES.search(clause.text)
    if found is None or _NO_LOSS.search(clause.text) or re.search(r"\b(?:if|would|might|could)\b", clause.text):
        return
    value = (found["value"] or found["before"]).strip()
    yield "impact.business.revenue_loss", clause.raw if len(clause.raw) <= _MUCH else value


def _outside(clause: Clause) -> Iterator[tuple[str, str]]:
    if found := _BESIDE.search(clause.text):
        yield "impact.team.external_dependencies", clause.raw
    found = _OUTSIDE.search(clause.text)
    if found and _THEIRS.search(found[0]) and not clause.denied(found.start()):
        yield "impact.team.external_dependencies", clause.raw
        yield "impact.team.escalation_required", clause.raw
