"""The people of a province: who heads what, who is away, who took something on; with addresses that say who they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from tests.quarter.post import REFUSED
from tracker.pipeline import calendar_changes
from tracker.store import people
from tracker.store.ids import next_id
from tracker.store.models import Absence, AlertAck, AlertSetting, Dossier, Source, Unit
from tracker.store.people import NewAccount
from tracker.store.session import Session, Store
from tracker.types.calendars import AddCalendar, AddDay, AssignCalendar, Operation

OWN_CALENDAR = "rieng"
OWN_HOURS = "08:00-11:30 13:00-16:30"
ADDRESS = "{}@vi-du.vn"
WITHOUT_ADDRESS = ""
OFFICE_CALENDAR = "B"


@dataclass(frozen=True)
class Person:
    """An account: what its login says, whose unit, under which name."""

    login: str
    role: str
    unit: str | None
    name: str
    email: str


def people_of(units: Sequence[str], officers: Sequence[str]) -> list[Person]:
    """A head for each unit but the last, which has nobody; desks for the first; the reform office and an administrator.

    The head of the second unit has no address, that of the third one that is refused.
    """
    addresses = {1: WITHOUT_ADDRESS, 2: ADDRESS.format(f"{REFUSED}-2")}
    found = [
        Person(
            f"truong-{n}", "head", unit, f"Thủ trưởng {n}", addresses.get(n, ADDRESS.format(f"truong-{n}"))
        )
        for n, unit in enumerate(units[:-1])
    ]
    found += [
        Person(f"mot-cua-{n}", "desk", unit, name, ADDRESS.format(f"mot-cua-{n}"))
        for n, (unit, name) in enumerate(zip(units[: len(officers)], officers, strict=True))
    ]
    found.append(Person("cai-cach", "reform", None, "Phòng Kiểm soát", ADDRESS.format("cai-cach")))
    found.append(Person("quan-tri", "admin", None, "Quản trị", ADDRESS.format("quan-tri")))
    return found


def open_accounts(store: Store, found: Sequence[Person], now: datetime) -> dict[str, int]:
    """Open them; the ids by login."""
    with store.transaction() as session:
        units = unit_ids(session)
        for person in found:
            unit_id = None if person.unit is None else units[person.unit]
            new = NewAccount(person.login, person.name, person.role, unit_id, "-", "-", email=person.email)
            people.add_account(session, new, now)
        return {each.login: each.account_id for each in people.list_accounts(session)}


def unit_ids(session: Session) -> dict[str, int]:
    """The units of the catalogue by name; of two that bore one name the present one."""
    rows = session.execute(select(Unit.name, Unit.id).order_by(Unit.valid_to.is_(None), Unit.id))
    return {name: unit_id for name, unit_id in rows}


def choose(store: Store, account_id: int, *, digest_at: str, by_mail: bool, now: datetime) -> None:
    """What a person chose."""
    with store.transaction() as session:
        session.add(
            AlertSetting(
                account_id=account_id,
                digest_by_mail=by_mail,
                urgent_by_mail=True,
                digest_at=digest_at,
                changed_at=now,
            )
        )


def go_on_leave(
    store: Store, account_id: int, days: tuple[date, date], delegate: int | None, now: datetime
) -> None:
    """Somebody is away."""
    with store.transaction() as session:
        session.add(
            Absence(
                id=next_id(session, Absence.id),
                account_id=account_id, first_day=days[0], last_day=days[1], delegate_id=delegate, entered_by="quan-tri",
                entered_at=now, ended_at=None,
            )
        )  # fmt: skip


def take_on(store: Store, code: str, promised_on: date | None, by: int, now: datetime) -> int:
    """Somebody takes a dossier on, or takes that back; the number of the word."""
    with store.transaction() as session:
        found = session.scalar(
            select(Dossier.id).join(Source, Source.id == Dossier.source_id).where(Dossier.code == code)
        )
        assert found is not None
        number = next_id(session, AlertAck.id)
        word = AlertAck(id=number, dossier_id=found, promised_on=promised_on, by_account=by, at=now, note="")
        session.add(word)
    return number


def change_calendar(store: Store, operations: Sequence[Operation], now: datetime) -> None:
    """Two persons change the calendar within a minute."""
    given = {"calendar_key": OFFICE_CALENDAR, "now": now}
    asked = calendar_changes.propose(store, operations, reason="Thông báo mới", actor="quan-tri", **given)
    seen = calendar_changes.preview(store, operations, **given)
    calendar_changes.approve(store, asked.change_id, actor="cai-cach", digest=seen.digest, **given)


def own_calendar(unit_id: int) -> list[Operation]:
    """A unit works by hours of its own."""
    weekdays = dict.fromkeys(range(1, 6), OWN_HOURS)
    return [
        AddCalendar(OWN_CALENDAR, "Giờ riêng", OFFICE_CALENDAR, weekdays, 420, "QĐ 1"),
        AssignCalendar(unit_id, OWN_CALENDAR, date(2020, 1, 1), None, "QĐ 1"),
    ]


def holiday(day: date) -> list[Operation]:
    """A date is off."""
    return [AddDay(OFFICE_CALENDAR, day, "Nghỉ lễ địa phương", "TB 9/TB-UBND")]
