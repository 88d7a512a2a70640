"""What people do about alerts: a promised day is a working day not far away, rows are only added, all within one's scope."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts import new_salt
from notifications.alerts.acting import (
    Acting,
    ActReport,
    AlertAsker,
    Choice,
    Reach,
    assignable,
    check_promise,
    choose,
)
from notifications.alerts.directory import HEAD
from tests.letter_world import (
    BRANCH,
    DEPARTMENT,
    DESK,
    OLD_BRANCH,
    PROVINCE,
    add_catalogue,
    add_dossiers,
    at,
    dossier,
    ended,
)
from tracker.calendar_data import load_calendar, office_calendars
from tracker.errors import UsageError
from tracker.store import alert_store, catalogue, dossier_sheet, people
from tracker.store.locks import Lock
from tracker.store.models import AlertAck, Assignment, OutboxMessage
from tracker.store.people import NewAccount
from tracker.store.session import Session, Store
from tracker.store.turns import turn
from tracker.timekeeping.office_time import OfficeTime

# A Monday.
DAY = date(2022, 6, 20)
NOW = at(20, hour=9)
FRIDAY, SATURDAY, MONDAY = date(2022, 6, 24), date(2022, 6, 25), date(2022, 6, 27)
CALENDARS = office_calendars("B", OfficeTime())
CALENDAR = load_calendar("B")
PEOPLE = {
    1: ("an", "desk", DESK),
    2: ("binh", "head", BRANCH),
    3: ("chi", "head", None),
    4: ("dung", "reform", None),
}
AN, BINH, CHI, DUNG, CLOSED = 1, 2, 3, 4, 5


@pytest.fixture
def world(store: Store) -> Store:
    """Dossiers 1 and 2 of an abolished branch that a branch succeeded, 3 of the desk, 4 ended."""
    add_catalogue(store)
    add_dossiers(
        store,
        dossier(1),
        dossier(2),
        dossier(3, resolving_unit_id=None, receiving_unit_id=DESK),
        ended(4, at(17)),
    )
    with store.transaction() as session:
        for login, role, unit in (*PEOPLE.values(), ("em", "desk", BRANCH)):
            people.add_account(
                session, NewAccount(login, login.capitalize(), role, unit, "x", new_salt()), NOW
            )
        people.disable(session, CLOSED, now=NOW)
    return store


def desk(store: Store, units: frozenset[int] | None = None, now: datetime = NOW, **more: Any) -> Acting:
    """Binh at work, in these units."""
    return Acting(store, AlertAsker(BINH, "binh", units), now, now.date(), **more)


def rows(store: Store, model: type[AlertAck | Assignment]) -> list[Any]:
    with store.read() as session:
        return list(session.execute(select(*model.__table__.columns).order_by(model.id)))


def take_on(store: Store, ids: Sequence[int], day: date = FRIDAY, note: str = "") -> ActReport:
    return desk(store).take_on(ids, day, note, CALENDARS)


# ---------------------------------------------------------------- taken on


def test_many_are_taken_on_at_once_each_with_its_row(world: Store):
    report = take_on(world, [2, 1, 2], note="  chờ   xác minh ")
    assert report == ActReport((2, 1), ())
    found = [
        (row.id, row.dossier_id, row.promised_on, row.by_account, row.at, row.note)
        for row in rows(world, AlertAck)
    ]
    assert found == [(1, 2, FRIDAY, BINH, NOW, "chờ xác minh"), (2, 1, FRIDAY, BINH, NOW, "chờ xác minh")]


def test_what_has_ended_and_what_is_not_there_is_told_and_the_rest_is_done(world: Store):
    report = take_on(world, [4, 99, 1])
    assert report.done == (1,)
    assert [(each.dossier_id, each.why) for each in report.refused] == [
        (99, "không có hồ sơ này trong phạm vi của bạn"),
        (4, "hồ sơ đã kết thúc"),
    ]


def test_a_dossier_of_another_unit_is_not_there(world: Store):
    with world.read() as session:
        own = catalogue.unit_subtree(session, DESK)
    report = desk(world, own).take_on([1, 3], FRIDAY, "", CALENDARS)
    assert (report.done, [each.code for each in report.refused]) == ((3,), [""])


@pytest.mark.parametrize(
    ("promised", "said"),
    [
        (DAY - timedelta(days=1), "ngày hẹn xong 19/06/2022 đã qua"),
        (SATURDAY, "25/06/2022 là ngày nghỉ; ngày làm việc tiếp theo là 27/06/2022"),
        (date(2022, 9, 2), "02/09/2022 là ngày nghỉ; ngày làm việc tiếp theo là 05/09/2022"),
        (CALENDAR.add_workdays(DAY, 61), "cách 61 ngày làm việc; hẹn xa nhất là 60 ngày làm việc"),
        (date(2190, 1, 6), "chưa có lịch làm việc đến ngày 06/01/2190"),
    ],
)
def test_a_day_that_cannot_be_promised_is_refused_and_nothing_is_kept(
    world: Store, promised: date, said: str
):
    with pytest.raises(UsageError, match=said):
        take_on(world, [1, 2], promised)
    assert rows(world, AlertAck) == []


@pytest.mark.parametrize("promised", [DAY, FRIDAY, CALENDAR.add_workdays(DAY, 60)])
def test_from_today_to_sixty_working_days_ahead_may_be_promised(promised: date):
    check_promise(promised, DAY, CALENDAR)


def test_a_promise_is_taken_back_by_another_row(world: Store):
    take_on(world, [1])
    assert desk(world).take_back([1, 2]).done == (1,)
    assert [(row.dossier_id, row.promised_on) for row in rows(world, AlertAck)] == [(1, FRIDAY), (1, None)]
    with world.read() as session:
        assert alert_store.acks_of(session, [1])[1].promised_on is None
    refused = desk(world).take_back([1]).refused
    assert [(each.code, each.why) for each in refused] == [("T.18-220601-0001", "chưa ai nhận việc này")]


def test_a_note_that_is_too_long_is_refused(world: Store):
    with pytest.raises(UsageError, match="ghi chú dài quá 300 ký tự"):
        take_on(world, [1], note="a" * 301)


def test_what_is_written_in_the_same_step_fails_with_it(world: Store):
    def fail(_session: Session, _report: ActReport) -> None:
        raise UsageError("nhật ký hỏng")

    with pytest.raises(UsageError, match="nhật ký hỏng"):
        desk(world, in_same_step=fail).take_on([1], FRIDAY, "", CALENDARS)
    assert rows(world, AlertAck) == []


# ---------------------------------------------------------------- assigned


def test_a_dossier_is_given_to_whoever_sees_it_and_the_newest_row_counts(world: Store):
    assert desk(world).assign([1, 2], BINH, "gấp").done == (1, 2)
    assert desk(world).assign([1], CHI).done == (1,)
    assert desk(world).assign([2], None).done == (2,)
    assert len(rows(world, Assignment)) == 4
    with world.read() as session:
        assert alert_store.assigned_of(session, [1, 2]) == {1: CHI, 2: None}
        told = [(line.to, line.by, line.note) for line in dossier_sheet.sheet_of(session, 2).assignments]
    assert told == [("", "Binh", ""), ("Binh", "Binh", "gấp")]


def test_who_is_given_work_reads_it_in_the_program_and_who_takes_it_does_not(world: Store):
    desk(world).assign([1, 2], CHI)
    desk(world).assign([1], BINH)
    told = rows(world, OutboxMessage)
    assert [(row.recipient, row.subject) for row in told] == [(f"user:{CHI}", "Bạn được giao 2 hồ sơ")]
    assert told[0].link == "/canh-bao"


def test_who_does_not_see_a_dossier_is_not_given_it(world: Store):
    report = desk(world).assign([1, 3], AN)
    assert report.done == (3,)
    assert [each.why for each in report.refused] == [
        "tài khoản được giao không xem được hồ sơ của đơn vị này"
    ]


@pytest.mark.parametrize("account", [DUNG, CLOSED, 99])
def test_only_open_accounts_of_desks_and_heads_are_given_work(world: Store, account: int):
    with pytest.raises(UsageError, match="không có tài khoản một cửa hoặc thủ trưởng nào"):
        desk(world).assign([1], account)


@pytest.mark.parametrize(
    ("units", "offered"),
    [
        ({OLD_BRANCH}, ["Binh", "Chi"]),
        ({DESK}, ["An", "Chi"]),
        ({OLD_BRANCH, DESK}, ["Chi"]),
        ({None}, ["Chi"]),
        (set(), ["An", "Binh", "Chi"]),
    ],
)
def test_only_those_are_offered_who_see_all_that_is_picked(
    world: Store, units: set[int | None], offered: list[str]
):
    with world.read() as session:
        assert [each.full_name for each in assignable(session, units)] == offered


@pytest.mark.parametrize("own", [PROVINCE, DEPARTMENT, BRANCH, OLD_BRANCH, DESK])
def test_whose_dossiers_an_account_sees_is_the_same_from_above_and_from_below(world: Store, own: int):
    with world.read() as session:
        account = alert_store.AccountRow(9, "x", "X", HEAD, own, mails=False)
        reach, known = Reach(session), catalogue.units(session)
        assert {unit for unit in known if reach.covers(account, unit)} == catalogue.unit_subtree(session, own)


# ---------------------------------------------------------------- own settings


def keep(store: Store, chosen: Choice) -> None:
    choose(store, AN, chosen, now=NOW, in_same_step=lambda _session: None)


def test_what_somebody_chose_stands_in_the_place_of_what_they_chose_before(world: Store):
    keep(world, Choice(digest_by_mail=True, urgent_by_mail=False, digest_at="7:30".zfill(5)))
    keep(world, Choice(digest_by_mail=False, urgent_by_mail=True, digest_at=""))
    with world.read() as session:
        assert alert_store.settings(session) == {AN: alert_store.SettingRow(AN, False, True, "")}


@pytest.mark.parametrize("hour", ["05:59", "11:01", "25:00", "sáng", "07:30+02:00"])
def test_an_hour_outside_what_the_office_allows_is_refused(world: Store, hour: str):
    with pytest.raises(UsageError, match="giờ nhận bản tin"):
        keep(world, Choice(digest_at=hour))
    with world.read() as session:
        assert alert_store.settings(session) == {}


def test_somebody_takes_a_dossier_on_while_all_that_is_open_is_looked_at(world: Store):
    with turn(world, Lock.ALERTS):
        assert len(take_on(world, [1]).done) == 1
