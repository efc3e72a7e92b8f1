"""A duration in exact words, and a KPI between two milestones with what it rests on."""

from __future__ import annotations

from afteraction.model.chronology import Milestone, MilestoneName, Timeline
from afteraction.model.kpi import Kpi, KpiName
from afteraction.model.origin import Basis, Precision

M = MilestoneName


def format_duration(seconds: float, precision: Precision = Precision.SECOND) -> str:
    """Word a duration no finer than its clocks allow: `3 h 05 min`, `4 min 20 s`, `2 d 03 h`.

    Numbers are never rounded to a round word. A duration shorter than one tick reads `less than 1 min`; one whose
    precision is unknown reads `about ...`. A negative number of seconds gets a minus sign.
    """
    if seconds < 0:
        return "-" + format_duration(-seconds, precision)
    if precision is Precision.UNKNOWN:
        return "about " + format_duration(seconds, Precision.MINUTE)
    tick = precision.seconds
    if tick < 1 and seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < tick:
        return f"less than {_LEAST[precision]}" if seconds > 0 else f"0 {_LEAST[precision].split()[1]}"
    whole = round(seconds / max(tick, 1.0)) * int(max(tick, 1.0))
    days, rest = divmod(whole, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, secs = divmod(rest, 60)
    if days:
        shown = (days, "d", hours, "h", minutes, "min")
    elif hours:
        shown = (hours, "h", minutes, "min", secs, "s")
    else:
        shown = (minutes, "min", secs, "s", 0, "")
    return _joined(shown, tick)


_LEAST = {
    Precision.MICROSECOND: "1 ms",
    Precision.MILLISECOND: "1 ms",
    Precision.SECOND: "1 s",
    Precision.MINUTE: "1 min",
    Precision.HOUR: "1 h",
    Precision.DAY: "1 d",
}
_SIZE = {"d": 86400.0, "h": 3600.0, "min": 60.0, "s": 1.0, "": 0.0}


def _joined(shown: tuple[int, str, int, str, int, str], tick: float) -> str:
    """Join the parts that the clock's tick allows; a last part of zero is left out only where it is finest of three."""
    first, first_unit, second, second_unit, third, third_unit = shown
    words = [f"{first} {first_unit}"] if first else []
    if tick <= _SIZE[second_unit] and (words or second):
        words.append(f"{second:02d} {second_unit}" if words else f"{second} {second_unit}")
    if third and tick <= _SIZE[third_unit]:
        words.append(f"{third:02d} {third_unit}")
    if len(words) == 2 and not second and second_unit == "s":
        words.pop()
    return " ".join(words)


_BASES = (Basis.OBSERVED, Basis.REPORTED, Basis.INFERRED, Basis.UNKNOWN)


def weaker(first: Basis, second: Basis) -> Basis:
    """Return the weaker of two bases: a duration is no better founded than the weaker of its ends."""
    return max(first, second, key=_BASES.index)


def coarser(first: Precision, second: Precision) -> Precision:
    """Return the coarser of two precisions."""
    return max(first, second, key=lambda precision: precision.seconds)


def between(timeline: Timeline, name: KpiName, start: MilestoneName, end: MilestoneName) -> Kpi:
    """Return the time between two milestones; unknown, with the reason, when one is missing or they lie the wrong way."""
    first, last = timeline.milestone(start), timeline.milestone(end)
    missing = [m for m, found in ((start, first), (end, last)) if found is None]
    if first is None or last is None:
        points = " and ".join(f'"{m.value.replace("_", " ")}"' for m in missing)
        reason = f"the material gives no time for {points}"
        return Kpi(name=name, start=start.value, end=end.value, reason=reason)
    seconds = (last.at - first.at).total_seconds()
    ticks = first.precision.seconds + last.precision.seconds
    precision = coarser(first.precision, last.precision)
    if seconds < 0 and -seconds > _explained(ticks):
        words = (end.value.replace("_", " "), start.value.replace("_", " "))
        reason = f'"{words[0]}" lies {format_duration(-seconds, precision)} before "{words[1]}"'
        return Kpi(name=name, start=start.value, end=end.value, reason=reason, events=_cited(first, last))
    return Kpi(
        name=name,
        seconds=max(0.0, seconds),
        start=start.value,
        end=end.value,
        basis=weaker(first.basis, last.basis),
        precision=precision,
        detail=_uncertainty(ticks),
        events=_cited(first, last),
    )


def _explained(ticks: float) -> float:
    """How far two milestones may lie the wrong way round and still be at one time: one tick of the coarser clock."""
    return ticks if ticks <= 2 * 86400 else 0.0


def _uncertainty(ticks: float) -> str:
    """Say how far the number may be off, where that is a minute or more: the sum of both clocks' ticks."""
    if ticks == float("inf"):
        return "one of its times is not known exactly"
    return f"± {format_duration(ticks, Precision.MINUTE)}" if ticks >= 60 else ""


def _cited(first: Milestone, last: Milestone) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first.events[:2], *last.events[:2])))
