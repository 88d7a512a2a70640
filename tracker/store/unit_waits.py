"""What waits in a unit for somebody, counted: dossiers that are owed a letter by state, alerts of a reader, changes to be decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func, literal_column, select, union_all
from sqlalchemy.orm import Session

from tracker.store.alert_lists import open_count
from tracker.store.letter_register import waiting_states
from tracker.store.models import TwoPersonChange
from tracker.store.ready import Ready
from tracker.types import Basis
from tracker.types.calendars import ChangeState

LETTER, ALERT, CHANGE = "letter", "alert", "change"


@dataclass(frozen=True, slots=True)
class AlertsAsked:
    """Open alerts of which account, that it may still see (`scope`, None = all), by which basis on which day.

    Counted no further than `cap`.
    """

    account_id: int
    scope: frozenset[int] | None
    basis: Basis
    day: date
    cap: int


@dataclass(frozen=True, slots=True)
class WaitsAsked:
    """Of which units (None = all); `alerts`: whose; `decider`: the login of who may decide on changes of others; None: not asked."""

    unit_ids: frozenset[int] | None
    alerts: AlertsAsked | None = None
    decider: str | None = None


class Waits(NamedTuple):
    """Dossiers by state of the ledger, alerts, changes by kind; None: not asked for."""

    letters: Mapping[str, int]
    alerts: int | None
    changes: Mapping[str, int] | None


class _Shape(NamedTuple):
    """Which query: of all units? Whose alerts, seen how, by which basis? With changes?"""

    of_all: bool
    basis: Basis | None
    sees_all: bool
    with_changes: bool


def waits(session: Session, asked: WaitsAsked) -> Waits:
    """All of it by one question."""
    alerts = asked.alerts
    values: dict[str, Any] = {}
    if asked.unit_ids is not None:
        values["units"] = sorted(asked.unit_ids)
    if alerts is not None:
        values |= {"account_id": alerts.account_id, "day": alerts.day, "cap": alerts.cap}
        if alerts.scope is not None:
            values["scope"] = sorted(alerts.scope)
    if asked.decider is not None:
        values["decider"] = asked.decider
    shape = _Shape(
        asked.unit_ids is None, alerts.basis if alerts else None, alerts is None or alerts.scope is None,
        asked.decider is not None,
    )  # fmt: skip
    found: dict[str, dict[str, int]] = {LETTER: {}, ALERT: {}, CHANGE: {}}
    for part, name, count in _ready(shape).rows(session, values):
        found[part][name] = count
    return Waits(
        found[LETTER],
        None if alerts is None else found[ALERT].get("", 0),
        None if asked.decider is None else found[CHANGE],
    )


@cache
def _ready(shape: _Shape) -> Ready:
    parts: list[Select[Any]] = [_letters(of_all=shape.of_all)]
    if shape.basis is not None:
        parts.append(_alerts(shape, shape.basis))
    if shape.with_changes:
        parts.append(_changes())
    return Ready(union_all(*parts) if len(parts) > 1 else parts[0])


_UNITS: Any = bindparam("units", expanding=True)


def _part(name: str) -> Any:
    return literal_column(f"'{name}'").label("part")


def _letters(*, of_all: bool) -> Select[Any]:
    standing = waiting_states(None if of_all else _UNITS).subquery()
    query = select(_part(LETTER), standing.c.state.label("name"), func.count().label("count"))
    return query.select_from(standing).group_by(standing.c.state)


def _alerts(shape: _Shape, basis: Basis) -> Select[Any]:
    scope: Any = None if shape.sees_all else bindparam("scope", expanding=True)
    listed = open_count(basis, scope=scope, inside=None if shape.of_all else _UNITS).subquery()
    return select(_part(ALERT), literal_column("''").label("name"), func.count().label("count")).select_from(
        listed
    )


def _changes() -> Select[Any]:
    c = TwoPersonChange
    return (
        select(_part(CHANGE), c.kind.label("name"), func.count().label("count"))
        .where(c.state == ChangeState.PROPOSED.value, c.proposed_by != bindparam("decider"))
        .group_by(c.kind)
    )
