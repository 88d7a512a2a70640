"""A living province of two levels around an as-of day: the export made at dawn of that day, nothing in it later.

102 communes and the provincial agencies, 14 months of ended dossiers, open ones in every state, and what the merger
left behind: dossiers of Phú Yên's units and of the districts, still owed by their successors.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from tracker.errors import UsageError
from tracker.synthetic import drafting, endings, open_dossiers, reasons, spreads
from tracker.synthetic.batch import Batch, Numbering, concatenated
from tracker.synthetic.days import DAY
from tracker.synthetic.progress_steps import StepMaker, open_and_some
from tracker.synthetic.progress_writer import ProgressPart
from tracker.synthetic.routes import Routes, joined
from tracker.synthetic.step_chains import Chains
from tracker.synthetic.workshop import Workshop
from tracker.synthetic.writer import Export, pools_of
from tracker.types import Level

Ints = NDArray[np.int64]

DEFAULT_ROWS = 40_000
_FEWEST_ROWS = 200
_EARLIEST = date(2026, 3, 1)  # before, fourteen months of two-level government cannot be shown even in part
_MERGER = date(2025, 7, 1)
_OLD_DAY = date(2025, 6, 16)
_MONTHS_BACK = 14 * 21  # working days
_STEPS_KNOWN = 2 * 21  # working days: the steps of all that ended in them are told
_LONGEST = 110  # working days from reception to the due date, suspensions included
_OPEN_PART, _FORMER_PART, _PROVINCE_PART = 0.08, 0.006, 0.45


def make_today(seed: int, rows: int, as_of: date) -> Export:
    """Both parts; UsageError for a day or size that the province cannot be shown at."""
    if as_of < _EARLIEST:
        raise UsageError(f"bộ dữ liệu today cần --as-of từ ngày {_EARLIEST:%d/%m/%Y} trở đi")
    if rows < _FEWEST_ROWS:
        raise UsageError(f"bộ dữ liệu today cần ít nhất {_FEWEST_ROWS} dòng để có đủ mọi trạng thái")
    shop = Workshop(seed, date(2024, 6, 3), as_of + timedelta(days=150), merged=True)
    prefixes = [unit.code for unit in shop.catalogue.units]
    period = _MERGER, as_of - timedelta(days=1)
    told: list[Batch] = []
    moment = _moment(shop, as_of)
    since = int(shop.days.numbers[moment.events - _STEPS_KNOWN]) * DAY
    parts = _parts(shop, rows, moment, lambda batch: told.append(open_and_some(seed, batch, since)))
    return Export(pools_of(shop, prefixes), period, parts, lambda: _progress(shop, seed, moment, told))


def _progress(shop: Workshop, seed: int, moment: open_dossiers.Moment, told: list[Batch]) -> ProgressPart:
    """The steps of the open dossiers and of a part of the ended ones, up to the evening before the as-of day."""
    steps = StepMaker(shop, Chains(shop.catalogue, shop.people, merged=True), seed)
    evening = int(shop.days.numbers[moment.events]) * DAY + spreads.AFTERNOON[1]
    return ProgressPart("today-progress", told, lambda batch: steps.events(batch, evening))


def _parts(
    shop: Workshop, rows: int, moment: open_dossiers.Moment, keep: Callable[[Batch], None]
) -> Iterator[tuple[str, list[Batch]]]:
    numbering = Numbering()
    province = round(rows * _PROVINCE_PART)
    batches = {
        "today-province": _level(shop, Level.PROVINCE, province, moment, 0.06),
        "today-communes": _level(shop, Level.COMMUNE, rows - province, moment, 0.025),
    }
    for stem, batch in batches.items():
        numbered = numbering.numbered(batch)
        keep(numbered)
        yield stem, [numbered]


def _moment(shop: Workshop, as_of: date) -> open_dossiers.Moment:
    events = shop.days.place(as_of - timedelta(days=1))
    return open_dossiers.Moment(events, shop.days.place(as_of))


def _level(shop: Workshop, level: Level, size: int, moment: open_dossiers.Moment, late_part: float) -> Batch:
    routes = shop.routes(level, date(2026, 1, 5))
    former = _former(shop, _former_routes(shop, level), max(2, round(size * _FORMER_PART)), moment)
    still_open = open_dossiers.open_dossiers(shop, routes, round(size * _OPEN_PART), moment)
    ended = _ended(shop, routes, size - len(former) - len(still_open), moment, late_part)
    parts = [ended, still_open, former]
    batch = concatenated(parts)
    drafting.forget_first_due(shop.rng, batch)
    return batch


def _ended(
    shop: Workshop, routes: Routes, size: int, moment: open_dossiers.Moment, late_part: float
) -> Batch:
    era = shop.days.place(_MERGER)
    first = max(moment.events - _MONTHS_BACK, era + _LONGEST)
    days = shop.days.numbers[first : moment.events + 1]
    finish = first + spreads.weighted(shop.rng, spreads.month_weights(days), size)
    batch = shop.begin(routes, size)
    prone = shop.rng.lognormal(0.0, 0.7, len(shop.catalogue.units))[batch.unit]
    prone = prone * np.where(shop.land[batch.procedure], 1.0, 0.25)
    prone = np.where(shop.limits(batch) > 0, prone, 1e-12)
    chosen = spreads.exactly(shop.rng, prone, round(size * late_part))
    # Nobody is late by more than the time since the new units began.
    most = np.maximum(finish - era - _LONGEST, 1)
    late = np.where(chosen, np.minimum(spreads.late_days(shop.rng, size), most), 0)
    horizon = int(shop.days.numbers[moment.events] + 1) * DAY
    drafting.draft_finished(shop, batch, finish, late, suspended=0.12, horizon=horizon)
    endings.explain_late(shop, batch)
    endings.extend_some(shop, batch, 0.06)
    endings.end_otherwise(shop, batch)
    endings.note_missing_limits(shop, batch)
    return batch


def _former_routes(shop: Workshop, level: Level) -> Routes:
    """What the successors of this level owe: Phú Yên's provincial agencies, or the districts of both provinces."""
    if level is Level.PROVINCE:
        routes = shop.routes(Level.PROVINCE, _OLD_DAY)
        return _of(shop, routes, "H45")
    district = shop.routes(Level.DISTRICT, _OLD_DAY)
    return joined([(_of(shop, district, "H15"), 0.5), (_of(shop, district, "H45"), 0.5)])


