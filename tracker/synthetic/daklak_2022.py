"""The province of 2022 with the figures of the notice of June 2023: 46,861 of 358,813 land dossiers late, 24 others.

420,000 dossiers resolved by provincial agencies, the districts' and communes' beside them, and what was carried over.
Which branch is how bad is drawn by the seed: the notice gives no figure per branch, and none is meant here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from tracker.synthetic import drafting, endings, spreads
from tracker.synthetic.batch import Batch, Numbering, concatenated
from tracker.synthetic.catalogue import old_style
from tracker.synthetic.days import DAY, day_number
from tracker.synthetic.open_dossiers import Moment, open_dossiers
from tracker.synthetic.planted_causes import PlantedCauses
from tracker.synthetic.progress_steps import StepMaker, late_and_some
from tracker.synthetic.progress_writer import ProgressPart
from tracker.synthetic.routes import Routes, is_land
from tracker.synthetic.step_chains import Chains
from tracker.synthetic.workshop import Workshop
from tracker.synthetic.writer import Export, pools_of
from tracker.types import Level

Ints = NDArray[np.int64]

YEAR = 2022
_FIRST_DAY, _LAST_DAY = date(2021, 1, 4), date(2023, 6, 30)
_PERIOD = date(YEAR, 1, 1), date(YEAR, 12, 31)
_CATALOGUE_DAY = date(2022, 1, 4)
_CLOSE = (day_number(date(YEAR, 12, 31)) + 1) * DAY
_LAND_SUSPENDED = 0.19
_OTHER_SUSPENDED = 0.14
_FEWEST_OPEN = 60


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows each file has and how many are late, exactly for the provincial ones."""

    land: int = 358_813
    land_late: int = 46_861
    other: int = 61_187
    other_late: int = 24
    district: int = 120_000
    commune: int = 150_000
    open: int = 9_000

    @property
    def rows(self) -> int:
        """All rows of the four files."""
        return self.land + self.other + self.district + self.commune + self.open

    def scaled(self, scale: float) -> "Counts":
        """The same in proportion; at least one late dossier of each kind, and open ones enough for every state."""
        least = dict.fromkeys(("land", "land_late", "other", "other_late", "district", "commune"), 1)
        least["open"] = _FEWEST_OPEN
        return Counts(**{key: max(few, round(getattr(self, key) * scale)) for key, few in least.items()})


def make_daklak_2022(seed: int, counts: Counts) -> Export:
    """The four parts."""
    shop = Workshop(seed, _FIRST_DAY, _LAST_DAY, merged=False)
    prefixes = [old_style(unit.code) for unit in shop.catalogue.units]
    told: list[Batch] = []
    parts = _parts(shop, counts, lambda batch: told.append(late_and_some(seed, batch)))
    return Export(pools_of(shop, prefixes), _PERIOD, parts, lambda: _progress(shop, seed, told))


def _progress(shop: Workshop, seed: int, told: list[Batch]) -> ProgressPart:
    chains = Chains(shop.catalogue, shop.people, merged=False)
    planted = PlantedCauses(shop, chains, concatenated(told))
    steps = StepMaker(shop, chains, seed, planted)
    return ProgressPart(f"daklak-{YEAR}-progress", told, steps.events, planted.told(YEAR))


def _parts(
    shop: Workshop, counts: Counts, keep: Callable[[Batch], None]
) -> Iterator[tuple[str, list[Batch]]]:
    numbering = Numbering()
    routes = {
        level: _of_dak_lak(shop, shop.routes(level, _CATALOGUE_DAY))
        for level in (Level.PROVINCE, Level.DISTRICT, Level.COMMUNE)
    }
    parts: dict[str, Callable[[], Batch]] = {
        "province": lambda: _province(shop, routes[Level.PROVINCE], counts),
        "district": lambda: _lower(shop, routes[Level.DISTRICT], counts.district, 0.014),
        "commune": lambda: _lower(shop, routes[Level.COMMUNE], counts.commune, 0.006),
        "open": lambda: _open(shop, routes, counts.open),
    }
    for name, make in parts.items():
        batch = numbering.numbered(make())
        if name == "province":
            keep(batch)
        yield f"daklak-{YEAR}-{name}", [batch]


