"""All that was open at a moment, with what alerts judge by: no names of applicants, no verdict."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from tracker.store.late_queries import suspensions_of
from tracker.store.models import Dossier
from tracker.store.versions import DUE_COLUMNS, known_dossiers, number, open_branches, working_unit
from tracker.types import Basis, Channel, Facts, SourceStatus

SLICE = 4_000
_COLUMNS = (
    "id", "source_id", "batch_id", "procedure_id", "field_id", "resolving_unit_id", "receiving_unit_id", "officer_name",
    "limit_text", "channel", "filed_at", "received_at", "post_received_at", "intake_due_at", "finished_at", "returned_at",
    "refused_at", "ended_at", "status", "suspended_from",
)  # fmt: skip


class OpenRow(NamedTuple):
    """One open dossier. `unit_id`: whose work it is, and whose calendar counts."""

    dossier_id: int
    source_id: int
    batch_id: int
    procedure_id: int | None
    field_id: int | None
    unit_id: int | None
    officer: str
    limit_text: str
    suspended_from: datetime | None
    facts: Facts


def open_rows(session: Session, as_of: datetime, basis: Basis) -> Iterator[list[OpenRow]]:
    """The dossiers filed or received by the moment and not ended by it, some thousand at a time."""
    dossiers = known_dossiers(None)
    c, moment = dossiers.c, int(as_of.timestamp())
    filed = (
        c.received_at.is_(None),
        c.ended_at.is_(None),
        c.end_kind.is_(None),
        number(c.filed_at) <= moment,
    )
    for tests in (*open_branches(dossiers, moment), filed):
        yield from _slices(session, _query(basis).where(*tests), as_of)


def rows_of(
    session: Session, dossier_ids: Sequence[int], as_of: datetime, basis: Basis
) -> dict[int, OpenRow]:
    """These dossiers, ended or not, by id."""
    found: dict[int, OpenRow] = {}
    for start in range(0, len(dossier_ids), SLICE):
        ids = list(dossier_ids[start : start + SLICE])
        for rows in _slices(session, _query(basis).where(Dossier.id.in_(ids)), as_of):
            found.update((row.dossier_id, row) for row in rows)
    return found


def _query(basis: Basis) -> Select[Any]:
    columns = [getattr(Dossier, name) for name in _COLUMNS]
    return select(*columns, getattr(Dossier, DUE_COLUMNS[basis]).label("due_at"))


def _slices(session: Session, query: Select[Any], as_of: datetime) -> Iterator[list[OpenRow]]:
    result = session.execute(query)
    while rows := result.fetchmany(SLICE):
        pauses = suspensions_of(session, [row.id for row in rows])
        yield [_row(row, pauses.get(row.id, ()), as_of) for row in rows]


def _row(row: Any, pauses: tuple[Any, ...], as_of: datetime) -> OpenRow:
    # The status is the source's present word; of a moment before the end it says nothing.
    ended_later = row.ended_at is not None and row.ended_at > as_of
    standing = [each.start for each in pauses if each.end is None or each.end > as_of]
    return OpenRow(
        dossier_id=row.id,
        source_id=row.source_id,
        batch_id=row.batch_id,
        procedure_id=row.procedure_id,
        field_id=row.field_id,
        unit_id=working_unit(row.resolving_unit_id, row.receiving_unit_id),
        officer=row.officer_name,
        limit_text=row.limit_text,
        suspended_from=row.suspended_from or min(standing, default=None),
        facts=Facts(
            received_at=row.received_at,
            due_at=row.due_at,
            filed_at=row.filed_at,
            finished_at=row.finished_at,
            returned_at=row.returned_at,
            refused_at=row.refused_at,
            status=SourceStatus.PROCESSING if ended_later else SourceStatus(row.status),
            suspensions=pauses,
            channel=Channel(row.channel),
            post_received_at=row.post_received_at,
            intake_due_at=row.intake_due_at,
        ),
    )
