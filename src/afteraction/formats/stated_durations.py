"""Where a page says how long something took: `Time to repair: 4h 9m`, `the outage lasted 47 minutes`, `over 14 hours in all`.

The lines of a page come in, the durations that it states of its incident go out, each with its place and its words.
Settings (timeouts, limits), habits, plans, wishes and rows of the timeline are no statements about the incident.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from afteraction.formats.durations import parse_duration
from afteraction.formats.markdown_lines import Line, plain


class DurationKind(StrEnum):
    """How a page states a duration; the value is what follows `duration.` in a statement's field."""

    LABELLED = "labelled"
    """Behind a label, as `Time to resolve`: a number that was worked out."""
    TOLD = "told"
    """In a sentence, as `it went unnoticed for 40 minutes`."""
    TOTAL = "total"
    """A sum over several stretches, as `over 14 hours across four incidents`."""


@dataclass(frozen=True, slots=True)
class StatedDuration:
    """A duration and the line that states it; `text` begins with the words that bound it (`at least 9 hours`)."""

    line: Line
    kind: DurationKind
    text: str


_LABEL = re.compile(
    r"^\W*(?:(?:total|incident|outage|overall|impact|active|user|customer|service|approximate)\s)*"
    r"(?:duration|down ?time|time[- ]to[- ](?:[a-z]+)(?: [a-z]+)?|(?:detection|response|resolution|recovery) (?:delay|time)|"
    r"mean time to [a-z]+|ttd|ttr|ttm|outage (?:length|time))\W{0,6}\s*(?:[:=]|\s[-–—])\W*(?P<value>.+)$",
    re.IGNORECASE,
)
_HURT = (
    r"down|out|offline|unavailable|unusable|unreachable|inaccessible|unresponsive|unnoticed|undetected|unreported|degraded|impaired|"
    r"impacted|affected|broken|blocked|stopped|stuck|stalled|fail(?:s|ed|ing|ure|ures)?|error(?:s|ing)?|interrupted|disrupted|"
    r"impossible|unable|incorrect|wrong|stale|not|no|never|without|lost|dead|(?:could|can|did|was|were|is|are|would)n['’]t|missing"
)
_AMOUNT = (
    r"(?P<value>(?:(?:about|around|approximately|approx\.?|roughly|nearly|almost|over|just over|more than|less than|under|just under|at least|at most|"
    r"some|a total of|circa|ca\.?|only|a little (?:over|under))\s+|[~≈<>]\s?)*(?:\d|an?\b|one|two|three|four|five|six|seven|eight|"
    r"nine|ten|eleven|twelve|half|(?:thir|four|fif|six|seven|eigh|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty).{0,60})"
)
_TOLD = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        (
            rf"\b(?:outage|incident|disruption|downtime|degradation|interruption|impact|effect|problem|issue|recovery|failure|stall)\b[^.;]{{0,50}}?"
            rf"\b(?:last(?:ed|ing)|took|persist(?:ed|ing)|present|continu(?:ed|ing)|went on)(?: for)? (?:a long time )?\(?{_AMOUNT}"
        ),
        rf"\b(?:{_HURT})\b[^.;,:]{{0,60}}? for (?:a total of )?{_AMOUNT}",
        rf"\b(?:caused|resulted in|leading to|led to)\b(?: an?| the)? (?:period of )?{_AMOUNT}",
        rf"\bunnoticed for {_AMOUNT}",
    )
)
_OUTAGE = re.compile(
    r"(?<![\w-])(?P<value>(?:(?:about|around|approximately|roughly|nearly|almost|over)\s+|~\s?)?\d+(?:\.\d+)?[\s-]?(?:min(?:ute)?s?|m|h|hrs?|hours?))"
    r"[\s-](?:of (?:total )?|total |full |complete |partial |service |period during which |long )*"
    r"(?:outage|downtime|disruption|unavailability|interruption|nothing)\b",
    re.IGNORECASE,
)
_SUM = re.compile(
    rf"\b(?:total(?:l?ing)?|totall?ed|cumulative|combined|altogether|together|summing up to|adding up to)\b[^.;]{{0,40}}?\W{_AMOUNT}",
    re.IGNORECASE,
)
_ACROSS = re.compile(
    r"\bacross\b|\bin (?:all|total)\b|\bcumulative|\bcombined\b|\btotall?ing\b|\b(?:two|three|four|five|six|\d+) (?:separate )?(?:incidents|outages)",
    re.IGNORECASE,
)
_HABIT = re.compile(
    r"\b(?:if|unless|should|would|could take|might|may|whenever|every|each|per|usually|typically|normally|often|generally|"
    r"time-?outs?|thresholds?|ttl|interval|retention|configured|default|previous(?:ly)?|earlier occurrence|last (?:year|month|time)|up to|"
    r"older than|younger than|in seconds|waits?|sleeps?|periodic(?:ally)?|ban(?:ned)?|within|sustained|paging|alert(?:s|ing)? (?:when|if|on|with))\b",
    re.IGNORECASE,
)
_RANGE = re.compile(r"^\W*(?:[a-z]+ )*\d+\s?(?:[-–—]|to)\s?\d+ ?[a-z]", re.IGNORECASE)
_PLANNED = re.compile(
    r"\b(?:action items?|actions|follow[- ]?ups?|next steps|remediation|prevent\w*|improvements?|lucky|luck|faq|q&a|appendix|chat log|logs)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z(\"'*_])")
