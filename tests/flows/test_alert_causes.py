"""What alerts are about beside due dates: letters that stand still, promises, the year's score, sources, the calendar."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from notifications.alerts import finders
from notifications.alerts.causes import AlertPolicy, Cause, Finder, Moment
from notifications.alerts.rungs import Measure
from tests.letter_world import BRANCH, add_catalogue, add_dossiers, at, dossier, ended, suspend
from tracker.store.calendars import load_history
from tracker.store.models import Assignment, Batch, Letter, LetterStep, Source
from tracker.store.session import Store

THURSDAY = at(16, hour=9)  # 16/06/2022
POLICY = AlertPolicy("B")


def found(store: Store, finder: Finder, moment: datetime, policy: AlertPolicy = POLICY) -> list[Cause]:
    """What a finder tells of at a moment."""
    with store.read() as session:
        calendars = load_history(session, policy.calendar_key)
        return list(finder(Moment(store, session, policy, calendars, moment.date(), moment)))


def measured(store: Store, finder: Finder, moment: datetime, **policy: Any) -> Mapping[int, int]:
    """The one measure of each subject, by its id."""
    causes = found(store, finder, moment, replace(POLICY, **policy))
    return {each.subject_id: next(iter(each.standing.values())) for each in causes}


def add_letter(store: Store, number: int, state: str, *moved: datetime, **more: Any) -> None:
    """A letter of the dossier of this number, with steps at these moments."""
    empty = dict.fromkeys(column.name for column in Letter.__table__.columns)
    texts = dict.fromkeys(("signed_file", "signed_sha256", "delivered_by", "promise"), "")
    row = {
        "id": number, "dossier_id": number, "seq": 1, "kind": "overdue", "form": "mau", "state": state, "unit_id": BRANCH,
        "as_of": THURSDAY, "reason": "", "short_code": f"T{number}", "file": f"{number}.docx", "paper": "a4",
    }  # fmt: skip
    steps = [
        {"letter_id": number, "seq": seq, "step": state, "at": moment, "actor": "soan", "note": ""}
        for seq, moment in enumerate(moved, 1)
    ]
    with store.transaction() as session:
        session.execute(insert(Letter), [{**empty, **texts, **row, **more}])
        session.execute(insert(LetterStep), steps)


def add_promise(store: Store, number: int, new_due_at: datetime, **more: Any) -> None:
    """A letter delivered on Thursday that names a new date."""
    told = {"promise": "open", "new_due_at": new_due_at, "delivered_at": THURSDAY, **more}
    add_letter(store, number, "delivered", THURSDAY, **told)


def add_loads(store: Store, *loads: tuple[int, int, datetime]) -> None:
    """Loads as (id, source, moment); sources 1 and up, each there already or new."""
    with store.transaction() as session:
        for number, source_id, moment in loads:
            if session.get(Source, source_id) is None:
                session.add(
                    Source(id=source_id, key=f"nguon-{source_id}", name=f"Cổng {source_id}", priority=1)
                )
                session.flush()
            told = {
                "id": number,
                "source_id": source_id,
                "ingested_at": moment,
                "files": "[]",
                "counts": "{}",
            }
            session.execute(insert(Batch), [told])


# ---------------------------------------------------------------- letters


def test_a_letter_that_has_not_moved_is_measured_in_working_days_since_its_last_step(store: Store) -> None:
    add_catalogue(store)
    add_dossiers(store, *(dossier(number, officer_name="Trần Thị Bịa") for number in range(1, 7)))
    for number, state in enumerate(("drafted", "approved", "signed", "numbered", "delivered", "void"), 1):
        add_letter(store, number, state, THURSDAY - timedelta(days=5), THURSDAY)
    with store.transaction() as session:
        told = {"id": 1, "dossier_id": 2, "account_id": 77, "by_account": 1, "at": THURSDAY, "note": ""}
        session.execute(insert(Assignment), [told])
    causes = found(store, finders.letters, at(21, hour=9))  # Tuesday
    assert [each.subject_id for each in causes] == [1, 2, 3, 4], "delivered and void ones wait for nothing"
    assert {each.version for each in causes} == {2}
    assert causes[0] == Cause(
        "letter", 1, {Measure.LETTER_STUCK: 3}, 2, unit_id=BRANCH, officer="Trần Thị Bịa", assigned=None
    )
    assert causes[1].assigned == 77


@pytest.mark.parametrize(("stuck_days", "told"), [(1, {1: 3}), (3, {1: 3}), (4, {}), (5, {})])
def test_a_letter_is_no_cause_before_the_days_that_the_office_set(
    store: Store, stuck_days: int, told: Mapping[int, int]
) -> None:
    add_catalogue(store)
    add_letter(store, 1, "drafted", THURSDAY)
    assert measured(store, finders.letters, at(21, hour=9), stuck_days=stuck_days) == told


def test_a_promise_is_measured_in_working_days_until_its_date_and_not_after_it(store: Store) -> None:
    add_catalogue(store)
    add_dossiers(store, dossier(1))
    add_promise(store, 1, at(30))  # Thursday, 30/06
    days = {day: measured(store, finders.letters, at(day, hour=18)) for day in (24, 25, 27, 28, 29, 30)}
    assert days == {24: {1: 4}, 25: {1: 4}, 27: {1: 3}, 28: {1: 2}, 29: {1: 1}, 30: {1: 0}}
    assert measured(store, finders.letters, at(1, month=7, hour=8)) == {}, "missed: the ledger's"
    (cause,) = found(store, finders.letters, at(28))
    assert (cause.version, cause.due_at, cause.unit_id) == (int(at(30).timestamp()), at(30), BRANCH)


def test_a_promise_of_a_dossier_that_ended_or_stands_still_is_not_about_to_break(store: Store) -> None:
    add_catalogue(store)
    add_dossiers(store, dossier(1), ended(2, at(20)), dossier(3), dossier(4), dossier(5))
    suspend(store, 3, at(20), None)
    suspend(store, 4, at(20), at(22))
    for number in (1, 2, 3, 4):
        add_promise(store, number, at(30))
    add_promise(store, 5, at(30), promise="kept")
    assert measured(store, finders.letters, at(28)) == {1: 2, 4: 2}


# ---------------------------------------------------------------- score


def add_year(store: Store, in_time: int, late: int) -> None:
    """So many dossiers of 2022 that ended in time, and late; all of a provincial unit."""
    add_catalogue(store)
    add_loads(store, (1, 1, at(1)))
    good = [ended(number, at(10)) for number in range(1, in_time + 1)]
    bad = [ended(in_time + number, at(20)) for number in range(1, late + 1)]
    add_dossiers(store, *good, *bad)


@pytest.mark.parametrize(
    ("in_time", "late", "used"),
    [
        (97, 3, 60),
        (96, 4, 80),
        (95, 5, 100),
        (93, 7, 140),
        (39, 1, 50),
        (10, 0, None),
        (10, 1, 100),
        (19, 0, None),
    ],
)
def test_how_much_of_the_late_dossiers_that_the_score_allows_is_used(
    store: Store, in_time: int, late: int, used: int | None
) -> None:
    add_year(store, in_time, late)
    expected = {} if used is None else {2022: used}
    assert measured(store, finders.budget, at(30)) == expected


def test_the_score_is_told_in_numbers(store: Store) -> None:
    add_year(store, 35, 5)
    (cause,) = found(store, finders.budget, at(30))
    assert cause == Cause(
        "year", 2022, {Measure.BUDGET: 250}, 0, words="5 hồ sơ quá hạn trên mức 2 còn chấp nhận được"
    )


def test_without_anything_loaded_there_is_no_score_to_tell(store: Store) -> None:
    assert found(store, finders.budget, at(30)) == []


def test_what_ends_after_the_moment_does_not_count(store: Store) -> None:
    add_year(store, 19, 1)
    assert measured(store, finders.budget, at(19, hour=12)) == {}
    assert measured(store, finders.budget, at(20, hour=18)) == {2022: 100}


# ---------------------------------------------------------------- sources


def test_a_source_is_measured_in_working_days_since_its_newest_load(store: Store) -> None:
    add_loads(store, (1, 1, at(8)), (2, 2, at(9)), (3, 1, at(16)), (4, 2, at(22)))
    causes = found(store, finders.sources, at(21, hour=9))
    assert [(each.subject_id, each.version, dict(each.standing)) for each in causes] == [
        (1, 3, {Measure.SOURCE_SILENT: 3}),
        (2, 2, {Measure.SOURCE_SILENT: 8}),
    ]
    assert causes[0].words == "Hệ thống một cửa: lần nạp cuối ngày 16/06/2022"


def test_a_source_that_was_given_up_is_left_out(store: Store) -> None:
    add_loads(store, (1, 1, at(1, month=1)), (2, 2, at(1)))
    assert set(measured(store, finders.sources, at(29))) == {1, 2}
    assert set(measured(store, finders.sources, at(1, month=7, hour=18))) == {2}


# ---------------------------------------------------------------- calendar


def test_the_next_year_has_to_be_in_the_calendar_from_october(store: Store) -> None:
    with store.read() as session:
        last = load_history(session, "B").present.default.last.year
    told = {
        moment: found(store, finders.calendar, moment)
        for moment in (at(30, month=9, year=last), at(1, month=10, year=last), at(1, month=1, year=last + 1))
    }
    autumn = Cause("year", last + 1, {Measure.CALENDAR: 1}, last * 12 + 10)
    winter = Cause("year", last + 1, {Measure.CALENDAR: 1}, (last + 1) * 12 + 1)
    assert [[replace(each, words="") for each in causes] for causes in told.values()] == [
        [],
        [autumn],
        [winter],
    ]


def test_outside_the_calendar_nothing_is_counted(store: Store) -> None:
    add_loads(store, (1, 1, datetime.combine(date(2037, 12, 30), THURSDAY.timetz())))
    assert found(store, finders.sources, datetime.combine(date(2038, 1, 20), THURSDAY.timetz())) == []
