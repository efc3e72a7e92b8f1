"""Times of single log records: digits that are no date are no time, and never an exception."""

from __future__ import annotations

import pytest

from afteraction.evidence.records import seconds_of


@pytest.mark.parametrize(
    "text", ["2026-13-04T10:40:01Z", "2026-02-30 10:40:01", "0001-01-01T00:00:00+14:00", "2026-03-04T25:99:99Z", "99", "", "soon"]
)  # fmt: skip
def test_what_is_no_date_is_no_time(text: str) -> None:
    assert seconds_of(text) is None


@pytest.mark.parametrize("text", ["2026-03-04T10:40:01Z", "1772620801", "1772620801000", "3/4/2026, 10:40:01 AM"])
def test_stamps_and_epoch_numbers_are_read(text: str) -> None:
    assert seconds_of(text) == 1772620801
