"""Dates moved by whole days: whatever form they have, and whatever is none."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hepar.io.deidentification.dates import capped_age, is_offset, is_time, moved_date, moved_moment
from hepar.io.deidentification.values import moved


@given(st.dates(min_value=dt.date(1800, 1, 1), max_value=dt.date(2200, 1, 1)), st.integers(-4000, -1))
def test_days_between_dates_stay(day: dt.date, shift: int) -> None:
    later = day + dt.timedelta(days=17)
    texts = [moved_date(f"{d:%Y%m%d}", shift) for d in (day, later)]
    first, second = (dt.datetime.strptime(text or "", "%Y%m%d").date() for text in texts)
    assert second - first == dt.timedelta(days=17)
    assert first - day == dt.timedelta(days=shift)


@pytest.mark.parametrize(
    "text", ["", "2024", "202402", "20240230", "2024-02-01", "00000101", "Müller", "2024020", "202402011"]
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert moved_date(text, -400) is None


def test_a_date_before_the_calendar_is_none() -> None:
    assert moved_date("00010101", -1) is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("20240101101500.25+0800", "20231231101500.25+0800"),
        ("20240301", "20240229"),
        ("2024030110-0500", "2024022910-0500"),
        ("20240301235960", "20240229235960"),
    ],
)
def test_a_moment_keeps_its_time_and_offset(text: str, told: str) -> None:
    assert moved_moment(text, -1) == told


@pytest.mark.parametrize(
    "text",
    [
        "2024",
        "202401",
        "2024010199",
        "20240101101500.1234567",
        "20240101101500+2500",
        "20240101 smith",
        "20240101+99",
    ],
)
def test_a_moment_without_a_day_or_out_of_range_is_none(text: str) -> None:
    assert moved_moment(text, -1) is None


def test_ranges_and_several_values_move_together_and_fail_together() -> None:
    assert moved(["20240110-20240120"], "DA", days=-10) == ["20231231-20240110"]
    assert moved(["20240110", "20240120"], "DA", days=-10) == ["20231231", "20240110"]
    assert moved(["20240110", "tomorrow"], "DA", days=-10) is None
    assert moved(["-"], "DA", days=-10) is None


def test_times_and_offsets_are_told_from_text() -> None:
    assert all(map(is_time, ("10", "1015", "101530", "101530.123456", "10:15:30")))
    assert not any(map(is_time, ("", "24", "1060", "101530.1234567", "10 o'clock", "Smith")))
    assert is_offset("+0800")
    assert not any(map(is_offset, ("0800", "+2500", "+0860", "Beijing")))


def test_ages_above_89_years_are_told_as_90() -> None:
    assert [capped_age(text) for text in ("089Y", "090Y", "104Y", "010M", "003D")] == [
        "089Y",
        "090Y",
        "090Y",
        "010M",
        "003D",
    ]
    assert capped_age("104") is capped_age("old") is None
