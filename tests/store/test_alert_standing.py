"""What makes an alert no longer so, each cause by itself: the end, another due date, a suspension, a promise, a step."""

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import insert, select

from notifications.alerts.rungs import OF_DOSSIERS, PLACES, Ladder, Measure
from tests.letter_world import add_catalogue, add_dossiers, at, dossier, ended
from tracker.store import alert_standing
from tracker.store.alert_standing import stands
from tracker.store.models import Alert, AlertAck, AlertRun, Dossier, Letter, LetterStep
from tracker.store.session import Store
from tracker.types import Basis

DAY, DUE = date(2022, 6, 20), at(15)
SINCE = at(10)
EPOCH = int(SINCE.timestamp())


def claim(store: Store, measure: Measure, *, kind: str = "dossier", **given: Any) -> None:
    """A claim on subject 1, judged by the due date of the 15th."""
    row = {
        "id": 1, "subject_kind": kind, "subject_id": 1, "measure": measure.value, "threshold": 1, "version": 0, "run_id": 1,
        "day": DAY, "unit_id": None, "due_at": DUE, "measured": 1, "rank": 1, "fate": "told", "rule_id": None,
        "batch_id": None, **given,
    }  # fmt: skip
    run = {"id": 1, "day": DAY, "as_of": at(20), "at": at(20), "last_batch_id": 0, "counts": "{}"}
    with store.transaction() as session:
        session.execute(insert(AlertRun), [run])
        session.execute(insert(Alert), [row])


def acknowledge(store: Store, *promised: date | None) -> None:
    """Words on dossier 1, one after the other."""
    rows = [
        {"id": number, "dossier_id": 1, "promised_on": each, "by_account": 1, "at": at(18), "note": ""}
        for number, each in enumerate(promised, 1)
    ]
    with store.transaction() as session:
        session.add_all(AlertAck(**row) for row in rows)


def is_so(store: Store, day: date = DAY, basis: Basis = Basis.SOURCE) -> bool:
    with store.read() as session:
        return session.scalars(select(Alert.id).where(stands(basis, day))).all() == [1]


OPEN = dossier(1)
UNRECEIVED = dossier(1, received_at=None, status="filed")
WITHDRAWN = dossier(1, end_kind="withdrawn", status="withdrawn")
WITHOUT_DUE = dossier(1, source_due_at=None)


@pytest.mark.parametrize("measure", [Measure.SHARE_USED, Measure.DAYS_LEFT, Measure.DAYS_LATE])
@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (OPEN, True),
        (ended(1, at(17)), False),
        (WITHDRAWN, False),
        (dossier(1, source_due_at=at(16)), False),
        (WITHOUT_DUE, False),
        (dossier(1, suspended_from=at(10)), False),
        (dossier(1, suspended_from=at(16)), True),
        (dossier(1, status="awaiting_supplement"), False),
    ],
    ids=[
        "open", "ended", "withdrawn without a date", "due date moved", "due date gone", "suspended before it",
        "suspended after it", "waiting since nobody knows when",
    ],
)  # fmt: skip
def test_a_rung_of_the_due_date_stands_while_that_date_runs(
    store: Store, measure: Measure, row: dict[str, Any], expected: bool
):
    add_catalogue(store)
    add_dossiers(store, row)
    claim(store, measure)
    assert is_so(store) is expected


def test_the_due_date_is_that_of_the_basis(store: Store):
    add_catalogue(store)
    add_dossiers(store, dossier(1, source_due_at=at(30)))
    claim(store, Measure.DAYS_LATE)
    assert (is_so(store), is_so(store, basis=Basis.PROMISED)) == (False, True)


@pytest.mark.parametrize(
    ("promised", "expected"),
    [
        ((), True),
        ((DAY,), False),
        ((date(2022, 6, 19),), True),
        ((DAY, date(2022, 6, 19)), True),
        ((date(2022, 6, 19), DAY), False),
        ((DAY, None), True),
    ],
    ids=["no word", "until today", "until yesterday", "newest has passed", "newest holds", "taken back"],
)
def test_a_promise_holds_the_rungs_of_the_due_date_until_its_day_has_passed(
    store: Store, promised: tuple[date | None, ...], expected: bool
):
    add_catalogue(store)
    add_dossiers(store, OPEN)
    claim(store, Measure.DAYS_LATE)
    acknowledge(store, *promised)
    assert is_so(store) is expected


