"""The table of causes by month: which months have to be counted anew, their rows put in place, and sums of them read."""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, delete, func, insert, or_, select, true
from sqlalchemy.orm import Session

from tracker.measures.months import TO_THIS_DAY, Months, each, month_of, united
from tracker.store.bulk import BulkWriter
from tracker.store.models import Batch, CauseMonth, CauseStale, ChangeMark, Dossier, Procedure
from tracker.store.session import MARK, MARK_QUERY, once
from tracker.store.versions import number
from tracker.types.causes import STEP, TOTAL, CauseQuestion, CauseSums

GROUP = ("unit_id", "field_id", "procedure_id")
SUMS = CauseSums._fields
COLUMNS = ("month", "part", *GROUP, "name", "holder_id", *SUMS)
_T: Any = CauseMonth.__table__


LARGEST_STAMP = 2**52  # the sum of all marks stays a whole number of eight bytes


class CauseRow(NamedTuple):
    """One row of a month, as it goes into the table."""

    part: str
    unit_id: int
    field_id: int
    procedure_id: int
    name: str
    holder_id: int
    sums: CauseSums


class CauseMarks(NamedTuple):
    """Marks by their ids: the months that they say may be wrong."""

    ids: tuple[int, ...]
    spans: tuple[Months, ...]


# ---------------------------------------------------------------- what has to be counted


def marks(session: Session) -> CauseMarks:
    """What changed since it was counted."""
    rows = session.execute(
        select(CauseStale.id, CauseStale.first, CauseStale.last).order_by(CauseStale.id)
    ).all()
    return CauseMarks(tuple(row.id for row in rows), tuple((row.first, row.last) for row in rows))


def is_behind(session: Session, first: int = 0, last: int = TO_THIS_DAY) -> bool:
    """Is any of these months still to be counted?"""
    query = select(CauseStale.id).where(CauseStale.first <= last, CauseStale.last >= first).limit(1)
    return session.scalar(query) is not None


def months_of_ends(session: Session) -> Months | None:
    """The months of the first and the last end of any dossier; None where none ended."""
    ended = number(Dossier.__table__.c.ended_at)
    first, last = (
        session.scalar(select(ended).where(ended.is_not(None)).order_by(order).limit(1))
        for order in (ended.asc(), ended.desc())
    )
    return None if first is None or last is None else (month_of(first), month_of(last))


def to_count(session: Session, told: CauseMarks) -> list[int]:
    """The marked months that hold anything or held it, in order."""
    ends, kept = months_of_ends(session), months_kept(session)
    spans = united(told.spans)
    wanted = {month for first, last in spans for month in kept if first <= month <= last}
    if ends is not None:
        for first, last in spans:
            wanted.update(each(max(first, ends[0]), min(last, ends[1])))
    return sorted(wanted)


def months_kept(session: Session) -> list[int]:
    """The months of which there are rows, each found by its place in the key."""
    found: list[int] = []
    query = select(_T.c.month).order_by(_T.c.month).limit(1)
    while (month := session.scalar(query.where(_T.c.month > (found[-1] if found else 0)))) is not None:
        found.append(month)
    return found


def put(session: Session, month: int, rows: Iterable[CauseRow]) -> None:
    """Put the rows of a month in the place of what it had; whoever remembers answers sees that they are of before."""
    name = _T.name
    session.execute(delete(ChangeMark).where(ChangeMark.name == name))
    session.execute(insert(ChangeMark), [{"name": name, "stamp": secrets.randbelow(LARGEST_STAMP)}])
    session.execute(delete(CauseMonth).where(CauseMonth.month == month))
    BulkWriter(session).insert(CauseMonth, COLUMNS, [(month, *row[:-1], *row.sums) for row in rows])


def rows_of(session: Session, month: int) -> Iterator[CauseRow]:
    """The rows of a month."""
    columns = [_T.c[name] for name in COLUMNS[1:]]
    for row in session.execute(select(*columns).where(_T.c.month == month)):
        yield CauseRow._make((*row[: -len(SUMS)], CauseSums(*row[-len(SUMS) :])))


def take_off(session: Session, told: CauseMarks, left: Sequence[Months]) -> None:
    """Take back the marks that were read, and put down what of them is left to count.

    Those have ids below zero, since who loads dossiers assigns the others and waits for no count.
    """
    if told.ids:
        session.execute(delete(CauseStale).where(CauseStale.id.in_(told.ids)))
    rows = [{"id": -place, "first": first, "last": last} for place, (first, last) in enumerate(left, 1)]
    if rows:
        session.execute(insert(CauseStale), rows)


# ---------------------------------------------------------------- reading


class CauseStanding(NamedTuple):
    """What the table stands on: while it is alike, so are the answers. `spans`: months that are still to be counted.

    Rows change with a batch, with marks of months, or with the units that names lead to. `database` and when the newest
    batch came tell one database from another, and from what was once restored in its place.
    """

    database: str
    reference: int  # the mark of the reference data and of what was counted, by whichever process
    batch_id: int
    batch_at: int
    spans: tuple[Months, ...]

    def is_behind(self, first: int, last: int) -> bool:
        """Is any of these months still to be counted?"""
        return any(begin <= last and first <= end for begin, end in self.spans)


