"""Which dossiers may show a sign, by one question a kind, and which of them were told of since the last look.

Each question reads an index or a narrow table to its end; the histories of what it names are read afterwards, and only these.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, and_, case, exists, func, literal_column, or_, select
from sqlalchemy.orm import Session

from tracker.measures.integrity import UnitEnds, Withdrawals, Withdrawn
from tracker.measures.integrity_history import Telling
from tracker.measures.integrity_rules import IntegrityRules
from tracker.store.models import (
    Dossier,
    DossierRevision,
    DueSeen,
    Event,
    Letter,
    LetterStep,
    ProgressEvent,
    Suspension,
    SuspensionRevision,
)
from tracker.store.versions import FINISHING, is_accepted, local_day, number
from tracker.types import EndKind, SourceStatus

Ids = NDArray[np.int64]
SLICE = 20_000
# A due date on a day off is reached on the last working date before it, at most so many dates before.
DAYS_OFF = 4
AT_WORK = (SourceStatus.ACCEPTED.value, SourceStatus.PROCESSING.value)
_D: Any = Dossier.__table__
_R: Any = DossierRevision.__table__
_S: Any = Suspension.__table__


def candidates(session: Session, rules: IntegrityRules, among: Ids | None = None) -> Ids:
    """The dossiers whose history has to be looked at, in order; `among`: those of these alone, which takes as long as they
    are many, whatever else there is.
    """
    queries = (_moved(), _equal(), _back_dated(), _paused(rules), _worked_on(), _reopened(), _deleted())
    if among is None:
        found = [ids_of(session, query) for query in queries]
    else:
        parts = [among[start : start + SLICE // 2].tolist() for start in range(0, among.size, SLICE // 2)]
        found = [
            ids_of(session, query.where(query.selected_columns[0].in_(part)))
            for query in queries
            for part in parts
        ]
    return np.unique(np.concatenate([np.empty(0, dtype=np.int64), *found]))


def ids_of(session: Session, query: Select[Any]) -> Ids:
    """The first column of a query."""
    parts = [np.empty(0, dtype=np.int64)]
    result = session.execute(query, execution_options={"stream_results": True})
    while rows := result.fetchmany(SLICE):
        parts.append(np.fromiter(chain.from_iterable(rows), dtype=np.int64, count=len(rows)))
    return np.concatenate(parts)


def _moved() -> Select[Any]:
    return select(DueSeen.dossier_id).where(DueSeen.seq >= 1).distinct()


def _equal() -> Select[Any]:
    c = _D.c
    ends = (c.ended_at.is_not(None), number(c.ended_at) == number(c.source_due_at))
    return select(c.id).where(*ends, c.end_kind == EndKind.FINISHED.value)


def _back_dated() -> Select[Any]:
    """Told as open on a later date than the due date, and now as ended on or before it."""
    ended, due = local_day(_D.c.ended_at), local_day(_R.c.source_due_at)
    return (
        select(_R.c.id)
        .join(_D, _D.c.id == _R.c.id)
        .where(
            _R.c.ended_at.is_(None), _R.c.source_due_at.is_not(None), _D.c.end_kind == EndKind.FINISHED.value,
            _D.c.ended_at.is_not(None), ended <= due, local_day(_R.c.known_until) > due,
        )
        .distinct()
    )  # fmt: skip


def _paused(rules: IntegrityRules) -> Select[Any]:
    """Suspensions that begin on a due date or shortly before it, or that were told when the date had passed."""
    start, due = local_day(_S.c.start_at), local_day(DueSeen.__table__.c.due_at)
    on_last_day = and_(
        _S.c.kind.in_(rules.last_day_kinds),
        exists().where(DueSeen.dossier_id == _S.c.dossier_id, start <= due, start >= due - DAYS_OFF),
    )
    told_late = and_(
        exists().where(
            DueSeen.dossier_id == _S.c.dossier_id,
            number(DueSeen.__table__.c.due_at) >= number(_S.c.start_at),
            number(DueSeen.__table__.c.due_at) < number(_S.c.known_from),
        ),
        exists().where(_R.c.id == _S.c.dossier_id),
    )
    return select(_S.c.dossier_id).where(or_(on_last_day, told_late)).distinct()


def _worked_on() -> Select[Any]:
    """Steps of work after an end in time."""
    p: Any = ProgressEvent.__table__
    in_time = local_day(_D.c.ended_at) <= local_day(_D.c.source_due_at)
    after = number(p.c.at) > number(_D.c.ended_at)
    return (
        select(p.c.dossier_id)
        .join(_D, _D.c.id == p.c.dossier_id)
        .where(p.c.status.in_(AT_WORK), after, in_time)
        .distinct()
    )


def _reopened() -> Select[Any]:
    return select(Event.dossier_id).where(Event.kind == "reopened").distinct()


def _deleted() -> Select[Any]:
    return select(_D.c.id).where(_D.c.end_kind == EndKind.DELETED.value)


# ---------------------------------------------------------------- since the last look


def told_since(session: Session, after_batch: int, looked_at: datetime) -> Ids:
    """Dossiers of which later batches told anything new, or whose letters took a step since the last look."""
    tables: tuple[Any, ...] = (DueSeen, Event, ProgressEvent, Suspension, SuspensionRevision)
    queries = [select(one.dossier_id).where(one.batch_id > after_batch).distinct() for one in tables]
    queries.append(select(_D.c.id).where(_D.c.batch_id > after_batch))
    stepped = select(LetterStep.letter_id).where(LetterStep.at >= looked_at)
    queries.append(select(Letter.dossier_id).where(Letter.id.in_(stepped)))
    return np.unique(np.concatenate([ids_of(session, query) for query in queries]))


def move_days(session: Session, dossier_ids: Ids) -> Ids:
    """The local dates (days since 1970) on which we were told that due dates of these dossiers had moved."""
    seen = local_day(DueSeen.__table__.c.seen_at)
    found: set[int] = set()
    for start in range(0, dossier_ids.size, SLICE // 2):
        part = dossier_ids[start : start + SLICE // 2].tolist()
        query = select(seen).where(DueSeen.dossier_id.in_(part), DueSeen.seq >= 1).distinct()
        found.update(session.scalars(query))
    return np.array(sorted(found), dtype=np.int64)


def moved_on(session: Session, days: Ids) -> Ids:
    """All dossiers of which we were told on one of these dates that their due date had moved."""
    if not days.size:
        return np.empty(0, dtype=np.int64)
    seen = local_day(DueSeen.__table__.c.seen_at)
    query = select(DueSeen.dossier_id).where(DueSeen.seq >= 1, seen.in_(days.tolist())).distinct()
    return np.sort(ids_of(session, query))


# ---------------------------------------------------------------- many together


def unit_ends(session: Session) -> dict[int, UnitEnds]:
    """Of each unit the ends with a result, and those at the very second of the due date that no date alone explains."""
    c = _D.c
    second = (number(c.ended_at) + literal_column("25200")) % 86_400
    # A date without a time stands for its last second, or for the end of a session on the full or half hour.
    is_exact = and_(number(c.ended_at) == number(c.source_due_at), second % 1800 != 0, second != 86_399)
    equal = func.coalesce(func.sum(case((is_exact, 1), else_=0)), 0)
    query = (
        select(func.coalesce(c.resolving_unit_id, 0), func.count(), equal)
        .where(is_accepted(_D), c.ended_at.is_not(None), c.end_kind.in_(FINISHING))
        .group_by(c.resolving_unit_id)
    )
    return {unit: UnitEnds(ended, int(equal)) for unit, ended, equal in session.execute(query)}


def withdrawals(session: Session) -> list[Withdrawals]:
    """The withdrawals of each unit and day, with those of dossiers that were due by the next date."""
    c = _D.c
    day, due = local_day(c.ended_at), local_day(c.source_due_at)
    late = func.coalesce(func.sum(case((due <= day + 1, 1), else_=0)), 0)
    query = (
        select(c.resolving_unit_id, day.label("day"), func.count(), late)
        .where(
            c.end_kind == EndKind.WITHDRAWN.value, c.ended_at.is_not(None), c.resolving_unit_id.is_not(None)
        )
        .group_by(c.resolving_unit_id, "day")
    )
    return [Withdrawals(unit, on, count, int(late)) for unit, on, count, late in session.execute(query)]


def withdrawn_on(session: Session, days: Iterable[tuple[int, int]]) -> dict[tuple[int, int], list[Withdrawn]]:
    """(unit, day) -> its dossiers that were withdrawn when they were due by the next date."""
    c = _D.c
    day, due = local_day(c.ended_at), local_day(c.source_due_at)
    found: dict[tuple[int, int], list[Withdrawn]] = {}
    for unit, on in days:
        query = (
            select(c.id, number(c.ended_at), number(c.known_from), c.batch_id)
            .where(
                c.end_kind == EndKind.WITHDRAWN.value, c.resolving_unit_id == unit, day == on, due <= on + 1
            )
            .order_by(c.id)
        )
        found[unit, on] = [
            Withdrawn(dossier, unit, at, Telling(known, batch))
            for dossier, at, known, batch in session.execute(query)
        ]
    return found


def open_late(session: Session, dossier_ids: Iterable[int], today: int) -> Mapping[int, tuple[int, int]]:
    """Those of these dossiers that are at work and were due before a local date (days since 1970): due date and unit."""
    c = _D.c
    found: dict[int, tuple[int, int]] = {}
    ids = sorted(dossier_ids)
    for start in range(0, len(ids), SLICE // 2):
        query = select(
            c.id, number(c.source_due_at), func.coalesce(c.resolving_unit_id, c.receiving_unit_id, 0)
        ).where(
            c.id.in_(ids[start : start + SLICE // 2]), c.ended_at.is_(None), c.end_kind.is_(None),
            local_day(c.source_due_at) < today, c.status.in_(AT_WORK), c.suspended_from.is_(None),
        )  # fmt: skip
        found.update({dossier: (due, unit) for dossier, due, unit in session.execute(query)})
    return found
