"""Endings other than a result handed over: withdrawn, refused, refused at intake, and due dates set anew after they passed."""

import numpy as np
from numpy.typing import NDArray

from tracker.synthetic import batch as b
from tracker.synthetic import reasons, spreads
from tracker.synthetic.days import WorkingDays
from tracker.synthetic.workshop import Workshop

Bools = NDArray[np.bool_]

_WITHDRAWN, _REFUSED, _NOT_TAKEN_IN, _PLAIN = 0.015, 0.007, 0.008, 0.97


def explain_late(shop: Workshop, batch: b.Batch) -> None:
    """Give every dossier that ended after its due date a reason."""
    late = batch.late
    batch.reason[late] = reasons.draw_reasons(shop.rng, shop.land[batch.procedure[late]])


def extend_some(shop: Workshop, batch: b.Batch, part: float) -> None:
    """Set the due date of a part of the late dossiers anew, so that the source calls them on time."""
    late = (batch.reason > 0) & spreads.share(shop.rng, len(batch), part)
    batch.due[late] = _next_day_end(shop.days, batch)[late]
    batch.reason[late] = 0
    batch.note[late] = reasons.EXTENDED


def _next_day_end(days: WorkingDays, batch: b.Batch) -> NDArray[np.int64]:
    return days.at(days.places(batch.finished) + 1, 17 * 3600)


def end_otherwise(shop: Workshop, batch: b.Batch) -> None:
    """Let a few dossiers be withdrawn, refused after acceptance, or refused at intake."""
    drawn = spreads.weighted(shop.rng, np.array([_WITHDRAWN, _REFUSED, _NOT_TAKEN_IN, _PLAIN]), len(batch))
    drawn[batch.note > 0] = 3
    _withdraw(batch, drawn == 0)
    _refuse(batch, drawn == 1)
    _refuse_at_intake(batch, drawn == 2)


def _withdraw(batch: b.Batch, rows: Bools) -> None:
    batch.withdrawn[rows] = batch.finished[rows]
    for column in (batch.finished, batch.returned, batch.reason):
        column[rows] = 0
    batch.status[rows], batch.note[rows] = b.WITHDRAWN, reasons.TAKEN_BACK


def _refuse(batch: b.Batch, rows: Bools) -> None:
    """A refusal after acceptance is a result: it has an end and counts."""
    batch.refused[rows] = batch.finished[rows]
    batch.returned[rows] = 0
    batch.status[rows], batch.note[rows] = b.DONE, reasons.NOT_ELIGIBLE


def _refuse_at_intake(batch: b.Batch, rows: Bools) -> None:
    batch.refused[rows] = batch.received[rows]
    batch.filed[rows] = np.minimum(batch.filed, batch.received - 1200)[rows]
    for column in (batch.received, batch.first_due, batch.due, batch.finished, batch.returned, batch.reason):
        column[rows] = 0
    batch.pauses[:, :, rows] = 0
    batch.channel[rows] = b.ONLINE
    batch.status[rows], batch.note[rows] = b.REFUSED, reasons.NOT_VALID


def note_missing_limits(shop: Workshop, batch: b.Batch) -> None:
    """Say why a dossier has no due date."""
    batch.note[(batch.due == 0) & (batch.received > 0) & (shop.limits(batch) < 0)] = reasons.WITHOUT_LIMIT
