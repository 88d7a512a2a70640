"""Letters as they are printed and as the papers around them tell of them: what stands in each line, and how many there are.

Rows hold names and addresses: they go onto paper and nowhere else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, aliased

from tracker.store.models import Dossier, Letter, Procedure, Unit

# A database takes only so many parameters in one statement (SQLite: 32,766).
SLICE = 10_000


@dataclass(frozen=True, slots=True)
class PrintChoice:
    """Which letters: in these states, of these units (None = all), of a kind ("" = any), with these ids (None = all)."""

    states: tuple[str, ...]
    unit_ids: frozenset[int] | None = None
    kind: str = ""
    letter_ids: tuple[int, ...] | None = None


class PrintRow(NamedTuple):
    """One letter with what the papers say of it; `desk_id` is the unit that took the dossier, None where nobody knows."""

    letter_id: int
    state: str
    unit_id: int
    unit_code: str
    unit: str
    desk_id: int | None
    desk: str
    code: str
    applicant: str
    address: str
    phone: str
    procedure: str
    received_at: datetime | None
    due_at: datetime | None
    new_due_at: datetime | None
    reason: str
    number: str | None
    issued_on: date | None
    short_code: str
    file: str
    signed_file: str
    signed_sha256: str
    signer_id: int | None
    desk_told_at: datetime | None


class PrintCount(NamedTuple):
    """Letters of one unit in one state: how many, how many came back signed, have no address, wait for their notice."""

    unit_id: int
    unit: str
    state: str
    letters: int
    signed: int
    without_address: int
    to_tell: int


def rows_to_print(session: Session, chosen: PrintChoice) -> list[PrintRow]:
    """The letters of a choice by unit code and id; who prints puts them in the order of their numbers."""
    desk = aliased(Unit)
    columns = (
        Letter.id, Letter.state, Letter.unit_id, Unit.code, Unit.name, Dossier.receiving_unit_id,
        func.coalesce(desk.name, ""), Dossier.code, Dossier.applicant_name, Dossier.address, Dossier.phone,
        func.coalesce(Procedure.name, ""), Dossier.received_at, Letter.due_at, Letter.new_due_at, Letter.reason,
        Letter.number, Letter.issued_on, Letter.short_code, Letter.file, Letter.signed_file, Letter.signed_sha256,
        Letter.signer_id, Letter.desk_told_at,
    )  # fmt: skip
    found: list[PrintRow] = []
    for part in _parts(chosen.letter_ids):
        query = _chosen(select(*columns), chosen, part)
        query = query.outerjoin(desk, desk.id == Dossier.receiving_unit_id)
        query = query.outerjoin(Procedure, Procedure.id == Dossier.procedure_id)
        found += [PrintRow._make(row) for row in session.execute(query)]
    return sorted(found, key=lambda row: (row.unit_code, row.letter_id))


def print_counts(session: Session, chosen: PrintChoice) -> list[PrintCount]:
    """How many letters of a choice there are, by unit and state."""
    to_tell = Letter.new_due_at.is_not(None) & Letter.desk_told_at.is_(None)
    columns = (
        Letter.unit_id, Unit.name, Letter.state, func.count(), _those(Letter.signed_file != ""),
        _those(Dossier.address == ""), _those(to_tell),
    )  # fmt: skip
    sums: dict[tuple[int, str, str], list[int]] = {}
    for part in _parts(chosen.letter_ids):
        query = _chosen(select(*columns), chosen, part).group_by(Letter.unit_id, Unit.name, Letter.state)
        for unit_id, unit, state, *numbers in session.execute(query):
            before = sums.get((unit_id, unit, state), [0] * len(numbers))
            sums[unit_id, unit, state] = [
                one + int(other) for one, other in zip(before, numbers, strict=True)
            ]
    return [PrintCount(*key, *numbers) for key, numbers in sorted(sums.items(), key=lambda item: item[0][1:])]


def _parts(letter_ids: Sequence[int] | None) -> list[Sequence[int] | None]:
    if letter_ids is None:
        return [None]
    return [letter_ids[start : start + SLICE] for start in range(0, len(letter_ids), SLICE)]


def _those(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))


def _chosen(query: Any, chosen: PrintChoice, letter_ids: Sequence[int] | None) -> Any:
    query = query.select_from(Letter).join(Dossier, Dossier.id == Letter.dossier_id)
    query = query.join(Unit, Unit.id == Letter.unit_id).where(Letter.state.in_(chosen.states))
    if chosen.unit_ids is not None:
        query = query.where(Letter.unit_id.in_(chosen.unit_ids))
    if chosen.kind:
        query = query.where(Letter.kind == chosen.kind)
    if letter_ids is not None:
        query = query.where(Letter.id.in_(letter_ids))
    return query
