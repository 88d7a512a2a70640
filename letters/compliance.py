"""How the duty to apologise was met: counts, rates with their fractions, medians, by unit or month. Pure.

A dossier belongs to the day on which its missed date lay. Who owes is who stands in the ledger as "owed" and whose
date has passed; what waits for a check, was waived or lies before the office's start is shown beside and in no rate.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from statistics import median

from letters.ledger import Held, LedgerState


@dataclass(frozen=True, slots=True)
class ApologyCase:
    """One dossier of the ledger. `law_day`: the last day on which its letter went out in time (Decree 61/2018 art. 19.9).

    `days`: working days from the missed date to the first delivery, negative before it, or where nothing was delivered
    to the day of judging; None where no calendar reaches that far.
    """

    unit: str
    due_on: date
    law_day: date
    held: Held
    state: LedgerState
    delivered_on: date | None = None
    days: int | None = None
    promises: int = 0
    kept: int = 0
    broken: int = 0
    open: int = 0
    is_escalated: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole; never without both."""

    numerator: int
    denominator: int

    @property
    def rate(self) -> float | None:
        """None where there is nothing to divide by."""
        return self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True, slots=True)
class Figures:
    """What a group of dossiers comes to; days are working days, None where there is nothing to take them from.

    `late` is the denominator of the first three shares. `waiting` counts what was not delivered by its ledger state.
    Promises are counted by letter: `kept_share` is of those that were judged; a promise that is neither kept, broken
    nor open was set aside, because the applicant took the dossier back.
    """

    late: int
    apologised: Share
    by_law_day: Share
    by_due_day: Share
    median_days: float | None
    undelivered: int
    median_age: float | None
    oldest_age: int | None
    waiting: Mapping[LedgerState, int]
    promises: int
    kept: int
    broken: int
    open: int
    kept_share: Share
    escalated: int
    to_check: int
    waived: int
    before_start: int


@dataclass(slots=True)
class _Sums:
    """A group on its way."""

    late: int = 0
    delivered: int = 0
    by_law_day: int = 0
    by_due_day: int = 0
    escalated: int = 0
    promises: int = 0
    kept: int = 0
    broken: int = 0
    open: int = 0
    days: list[int] = field(default_factory=list)
    ages: list[int] = field(default_factory=list)
    waiting: Counter[LedgerState] = field(default_factory=Counter)
    beside: Counter[Held] = field(default_factory=Counter)

    def add(self, found: ApologyCase, day: date) -> None:
        """Count a dossier; what is closed or not late yet counts nowhere."""
        if found.due_on >= day or found.held is Held.CLOSED:
            return
        if found.held is not Held.OWED:
            self.beside[found.held] += 1
            return
        self.late += 1
        self.escalated += found.is_escalated
        self.promises += found.promises
        self.kept += found.kept
        self.broken += found.broken
        self.open += found.open
        if found.delivered_on is None:
            self.waiting[found.state] += 1
        else:
            self.delivered += 1
            self.by_law_day += found.delivered_on <= found.law_day
            self.by_due_day += found.delivered_on <= found.due_on
        if found.days is not None:
            (self.ages if found.delivered_on is None else self.days).append(found.days)

    def join(self, other: "_Sums") -> None:
        """Take in another group."""
        for name in (
            "late",
            "delivered",
            "by_law_day",
            "by_due_day",
            "escalated",
            "promises",
            "kept",
            "broken",
            "open",
        ):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.days += other.days
        self.ages += other.ages
        self.waiting.update(other.waiting)
        self.beside.update(other.beside)

    def figures(self) -> Figures:
        """The group as it stands."""
        return Figures(
            late=self.late,
            apologised=Share(self.delivered, self.late),
            by_law_day=Share(self.by_law_day, self.late),
            by_due_day=Share(self.by_due_day, self.late),
            median_days=median(self.days) if self.days else None,
            undelivered=self.late - self.delivered,
            median_age=median(self.ages) if self.ages else None,
            oldest_age=max(self.ages, default=None),
            waiting=dict(self.waiting),
            promises=self.promises,
            kept=self.kept,
            broken=self.broken,
            open=self.open,
            kept_share=Share(self.kept, self.kept + self.broken),
            escalated=self.escalated,
            to_check=self.beside[Held.TO_CHECK],
            waived=self.beside[Held.WAIVED],
            before_start=self.beside[Held.BEFORE_START],
        )


@dataclass(frozen=True, slots=True)
class Compliance:
    """The figures of all dossiers, and of each group in the order of its name."""

    total: Figures
    groups: Mapping[str, Figures]


def of_unit(found: ApologyCase) -> str:
    """Grouped by the unit that owes."""
    return found.unit


def of_month(found: ApologyCase) -> str:
    """Grouped by the month of the missed date."""
    return f"{found.due_on:%Y-%m}"


def compliance(cases: Iterable[ApologyCase], day: date, group: Callable[[ApologyCase], str]) -> Compliance:
    """Count dossiers as of a day; only what is late by then. One pass, so that it may be a stream."""
    groups = defaultdict[str, _Sums](_Sums)
    for found in cases:
        groups[group(found)].add(found, day)
    total = _Sums()
    for each in groups.values():
        total.join(each)
    figures = {name: groups[name].figures() for name in sorted(groups)}
    return Compliance(total.figures(), {name: each for name, each in figures.items() if _is_any(each)})


def _is_any(figures: Figures) -> bool:
    return bool(figures.late or figures.to_check or figures.waived or figures.before_start)
