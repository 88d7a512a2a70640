"""What the ledger makes of dates and decisions, where each dossier stands, and when a letter has to go out."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.ledger import (
    Claim,
    Held,
    Kept,
    LedgerReason,
    LedgerState,
    Outcome,
    decide,
    ledger_state,
    owing_fault,
    waived,
    waiving_fault,
)
from letters.obligations import Duty, DutyReason, LetterKind
from letters.path import LetterState, Promise, Step, promise_of, step_fault
from letters.rules import foreseen_until, letter_day, load_rules
from tracker.calendar_data import load_calendar

OWED = Claim(Duty.OWED, DutyReason.LATE, LetterKind.OVERDUE)
FORESEEN = Claim(Duty.OWED, DutyReason.FORESEEN, LetterKind.ADVANCE)
UNSURE = Claim(Duty.TO_CHECK, DutyReason.SOURCE_ONLY, LetterKind.OVERDUE)
TAKEN_BACK = Claim(Duty.NONE, LedgerReason.WITHDRAWN)
IN_TIME = Claim(Duty.NONE, LedgerReason.FINISHED_IN_TIME)

owed = Kept(Held.OWED, DutyReason.LATE)
foreseen = Kept(Held.OWED, DutyReason.FORESEEN)
signed = Kept(Held.OWED, DutyReason.LATE, has_signed=True)
by_person = Kept(Held.OWED, LedgerReason.BY_PERSON, by_person=True)
unsure = Kept(Held.TO_CHECK, DutyReason.SOURCE_ONLY)
waived_unsure = Kept(Held.WAIVED, LedgerReason.WAIVED_UNSURE, by_person=True)
waived_sure = Kept(Held.WAIVED, LedgerReason.BY_PERSON, by_person=True)
taken_back = Kept(Held.WAIVED, LedgerReason.WITHDRAWN)
closed = Kept(Held.CLOSED, LedgerReason.FINISHED_IN_TIME)
old = Kept(Held.BEFORE_START, LedgerReason.BEFORE_START)
after_waiver = Kept(Held.TO_CHECK, LedgerReason.AFTER_WAIVER)

CASES = [
    # nothing held yet, or closed: the dates alone decide
    (None, OWED, (Held.OWED, "late")),
    (None, FORESEEN, (Held.OWED, "foreseen")),
    (None, UNSURE, (Held.TO_CHECK, "source_only")),
    (None, TAKEN_BACK, (Held.WAIVED, "withdrawn")),
    (None, IN_TIME, None),
    (closed, OWED, (Held.OWED, "late")),
    (closed, IN_TIME, None),
    # owed by the rules: the newest reason counts, and what is late no longer is closed
    (owed, OWED, None),
    (foreseen, OWED, (Held.OWED, "late")),
    (owed, UNSURE, (Held.TO_CHECK, "source_only")),
    (owed, TAKEN_BACK, (Held.WAIVED, "withdrawn")),
    (foreseen, IN_TIME, (Held.CLOSED, "finished_in_time")),
    # a signed apology is taken back by no doubt, but is closed where nothing was late
    (signed, UNSURE, None),
    (signed, TAKEN_BACK, None),
    (signed, IN_TIME, (Held.CLOSED, "finished_in_time")),
    # what a person decided stands until the dates contradict it
    (by_person, UNSURE, None),
    (by_person, OWED, None),
    (by_person, IN_TIME, (Held.CLOSED, "finished_in_time")),
    (by_person, TAKEN_BACK, (Held.WAIVED, "withdrawn")),
    (waived_unsure, UNSURE, None),
    (waived_unsure, OWED, (Held.TO_CHECK, "after_waiver")),
    (waived_sure, OWED, None),
    (waived_sure, IN_TIME, None),
    (after_waiver, OWED, None),
    (after_waiver, IN_TIME, (Held.CLOSED, "finished_in_time")),
    # to be checked: until both dates agree
    (unsure, UNSURE, None),
    (unsure, OWED, (Held.OWED, "late")),
    (unsure, IN_TIME, (Held.CLOSED, "finished_in_time")),
    # a withdrawal that was taken back
    (taken_back, OWED, (Held.OWED, "late")),
    (taken_back, TAKEN_BACK, None),
    (old, OWED, (Held.OWED, "late")),  # the first day was moved, and it is no longer from before
    (old, IN_TIME, None),
]


@pytest.mark.parametrize(("kept", "claim", "wanted"), CASES)
def test_an_obligation_becomes_what_dates_and_decisions_make_of_it(
    kept: Kept | None, claim: Claim, wanted: tuple[Held, str] | None
) -> None:
    found = decide(kept, claim)
    assert (None if found is None else (found.state, str(found.reason))) == wanted


def test_what_ended_before_the_first_day_owes_nothing() -> None:
    assert decide(None, OWED, before_start=True) == Outcome(Held.BEFORE_START, LedgerReason.BEFORE_START)
    assert decide(None, IN_TIME, before_start=True) is None


@given(
    st.sampled_from([None, *(case[0] for case in CASES if case[0])]),
    st.sampled_from([OWED, FORESEEN, UNSURE, IN_TIME]),
)
def test_deciding_twice_is_deciding_once(kept: Kept | None, claim: Claim) -> None:
    first = decide(kept, claim)
    if first is not None:
        assert decide(Kept(first.state, first.reason), claim) is None


STATES = [
    ("to_check", None, "", LedgerState.TO_CHECK),
    ("waived", "drafted", "", LedgerState.WAIVED),
    ("closed", "delivered", "kept", LedgerState.CLOSED),
    ("owed", None, "", LedgerState.OWED),
    ("owed", "void", "", LedgerState.OWED),
    *(("owed", each, "", LedgerState(each)) for each in ("drafted", "approved", "signed", "numbered", "delivered")),
    ("owed", "delivered", "open", LedgerState.DELIVERED),
    ("owed", "delivered", "kept", LedgerState.PROMISE_KEPT),
    ("owed", "delivered", "broken", LedgerState.PROMISE_BROKEN),
    ("owed", "delivered", "renewed", LedgerState.OWED),
]  # fmt: skip


@pytest.mark.parametrize(("held", "letter", "promise", "state"), STATES)
def test_a_dossier_stands_in_one_state(
    held: str, letter: str | None, promise: str, state: LedgerState
) -> None:
    assert ledger_state(held, letter, promise) is state


def test_a_person_owes_and_waives_only_where_there_is_something_to_decide() -> None:
    assert owing_fault(unsure) is owing_fault(old) is owing_fault(waived_sure) is None
    assert waiving_fault(unsure) is waiving_fault(owed) is None
    for fault in (owing_fault(None), owing_fault(owed), owing_fault(taken_back), waiving_fault(None)):
        assert fault
    assert waiving_fault(signed)
    assert waiving_fault(closed)
    assert waived(unsure).reason == "waived_unsure"
    assert waived(owed).reason == "by_person"


# ---------------------------------------------------------------- the way

DAY = 86_400
ORDER = (
    LetterState.DRAFTED,
    LetterState.APPROVED,
    LetterState.SIGNED,
    LetterState.NUMBERED,
    LetterState.DELIVERED,
)


def test_no_letter_leaves_a_step_out() -> None:
    forward = (Step.APPROVED, Step.SIGNED, Step.NUMBERED, Step.DELIVERED)
    for at, step in enumerate(forward):
        allowed = [state for state in LetterState if step_fault(step, state) is None]
        assert allowed == [ORDER[at]]
    assert [state for state in LetterState if step_fault(Step.VOIDED, state) is None] == list(ORDER[:-1])


@pytest.mark.parametrize(
    ("ended", "today", "suspended", "withdrawn", "promise"),
    [
        (None, 10, False, False, Promise.OPEN),  # on the new date itself there is still time
        (None, 11, False, False, Promise.BROKEN),
        (None, 11, True, False, Promise.OPEN),
        (10, 30, False, False, Promise.KEPT),
        (11, 30, False, False, Promise.BROKEN),
        (11, 30, False, True, Promise.NONE),
    ],
)
def test_a_new_date_is_kept_by_what_ends_on_it(
    ended: int | None, today: int, suspended: bool, withdrawn: bool, promise: Promise
) -> None:
    found = promise_of(
        new_due_at=10 * DAY,
        ended_at=None if ended is None else ended * DAY,
        as_of=today * DAY,
        is_suspended=suspended,
        is_withdrawn=withdrawn,
    )
    assert found is promise


# ---------------------------------------------------------------- when a letter goes out

CALENDAR = load_calendar()


@pytest.mark.parametrize(
    ("due", "lead", "day"),
    [
        (date(2022, 6, 15), 1, date(2022, 6, 14)),  # Wednesday: Tuesday
        (date(2022, 6, 20), 1, date(2022, 6, 17)),  # Monday: the Friday before
        (date(2022, 9, 5), 1, date(2022, 8, 31)),  # after the holiday of 1 and 2 September and a weekend
        (date(2024, 5, 6), 1, date(2024, 5, 4)),  # the Saturday before was worked
        (date(2022, 6, 15), 0, date(2022, 6, 15)),
    ],
)
def test_the_letter_goes_out_on_the_last_working_day_before(due: date, lead: int, day: date) -> None:
    assert letter_day(CALENDAR, due, lead) == day


@given(
    st.dates(date(2019, 1, 1), date(2026, 11, 30)),
    st.integers(-12, 12),
    st.integers(0, 3),
)
def test_what_is_foreseen_is_what_has_its_letter_day_by_then(day: date, ahead: int, lead: int) -> None:
    due = day + timedelta(days=ahead)
    assert (due <= foreseen_until(CALENDAR, day, lead)) == (letter_day(CALENDAR, due, lead) <= day)


def test_every_day_of_reception_has_its_rule() -> None:
    rules = load_rules()
    keys = {
        day: rules.on(day).key
        for day in (date(2018, 6, 20), date(2018, 6, 21), date(2025, 6, 30), date(2025, 7, 1))
    }
    assert list(keys.values()) == ["qd-09-2015", "nd-61-2018", "nd-61-2018", "nd-118-2025"]
    assert rules.on(None).key == "nd-118-2025"
    assert [entry.key for entry in rules.entries if entry.is_verified] == ["nd-61-2018"]
