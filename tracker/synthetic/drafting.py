"""Dates of a batch: reception, suspensions and due dates by `tracker.timekeeping`, end and hand-over.

A preset says on which working day dossiers end (or fall due) and how late they are; the reception follows by going
back. What the rules of `tracker.timekeeping` then answer is the due date written; where it is not the one planned,
the dossier loses its suspensions, so that a dossier planned late is late and one planned in time is in time.
"""

import numpy as np
from numpy.typing import NDArray

from tracker.synthetic import batch as b
from tracker.synthetic import spreads
from tracker.synthetic.days import DAY, to_instant
from tracker.synthetic.shapes import Shape, draw_shape
from tracker.synthetic.workshop import Workshop
from tracker.types import Suspension

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_FIRST_KEPT = 0.03  # part of the dossiers whose first date the source repeats though nothing moved it


def draft_finished(
    shop: Workshop, batch: b.Batch, finish: Ints, late: Ints, *, suspended: float, horizon: Ints | int
) -> None:
    """Set all dates of dossiers that end on the working days `finish`, `late` working days after the due date (0 = not).

    `horizon`: local seconds after which nothing has happened yet (a later hand-over is left out).
    """
    limit = shop.limits(batch)
    shape = draw_shape(shop.rng, limit, shop.taxed[batch.procedure], suspended)
    shape.due[limit < 0] = shop.rng.integers(1, 16, int((limit < 0).sum()))
    spare = spreads.spare_days(shop.rng, np.maximum(limit, 0))
    _receive_backwards(shop, batch, shape, finish, late, spare)
    _finish(shop, batch, finish, late, np.minimum(spare, shape.most_spare))
    _hand_over(shop, batch, horizon)
    shop.file(batch)


def draft_open(shop: Workshop, batch: b.Batch, due: Ints, *, suspended: float) -> None:
    """Set the dates of open dossiers that fall due on the working days `due`; suspensions are closed ones."""
    shape = draw_shape(shop.rng, shop.limits(batch), shop.taxed[batch.procedure], suspended)
    wrong = _receive(shop, batch, shape, due - shape.due)
    shape.without_suspensions(wrong, shop.limits(batch))
    _receive(shop, batch, shape, due - shape.due)
    shop.file(batch)


def draft_received(shop: Workshop, batch: b.Batch, received: Ints) -> None:
    """Set reception and plain due date of dossiers taken in on the working days `received`."""
    shape = draw_shape(shop.rng, shop.limits(batch), shop.taxed[batch.procedure], 0.0)
    _receive(shop, batch, shape, received)
    shop.file(batch)


def forget_first_due(rng: np.random.Generator, batch: b.Batch) -> None:
    """Leave the first promised date empty where nothing moved it, as most sources do."""
    equal = (batch.first_due == batch.due) & ~spreads.share(rng, len(batch), _FIRST_KEPT)
    batch.first_due[equal] = 0


def _receive_backwards(
    shop: Workshop, batch: b.Batch, shape: Shape, finish: Ints, late: Ints, spare: Ints
) -> None:
    def received() -> Ints:
        return finish - shape.due - np.where(late > 0, late, -np.minimum(spare, shape.most_spare))

    wrong = _receive(shop, batch, shape, received())
    if wrong.any():
        shape.without_suspensions(wrong, shop.limits(batch))
        _receive(shop, batch, shape, received())


def _receive(shop: Workshop, batch: b.Batch, shape: Shape, place: Ints) -> Bools:
    """Reception, suspensions and due dates; answers which suspended rows fall due elsewhere than planned."""
    days = shop.days
    seconds = spreads.reception_seconds(shop.rng, batch.channel)
    in_hours = shop.limits(batch) == 0
    seconds[in_hours] = shop.rng.integers(spreads.MORNING[0], 10 * 3600, int(in_hours.sum()))
    batch.received = days.at(place, seconds)
    _stop(shop, batch, shape, place)
    batch.first_due = days.plain_due(batch.received, batch.procedure, shop.catalogue.procedures)
    batch.due = batch.first_due.copy()
    stopped = np.flatnonzero(shape.kind[0] > 0)
    for row in stopped.tolist():
        batch.due[row] = _documented(shop, batch, row)
    wrong = np.zeros(len(batch), dtype=np.bool_)
    wrong[stopped] = days.places(batch.due[stopped]) != (place + shape.due)[stopped]
    return wrong


