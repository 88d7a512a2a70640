"""Times that look like UTC: many before 11:00, some at night, none after; a suspicion and nothing more."""

import pytest

from tracker.ingest.clock_census import ClockCensus
from tracker.ingest.dates import DateParts, DateReader, midnight

# 07:05 to 17:25 at the office, written in UTC.
SHIFTED = [f"10/08/2026 {hour:02}:{minute:02}" for hour in range(11) for minute in (5, 15, 25, 35, 45)]


def census(*cells: str, is_utc: bool = False) -> ClockCensus:
    found, _ = DateReader(midnight, DateParts(2031, is_utc=is_utc)).column(cells)
    counted = ClockCensus()
    counted.take(cells, found)
    return counted


def test_many_times_before_eleven_some_at_night_and_none_after_are_suspect():
    assert census(*SHIFTED).is_suspect
    assert census(*SHIFTED[:50]).is_suspect
    assert not census(*SHIFTED[:49]).is_suspect


@pytest.mark.parametrize(
    "cell", ["11/08/2026 11:00", "11/08/2026 16:30:00", "2026-08-11T13:00:00Z", "20260811235959"]
)
def test_one_time_after_it_clears_the_column(cell: str):
    assert not census(*SHIFTED, cell).is_suspect
    assert not census(cell, *SHIFTED).is_suspect


def test_mornings_at_the_office_are_no_suspicion():
    assert not census(
        *[f"10/08/2026 {hour:02}:{minute:02}" for hour in (7, 8, 9, 10) for minute in range(10, 60)]
    ).is_suspect


@pytest.mark.parametrize("cell", ["10/08/2026", "", "10/08/2026 00:00:00", "46244", "chưa rõ", "20260810"])
def test_dates_without_a_time_of_day_say_nothing(cell: str):
    assert census(*[cell] * 100).times == 0


def test_times_of_a_source_known_to_write_utc_are_local_times_and_no_suspicion():
    assert not census(*SHIFTED, is_utc=True).is_suspect


@pytest.mark.parametrize(
    "cell", ["10/08/2026 02:20", "2026-08-10T02:20:00Z", "20260810022000", "02:20 10/08/2026"]
)
def test_a_source_known_to_write_utc_is_read_seven_hours_later(cell: str):
    local, _ = DateReader(midnight, DateParts(2031)).column(["2026-08-10T09:20:00", "10/08/2026"])
    reader = DateReader(midnight, DateParts(2031, is_utc=True))
    assert reader.column([cell, "10/08/2026"])[0] == local
    assert reader.read("2026-08-10T09:20:00+07:00") == reader.read("1786328400000") == local[0]
