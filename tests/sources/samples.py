"""The golden cases on disk: tests/sources/<source>/<case>/ holds one input (or a folder `input`) and expected.jsonl.

Files called README.md, LICENSE or `beside.*` accompany an input; anything else that no test uses fails a test.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from afteraction.fetch.folder import gather
from afteraction.model.reading import SAMPLE_BYTES, Problem, RawInput

ROOT = Path(__file__).parent
EXPECTED = "expected.jsonl"
MODIFIED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
"""Files of a checkout carry the time of the checkout, so tests give every input the same one."""


@dataclass(frozen=True, slots=True)
class Case:
    source: str
    folder: Path

    @property
    def id(self) -> str:
        return f"{self.source}/{self.folder.name}"

    @property
    def input(self) -> Path:
        found = [p for p in self.folder.iterdir() if p.name == "input" or p.name.startswith("input.")]
        assert len(found) == 1, f"{self.folder} must hold exactly one input, it holds {[p.name for p in found]}"
        return found[0]

    @property
    def expected(self) -> Path:
        return self.folder / EXPECTED

    def raws(self) -> Iterator[RawInput]:
        """Open the input as the program does: folders and archives are unfolded."""
        for raw in gather([self.input]):
            assert not isinstance(raw, Problem), raw
            name = raw.name if self.input.is_dir() or "/" in raw.name else self.named()
            yield RawInput(name=name, head=raw.head, open=raw.open, size=raw.size, modified=MODIFIED, beside=raw.beside)

    def named(self) -> str:
        """A file `name.txt` in the case holds the name that the input arrived under, where the name matters."""
        named = self.folder / "name.txt"
        return named.read_text(encoding="utf-8").strip() if named.exists() else self.input.name


def cases() -> list[Case]:
    folders = sorted(p for p in ROOT.glob("*/*") if p.is_dir() and not p.name.startswith("__"))
    return [Case(source=folder.parent.name, folder=folder) for folder in folders]


def raw_of(data: bytes, name: str) -> RawInput:
    """Make a raw input of bytes in memory."""
    return RawInput(
        name=name, head=data[:SAMPLE_BYTES], open=partial(io.BytesIO, data), size=len(data), modified=MODIFIED
    )