@pytest.mark.parametrize(
    ("measure", "version", "row", "expected"),
    [
        (Measure.INTAKE_OVER, 0, UNRECEIVED, True),
        (Measure.INTAKE_OVER, 0, OPEN, False),
        (Measure.INTAKE_OVER, 0, {**UNRECEIVED, "end_kind": "not_accepted"}, False),
        (Measure.SUSPENDED, EPOCH, dossier(1, suspended_from=SINCE), True),
        (Measure.SUSPENDED, EPOCH, dossier(1, suspended_from=at(11)), False),
        (Measure.SUSPENDED, EPOCH, OPEN, False),
        (Measure.NO_DUE, 0, WITHOUT_DUE, True),
        (Measure.NO_DUE, 0, OPEN, False),
        (Measure.NO_DUE, 0, ended(1, at(17), source_due_at=None), False),
        (Measure.DAYS_LATE, 0, dossier(2), False),
    ],
)
def test_each_other_cause_of_a_dossier_ends_in_its_own_way(
    store: Store, measure: Measure, version: int, row: dict[str, Any], expected: bool
):
    add_catalogue(store)
    add_dossiers(store, row)
    claim(store, measure, version=version)
    assert is_so(store) is expected


@pytest.mark.parametrize(
    ("version", "row", "expected"),
    [(1, OPEN, False), (2, OPEN, True), (2, ended(1, at(17)), False)],
    ids=["another promise since", "the newest", "done"],
)
def test_a_broken_promise_stands_until_another_one_is_made_or_the_work_is_done(
    store: Store, version: int, row: dict[str, Any], expected: bool
):
    add_catalogue(store)
    add_dossiers(store, row)
    claim(store, Measure.PROMISE_PASSED, version=version)
    acknowledge(store, date(2022, 6, 16), date(2022, 6, 17))
    assert is_so(store) is expected


def add_letter(store: Store, *, promise: str, new_due_at: datetime | None, steps: int) -> None:
    """Letter 1 with so many steps."""
    letter = {
        "id": 1, "dossier_id": 1, "seq": 1, "kind": "overdue", "form": "phieu-2018", "state": "signed", "unit_id": None,
        "as_of": at(16), "due_at": DUE, "new_due_at": new_due_at, "reason": "", "short_code": "AAAA", "file": "x.docx",
        "number": None, "issued_on": None, "template_id": None, "signer_id": None, "promise": promise,
        "delivered_at": None, "desk_told_at": None, "desk_done_at": None,
    }  # fmt: skip
    taken = [
        {"letter_id": 1, "seq": seq, "step": "drafted", "at": at(16), "actor": "x", "note": ""}
        for seq in range(1, steps + 1)
    ]
    with store.transaction() as session:
        session.execute(insert(Letter), [letter])
        session.execute(insert(LetterStep), taken)


@pytest.mark.parametrize(("version", "expected"), [(2, False), (3, True)])
def test_a_letter_is_stuck_at_the_step_that_was_claimed_and_at_no_other(
    store: Store, version: int, expected: bool
):
    add_letter(store, promise="", new_due_at=None, steps=3)
    claim(store, Measure.LETTER_STUCK, kind="letter", version=version)
    assert is_so(store) is expected


@pytest.mark.parametrize(
    ("promise", "new_due_at", "expected"),
    [("open", SINCE, True), ("kept", SINCE, False), ("broken", SINCE, False), ("open", at(11), False)],
)
def test_the_new_date_of_a_letter_is_in_danger_while_it_is_open_and_the_same(
    store: Store, promise: str, new_due_at: datetime, expected: bool
):
    add_letter(store, promise=promise, new_due_at=new_due_at, steps=1)
    claim(store, Measure.LETTER_PROMISE, kind="letter", version=EPOCH)
    assert is_so(store) is expected


def test_what_is_no_dossiers_and_no_letters_always_stands(store: Store):
    claim(store, Measure.SOURCE_SILENT, kind="source", due_at=None)
    assert is_so(store)


def test_whoever_asks_may_have_joined_the_same_tables(store: Store):
    add_catalogue(store)
    add_dossiers(store, OPEN)
    claim(store, Measure.DAYS_LATE)
    acknowledge(store, DAY)
    query = (
        select(Alert.id)
        .outerjoin(Dossier, Dossier.id == Alert.subject_id)
        .outerjoin(AlertAck, AlertAck.dossier_id == Dossier.id)
        .outerjoin(Letter, Letter.dossier_id == Dossier.id)
        .outerjoin(LetterStep, LetterStep.letter_id == Letter.id)
    )
    with store.read() as session:
        on = [
            session.scalars(query.where(stands(Basis.SOURCE, day))).all() for day in (DAY, date(2022, 6, 21))
        ]
    assert on == [[], [1]]


def test_every_measure_of_dossiers_and_letters_is_settled_by_something():
    own = {
        *alert_standing.BY_DUE_DATE, alert_standing.INTAKE_OVER, alert_standing.SUSPENDED, alert_standing.NO_DUE,
        alert_standing.PROMISE_PASSED,
    }  # fmt: skip
    assert own == {measure.value for measure in OF_DOSSIERS}
    by_due = {measure.value for measure, (ladder, _) in PLACES.items() if ladder is Ladder.DUE}
    assert set(alert_standing.BY_DUE_DATE) == by_due
    of_letters = {alert_standing.LETTER_STUCK, alert_standing.LETTER_PROMISE}
    assert of_letters == {Measure.LETTER_STUCK.value, Measure.LETTER_PROMISE.value}
