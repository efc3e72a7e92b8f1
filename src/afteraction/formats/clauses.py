"""Prose that people typed becomes clauses that may be read as statements.

In comes the text of one message or paragraph; out go its sentences in order, without code blocks, quoted lines and
signatures of other people, each marked when it asks, supposes, looks back or denies. Nothing is dropped for its topic.
The marks are general English; no name of a person, service or company stands here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_FENCE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_QUOTED_LINE = re.compile(r"^\s*(?:>|&gt;).*$", re.MULTILINE)
_QUOTED = re.compile(r'"[^"\n]{3,400}"|“[^”\n]{3,400}”')
_EMOJI = re.compile(r":[a-z0-9_+'-]{2,40}:(?::skin-tone-\d:)?")
_SIGNS = r"(?:[\u2600-\u27bf\U0001f300-\U0001faff]\ufe0f?)+"
_SIGN_BETWEEN = re.compile(rf"(?<=[\w)%])\s+{_SIGNS}\s+(?=\w)")
"""A drawn sign between words ends what was said before it, as a full stop does."""
_SIGN = re.compile(rf"\s?{_SIGNS}\s?")
_EMPHASIS = re.compile(r"(?<![\w*_])(?:[*_]{1,3}|~{1,2}(?!\s?\d))(?=\S)|(?<=\S)[*_~]{1,3}(?![\w*_])|`")
_END = re.compile(r"(?<!\b[ei]\.[ge])(?<!\bvs)(?<!\bapprox)(?<!\bca)(?<!\bno)(?<!\bMr)(?<!\bDr)([.!?]+)(?=[\s)\"”]|$)")
_BULLET = re.compile(r"^\s*(?:[-*+•◦▪]|\d{1,2}[.)])\s+(?:\[[ xX]\]\s+)?")

_ASKS = re.compile(
    r"^(?:(?:so|and|but|ok(?:ay)?|hey|hmm+|wait)[,:]?\s+|@[\w.-]+[,:]\s+|@[\w.-]+\s+(?!is\b|was\b|has\b|will\b|are\b))*"
    r"(?:is|are|was|were|am|do|does|did|can|could|should|shall|would|will|has|have|had|may|might|who|what|whats|when|"
    r"where|why|which|how|any(?:one|body)?|anything|wonder(?:ing)?|i wonder|isn't|aren't|don't|doesn't|didn't)\b"
    r"(?!\s+(?:happened|we know|went \w+|we learn(?:ed|t))\s*:)",
    re.IGNORECASE,
)
SUPPOSES = re.compile(
    r"\b(?:if|whether|maybe|perhaps|possibly|possible|probabl[ey]|presumabl[ey]|likely|unlikely|might|may be|could|would|"
    r"i think|i guess|i suspect|i believe|i assume|we think|we suspect|we believe|suspect(?:ed|ing)?|suspicion|theory|"
    r"hypothesis|hunch|guess(?:ing)?|my bet|looks? like|seems?|appears?|sounds like|feels like|not sure|unsure|unclear|"
    r"wonder(?:ing)?|assum(?:e|ing)|suppos(?:e|edly)|hopefully|hoping|unless|until|in case|should(?:n't)?|"
    r"need(?:s)? to|want(?:s)? to|let me know|waiting (?:for|on|to)|once|propos(?:e|al|ing)|vote|consider(?:ing)?|"
    r"potential(?:ly)?|tbd|n/a)\b|\?",
    re.IGNORECASE,
)
LOOKS_BACK = re.compile(
    r"\b(?:last (?:week|month|time|year|night|quarter|incident|outage|one)|yesterday|previous(?:ly)?|back in (?:the day|\d{4}|may)|years? ago|"
    r"weeks? ago|months? ago|days ago|similar to|same as|just like|like (?:the|in|last|on) |remember(?:s|ed)?|"
    r"reminds?|related to|duplicate of|dup(?:e)? of|for example|e\.g|hypothetically|drill|exercise|runbook for|"
    r"template|policy|definition of|means that|used to be|the other day|(?:in|from) (?:january|february|march|april|"
    r"june|july|august|september|october|november|december)\b)",
    re.IGNORECASE,
)
DENIES = re.compile(
    r"\b(?:not|never|no|nobody|none|without|neither|nor|cannot|don't|doesn't|didn't|isn't|aren't|wasn't|weren't|hasn't|"
    r"haven't|hadn't|can't|couldn't|won't|wouldn't|ain't|nothing|far from|stop(?:ped)?|rather than|instead of|un(?:able|done))\b",
    re.IGNORECASE,
)
"""Words that turn a statement into its opposite when they stand before it in its clause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One sentence. `text` has quotations blanked to `""`, `raw` keeps them; both are free of emphasis and emoji codes.

    `asks`, `supposes` and `looks_back` say that the sentence is a question, a hypothesis or condition, or about
    another time or incident. `first` is True for the first sentence of its line.
    """

    text: str
    raw: str
    asks: bool
    supposes: bool
    looks_back: bool
    first: bool

    @property
    def plain(self) -> bool:
        """Whether the sentence states something about here and now."""
        return not (self.asks or self.supposes or self.looks_back)

    def denied(self, position: int) -> bool:
        """Whether a denial stands in the same part of the sentence (after a comma, `but` or `;`) before `position`."""
        before = re.split(r"[,;:–—]|\bbut\b", self.text[:position])[-1]
        return DENIES.search(before) is not None


def clauses(text: str) -> Iterator[Clause]:
    """Yield the sentences of a message in order."""
    text = _QUOTED_LINE.sub("", _FENCE.sub("\n", text)).replace("’", "'").replace("‘", "'")
    for line in text.splitlines():
        cleaned = _EMPHASIS.sub("", _EMOJI.sub(" ", _BULLET.sub("", line)))
        cleaned = _SIGN.sub(" ", _SIGN_BETWEEN.sub(". ", cleaned))
        cleaned = re.sub(r"\s+", " ", cleaned).strip()
        if cleaned:
            yield from _sentences(cleaned[:4000])


def _sentences(line: str) -> Iterator[Clause]:
    start, first = 0, True
    for end in [match.end() for match in _END.finditer(line)] + [len(line)]:
        raw = line[start:end].strip().lstrip(" )")
        while raw.endswith(")") and raw.count(")") > raw.count("("):
            raw = raw[:-1].rstrip()
        start = end
        if len(raw) < 2:
            continue
        body = _QUOTED.sub('""', raw)
        yield Clause(
            text=body.rstrip(".! "),
            raw=raw.rstrip(".! "),
            asks=raw.rstrip('")” ').endswith("?") or _ASKS.match(body) is not None,
            supposes=SUPPOSES.search(body) is not None,
            looks_back=LOOKS_BACK.search(body) is not None,
            first=first,
        )
        first = False
