"""Text in UTF-16 or behind a byte order mark reads as plain UTF-8 does, line for line."""

from __future__ import annotations

import io
import sys
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "sources"))

from samples import Case, cases, raw_of

from afteraction.formats.as_utf8 import as_utf8
from afteraction.model.reading import SAMPLE_BYTES, Context, RawInput, Reading
from afteraction.sources import SOURCES

ENCODINGS = ("utf-16", "utf-8-sig", "utf-16-le", "utf-16-be")


def raw(data: bytes, size: int | None = None) -> RawInput:
    return RawInput(name="x.log", head=data[:SAMPLE_BYTES], open=partial(io.BytesIO, data), size=size)


@given(
    text=st.text(st.characters(codec="utf-8", exclude_characters="\ufeff\x00"), min_size=1), rows=st.integers(1, 9_000)
)
def test_what_is_streamed_is_the_text_in_utf8(text: str, rows: int) -> None:
    whole = (text + "\r\n") * rows
    for encoding in ("utf-16", "utf-8-sig"):
        data = whole.encode(encoding)
        found = as_utf8(raw(data, len(data)))
        assert found.read() == whole.encode()
        assert whole.encode().startswith(found.head)
        assert found.size in {None, len(whole.encode())}


@pytest.mark.parametrize(
    "data", [b"", b"\0", b"plain", "grün".encode(), bytes(range(256)) * 9, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" * 40]
)
def test_other_bytes_are_left_as_they_are(data: bytes) -> None:
    given = raw(data)
    assert as_utf8(given) is given


def test_half_a_character_at_the_end_does_no_harm() -> None:
    assert as_utf8(raw("ab€".encode("utf-16")[:-1])).read().decode() == "ab\ufffd"


def _read(given: RawInput) -> tuple[str, Reading] | None:
    ready = as_utf8(given)
    source = next((source for source in SOURCES if source.claims(ready)), None)
    return (source.name, source.read(ready, Context())) if source else None


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.id)
def test_a_sample_reads_alike_in_every_encoding(case: Case) -> None:
    for sample in case.raws():
        data = sample.read()
        text = data[:20_000].decode("utf-8", "ignore")
        if b"\0" in data or "\ufeff" in text or data[:20_000] != text.encode():
            continue  # not text in UTF-8
        plain = _read(raw_of(text.encode(), sample.name))
        for encoding in ENCODINGS if len(text) > 60 and text.isascii() else ENCODINGS[:2]:
            other = _read(raw_of(text.encode(encoding), sample.name))
            assert (plain is None) == (other is None), encoding
            if plain and other:
                assert plain[0] == other[0], encoding
                assert plain[1].events == other[1].events
                assert plain[1].problems == other[1].problems
                assert len(plain[1].logs) == len(other[1].logs)
