"""A stretch that a sentence gives twice, by its two clock times and by its length: `from 09:58 to 10:40 UTC (42 minutes)`.

Prose of a page comes in; out go the places where the two differ by more than rounding. Bare clock times say nothing of
the day, nor always of its half, so that a difference of whole half days is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from afteraction.checks.remark import Said, Subject
from afteraction.formats.durations import parse_duration
from afteraction.formats.prose_times import WrittenClock, clock_at

_CLOCK = r"\d{1,2}:\d\d(?::\d\d)?(?:\s?[ap]\.?m\b\.?)?"
_ZONE = r"(?:\s?(?:UTC|GMT|[A-Z]{2,4}))?"
_RANGE = rf"(?P<start>{_CLOCK}){_ZONE}\s*(?:-|–|—|to|until|through)\s*(?P<end>{_CLOCK}){_ZONE}"
_LENGTH = r"(?P<length>(?:~\s?|about |around |approx\w*\.? |roughly |just (?:over|under) |over |under |almost |nearly )?\d[^()\n;]{1,30})"
_FORMS = (
    re.compile(rf"{_RANGE},?\s*\(\s*(?:i\.e\.,? |for |in total |total:? )?{_LENGTH}\)", re.IGNORECASE),
    re.compile(rf"\bfor {_LENGTH}\s*[,(]\s*(?:from |between )?{_RANGE}", re.IGNORECASE),
)
_HALF_DAY = 43_200.0
_TICK = 60.0


def unequal_ranges(subject: Subject) -> Iterator[Said]:
    """Yield each line whose range of clock times and whose length differ."""
    for number, line in subject.page.prose():
        for form in _FORMS:
            for found in form.finditer(line[:2000]):
                start, end = clock_at(found["start"]), clock_at(found["end"])
                stated = parse_duration(found["length"])
                if start is None or end is None or stated is None or stated.seconds < 2 * _TICK:
                    continue
                apart = _apart(start, end)
                if not any(stated.meets(apart + turn * _HALF_DAY, 2 * _TICK) for turn in range(5)):
                    told = f"{int(apart // 3600)} h {int(apart % 3600 // 60):02d} min"
                    yield number, f'"{found["start"]}" to "{found["end"]}" is {told}, not "{stated.text}".'


def _apart(start: WrittenClock, end: WrittenClock) -> float:
    first, last = ((clock.hour * 60 + clock.minute) * 60 + clock.second for clock in (start, end))
    return float((last - first) % 86_400)
