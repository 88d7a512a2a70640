"""Rates and scores with everything needed to check them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from tracker.types.words import Basis


@dataclass(frozen=True, slots=True)
class BasisRate:
    """On-time share on one basis; `computed` of `total` finished dossiers have a due date on it (coverage)."""

    numerator: int | None
    denominator: int | None
    computed: int | None
    total: int | None

    @property
    def rate(self) -> float | None:
        """numerator / denominator; None where nothing was finished or nothing is known."""
        return self.numerator / self.denominator if self.numerator is not None and self.denominator else None


@dataclass(frozen=True, slots=True)
class RateCounts:
    """The counts of one group in one period, as `../cli` defines them; carried_over + received = finished +
    withdrawn + no_due + open in every row."""

    received: int = 0
    carried_over: int = 0
    early: int = 0
    on_time: int = 0
    late: int = 0
    withdrawn: int = 0
    refused: int = 0
    no_due: int = 0
    open: int = 0
    open_late: int = 0
    open_no_due: int = 0
    suspended: int = 0

    @property
    def finished(self) -> int:
        """early + on time + late: the denominator."""
        return self.early + self.on_time + self.late

    @property
    def numerator(self) -> int:
        """early + on time."""
        return self.early + self.on_time


@dataclass(frozen=True, slots=True)
class RateRow:
    """One group of a rate table; `keys` are the group's names in the order asked for."""

    keys: Mapping[str, str]
    counts: RateCounts
    bases: Mapping[Basis, BasisRate]


@dataclass(frozen=True, slots=True)
class RatesAnswer:
    """A rate table with the question it answers. `unknown` says why every figure is null, if it is."""

    basis: Basis
    start: date
    end: date
    as_of: datetime
    rows: tuple[RateRow, ...]
    excluded: Mapping[str, int]
    unknown: str | None = None


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One unit's and field's part in a criterion, most late first."""

    unit: str
    field: str
    numerator: int
    denominator: int
    late: int


@dataclass(frozen=True, slots=True)
class UnitRank:
    """A unit's place by its rate, equal rates sharing one; `rank` None: its denominator is too small to be ranked."""

    unit: str
    numerator: int
    denominator: int
    rank: int | None


@dataclass(frozen=True, slots=True)
class ScoreAnswer:
    """Points of a criterion by one edition, with everything needed to check them.

    `budget_late` is how many late dossiers the threshold allows; `headroom` = budget_late - late (negative: too many);
    both None where the edition has no threshold. `points_unknown` says why points cannot be told though the rate can.
    `part_of_year`: the days that count where the edition does not hold for the whole year.
    """

    criterion: str
    edition: str
    edition_name: str
    edition_verified: bool
    formula: str
    edition_source: str
    year: int
    basis: Basis
    as_of: datetime
    numerator: int | None
    denominator: int | None
    points: Fraction | None
    max_points: Fraction | None
    threshold: Fraction
    budget_late: int | None
    late: int | None
    headroom: int | None
    points_at_threshold: Fraction | None
    bases: Mapping[Basis, BasisRate]
    lines: tuple[ScoreLine, ...]
    left_out: Mapping[str, int]
    unknown: str | None = None
    points_unknown: str | None = None
    part_of_year: tuple[date, date] | None = None
    ranking: tuple[UnitRank, ...] = ()
