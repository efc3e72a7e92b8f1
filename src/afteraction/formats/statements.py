"""Phrases become statements: what was said gets the place, the time and the mouth that it came from."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from afteraction.formats.phrases import phrases_in
from afteraction.formats.stamps import parse_stamp, zone_of
from afteraction.model.origin import Basis, Origin
from afteraction.model.reading import Statement


def statements_in(
    text: str, *, origin: Origin, source: str, at: datetime | None, actor: str = "", zone: str = "UTC"
) -> list[Statement]:
    """Return the statements of one message or paragraph that `actor` wrote at `at`.

    A time of day inside the text (`impact started at 14:02`) is read in `zone` on the day of `at`, or on the day
    before when it would lie in the future of the message.
    """
    local = at.astimezone(zone_of(zone)) if at is not None else None
    found: list[Statement] = []
    for phrase in phrases_in(text, speaker=actor, said_on=local.date() if local else None):
        moment = at
        if phrase.clock:
            moment = _clock(phrase.clock, at, zone)
            if moment is None:
                continue
        found.append(
            Statement(
                field=phrase.field,
                value=phrase.value,
                origin=origin,
                source=source,
                basis=Basis.REPORTED,
                at=moment,
                actor=actor,
            )
        )
    return found


def _clock(clock: str, at: datetime | None, zone: str) -> datetime | None:
    if at is None:
        return None
    stamp = parse_stamp(clock, zone=zone, day_hint=at.astimezone(zone_of(zone)).date())
    if stamp is None:
        return None
    read = stamp.at - timedelta(days=1) if stamp.at > at + timedelta(hours=1) else stamp.at
    later = read + _HALF_A_DAY
    # `6:48` in an evening's message is of that evening where its writer leaves out the half of the day.
    return later if _NO_HALF.fullmatch(clock) and timedelta(0) <= at - later <= _NEAR else read


_NO_HALF = re.compile(r"[1-9]:\d\d|1[012]:\d\d")
_HALF_A_DAY = timedelta(hours=12)
_NEAR = timedelta(hours=3)
