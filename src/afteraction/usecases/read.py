"""Raw inputs become material: each is read by the one source that claims it, secrets are masked, nothing is lost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from afteraction.formats.json_documents import decode_text, read_json
from afteraction.formats.secrets import Masker, mask_value
from afteraction.model.origin import Origin
from afteraction.model.reading import Context, FileReport, Material, Problem, RawInput, Reading, Source
from afteraction.ports import Progress
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
    for raw in inputs:
        if isinstance(raw, Problem):
            reports.append(FileReport(file=raw.origin.file, source="", problems=(raw,)))
            continue
        progress(f"reading {raw.name}")
        reading, report = _read_one(raw, sources, context)
        masked = mask_value(reading, masker)
        readings.append(masked)
        reports.append(replace(report, problems=(*masked.problems, *report.problems)))
    return resolve_people(_together(readings, reports, masker))


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