def _stop(shop: Workshop, batch: b.Batch, shape: Shape, place: Ints) -> None:
    for slot in range(2):
        rows = shape.kind[slot] > 0
        begin, end = place + shape.start[slot], place + shape.start[slot] + shape.length[slot]
        size = len(batch)
        batch.pauses[slot, 0] = np.where(rows, shop.days.at(begin, spreads.desk_seconds(shop.rng, size)), 0)
        batch.pauses[slot, 1] = np.where(rows, shop.days.at(end, spreads.desk_seconds(shop.rng, size)), 0)
        batch.pauses[slot, 2] = np.where(rows, shape.kind[slot], 0)


def _documented(shop: Workshop, batch: b.Batch, row: int) -> int:
    slots = [batch.pauses[slot, :, row].tolist() for slot in range(2)]
    suspensions = tuple(
        Suspension(to_instant(start), to_instant(end), b.PAUSE_KINDS[kind][1])
        for start, end, kind in slots
        if kind
    )
    limit = shop.catalogue.procedures[int(batch.procedure[row])].limit
    as_of = max(end for _, end, _ in slots)
    return shop.days.documented(int(batch.received[row]), limit, suspensions, as_of)


def _finish(shop: Workshop, batch: b.Batch, finish: Ints, late: Ints, spare: Ints) -> None:
    """The end: on the day planned; by the due date itself where the limit counts calendar days; soon where hours."""
    rng, days = shop.rng, shop.days
    limit = shop.limits(batch)
    by_due = days.places(batch.due) + np.where(late > 0, late, -spare)
    earliest = days.places(batch.received) + 1
    place = np.where(
        _calendar_days(shop, batch), np.maximum(np.minimum(by_due, finish.max()), earliest), finish
    )
    batch.finished = days.at(place, spreads.desk_seconds(rng, len(batch)))
    soon = batch.received + rng.integers(900, 3600 + 1500, len(batch))
    batch.finished = np.where(limit == 0, soon, batch.finished)


def _calendar_days(shop: Workshop, batch: b.Batch) -> Bools:
    from_limit = shop.limits(batch) > 0
    plain = shop.days.places(batch.received) + shop.limits(batch)
    unmoved = batch.pauses[0, 2] == 0
    elsewhere = shop.days.places(batch.due) != plain
    return np.asarray(from_limit & unmoved & elsewhere, dtype=np.bool_)


def _hand_over(shop: Workshop, batch: b.Batch, horizon: Ints | int) -> None:
    """Most results are fetched the same day, some weeks later, a few not yet."""
    rng, size = shop.rng, len(batch)
    left = _closing(batch.finished) - batch.finished
    same_day = batch.finished + (rng.beta(1.1, 2.0, size) * left).astype(np.int64)
    later = shop.days.at(
        shop.days.places(batch.finished) + rng.geometric(0.3, size), spreads.desk_seconds(rng, size)
    )
    batch.returned = np.where(spreads.share(rng, size, 0.55), same_day, later)
    waiting = spreads.share(rng, size, 0.015) | (batch.returned > horizon) | (batch.returned < batch.finished)
    batch.returned[waiting] = 0
    batch.status = np.where(batch.returned > 0, b.RETURNED, b.DONE)


def _closing(local: Ints) -> Ints:
    """The end of the session in which a moment lies."""
    day, second = local // DAY * DAY, local % DAY
    return day + np.where(second < 11 * 3600 + 1800, 11 * 3600 + 1800, 17 * 3600)
