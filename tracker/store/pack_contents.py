"""What an evidence pack takes from the store besides lists and proofs: letters, what became of their mails, calendars, editions."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.store.late_queries import suspensions_of
from tracker.store.models import (
    CalendarChange,
    CalendarDay,
    Dossier,
    EditionEntry,
    Field,
    Letter,
    OfficeCalendar,
    OutboxEvent,
    OutboxMessage,
    Procedure,
    Signer,
    Unit,
    UnitCalendar,
)
from tracker.store.versions import known_dossiers, working_unit
from tracker.types import ApplicantKind, Channel, DossierRow, SourceStatus, Suspension

SLICE = 500
CAUSE = "letter:"


class PackedLetter(NamedTuple):
    """A letter of a listed dossier; `applicant` and `reason` are personal."""

    letter_id: int
    dossier_id: int
    code: str
    unit: str
    seq: int
    kind: str
    form: str
    state: str
    number: str | None
    issued_on: date | None
    applicant: str
    due_at: datetime | None
    new_due_at: datetime | None
    reason: str
    signer: str
    delivered_at: datetime | None
    delivered_by: str
    promise: str
    desk_told_at: datetime | None
    desk_done_at: datetime | None
    short_code: str
    file: str
    signed_file: str
    signed_sha256: str


class PackedMessage(NamedTuple):
    """A message about a letter, with its steps and receipts; `recipient` is personal."""

    message_id: int
    letter_id: int
    channel: str
    recipient: str
    state: str
    created_at: datetime
    sent_at: datetime | None
    fault_code: str
    events: Sequence[tuple[datetime, str, str]]


def rows_to_prove(
    session: Session, dossier_ids: Sequence[int], known: datetime | None
) -> dict[int, DossierRow]:
    """These dossiers as known then, with all that a due date is computed from and nothing else: no person, no history."""
    dossiers = known_dossiers(known)
    c = dossiers.c
    query = (
        select(dossiers, Procedure.code.label("procedure_code"), Field.name.label("field_name"))
        .select_from(dossiers)
        .outerjoin(Procedure, Procedure.id == c.procedure_id)
        .outerjoin(Field, Field.id == c.field_id)
        .where(c.id.in_(dossier_ids))
    )
    pauses = suspensions_of(session, dossier_ids, known)
    return {row.id: _to_prove(row, pauses.get(row.id, ())) for row in session.execute(query)}


def _to_prove(row: Any, suspensions: tuple[Suspension, ...]) -> DossierRow:
    return DossierRow(
        dossier_id=row.id,
        code=row.code,
        source="",
        procedure_code=row.procedure_code or "",
        procedure="",
        field=row.field_name or "",
        resolving_unit=None,
        receiving_unit="",
        returning_unit="",
        channel=Channel(row.channel),
        applicant_kind=ApplicantKind(row.applicant_kind),
        applicant_name="",
        address="",
        phone="",
        officer_name="",
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
        status_text="",
        late_reason="",
        note="",
        flags=tuple(row.flags.split()),
        known_from=row.known_from,
        batch_id=row.batch_id,
        suspensions=suspensions,
        dues_seen=(),
        events=(),
        working_unit_id=working_unit(row.resolving_unit_id, row.receiving_unit_id),
        ended_known_at=row.ended_known_at,
    )


# ---------------------------------------------------------------- letters and their mails


def letters_of(session: Session, dossier_ids: Sequence[int]) -> Iterator[PackedLetter]:
    """All letters of these dossiers, void ones too, in the order of the dossiers as they are given."""
    query: Any = select(
        Letter.id, Letter.dossier_id, func.coalesce(Dossier.code, ""), func.coalesce(Unit.name, ""), Letter.seq,
        Letter.kind, Letter.form, Letter.state, Letter.number, Letter.issued_on,
        func.coalesce(Dossier.applicant_name, ""), Letter.due_at, Letter.new_due_at, Letter.reason,
        func.coalesce(Signer.full_name, ""), Letter.delivered_at, Letter.delivered_by, Letter.promise,
        Letter.desk_told_at, Letter.desk_done_at, Letter.short_code, Letter.file, Letter.signed_file,
        Letter.signed_sha256,
    )  # fmt: skip
    query = query.outerjoin(Dossier, Dossier.id == Letter.dossier_id).outerjoin(
        Unit, Unit.id == Letter.unit_id
    )
    query = query.outerjoin(Signer, Signer.id == Letter.signer_id)
    for start in range(0, len(dossier_ids), SLICE):
        some = dossier_ids[start : start + SLICE]
        place = {dossier_id: number for number, dossier_id in enumerate(some)}
        rows = map(PackedLetter._make, session.execute(query.where(Letter.dossier_id.in_(some))))
        yield from sorted(rows, key=lambda row: (place[row.dossier_id], row.seq))


def messages_about(session: Session, letter_ids: Collection[int]) -> Iterator[PackedMessage]:
    """The messages that letters caused, in order; the outbox is gone through once, whatever the number of letters."""
    wanted = set(letter_ids)
    caused = OutboxMessage.cause.startswith(CAUSE, autoescape=True)
    m = OutboxMessage
    query = select(
        m.id, m.cause, m.channel, m.recipient, m.state, m.created_at, m.sent_at, m.fault_code
    ).where(caused)
    found: list[PackedMessage] = []
    for row in session.execute(query.order_by(m.id)):
        told = row.cause.removeprefix(CAUSE)
        if told.isdecimal() and int(told) in wanted:
            found.append(PackedMessage(row.id, int(told), *row[2:], events=()))
    for start in range(0, len(found), SLICE):
        some = found[start : start + SLICE]
        events = _events(session, [message.message_id for message in some])
        for message in some:
            yield message._replace(events=events.get(message.message_id, ()))


def _events(session: Session, message_ids: Sequence[int]) -> dict[int, list[tuple[datetime, str, str]]]:
    query = select(OutboxEvent).where(OutboxEvent.message_id.in_(message_ids))
    found: dict[int, list[tuple[datetime, str, str]]] = {}
    for event in session.scalars(query.order_by(OutboxEvent.message_id, OutboxEvent.seq)):
        found.setdefault(event.message_id, []).append((event.at, event.kind, event.detail))
    return found


# ---------------------------------------------------------------- calendars and editions

CALENDAR_TABLES = {
    "ngay": CalendarDay,
    "lich-co-quan": OfficeCalendar,
    "lich-don-vi": UnitCalendar,
    "thay-doi": CalendarChange,
}


def calendar_rows(session: Session, table: str) -> Iterator[Mapping[str, Any]]:
    """What the office said of its working time, row by row as it is kept; `table` is a key of `CALENDAR_TABLES`."""
    yield from _rows(session, CALENDAR_TABLES[table])


def edition_rows(session: Session) -> Iterator[Mapping[str, Any]]:
    """The editions that the office entered over the shipped ones."""
    yield from _rows(session, EditionEntry)


def _rows(session: Session, model: Any) -> Iterator[Mapping[str, Any]]:
    for row in session.execute(select(*model.__table__.columns).order_by(model.id)):
        yield row._asdict()
