"""Which dossiers' search keys may be wrong: put down in the step that changes dossiers, taken back when keys are made.

A load tells only ids, as spans, so that it costs it next to nothing; the keys themselves are made afterwards
(`tracker.pipeline.search_keeping`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

import numpy as np
from sqlalchemy import BigInteger, ColumnElement, cast, delete, func, insert, select
from sqlalchemy.orm import Session

from tracker.search_text import Findable, keys_of
from tracker.store.ids import next_id, runs
from tracker.store.models import Dossier, SearchStale
from tracker.store.ready import Ready
from tracker.types import DossierVersion

Span = tuple[int, int]
"""The first and the last of consecutive ids of dossiers."""

# What of a dossier its keys are made of.
FOUND_BY = ("code", "applicant_name", "phone", "resolving_unit_id")
_AT = tuple(DossierVersion._fields.index(name) for name in FOUND_BY)
_MOST_SPANS = 2_048
# So many marks are looked at in one go; the others come after them.
MARKS_AT_ONCE = 5_000
NOWHERE = 0
KeyRow = tuple[int, str, int]
"""Unit (0: none), key, dossier."""


def key_rows(dossier_id: int, unit_id: int | None, dossier: Findable) -> Iterable[KeyRow]:
    """The rows that a dossier has in the table of keys."""
    unit = NOWHERE if unit_id is None else unit_id
    return ((unit, key, dossier_id) for key in keys_of(dossier))


class SearchMarks:
    """The dossiers of one batch whose keys have to be made anew."""

    def __init__(self) -> None:
        self._added: list[Span] = []
        self._changed: set[int] = set()
        # Keys of tellings of which no revision will tell: they are taken away in the step itself.
        self._unkept: set[KeyRow] = set()

    def added(self, ids: range) -> None:
        """New dossiers."""
        if not ids:
            return
        if self._added and self._added[-1][1] + 1 == ids[0]:
            self._added[-1] = (self._added[-1][0], ids[-1])
        else:
            self._added.append((ids[0], ids[-1]))

    def replaced(
        self, dossier_id: int, old: DossierVersion, new: DossierVersion, *, is_kept: bool = True
    ) -> None:
        """A dossier that is told otherwise now; `is_kept`: a revision keeps what stood before."""
        if all(old[at] == new[at] for at in _AT):
            return
        self._changed.add(dossier_id)
        if not is_kept:
            before = Findable(old.code, old.applicant_name, old.phone)
            self._unkept.update(key_rows(dossier_id, old.resolving_unit_id, before))

    def write(self, session: Session) -> None:
        """Put the dossiers down in the transaction that changes them."""
        remove_keys(session, sorted(self._unkept))
        mark(session, united([*self._added, *((one, one) for one in self._changed)], most=_MOST_SPANS))
        self._added.clear()
        self._changed.clear()
        self._unkept.clear()


def united(spans: Iterable[Span], *, most: int | None = None) -> list[Span]:
    """The same ids in as few spans as can be, in order; above `most` the nearest ones are joined over what lies between."""
    found: list[Span] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    if most is None or len(found) <= most:
        return found
    gaps = np.array([after[0] - before[1] for before, after in pairwise(found)])
    ends = sorted(np.argpartition(gaps, -(most - 1))[-(most - 1) :])  # after these spans the widest gaps stay
    begins = [0, *(int(end) + 1 for end in ends)]
    return [
        (found[begin][0], found[end][1])
        for begin, end in zip(begins, [*(int(end) for end in ends), len(found) - 1], strict=True)
    ]


def mark(session: Session, spans: Sequence[Span]) -> None:
    """Say that the keys of dossiers may be wrong; under the lock of whoever changes dossiers."""
    if spans:
        first = next_id(session, SearchStale.id)
        rows = [{"id": n, "first_id": span[0], "last_id": span[1]} for n, span in enumerate(spans, first)]
        session.execute(insert(SearchStale), rows)


def remove_keys(session: Session, rows: Sequence[KeyRow]) -> None:
    """Take keys away; ones that are not there are no fault."""
    if not rows:
        return
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(
            "DELETE FROM search_key k USING unnest(%s::bigint[], %s::text[], %s::bigint[]) AS s(unit, key, dossier)"
            " WHERE k.unit_id = s.unit AND k.key = s.key AND k.dossier_id = s.dossier",
            tuple(list(column) for column in zip(*rows, strict=True)),
        )
        return
    connection.exec_driver_sql(
        "DELETE FROM search_key WHERE unit_id = ? AND key = ? AND dossier_id = ?", list(rows)
    )


# ---------------------------------------------------------------- what is marked


@dataclass(frozen=True, slots=True)
class Stale:
    """Marks by their ids, and the dossiers that they mean, newest last."""

    ids: tuple[int, ...] = ()
    spans: tuple[Span, ...] = field(default=())


def stale(session: Session, *, limit: int | None = MARKS_AT_ONCE) -> Stale:
    """The dossiers whose keys have to be made, by the newest marks; None: by all."""
    query = (
        select(SearchStale.id, SearchStale.first_id, SearchStale.last_id)
        .order_by(SearchStale.last_id.desc(), SearchStale.id)
        .limit(limit)
    )
    rows = session.execute(query).all()
    return Stale(tuple(row.id for row in rows), tuple(united((row.first_id, row.last_id) for row in rows)))


def is_marked(session: Session) -> bool:
    """Are there dossiers whose keys have to be made?"""
    return session.execute(select(SearchStale.id).limit(1)).first() is not None


def waiting(session: Session) -> int:
    """At most how many dossiers cannot be found by name yet; those marked twice count twice."""
    ((count,),) = _waiting().rows(session, {})
    return int(count)


@cache
def _waiting() -> Ready:
    return Ready(select(waiting_count()))


def waiting_count() -> ColumnElement[int]:
    """The same as a column of a query of the marks alone."""
    span = SearchStale.last_id - SearchStale.first_id + 1
    return func.coalesce(cast(func.sum(span), BigInteger), 0)


def take_off(session: Session, marks: Stale, left: Sequence[Span]) -> None:
    """Take back the marks that were read, and put down what of them is left.

    Those have ids below zero, since who loads dossiers assigns the others and waits for nobody here.
    """
    for start in range(0, len(marks.ids), MARKS_AT_ONCE):
        part = marks.ids[start : start + MARKS_AT_ONCE]
        session.execute(delete(SearchStale).where(SearchStale.id.in_(part)))
    lowest = min(0, int(session.scalar(select(func.min(SearchStale.id))) or 0))
    rows = [{"id": lowest - n, "first_id": span[0], "last_id": span[1]} for n, span in enumerate(left, 1)]
    if rows:
        session.execute(insert(SearchStale), rows)


def mark_all(session: Session) -> None:
    """Mark every dossier there is; under the lock of whoever changes dossiers."""
    mark(session, list(runs(session, Dossier.id)))
