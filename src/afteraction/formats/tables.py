"""Tables in text: delimiter-separated bytes come in, a header with its dialect and rows with their lines come out.

The delimiter and the encoding are found from the content. Rows are streamed; a row that cannot be split becomes a
problem and the next one is read. Whether a first row is a header is for the caller to say: only meaning can tell.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from afteraction.model.origin import Origin
from afteraction.model.reading import Problem, RawInput

_DELIMITERS = (",", "\t", ";", "|")
_MARKDOWN_RULE = re.compile(r"\s*\|?\s*:?-{2,}:?\s*\|[\s|:-]*$")
_SEPARATED = re.compile(r"\ufeff?\"?sep=", re.IGNORECASE)
"""Where a spreadsheet says, above the header, by what the cells are parted."""
_SAMPLE_ROWS = 60
_MANY_CELLS, _WIDE_BYTES = 500, 4 * 1024 * 1024
_LINE_LIMIT = 1024 * 1024
"""A longer line is cut: no table has one, and a file without line ends must not fill the memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableHead:
    """What the first bytes of a table show: how it is written, and its first rows as text."""

    delimiter: str
    encoding: str
    rows: tuple[tuple[str, ...], ...]

    @property
    def width(self) -> int:
        """The usual number of cells in a row."""
        return Counter(len(row) for row in self.rows).most_common(1)[0][0]


def encoding_of(head: bytes) -> str:
    """Return the encoding of a text by its byte order mark, else UTF-8 when it is valid, else Latin-1."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        head[: len(head) - 4 if len(head) > 4 else None].decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason != "unexpected end of data":
            return "latin-1"
    return "utf-8-sig"


def encoding_problem(encoding: str, file: str) -> list[Problem]:
    """Return a note when a file's encoding had to be assumed."""
    if encoding != "latin-1":
        return []
    reason = "it is not valid UTF-8 and was read as Latin-1"
    return [Problem(origin=Origin(file=file), reason=reason, remedy="save it as UTF-8 if letters look wrong")]


def peek_table(raw: RawInput) -> TableHead | None:
    """Return the head of a table with at least two columns, or None when the sample is no table."""
    encoding = encoding_of(raw.head)
    if not raw.head or (b"\0" in raw.head and encoding != "utf-16"):
        return None
    sample = _wide_sample(raw)
    text = sample.decode(encoding, errors="replace")
    lines = io.StringIO(text, newline="").readlines()
    if len(lines) > 1 and (raw.size is None or raw.size > len(sample)):
        lines.pop()
    while lines and (not lines[0].strip() or lines[0].startswith("#") or _SEPARATED.match(lines[0])):
        lines.pop(0)
    if not lines or lines[0].lstrip().startswith(("{", "[", "<")):
        return None
    if len(lines) > 1 and _MARKDOWN_RULE.match(lines[1]):
        return None  # a page's own table, which has no header apart from that of the page
    heads = [head for delimiter in _DELIMITERS if (head := _split(lines, delimiter, encoding))]
    return max(heads, key=lambda head: head.width, default=None)


def _wide_sample(raw: RawInput) -> bytes:
    """Return the first bytes; more of them where a few lines of many cells fill the sample."""
    few = raw.head.count(b"\n") < 4 and (raw.size is None or raw.size > len(raw.head))
    if not few or max(raw.head.count(delimiter.encode()) for delimiter in _DELIMITERS) < _MANY_CELLS:
        return raw.head
    with raw.open() as stream:
        return stream.read(_WIDE_BYTES)


def _split(lines: list[str], delimiter: str, encoding: str) -> TableHead | None:
    if delimiter not in lines[0]:
        return None
    rows: list[tuple[str, ...]] = []
    reader = csv.reader(iter(lines), delimiter=delimiter, skipinitialspace=True)
    try:
        for row in reader:
            if row:
                rows.append(tuple(cell.strip() for cell in row))
            if len(rows) >= _SAMPLE_ROWS:
                break
    except csv.Error:
        pass
    if not rows:
        return None
    head = TableHead(delimiter=delimiter, encoding=encoding, rows=tuple(rows))
    even = sum(len(row) == head.width for row in rows)
    torn = (
        len(rows) > 3 and even == len(rows) - 1 and len(rows[-1]) != head.width
    )  # a file that breaks off in its last row
    return head if head.width == len(rows[0]) > 1 and (even >= 0.9 * len(rows) or torn) else None


def rows_of(raw: RawInput, head: TableHead, problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    """Stream all rows, the first included, each with the 1-based line on which it begins; adds to `problems`."""
    problems += encoding_problem(head.encoding, raw.name)
    with raw.open() as stream, io.TextIOWrapper(stream, head.encoding, errors="replace", newline="") as text:
        lines = iter(lambda: text.readline(_LINE_LIMIT), "")
        reader = csv.reader(lines, delimiter=head.delimiter, skipinitialspace=True)
        line, comments = 1, True
        while True:
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                origin = Origin(file=raw.name, line=line)
                problems.append(Problem(origin=origin, reason=f"this row cannot be split into cells: {error}"))
                row = []
            if row and not (comments and (row[0].startswith("#") or _SEPARATED.match(row[0]))):
                comments = False
                yield line, row
            line = reader.line_num + 1


_UNIT = re.compile(r"\s*[(\[]([^()\[\]]{1,20})[)\]]\s*$")


def name_and_unit(column: str) -> tuple[str, str]:
    """Split a trailing unit in brackets off a column's name (`CpuUsage(m)` gives `CpuUsage` and `m`)."""
    found = _UNIT.search(column)
    return (column[: found.start()].strip(), found[1].strip()) if found and found.start() else (column.strip(), "")


def folded(column: str) -> str:
    """Return a column's name without unit, case and punctuation, for comparison with known names."""
    return re.sub(r"[^a-z0-9]+", "", name_and_unit(column)[0].lower())


def find_column(columns: tuple[str, ...] | list[str], names: tuple[str, ...]) -> int | None:
    """Return the index of the column that matches the earliest of `names` (given folded), or None."""
    known = {folded(column): index for index, column in reversed(list(enumerate(columns)))}
    return next((known[name] for name in names if name in known), None)
