"""What is fuzzed: each target takes bytes, runs one part of the program on them, and asserts what always holds there.

The same targets serve the hypothesis tests beside this file, the findings kept in `cases/`, and the coverage-guided
`bench/fuzz.py`. A target raises on a bug and on nothing else: bad input is a `Problem`, never an exception.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import zstandard

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "sources"))

from samples import cases, raw_of  # noqa: E402  (the folders of tests are no packages)

from afteraction.checks import check  # noqa: E402
from afteraction.evidence.logs.chunks import count_chunk, count_files  # noqa: E402
from afteraction.fetch.folder import gather  # noqa: E402
from afteraction.fetch.stream import Limits  # noqa: E402
from afteraction.formats.as_utf8 import as_utf8  # noqa: E402
from afteraction.formats.commands import effect_of, effect_of_sql, program_of  # noqa: E402
from afteraction.formats.screen import screen_lines  # noqa: E402
from afteraction.formats.secrets import Masker, mask_value  # noqa: E402
from afteraction.formats.sessions import commands_in  # noqa: E402
from afteraction.markdown import parse, render  # noqa: E402
from afteraction.model.reading import Context, Problem, RawInput, Reading  # noqa: E402
from afteraction.model.settings import Settings  # noqa: E402
from afteraction.sources import SOURCES  # noqa: E402
from afteraction.usecases.draft import draft_incident  # noqa: E402
from afteraction.usecases.import_archive import import_archive  # noqa: E402
from afteraction.usecases.read import read  # noqa: E402

LIMITS = Limits(total_bytes=8_000_000, free_bytes=200_000, ratio=400, members=200, files=400, nested_bytes=2_000_000)
"""Small enough that a run stays short; the same code as with the real ones."""


@dataclass(frozen=True, slots=True)
class Target:
    """One part of the program: how bytes are put to it, and bytes to begin with."""

    name: str
    run: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]


def obeys(reading: Reading, raw: RawInput) -> None:
    """Assert what holds for every reading: times with a zone, places in the file that was read, matching shapes."""
    for event in reading.events:
        assert event.at.tzinfo is not None
        assert event.origin.file == raw.name
        assert event.origin.line is not None or event.origin.record is not None
    for statement in reading.statements:
        assert statement.value.strip()
        assert statement.at is None or statement.at.tzinfo is not None
    for problem in reading.problems:
        assert problem.origin.file == raw.name
        assert problem.reason
    for series in reading.series:
        assert series.times.shape == series.values.shape


@cache
def samples() -> tuple[tuple[str, bytes], ...]:
    """Return the name and the first bytes of every input of the golden cases."""
    return tuple((raw.name, raw.read()[:20_000]) for case in cases() for raw in case.raws())


def read_with(data: bytes, name: str, also: int | None = None) -> None:
    """Read bytes with every source that claims them, and with source number `also`; mask; count a log's lines."""
    raw = as_utf8(raw_of(data, name))
    chosen = [source for source in SOURCES if source.claims(raw)]
    if also is not None:
        chosen.append(SOURCES[also % len(SOURCES)])
    for source in chosen:
        reading = source.read(raw, Context())
        obeys(reading, raw)
        mask_value(reading, Masker())
        if reading.logs:
            count_files(reading.logs, lambda chunks: map(count_chunk, chunks))


def _source(data: bytes) -> None:
    """The last two bytes choose a name among the samples and one more source."""
    if len(data) < 2:
        return
    names = sorted({name for name, _ in samples()})
    read_with(data[:-2], names[data[-2] % len(names)], data[-1])


def _source_seeds() -> list[bytes]:
    names = sorted({name for name, _ in samples()})
    found = []
    for name, data in samples():
        owner = next((n for n, s in enumerate(SOURCES) if s.claims(raw_of(data, name))), 0)
        found.append(data[:6_000] + bytes([names.index(name) % 256, owner]))
    return found


def draft_of(data: bytes, name: str) -> None:
    """Take bytes all the way: read, mask, timeline, evidence, KPIs, draft, document."""
    masker = Masker()
    material = read([raw_of(data, name)], sources=SOURCES, context=Context(), masker=masker, progress=_quiet)
    drafted = draft_incident(material, settings=Settings(), masker=masker, progress=_quiet)
    assert drafted.document


