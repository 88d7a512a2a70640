"""Pieces of the auditor's list by themselves: days that suspensions froze, periods by name, filters through an address."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.audit_query import PERIODS, CaseFilters, Known, period_days, read_filters
from app.audit_query_flags import CHOICES, flag_words, short
from app.audit_query_page import spot_of, spot_text
from tracker.calendar_data import load_calendar
from tracker.pipeline.late_cases import stops_of
from tracker.types import VN, Basis, Channel, Suspension, SuspensionKind
from tracker.types.late_cases import CaseSpot, CaseState, LetterWish

CALENDAR = load_calendar()
PAUSE, NONE, FINANCIAL = SuspensionKind.PAUSE, SuspensionKind.NONE, SuspensionKind.FINANCIAL


def at(day: int, hour: int = 9, year: int = 2022) -> datetime:
    return datetime(year, 3, day, hour, tzinfo=VN)


def pause(first: int, last: int | None, kind: SuspensionKind = PAUSE) -> Suspension:
    return Suspension(at(first), None if last is None else at(last), kind)


@pytest.mark.parametrize(
    ("pauses", "until", "times", "days"),
    [
        ((), 31, 0, 0),
        ((pause(1, 3),), 31, 1, 2),  # Tuesday and Wednesday; the day of TO is not frozen
        ((pause(1, 1),), 31, 1, 0),
        ((pause(4, 7),), 31, 1, 1),  # over a weekend: Friday alone
        ((pause(1, 4), pause(2, 8)), 31, 2, 5),  # days that both froze count once
        ((pause(1, 10), pause(2, 3)), 31, 2, 7),
        ((pause(1, None),), 3, 1, 2),  # still open: to the moment of judgement
        ((pause(1, 20),), 3, 1, 2),  # told to go on after the end
        ((pause(1, 3), pause(8, 9)), 4, 1, 2),  # one that begins later is not known yet
        ((pause(1, 3, NONE),), 31, 0, 0),  # stops no clock
    ],
)
def test_the_days_that_suspensions_froze(pauses: tuple[Suspension, ...], until: int, times: int, days: int):
    got = stops_of(pauses, CALENDAR, at(until, 17))
    assert (got.times, got.days) == (times, days)


def test_outside_the_calendar_nobody_can_tell_how_many_days_were_frozen():
    long_ago = Suspension(at(1, year=1999), at(5, year=1999), FINANCIAL)
    got = stops_of([long_ago], CALENDAR, at(31))
    assert (got.times, got.kinds, got.days) == (1, (FINANCIAL,), None)


@pytest.mark.parametrize(
    ("period", "today", "wanted"),
    [
        ("thang-nay", date(2026, 2, 28), (date(2026, 2, 1), date(2026, 2, 28))),
        ("thang-truoc", date(2026, 1, 31), (date(2025, 12, 1), date(2025, 12, 31))),
        ("thang-truoc", date(2024, 3, 31), (date(2024, 2, 1), date(2024, 2, 29))),
        ("quy-nay", date(2026, 12, 31), (date(2026, 10, 1), date(2026, 12, 31))),
        ("quy-nay", date(2026, 1, 1), (date(2026, 1, 1), date(2026, 3, 31))),
        ("nam-nay", date(2026, 7, 1), (date(2026, 1, 1), date(2026, 12, 31))),
        ("nam-truoc", date(2026, 7, 1), (date(2025, 1, 1), date(2025, 12, 31))),
        ("moi-luc", date(2026, 7, 1), (None, None)),
    ],
)
def test_a_named_period_lies_around_the_day_it_is_asked_on(period: str, today: date, wanted):
    assert period_days(period, today) == wanted


DAYS = st.none() | st.dates(date(2000, 1, 1), date(2100, 1, 1))
FILTERS = st.builds(
    CaseFilters,
    unit_id=st.none() | st.integers(0, 2**40),
    field=st.sampled_from([None, "Đất đai", "Hộ tịch & khác"]),
    procedure=st.sampled_from([None, "1.001"]),
    channel=st.none() | st.sampled_from(Channel),
    basis=st.sampled_from(Basis),
    state=st.sampled_from(CaseState),
    period=st.sampled_from(list(PERIODS)),
    start=DAYS, end=DAYS, day=DAYS,
    days_from=st.none() | st.integers(0, 9_999),
    days_to=st.none() | st.integers(0, 9_999),
    letter=st.sampled_from(LetterWish),
    flag=st.none() | st.sampled_from(sorted(CHOICES)),
    is_reason_missing=st.booleans(),
    is_hidden=st.booleans(),
)  # fmt: skip
KNOWN = Known(("Đất đai", "Hộ tịch & khác"), ("1.001",), CHOICES)


@given(FILTERS)
def test_filters_go_through_an_address_and_come_back(filters: CaseFilters):
    assert read_filters(filters.as_address(), KNOWN) == filters


@given(
    st.dictionaries(
        st.sampled_from(["don-vi", "linh-vuc", "tu", "tre-tu", "co", "ky", "thu"]), st.text(max_size=20)
    )
)
def test_an_address_of_anything_is_read_and_nothing_unknown_is_kept(address: dict[str, str]):
    chosen = read_filters(address, KNOWN)
    assert read_filters(chosen.as_address(), KNOWN) == replace(chosen, faults=())


@given(st.booleans(), st.integers(0, 10**11), st.integers(1, 10**17))
def test_a_place_in_the_list_goes_through_an_address(is_open: bool, at: int, dossier_id: int):
    spot = CaseSpot(is_open, at, dossier_id)
    assert spot_of(spot_text(spot)) == spot


@pytest.mark.parametrize("text", ["", "x.1", "y.1.2", "x.a.2", "x.1.2.3", "x.-1.2", "x." + "9" * 30 + ".1"])
def test_a_place_that_is_none_is_the_beginning(text: str):
    assert spot_of(text) is None


def test_flags_are_told_in_a_few_words():
    assert flag_words(["DUE_CHANGED", "DUE_MISSING", "PAUSES_UNKNOWN"]) == (
        "Nguồn đã đổi ngày hẹn trả; Nguồn không báo các lần tạm dừng"
    )
    assert len({short(flag) for flag in CHOICES}) == len(CHOICES)
    assert all(len(words) < 60 for words in CHOICES.values())
