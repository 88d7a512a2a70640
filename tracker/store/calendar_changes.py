"""Changes of the working calendar and their journal, as the store keeps them: values to JSON and back, lists, decisions."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from tracker.measures.log_chain import fingerprint
from tracker.store import office_events
from tracker.store.models import CalendarChange, CalendarJournal, Dossier, Unit
from tracker.store.office_events import EventKind, NewEvent
from tracker.types import VN
from tracker.types.calendars import (
    AddCalendar,
    AddDay,
    AssignCalendar,
    CalendarChangeRow,
    ChangePreview,
    ChangeState,
    JournalRow,
    MovedDossier,
    Operation,
    RemoveDay,
    TakeBack,
    UnitMoves,
)

KINDS: Mapping[str, type[Operation]] = {
    "add_day": AddDay,
    "remove_day": RemoveDay,
    "add_calendar": AddCalendar,
    "assign": AssignCalendar,
    "take_back": TakeBack,
}
NAMES = {kind: name for name, kind in KINDS.items()}
DATES = frozenset({"day", "replaces", "valid_from", "valid_to"})
INSTANTS = frozenset({"as_of", "old_due_at", "new_due_at"})


# ---------------------------------------------------------------- values and JSON


def operations_json(operations: Sequence[Operation]) -> list[dict[str, Any]]:
    """Operations as JSON values, each with its kind."""
    return [{"kind": NAMES[type(each)], **_plain(asdict(each))} for each in operations]


def preview_json(preview: ChangePreview) -> dict[str, Any]:
    """A preview as JSON values: dates YYYY-MM-DD, instants ISO 8601 with their zone."""
    return _plain(asdict(preview))


def operations_of(told: Sequence[Mapping[str, Any]]) -> tuple[Operation, ...]:
    """Operations from their JSON values."""
    return tuple(_operation(dict(each)) for each in told)


def preview_of(told: Mapping[str, Any]) -> ChangePreview:
    """A preview from its JSON values."""
    values = _typed(told)
    values["units"] = tuple(UnitMoves(**each) for each in values["units"])
    values["samples"] = tuple(MovedDossier(**_typed(each)) for each in values["samples"])
    values["changed_days"] = tuple(map(date.fromisoformat, values["changed_days"]))
    return ChangePreview(**values)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(json.dumps(values, default=lambda value: value.isoformat()))
    return told


def _typed(values: Mapping[str, Any]) -> dict[str, Any]:
    typed = dict(values)
    for name, value in values.items():
        if name in DATES and value is not None:
            typed[name] = date.fromisoformat(value)
        if name in INSTANTS and value is not None:
            typed[name] = datetime.fromisoformat(value).astimezone(VN)
    if typed.get("weekdays") is not None:
        typed["weekdays"] = {int(number): sessions for number, sessions in values["weekdays"].items()}
    return typed


def _operation(values: dict[str, Any]) -> Operation:
    kind = KINDS[values.pop("kind")]
    return kind(**_typed(values))


# ---------------------------------------------------------------- changes


def add_change(
    session: Session,
    operations: Sequence[Operation],
    preview: ChangePreview,
    *,
    reason: str,
    actor: str,
    undoes_id: int | None,
) -> int:
    """Record a proposal of the preview's moment; its number. Call within `Lock.INGEST`."""
    change_id = int(session.scalar(select(func.coalesce(func.max(CalendarChange.id), 0))) or 0) + 1
    told = {
        "id": change_id,
        "state": ChangeState.PROPOSED.value,
        "operations": json.dumps(operations_json(operations), ensure_ascii=False),
        "reason": reason,
        "preview": json.dumps(preview_json(preview), ensure_ascii=False),
        "proposed_by": actor,
        "proposed_at": preview.as_of,
        "decided_by": None,
        "decided_at": None,
        "note": "",
        "undoes_id": undoes_id,
    }
    session.execute(insert(CalendarChange), [told])
    return change_id


def set_preview(session: Session, change_id: int, preview: ChangePreview) -> None:
    """Keep what the change would move by newer figures."""
    text = json.dumps(preview_json(preview), ensure_ascii=False)
    session.execute(update(CalendarChange).where(CalendarChange.id == change_id).values(preview=text))