def _quiet(_: str) -> None:
    pass


def _draft(data: bytes) -> None:
    if len(data) >= 2:
        names = sorted({name for name, _ in samples()})
        draft_of(data[:-2], names[data[-2] % len(names)])


def _archive(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "input.bin"
        path.write_bytes(data)
        total = 0
        for found in gather([path], LIMITS):
            if isinstance(found, Problem):
                assert found.reason
            else:
                with found.open() as stream:
                    while piece := stream.read(65_536):
                        total += len(piece)
        assert total <= LIMITS.total_bytes + len(data) + 1_000_000


def packed(members: dict[str, bytes]) -> dict[str, bytes]:
    """Return the same files in every kind of archive that is opened."""
    plain, squeezed, tar = io.BytesIO(), io.BytesIO(), io.BytesIO()
    with (
        zipfile.ZipFile(plain, "w") as stored,
        zipfile.ZipFile(squeezed, "w", zipfile.ZIP_DEFLATED) as deflated,
        tarfile.open(fileobj=tar, mode="w") as archive,
    ):
        for name, data in members.items():
            stored.writestr(name, data)
            deflated.writestr(name, data)
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    whole = tar.getvalue()
    return {
        "stored.zip": plain.getvalue(),
        "deflated.zip": squeezed.getvalue(),
        "plain.tar": whole,
        "tar.gz": gzip.compress(whole, mtime=0),
        "tar.bz2": bz2.compress(whole),
        "tar.xz": lzma.compress(whole),
        "tar.zst": zstandard.compress(whole),
    }


def _archive_seeds() -> list[bytes]:
    small = {"a/log.txt": b"2026-01-01T00:00:00Z ERROR it fell\n" * 3, "b.json": b'[{"ts": 1}]'}
    found = list(packed(small).values())
    return [*found, *packed({"inner.zip": found[0], "inner.tar.gz": found[3]}).values()]


def _markdown(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    once = render(parse(text).post_mortem)
    again = parse(once).post_mortem
    assert render(again) == once
    check(again, once, "page.md")
    check(parse(text).post_mortem, text, "page.md")


def pages() -> Iterator[bytes]:
    """Yield the Markdown pages among the tests."""
    for folder in ("markdown/identity", "rescue/pages", "checks"):
        for path in sorted((TESTS / folder).glob("*.md")):
            if path.name != "README.md":
                yield path.read_bytes()


def _markdown_seeds() -> list[bytes]:
    whole = list(pages())
    return [
        *(page[:3_000] for page in whole),
        *(page[at : at + 1_000] for page in whole for at in range(0, len(page), 1_000)),
    ]


def _rescue(data: bytes) -> None:
    for name in ("page.md", "export.json"):
        raw = raw_of(data, name)
        import_archive([raw], zone="UTC", masker=Masker(), progress=lambda _: None)


def _rescue_seeds() -> list[bytes]:
    kept = [data for name, data in samples() if name.endswith((".md", ".html", ".json")) and len(data) < 8_000]
    return [*kept, *(page[:6_000] for page in pages())]


def _command(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    for line in (text, *text.splitlines()[:20]):
        effect_of(line)
        effect_of_sql(line)
        program_of(line)
    list(commands_in(screen_lines(data)))
    masker = Masker()
    once = masker.mask(text)
    assert masker.mask(once) == once
    assert once.count("\n") == text.count("\n")


def _command_seeds() -> list[bytes]:
    return [data for name, data in samples() if name.endswith((".txt", ".cast", ".typescript")) and len(data) < 3_000]


TARGETS = {
    target.name: target
    for target in (
        Target("sources", _source, _source_seeds),
        Target("drafts", _draft, _source_seeds),
        Target("archives", _archive, _archive_seeds),
        Target("markdown", _markdown, _markdown_seeds),
        Target("rescue", _rescue, _rescue_seeds),
        Target("commands", _command, _command_seeds),
    )
}
"""Every part that takes what strangers wrote, by name."""
