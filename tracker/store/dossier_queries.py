"""One dossier with everything that was ever seen of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, Select, Table, bindparam, select
from sqlalchemy.orm import Session

from tracker.store.catalogue import unit_ref
from tracker.store.gathered import Gathered, Row
from tracker.store.models import (
    Batch,
    CodeAlias,
    DueSeen,
    Event,
    Field,
    Procedure,
    ProgressEvent,
    Source,
    Unit,
)
from tracker.store.models.base import Instant, Text
from tracker.store.ready import Ready, as_day, as_moment
from tracker.store.tellings import OTHER
from tracker.store.versions import known_dossiers, known_suspensions, working_unit
from tracker.text import normal_code
from tracker.timekeeping.intake import REASON_UNTOLD
from tracker.types import (
    ApplicantKind,
    Channel,
    DossierRow,
    DueSeenRow,
    EventRow,
    SourceStatus,
    SuspensionKind,
    UnitRef,
)
from tracker.types import Suspension as Pause

STEP = "step_"


def find_dossier(
    session: Session, code: str, *, unit_ids: frozenset[int] | None, known: datetime | None
) -> DossierRow | None:
    """The dossier with this code (any spelling, or another code of it) as known then; None where there is none in these
    units.
    """
    found = _find(session, normal_code(code), unit_ids, known)
    if found is None and (kept_as := session.scalar(_kept_as(normal_code(code)))):
        found = _find(session, kept_as, unit_ids, known)
    return found


def _kept_as(alias: str) -> Select[str]:
    return select(CodeAlias.code).where(CodeAlias.alias == alias, CodeAlias.kind != OTHER).limit(1)


def _find(
    session: Session, code: str, unit_ids: frozenset[int] | None, known: datetime | None
) -> DossierRow | None:
    asked = _asked(session.get_bind().dialect.name, is_past=known is not None)
    given = {"code": code} if known is None else {"code": code, "known": known}
    for row in asked.query.rows(session, given):
        told = dict(zip(asked.names, row, strict=True))
        if unit_ids is None or told["resolving_unit_id"] in unit_ids:
            return _dossier(told, asked.history)
    return None


class _Asked(NamedTuple):
    """The question for a dossier by its code, with everything that was ever seen of it; `known` where the past is meant."""

    query: Ready
    names: Sequence[str]
    history: Mapping[str, Gathered]


@cache
def _asked(dialect: str, *, is_past: bool) -> _Asked:
    """Made once: making it costs more than asking it."""
    known: Any = bindparam("known", type_=Instant()) if is_past else None
    dossiers = known_dossiers(known)
    c = dossiers.c
    resolving, receiving, returning = (_units.alias(name) for name in ("resolves", "receives", "returns"))
    history = {name: Gathered(dialect, query) for name, query in _history(c.id, known).items()}
    query = (
        select(
            *(c[name] for name in _COLUMNS),
            _sources.c.key.label("source_key"),
            _procedures.c.code.label("procedure_code"),
            _procedures.c.name.label("procedure_name"),
            _fields.c.name.label("field_name"),
            receiving.c.name.label("receiving_unit"),
            returning.c.name.label("returning_unit"),
            *(resolving.c[name].label(f"unit_{name}") for name in UNIT),
            *(part.column.label(name) for name, part in history.items()),
        )
        .select_from(dossiers)
        .join(_sources, _sources.c.id == c.source_id)
        .outerjoin(_procedures, _procedures.c.id == c.procedure_id)
        .outerjoin(_fields, _fields.c.id == c.field_id)
        .outerjoin(resolving, resolving.c.id == c.resolving_unit_id)
        .outerjoin(receiving, receiving.c.id == c.receiving_unit_id)
        .outerjoin(returning, returning.c.id == c.returning_unit_id)
        .where(c.code == bindparam("code", type_=Text()))
    )
    return _Asked(Ready(query), query.selected_columns.keys(), history)


_sources, _procedures, _fields, _units = (
    cast(Table, model.__table__) for model in (Source, Procedure, Field, Unit)
)
# What a `DossierRow` has under the same name; instants are numbers in the store.
_SAME = (
    "code", "applicant_name", "address", "phone", "officer_name", "limit_text", "documented_reason", "status_text",
    "late_reason", "note", "batch_id",
)  # fmt: skip
_MOMENTS = (
    "filed_at", "received_at", "promised_at", "source_due_at", "documented_due_at", "finished_at", "returned_at",
    "withdrawn_at", "refused_at", "known_from", "post_received_at", "intake_due_at", "ended_known_at",
)  # fmt: skip
UNIT = ("id", "code", "name", "level", "kind", "parent_id", "valid_from", "valid_to", "successor_id")
_COLUMNS = (
    "id", "resolving_unit_id", "receiving_unit_id", "channel", "applicant_kind", "status", "flags", "refusal_reason",
    *_SAME, *_MOMENTS,
)  # fmt: skip


def _history(dossier_id: ColumnElement[int], known: Any) -> dict[str, Select[Any]]:
    """What was ever seen of a dossier, up to `known` where that is given; the first columns are what to sort by."""
    s, d, e, p = known_suspensions(known), DueSeen, Event, ProgressEvent
    dues = select(d.seq, d.kind, d.due_at, d.seen_at, d.batch_id).select_from(d)
    events = select(e.at, e.seq, e.kind, e.text).select_from(e)
    steps = select(p.at, p.seq, p.status, p.text, p.department, p.step_begun_at, p.step_due_at).select_from(p)
    if known is not None:
        dues = dues.where(d.seen_at <= known)
        events = events.join(Batch, Batch.id == e.batch_id).where(Batch.ingested_at <= known)
        steps = steps.where(p.known_from <= known)
    return {
        "suspensions": select(s.c.seq, s.c.start_at, s.c.end_at, s.c.kind)
        .select_from(s)
        .where(s.c.dossier_id == dossier_id),
        "dues": dues.where(d.dossier_id == dossier_id),
        "events": events.where(e.dossier_id == dossier_id),
        "steps": steps.where(p.dossier_id == dossier_id),
    }


def _dossier(told: dict[str, Any], parts: Mapping[str, Gathered]) -> DossierRow:
    history = {name: sorted(part.rows(told[name]), key=_first_two) for name, part in parts.items()}
    flags = tuple(told["flags"].split())
    same: dict[str, Any] = {name: told[name] for name in _SAME}
    same.update((name, as_moment(told[name])) for name in _MOMENTS)
    return DossierRow(
        **same,
        dossier_id=told["id"],
        source=told["source_key"],
        procedure_code=told["procedure_code"] or "",
        procedure=told["procedure_name"] or "",
        field=told["field_name"] or "",
        resolving_unit=None if told["unit_id"] is None else _unit(told),
        receiving_unit=told["receiving_unit"] or "",
        returning_unit=told["returning_unit"] or "",
        channel=Channel(told["channel"]),
        applicant_kind=ApplicantKind(told["applicant_kind"]),
        status=SourceStatus(told["status"]),
        flags=flags,
        suspensions=tuple(
            Pause(start, end, SuspensionKind(kind)) for _, start, end, kind in history["suspensions"]
        ),
        dues_seen=tuple(DueSeenRow(*due) for _, *due in history["dues"]),
        events=_events(history["events"], history["steps"]),
        refusal_reason=None if REASON_UNTOLD in flags else told["refusal_reason"],
        working_unit_id=working_unit(told["resolving_unit_id"], told["receiving_unit_id"]),
    )


def _unit(told: Mapping[str, Any]) -> UnitRef:
    *start, valid_from, valid_to, successor_id = (told[f"unit_{name}"] for name in UNIT)
    return unit_ref(*start, as_day(valid_from), as_day(valid_to), successor_id)


def _first_two(row: Row) -> tuple[Any, Any]:
    return row[0], row[1]


def _events(seen: Sequence[Row], steps: Sequence[Row]) -> tuple[EventRow, ...]:
    """Both kinds in order of time; of one moment what was seen comes first."""
    events = [EventRow(at, kind, text) for at, _, kind, text in seen]
    events += [EventRow(at, f"{STEP}{status}", *told) for at, _, status, *told in steps]
    return tuple(sorted(events, key=lambda event: event.at))
