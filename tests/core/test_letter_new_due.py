"""The proposed new date of a letter goes by the calendar of the dossier's unit."""

from datetime import date, datetime

import pytest

from letters.case import LetterPolicy, propose_new_due
from letters.forms import load_forms
from tracker.calendar_data import office_calendars
from tracker.store.letter_candidates import Candidate
from tracker.timekeeping.office_time import Assignment, OfficeBase, OfficeTime
from tracker.types import VN

WEEK, MORNING = ((420, 690), (810, 1020)), ((420, 690),)
SIX = OfficeBase("S6", "Sáu ngày", "B", tuple((n, WEEK if n < 5 else MORNING) for n in range(6)), None, "QĐ")
OFFICE = OfficeTime((SIX, Assignment(2, "S6", None, None, "QĐ")))
FRIDAY = date(2026, 8, 14)
RECEIVED = int(datetime(2026, 8, 3, 8, tzinfo=VN).timestamp())


@pytest.mark.parametrize(
    ("resolving", "receiving", "day"),
    [
        (2, 1, date(2026, 8, 15)),
        (1, 2, date(2026, 8, 17)),
        (None, 2, date(2026, 8, 15)),
        (None, None, date(2026, 8, 17)),
    ],
)
def test_the_new_date_is_counted_by_the_units_calendar(resolving, receiving, day):
    policy = LetterPolicy(load_forms(), office_calendars("B", OFFICE), 1)
    found = Candidate._make([None] * len(Candidate._fields))._replace(
        resolving_unit_id=resolving, receiving_unit_id=receiving, received_at=RECEIVED
    )
    assert propose_new_due(policy, FRIDAY, found).day == day


def test_beyond_the_loaded_years_there_is_no_new_date():
    policy = LetterPolicy(load_forms(), office_calendars("B", OfficeTime()), 10)
    found = Candidate._make([None] * len(Candidate._fields))
    assert propose_new_due(policy, date(2027, 12, 30), found) is None
