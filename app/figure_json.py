"""Rate tables and scores as the documents that `--json` prints and snapshots keep, each figure with its parts."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from app.commands.time_inputs import moment_text
from tracker.criteria_data import edition_values
from tracker.measures.rates import balances
from tracker.pipeline.scores import EditionScore
from tracker.types import Basis, BasisRate, RateRow, RatesAnswer, ScoreAnswer, UnitRank

COUNTS = (
    "received", "carried_over", "finished", "early", "on_time", "late", "open", "open_late", "open_no_due",
    "suspended", "withdrawn", "refused", "no_due",
)  # fmt: skip


def rates_json(answer: RatesAnswer, *, small_below: int | None = None) -> dict[str, Any]:
    """A rate table; every figure is null where nothing was known.

    `small_below`: rows say whether their denominator is smaller; None: they do not, as in what is kept, since offices may
    change that number.
    """
    return {
        "basis": answer.basis.value,
        "from": answer.start.isoformat(),
        "to": answer.end.isoformat(),
        "as_of": moment_text(answer.as_of),
        "rows": [_rate_json(row, small_below) for row in answer.rows] if answer.unknown is None else None,
        "excluded": dict(answer.excluded) if answer.unknown is None else None,
        "not_accepted": answer.excluded.get("NOT_ACCEPTED", 0) if answer.unknown is None else None,
        "unknown": answer.unknown,
    }


def _rate_json(row: RateRow, small_below: int | None) -> dict[str, Any]:
    counts = row.counts
    rate = counts.numerator / counts.finished if counts.finished else None
    return {
        **row.keys,
        **{name: getattr(counts, name) for name in COUNTS},
        "numerator": counts.numerator,
        "denominator": counts.finished,
        "rate": rate,
        "balanced": balances(counts),
        **({} if small_below is None else {"small": counts.finished < small_below}),
        "bases": bases_json(row.bases),
    }


def bases_json(bases: Mapping[Basis, BasisRate]) -> dict[str, Any]:
    """The three bases as the contract prints them."""
    return {
        basis.value: {
            "numerator": rate.numerator,
            "denominator": rate.denominator,
            "rate": rate.rate,
            "computed": rate.computed,
            "total": rate.total,
        }
        for basis, rate in bases.items()
    }


def score_json(answer: ScoreAnswer) -> dict[str, Any]:
    """Points of a criterion with all that makes them; null where they cannot be told.

    What only some editions have (why there are no points, a ranking) stands there only for them.
    """
    rate = (
        answer.numerator / answer.denominator if answer.numerator is not None and answer.denominator else None
    )
    return {
        "criterion": answer.criterion,
        "edition": answer.edition,
        "edition_name": answer.edition_name,
        "edition_verified": answer.edition_verified,
        "edition_source": answer.edition_source,
        "formula": answer.formula,
        "year": answer.year,
        "basis": answer.basis.value,
        "as_of": moment_text(answer.as_of),
        "numerator": answer.numerator,
        "denominator": answer.denominator,
        "rate": rate,
        "points": _float(answer.points),
        "max_points": _float(answer.max_points),
        "threshold": float(answer.threshold) if answer.threshold else None,
        "budget_late": answer.budget_late,
        "late": answer.late,
        "headroom": answer.headroom,
        "points_at_threshold": _float(answer.points_at_threshold),
        "bases": bases_json(answer.bases),
        "left_out": dict(answer.left_out),
        "lines": [
            {
                "unit": line.unit,
                "field": line.field,
                "numerator": line.numerator,
                "denominator": line.denominator,
                "late": line.late,
            }
            for line in answer.lines
        ],
        "unknown": answer.unknown,
        **({"counted": _days_json(*answer.part_of_year)} if answer.part_of_year else {}),
        **({"points_unknown": answer.points_unknown} if answer.points_unknown else {}),
        **({"ranking": [_rank_json(row) for row in answer.ranking]} if answer.ranking else {}),
    }


def _days_json(first: date, last: date) -> dict[str, str]:
    return {"from": first.isoformat(), "to": last.isoformat()}


def _rank_json(row: UnitRank) -> dict[str, Any]:
    return {
        "rank": row.rank,
        "unit": row.unit,
        "numerator": row.numerator,
        "denominator": row.denominator,
        "rate": row.numerator / row.denominator if row.denominator else None,
    }


def edition_json(score: EditionScore) -> dict[str, Any]:
    """An edition with its values, who entered it (null: as shipped) and the points by it (null: not valid in the year)."""
    entry = score.kept.entry
    entered = entry and {
        "asked_by": entry.new.asked_by,
        "decided_by": entry.new.decided_by,
        "at": moment_text(entry.entered_at),
        "reason": entry.new.reason,
    }
    return {
        **edition_values(score.kept.edition),
        "max_points": _float(score.kept.edition.max_points),
        "threshold": _float(score.kept.edition.threshold or None),
        "entered": entered,
        "score": score_json(score.answer) if score.answer else None,
    }


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)
