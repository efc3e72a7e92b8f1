"""Transcripts of calls, WebVTT and SubRip: cues become what somebody said, at an offset from the beginning.

In comes the text as Zoom, Teams and Meet write it, with speakers as `<v Name>`, `Name: ` or `[Name] `; out go utterances with
offset, speaker, text and lines. Cues of one speaker that follow each other are one utterance. When the recording began
is taken from a note or header of the file, never from anything else here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache

from afteraction.formats.json_documents import decode_text
from afteraction.formats.stamps import Stamp, parse_stamp

_CUE = re.compile(
    r"^\s*(?P<start>(?:\d{1,3}:)?\d{1,2}:\d\d[.,]\d{1,3})\s+-->\s+(?P<end>(?:\d{1,3}:)?\d{1,2}:\d\d[.,]\d{1,3})(?:\s.*)?$"
)
_VOICE = re.compile(r"<v(?:\.[\w.-]+)?\s+(?P<name>[^>]{1,80})>")
_TAG = re.compile(r"</?[a-z][^>]{0,80}>|<\d[\d:.]*>", re.IGNORECASE)
_NAMED = re.compile(
    r"^(?:>>\s*)?(?:\[(?P<boxed>[^\]\n]{2,40})\]:?|(?P<name>[^\W\d_][^:\n<>]{0,40}?):)\s+(?P<text>\S.*)$", re.DOTALL
)
_BEGUN = re.compile(r"(?P<stamp>\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:\s?(?:Z|UTC|GMT|[+-]\d\d:?\d\d))?"
                    r"|[A-Z][a-z]{2,8}\.? \d{1,2},? \d{4},? (?:at )?\d{1,2}:\d\d(?::\d\d)?(?: ?[AP]M)?(?: (?:UTC|GMT|[A-Z]{3,4}))?)")  # fmt: skip
_GAP, _LONG = 5.0, 60.0
"""Seconds of silence that end an utterance, and after which a long one is cut at the next cue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """What one person said; `start` and `end` are seconds from the beginning of the recording."""

    start: float
    end: float
    speaker: str
    text: str
    line: int
    line_end: int


@lru_cache(maxsize=4)
def is_transcript(head: bytes) -> bool:
    """Whether a file begins as WebVTT or SubRip does."""
    lines = [line.strip() for line in decode_text(head[:4000]).splitlines() if line.strip()][:3]
    if lines and re.match(r"WEBVTT(?:\s|$)", lines[0]):
        return True
    return len(lines) >= 2 and lines[0].isdigit() and bool(_CUE.match(lines[1]))


def begun_at(text: str, zone: str) -> Stamp | None:
    """Return when the recording began, as the header or a note before the first cue says; None when nothing does."""
    for line in text.splitlines()[:40]:
        if _CUE.match(line):
            return None
        if found := _BEGUN.search(line):
            stamp = parse_stamp(found["stamp"].replace(" at ", " "), zone=zone)
            if stamp is not None:
                return stamp
    return None


def utterances_in(text: str) -> list[Utterance]:
    """Return what was said, in order."""
    cues = list(_cues(text))
    names = Counter(found["name"] for _, _, _, said in cues if (found := _NAMED.match(said)) and found["name"])
    out: list[Utterance] = []
    for (start, end), line, last, said in cues:
        cue = _spoken(said, names, Utterance(start=start, end=end, speaker="", text="", line=line, line_end=last))
        if not cue.text:
            continue
        before = out[-1] if out else None
        # a cue without a name goes on with whoever spoke, when the file names its speakers in front of sentences
        same = before is not None and before.speaker == cue.speaker and cue.start - before.end <= _GAP
        if before is not None and same and before.end - before.start < _LONG:
            out[-1] = replace(before, end=cue.end, text=f"{before.text} {cue.text}", line_end=cue.line_end)
        else:
            out.append(cue)
    return out


def _cues(text: str) -> Iterator[tuple[tuple[float, float], int, int, str]]:
    lines = text.splitlines()
    starts = [(at, found) for at, line in enumerate(lines) if "-->" in line and (found := _CUE.match(line))]
    for (at, found), following in zip(starts, [*(n for n, _ in starts[1:]), len(lines) + 1], strict=False):
        body: list[str] = []
        for line in lines[at + 1 : following]:
            if not line.strip():
                break
            body.append(line.strip())
        times = (_seconds(found["start"]), _seconds(found["end"]))
        yield times, at + 1, at + 1 + len(body), "\n".join(body)


def _seconds(text: str) -> float:
    parts = [float(part) for part in text.replace(",", ".").split(":")]
    return sum(part * 60.0**place for place, part in enumerate(reversed(parts)))


def _spoken(said: str, names: Counter[str], cue: Utterance) -> Utterance:
    """Fill in who spoke and what; a word before a colon is a name when it comes again or looks like one."""
    speaker = ""
    if voice := _VOICE.search(said):
        speaker = voice["name"].strip()
    bare = _TAG.sub("", said).strip()
    if not speaker and (found := _NAMED.match(bare)):
        name = found["boxed"] or found["name"]
        shaped = all(word[:1].isupper() or word[:1] == "(" for word in name.split()) and len(name.split()) <= 4
        if found["boxed"] or names[name] > 1 or shaped:
            speaker, bare = name.strip(), found["text"]
    speaker = re.sub(r"\s*\((?:Guest|External|Unverified|Host|Co-host)\)$", "", speaker)
    return replace(cue, speaker=speaker, text=" ".join(bare.split()))


def offset_shown(seconds: float) -> str:
    """Return an offset as people write it (`+0:10:01`)."""
    return f"+{timedelta(seconds=int(seconds))}"
