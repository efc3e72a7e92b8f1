"""Imports post-mortems that were written or kept elsewhere: files come in, our documents and a report go out.

A page (Markdown, text, HTML) is one post-mortem; a JSON export of an incident management system may hold many. Secrets are
masked before anything is mapped. A file in which no post-mortem is found becomes a problem.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from afteraction.formats.archived_incidents import archived_incidents, outside
from afteraction.formats.as_utf8 import as_utf8
from afteraction.formats.html_text import html_to_markdown, looks_like_html
from afteraction.formats.json_documents import decode_text, read_json
from afteraction.formats.secrets import Masker
from afteraction.markdown import render
from afteraction.model.origin import Origin
from afteraction.model.reading import Problem, RawInput
from afteraction.ports import Progress
from afteraction.rescue import Rescued, rescue_page, rescue_record


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedDocument:
    """A post-mortem that was imported: what became of it, the document, and a name for its file."""

    rescued: Rescued
    document: str
    file_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """All documents of a run, and what could not be read."""

    documents: tuple[ImportedDocument, ...]
    problems: tuple[Problem, ...]


def import_archive(inputs: Iterable[RawInput | Problem], *, zone: str, masker: Masker, progress: Progress) -> Imported:
    """Import every post-mortem in the inputs; `zone` holds for times without one."""
    problems: list[Problem] = []
    found: list[ImportedDocument] = []
    names: set[str] = set()
    for raw in inputs:
        if isinstance(raw, Problem):
            problems.append(raw)
            continue
        progress(f"importing {raw.name}")
        before = len(found)
        for rescued in _rescued(raw, zone, masker, problems):
            name = _file_name(rescued, names)
            found.append(ImportedDocument(rescued=rescued, document=render(rescued.post_mortem), file_name=name))
        if len(found) == before:
            reason = "no post-mortem was found in it"
            remedy = "name a page with headings, or a JSON export of incidents"
            problems.append(Problem(origin=Origin(file=raw.name), reason=reason, remedy=remedy))
    return Imported(documents=tuple(found), problems=tuple(problems))


def _rescued(raw: RawInput, zone: str, masker: Masker, problems: list[Problem]) -> Iterator[Rescued]:
    raw = as_utf8(raw)
    if b"\x00" in raw.head[:4096]:
        return
    text = decode_text(raw.read())
    if text.lstrip("\ufeff \t\r\n")[:1] in {"{", "["}:
        yield from _records(text, raw.name, zone, masker, problems)
        return
    text = masker.mask(text)
    if looks_like_html(raw.head):
        page = html_to_markdown(text)
        if page.text.strip():
            yield rescue_page(page.text, raw.name, zone=zone, place=lambda number: f"line {page.line_of(number)}")
    elif text.strip():
        yield rescue_page(text, raw.name, zone=zone)


def _records(text: str, name: str, zone: str, masker: Masker, problems: list[Problem]) -> Iterator[Rescued]:
    records, faults = read_json(text, name)
    problems += faults
    for record in records:
        for incident in archived_incidents(_masked(record.value, masker)):
            yield rescue_record(incident, name, zone=zone)
        for path in outside(record.value):
            problems.append(
                Problem(
                    origin=Origin(file=name, line=record.line, record=path),
                    reason="this belongs to no incident of the file, and was not imported",
                    remedy="export it together with its incident",
                )
            )


def _masked(value: object, masker: Masker) -> object:
    if isinstance(value, str):
        return masker.mask(value)
    if isinstance(value, dict):
        return {key: _masked(item, masker) for key, item in value.items()}
    return [_masked(item, masker) for item in value] if isinstance(value, list) else value


def _file_name(rescued: Rescued, taken: set[str]) -> str:
    """Return a file name of the date and the title that no document of the run has yet."""
    summary = rescued.post_mortem.summary
    day = re.search(r"\d{4}-\d\d-\d\d", summary.date.text) if summary.date else None
    title = unicodedata.normalize(
        "NFKD", summary.title.text if summary.title else rescued.name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    )
    words = re.sub(r"[^a-z0-9]+", "-", title.encode("ascii", "ignore").decode().lower()).strip("-")[:60].strip("-")
    stem = "-".join(part for part in (day[0] if day else "", words or "post-mortem") if part)
    name, number = f"{stem}.md", 2
    while name in taken:
        name, number = f"{stem}-{number}.md", number + 1
    taken.add(name)
    return name
