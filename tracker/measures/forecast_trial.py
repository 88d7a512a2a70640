"""Whether to believe a forecast: months that it had not seen, its chances against a plain baseline and what came. Pure.

For each of the last months the model is learnt anew at the month's start and tells the dossiers open then their chances; counted are those
that were due before the moment of the trial, whatever became of them. It is on only where it beats the baseline for certain.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from tracker.measures.calibration import Bin, Interval, brier, gain, reliability, sharpness
from tracker.measures.forecast import LEAST_ENDED, Learning, TooLittle
from tracker.measures.forecast_history import Bools, Floats, Ints, outcome, seen_at
from tracker.measures.months import before, month_of, opening
from tracker.measures.survival import packed

MONTHS = 6
LEAST_TRIED = 200
NO_LIBRARY = "chưa cài thư viện thống kê statsmodels (gói tùy chọn), nên chỉ có cách tính đơn giản"


@dataclass(frozen=True, slots=True)
class MonthTrial:
    """One month of the trial: dossiers that were told a chance at its start and have been judged since; `open_still`: not due yet."""

    month: int
    count: int
    late: int
    open_still: int
    model: float
    baseline: float


@dataclass(frozen=True, slots=True)
class Trial:
    """All months together. Scores are Brier's: mean squared distance, less is better; None where nothing was tried.

    `climate`: everybody gets the late share of the months before. `difference`: the model's score less the baseline's.
    """

    months: tuple[MonthTrial, ...]
    count: int
    late: int
    model: float | None
    baseline: float | None
    climate: float | None
    difference: Interval | None
    sharpness: float | None
    reliability: tuple[Bin, ...]
    baseline_reliability: tuple[Bin, ...]
    is_on: bool
    why_off: str


@dataclass(frozen=True, slots=True)
class _Month:
    told: MonthTrial
    model: Floats
    baseline: Floats
    climate: Floats
    late: Bools
    cluster: Ints


def trial(learning: Learning, as_of: int, *, has_library: bool) -> Trial:
    """The trial on the last `MONTHS` months before a moment."""
    found, ended = [], 0
    for month in _months(as_of):
        made = _month(learning, month, as_of)
        if isinstance(made, TooLittle):
            ended = max(ended, made.ended)
        else:
            found.append(made)
    count = sum(each.told.count for each in found)
    if count < LEAST_TRIED:
        return _nothing(found, too_little(ended, count))
    return _joined(found, as_of, has_library=has_library)


def _months(as_of: int) -> list[int]:
    month, found = month_of(as_of), []
    for _ in range(MONTHS):
        found.append(month)
        month = before(month)
    return found[::-1]


def _month(learning: Learning, month: int, as_of: int) -> _Month | TooLittle:
    cut = opening(month)  # a dossier due the day before is late by then
    model = learning.learn(cut)
    if isinstance(model, TooLittle):
        return model
    asked = learning.landmark(cut)
    result = outcome(seen_at(learning.history, as_of), asked.row)
    told = np.flatnonzero(result.told)
    late = result.late[told]
    own, plain = model.model(asked)[told], model.baseline(asked)[told]
    shown = MonthTrial(
        month, len(told), int(late.sum()), len(asked) - len(told), brier(own, late), brier(plain, late)
    )
    cluster = packed(asked.unit[told], np.full(len(told), month))
    return _Month(shown, own, plain, np.full(len(told), model.climate), late, cluster)


def _joined(found: Sequence[_Month], as_of: int, *, has_library: bool) -> Trial:
    model, baseline = (
        np.concatenate([getattr(each, name) for each in found]) for name in ("model", "baseline")
    )
    climate, late = (np.concatenate([getattr(each, name) for each in found]) for name in ("climate", "late"))
    difference = gain(model, baseline, late, np.concatenate([each.cluster for each in found]), seed=as_of)
    is_on = has_library and difference.high < 0
    return Trial(
        tuple(each.told for each in found if each.told.count),
        len(late), int(late.sum()), brier(model, late), brier(baseline, late), brier(climate, late), difference,
        sharpness(model), reliability(model, late), reliability(baseline, late),
        is_on, "" if is_on else NO_LIBRARY if not has_library else _no_better(difference),
    )  # fmt: skip


def _nothing(found: Sequence[_Month], why: str) -> Trial:
    months = tuple(each.told for each in found if each.told.count)
    count, late = sum(each.count for each in months), sum(each.late for each in months)
    return Trial(months, count, late, None, None, None, None, None, (), (), False, why)


def too_little(ended: int, count: int) -> str:
    """Why nothing can be told of so short a history, with its numbers."""
    grouped = f"{count:,}".replace(",", "."), f"{ended:,}".replace(",", ".")
    return (
        f"lịch sử chưa đủ: chỉ thử được trên {grouped[0]} hồ sơ (cần {LEAST_TRIED});"
        f" trước các tháng thử có {grouped[1]} hồ sơ đã xong (cần {LEAST_ENDED} ở ít nhất một tháng)"
    )


def _no_better(difference: Interval) -> str:
    if difference.low > 0:
        return "trên các tháng kiểm nghiệm, mô hình đoán kém hơn cách tính đơn giản"
    return "trên các tháng kiểm nghiệm, chưa thể nói chắc là mô hình đoán tốt hơn cách tính đơn giản"


# ---------------------------------------------------------------- as a document


def trial_document(found: Trial) -> dict[str, Any]:
    """As JSON keeps and prints it."""
    gained = found.difference
    return {
        "n": found.count,
        "late": found.late,
        "brier": found.model,
        "brier_baseline": found.baseline,
        "brier_climatology": found.climate,
        "difference": None
        if gained is None
        else {"value": gained.value, "low": gained.low, "high": gained.high},
        "sharpness": found.sharpness,
        "is_on": found.is_on,
        "why_off": found.why_off,
        "months": [
            {
                "month": f"{each.month // 100}-{each.month % 100:02d}",
                "n": each.count,
                "late": each.late,
                "not_due_yet": each.open_still,
                "brier": each.model,
                "brier_baseline": each.baseline,
            }
            for each in found.months
        ],
        "reliability": [_bin(each) for each in found.reliability],
        "reliability_baseline": [_bin(each) for each in found.baseline_reliability],
    }


def _bin(one: Bin) -> dict[str, Any]:
    return {
        "from": float(one.low),
        "to": float(one.high),
        "n": one.count,
        "foretold": one.foretold,
        "late": one.late,
    }


def trial_of(told: dict[str, Any]) -> Trial:
    """The inverse."""
    gained = told["difference"]
    months = (
        MonthTrial(int(each["month"].replace("-", "")), each["n"], each["late"], each["not_due_yet"], each["brier"], each["brier_baseline"])
        for each in told["months"]
    )  # fmt: skip
    return Trial(
        tuple(months), told["n"], told["late"], told["brier"], told["brier_baseline"], told["brier_climatology"],
        None if gained is None else Interval(gained["value"], gained["low"], gained["high"]),
        told["sharpness"], tuple(map(_bin_of, told["reliability"])), tuple(map(_bin_of, told["reliability_baseline"])),
        told["is_on"], told["why_off"],
    )  # fmt: skip


def _bin_of(told: dict[str, Any]) -> Bin:
    low, high = (Fraction(told[name]).limit_denominator(100) for name in ("from", "to"))
    return Bin(low, high, told["n"], told["foretold"], told["late"])
