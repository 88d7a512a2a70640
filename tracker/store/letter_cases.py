"""What figures, lists and the register of apologies are made from: one row a dossier of the ledger, one row a letter."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, aliased

from tracker.store.letter_candidates import CHUNK, SIGNED
from tracker.store.letter_register import IS_NEWEST, VOID, ledger_state, newest
from tracker.store.models import Dossier, Letter, LetterStep, Obligation, Procedure, Signer, Unit

DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which dossiers: of these units (None = all), whose missed date lies between two instants, both included."""

    unit_ids: frozenset[int] | None = None
    due_from: datetime | None = None
    due_until: datetime | None = None


class CaseRow(NamedTuple):
    """A dossier of the ledger with what became of its letters.

    `due_at` is the date that the first delivered letter speaks of, else the one that the obligation names now: a date
    that a source moves afterwards moves no apology into another period. Promises are counted by letter.
    """

    dossier_id: int
    code: str
    unit_id: int | None
    unit: str
    held: str
    reason: str
    state: str
    due_at: datetime | None
    delivered_at: datetime | None
    escalated_at: datetime | None
    resolving_unit_id: int | None
    receiving_unit_id: int | None
    received_at: datetime | None
    signed: int
    promises: int
    kept: int
    broken: int
    open: int


class LetterLine(NamedTuple):
    """A letter as registers and lists need it; `signed_note` begins with the day of the signature. `applicant` is personal."""

    letter_id: int
    dossier_id: int
    code: str
    unit_id: int | None
    unit: str
    procedure: str
    applicant: str
    kind: str
    state: str
    number: str | None
    issued_on: date | None
    as_of: datetime
    due_at: datetime | None
    new_due_at: datetime | None
    reason: str
    delivered_at: datetime | None
    delivered_by: str
    desk_told_at: datetime | None
    desk_done_at: datetime | None
    promise: str
    signer_id: int | None
    signer: str
    signer_unit_id: int | None
    signer_from: date | None
    signer_to: date | None
    signed_at: datetime | None
    signed_note: str
    void_note: str
    resolving_unit_id: int | None
    receiving_unit_id: int | None
    received_at: datetime | None
    held: str
    held_reason: str


# ---------------------------------------------------------------- dossiers


def _letters_of() -> Any:
    """What the live letters of a dossier come to."""
    is_delivered = Letter.state == DELIVERED
    promises = is_delivered & Letter.new_due_at.is_not(None)

    def counted(condition: Any) -> Any:
        return func.sum(case((condition, 1), else_=0))

    return (
        select(
            Letter.dossier_id,
            func.min(case((is_delivered, Letter.seq))).label("first_seq"),
            counted(Letter.state.in_(SIGNED)).label("signed"),
            counted(promises).label("promises"),
            counted(promises & (Letter.promise == "kept")).label("kept"),
            counted(promises & Letter.promise.in_(("broken", "renewed"))).label("broken"),
            counted(promises & (Letter.promise == "open")).label("open"),
        )
        .where(Letter.state != VOID)
        .group_by(Letter.dossier_id)
        .subquery()
    )


def case_rows(session: Session, chosen: CaseFilter) -> Iterator[list[CaseRow]]:
    """Chunks of the ledger's dossiers, closed ones too, in order of their ids."""
    o, d, first, sums = Obligation, Dossier, aliased(Letter), _letters_of()
    due_at = func.coalesce(first.due_at, o.due_at)
    query: Any = select(
        o.dossier_id, func.coalesce(d.code, ""), o.unit_id, func.coalesce(Unit.name, ""), o.state, o.reason,
        ledger_state, due_at, first.delivered_at, o.escalated_at, d.resolving_unit_id, d.receiving_unit_id,
        d.received_at, *(func.coalesce(sums.c[name], 0) for name in ("signed", "promises", "kept", "broken", "open")),
    )  # fmt: skip
    query = query.outerjoin(d, d.id == o.dossier_id).outerjoin(Unit, Unit.id == o.unit_id)
    query = query.outerjoin(newest, IS_NEWEST).outerjoin(sums, sums.c.dossier_id == o.dossier_id)
    query = query.outerjoin(first, (first.dossier_id == o.dossier_id) & (first.seq == sums.c.first_seq))
    if chosen.unit_ids is not None:
        query = query.where(o.unit_id.in_(chosen.unit_ids))
    if chosen.due_from is not None:
        query = query.where(due_at >= chosen.due_from)
    if chosen.due_until is not None:
        query = query.where(due_at <= chosen.due_until)
    yield from _chunks(session, query.order_by(o.dossier_id), CaseRow)


