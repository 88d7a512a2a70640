"""Measures against faults: every telling is a row of its own and stays, the newest of a number governs."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, insert, select
from sqlalchemy.orm import Session

from tracker.store.ids import next_id
from tracker.store.locks import Lock, hold
from tracker.store.models import Field, Unit
from tracker.store.models import Remedy as Row
from tracker.types.remedies import Remedy, RemedyTold


def remedies(
    session: Session, unit_ids: frozenset[int] | None = None, known: datetime | None = None
) -> list[Remedy]:
    """The newest telling of each fault of these units (None = all, those of the whole province too), newest number first.

    `known`: only what had been told by then.
    """
    newest = select(Row.remedy_id, func.max(Row.seq).label("seq")).group_by(Row.remedy_id)
    if known is not None:
        newest = newest.where(Row.told_at <= known)
    last = newest.subquery()
    query = _tellings().join(last, (last.c.remedy_id == Row.remedy_id) & (last.c.seq == Row.seq))
    if unit_ids is not None:
        query = query.where(Row.unit_id.in_(unit_ids))
    return _read(session, query.order_by(Row.remedy_id.desc()))


def history(session: Session, remedy_id: int) -> list[Remedy]:
    """Every telling of one fault, newest first; empty where there is none of this number."""
    is_it: ColumnElement[bool] = Row.remedy_id == remedy_id
    return _read(session, _tellings().where(is_it).order_by(Row.seq.desc()))


def lock_remedies(session: Session) -> None:
    """Wait until nobody else adds or changes one: numbers are given by the program."""
    # Telling is as short as changing an account, and neither waits for long work.
    hold(session, Lock.ACCOUNTS)


def add(session: Session, told: RemedyTold, *, by: str, at: datetime) -> int:
    """Tell of a fault for the first time; its number. Call `lock_remedies` before."""
    number = next_id(session, Row.remedy_id)
    tell_again(session, (number, 1), told, by=by, at=at)
    return number


def tell_again(
    session: Session, place: tuple[int, int], told: RemedyTold, *, by: str, at: datetime
) -> None:  # fmt: skip
    """Keep another telling as (number, position); the earlier ones stay."""
    remedy_id, seq = place
    values = {
        "remedy_id": remedy_id, "seq": seq, "unit_id": told.unit_id, "field_id": told.field_id, "year": told.year,
        "fault": told.fault, "cause": told.cause, "measure": told.measure, "due_on": told.due_on,
        "done_on": told.done_on, "done_note": told.note, "is_dropped": told.is_dropped, "told_by": by, "told_at": at,
    }  # fmt: skip
    session.execute(insert(Row), [values])


def _tellings() -> Select[Any]:
    columns: list[Any] = [
        Row.remedy_id, Row.seq, Row.unit_id, Row.field_id, Row.year, Row.fault, Row.cause, Row.measure, Row.due_on,
        Row.done_on, Row.done_note, Row.is_dropped, func.coalesce(Unit.name, ""), func.coalesce(Unit.code, ""),
        func.coalesce(Field.name, ""), Row.told_by, Row.told_at,
    ]  # fmt: skip
    query = select(*columns).select_from(Row)
    return query.outerjoin(Unit, Unit.id == Row.unit_id).outerjoin(Field, Field.id == Row.field_id)


def _read(session: Session, query: Select[Any]) -> list[Remedy]:
    return [
        Remedy(remedy_id, seq, RemedyTold(*told[:10]), *told[10:])
        for remedy_id, seq, *told in session.execute(query)
    ]
