"""Dossiers that are known otherwise than at an earlier moment and were, or are, finished in a period; each in both versions."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, case, select
from sqlalchemy.orm import Session

from tracker.measures.restating import Known, Span, Told
from tracker.store.models import Batch, CalendarJournal, DossierRevision, Event
from tracker.store.versions import DUE_COLUMNS, FINISHING, is_accepted, known_dossiers, number
from tracker.types import Basis

AT_A_TIME = 500
REOPENED = "reopened"


def restated(
    session: Session, span: Span, basis: Basis, *, then: datetime, known: datetime | None
) -> list[Told]:
    """Those whose version at `known` (None: now) is another than at `then`, in order of code."""
    earlier, later = _earlier(then, known), _later(then, known)
    before = dict(_rows(session, _asked(earlier, basis).where(*_finished_in(earlier, span))))
    after = dict(_rows(session, _asked(later, basis).where(*_finished_in(later, span))))
    before |= _of(session, earlier, basis, after.keys() - before.keys())
    after |= _of(session, later, basis, before.keys() - after.keys())
    reopened = _marked(session, before.keys() & after.keys(), lambda ids: _reopened(ids, then, known))
    moved: set[int] = set()
    if basis is Basis.DOCUMENTED:
        moved = _marked(session, before.keys() & after.keys(), lambda ids: _recalendared(ids, then, known))
    pairs = {number: (before.get(number), after.get(number)) for number in {**before, **after}}
    found = [
        Told(
            number,
            (now or was or ("", None))[0],
            was[1] if was else None,
            now[1] if now else None,
            number in reopened,
            number in moved,
        )
        for number, (was, now) in pairs.items()
    ]
    return sorted(found, key=lambda each: each.code)


def _earlier(then: datetime, known: datetime | None) -> FromClause:
    """The versions that stood at `then` and were replaced since."""
    r = DossierRevision.__table__
    query = select(r).where(r.c.known_from <= then, r.c.known_until > then)
    return (query if known is None else query.where(r.c.known_until <= known)).subquery("earlier")


def _later(then: datetime, known: datetime | None) -> FromClause:
    """The versions that are known at `known` and were not at `then`."""
    dossiers = known_dossiers(known)
    return select(dossiers).where(dossiers.c.known_from > then).subquery("later")


def _asked(versions: FromClause, basis: Basis) -> Select[Any]:
    c = versions.c
    counted = case((is_accepted(versions), 1), else_=0)
    return select(
        c.id, c.code, counted, number(c.received_at), number(c.ended_at), c.end_kind,
        number(c[DUE_COLUMNS[basis]]), c.resolving_unit_id, c.field_id,
    )  # fmt: skip


def _finished_in(versions: FromClause, span: Span) -> list[ColumnElement[bool]]:
    c = versions.c
    ended = number(c.ended_at)
    return [c.end_kind.in_(FINISHING), ended >= span.start, ended <= span.end]


Row = tuple[int, tuple[str, Known]]


def _rows(session: Session, query: Select[Any]) -> Iterable[Row]:
    for dossier_id, code, counted, *rest in session.execute(query):
        yield dossier_id, (code, Known(bool(counted), *rest))


def _of(
    session: Session, versions: FromClause, basis: Basis, ids: Iterable[int]
) -> dict[int, tuple[str, Known]]:
    """The versions of some dossiers, whatever they are."""
    found: dict[int, tuple[str, Known]] = {}
    for part in _parts(ids):
        found.update(_rows(session, _asked(versions, basis).where(versions.c.id.in_(part))))
    return found


def _parts(ids: Iterable[int]) -> Iterator[Sequence[int]]:
    ordered = sorted(ids)
    return (ordered[start : start + AT_A_TIME] for start in range(0, len(ordered), AT_A_TIME))


def _marked(session: Session, ids: Iterable[int], query: Callable[[Sequence[int]], Select[int]]) -> set[int]:
    return {one for part in _parts(ids) for one in session.scalars(query(part))}


def _reopened(ids: Sequence[int], then: datetime, known: datetime | None) -> Select[int]:
    """Of these, the ones that were told of as reopened meanwhile."""
    query = select(Event.dossier_id).join(Batch, Batch.id == Event.batch_id)
    query = query.where(Event.dossier_id.in_(ids), Event.kind == REOPENED, Batch.ingested_at > then)
    return query if known is None else query.where(Batch.ingested_at <= known)


def _recalendared(ids: Sequence[int], then: datetime, known: datetime | None) -> Select[int]:
    """Of these, the ones whose date a change of the calendar moved meanwhile."""
    j = CalendarJournal
    query = select(j.dossier_id).where(j.dossier_id.in_(ids), j.at > then)
    return query if known is None else query.where(j.at <= known)
