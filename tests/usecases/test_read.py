"""What becomes of files that no source claims: they are kept, and what a person can mend about them is said."""

from __future__ import annotations

from io import BytesIO

import pytest

from afteraction.formats.secrets import Masker
from afteraction.model.reading import Context, RawInput
from afteraction.usecases.read import read


def reasons(head: bytes) -> list[str]:
    raw = RawInput(name="x", head=head, open=lambda: BytesIO(head), size=len(head))
    material = read([raw], sources=(), context=Context(), masker=Masker(), progress=lambda _text: None)
    return [problem.reason for report in material.files for problem in report.problems]


@pytest.mark.parametrize("head", [b"\x89PNG\r\n", b'{"whole": "but unknown"}', b"some words"])
def test_of_a_file_that_is_merely_unknown_nothing_more_is_said(head: bytes) -> None:
    assert reasons(head) == []


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (b"", "the file is empty"),
        (b'{"alerts": [{"sta', "the JSON breaks off or is damaged, so that its kind cannot be told"),
    ],
)
def test_an_empty_or_broken_file_is_reported_with_its_reason(head: bytes, reason: str) -> None:
    assert reasons(head) == [reason]
