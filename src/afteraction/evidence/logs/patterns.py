"""From log files to patterns: files are counted in one pass, their distinct masked lines merged into templates.

`patterns` is what `afteraction logs patterns` prints; `survey` is the same with everything that comparing needs.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from afteraction.evidence.logs.counting import count
from afteraction.evidence.logs.counts import Counts
from afteraction.evidence.logs.masking import HEAD, cut_words, mask_lines
from afteraction.evidence.logs.merging import group, mask, template_of
from afteraction.evidence.logs.reading import layout_of, lines_from
from afteraction.evidence.logs.records import Reader, Said, reader_of
from afteraction.evidence.logs.severity import Severity, severity_of
from afteraction.formats.stamps import Layout
from afteraction.model.log import LogFile

_HEADER_SAMPLE = 3000
_KIN = 0.3
"""The share of masked lines that two files of one program have in common at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A file with its counts. `start_line` and `start` are where the counted stretch begins (0: the whole file)."""

    file: LogFile
    layout: Layout | None
    counts: Counts
    start: int = 0
    start_line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """Lines of equal meaning. `first_line` and `last_line` are 1-based and belong to `file`, the first that has it."""

    id: str
    template: str
    count: int
    file: str
    first_line: int
    last_line: int
    severity: Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Patterns of some files, and for each file its reader, what each key says, and each key's pattern number."""

    counted: tuple[Counted, ...]
    readers: tuple[Reader, ...]
    said: tuple[tuple[Said, ...], ...]
    of_key: tuple[tuple[int, ...], ...]
    patterns: tuple[Pattern, ...]


def count_file(file: LogFile, *, timed: bool = True) -> Counted:
    """Count a whole file, its layout learnt from a sample; by minutes too, unless `timed` says that none are needed."""
    layout = layout_of(file)
    return Counted(file=file, layout=layout, counts=count(file, layout if timed else None))


def survey(counted: Sequence[Counted]) -> Survey:
    """Merge the distinct lines of all files into patterns, in order of first appearance."""
    readers = _readers(counted)
    said: list[tuple[Said, ...]] = []
    masked: list[list[str]] = []
    weights: Counter[str] = Counter()
    for one, reader in zip(counted, readers, strict=True):
        said.append(tuple(reader.read(text) for text in _exemplars(one)))
        messages = [mask(line.message) for line in said[-1]]
        for message, lines in zip(messages, one.counts.totals().tolist(), strict=True):
            weights[message] += lines
        masked.append(messages)
    groups = group(weights)
    numbers: dict[object, int] = {}
    of_key = tuple(tuple(numbers.setdefault(groups[text], len(numbers)) for text in messages) for messages in masked)
    members: dict[int, dict[str, None]] = defaultdict(dict)
    for numbered, messages in zip(of_key, masked, strict=True):
        for number, message in zip(numbered, messages, strict=True):
            members[number].setdefault(message)
    templates = {number: template_of(list(texts)) for number, texts in members.items()}
    return Survey(
        counted=tuple(counted),
        readers=tuple(readers),
        said=tuple(said),
        of_key=of_key,
        patterns=tuple(_patterns(counted, said, of_key, templates)),
    )


def _exemplars(one: Counted, limit: int | None = None) -> list[str]:
    return [exemplar.decode("utf-8", "replace") for exemplar in one.counts.exemplars[:limit]]


def _readers(counted: Sequence[Counted]) -> list[Reader]:
    """Learn a reader for each file; files that share many masked lines are of one program and get the same header."""
    kin: list[tuple[Layout | None, set[bytes], list[int]]] = []
    for number, one in enumerate(counted):
        keys = set(one.counts.keys)
        for layout, known, members in kin:
            same = _form(layout) == _form(one.layout)
            if same and len(keys & known) >= _KIN * min(len(keys), len(known)) > 0:
                known.update(keys)
                members.append(number)
                break
        else:
            kin.append((one.layout, keys, [number]))
    readers: dict[int, Reader] = {}
    for layout, _, members in kin:
        texts = [text for number in members for text in _exemplars(counted[number], _HEADER_SAMPLE)]
        readers |= dict.fromkeys(members, reader_of(list(dict.fromkeys(texts)), layout))
    return [readers[number] for number in range(len(counted))]


def _form(layout: Layout | None) -> tuple[str, tuple[int, int]]:
    return (layout.form, layout.columns) if layout else ("", (0, 0))


def _patterns(
    counted: Sequence[Counted],
    said: Sequence[Sequence[Said]],
    of_key: Sequence[Sequence[int]],
    templates: dict[int, str],
) -> Iterator[Pattern]:
    lines: Counter[int] = Counter()
    place: dict[int, tuple[str, int, int]] = {}
    worst: dict[int, Severity] = {}
    for one, sayings, numbered in zip(counted, said, of_key, strict=True):
        for number, total, what in zip(numbered, one.counts.totals().tolist(), sayings, strict=True):
            lines[number] += total
            worst[number] = max(worst.get(number, Severity.DEBUG), severity_of(what.level, what.whole))
        for cell in one.counts.cells:
            number, first, last = (
                numbered[cell["key"]],
                int(cell["first"]) + one.start_line,
                int(cell["last"]) + one.start_line,
            )
            held = place.get(number)
            if held is None:
                place[number] = (one.file.name, first, last)
            elif held[0] == one.file.name:
                place[number] = (held[0], min(held[1], first), max(held[2], last))
    for number, template in sorted(templates.items()):
        file, first, last = place[number]
        yield Pattern(
            id=f"p{number + 1}",
            template=template,
            count=lines[number],
            file=file,
            first_line=first + 1,
            last_line=last + 1,
            severity=worst[number],
        )


def patterns(files: Sequence[LogFile]) -> Survey:
    """Count the files and merge their lines into patterns."""
    return survey([count_file(file, timed=False) for file in files])


def assign(found: Survey) -> Iterator[str]:
    """Yield the pattern id of every line of the surveyed files, file after file."""
    for one, numbered in zip(found.counted, found.of_key, strict=True):
        ids = {key: found.patterns[number].id for key, number in zip(one.counts.keys, numbered, strict=True)}
        with one.file.open() as stream:
            rows = lines_from(stream, number=0, offset=0)
            while batch := [line.raw[:HEAD] for line in islice(rows, 10_000)]:
                for key in mask_lines(batch):
                    yield ids[cut_words(key, one.counts.words)]