_LEAST_SECONDS = 60.0
"""Shorter ones are settings and latencies, and rows are told to the minute."""


def stated_durations(lines: Sequence[Line]) -> Iterator[StatedDuration]:
    """Yield what a page states about lengths of time, a line at most once for each kind.

    A sentence that is wrapped over two lines is read with its first half; its place is the line with the number.
    """
    section = ""
    before = ""
    for line in lines:
        if line.heading > 1:
            section, before = plain(line.body), ""
        if line.code or line.quote or line.front or not line.body.strip():
            before = ""
            continue
        text = plain(line.body)
        if line.bullet or line.heading:
            before = ""
        yield from _of(line, text, before, planned=bool(_PLANNED.search(section)))
        before = f"{before} {text}".strip()[-300:] if not line.heading else ""


def _of(line: Line, text: str, before: str, *, planned: bool) -> Iterator[StatedDuration]:
    labelled = _LABEL.match(text)
    if labelled:
        if _is_one(labelled["value"]):
            kind = DurationKind.TOTAL if _ACROSS.search(labelled["value"]) else DurationKind.LABELLED
            yield StatedDuration(line, kind, labelled["value"].strip())
        return
    if planned:
        return
    start = len(before) + 1 if before else 0
    whole = f"{before} {text}" if before else text
    at = 0
    for sentence in _SENTENCE.split(whole):
        end = at + len(sentence)
        if end > start and (found := _told(sentence, max(0, start - at))):
            yield StatedDuration(line, *found)
            return
        at = end + 1


def _told(sentence: str, start: int) -> tuple[DurationKind, str] | None:
    """Return the kind and the words of a sentence's duration that stands at or behind `start`."""
    if (found := _SUM.search(sentence)) and _ACROSS.search(sentence) and _fits(sentence, found, start):
        return DurationKind.TOTAL, found["value"].strip()
    for form in (_OUTAGE, *_TOLD):
        found = form.search(sentence)
        while found:
            if _fits(sentence, found, start):
                return DurationKind.TOLD, found["value"].strip()
            found = form.search(sentence, found.start("value") + 1)  # a form may begin with its value
    return None


def _fits(sentence: str, found: re.Match[str], start: int) -> bool:
    if found.start("value") < start or not _is_one(found["value"]):
        return False
    read = parse_duration(found["value"])
    end = found.start("value") + found["value"].find(read.text) + len(read.text) if read else 0
    return not _HABIT.search(sentence[:end]) and not re.match(
        r"\s+(?:ago|each|per|apart|old|time-?out)\b", sentence[end:]
    )


def _is_one(value: str) -> bool:
    """Whether a value begins with one duration of a minute or more: no range, no clock times alone."""
    read = parse_duration(value)
    if read is None or read.seconds < _LEAST_SECONDS or _RANGE.match(value):
        return False
    ahead = value[: value.find(read.text)]
    return len(ahead) < 60 and "?" not in ahead
