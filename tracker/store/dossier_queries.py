"""One dossier with everything that was ever seen of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from tracker.store.late_queries import suspensions_of
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
from tracker.store.tellings import OTHER
from tracker.store.versions import known_dossiers, working_unit
from tracker.text import normal_code
from tracker.timekeeping.intake import REASON_UNTOLD
from tracker.types import (
    ApplicantKind,
    Channel,
    DossierRow,
    DueSeenRow,
    EventRow,
    Level,
    SourceStatus,
    UnitRef,
)

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
    dossiers = known_dossiers(known)
    c = dossiers.c
    receiving, returning = aliased(Unit), aliased(Unit)
    query = (
        select(
            dossiers,
            Source.key.label("source_key"),
            Procedure.code.label("procedure_code"),
            Procedure.name.label("procedure_name"),
            Field.name.label("field_name"),
            receiving.name.label("receiving_unit"),
            returning.name.label("returning_unit"),
            Unit,
        )
        .select_from(dossiers)
        .join(Source, Source.id == c.source_id)
        .outerjoin(Procedure, Procedure.id == c.procedure_id)
        .outerjoin(Field, Field.id == c.field_id)
        .outerjoin(Unit, Unit.id == c.resolving_unit_id)
        .outerjoin(receiving, receiving.id == c.receiving_unit_id)
        .outerjoin(returning, returning.id == c.returning_unit_id)
        .where(c.code == code)
        .limit(1)
    )
    if unit_ids is not None:
        query = query.where(c.resolving_unit_id.in_(unit_ids))
    row = session.execute(query).first()
    return None if row is None else _dossier(session, row, known)


def _dossier(session: Session, row: Any, known: datetime | None) -> DossierRow:
    return DossierRow(
        dossier_id=row.id,
        code=row.code,
        source=row.source_key,
        procedure_code=row.procedure_code or "",
        procedure=row.procedure_name or "",
        field=row.field_name or "",
        resolving_unit=_unit(row.Unit),
        receiving_unit=row.receiving_unit or "",
        returning_unit=row.returning_unit or "",
        channel=Channel(row.channel),
        applicant_kind=ApplicantKind(row.applicant_kind),
        applicant_name=row.applicant_name,
        address=row.address,
        phone=row.phone,
        officer_name=row.officer_name,
        limit_text=row.limit_text,
        filed_at=row.filed_at,
        received_at=row.received_at,
        promised_at=row.promised_at,
        source_due_at=row.source_due_at,
        documented_due_at=row.documented_due_at,
        documented_reason=row.documented_reason,
        finished_at=row.finished_at,
        returned_at=row.returned_at,
        withdrawn_at=row.withdrawn_at,
        refused_at=row.refused_at,
        status=SourceStatus(row.status),
        status_text=row.status_text,
        late_reason=row.late_reason,
        note=row.note,
        flags=tuple(row.flags.split()),
        known_from=row.known_from,
        batch_id=row.batch_id,
        suspensions=suspensions_of(session, [row.id], known).get(row.id, ()),
        dues_seen=_dues_seen(session, row.id, known),
        events=_events(session, row.id, known),
        post_received_at=row.post_received_at,
        intake_due_at=row.intake_due_at,
        refusal_reason=None if REASON_UNTOLD in row.flags.split() else row.refusal_reason,
        working_unit_id=working_unit(row.resolving_unit_id, row.receiving_unit_id),
        ended_known_at=row.ended_known_at,
    )


def _unit(unit: Unit | None) -> UnitRef | None:
    if unit is None:
        return None
    span = (unit.valid_from, unit.valid_to, unit.successor_id)
    return UnitRef(unit.id, unit.code, unit.name, Level(unit.level), unit.kind, unit.parent_id, *span)


def _dues_seen(session: Session, dossier_id: int, known: datetime | None) -> tuple[DueSeenRow, ...]:
    query = select(DueSeen).where(DueSeen.dossier_id == dossier_id).order_by(DueSeen.seq)
    if known is not None:
        query = query.where(DueSeen.seen_at <= known)
    return tuple(
        DueSeenRow(row.kind, row.due_at, row.seen_at, row.batch_id) for row in session.scalars(query)
    )


def _events(session: Session, dossier_id: int, known: datetime | None) -> tuple[EventRow, ...]:
    query = select(Event).where(Event.dossier_id == dossier_id).order_by(Event.at, Event.seq)
    if known is not None:
        query = query.join(Batch, Batch.id == Event.batch_id).where(Batch.ingested_at <= known)
    seen = [EventRow(row.at, row.kind, row.text) for row in session.scalars(query)]
    return tuple(sorted([*seen, *_steps(session, dossier_id, known)], key=lambda event: event.at))


def _steps(session: Session, dossier_id: int, known: datetime | None) -> list[EventRow]:
    query = select(ProgressEvent).where(ProgressEvent.dossier_id == dossier_id)
    if known is not None:
        query = query.where(ProgressEvent.known_from <= known)
    found = session.scalars(query.order_by(ProgressEvent.at, ProgressEvent.seq))
    return [EventRow(row.at, f"{STEP}{row.status}", row.text, row.department) for row in found]
