"""Whether the band of a projection holds what it promises: earlier cuts, projected to a month whose end is known. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from tracker.measures.forecast import Learning, Model, TooLittle
from tracker.measures.forecast_history import Floats, History, Seen
from tracker.measures.months import after, before, closing, month_of, opening
from tracker.measures.projection import Asked, Drawn, Projection, counted, project
from tracker.measures.scoring import Denominator

CUTS = 12
ChanceOf = Callable[[Seen], Floats]


@dataclass(frozen=True, slots=True)
class Held:
    """One earlier cut: from the start of its month to the end of `until`, what the band was and what came."""

    month: int
    until: int
    low: Drawn
    middle: Drawn
    high: Drawn
    came: Drawn

    @property
    def is_held(self) -> bool:
        """Did the band hold what came? Compared as fractions, without rounding."""
        one, low, high = self.came, self.low, self.high
        above = one.numerator * low.denominator >= low.numerator * one.denominator
        return above and one.numerator * high.denominator <= high.numerator * one.denominator


def governing(learning: Learning, model: Model, *, is_on: bool, history: History) -> ChanceOf:
    """The chances that govern, for the running dossiers of a part of the history; features are of the whole."""

    def told(seen: Seen) -> Floats:
        asked = learning.landmark(seen.cut)
        chance = model.model(asked) if is_on else model.baseline(asked)
        ids = learning.history.dossier_id[asked.row]
        own = history.dossier_id[seen.row[seen.running]]
        found: Floats = chance[ids.searchsorted(own)]
        return found

    return told


def held(
    learning: Learning, history: History, as_of: int, *, is_on: bool, denominator: Denominator
) -> tuple[Held, ...]:
    """The trial at the starts of the last months. `history`: of the dossiers that count.

    Each goes to the end of its year, or of the last whole month before the trial, whichever comes first.
    """
    last_whole = before(month_of(as_of + 1))
    month, found = last_whole, []
    for _ in range(CUTS):
        made = _held(learning, history, (month, last_whole), is_on=is_on, denominator=denominator)
        if made is not None:
            found.append(made)
        month = before(month)
    return tuple(reversed(found))


def _held(
    learning: Learning, history: History, months: tuple[int, int], *, is_on: bool, denominator: Denominator
) -> Held | None:
    month, last_whole = months
    model = learning.learn(opening(month))
    if isinstance(model, TooLittle):
        return None
    december = month // 100 * 100 + 12
    until = min(december, last_whole)
    asked = Asked(opening(month), opening(month // 100 * 100 + 1), closing(until), denominator)
    so_far = counted(history, asked, asked.cut)
    told = project(history, asked, governing(learning, model, is_on=is_on, history=history), so_far)
    came = counted(history, asked, asked.end)
    return Held(month, until, told.low, told.middle, told.high, came) if came.denominator else None


@dataclass(frozen=True, slots=True)
class Point:
    """The rate of the year by the end of a month: counted (`low` and `high` None), or projected."""

    month: int
    middle: Drawn
    low: Drawn | None = None
    high: Drawn | None = None


def path(
    history: History, year: int, cut: int, chance: ChanceOf, so_far: Drawn, denominator: Denominator
) -> tuple[tuple[Point, ...], Projection]:
    """The year month by month, and its end: what was counted until the cut, and what is projected after it."""
    start, december = opening(year * 100 + 1), year * 100 + 12
    points, month, told = [], year * 100 + 1, None
    while month <= december:
        asked = Asked(cut, start, closing(month), denominator)
        if asked.end <= cut:
            points.append(Point(month, counted(history, asked, asked.end)))
        else:
            told = project(history, asked, chance, so_far)
            points.append(Point(month, told.middle, told.low, told.high))
        month = after(month)
    if told is None:  # the year is over
        told = Projection(so_far, so_far, so_far, (so_far,), so_far, 0, 0.0, 0.0)
    return tuple(points), told


def last_day(month: int) -> date:
    """The last day of a month."""
    following = after(month)
    return date.fromordinal(date(following // 100, following % 100, 1).toordinal() - 1)


# ---------------------------------------------------------------- as a document


def held_document(found: tuple[Held, ...]) -> dict[str, Any]:
    """As JSON keeps and prints it."""
    return {
        "held": sum(each.is_held for each in found),
        "n": len(found),
        "cuts": [
            {
                "month": _month(each.month),
                "until": _month(each.until),
                **{name: drawn_document(getattr(each, name)) for name in ("low", "middle", "high", "came")},
                "held": each.is_held,
            }
            for each in found
        ],
    }


def held_of(told: dict[str, Any]) -> tuple[Held, ...]:
    """The inverse."""
    return tuple(
        Held(
            _number(each["month"]),
            _number(each["until"]),
            *(drawn_of(each[name]) for name in ("low", "middle", "high", "came")),
        )
        for each in told["cuts"]
    )


def points_document(points: tuple[Point, ...]) -> list[dict[str, Any]]:
    """The months of a year as JSON."""
    return [
        {
            "month": _month(each.month),
            **drawn_document(each.middle),
            "low": None if each.low is None else drawn_document(each.low),
            "high": None if each.high is None else drawn_document(each.high),
        }
        for each in points
    ]


def points_of(told: list[dict[str, Any]]) -> tuple[Point, ...]:
    """The inverse."""
    return tuple(
        Point(
            _number(each["month"]),
            drawn_of(each),
            drawn_of(each["low"]) if each["low"] else None,
            drawn_of(each["high"]) if each["high"] else None,
        )
        for each in told
    )


def drawn_document(drawn: Drawn) -> dict[str, Any]:
    """A rate with its parts."""
    rate = drawn.numerator / drawn.denominator if drawn.denominator else None
    return {"numerator": drawn.numerator, "denominator": drawn.denominator, "rate": rate}


def drawn_of(told: dict[str, Any]) -> Drawn:
    """The inverse."""
    return Drawn(told["numerator"], told["denominator"])


def _month(month: int) -> str:
    return f"{month // 100}-{month % 100:02d}"


def _number(told: str) -> int:
    return int(told.replace("-", ""))
