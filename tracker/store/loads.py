"""What was loaded, when, by whom and from where: sources with their last load, batches, and what a batch told of."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any, NamedTuple

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from tracker.store import rejections
from tracker.store.kept_files import names_of_paths
from tracker.store.models import AuditEntry, Batch, BatchSeen, Source

COUNTS = ("read", "new", "changed", "unchanged", "stale", "rejected")


class LoadedFile(NamedTuple):
    """A file of a batch, by the name that people know of it, and what proves its bytes."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class LoadRow:
    """One batch: `counts` as of its report, `warnings` what was doubtful, `open` how many rejected rows are left."""

    batch_id: int
    source: str
    source_name: str
    ingested_at: datetime
    origin: str
    actor: str
    files: tuple[LoadedFile, ...]
    counts: Mapping[str, Any]
    warnings: tuple[str, ...]
    open: int

    @property
    def figures(self) -> tuple[int, ...]:
        """read, new, changed, unchanged, stale, rejected: the first is the sum of the others."""
        return tuple(int(self.counts.get(name, 0)) for name in COUNTS)

    @property
    def balances(self) -> bool:
        """Is what was read the sum of what became of it?"""
        read, *became = self.figures
        return read == sum(became)


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source, how often it was loaded, its last load, and how many of its rejected rows are open."""

    key: str
    name: str
    loads: int
    last: LoadRow | None
    open: int


def sources(session: Session) -> list[SourceRow]:
    """All sources, in the order of their coming."""
    found = session.scalars(select(Source).order_by(Source.priority, Source.id)).all()
    query = select(Batch.source_id, func.count(), func.max(Batch.id)).group_by(Batch.source_id)
    loads = {source: (count, last) for source, count, last in session.execute(query)}
    last = {
        row.batch_id: row
        for row in _rows(session, _query().where(Batch.id.in_([n for _, n in loads.values()])))
    }
    is_open = rejections.open_by_source(session)
    rows = []
    for source in found:
        count, newest = loads.get(source.id, (0, 0))
        rows.append(SourceRow(source.key, source.name, count, last.get(newest), is_open.get(source.id, 0)))
    return rows


def listed(
    session: Session, *, source: str | None = None, before: int | None = None, limit: int = 50
) -> list[LoadRow]:
    """Batches, newest first; of one source or of all."""
    query = _query().order_by(Batch.id.desc()).limit(limit)
    if source is not None:
        query = query.where(Source.key == source)
    if before is not None:
        query = query.where(Batch.id < before)
    return _rows(session, query)


def find(session: Session, batch_id: int) -> LoadRow | None:
    """One batch."""
    return next(iter(_rows(session, _query().where(Batch.id == batch_id))), None)


def _query() -> Any:
    return select(Batch, Source.key, Source.name).join(Source, Source.id == Batch.source_id)


def _rows(session: Session, query: Any) -> list[LoadRow]:
    found = session.execute(query).all()
    files = {row.Batch.id: json.loads(row.Batch.files) for row in found}
    names = names_of_paths(session, {each["name"] for told in files.values() for each in told})
    actors = _actors(session, [row.Batch for row in found])
    is_open = rejections.open_by_batch(session, list(files))
    return [_load(row, files[row.Batch.id], names, actors, is_open) for row in found]


def _load(
    row: Row[Any],
    files: Sequence[Mapping[str, str]],
    names: Mapping[str, str],
    actors: Mapping[int, str],
    is_open: Mapping[int, int],
) -> LoadRow:
    batch = row.Batch
    told = [
        LoadedFile(names.get(each["name"]) or PurePath(each["name"]).name, each.get("sha256", ""))
        for each in files
    ]
    warnings = tuple(str(each.get("message", "")) for each in json.loads(batch.warnings or "[]"))
    return LoadRow(
        batch.id, row.key, row.name, batch.ingested_at, batch.origin, actors.get(batch.id, ""), tuple(told),
        json.loads(batch.counts), warnings, is_open.get(batch.id, 0),
    )  # fmt: skip


def _actors(session: Session, batches: Sequence[Batch]) -> dict[int, str]:
    """Who asked for each batch, as the log says; the log is ordered by time and has no index by subject."""
    moments = {batch.ingested_at for batch in batches}
    query = select(AuditEntry.subject, AuditEntry.actor).where(
        AuditEntry.at.in_(moments), AuditEntry.action == "ingest"
    )
    told = {subject: actor for subject, actor in session.execute(query)}
    return {batch.id: told[f"batch:{batch.id}"] for batch in batches if f"batch:{batch.id}" in told}


class Span(NamedTuple):
    """Of how many dossiers a batch told, how many of them are open, and between which receptions they lie."""

    batch_id: int
    dossiers: int
    open_dossiers: int
    first_received_at: datetime | None
    last_received_at: datetime | None


def span_of(session: Session, batch_id: int) -> Span | None:
    """What a batch of files told of; None of a batch that came another way."""
    return next(iter(_spans(session, select(*_SPAN).where(BatchSeen.batch_id == batch_id))), None)


def spans_before(session: Session, source: str, batch_id: int, limit: int = 50) -> list[Span]:
    """The same of the batches of a source before one, newest first."""
    query = (
        select(*_SPAN)
        .join(Batch, Batch.id == BatchSeen.batch_id)
        .join(Source, Source.id == Batch.source_id)
        .where(Source.key == source, Batch.id < batch_id)
        .order_by(Batch.id.desc())
        .limit(limit)
    )
    return _spans(session, query)


def last_full_before(session: Session, source: str, batch_id: int) -> Span | None:
    """The same of the last batch before one that its loader called a whole export."""
    query = (
        select(*_SPAN)
        .join(Batch, Batch.id == BatchSeen.batch_id)
        .join(Source, Source.id == Batch.source_id)
        .where(Source.key == source, Batch.id < batch_id, BatchSeen.is_full)
        .order_by(Batch.id.desc())
        .limit(1)
    )
    return next(iter(_spans(session, query)), None)


_SPAN = (
    BatchSeen.batch_id, BatchSeen.dossiers, BatchSeen.open_dossiers, BatchSeen.first_received_at,
    BatchSeen.last_received_at,
)  # fmt: skip


def _spans(session: Session, query: Any) -> list[Span]:
    return [Span(*row) for row in session.execute(query)]


def name_source(session: Session, key: str, name: str) -> str | None:
    """Call a source so on pages; what it was called before, None where there is no such source."""
    found = session.scalars(select(Source).where(Source.key == key)).one_or_none()
    if found is None:
        return None
    before, found.name = found.name, name
    return before