def _of_dak_lak(shop: Workshop, routes: Routes) -> Routes:
    """Without the units of Phú Yên, which was another province then."""
    ours = np.array([unit.code.startswith("H15") for unit in shop.catalogue.units])
    return routes.where(ours[routes.unit])


def _province(shop: Workshop, routes: Routes, counts: Counts) -> Batch:
    land = is_land(shop.catalogue, routes)
    bad = _badness(shop)
    return concatenated(
        [
            _resolved(shop, routes.where(land), (counts.land, counts.land_late), bad, _LAND_SUSPENDED),
            _resolved(shop, routes.where(~land), (counts.other, counts.other_late), bad, _OTHER_SUSPENDED),
        ]
    )


def _badness(shop: Workshop) -> NDArray[np.float64]:
    """How prone each unit is to lateness: unequal, a few very bad."""
    return np.asarray(shop.rng.lognormal(0.0, 0.75, len(shop.catalogue.units)), dtype=np.float64)


def _resolved(
    shop: Workshop, routes: Routes, size: tuple[int, int], bad: NDArray[np.float64], suspended: float
) -> Batch:
    """`size` = (dossiers, of them late), both exact."""
    batch = shop.begin(routes, size[0])
    finish = _finish_days(shop, size[0])
    late = _lateness(shop, batch, finish, size[1], bad)
    drafting.draft_finished(shop, batch, finish, late, suspended=suspended, horizon=_CLOSE)
    endings.explain_late(shop, batch)
    drafting.forget_first_due(shop.rng, batch)
    return batch


def _finish_days(shop: Workshop, size: int) -> Ints:
    """Places of working days of the year, by season."""
    first, last = shop.days.place(date(YEAR, 1, 3)) + 1, shop.days.place(date(YEAR, 12, 31))
    return first + spreads.weighted(
        shop.rng, spreads.month_weights(shop.days.numbers[first : last + 1]), size
    )


def _lateness(shop: Workshop, batch: Batch, finish: Ints, count: int, bad: NDArray[np.float64]) -> Ints:
    """Working days late: exactly `count` dossiers, more at bad units and after busy months, none with limits in hours."""
    busy = 0.6 + 0.6 * spreads.month_weights(shop.days.numbers[finish - 15])
    possible = shop.limits(batch) > 0
    chosen = spreads.exactly(shop.rng, bad[batch.unit] * busy * np.where(possible, 1.0, 1e-12), count)
    return np.where(chosen, spreads.late_days(shop.rng, len(batch)), 0)


def _lower(shop: Workshop, routes: Routes, size: int, late_part: float) -> Batch:
    """A district's or commune's dossiers, with the endings and re-set dates that hide lateness."""
    batch = shop.begin(routes, size)
    finish = _finish_days(shop, size)
    late = _lateness(shop, batch, finish, round(size * late_part), _badness(shop))
    late = np.minimum(late, 45)
    drafting.draft_finished(shop, batch, finish, late, suspended=0.05, horizon=_CLOSE)
    endings.explain_late(shop, batch)
    endings.extend_some(shop, batch, 0.2)
    endings.end_otherwise(shop, batch)
    endings.note_missing_limits(shop, batch)
    drafting.forget_first_due(shop.rng, batch)
    return batch


def _open(shop: Workshop, routes: dict[Level, Routes], size: int) -> Batch:
    last = shop.days.place(date(YEAR, 12, 31))
    commune, district = round(size * 0.18), round(size * 0.27)
    sizes = {Level.PROVINCE: size - district - commune, Level.DISTRICT: district, Level.COMMUNE: commune}
    batch = concatenated(
        [open_dossiers(shop, routes[level], part, Moment(last, last)) for level, part in sizes.items()]
    )
    drafting.forget_first_due(shop.rng, batch)
    return batch
