"""Raw inputs become material: each is read by the one source that claims it, secrets are masked, nothing is lost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from afteraction.evidence.logs.reading import layout_of
from afteraction.formats.as_utf8 import as_utf8
from afteraction.formats.json_documents import decode_text, read_json
from afteraction.formats.secrets import Masker, mask_value
from afteraction.formats.stamps import zone_of
from afteraction.model.log import LogFile
from afteraction.model.origin import Origin
from afteraction.model.reading import (
    SAMPLE_BYTES,
    Context,
    FileReport,
    Material,
    Problem,
    RawInput,
    Reading,
    Source,
)
from afteraction.ports import Progress
from afteraction.timeline.common_day import common_day, moments_of
from afteraction.timeline.people import resolve_people

UNREAD = "no source knows this format; it is kept but unread"


def read(
    inputs: Iterable[RawInput | Problem],
    *,
    sources: tuple[Source, ...],
    context: Context,
    masker: Masker,
    progress: Progress,
) -> Material:
    """Read every raw input and return all readings together, with a report for each file.

    A file that no source claims, or more than one, is reported; the reading goes on. Names of people are resolved over
    all files (a chat export keeps them apart from the messages).
    """
    readings: list[Reading] = []
    reports: list[FileReport] = []
    waiting: list[tuple[int, RawInput, Reading]] = []
    for raw in (_ready(given, masker) for given in inputs):
        if isinstance(raw, Problem):
            readings.append(Reading())
            reports.append(FileReport(file=raw.origin.file, source="", problems=(raw,)))
            continue
        progress(f"reading {raw.name}")
        reading, report = _read_one(raw, sources, context)
        if reading.undated:
            waiting.append((len(readings), raw, reading))
        readings.append(mask_value(reading, masker))
        reports.append(report)
    for place, raw, reading in waiting:
        dated, report = _dated_by_others(raw, reading, readings, sources, context)
        readings[place], reports[place] = mask_value(dated, masker), report
    readings = _with_years(readings)
    reports = [
        replace(report, problems=(*reading.problems, *report.problems))
        for reading, report in zip(readings, reports, strict=True)
    ]
    return resolve_people(_together(readings, reports, masker))


def _ready(given: RawInput | Problem, masker: Masker) -> RawInput | Problem:
    """Return what came in as UTF-8, with the secrets in its name masked: names are shown, cited and kept."""
    if isinstance(given, Problem):
        return mask_value(given, masker)
    name = masker.mask(given.name)
    return as_utf8(given if name == given.name else replace(given, name=name))


def _dated_by_others(
    raw: RawInput, reading: Reading, readings: list[Reading], sources: tuple[Source, ...], context: Context
) -> tuple[Reading, FileReport]:
    """Read a file again whose times have no date, with the day that the other files give, and say so."""
    zone = zone_of(context.zone) or UTC
    moments = moments_of(event for other in readings for event in other.events if event.origin.file != raw.name)
    moments += [(at, 0.5) for other in readings for log in other.logs if (at := _first_stamp(log))]
    day = common_day(moments, reading.undated, zone)
    again, report = _read_one(raw, sources, replace(context, day=day))
    if day is None or again.undated:
        return again, report
    taken = Problem(
        origin=Origin(file=raw.name),
        reason=f"nothing in the file gives a date; its times were read as of {day}, the day of the other files",
        remedy=f"put the date into the file's name if that is wrong, for instance {day}-channel.txt",
    )
    return replace(again, problems=(*again.problems, taken)), report


def _with_years(readings: list[Reading]) -> list[Reading]:
    """Give logs whose stamps have no year that of the other files; a copied file's own time says little of it."""
    moments = sorted(moments_of(event for reading in readings for event in reading.events))
    loud = [at for at, weight in moments if weight > 1] or [at for at, _ in moments]
    if not loud:
        return readings
    middle = loud[len(loud) // 2]
    return [replace(reading, logs=tuple(_with_year(log, middle) for log in reading.logs)) for reading in readings]


def _with_year(log: LogFile, middle: datetime) -> LogFile:
    layout = layout_of(log)
    if layout is None or not layout.year_less:
        return log
    years = [replace(log, year_hint=middle.year + step) for step in (0, 1, -1)]
    stamped = [(abs(at - middle), -place, one) for place, one in enumerate(years) if (at := _first_stamp(one))]
    return min(stamped, key=lambda found: found[:2])[2] if stamped else log


def _first_stamp(log: LogFile) -> datetime | None:
    layout = layout_of(log)
    if layout is None:
        return None
    with log.open() as stream:
        lines = stream.read(SAMPLE_BYTES).decode("utf-8", "replace").splitlines()
    return next((read[0] for line in lines if (read := layout.parse(line))), None)


def _read_one(raw: RawInput, sources: tuple[Source, ...], context: Context) -> tuple[Reading, FileReport]:
    claiming = [source for source in sources if source.claims(raw)]
    if not claiming:
        return Reading(), FileReport(file=raw.name, source="", problems=_why_unread(raw))
    source = claiming[0]
    reading = source.read(raw, context)
    report = FileReport(file=raw.name, source=source.name, events=len(reading.events), lines=reading.lines)
    if len(claiming) > 1:
        names = " and ".join(other.name for other in claiming)
        reason = f"{names} both claim this file; it was read as {source.name}"
        double = Problem(origin=Origin(file=raw.name), reason=reason, remedy="report this as a bug")
        report = replace(report, problems=(double,))
    return reading, report


def _why_unread(raw: RawInput) -> tuple[Problem, ...]:
    """Say what a person can mend about a file that no source claims; of a picture there is nothing to say."""
    if not raw.head:
        reason, remedy = "the file is empty", "export it again if it should hold something"
    elif raw.head.lstrip()[:1] in {b"{", b"["} and raw.size in {None, len(raw.head)}:
        if not read_json(decode_text(raw.head), raw.name)[1]:
            return ()
        reason, remedy = "the JSON breaks off or is damaged, so that its kind cannot be told", "export it again"
    else:
        return ()
    return (Problem(origin=Origin(file=raw.name), reason=reason, remedy=remedy),)


def _together(readings: list[Reading], reports: list[FileReport], masker: Masker) -> Material:
    return Material(
        events=tuple(event for reading in readings for event in reading.events),
        series=tuple(series for reading in readings for series in reading.series),
        spans=tuple(spans for reading in readings for spans in reading.spans),
        logs=tuple(log for reading in readings for log in reading.logs),
        objects=tuple(found for reading in readings for found in reading.objects),
        edges=tuple(edge for reading in readings for edge in reading.edges),
        statements=tuple(statement for reading in readings for statement in reading.statements),
        people=tuple(person for reading in readings for person in reading.people),
        files=tuple(reports),
        masked=masker.counts(),
    )
