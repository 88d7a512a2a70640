"""Counts by month that follow a change of dossiers in its own step: what those that it touches were counted as is taken
away, what they are counted as now is added.

A push or the export of a day so leaves nothing to be counted anew, and no page has to count dossiers meanwhile. Both
countings are those of the whole store (`rate_counting`), of the touched dossiers alone: as they stood, which the change
keeps in memory, and as they stand. A change of very many dossiers puts marks down instead (`rate_marks`), for which a
worker counts whole months.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    MetaData,
    Table,
    case,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.schema import CreateIndex, CreateTable

from tracker.measures.months import Months, month_of, opening
from tracker.store import rate_summary
from tracker.store.models import Dossier, RateSummary, Suspension
from tracker.store.rate_counting import (
    NOW,
    Counted,
    Tallies,
    Tally,
    clipped,
    count_months,
    count_open,
    standing_until,
)
from tracker.store.rate_marks import STANDING, TouchedMonths, mark
from tracker.store.rate_summary import CELL, COUNTS, ROW, Fill, Standing
from tracker.store.versions import number
from tracker.types import VN, DossierVersion

# So many dossiers are counted twice in about a second; of more it is quicker to count whole months.
MOST = 50_000
# Most changes of an export concern nothing that is counted, but that is known at the end only.
MOST_KEPT = 400_000
AT_ONCE = 10_000
COUNTED_BY = (*STANDING, "ended_at", "end_kind", "status")
_AT = tuple(DossierVersion._fields.index(name) for name in COUNTED_BY)
PAUSE = ("dossier_id", "kind", "start_at", "end_at")
Pause = tuple[str, int, int | None]
"""Kind, start, end of a suspension (UTC epoch seconds)."""


class TouchedCounts:
    """What a step changes of dossiers that are counted; given to the tables, or put down as marks, in the same step."""

    def __init__(self) -> None:
        self._months = TouchedMonths()
        self._begin()

    def _begin(self) -> None:
        self._added: list[range] = []
        self._how_many = 0
        self._before: dict[int, tuple[Any, ...]] = {}
        self._pauses: dict[int, Sequence[Pause]] = {}
        self._otherwise: set[int] = set()
        self._is_few = True

    @property
    def wants_pauses(self) -> bool:
        """Is it still of use to be told the suspensions that dossiers had?"""
        return self._is_few

    def added(self, ids: range, versions: Sequence[DossierVersion]) -> None:
        """New dossiers."""
        self._months.added(versions)
        if ids and self._is_few:
            self._added.append(ids)
            self._how_many += len(ids)
            self._keep_few()

    def replaced(self, dossier_id: int, old: DossierVersion, new: DossierVersion) -> None:
        """A dossier that stands otherwise now."""
        self._months.replaced(dossier_id, old, new)
        if not self._is_few or self._is_new(dossier_id):
            return
        stood = tuple([old[at] for at in _AT])
        self._before.setdefault(dossier_id, stood)
        if stood != tuple([new[at] for at in _AT]):
            self._otherwise.add(dossier_id)
        self._keep_few()

    def suspended(self, dossier_ids: Collection[int], pauses: Mapping[int, Sequence[Pause]]) -> None:
        """Dossiers whose suspensions are told anew, with those that they had."""
        self._months.suspended(dossier_ids)
        if not self._is_few:
            return
        for each in dossier_ids:
            if not self._is_new(each):
                self._pauses.setdefault(each, pauses.get(each, ()))
                self._otherwise.add(each)
        self._keep_few()

    def moved(self, received: Iterable[int | None]) -> None:
        """Open dossiers whose due date moved, by their receptions: as many as a change of the calendar touches."""
        self._months.moved(received)
        self._forget()

    def write(self, session: Session, fill: Fill, now: int) -> None:
        """Give the change to the tables as of `now` (UTC epoch seconds), in the transaction that changes the dossiers."""
        spans = self._months.take()
        change = _Change(self._added, self._before, self._pauses, self._otherwise, spans)
        if spans and not (self._is_few and _add(session, change, fill, now)):
            mark(session, spans)
        self._begin()

    def _is_new(self, dossier_id: int) -> bool:
        # Ids grow: those of this step come after all others.
        return bool(self._added) and dossier_id >= self._added[0][0]

    def _keep_few(self) -> None:
        if len(self._otherwise) + self._how_many > MOST or len(self._before) > MOST_KEPT:
            self._forget()

    def _forget(self) -> None:
        self._begin()
        self._is_few = False


@dataclass(frozen=True, slots=True)
class _Change:
    """New dossiers by their ids, how others were counted, the suspensions of those that have other ones now, which of
    them are counted otherwise, and the months that this may concern.
    """

    added: Sequence[range]
    before: Mapping[int, tuple[Any, ...]]
    pauses: Mapping[int, Sequence[Pause]]
    otherwise: Collection[int]
    spans: Sequence[Months]


# ---------------------------------------------------------------- tables of the step

_OWN = MetaData()
_D: Any = Dossier.__table__
_P: Any = Suspension.__table__
_S: Any = RateSummary.__table__


def _passing(name: str, *columns: Any) -> Table:
    """A table that only this connection sees, empty again after the step."""
    return Table(name, _OWN, *columns, prefixes=["TEMPORARY"], postgresql_on_commit="DELETE ROWS")


def _dossiers(name: str) -> Table:
    columns = (Column(each, _D.c[each].type) for each in COUNTED_BY)
    return _passing(name, Column("id", BigInteger, primary_key=True), *columns)


def _suspensions(name: str) -> Table:
    columns = [Column(each, _P.c[each].type) for each in PAUSE]
    return _passing(name, *columns, Index(f"ix_{name}", "dossier_id"))


_BEFORE = Counted(_dossiers("counted_before"), _suspensions("paused_before"), is_few=True)
_AFTER = Counted(_dossiers("counted_after"), _suspensions("paused_after"), is_few=True)
_DELTA = _passing(
    "rate_delta", *(Column(each.name, each.type, primary_key=each.primary_key) for each in _S.columns)
)


def _empty(connection: Connection) -> None:
    for table in _OWN.sorted_tables:
        connection.execute(CreateTable(table, if_not_exists=True))
        for index in table.indexes:
            connection.execute(CreateIndex(index, if_not_exists=True))
        connection.execute(delete(table))


# ---------------------------------------------------------------- adding


def _add(session: Session, change: _Change, fill: Fill, now: int) -> bool:
    """Is the change in the tables now? Not where nothing was counted yet, or where they cannot tell of it."""
    standing = rate_summary.standing(session, to_change=True)
    if standing is None:
        return False
    if not change.otherwise and not change.added:
        return True
    _empty(session.connection())
    _write_images(session, change, fill)
    moment = max(now, standing.holds_from)
    if _tells_of_later(session, moment):
        return False
    # What "now" holds was counted today, or else it is to be counted anyway.
    holds = moment < standing.holds_until
    before, after = (_tallies(session, change, standing, moment, of) for of in (_BEFORE, _AFTER))
    _write_delta(session, fill, before, after, holds=holds)
    until = standing_until(session, moment, standing.holds_until, _AFTER)
    if holds:
        rate_summary.keep_standing(session, _at(moment), _at(until))
    else:
        rate_summary.keep_standing(session, _at(standing.holds_from), _at(standing.holds_until))
    _empty(session.connection())
    return True


def _at(instant: int) -> datetime:
    return datetime.fromtimestamp(instant, VN)


def _write_images(session: Session, change: _Change, fill: Fill) -> None:
    """How the dossiers stood and how they stand, with their suspensions."""
    names = ("id", *COUNTED_BY)
    columns = [_D.c[each] for each in names]
    before, after = _BEFORE.dossiers, _AFTER.dossiers
    known = [each for each in sorted(change.otherwise) if each in change.before]
    fill(before.name, names, [(each, *change.before[each]) for each in known])
    for ids in _slices(sorted(change.otherwise)):
        session.execute(insert(after).from_select(names, select(*columns).where(_D.c.id.in_(ids))))
    # Those of which only suspensions are told stand as they stood.
    same = select(*after.c).where(after.c.id.not_in(select(before.c.id)))
    session.execute(insert(before).from_select(names, same))
    for ids in change.added:
        chosen = select(*columns).where(_D.c.id.between(ids[0], ids[-1]))
        session.execute(insert(after).from_select(names, chosen))
    paused = [_P.c[each] for each in PAUSE]
    of_those = select(*paused).where(_P.c.dossier_id.in_(select(after.c.id)))
    session.execute(insert(_AFTER.suspensions).from_select(PAUSE, of_those))
    told = ((each, *pause) for each, pauses in change.pauses.items() for pause in pauses)
    fill(_BEFORE.suspensions.name, PAUSE, list(told))
    others = sorted(set(change.otherwise) - change.pauses.keys())
    for ids in _slices(others):
        kept = select(*_AFTER.suspensions.c).where(_AFTER.suspensions.c.dossier_id.in_(ids))
        session.execute(insert(_BEFORE.suspensions).from_select(PAUSE, kept))


def _slices(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for first in range(0, len(ids), AT_ONCE):
        yield ids[first : first + AT_ONCE]


def _tells_of_later(session: Session, moment: int) -> bool:
    """Was something counted that lies ahead? Until when its month holds is known by whole counts alone."""
    c = _BEFORE.dossiers.c
    later = or_(number(c.received_at) > moment, number(c.ended_at) > moment)
    return session.scalar(select(func.count()).where(later)) != 0


def _tallies(session: Session, change: _Change, standing: Standing, moment: int, of: Counted) -> Tallies:
    """What these dossiers are counted as in the months of the change, and now."""
    begun = opening(month_of(standing.holds_from))
    found: Tallies = {}
    for span in change.spans:
        found |= count_months(session, clipped(span, month_of(moment)), begun - 1, of)
    count_open(session, NOW, moment, found, of)
    return found


def _write_delta(session: Session, fill: Fill, before: Tallies, after: Tallies, *, holds: bool) -> None:
    """Add the difference on all grains, and of flows to the years as well."""
    rows = []
    for cell in before.keys() | after.keys():
        if cell.span == NOW and not holds:
            continue
        old, new = before.get(cell, Tally()), after.get(cell, Tally())
        counts = [new.get(name, 0) - old.get(name, 0) for name in COUNTS]
        if any(counts):
            rows.append((CELL, *cell, new.get("last_at", 0), *counts))
    if rows:
        fill(_DELTA.name, (*ROW, "last_at", *COUNTS), rows)
        rate_summary.sum_up(session, _DELTA)
        _merge(session)
        _clear_nothing(session)


def _merge(session: Session) -> None:
    names = (*ROW, "last_at", *COUNTS)
    source = select(*(_DELTA.c[each] for each in names)).where(literal(True))
    dialect: Any = postgresql if session.connection().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(_S).from_select(names, source)
    told = statement.excluded
    later = case((told.last_at > _S.c.last_at, told.last_at), else_=_S.c.last_at)
    sums = {each: _S.c[each] + told[each] for each in COUNTS}
    session.execute(statement.on_conflict_do_update(index_elements=ROW, set_={"last_at": later, **sums}))


def _clear_nothing(session: Session) -> None:
    """Groups of which nothing is left: a count of the dossiers would not tell of them."""
    touched = tuple_(*(_S.c[each] for each in ROW)).in_(select(*(_DELTA.c[each] for each in ROW)))
    session.execute(delete(_S).where(touched, *(_S.c[each] == 0 for each in COUNTS)))
