from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afteraction.formats.stamps import Layout, detect, parse_stamp
from afteraction.model.origin import Precision

MOMENT = datetime(2024, 12, 3, 9, 5, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "at", "precision"),
    [
        ("2024-12-03T09:05:07Z", MOMENT, Precision.SECOND),
        ("2024-12-03T09:05:07.123Z", MOMENT + timedelta(milliseconds=123), Precision.MILLISECOND),
        ("2024-12-03T09:05:07.123456789Z", MOMENT + timedelta(microseconds=123456), Precision.MICROSECOND),
        ("2024-12-03T14:35:07+05:30", MOMENT, Precision.SECOND),
        ("2024-12-03 04:05:07 -0500", MOMENT, Precision.SECOND),
        ("2024-12-03 09:05:07,250", MOMENT + timedelta(milliseconds=250), Precision.MILLISECOND),
        ("2024-12-03 09:05", MOMENT.replace(second=0), Precision.MINUTE),
        ("2024-12-03", MOMENT.replace(hour=0, minute=0, second=0), Precision.DAY),
        ("20241203T090507Z", MOMENT, Precision.SECOND),
        ("[03/Dec/2024:04:05:07 -0500]", MOMENT, Precision.SECOND),
        ("Tue Dec  3 09:05:07 2024", MOMENT, Precision.SECOND),
        ("Tue Dec  3 09:05:07 UTC 2024", MOMENT, Precision.SECOND),
        ("Tue, 03 Dec 2024 09:05:07 GMT", MOMENT, Precision.SECOND),
        ("Dec 3, 2024 9:05:07 AM", MOMENT, Precision.SECOND),
        ("December 3rd, 2024 at 9:05:07 AM", MOMENT, Precision.SECOND),
        ("Dec 3, 2024 1:05 AM PT", MOMENT.replace(second=0), Precision.MINUTE),
        ("241203 090507", MOMENT, Precision.SECOND),
        ("12/03/2024 09:05:07 AM", MOMENT, Precision.SECOND),
        ("03.12.2024 09:05:07", MOMENT, Precision.SECOND),
        ("Dec  3 09:05:07", MOMENT, Precision.SECOND),
        ("I1203 09:05:07.000250", MOMENT + timedelta(microseconds=250), Precision.MICROSECOND),
        ("1733216707", MOMENT, Precision.SECOND),
        (1733216707, MOMENT, Precision.SECOND),
        (1733216707.25, MOMENT + timedelta(milliseconds=250), Precision.MILLISECOND),
        ("1733216707250", MOMENT + timedelta(milliseconds=250), Precision.MILLISECOND),
        ("1733216707250001", MOMENT + timedelta(microseconds=250001), Precision.MICROSECOND),
        ("1733216707250001000", MOMENT + timedelta(microseconds=250001), Precision.MICROSECOND),
        ("2024-12-03 09:05:60Z", MOMENT.replace(second=59), Precision.SECOND),
    ],
)
def test_a_single_value_is_read_with_its_precision(text: str | float, at: datetime, precision: Precision) -> None:
    stamp = parse_stamp(text, year_hint=2024)
    assert stamp is not None
    assert (stamp.at, stamp.precision) == (at, precision)


@pytest.mark.parametrize(
    "text", ["", "hello", "2024-13-03T00:00:00Z", "2024-12-03T25:00:00Z", "12", True, 12, -1.0, "1.2.3.4", 1e300]
)
def test_what_is_no_time_is_refused(text: str | float) -> None:
    assert parse_stamp(text, year_hint=2024) is None


def test_a_stamp_without_a_year_needs_a_hint_and_says_what_was_assumed() -> None:
    assert parse_stamp("Dec  3 09:05:07") is None
    stamp = parse_stamp("Dec  3 09:05:07", year_hint=2024)
    assert stamp is not None
    assert "year 2024" in stamp.assumed
    assert "zone UTC" in stamp.assumed


def test_a_bare_time_needs_a_day() -> None:
    assert parse_stamp("09:05:07", year_hint=2024) is None
    stamp = parse_stamp("09:05:07", day_hint=date(2024, 12, 3))
    assert stamp is not None
    assert stamp.at == MOMENT


