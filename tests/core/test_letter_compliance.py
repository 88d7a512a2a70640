"""How the duty to apologise was met, and the lists about it: one boundary a row."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from letters.compliance import ApologyCase, Figures, Share, compliance, of_month, of_unit
from letters.ledger import Held, LedgerState
from letters.ledger_cases import case_of, working_days
from letters.ledger_lists import (
    Why,
    delivered_late,
    second_apologies,
    signer_fault,
    signing_day,
    without_lateness,
    without_letter,
    wrong_signers,
)
from tests.letter_world import at, policy
from tracker.store.letter_cases import CaseRow, LetterLine
from tracker.types import VN

DAY = date(2022, 7, 1)
# Wednesday 15/06/2022; the law wants the letter by Tuesday 14/06.
DUE, LAW = date(2022, 6, 15), date(2022, 6, 14)
LATE = ApologyCase("Sở Mẫu", DUE, LAW, Held.OWED, LedgerState.OWED, days=12)
POLICY = policy()


def figures(*cases: ApologyCase, day: date = DAY) -> Figures:
    return compliance(cases, day, of_unit).total


def delivered(day: date, **more: Any) -> ApologyCase:
    return replace(LATE, state=LedgerState.DELIVERED, delivered_on=day, **more)


@pytest.mark.parametrize(
    ("delivered_on", "by_law_day", "by_due_day"),
    [
        (date(2022, 6, 14), 1, 1),
        (date(2022, 6, 15), 0, 1),
        (date(2022, 6, 16), 0, 0),
    ],
)
def test_a_letter_is_in_time_by_the_law_up_to_its_last_day_and_by_the_date_up_to_that(
    delivered_on: date, by_law_day: int, by_due_day: int
):
    found = figures(delivered(delivered_on), LATE)
    assert (found.apologised, found.by_law_day, found.by_due_day) == (
        Share(1, 2),
        Share(by_law_day, 2),
        Share(by_due_day, 2),
    )


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (LATE, {"late": 1}),
        (replace(LATE, due_on=date(2022, 6, 30)), {"late": 1}),
        (replace(LATE, due_on=DAY), {}),
        (replace(LATE, held=Held.CLOSED), {}),
        (replace(LATE, held=Held.TO_CHECK), {"to_check": 1}),
        (replace(LATE, held=Held.WAIVED), {"waived": 1}),
        (replace(LATE, held=Held.BEFORE_START), {"before_start": 1}),
    ],
)
def test_what_is_owed_and_late_is_the_denominator_and_the_rest_stands_beside(
    made: ApologyCase, expected: dict[str, int]
):
    found = figures(made)
    names = ("late", "to_check", "waived", "before_start")
    assert {name: getattr(found, name) for name in names if getattr(found, name)} == expected
    assert found.apologised.denominator == found.late


def test_a_rate_of_nothing_is_none_and_not_zero():
    found = figures()
    assert (found.apologised.rate, found.kept_share.rate, found.median_days, found.oldest_age) == (None,) * 4
    assert Share(1, 4).rate == 0.25


def test_days_before_the_date_are_negative_and_the_median_is_of_deliveries_only():
    cases = [delivered(DUE, days=days) for days in (-2, 5, 1)]
    found = figures(*cases, replace(LATE, days=40), replace(LATE, days=None))
    assert (found.median_days, found.median_age, found.oldest_age, found.undelivered) == (1, 40, 40, 2)


def test_promises_that_were_judged_are_the_denominator_of_those_kept():
    found = figures(
        delivered(DUE, promises=1, kept=1),
        delivered(DUE, promises=2, broken=2, is_escalated=True),
        delivered(DUE, promises=1, open=1),
        delivered(DUE, promises=1),
    )
    assert (found.promises, found.kept, found.broken, found.open) == (5, 1, 2, 1)
    assert (found.kept_share, found.escalated) == (Share(1, 3), 1)


def test_what_waits_is_told_by_where_it_waits():
    waiting = [
        replace(LATE, state=state) for state in (LedgerState.OWED, LedgerState.SIGNED, LedgerState.SIGNED)
    ]
    assert figures(*waiting, delivered(DUE)).waiting == {LedgerState.OWED: 1, LedgerState.SIGNED: 2}


def test_groups_add_up_to_the_whole_and_stand_in_order():
    cases = [replace(LATE, due_on=date(2022, 5, 31)), LATE, delivered(DUE), replace(LATE, due_on=DAY)]
    found = compliance(iter(cases), DAY, of_month)
    assert [(month, each.late) for month, each in found.groups.items()] == [("2022-05", 1), ("2022-06", 2)]
    assert found.total.late == 3


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        (DUE, DUE, 0),
        (DUE, date(2022, 6, 16), 1),
        (DUE, date(2022, 6, 20), 3),  # over a weekend
        (date(2022, 6, 20), DUE, -3),
        (date(2031, 1, 1), date(2031, 1, 2), None),
    ],
)
def test_working_days_are_counted_both_ways_and_unknown_outside_the_calendar(
    start: date, end: date, days: int | None
):
    assert working_days(POLICY.calendars.default, start, end) == days


# ---------------------------------------------------------------- lists

ROW = CaseRow(
    1, "T.18-220601-0001", 5, "Sở Mẫu", "owed", "late", "owed", at(15), None, None, 5, None, at(1, hour=8), 0, 0, 0, 0, 0
)  # fmt: skip
LETTER = LetterLine(
    letter_id=1, dossier_id=1, code="T.18-220601-0001", unit_id=5, unit="Sở Mẫu", procedure="Thủ tục Mẫu",
    applicant="Nguyễn Văn Bịa", kind="overdue", state="delivered", number="01/PXL", issued_on=date(2022, 6, 20),
    as_of=at(18), due_at=at(15), new_due_at=at(30), reason="lý do", delivered_at=at(21), delivered_by="post",
    desk_told_at=None, desk_done_at=None, promise="open", signer_id=9, signer="Trần Thị Mẫu", signer_unit_id=5,
    signer_from=date(2022, 6, 20), signer_to=date(2022, 6, 20), signed_at=at(22), signed_note="20/06/2022", void_note="",
    resolving_unit_id=5, receiving_unit_id=None, received_at=at(1, hour=8), held="owed", held_reason="late",
)  # fmt: skip
ABOVE = {5: frozenset({5, 1}), 6: frozenset({6, 1})}


def test_the_case_of_a_row_knows_the_laws_day_and_its_age():
    found = case_of(ROW, POLICY, DAY)
    assert found is not None
    assert (found.due_on, found.law_day, found.days) == (DUE, LAW, 12)
    monday = case_of(ROW._replace(due_at=at(20), delivered_at=at(17)), POLICY, DAY)
    assert monday is not None
    assert (monday.law_day, monday.days) == (date(2022, 6, 17), -1)
    assert case_of(ROW._replace(due_at=None), POLICY, DAY) is None


@pytest.mark.parametrize(
    ("row", "is_listed", "of"),
    [
        (ROW, True, 1),
        (ROW._replace(due_at=at(30)), True, 1),
        (ROW._replace(due_at=at(1, month=7)), False, 0),
        (ROW._replace(held="to_check", state="to_check"), False, 0),
        (ROW._replace(state="approved"), True, 1),
        (ROW._replace(state="signed", signed=1), False, 1),
        (ROW._replace(due_at=None), False, 0),
    ],
)
def test_late_without_a_letter_is_what_is_owed_late_and_unsigned(row: CaseRow, is_listed: bool, of: int):
    found = without_letter([row], DAY, POLICY)
    assert ([line.why for line in found.lines], found.share) == (
        [row.state] if is_listed else [],
        Share(int(is_listed), of),
    )


def test_late_without_a_letter_says_how_many_working_days():
    (line,) = without_letter([ROW], DAY, POLICY).lines
    assert (line.due_on, line.days) == (DUE, 12)


@pytest.mark.parametrize(("held", "listed"), [("closed", 1), ("waived", 1), ("owed", 0), ("to_check", 0)])
def test_a_signed_letter_of_a_dossier_that_owes_none_is_without_lateness(held: str, listed: int):
    assert without_lateness([LETTER._replace(held=held)]).share == Share(listed, 1)


@pytest.mark.parametrize(
    ("letters", "why", "of"),
    [
        ([LETTER], None, 1),
        ([LETTER, LETTER._replace(letter_id=2)], Why.SECOND_PROMISE, 1),
        ([LETTER, LETTER._replace(letter_id=2, promise="", state="signed")], Why.TWO_LETTERS, 1),
        ([LETTER, LETTER._replace(letter_id=2, kind="returned_late", promise="")], None, 1),
        ([LETTER, LETTER._replace(letter_id=2, dossier_id=2)], None, 2),
    ],
)
def test_a_second_apology_is_a_second_letter_with_a_new_date(
    letters: list[LetterLine], why: Why | None, of: int
):
    found = second_apologies(letters)
    assert ([line.why for line in found.lines], found.of) == ([why] if why else [], of)


@pytest.mark.parametrize(
    ("letter", "fault"),
    [
        (LETTER, None),
        (LETTER._replace(signer_unit_id=1), None),
        (LETTER._replace(signer_unit_id=6), Why.OTHER_UNIT),
        (LETTER._replace(unit_id=None), Why.OTHER_UNIT),
        (LETTER._replace(signer_from=None, signer_to=None), None),
        (LETTER._replace(signer_from=date(2022, 6, 21), signer_to=None), Why.OUT_OF_TIME),
        (LETTER._replace(signer_to=date(2022, 6, 19), signer_from=None), Why.OUT_OF_TIME),
        (LETTER._replace(signer_id=None), Why.NO_SIGNER),
        (LETTER._replace(signer_unit_id=None), Why.SIGNER_GONE),
        (LETTER._replace(signed_at=None), Why.NO_SIGNING_DAY),
    ],
)
def test_a_signer_belongs_to_the_unit_or_one_above_it_on_the_day_of_signing(
    letter: LetterLine, fault: Why | None
):
    assert signer_fault(letter, ABOVE) == fault


def test_who_signed_is_never_right_where_it_is_not_known():
    found = wrong_signers([LETTER, LETTER._replace(signer_unit_id=6), LETTER._replace(signer_id=None)], ABOVE)
    assert (found.share, [line.why for line in found.unknown]) == (Share(1, 2), [Why.NO_SIGNER])


def test_the_day_of_signing_is_the_noted_one_and_else_that_of_the_note():
    assert signing_day(LETTER) == date(2022, 6, 20)
    assert signing_day(LETTER._replace(signed_note="")) == date(2022, 6, 22)


@pytest.mark.parametrize(
    ("delivered_at", "days"),
    [
        (datetime(2022, 6, 14, 23, 59, tzinfo=VN), None),
        (datetime(2022, 6, 15, 0, 0, tzinfo=VN), 1),
        (at(21), 5),
    ],
)
def test_delivered_late_is_after_the_laws_last_day(delivered_at: datetime, days: int | None):
    found = delivered_late([LETTER._replace(delivered_at=delivered_at)], POLICY)
    assert ([line.days for line in found.lines], found.of) == ([days] if days else [], 1)


def test_only_the_first_delivered_letter_of_a_dossier_can_be_late():
    letters = [LETTER._replace(delivered_at=at(14)), LETTER._replace(letter_id=2)]
    assert delivered_late(letters, POLICY).share == Share(0, 1)
    assert delivered_late([LETTER._replace(state="signed", delivered_at=None)], POLICY).share == Share(0, 0)