def decide(
    session: Session, change_id: int, state: ChangeState, *, actor: str, now: datetime, note: str = ""
) -> None:
    """Note who decided what, and when."""
    told = {"state": state.value, "decided_by": actor, "decided_at": now, "note": note}
    session.execute(update(CalendarChange).where(CalendarChange.id == change_id).values(told))
    if state is ChangeState.APPLIED:
        event = NewEvent(
            EventKind.CALENDAR_CHANGED, f"calendar_change:{change_id}", None, {"change_id": change_id}
        )
        office_events.add(session, [event], now)


def fingerprints_of(row: CalendarChangeRow) -> tuple[str, str]:
    """What was asked for, and that with how it was decided: by these the log binds the change."""
    asked = fingerprint([operations_json(row.operations), row.reason, row.proposed_by])
    return asked, fingerprint([asked, row.state.value, row.decided_by, row.note])


def list_changes(session: Session) -> list[CalendarChangeRow]:
    """All changes, newest first."""
    rows = session.scalars(select(CalendarChange).order_by(CalendarChange.id.desc())).all()
    undone = {row.undoes_id: row.id for row in rows if row.undoes_id and row.state == ChangeState.APPLIED}
    return [_change(row, undone.get(row.id)) for row in rows]


def find_change(session: Session, change_id: int) -> CalendarChangeRow | None:
    """One change; None where there is none."""
    row = session.get(CalendarChange, change_id, populate_existing=True)
    if row is None:
        return None
    undone_by = select(CalendarChange.id).where(
        CalendarChange.undoes_id == change_id, CalendarChange.state == ChangeState.APPLIED
    )
    return _change(row, session.scalar(undone_by))


def last_applied(session: Session) -> datetime | None:
    """When the newest applied change was applied."""
    applied = CalendarChange.state == ChangeState.APPLIED.value
    return session.scalar(select(func.max(CalendarChange.decided_at)).where(applied))


def undo_under_way(session: Session, change_id: int) -> int | None:
    """The change, proposed or applied, that takes this one back."""
    states = (ChangeState.PROPOSED.value, ChangeState.APPLIED.value)
    query = select(CalendarChange.id).where(CalendarChange.undoes_id == change_id)
    return session.scalar(query.where(CalendarChange.state.in_(states)))


def _change(row: CalendarChange, undone_by: int | None) -> CalendarChangeRow:
    return CalendarChangeRow(
        change_id=row.id,
        state=ChangeState(row.state),
        operations=operations_of(json.loads(row.operations)),
        reason=row.reason,
        preview=preview_of(json.loads(row.preview)),
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        note=row.note,
        undoes_id=row.undoes_id,
        undone_by_id=undone_by,
    )


# ---------------------------------------------------------------- journal


def journal(
    session: Session, change_id: int, *, unit_ids: frozenset[int] | None = None, limit: int, offset: int
) -> list[JournalRow]:
    """What a change moved, by dossier code; one page, of dossiers that these units resolve (None: of all)."""
    query = _journal().where(CalendarJournal.change_id == change_id)
    if unit_ids is not None:
        query = query.where(Dossier.resolving_unit_id.in_(unit_ids))
    query = query.order_by(Dossier.code, Dossier.id).limit(limit).offset(offset)
    return [JournalRow(*row) for row in session.execute(query)]


def journal_of_dossier(session: Session, dossier_id: int) -> list[JournalRow]:
    """Every change that moved a dossier, oldest first."""
    query = _journal_of_one().order_by(CalendarJournal.change_id)
    return [JournalRow(*row) for row in session.execute(query, {"dossier_id": dossier_id})]


@cache
def _journal_of_one() -> Select[Any]:
    """Made once: making it costs more than asking it."""
    return journal_query(bindparam("dossier_id", type_=BigInteger))


def journal_query(dossier_id: ColumnElement[int]) -> Select[Any]:
    """The same for `dossier_sheet`; the number of the change comes first."""
    return _journal().where(CalendarJournal.dossier_id == dossier_id)


def _journal() -> Select[Any]:
    j = CalendarJournal
    return (
        select(j.change_id, j.dossier_id, Dossier.code, func.coalesce(Unit.name, ""), j.at)
        .add_columns(j.old_due_at, j.new_due_at, j.was_late, j.is_late, j.reason)
        .select_from(j)
        .join(Dossier, Dossier.id == j.dossier_id)
        .outerjoin(Unit, Unit.id == Dossier.resolving_unit_id)
    )
