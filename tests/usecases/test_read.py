"""What becomes of files that no source claims: they are kept, and what a person can mend about them is said."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from io import BytesIO

import pytest

from afteraction.formats.secrets import Masker
from afteraction.model.reading import Context, Material, RawInput
from afteraction.sources import SOURCES
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


CHAT = b"""sara  11:52 PM
checkout fails for everybody

jonas  11:53 PM
looking

sara  12:20 AM
works again
"""
ALERT = b'[{"labels": {"alertname": "CheckoutFails"}, "annotations": {}, "startsAt": "2026-03-11T23:50:00Z", "endsAt": "2026-03-12T00:18:00Z", "fingerprint": "ab", "status": {"state": "active"}, "generatorURL": "http://p/"}]'


def material_of(**files: bytes) -> Material:
    raws = [
        RawInput(name=name, head=body, open=partial(BytesIO, body), size=len(body))
        for name, body in ((name.replace("_", "."), body) for name, body in files.items())
    ]
    return read(raws, sources=SOURCES, context=Context(), masker=Masker(), progress=lambda _text: None)


def test_a_chat_without_a_date_takes_its_day_from_the_other_files_and_says_so() -> None:
    material = material_of(alerts_json=ALERT, chat_txt=CHAT)
    said = [e.at for e in material.events if e.origin.file == "chat.txt"]
    assert said[0] == datetime(2026, 3, 11, 23, 52, tzinfo=UTC)
    assert said[-1] == datetime(2026, 3, 12, 0, 20, tzinfo=UTC), "the day turns at midnight"
    told = [p.reason for report in material.files if report.file == "chat.txt" for p in report.problems]
    assert told == [
        "nothing in the file gives a date; its times were read as of 2026-03-11, the day of the other files"
    ]


def test_a_log_gives_a_chat_its_day_where_nothing_else_does() -> None:
    log = b"".join(b"2026-03-11T23:%02d:00.000Z ERROR checkout failed: connection refused\n" % n for n in range(60))
    material = material_of(app_log=log, chat_txt=CHAT)
    assert {e.at.date().isoformat() for e in material.events} == {"2026-03-11", "2026-03-12"}


def test_a_chat_without_a_date_stays_unread_where_nothing_tells_the_day() -> None:
    material = material_of(chat_txt=CHAT)
    assert material.events == ()
    assert "nothing gives their date" in str(material.files[0].problems[0])