def test_the_zone_hint_serves_stamps_without_zone_and_no_others() -> None:
    summer = parse_stamp("2024-07-01 12:00:00", zone="Europe/Berlin")
    own = parse_stamp("2024-07-01 12:00:00Z", zone="Europe/Berlin")
    assert summer is not None
    assert own is not None
    assert (summer.at.hour, own.at.hour) == (10, 12)
    assert (summer.zone, own.zone) == ("Europe/Berlin", "Z")


def layout_of(lines: list[str], year: int | None = 2024) -> Layout:
    found = detect(lines, year_hint=year)
    assert found is not None
    return found


def test_a_layout_skips_stack_traces_and_gives_the_column_behind_the_stamp() -> None:
    lines = [
        "2024-12-03 09:05:07,250 ERROR boom",
        "java.lang.Error: x",
        "\tat a.b(C.java:12)",
        "2024-12-03 09:05:08,000 INFO ok",
    ]
    layout = layout_of(lines)
    assert layout.parse(lines[0]) == (MOMENT + timedelta(milliseconds=250), 23)
    assert layout.parse(lines[2]) is None


def test_a_layout_is_learnt_once_for_both_widths_of_a_day() -> None:
    layout = layout_of(["Dec  3 09:05:07 host app: a", "Dec  3 09:05:09 host app: b"])
    found = layout.parse("Dec 13 09:05:07 host app: c")
    assert found is not None
    assert found[0].day == 13
    assert {"aaa  0 00:00", "aaa 00 00:00"} <= set(layout.pictures)


def test_year_less_stamps_step_back_at_the_turn_of_the_year() -> None:
    layout = layout_of(["Dec 31 23:59:58 h a: x", "Dec 31 23:59:59 h a: x", "Jan  1 00:00:00 h a: y"], 2025)
    before, after = layout.parse("Dec 31 23:59:58 h a: x"), layout.parse("Jan  1 00:00:00 h a: y")
    assert before is not None
    assert after is not None
    assert after[0] - before[0] == timedelta(seconds=2)


def test_two_digit_years_are_ordered_by_the_whole_sample() -> None:
    lines = [f"17/06/{day:02} 20:10:40 INFO x" for day in (9, 10, 11)]
    found = layout_of(lines).parse(lines[0])
    assert found is not None
    assert found[0].date() == date(2017, 6, 9)


def test_json_lines_carry_their_stamp_behind_other_fields() -> None:
    lines = [f'{{"level":"{level}","ts":"2024-12-03T09:05:07Z","msg":"x"}}' for level in ("info", "warning", "error")]
    layout = layout_of(lines)
    assert [layout.parse(line) is not None for line in lines] == [True] * 3
    assert layout.columns[0] < layout.columns[1]


def test_a_number_that_is_no_time_is_no_layout() -> None:
    assert detect(["request 12 of 34 done", "request 13 of 34 done"], year_hint=2024) is None
    assert detect([], year_hint=2024) is None


YEARS = (datetime(2001, 9, 10), datetime(2037, 1, 1))  # noqa: DTZ001  (hypothesis wants naive bounds)
FORMATS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y/%m/%d %H:%M:%S",
    "%b %d %H:%M:%S",
    "%d/%b/%Y:%H:%M:%S",
    "%a %b %d %H:%M:%S %Y",
    "I%m%d %H:%M:%S",
)


@given(st.datetimes(*YEARS), st.sampled_from(FORMATS))
def test_what_was_printed_is_read_back(moment: datetime, layout: str) -> None:
    stamp = parse_stamp(moment.strftime(layout), year_hint=moment.year)
    assert stamp is not None
    assert stamp.at == moment.replace(microsecond=0, tzinfo=UTC)


@given(st.integers(10**9, 4 * 10**9 - 1), st.sampled_from([1, 10**3, 10**6, 10**9]))
def test_epoch_numbers_are_read_by_their_size(seconds: int, unit: int) -> None:
    stamp = parse_stamp(str(seconds * unit))
    assert stamp is not None
    assert stamp.at == datetime.fromtimestamp(seconds, UTC)


@given(st.text(max_size=60))
def test_no_text_makes_the_reader_raise(text: str) -> None:
    parse_stamp(text, year_hint=2024, day_hint=date(2024, 2, 29))
    detect([text, text], year_hint=2024)
