"""Who holds which role in a response, as people announce it: `I'm IC`, `Scribe: Bo`, `@anna is incident commander`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from afteraction.formats.clauses import Clause

_ROLES: tuple[tuple[str, str], ...] = (
    ("incident_commander", r"(?i:incident[ -](?:commander|lead|manager|captain|owner|command)|commander)|IC|(?<=am )ic|(?<='m )ic|(?<=as )ic|(?<=take )ic|(?<=taking )ic"),
    ("technical_lead", r"(?i:tech(?:nical)?[ -](?:lead|side|work|part)|operations lead|ops lead|technical owner)"),
    ("communications_lead", r"(?i:comm(?:unication)?s?(?:[ -](?:lead|manager|liaison|person|owner))?|customer[ -]liaison|communications?)"),
    ("scribe", r"(?i:scribe|note[- ]?taker|scribing|taking notes)"),
    ("facilitator", r"(?i:(?:post-?mortem|retro(?:spective)?|review)[ -](?:facilitator|owner|lead)|facilitator)"),
)  # fmt: skip
_FILLER = r"(?:(?:now|the|your|our|acting|as|taking|taking over|over|on|going to be|handling|running|doing|it)\s+)*"
_MINE = (
    rf"(?i:\b(?:i'm|i am|i'll be|i will be)\s+{_FILLER})",
    rf"(?i:\b(?:i'll|i will|i've|i have|i'm going to)\s+(?:and\s)?(?:(?:take|got|do|handle|run|be|take over|taken|own|act as)\s+)+{_FILLER})",
    rf"(?i:^(?:ok(?:ay)?,?\s)?(?:taking(?: over)?|acting)\s+{_FILLER})",
    r"(?i:^(?:ok(?:ay)?,?\s|yes,?\s|sure,?\s)?(?=scribing$|taking notes$))",
    rf"(?i:\bi\s(?:did|do|took|had)\s(?:on\s|over\s)?{_FILLER})",
    r"(?i:\b(?:i'll|i will)\s+(?=scribe))",
    r"(?i:\b(?:i'll|i will|i'm)\s[^.;?]{0,40}\band\s(?:(?:do|take|handle|run)\s)?)",
)
"""How people take a role themselves; the last form is the second half of `I'll scribe and do comms`."""
_NAME = r"(?P<name>@[\w.-]*\w|(?-i:[^\W\d_a-z][\w'’-]+(?: (?:(?:van|von|de|der|den|la|le|al|bin|da)\s)*[^\W\d_a-z][\w'’.-]*){0,2}))"
_AFTER_NAME = r"(?=\s*(?:$|[,;|/()&.–—-]|\b(?i:and|for|is|as|will|until|from|on)\b))"
_NOBODY = frozenset(
    [
        "the",
        "our",
        "this",
        "that",
        "who",
        "we",
        "you",
        "i",
        "it",
        "they",
        "tbd",
        "none",
        "unknown",
        "pending",
        "done",
        "all",
        "yes",
        "no",
        "nobody",
        "anyone",
        "someone",
        "everyone",
        "somebody",
        "updated",
        "posted",
        "ready",
        "update",
        "status",
        "sent",
        "ok",
        "please",
        "thanks",
        "next",
        "current",
        "new",
        "what",
        "which",
        "any",
        "on",
        "as",
        "is",
        "n/a",
        "incident",
        "ic",
        "sev",
        "there",
        "here",
        "still",
        "also",
        "and",
        "but",
        "so",
        "if",
        "when",
        "need",
        "needs",
        "needed",
        "looking",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
    ]
)


_OTHER_USE = ("channel", "template", "is ", "are ", "runbook", "update", "rotation", "of the last", "draft", "doc")
"""What follows a role word that is used for a thing: `taking comms channel notes`, `the IC rotation`."""


_CLAIMS = {words: tuple(re.compile(rf"{form}(?P<role>{words})(?![\w'])") for form in _MINE) for _, words in _ROLES}
_GIFTS = {
    words: tuple(
        re.compile(form)
        for form in (
            rf"\b(?:{words})\s*(?:\(\w{{1,4}}\)\s*)?(?::|=|->|→|\s[-–—]\s)\s*{_NAME}{_AFTER_NAME}",
            rf"\b(?:{words})\s+(?i:is|will be|now|is now|goes to|handed to|passed to)\s+(?i:now\s)?{_NAME}{_AFTER_NAME}",
            (
                rf"{_NAME}(?:'s)?\s+(?i:is|will be|takes|is taking|will take|is taking over(?: as)?|takes over(?: as)?|to be|as|has|"
                rf"acting as|is acting as|now|is now|does|handles|runs|owns|is doing|is handling|will do|will handle)\s+(?i:(?:the|our|over|as|acting|on|now|new)\s+)*(?:{words})(?![\w'])"
            ),
            rf"{_NAME}\s(?=[a-z])[^.;]{{0,50}}?\b(?i:took|takes|has|had|got)\s(?i:on\s|over\s)?(?i:the role of)\s(?i:the\s|an?\s)?(?:{words})(?![\w'])",
            (
                rf"(?i:\b(?:handing|hand|passing|giving|transferring)\s(?:over\s)?(?:the\s)?)(?:{words})\s(?i:over\s)?(?i:to)\s"
                rf"{_NAME}{_AFTER_NAME}"
            ),
        )
    )
    for _, words in _ROLES
}
_PERSON = r"(?<![\w@])(?P<name>@[\w.-]{0,40}\w(?: [A-Z][\w'-]{1,30})?|[A-Z][\w'-]{1,30}(?: [A-Z][\w'-]{1,30})?)"
_SIDES: tuple[tuple[str, str], ...] = (
    ("incident_commander", r"incident[ -](?:commander|lead|manager)|IC|the lead|incident command"),
    ("technical_lead", r"tech(?:nical)?[ -](?:lead|side|part|investigation|analysis)|analysis|debugging"),
    ("communications_lead", r"comms(?: lead)?|communications?(?: lead| side)?|(?:customer|external|support) (?:updates?|communications?)|status page updates|[\w-]+ (?:informed|updated|posted|in the loop)"),
    ("scribe", r"scribe|notes|note[- ]taking"),
)  # fmt: skip
_POLITE = re.compile(r"\b(?:you|please)\b", re.IGNORECASE)
"""What every request holds; most sentences hold none."""
_REQUESTS = tuple(
    (
        role,
        re.compile(
            rf"{_PERSON}[,:]?\s(?:(?i:can|could|would|will)\syou\s(?:(?i:please)\s)?|(?i:please)\s(?:(?i:you)\s)?|(?i:you)\s(?:(?i:please)\s)?(?=(?i:own|take|do|lead|run|handle|drive|make|keep)\b)|(?i:you(?:'re| are)(?: (?:the|our|my))?)\s)"
            rf"(?:(?i:be|take|do|make|drive|handle|run|own|lead|act as|cover|keep|manage|the|our|on|over|with|all)\s)*(?:(?i:{words}))(?![\w'])"
        ),
    )
    for role, words in _SIDES
)
"""How somebody asks another to take a role: `@bo can you drive the technical side`, `Bo, please handle comms`."""
_DUTIES = tuple(
    (role, re.compile(rf"(?:^|[,;]\s|\band\s){_PERSON}\s(?:(?i:now|will|is going to)\s)?(?:{duty})", 0))
    for role, duty in (
        (
            "incident_commander",
            r"(?:leads?|runs?|coordinates?|is leading|is running|is coordinating) (?:the )?(?:incident|response)\b|leads(?=[,;]|$)",
        ),
        ("scribe", r"(?:keeps?|takes?|writes?|is keeping|is taking) (?:the )?(?:notes|minutes)\b"),
        (
            "communications_lead",
            (
                r"(?:informs?|talks? to|updates?|is informing|is talking to|keeps?) (?:the |our )?(?:customers?|clients?|partners?|stakeholders?|management|"
                r"press|regulators?|branch(?:es)?|merchants?|users|support|status page)\b"
            ),
        ),
    )
)
"""What somebody is said to do for the whole response: `Rahim leads the incident; Ada keeps the notes`."""
_LEADS = re.compile(
    r"(?:^|[,;.] ?|\band )i(?:'ll| will| can|'m going to)? (?:lead|run point|take point|run|coordinate|command|take (?:the )?lead on)(?: (?:on|it|this|this one|the incident|the response))?(?=$|[,;.!]| and\b)",
    re.IGNORECASE,
)
"""How somebody takes the lead without a word for the role."""
_ANY_ROLE = re.compile("|".join(words for _, words in _ROLES))
_WISHED = re.compile(r"\b(?:if|should|could|might|maybe|would|until|need(?:s|ed)?)\b", re.IGNORECASE)
_NEGATED = re.compile(r"\b(?:not|n't|no)\b|n't\b", re.IGNORECASE)


def roles_in(clause: Clause, speaker: str) -> Iterator[tuple[str, str]]:
    """Yield role and name (an at sign is dropped) for each role that the sentence gives to somebody."""
    if clause.looks_back:
        return
    polite = _POLITE.search(clause.text) is not None
    asked = {
        role: found["name"].lstrip("@")
        for role, form in _REQUESTS
        if polite
        and (found := form.search(clause.text))
        and not (clause.raw.endswith("?") and not re.search(r"[,;]", clause.text[found.end() :]))
        and found["name"].split()[0].lower() not in _NOBODY
    }
    yield from asked.items()
    leads = _LEADS.search(clause.text) if speaker else None
    if leads and not (clause.asks and leads.end() >= len(clause.text)):
        yield "incident_commander", speaker  # `I run it, Nadia you're tech lead?` asks in its second part only
    if clause.asks or _WISHED.search(clause.text):
        return
    for role, form in _DUTIES:
        found = form.search(clause.text)
        if found and "'" not in found["name"] and found["name"].split()[0].lower() not in _NOBODY:
            yield role, found["name"].lstrip("@")
    if not _ANY_ROLE.search(clause.text):
        return
    for role, words in _ROLES:
        name = _claimed(clause, words, speaker) or _given(clause, words)
        if name and role not in asked:
            yield role, name


def _claimed(clause: Clause, words: str, speaker: str) -> str:
    """Return the speaker when they take the role themselves."""
    if not speaker:
        return ""
    for form in _CLAIMS[words]:
        found = form.search(clause.text)
        if found is None or _NEGATED.search(found[0]):
            continue
        behind = clause.text[found.end() :].strip().lower()
        if not behind.startswith(_OTHER_USE):
            return speaker
    return ""


def _given(clause: Clause, words: str) -> str:
    """Return the name that the sentence gives the role to."""
    for form in _GIFTS[words]:
        for found in form.finditer(clause.text):
            name = found["name"].lstrip("@").strip(" .")
            if name.split()[0].lower() not in _NOBODY and not clause.denied(found.start()):
                return name
    return ""