def standing(session: Session) -> CauseStanding:
    """What the table stands on now; beside the mark of the reference data one question."""
    reference = once(session, MARK, lambda: session.scalars(MARK_QUERY).one())
    batches: Any = Batch.__table__.c
    newest = select(batches.id, number(batches.ingested_at).label("at")).order_by(batches.id.desc()).limit(1)
    batch, stale = newest.subquery(), select(CauseStale.first, CauseStale.last).subquery()
    query = select(batch.c.id, batch.c.at, stale.c.first, stale.c.last).select_from(batch)
    rows = session.execute(query.outerjoin(stale, true())).all()
    spans = tuple(sorted((first, last) for *_, first, last in rows if first is not None))
    batch_id, batch_at = rows[0][:2] if rows else (0, 0)
    database = session.connection().engine.url.render_as_string(hide_password=True)
    return CauseStanding(database, int(reference), batch_id, batch_at, spans)


def by_part(session: Session, question: CauseQuestion) -> Iterator[tuple[str, str, int, CauseSums]]:
    """(part, name, unit of the holder, sums) of the dossiers asked for."""
    keys = (_T.c.part, _T.c.name, _T.c.holder_id)
    yield from _read(session, _sums(keys).where(*_within(question)))


def elsewhere(session: Session, question: CauseQuestion) -> Iterator[tuple[str, str, int, CauseSums]]:
    """The same of steps that the units asked for took in dossiers of other units; nothing where all are asked for."""
    if question.unit_ids is None:
        return
    keys = (_T.c.part, _T.c.name, _T.c.holder_id)
    tests = (
        *_of_time_and_kind(question),
        _T.c.part.startswith(STEP),
        _T.c.holder_id.in_(question.unit_ids),
        _T.c.unit_id.not_in(question.unit_ids),
    )
    yield from _read(session, _sums(keys).where(*tests))


def by_month(session: Session, question: CauseQuestion) -> Iterator[tuple[int, str, str, int, CauseSums]]:
    """(month, part, name, unit of the holder, sums) of steps."""
    keys = (_T.c.month, _T.c.part, _T.c.name, _T.c.holder_id)
    yield from _read(session, _sums(keys).where(*_within(question), _T.c.part.startswith(STEP)))


class GroupSums(NamedTuple):
    """Late dossiers of a unit, procedure and month: those of all, and minutes of their lateness that fall to steps."""

    unit_id: int
    procedure_id: int
    month: int
    divided: int
    sums: CauseSums


def by_group(session: Session, question: CauseQuestion) -> Iterator[GroupSums]:
    """Late dossiers by unit, procedure and month."""
    is_total = _T.c.part == TOTAL
    keys = (_T.c.unit_id, _T.c.procedure_id, _T.c.month)
    divided = func.coalesce(func.sum(_T.c.overrun).filter(~is_total), 0)
    sums = [func.coalesce(func.sum(_T.c[name]).filter(is_total), 0) for name in SUMS]
    tests = (*_within(question), or_(is_total, _T.c.part.startswith(STEP)))
    query = select(*keys, divided, *sums).where(*tests).group_by(*keys)
    for unit_id, procedure_id, month, parts, *numbers in session.execute(query):
        yield GroupSums(unit_id, procedure_id, month, int(parts), CauseSums(*map(int, numbers)))


def late_count(session: Session, question: CauseQuestion) -> int:
    """How many late dossiers there are."""
    query = select(func.coalesce(func.sum(_T.c.late), 0)).where(*_within(question), _T.c.part == TOTAL)
    return int(session.scalar(query) or 0)


def procedure_names(session: Session, ids: Iterable[int]) -> Mapping[int, str]:
    """The names of some procedures."""
    wanted = sorted(set(ids))
    query = select(Procedure.id, Procedure.name).where(Procedure.id.in_(wanted))
    return {key: name for key, name in session.execute(query)} if wanted else {}


def _sums(keys: Sequence[ColumnElement[Any]]) -> Select[Any]:
    return select(*keys, *(func.sum(_T.c[name]) for name in SUMS)).group_by(*keys)


def _read(session: Session, query: Select[Any]) -> Iterator[Any]:
    for row in session.execute(query):
        yield _with_sums(row)


def _with_sums(row: Row[Any]) -> tuple[Any, ...]:
    keys, sums = row[: -len(SUMS)], row[-len(SUMS) :]
    return (*keys, CauseSums(*map(int, sums)))


def _within(question: CauseQuestion) -> list[ColumnElement[bool]]:
    tests = _of_time_and_kind(question)
    if question.unit_ids is not None:
        tests.append(_T.c.unit_id.in_(question.unit_ids))
    return tests


def _of_time_and_kind(question: CauseQuestion) -> list[ColumnElement[bool]]:
    tests: list[ColumnElement[bool]] = [_T.c.month >= question.first, _T.c.month <= question.last]
    if question.field_id is not None:
        tests.append(_T.c.field_id == question.field_id)
    if question.procedure_id is not None:
        tests.append(_T.c.procedure_id == question.procedure_id)
    return tests
