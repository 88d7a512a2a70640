"""What is open in some units now: counts by unit, officer and how it stands, and the dossiers whose date has just passed.

Counts are of `rate_queries.open_state`, the twin of `lateness.classify`; of single dossiers only ids are given here,
`classify` judges them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, case, func, literal, select, true, union_all
from sqlalchemy.orm import Session

from tracker.store.models import Dossier, Suspension
from tracker.store.rate_queries import OPEN_LATE, OPEN_NO_DUE, SUSPENDED, open_state
from tracker.store.rate_reading import summaries
from tracker.store.remembered import Mark, Remembered
from tracker.store.versions import DAY, DUE_COLUMNS, VN_OFFSET, is_accepted, local_day, number, open_branches
from tracker.types import Basis

GROUPS = Remembered(200)

_D: Any = Dossier.__table__
IS_LATE, HAS_NO_DUE, IS_SUSPENDED, DUE_TODAY, DUE_SOON, DUE_LATER = range(6)
_STATES = {OPEN_LATE: IS_LATE, OPEN_NO_DUE: HAS_NO_DUE, SUSPENDED: IS_SUSPENDED}


@dataclass(frozen=True, slots=True)
class OpenAsked:
    """Of which units (None = all), at which moment (epoch seconds), on which basis.

    `soon_until`: the last second that is soon. `by_officer`: told apart by the officer's name as the source tells it.
    """

    unit_ids: frozenset[int] | None
    as_of: int
    soon_until: int
    basis: Basis
    by_officer: bool = False


class OpenGroup(NamedTuple):
    """How many open dossiers of a unit (0: none is known) and officer stand so; `first_due`: the earliest date of them."""

    unit_id: int
    officer: str
    state: int
    dossiers: int
    first_due: int | None


def open_groups(session: Session, asked: OpenAsked) -> Sequence[OpenGroup]:
    """Everything that was accepted and is open, by unit, officer (empty unless asked for) and state.

    What the tables of counts know to stand still, a process counts once; officers, of whom they know nothing, each time.
    """
    kept = None if asked.by_officer else summaries(session)
    stamp = kept.mark_of_now(asked.as_of) if kept else None
    if stamp is None:
        return _open_groups(session, asked)
    day = (asked.as_of + VN_OFFSET) // DAY
    key = Mark((asked.unit_ids, asked.soon_until, asked.basis), (stamp, day))
    found: Sequence[OpenGroup] | None = GROUPS.get(key)
    if found is None:
        found = _open_groups(session, asked)
        GROUPS.keep(key, found)
    return found


def _open_groups(session: Session, asked: OpenAsked) -> Sequence[OpenGroup]:
    due = _D.c[DUE_COLUMNS[asked.basis]]
    state = _state(asked, due).label("state")
    officer = _D.c.officer_name if asked.by_officer else literal("")
    keys = (func.coalesce(_D.c.resolving_unit_id, 0).label("unit_id"), officer.label("officer"), state)
    branches = [
        select(*keys, number(due).label("due_at")).where(is_accepted(_D), *still_open, _of_units(asked.unit_ids))
        for still_open in open_branches(_D, asked.as_of)
    ]  # fmt: skip
    one = union_all(*branches).subquery()
    query = select(
        one.c.unit_id, one.c.officer, one.c.state, func.count(), func.min(one.c.due_at)
    ).group_by(one.c.unit_id, one.c.officer, one.c.state)  # fmt: skip
    return tuple(OpenGroup._make(row) for row in session.execute(query))


def fallen_due_ids(
    session: Session, unit_ids: frozenset[int] | None, span: tuple[int, int], basis: Basis, *, limit: int
) -> list[int]:
    """Open dossiers due from the first moment until before the second, the longest ago first; suspended ones among them."""
    due = _D.c[DUE_COLUMNS[basis]]
    query = (
        select(_D.c.id)
        .where(_D.c.ended_at.is_(None), _D.c.end_kind.is_(None), is_accepted(_D))
        .where(number(due) >= span[0], number(due) < span[1], _of_units(unit_ids))
        .order_by(due, _D.c.id)
        .limit(limit)
    )
    return list(session.scalars(query))


def _of_units(unit_ids: frozenset[int] | None) -> ColumnElement[bool]:
    return true() if unit_ids is None else _D.c.resolving_unit_id.in_(sorted(unit_ids))


def _state(asked: OpenAsked, due: ColumnElement[Any]) -> ColumnElement[int]:
    """One of the six; those in time by their date."""
    today = (asked.as_of + VN_OFFSET) // DAY
    in_time = case(
        (local_day(due) == today, DUE_TODAY), (number(due) <= asked.soon_until, DUE_SOON), else_=DUE_LATER
    )
    standing = open_state(_D, Suspension.__table__, asked.as_of, asked.basis)
    return case(_STATES, value=standing, else_=in_time)
