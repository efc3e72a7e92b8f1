"""How people tell a cause without calling it one: `found it. The pool is never given back`, `it's the migration 0115`.

In come the sentences of one message; out go, for one of them, the words that tell a cause and how surely: `told` when they
are presented as the finding, `explained` when a symptom is told together with its reason. A guess, a question, a denial
and a reason for something else than a symptom tell nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from afteraction.formats.clauses import LOOKS_BACK, SUPPOSES, Clause

TOLD = "root_cause.told"
EXPLAINED = "root_cause.explained"
_AT_LENGTH = 420

_LEAD = r"^(?:(?:ok(?:ay)?|so|and|right|well|confirmed|aha|yes|yep|update|news|(?:it )?turns out|i think|think)[,:]? (?:that )?)*"
_FOUND = re.compile(
    rf"{_LEAD}(?:(?:i|we)(?:'ve| have)? )?(?:just )?(?:found|got|nailed|pinpointed|tracked down|figured out)"
    r" (?:it|the (?:problem|bug|issue|culprit|reason|cause|root cause)|what (?:it is|happened|is wrong|went wrong))"
    r"(?:\s*[:,–—-]\s*(?P<value>\S.+))?$",
    re.IGNORECASE,
)
_MADE = (
    r"(?:migrations?|deploy(?:ment|s)?|release|roll-?out|config(?:uration|s|map)?|change|upgrade|update|commit|patch|certificate|cert|"
    r"(?:feature )?flag|(?:cron)?job|limits?|quota|leak|index|query|lock|deadlock|firewall|rule|dns|resolver|disk|volume|bug|race|token|"
    r"credentials?|secret|pr|version|image|script|backup|reindex\w*|cache|policy|route|setting|pool|regression|merge|node|probe|timeout|"
    r"proxy|load balancer|network|switch|provider|vendor|region|zone)"
)
_IT_IS = re.compile(
    rf"{_LEAD}(?:it's|it is|it was|this is|this was|that's|that was)(?: all| just| actually| again)? (?:the|our|an?|that|because of|due to)"
    rf" (?:[\w'/.-]+ ){{0,4}}?{_MADE}\b(?!\s+(?:channel|window|schedule|meeting|doc\w*|page|that (?:fixed|helped))\b)",
    re.IGNORECASE,
)
_SYMPTOM = re.compile(
    r"\b(?:fail\w*|can(?:'t|not)|could(?: not|n't)|unable|down|errors?|5xx|50\d|40[13]s?|time-?outs?|timing out|timed out|stuck|pending|"
    r"crash\w*|restart(?:s|ing) (?:in|over)|oom\w*|lacks?|exhaust\w*|full|unassigned|missing|refus\w*|reject\w*|slow\w*|latency|broken|"
    r"blocked|lost|unavailable|unreachable|degraded|starv\w*|red|empty|nowhere|nothing|no longer|not (?:working|ready|scheduled|responding)|"
    r"out of|no limit|unbounded|without (?:a )?limits?|grow(?:s|ing)?|rejects?|delayed)\b",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"\b(?:because(?: of)?|due to|as a result of|thanks to)\s+(?P<why>(?!(?:we|i|you) (?:want|need|should|must|may|will)\b)\S+(?:\s+\S+){2,})",
    re.IGNORECASE,
)
_MISCHIEF = (
    r"(?:delet\w+|remov\w+|dropp\w+|chang\w+|upgrad\w+|updat\w+|deploy\w+|rotat\w+|expir\w+|revok\w+|rais\w+|lower\w+|reduc\w+|"
    r"decommission\w*|renam\w+|mov\w+|migrat\w+|disabl\w+|enabl\w+|truncat\w+|overwr\w+|misconfigur\w+|merg\w+|switch\w+|replac\w+)"
)
_AFTER = re.compile(
    rf"\b(?:after|since|when)\s+(?:the |our |an? |someone |somebody |we |it )?(?:[\w'/.-]+ ){{0,4}}?(?:was |were |got |had |has been )?{_MISCHIEF}\b",
    re.IGNORECASE,
)
_SINCE = re.compile(
    r"\b(?:since|after) (?:yesterday'?s?|today'?s?|last night'?s?|this morning'?s?|the|our|a) (?:[\w'/.-]+ ){0,3}?"
    r"(?:change|deploy(?:ment)?|release|upgrade|migration|commit|update|roll-?out|maintenance)\b",
    re.IGNORECASE,
)
_SO = re.compile(
    r",? (?:so|therefore|hence|which is why|that is why|which means(?: that)?|and therefore) (?!(?:we|i|you|let)\b)(?P<then>.+)$",
    re.IGNORECASE,
)
_MADE_SO = re.compile(rf"\b{_MISCHIEF}\b", re.IGNORECASE)
"""`they changed the answer to gzip, so every page fails`: what was done to a thing, and what came of it."""
_WRONGLY = re.compile(
    r"\b(?:was|were|got|is|are|has been|have been|had been) (?:\w+ )?(?:set|changed|configured|overwritten|deleted|removed|renamed|revoked|"
    r"pointed|routed|misconfigured|dropped|lowered|raised|disabled|replaced|reset)\b.*?\b(?:instead of|by mistake|accidentally|by accident|"
    r"wrongly|a typo|too (?:low|high|early|small)|by (?:the|a|an|our) [\w-]+)\b",
    re.IGNORECASE,
)
"""What was done to a thing that should not have been done to it."""
_EXPIRED = re.compile(
    r"\b(?:cert(?:ificate)?s?|tokens?|licen[cs]es?|domains?|api keys?|keys?|credentials?|passwords?|secrets?|leases?|subscriptions?)\b"
    r"(?:\s+[\w'/.:-]+){0,6}?\s+(?:(?:has|have|had|was|were|is|are|got|been|just|already) )*(?:expired|revoked)\b",
    re.IGNORECASE,
)
_DENIED = re.compile(r"\b(?:not|never|hasn't|isn't|wasn't|don't|doesn't|didn't|aren't)\b", re.IGNORECASE)
_MENDED = re.compile(r"\b(?:fixed|helped|restored|resolved|recovered|rolled back|reverted)\b", re.IGNORECASE)


def cause_told(said: Sequence[Clause], index: int) -> tuple[str, str]:
    """Return the field and the words of the cause that sentence `index` of a message tells; two empty texts for none."""
    clause = said[index]
    found = _FOUND.match(clause.text)
    if found and not clause.denied(found.start()):
        value = clause.raw[-len(found["value"]) :] if found["value"] else ""
        told = _with_rest(value, said, index)
        return (TOLD, told) if len(told.split()) >= 3 else ("", "")
    if not clause.supposes and not clause.looks_back and _IT_IS.match(clause.text) and not _MENDED.search(clause.text):
        return TOLD, _with_rest(re.sub(_LEAD, "", clause.raw, count=1, flags=re.IGNORECASE), said, index)
    if _explains(clause):
        return EXPLAINED, _with_rest(clause.raw, said, index)
    return "", ""


def _explains(clause: Clause) -> bool:
    """Whether a sentence tells a symptom with its reason, or that something ran out which must not."""
    if expired := _EXPIRED.search(clause.text):
        return not clause.supposes and not clause.denied(expired.start()) and not _DENIED.search(expired[0])
    if (wrongly := _WRONGLY.search(clause.text)) and not LOOKS_BACK.search(clause.text[: wrongly.start()]):
        return not clause.supposes and not clause.denied(wrongly.start()) and not _MENDED.search(clause.text)
    if not clause.supposes and _follows(clause):
        return True
    for form in (_REASON, _AFTER, _SINCE):
        found = form.search(clause.text)
        head = clause.text[: found.start()] if found else ""
        # A reason may lie in the past (`because yesterday ...`), the symptom may not.
        # What is supposed may stand behind the reason (`... until it is full`), never before it.
        if found and SUPPOSES.search(clause.text[: found.end()]):
            continue
        if found and _SYMPTOM.search(head) and not _MENDED.search(head) and not LOOKS_BACK.search(head):
            return _DENIED.search(_SYMPTOM.sub("", head)) is None
    return False


def _follows(clause: Clause) -> bool:
    """Whether a sentence tells a change and the symptom that came of it."""
    so = _SO.search(clause.text)
    if so is None or _MENDED.search(clause.text):
        return False
    return bool(_MADE_SO.search(clause.text[: so.start()]) and _SYMPTOM.search(so["then"]))


def _with_rest(value: str, said: Sequence[Clause], index: int) -> str:
    """Add the sentences that follow in the message, up to a question, a plan or a length that nobody reads."""
    told = [value] if value else []
    for clause in said[index + 1 :]:
        if clause.asks or (clause.supposes and told) or _PLANS.match(clause.text):
            break
        if sum(map(len, told)) + len(clause.raw) > _AT_LENGTH:
            break
        told.append(clause.raw)
    return ". ".join(told)


_PLANS = re.compile(
    r"^(?:so |ok,? |now )*(?:i|we|let's|let me|i'll|i'm|we'll|rolling|reverting|going to|will|can|please|@|suggest)\b(?!(?:'ve| have)? (?:never|only|always|still))",
    re.IGNORECASE,
)
"""A sentence that tells what is done next and no more what the cause is."""
