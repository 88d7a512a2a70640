"""What other sources tell, codes under other codes, events that wait: the rows of one batch beside its dossiers."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from tracker.store.bulk import LOOKUP_SLICE, BulkWriter, Told
from tracker.store.ids import next_id
from tracker.store.models import (
    BatchSeen,
    CodeAlias,
    DossierRevision,
    Procedure,
    Source,
    Telling,
    WaitingEvent,
)

TELLING_COLUMNS = (
    "dossier_id", "source_id", "row_hash", "updated_at", "body", "disagrees", "batch_id", "row_no", "known_from",
)  # fmt: skip
WAITING_COLUMNS = (
    "id", "source_id", "code", "at", "status", "status_text", "officer_name", "department", "text", "step_due_at",
    "step_begun_at", "known_from", "batch_id", "row_no", "taken_batch_id",
)  # fmt: skip
SAME, OTHER, SAID = "same", "other", "told"


class NewTelling(NamedTuple):
    """A row of what a source tells beside the one that governs; instants in UTC epoch seconds."""

    dossier_id: int
    source_id: int
    row_hash: bytes
    updated_at: int | None
    body: str
    disagrees: str
    batch_id: int
    row_no: int
    known_from: int


class Waiting(NamedTuple):
    """A progress event that waits for its dossier."""

    id: int
    source_id: int
    code: str
    at: int
    status: str
    status_text: str
    officer_name: str
    department: str
    text: str
    step_due_at: int | None
    step_begun_at: int | None
    known_from: int
    batch_id: int
    row_no: int
    taken_batch_id: int | None = None


def ranks(session: Session, order: Sequence[str]) -> dict[int, int]:
    """Source -> its place: those of the configuration first, then the others in the order of their coming."""
    placed = {key: place for place, key in enumerate(order)}
    rows = session.execute(select(Source.id, Source.key, Source.priority)).all()
    return {number: placed.get(key, len(placed) + priority) for number, key, priority in rows}


def find_source(session: Session, key: str) -> int | None:
    """The source with this key, if there is one."""
    return session.scalar(select(Source.id).where(Source.key == key))


def tellings(session: Session, dossier_ids: Sequence[int]) -> dict[int, dict[int, Told]]:
    """What other sources told of dossiers: dossier -> source -> telling."""
    found: dict[int, dict[int, Told]] = {}
    columns = (Telling.source_id, Telling.row_hash, Telling.updated_at, Telling.body, Telling.disagrees)
    for part in _slices(dossier_ids):
        for number, source, digest, updated, body, disagrees in session.execute(
            select(Telling.dossier_id, *columns).where(Telling.dossier_id.in_(part))
        ):
            at = None if updated is None else int(updated.timestamp())
            found.setdefault(number, {})[source] = Told(source, bytes(digest), at, body, disagrees)
    return found


def put_tellings(
    session: Session, writer: BulkWriter, rows: Iterable[NewTelling], known: Mapping[int, Mapping[int, Told]]
) -> None:
    """Write the latest telling of each source; `known`: those that are there."""
    new = []
    for row in rows:
        if row.source_id not in known.get(row.dossier_id, {}):
            new.append(row)
            continue
        place = (Telling.dossier_id == row.dossier_id, Telling.source_id == row.source_id)
        values = dict(zip(TELLING_COLUMNS[2:], row[2:], strict=True))
        session.execute(
            update(Telling).where(*place).values(values).execution_options(synchronize_session=False)
        )
    writer.insert(Telling, TELLING_COLUMNS, new)


def earlier_hashes(session: Session, dossier_ids: Sequence[int]) -> dict[int, set[bytes]]:
    """The hashes of what was told of dossiers before what stands now."""
    found: dict[int, set[bytes]] = {}
    for part in _slices(dossier_ids):
        query = select(DossierRevision.id, DossierRevision.row_hash).where(DossierRevision.id.in_(part))
        for number, digest in session.execute(query):
            found.setdefault(number, set()).add(bytes(digest))
    return found


# ---------------------------------------------------------------- codes


def any_alias(session: Session, source_id: int) -> bool:
    """Is any dossier of a source kept under another code than it tells, or was any code decided about?"""
    return (
        session.scalar(select(CodeAlias.alias).where(CodeAlias.source_id == source_id).limit(1)) is not None
    )


def alias_of(session: Session, source_id: int, alias: str) -> str | None:
    """The code under which one code of a source is kept, where that has been said: by the source, or by a person."""
    place = (CodeAlias.source_id == source_id, CodeAlias.alias == alias)
    return session.scalar(select(CodeAlias.code).where(*place))


def add_aliases(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Further codes: rows of `CodeAlias`."""
    if rows:
        session.execute(insert(CodeAlias), list(rows))


def named_only(session: Session) -> frozenset[int]:
    """Procedures that are known by a name alone: nobody can say that one with a code is another one."""
    return frozenset(session.scalars(select(Procedure.id).where(Procedure.code.like("?%"))))


# ---------------------------------------------------------------- events that wait


def waiting_codes(session: Session) -> frozenset[str]:
    """The codes for whose dossiers events wait."""
    query = select(WaitingEvent.code).where(WaitingEvent.taken_batch_id.is_(None)).distinct()
    return frozenset(session.scalars(query))


def waiting_events(session: Session, codes: Sequence[str]) -> list[Waiting]:
    """The events that wait for dossiers of these codes, in the order of their coming."""
    found: list[Waiting] = []
    columns = [getattr(WaitingEvent, name) for name in WAITING_COLUMNS]
    for part in _slices(codes):
        query = select(*columns).where(WaitingEvent.code.in_(part), WaitingEvent.taken_batch_id.is_(None))
        found += [Waiting(*(_plain(value) for value in row)) for row in session.execute(query)]
    return sorted(found)


def add_waiting(session: Session, writer: BulkWriter, rows: Sequence[Waiting]) -> None:
    """Keep events whose dossier nobody has told of; their ids are given here."""
    first = next_id(session, WaitingEvent.id)
    numbered = [row._replace(id=number) for number, row in enumerate(rows, first)]
    writer.insert(WaitingEvent, WAITING_COLUMNS, numbered)


def take_waiting(session: Session, ids: Sequence[int], batch_id: int) -> None:
    """These events have come to their dossiers by this batch."""
    for part in _slices(ids):
        session.execute(
            update(WaitingEvent)
            .where(WaitingEvent.id.in_(part))
            .values(taken_batch_id=batch_id)
            .execution_options(synchronize_session=False)
        )


# ---------------------------------------------------------------- what a batch told of


def add_seen(writer: BulkWriter, row: Sequence[Any]) -> None:
    """Which dossiers a batch told of, in the order of the columns of `BatchSeen`."""
    writer.insert(BatchSeen, [column.name for column in BatchSeen.__table__.columns], [row])


def _slices(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (values[start : start + LOOKUP_SLICE] for start in range(0, len(values), LOOKUP_SLICE))


def _plain(value: Any) -> Any:
    return int(value.timestamp()) if hasattr(value, "timestamp") else value
