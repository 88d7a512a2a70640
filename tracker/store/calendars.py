"""What the store holds of the office's own working time: read as it was known at any moment, written row by row."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tracker.calendar_data import office_calendars
from tracker.store.models import CalendarDay, ChangeMark, OfficeCalendar, Unit, UnitCalendar
from tracker.store.session import kept
from tracker.timekeeping.calendar_definition import read_sessions, sessions_text
from tracker.timekeeping.calendars import CalendarHistory, Calendars
from tracker.timekeeping.office_time import Assignment, OfficeBase, OfficeDay, Said, Saying
from tracker.types.calendars import UnitAssignment

Row = CalendarDay | OfficeCalendar | UnitCalendar
MODELS: dict[type[Saying], type[Row]] = {
    OfficeDay: CalendarDay,
    OfficeBase: OfficeCalendar,
    Assignment: UnitCalendar,
}


def load(session: Session, default_key: str, known: datetime | None = None) -> Calendars:
    """The calendars as known at a moment (None: now); UsageError where there is no `default_key`."""
    return load_history(session, default_key).at(known)


def load_history(session: Session, default_key: str) -> CalendarHistory:
    """The calendars of all moments; three small tables are read, equal content is compiled once a process."""
    said = [_said(row) for model in MODELS.values() for row in session.scalars(_all(model))]
    return CalendarHistory(said, _parents(session, said), partial(office_calendars, default_key))


def kept_history(session: Session, default_key: str) -> CalendarHistory:
    """As `load_history`, read anew after any change only; for a session that only reads."""
    return kept(session, ("calendars", default_key), lambda: load_history(session, default_key))


def calendar_marks(session: Session) -> tuple[tuple[str, int], ...]:
    """What the database notes of the office's calendars whenever they change (`ChangeMark`)."""
    names = [model.__tablename__ for model in (CalendarDay, OfficeCalendar, UnitCalendar)]
    query = select(ChangeMark.name, ChangeMark.stamp).where(ChangeMark.name.in_(names))
    return tuple((name, stamp) for name, stamp in session.execute(query.order_by(ChangeMark.name)))


def _parents(session: Session, said: Sequence[Said]) -> tuple[tuple[int, int], ...]:
    parents: tuple[tuple[int, int], ...] = ()
    if any(isinstance(row.saying, Assignment) for row in said):
        query = select(Unit.id, Unit.parent_id).where(Unit.parent_id.is_not(None)).order_by(Unit.id)
        parents = tuple((unit_id, parent) for unit_id, parent in session.execute(query) if parent)
    return parents


def _all(model: type[Row]) -> Any:
    return select(model).order_by(model.id)


def _said(row: Row) -> Said:
    until = None if row.known_until is None else _epoch(row.known_until)
    return Said(row.id, _saying(row), row.change_id, _epoch(row.known_from), until)


def _epoch(moment: datetime) -> int:
    return int(moment.timestamp())


def _saying(row: Row) -> Saying:
    if isinstance(row, CalendarDay):
        sessions = read_sessions(row.sessions)
        return OfficeDay(row.calendar, row.day, row.name, row.notice, row.replaces, sessions, row.provisional)
    if isinstance(row, OfficeCalendar):
        return OfficeBase(row.key, row.name, row.base, _weekdays(row.weekdays), row.day_minutes, row.source)
    return Assignment(row.unit_id, row.calendar, row.valid_from, row.valid_to, row.source)


def _weekdays(text: str) -> Any:
    if not text:
        return None
    told = json.loads(text)
    return tuple(sorted((int(number) - 1, read_sessions(sessions)) for number, sessions in told.items()))


# ---------------------------------------------------------------- writing


def end_sayings(session: Session, ended: Sequence[Said], now: int) -> None:
    """These are no longer known from `now` on (UTC epoch seconds)."""
    for row in ended:
        model = MODELS[type(row.saying)]
        session.execute(update(model).where(model.id == row.row_id).values(known_until=now))


def add_sayings(session: Session, sayings: Iterable[Saying], *, change_id: int | None, now: int) -> None:
    """These are known from `now` on; ids follow the highest. Call within `Lock.INGEST`."""
    for saying in sayings:
        model = MODELS[type(saying)]
        number = int(session.scalar(select(func.coalesce(func.max(model.id), 0))) or 0) + 1
        told = {"id": number, "change_id": change_id, "known_from": now, "known_until": None}
        session.execute(model.__table__.insert(), [told | _columns(saying)])  # type: ignore[attr-defined]


COLUMNS: dict[type[Saying], tuple[str, ...]] = {
    OfficeDay: ("calendar", "day", "name", "notice", "replaces", "provisional"),
    OfficeBase: ("key", "name", "base", "day_minutes", "source"),
    Assignment: ("unit_id", "calendar", "valid_from", "valid_to", "source"),
}


def _columns(saying: Saying) -> dict[str, Any]:
    columns = {name: getattr(saying, name) for name in COLUMNS[type(saying)]}
    if isinstance(saying, OfficeDay):
        columns["sessions"] = sessions_text(saying.sessions)
    if isinstance(saying, OfficeBase):
        columns["weekdays"] = _weekdays_text(saying)
    return columns


def _weekdays_text(saying: OfficeBase) -> str:
    if saying.weekdays is None:
        return ""
    return json.dumps({str(number + 1): sessions_text(sessions) for number, sessions in saying.weekdays})


# ---------------------------------------------------------------- lists


def assignments(session: Session) -> list[UnitAssignment]:
    """Which unit works by which calendar at present, by unit; the later one goes before."""
    query = (
        select(UnitCalendar, Unit.code, Unit.name)
        .join(Unit, Unit.id == UnitCalendar.unit_id)
        .where(UnitCalendar.known_until.is_(None))
        .order_by(Unit.name, UnitCalendar.unit_id, UnitCalendar.id.desc())
    )
    return [
        UnitAssignment(row.unit_id, code, name, row.calendar, row.valid_from, row.valid_to, row.source)
        for row, code, name in session.execute(query)
    ]
