"""The causes of lateness that are planted in the province of 2022, so that an analysis can be held against the truth.

Who bears one is drawn with the dossiers: of each kind the holder with the most lateness in the months named here, since
another would be lost among the rest. Nothing here is meant of a real office.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.synthetic.batch import Batch
from tracker.synthetic.days import DAY, OFFSET
from tracker.synthetic.step_chains import CADASTRE, COMMUNE, DESK, TAX, Chains
from tracker.synthetic.workshop import Workshop

Ints = NDArray[np.int64]

# Kind of step, first and last month in which the dossiers end that it makes late.
PLANS = ((CADASTRE, 8, 10), (TAX, 3, 4), (COMMUNE, 5, 7), (DESK, 11, 12))
# Minutes of one dossier that count when the holder is chosen: else a single one that lay for months would decide it.
_MOST_COUNTED = 25 * 480
_NOBODY = -1


@dataclass(frozen=True, slots=True)
class Planted:
    """One planted cause: `holder` makes the dossiers late that end from `first` to `last` (year * 100 + month).

    `unit`: the one resolving unit whose dossiers these are; empty where it does it to several.
    """

    kind: str
    holder: str
    unit: str
    first: int
    last: int


class PlantedCauses:
    """The planted causes of a batch of dossiers, and which of them each dossier suffers from."""

    def __init__(self, shop: Workshop, chains: Chains, batch: Batch) -> None:
        self._shop, self._chains = shop, chains
        self._plans = [
            (kind, first, last, self._worst(batch, kind, first, last)) for kind, first, last in PLANS
        ]

    def told(self, year: int) -> tuple[Planted, ...]:
        """What is planted in a year, in the reader's terms."""
        return tuple(
            Planted(
                kind, self._holder(kind, who), self._unit(kind, who), year * 100 + first, year * 100 + last
            )
            for kind, first, last, who in self._plans
            if who != _NOBODY
        )

    def kinds(self, batch: Batch) -> list[str]:
        """The kind of step that makes each dossier late; empty where nothing is planted."""
        found = np.full(len(batch), "", dtype=object)
        months = _months(batch)
        for kind, first, last, who in self._plans:
            mine = (self._bearers(batch, kind) == who) & (who != _NOBODY)
            found[mine & (months >= first) & (months <= last) & batch.late] = kind
        return [str(kind) for kind in found]

    def _worst(self, batch: Batch, kind: str, first: int, last: int) -> int:
        months, bearers = _months(batch), self._bearers(batch, kind)
        rows = np.flatnonzero(batch.late & (months >= first) & (months <= last) & (bearers != _NOBODY))
        if not len(rows):
            return _NOBODY
        calendar = self._shop.days.calendar
        minutes = calendar.working_minutes_array(batch.due[rows] - OFFSET, batch.finished[rows] - OFFSET)
        sums = np.bincount(bearers[rows], np.minimum(minutes, _MOST_COUNTED))
        return int(sums.argmax())

    def _bearers(self, batch: Batch, kind: str) -> Ints:
        """Who would bear a cause of this kind, as a number; -1 = nobody."""
        branch = np.array([unit.kind == "branch" for unit in self._shop.catalogue.units])[batch.unit]
        own: dict[str, Callable[[], Ints]] = {
            CADASTRE: lambda: batch.unit,
            TAX: lambda: np.where(self._shop.taxed[batch.procedure], self._offices()[batch.unit], _NOBODY),
            COMMUNE: lambda: self._chains.communes(batch.address),
            DESK: lambda: batch.receiver,
        }
        return np.where(branch, own[kind](), _NOBODY)

    def _offices(self) -> Ints:
        names = [self._chains.tax_office(unit.index) for unit in self._shop.catalogue.units]
        numbers = {name: number for number, name in enumerate(dict.fromkeys(filter(None, names)))}
        return np.array([numbers.get(name, _NOBODY) for name in names], dtype=np.int64)

    def _holder(self, kind: str, who: int) -> str:
        if kind == CADASTRE:
            return self._chains.surveyors(who)
        if kind == TAX:
            return self._chains.tax_office(int(np.flatnonzero(self._offices() == who)[0]))
        return self._shop.catalogue.units[who].name

    def _unit(self, kind: str, who: int) -> str:
        return self._shop.catalogue.units[who].name if kind == CADASTRE else ""


def _months(batch: Batch) -> Ints:
    days = (batch.finished // DAY).astype("datetime64[D]")
    return days.astype("datetime64[M]").astype(np.int64) % 12 + 1
