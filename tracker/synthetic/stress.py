"""Any number of plain dossiers over five years and all units, written block by block in constant memory."""

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from tracker.synthetic import batch as b
from tracker.synthetic import drafting, endings, reasons, spreads
from tracker.synthetic.catalogue import old_style
from tracker.synthetic.days import DAY
from tracker.synthetic.routes import Routes, joined
from tracker.synthetic.workshop import Workshop
from tracker.synthetic.writer import Export, pools_of
from tracker.types import Level

Ints = NDArray[np.int64]

DEFAULT_ROWS = 100_000
_YEARS = 5
_BLOCK = 20_000  # rows aimed at; a block is made of whole days, so that numbers of the day stay unique
# Where departments or levels change: up to each day one set of routes, taken from the catalogue of a day within.
_ERAS = ((date(2025, 2, 28), date(2024, 1, 15)), (date(2025, 6, 30), date(2025, 4, 15)))
_LATEST = date(2026, 1, 5)
_SHARES = {Level.PROVINCE: 0.6, Level.DISTRICT: 0.17, Level.COMMUNE: 0.23}
_LATE, _SUSPENDED = 0.03, 0.03


def make_stress(seed: int, rows: int, as_of: date) -> Export:
    """The one part."""
    first = as_of - timedelta(days=365 * _YEARS)
    shop = Workshop(seed, first, as_of + timedelta(days=150), merged=False)
    merger = _ERAS[-1][0]
    prefixes = [
        old_style(unit.code) if unit.valid_to <= merger else unit.code for unit in shop.catalogue.units
    ]
    parts = iter([("stress", _blocks(shop, rows, as_of))])
    return Export(pools_of(shop, prefixes), (first, as_of - timedelta(days=1)), parts)


def _all_routes(shop: Workshop, day: date) -> Routes:
    tables = [(level, share) for level, share in _SHARES.items() if shop.catalogue.procedures_of(level, day)]
    return joined([(shop.routes(level, day), share) for level, share in tables])


def _blocks(shop: Workshop, rows: int, as_of: date) -> Iterator[b.Batch]:
    last = shop.days.place(as_of - timedelta(days=1))
    eras = [(shop.days.place(until) + 1, _all_routes(shop, day)) for until, day in _ERAS]
    eras.append((last + 1, _all_routes(shop, _LATEST)))
    done = begin = 0
    for until, routes in eras:
        for end in _ends(begin, min(until, last + 1), rows, last + 1):
            upto = rows * end // (last + 1)
            if upto > done:
                received = np.sort(shop.rng.integers(begin, end, upto - done))
                yield _block(shop, routes, received, last)
            begin, done = end, upto


def _ends(begin: int, until: int, rows: int, days: int) -> Iterator[int]:
    """Ends of spans of whole days with about `_BLOCK` rows each."""
    step = max(1, _BLOCK * days // max(rows, 1))
    while begin < until:
        begin = min(begin + step, until)
        yield begin


def _block(shop: Workshop, routes: Routes, received: Ints, last: int) -> b.Batch:
    batch = shop.begin(routes, len(received))
    drafting.draft_received(shop, batch, received)
    _suspend(shop, batch)
    _end(shop, batch, last)
    endings.explain_late(shop, batch)
    drafting.forget_first_due(shop.rng, batch)
    return b.Numbering().numbered(batch)


def _suspend(shop: Workshop, batch: b.Batch) -> None:
    """A financial duty begun the day after reception: the due date moves by its working days."""
    rng, size = shop.rng, len(batch)
    place, limit = shop.days.places(batch.received), shop.limits(batch)
    possible = (limit >= 3) & shop.by_workdays[batch.procedure]
    rows = possible & spreads.share(rng, size, _SUSPENDED)
    length = rng.integers(1, 10, size)
    start = shop.days.at(place + 1, spreads.desk_seconds(rng, size))
    end = shop.days.at(place + 1 + length, spreads.desk_seconds(rng, size))
    for column, values in enumerate((start, end, np.full(size, b.PAUSE_FINANCIAL))):
        batch.pauses[0, column] = np.where(rows, values, 0)
    batch.due = np.where(rows, shop.days.at(place + limit + length, batch.due % DAY), batch.due)


def _end(shop: Workshop, batch: b.Batch, last: int) -> None:
    """Most end by the due date, a few late; what would end after the last day is still open."""
    rng, size = shop.rng, len(batch)
    received, limit = shop.days.places(batch.received), shop.limits(batch)
    late = spreads.share(rng, size, _LATE) & (limit > 0)
    room = np.where(batch.pauses[0, 2] > 0, limit - 2, limit - 1)
    spare = np.minimum(spreads.spare_days(rng, np.maximum(limit, 0)), np.maximum(room, 0))
    due = np.where(batch.due > 0, shop.days.places(batch.due), received + rng.integers(1, 16, size))
    place = np.maximum(due + np.where(late, spreads.late_days(rng, size), -spare), received + 1)
    finished = shop.days.at(place, spreads.desk_seconds(rng, size))
    finished = np.where(limit == 0, batch.received + rng.integers(900, 5000, size), finished)
    batch.finished = np.where(place <= last, finished, 0)
    batch.status = np.where(batch.finished > 0, b.RETURNED, b.PROCESSING)
    handed = spreads.share(rng, size, 0.97)
    batch.returned = np.where(handed & (batch.finished > 0), batch.finished + 240, 0)
    batch.status[(batch.finished > 0) & ~handed] = b.DONE
    overdue = (batch.finished == 0) & (batch.due > 0) & (shop.days.places(batch.due) <= last)
    batch.reason[overdue] = reasons.draw_reasons(rng, shop.land[batch.procedure[overdue]])
    batch.pauses[0, 1][batch.pauses[0, 1] > (shop.days.numbers[last] + 1) * DAY] = 0
