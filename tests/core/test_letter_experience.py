"""A new date from experience: what share of the late dossiers was done when, held against a slow count."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.case import LetterPolicy, propose_new_due
from letters.experience import FEWEST, Experience, ExperienceBook, LateCase, looked_at
from letters.forms import load_forms
from letters.obligations import LetterKind
from tests.core import oracle
from tracker.calendar_data import office_calendars
from tracker.store.letter_candidates import Candidate
from tracker.timekeeping.office_time import OfficeTime
from tracker.types import VN

POLICY = LetterPolicy(load_forms(), office_calendars("B", OfficeTime()), 5)
EMPTY = Candidate._make([None] * len(Candidate._fields))
FRIDAY = date(2026, 8, 14)

UNITS, PROCEDURES = st.integers(1, 2), st.sampled_from([None, 1, 2])
CASES = st.lists(st.builds(LateCase, UNITS, PROCEDURES, st.integers(0, 40), st.integers(1, 9)), max_size=25)


def instant(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, 17, tzinfo=VN).timestamp())


def slow_find(cases: list[LateCase], unit: int, procedure: int | None) -> tuple[int, int] | None:
    """One line a dossier, sorted; of a hundred the seventy-fifth."""
    of_unit = [case for case in cases if case.unit_id == unit]
    of_both = [case for case in of_unit if procedure is not None and case.procedure_id == procedure]
    for some in (of_both, of_unit):
        days = sorted(case.days for case in some for _ in range(case.dossiers))
        if len(days) >= 20:
            # The first that leaves at most a quarter behind it.
            place = next(at for at in range(len(days)) if (len(days) - at - 1) * 4 <= len(days))
            return len(days), days[place]
    return None


@given(CASES, UNITS, PROCEDURES)
def test_experience_is_the_slow_count(cases: list[LateCase], unit: int, procedure: int | None):
    found = ExperienceBook(cases).find(unit, procedure)
    assert (found and (found.count, found.days)) == slow_find(cases, unit, procedure)


def slow_new_due(day: date, due: date, known: int, *, is_advance: bool) -> date:
    """Walked day by day."""
    start = max(day, due) if is_advance else day
    late = 0 if is_advance else oracle.workdays_between(due, start)
    left = max(5, known - late)
    while left:
        start += timedelta(days=1)
        left -= oracle.worked(start)
    return start


DAYS = st.dates(date(2026, 2, 1), date(2026, 9, 30))


@given(DAYS, DAYS, st.integers(0, 60), st.booleans())
def test_the_new_date_is_walked_to_day_by_day(day: date, due: date, known: int, is_advance: bool):
    kind = LetterKind.ADVANCE if is_advance else LetterKind.OVERDUE
    due = due if is_advance else min(due, day - timedelta(days=1))
    found = EMPTY._replace(source_due_at=instant(due))
    proposed = propose_new_due(POLICY, day, found, kind, Experience(214, known, True))
    assert proposed
    assert proposed.day == slow_new_due(day, due, known, is_advance=is_advance)
    assert proposed.rests_on == Experience(214, known, True)


@pytest.mark.parametrize(
    ("count", "procedure", "is_of_procedure"),
    [(FEWEST - 1, 1, None), (FEWEST, 1, True), (FEWEST, 2, False), (FEWEST, None, False)],
)
def test_twenty_dossiers_teach_and_nineteen_do_not(
    count: int, procedure: int | None, is_of_procedure: bool | None
):
    book = ExperienceBook([LateCase(7, 1, 3, count)])
    expected = None if is_of_procedure is None else Experience(count, 3, is_of_procedure)
    assert book.find(7, procedure) == expected
    assert book.find(8, procedure) is None
    assert book.find(None, procedure) is None


@pytest.mark.parametrize(
    ("day", "first"),
    [
        (date(2026, 8, 14), date(2025, 8, 14)),
        (date(2028, 2, 29), date(2027, 2, 28)),
        (date(2026, 1, 1), date(2025, 1, 1)),
    ],
)
def test_a_letter_looks_back_twelve_months_and_not_at_its_own_day(day: date, first: date):
    assert looked_at(day) == (first, day)


def test_a_date_beyond_the_loaded_years_falls_back_to_the_usual_days():
    found = EMPTY._replace(source_due_at=instant(date(2026, 8, 3)))
    proposed = propose_new_due(POLICY, FRIDAY, found, LetterKind.OVERDUE, Experience(99, 2_000, True))
    assert proposed
    assert (proposed.day, proposed.rests_on) == (date(2026, 8, 21), None)


def test_what_it_rests_on_is_said_in_words():
    assert Experience(1214, 9, True).words == (
        "theo 1.214 hồ sơ quá hạn cùng thủ tục đã xong trong 12 tháng, "
        "75 % xong trong 9 ngày làm việc sau ngày hẹn"
    )
    assert "của đơn vị" in Experience(20, 9, False).words
