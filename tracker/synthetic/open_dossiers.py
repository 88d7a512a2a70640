"""Dossiers not ended at a moment, in every state they can be in: overdue, due today, due soon, suspended, not accepted..."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.synthetic import batch as b
from tracker.synthetic import drafting, reasons, spreads
from tracker.synthetic.routes import Routes
from tracker.synthetic.workshop import Workshop

Ints = NDArray[np.int64]

_SHORTEST_LIMIT = 5  # working days; shorter ones are rarely found open
_LONGEST_OVERDUE = 60
_MIX = {
    "overdue": 0.12,
    "due_today": 0.05,
    "due_soon": 0.11,
    "suspended": 0.15,
    "not_accepted": 0.04,
    "no_due": 0.015,
}


@dataclass(frozen=True, slots=True)
class Moment:
    """Places of working days: `events` = the last day on which anything happened, `today` = the as-of day.

    On a day off `today` is the last working day too, and nothing can fall due "today".
    """

    events: int
    today: int


def open_dossiers(shop: Workshop, routes: Routes, size: int, moment: Moment) -> b.Batch:
    """`size` open dossiers, at least one of each group of `_MIX`; what is left of them is on track."""
    limit = shop.limit_days[routes.procedure]
    counted, uncounted = routes.where(limit >= _SHORTEST_LIMIT), limit < 0
    makers = {"overdue": _overdue, "due_today": _due_today, "due_soon": _due_soon}
    makers |= {"suspended": _suspended, "not_accepted": _not_accepted}
    parts = [make(shop, counted, max(1, round(size * _MIX[key])), moment) for key, make in makers.items()]
    if uncounted.any():
        parts.append(_no_due(shop, routes.where(uncounted), max(1, round(size * _MIX["no_due"])), moment))
    left = size - sum(len(part) for part in parts)
    return b.concatenated([*parts, _on_track(shop, counted, max(1, left), moment)])


def mark_open(shop: Workshop, batch: b.Batch, moment: Moment) -> None:
    """Status of open dossiers, and reasons of those whose due day has passed."""
    fresh = shop.days.places(batch.received) >= moment.events - 1
    batch.status = np.where(fresh, b.ACCEPTED, b.PROCESSING)
    overdue = (batch.due > 0) & (shop.days.places(batch.due) <= moment.events)
    batch.reason[overdue] = reasons.draw_reasons(shop.rng, shop.land[batch.procedure[overdue]])


def _due_on(shop: Workshop, batch: b.Batch, due: Ints, moment: Moment, suspended: float = 0.0) -> b.Batch:
    drafting.draft_open(shop, batch, due, suspended=suspended)
    mark_open(shop, batch, moment)
    return batch


def _overdue(shop: Workshop, routes: Routes, size: int, moment: Moment) -> b.Batch:
    late = np.minimum(spreads.late_days(shop.rng, size), _LONGEST_OVERDUE)
    return _due_on(shop, shop.begin(routes, size), moment.events + 1 - late, moment, suspended=0.15)


def _due_today(shop: Workshop, routes: Routes, size: int, moment: Moment) -> b.Batch:
    """On a day off nothing falls due today: these fall due on the next working day then."""
    return _due_on(shop, shop.begin(routes, size), np.full(size, moment.events + 1), moment)


def _due_soon(shop: Workshop, routes: Routes, size: int, moment: Moment) -> b.Batch:
    due = moment.today + shop.rng.integers(1, 3, size)
    return _due_on(shop, shop.begin(routes, size), due, moment)


def _on_track(shop: Workshop, routes: Routes, size: int, moment: Moment) -> b.Batch:
    batch = shop.begin(routes, size)
    limit = shop.limits(batch)
    ahead = np.minimum(3 + (shop.rng.random(size) * (limit - 3)).astype(np.int64), limit - 1)
    return _due_on(shop, batch, moment.events + ahead, moment)


def _suspended(shop: Workshop, routes: Routes, size: int, moment: Moment) -> b.Batch:
    """Open suspensions begun before the due date; the source shows the date as it was before."""
    rng, batch = shop.rng, shop.begin(routes, size)
    since = rng.integers(0, 30, size)
    after = rng.integers(1, 4, size)
    drafting.draft_received(shop, batch, moment.events - since - after)
    kind = np.where(rng.random(size) < 0.6, b.PAUSE_FINANCIAL, b.PAUSE_SUPPLEMENT)
    kind = np.where(rng.random(size) < 0.2, b.PAUSE_VERIFICATION, kind)
    batch.pauses[0, 0] = shop.days.at(moment.events - since, spreads.desk_seconds(rng, size))
    batch.pauses[0, 2] = kind
    status = {b.PAUSE_FINANCIAL: b.FEE, b.PAUSE_SUPPLEMENT: b.SUPPLEMENT}
    batch.status = np.array([status.get(k, b.STOPPED) for k in kind.tolist()], dtype=np.int64)
    return batch


def _not_accepted(shop: Workshop, routes: Routes, size: int, moment: Moment) -> b.Batch:
    """Filed online and not taken in: half of them the last evening, half days ago."""
    rng, batch = shop.rng, shop.begin(routes, size)
    last_evening = np.arange(size) % 2 == 0
    days_ago = shop.days.at(moment.events - rng.integers(1, 5, size), spreads.desk_seconds(rng, size))
    evening = shop.days.at(np.full(size, moment.events), spreads.evening_seconds(rng, size))
    batch.filed = np.where(last_evening, evening, days_ago)
    batch.channel[:] = b.ONLINE
    batch.status[:] = b.FILED
    return batch


def _no_due(shop: Workshop, routes: Routes, size: int, moment: Moment) -> b.Batch:
    batch = shop.begin(routes, size)
    drafting.draft_received(shop, batch, moment.events - shop.rng.integers(1, 30, size))
    mark_open(shop, batch, moment)
    batch.note[:] = reasons.WITHOUT_LIMIT
    return batch
