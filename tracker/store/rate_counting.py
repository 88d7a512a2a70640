"""Dossiers counted by month and group, for the months that are asked for: what the summary tables are filled with.

The same pieces of SQL as a count of one period (`rate_queries`), read by the indexes that hold only what a month needs; of a
few dossiers, kept apart as they stood before a change and after it (`tracker.store.rate_changes`), the very same counts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, Table, and_, case, func, literal, or_, select, text
from sqlalchemy.orm import Session

from tracker.measures.months import TO_THIS_DAY, Months, closing, each, month_of, opening
from tracker.store.models import Dossier, Suspension
from tracker.store.models.dossiers import LONG, LONG_SECONDS
from tracker.store.rate_queries import (
    EARLY,
    LATE,
    NO_DUE,
    ON_TIME,
    OPEN_LATE,
    OPEN_NO_DUE,
    SUSPENDED,
    open_state,
    packed_end,
    unpacked,
)
from tracker.store.versions import FINISHING, is_accepted, number
from tracker.types import Basis, EndKind

# The ending of a column's name that says on which basis it counts.
BASES = {Basis.SOURCE: "s", Basis.PROMISED: "p", Basis.DOCUMENTED: "d"}
VERDICTS = {EARLY: "early", ON_TIME: "on_time", LATE: "late", NO_DUE: "no_due"}
STATES = {OPEN_LATE: "open_late", OPEN_NO_DUE: "open_no_due", SUSPENDED: "suspended"}
NOW = 0


class Cell(NamedTuple):
    """Which month (year * 100 + month; 0 = now) and group; 0 and an empty channel where none is known."""

    span: int
    unit_id: int
    field_id: int
    procedure_id: int
    channel: str


class Tally(dict[str, int]):
    """Counts of one cell by the names of their columns."""

    def more(self, name: str, count: int) -> None:
        """Add."""
        self[name] = self.get(name, 0) + count

    def seen(self, instant: int) -> None:
        """Note that something counted here happened at this moment."""
        self["last_at"] = max(self.get("last_at", 0), instant)


Tallies = dict[Cell, Tally]


@dataclass(frozen=True)
class Counted:
    """Which dossiers are counted, and where their suspensions stand; `is_few`: they are read whole, by no index."""

    dossiers: Table
    suspensions: Table
    is_few: bool = False

    @property
    def keys(self) -> tuple[ColumnElement[Any], ...]:
        """What they are grouped by."""
        c = self.dossiers.c
        return c.resolving_unit_id, c.field_id, c.procedure_id, c.channel

    def branches(self, start: int, end: int) -> Iterator[tuple[Any, ...]]:
        """Dossiers that were received by `end` and not ended before `start`, as conditions that exclude each other.

        Each has its index, the second by its very words: what ended within a hundred days after `end`, the long ones that
        ended later, what is open.
        """
        c = self.dossiers.c
        ended, received = number(c.ended_at), number(c.received_at)
        if self.is_few:
            yield received <= end, or_(ended >= start, and_(c.ended_at.is_(None), c.end_kind.is_(None)))
            return
        border = end + LONG_SECONDS
        yield ended >= start, ended <= border, received <= end
        yield ended > border, received <= end, text(LONG)
        yield c.ended_at.is_(None), c.end_kind.is_(None), received <= end


ALL = Counted(cast(Table, Dossier.__table__), cast(Table, Suspension.__table__))


def count_months(session: Session, months: Months, standing_until: int, of: Counted = ALL) -> Tallies:
    """Everything of consecutive months; what was open at the end of a month only for months that end by `standing_until`."""
    found: Tallies = {}
    _count_ends(session, months, found, of)
    _count_receptions(session, months, found, of)
    for month in each(*months):
        if closing(month) <= standing_until:
            count_open(session, month, closing(month), found, of)
    return found


def _cell(span: int, group: Sequence[Any]) -> Cell:
    unit, field, procedure, channel = group
    return Cell(span, unit or 0, field or 0, procedure or 0, channel or "")


def month_ladder(instant: ColumnElement[int], months: Sequence[int]) -> ColumnElement[int]:
    """In which of consecutive months an instant within them lies."""
    steps = [(instant <= closing(month), month) for month in months]
    return case(*steps, else_=literal(months[-1]))


def count_rest(session: Session, moment: int) -> Tallies:
    """What comes and ends after a moment, in its month: ends that were told as a date stand at that day's closing time."""
    found: Tallies = {}
    month = month_of(moment)
    _count_ends(session, (month, month), found, ALL, since=moment + 1)
    _count_receptions(session, (month, month), found, ALL, since=moment + 1)
    return found