def _of(shop: Workshop, routes: Routes, province: str) -> Routes:
    ours = np.array([unit.code.startswith(province) for unit in shop.catalogue.units])
    return routes.where(ours[routes.unit] & (shop.limit_days[routes.procedure] >= 5))


def _former(shop: Workshop, routes: Routes, size: int, moment: open_dossiers.Moment) -> Batch:
    """Received by a unit before the merger; half are still open, the others ended late or in time after it."""
    batch = shop.begin(routes, size)
    merger = shop.days.place(_MERGER - timedelta(days=1))
    drafting.draft_received(shop, batch, merger - shop.rng.integers(0, 60, size))
    open_dossiers.mark_open(shop, batch, moment)
    batch.note[:] = reasons.HANDED_OVER
    _end_half(shop, batch, merger)
    return batch


def _end_half(shop: Workshop, batch: Batch, merger: int) -> None:
    ended = np.arange(len(batch)) % 2 == 1
    late = shop.rng.integers(0, 50, len(batch))
    place = np.maximum(merger + 1, shop.days.places(batch.due)) + late
    finished = shop.days.at(place, spreads.desk_seconds(shop.rng, len(batch)))
    batch.finished = np.where(ended, finished, 0)
    batch.returned = np.where(ended, finished + 300, 0)
    batch.status = np.where(ended, 9, batch.status)
    batch.reason[ended] = 0
    endings.explain_late(shop, batch)
