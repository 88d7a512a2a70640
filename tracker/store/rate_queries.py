"""The counts behind rates: one pass over the dossiers per period for ends, one for what is open at its end."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Session

from tracker.store.models import Field, Procedure, Telling, Unit
from tracker.store.models.dossiers import UNCOUNTED
from tracker.store.session import kept
from tracker.store.versions import (
    DAY,
    DUE_COLUMNS,
    FINISHING,
    VN_OFFSET,
    is_accepted,
    is_suspended_at,
    known_dossiers,
    known_suspensions,
    local_day,
    number,
    open_branches,
)
from tracker.types import Basis, Channel, EndKind, Level, SourceStatus

Keys = tuple[str, ...]
NEVER = 2**62  # a moment that no dossier has
UNKNOWN = Level.UNKNOWN.value
GROUPS = ("level", "unit", "unit_code", "field", "procedure", "channel")


@dataclass(frozen=True, slots=True)
class Period:
    """From the first to the last second counted, UTC epoch seconds; `label` names a month, else empty.

    `told_by`: only dossiers that this source tells of, whether its values stand or another's; None = all.
    """

    start: int
    end: int
    label: str = ""
    told_by: int | None = None


@dataclass(frozen=True, slots=True)
class EndedCounts:
    """One group's dossiers that were there in the period; per basis (early, on time, late, no due) of finished ones.

    `received_on_time`: received in the period and finished in time in it; told for whole calendar years at least.
    """

    keys: Keys
    received: int
    carried_over: int
    withdrawn: int
    refused: int
    verdicts: Mapping[Basis, tuple[int, int, int, int]]
    received_on_time: int | None


@dataclass(frozen=True, slots=True)
class OpenCounts:
    """One group's dossiers open at the period's end."""

    keys: Keys
    open: int
    late: int
    no_due: int
    suspended: int


def ended_counts(
    session: Session, period: Period, by: Sequence[str], basis: Basis, known: datetime | None
) -> list[EndedCounts]:
    """Receptions, what was carried over, and ends of one period, by group.

    The database groups by ids and small codes, one of each a dossier; names and sums are put together here.
    """
    dossiers = known_dossiers(known)
    c = dossiers.c
    ids = id_columns(dossiers, by)
    received, ended = number(c.received_at), number(c.ended_at)
    is_new = case((received >= period.start, 1), else_=0)
    code = is_new + packed_end(c, period.end)
    # Two disjoint halves, each served by its index: what ended in or after the period, and what is open to this day.
    # An as-of before the period sees nothing of what ended after it.
    halves = (
        ((ended >= min(period.start, period.end + 1),), code),
        ((c.ended_at.is_(None), c.end_kind.is_(None)), is_new),
    )
    naming = Naming(session, by)
    found: dict[Keys, _EndedTally] = {}
    for half, grouped in halves:
        query = select(*ids, func.count(), grouped.label("packed")).select_from(dossiers)
        query = query.where(is_accepted(dossiers), received <= period.end, *half, *_told(dossiers, period))
        query = query.group_by(*ids, "packed")
        for *group, count, packed in session.execute(query):
            found.setdefault(naming.keys(group), _EndedTally(basis)).add(count, packed)
    return [tally.counts(keys) for keys, tally in found.items()]


# One number says all that counts of a dossier, since grouping by one is several times faster than by five:
# received in the period (1) + 2 x how it ended + 8 x verdict on the first basis + 32 x the second + 128 x the third.
KIND_STEP, VERDICT_STEP = 2, 8
STILL_OPEN = "open"
ENDED_HOW = (STILL_OPEN, *FINISHING, EndKind.WITHDRAWN.value)
EARLY, ON_TIME, LATE, NO_DUE = range(4)


def packed_end(c: Any, until: int) -> ColumnElement[Any]:
    """How a dossier ended by a moment, and how it then stood on each basis, as one number without its lowest bit."""
    hows = ((c.end_kind == kind, n) for n, kind in enumerate(ENDED_HOW))
    code = KIND_STEP * case((number(c.ended_at) > until, 0), *hows, else_=0)
    for n, each in enumerate(Basis):
        code += VERDICT_STEP * 4**n * _verdict(c.ended_at, c[DUE_COLUMNS[each]])
    return code


def unpacked(packed: int) -> tuple[int, str, list[int]]:
    """The lowest bit, how it ended, and the verdicts in the order of the bases."""
    how = ENDED_HOW[packed // KIND_STEP % (VERDICT_STEP // KIND_STEP)]
    return packed % KIND_STEP, how, [packed // (VERDICT_STEP * 4**n) % 4 for n in range(len(Basis))]


def _verdict(end: ColumnElement[Any], due: ColumnElement[Any]) -> ColumnElement[int]:
    """Early, on time, late or without a due date, by calendar date."""
    return case(
        (due.is_(None), NO_DUE),
        (local_day(end) < local_day(due), EARLY),
        (local_day(end) == local_day(due), ON_TIME),
        else_=LATE,
    )


class _EndedTally:
    """Adds up the rows of one group."""

    def __init__(self, basis: Basis) -> None:
        self._at = list(Basis).index(basis)
        self._received = self._carried_over = self._on_time = 0
        self._kinds: Counter[str] = Counter()
        self._verdicts = [[0, 0, 0, 0] for _ in Basis]

    def add(self, count: int, packed: int) -> None:
        """`count` dossiers of one code."""
        is_new, how, verdicts = unpacked(packed)
        self._received += count * is_new
        self._carried_over += count * (1 - is_new)
        self._kinds[how] += count
        if how in FINISHING:
            for of_basis, verdict in zip(self._verdicts, verdicts, strict=True):
                of_basis[verdict] += count
            self._on_time += count * is_new * (verdicts[self._at] in (EARLY, ON_TIME))

    def counts(self, keys: Keys) -> EndedCounts:
        """The sums."""
        verdicts = {
            basis: (of[EARLY], of[ON_TIME], of[LATE], of[NO_DUE])
            for basis, of in zip(Basis, self._verdicts, strict=True)
        }
        withdrawn, refused = (self._kinds[kind.value] for kind in (EndKind.WITHDRAWN, EndKind.REFUSED))
        return EndedCounts(
            keys, self._received, self._carried_over, withdrawn, refused, verdicts, self._on_time
        )


def open_counts(
    session: Session, period: Period, by: Sequence[str], basis: Basis, known: datetime | None
) -> list[OpenCounts]:
    """What is open at the end of a period, by group; lateness there is judged at that moment, by date."""
    dossiers = known_dossiers(known)
    ids = id_columns(dossiers, by)
    state = open_state(dossiers, known_suspensions(known), period.end, basis)
    naming = Naming(session, by)
    found: dict[Keys, Counter[int]] = {}
    for still_open in open_branches(dossiers, period.end):
        query = select(*ids, state.label("state"), func.count()).select_from(dossiers)
        query = query.where(is_accepted(dossiers), *still_open, *_told(dossiers, period))
        query = query.group_by(*ids, "state")
        for *group, of_state, count in session.execute(query):
            found.setdefault(naming.keys(group), Counter())[of_state] += count
    return [
        OpenCounts(keys, n.total(), n[OPEN_LATE], n[OPEN_NO_DUE], n[SUSPENDED]) for keys, n in found.items()
    ]


IN_TIME, OPEN_LATE, OPEN_NO_DUE, SUSPENDED = range(4)


def open_state(
    dossiers: FromClause, suspensions: FromClause, moment: int, basis: Basis
) -> ColumnElement[int]:
    """How an open dossier stands at a moment: the order of `lateness.classify`. CASE stops at the first that fits."""
    due = dossiers.c[DUE_COLUMNS[basis]]
    suspended = is_suspended_at(dossiers, suspensions, moment, due)
    passed = local_day(due) < literal((moment + VN_OFFSET) // DAY)
    return case((suspended, SUSPENDED), (due.is_(None), OPEN_NO_DUE), (passed, OPEN_LATE), else_=IN_TIME)


def excluded_counts(session: Session, period: Period, known: datetime | None) -> dict[str, int]:
    """Dossiers of the period that are counted nowhere, by reason."""
    dossiers = known_dossiers(known)
    c = dossiers.c
    reason = case(
        (c.end_kind == EndKind.DELETED.value, "DELETED"),
        (c.end_kind == EndKind.NOT_ACCEPTED.value, "NOT_ACCEPTED"),
        (or_(c.status == SourceStatus.FILED.value), "NOT_ACCEPTED"),
        (_is_undated(c), "END_UNDATED"),
        else_="RECEIVED_MISSING",
    )
    first_seen = _first_seen(c)
    query = (
        select(reason, func.count())
        .select_from(dossiers)
        .where(*_uncounted(dossiers), first_seen >= period.start, first_seen <= period.end)
        .where(*_told(dossiers, period))
        .group_by(reason)
    )
    return {name: count for name, count in session.execute(query)}


def next_excluded(session: Session, period: Period) -> int | None:
    """When the next dossier that is counted nowhere comes in after a period, by its date; None: none is dated later."""
    dossiers = known_dossiers(None)
    first_seen = _first_seen(dossiers.c)
    query = select(func.min(first_seen)).select_from(dossiers)
    return session.scalar(query.where(*_uncounted(dossiers), first_seen > period.end))


def _first_seen(c: Any) -> ColumnElement[int]:
    return number(func.coalesce(c.received_at, c.filed_at, c.ended_at, c.known_from))


def _is_undated(c: Any) -> ColumnElement[bool]:
    return and_(c.end_kind.is_not(None), c.ended_at.is_(None))


def _uncounted(dossiers: FromClause) -> list[Any]:
    # The last in the very words of the index that holds these: the database takes it for no others.
    return [or_(~is_accepted(dossiers), _is_undated(dossiers.c)), text(f"({UNCOUNTED})")]


def _told(dossiers: FromClause, period: Period) -> list[ColumnElement[bool]]:
    if period.told_by is None:
        return []
    c = dossiers.c
    beside = exists().where(Telling.dossier_id == c.id, Telling.source_id == period.told_by)
    return [or_(c.source_id == period.told_by, beside)]


ID_COLUMNS = {
    "level": "resolving_unit_id",
    "unit": "resolving_unit_id",
    "unit_code": "resolving_unit_id",
    "field": "field_id",
    "procedure": "procedure_id",
    "channel": "channel",
}


def id_columns(dossiers: FromClause, by: Sequence[str]) -> list[ColumnElement[Any]]:
    """What the database groups by: ids, each once."""
    return [dossiers.c[name] for name in dict.fromkeys(ID_COLUMNS[key] for key in by)]


UNIT_NAMES = ("level", "unit", "unit_code")


def unit_names(session: Session) -> Sequence[Any]:
    """Id, level, name and code of every unit."""
    query = select(Unit.id, Unit.level, Unit.name, Unit.code)
    return kept(session, "unit names", lambda: session.execute(query).all())


class Naming:
    """Ids of a group -> its keys as people read them; nothing is ever left out for want of a name."""

    def __init__(self, session: Session, by: Sequence[str]) -> None:
        columns = list(dict.fromkeys(ID_COLUMNS[key] for key in by))
        self._parts = [(columns.index(ID_COLUMNS[key]), self._names(session, key)) for key in by]

    @cached_property
    def digest(self) -> bytes:
        """Another one where any name is another."""
        return hashlib.sha256(repr([sorted(names.items()) for _at, names in self._parts]).encode()).digest()

    @staticmethod
    def _names(session: Session, key: str) -> Mapping[Any, str]:
        if key == "channel":
            return {channel.value: channel.value for channel in Channel}
        if key in UNIT_NAMES:
            at = 1 + UNIT_NAMES.index(key)
            return {row[0]: row[at] for row in unit_names(session)}
        model = Field if key == "field" else Procedure
        query = select(model.id, model.name)
        return kept(session, ("names", key), lambda: {of: called for of, called in session.execute(query)})

    def keys(self, ids: Sequence[Any]) -> Keys:
        """The keys of a group."""
        return tuple([names.get(ids[at], UNKNOWN) for at, names in self._parts])