# ---------------------------------------------------------------- letters


def _last_step(step: str) -> tuple[Any, Any]:
    """The newest step of a kind, and how it is joined to its letter."""
    found, other = aliased(LetterStep), aliased(LetterStep)
    seq = (
        select(func.max(other.seq))
        .where(other.letter_id == Letter.id, other.step == step)
        .correlate(Letter)
        .scalar_subquery()
    )
    return found, (found.letter_id == Letter.id) & (found.seq == seq)


def _lines() -> Any:
    signed, is_signed = _last_step("signed")
    voided, is_voided = _last_step("voided")
    query: Any = select(
        Letter.id, Letter.dossier_id, func.coalesce(Dossier.code, ""), Letter.unit_id, func.coalesce(Unit.name, ""),
        func.coalesce(Procedure.name, ""), func.coalesce(Dossier.applicant_name, ""), Letter.kind, Letter.state,
        Letter.number, Letter.issued_on, Letter.as_of, Letter.due_at, Letter.new_due_at, Letter.reason,
        Letter.delivered_at, Letter.delivered_by, Letter.desk_told_at, Letter.desk_done_at, Letter.promise,
        Letter.signer_id, func.coalesce(Signer.full_name, ""), Signer.unit_id, Signer.valid_from, Signer.valid_to,
        signed.at, func.coalesce(signed.note, ""), func.coalesce(voided.note, ""), Dossier.resolving_unit_id,
        Dossier.receiving_unit_id, Dossier.received_at, func.coalesce(Obligation.state, ""),
        func.coalesce(Obligation.reason, ""),
    )  # fmt: skip
    query = query.outerjoin(Dossier, Dossier.id == Letter.dossier_id).outerjoin(
        Unit, Unit.id == Letter.unit_id
    )
    query = query.outerjoin(Procedure, Procedure.id == Dossier.procedure_id)
    query = query.outerjoin(Signer, Signer.id == Letter.signer_id)
    query = query.outerjoin(Obligation, Obligation.dossier_id == Letter.dossier_id)
    return query.outerjoin(signed, is_signed).outerjoin(voided, is_voided)


def signed_lines(session: Session, chosen: CaseFilter) -> Iterator[list[LetterLine]]:
    """Chunks of the letters that were signed and are not void, those of a dossier in their order."""
    query = _lines().where(Letter.state.in_(SIGNED))
    if chosen.unit_ids is not None:
        query = query.where(Letter.unit_id.in_(chosen.unit_ids))
    if chosen.due_from is not None:
        query = query.where(Letter.due_at >= chosen.due_from)
    if chosen.due_until is not None:
        query = query.where(Letter.due_at <= chosen.due_until)
    yield from _chunks(session, query.order_by(Letter.dossier_id, Letter.seq), LetterLine)


def register_lines(
    session: Session, start: datetime, end: datetime, unit_ids: frozenset[int] | None = None
) -> Iterator[list[LetterLine]]:
    """Chunks of all letters of a span, void ones too, by unit and date; those without one last, in order of their ids.

    A letter belongs to the day of its date, where it has none yet to the day for which it was drafted.
    """
    days = Letter.issued_on.between(start.date(), end.date())
    drafted = Letter.issued_on.is_(None) & Letter.as_of.between(start, end)
    query = _lines().where(days | drafted)
    if unit_ids is not None:
        query = query.where(Letter.unit_id.in_(unit_ids))
    order = (Unit.name, Letter.unit_id, Letter.issued_on.is_(None), Letter.issued_on, Letter.id)
    yield from _chunks(session, query.order_by(*order), LetterLine)


def _chunks(session: Session, query: Any, kind: Any) -> Iterator[list[Any]]:
    found = session.execute(query, execution_options={"yield_per": CHUNK})
    for rows in found.partitions():
        yield [kind._make(row) for row in rows]