def _count_ends(
    session: Session, months: Months, found: Tallies, of: Counted, *, since: int | None = None
) -> None:
    c = of.dossiers.c
    ended, received = number(c.ended_at), number(c.received_at)
    listed = list(each(*months))
    start, end = since or opening(months[0]), closing(months[1])
    month = month_ladder(ended, listed).label("month")
    years = sorted({one // 100 for one in listed})
    same_year = or_(
        *(
            and_(ended >= opening(year * 100 + 1), ended <= closing(year * 100 + 12),
                 received >= opening(year * 100 + 1))
            for year in years
        )
    )  # fmt: skip
    packed = (case((same_year, 1), else_=0) + packed_end(c, end)).label("packed")
    query = (
        select(month, *of.keys, packed, func.count(), func.max(ended))
        .where(is_accepted(of.dossiers), ended >= start, ended <= end)
        .group_by("month", *of.keys, "packed")
    )
    for in_month, *group, code, count, last in session.execute(query):
        tally = found.setdefault(_cell(in_month, group), Tally())
        tally.seen(last)
        _add_end(tally, code, count)


def _add_end(tally: Tally, code: int, count: int) -> None:
    is_same_year, how, verdicts = unpacked(code)
    if how == EndKind.WITHDRAWN.value:
        tally.more("withdrawn", count)
    if how not in FINISHING:
        return
    if how == EndKind.REFUSED.value:
        tally.more("refused", count)
    for basis, verdict in zip(BASES.values(), verdicts, strict=True):
        tally.more(f"{VERDICTS[verdict]}_{basis}", count)
        if is_same_year and verdict in (EARLY, ON_TIME):
            tally.more(f"same_year_{basis}", count)


def _count_receptions(
    session: Session, months: Months, found: Tallies, of: Counted, *, since: int | None = None
) -> None:
    received = number(of.dossiers.c.received_at)
    start, end = since or opening(months[0]), closing(months[1])
    month = month_ladder(received, list(each(*months))).label("month")
    for branch in of.branches(start, end):
        query = (
            select(month, *of.keys, func.count(), func.max(received))
            .where(is_accepted(of.dossiers), received >= start, *branch)
            .group_by("month", *of.keys)
        )
        for in_month, *group, count, last in session.execute(query):
            tally = found.setdefault(_cell(in_month, group), Tally())
            tally.seen(last)
            tally.more("received", count)


def count_open(session: Session, span: int, moment: int, found: Tallies, of: Counted = ALL) -> None:
    """What is open at a moment, by how it stands on each basis then."""
    code: ColumnElement[Any] = literal(0)
    for n, basis in enumerate(BASES):
        code = code + 4**n * open_state(of.dossiers, of.suspensions, moment, basis)
    for branch in of.branches(moment + 1, moment):
        query = (
            select(*of.keys, code.label("packed"), func.count())
            .where(is_accepted(of.dossiers), *branch)
            .group_by(*of.keys, "packed")
        )
        for *group, packed, count in session.execute(query):
            tally = found.setdefault(_cell(span, group), Tally())
            tally.more("open", count)
            for n, ending in enumerate(BASES.values()):
                state = packed // 4**n % 4
                if state in STATES:
                    tally.more(f"{STATES[state]}_{ending}", count)


def standing_until(session: Session, moment: int, day_end: int, of: Counted = ALL) -> int:
    """Until when (exclusive) what is open now stays so without a new load: the day's end, or what is dated later already."""
    c = of.dossiers.c
    later = [
        select(func.min(number(c.ended_at))).where(number(c.ended_at) > moment),
        select(func.min(number(c.received_at))).where(c.ended_at.is_(None), number(c.received_at) > moment),
        *(
            select(func.min(number(column))).where(number(column) > moment)
            for column in (of.suspensions.c.start_at, of.suspensions.c.end_at)
        ),
    ]
    instants = [session.scalar(query) for query in later]
    return min([day_end, *(one for one in instants if one is not None)])


def first_month_of(session: Session) -> int | None:
    """The month of the earliest reception; None where there is no dossier."""
    earliest = session.scalar(select(func.min(number(Dossier.received_at.expression))))
    return None if earliest is None else month_of(earliest)


def clipped(months: Months, present: int) -> Months:
    """A span without an end ends now; one that lies ahead stays as it is."""
    first, last = months
    return (first, max(first, present)) if last == TO_THIS_DAY else months
