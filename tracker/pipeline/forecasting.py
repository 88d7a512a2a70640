"""Forecasts: which open dossiers will be late, how the year ends, and whether to believe it; made from the store, kept in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

import numpy as np

from tracker.config_data import load_step_kinds
from tracker.measures.forecast import Learning, Model, TooLittle, from_document, to_document
from tracker.measures.forecast_history import History, Ints, Worked
from tracker.measures.forecast_landmarks import STEP_KINDS
from tracker.measures.forecast_trial import Trial, too_little, trial, trial_document, trial_of
from tracker.measures.projection import Drawn, Projection
from tracker.measures.projection_trial import (
    Held,
    Point,
    drawn_document,
    drawn_of,
    governing,
    held,
    held_document,
    held_of,
    path,
    points_document,
    points_of,
)
from tracker.measures.scoring import CRITERION, Edition, FormulaKind, points, valid_days
from tracker.measures.survival import is_available
from tracker.pipeline.scores import ScoreQuestion, edition_for, score
from tracker.store import forecast_store
from tracker.store.forecast_history import HistoryAsked, read_history
from tracker.store.forecast_store import WHOLE, NewRun, Risk, Run
from tracker.store.rate_queries import unit_names
from tracker.store.session import Session, Store
from tracker.timekeeping.calendars import CalendarHistory
from tracker.timekeeping.deadline_array import local_day_array
from tracker.types import VN, ScoreAnswer

# How far back a model learns: two years hold each season twice.
LEARNS_FROM = timedelta(days=730)
# More dossiers that ended in them are read in part: a share of 600,000 is known to a thousandth.
MOST_READ = 600_000
REFIT_AFTER = timedelta(days=7)
# What the generator calls its files.
INVENTED_FILES = ("daklak-2022-", "today-province", "today-communes", "stress.")
YEAR_NOT_BEGUN = "năm ấy chưa bắt đầu tại thời điểm xét"
NO_FORMULA = "tiêu chí này xếp hạng hoặc chỉ áp dụng một phần năm, nên không có dự báo cả năm"
_VN_DAY = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class ForecastQuestion:
    """Which year, as of which moment, by which edition; what had been loaded by `known` (None = now)."""

    year: int
    as_of: datetime
    edition: str
    known: datetime | None = None
    criterion: str = CRITERION


@dataclass(frozen=True, slots=True)
class YearEnd:
    """How a year may end by an edition. Everything is None where `unknown` says why.

    `reached`: draws that reach the threshold, of all; None without one.
    """

    year: int
    edition: str
    edition_verified: bool
    threshold: Fraction
    max_points: Fraction | None
    months: tuple[Point, ...] = ()
    middle: Drawn | None = None
    low: Drawn | None = None
    high: Drawn | None = None
    points: tuple[Fraction | None, Fraction | None, Fraction | None] = (None, None, None)
    reached: tuple[int, int] | None = None
    so_far: Drawn | None = None
    open: int = 0
    late_open: float = 0.0
    to_come: float = 0.0
    held: tuple[Held, ...] = ()
    unknown: str | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """The whole answer. `risks`: chances of the open dossiers that are not late yet, the likeliest first.

    `learnt_at`: as of when the model was learnt; None where nothing could be. `read`: dossiers that it was made of, `every`: of those that
    had ended each so many-th.
    """

    as_of: datetime
    trial: Trial
    year_end: YearEnd
    risks: tuple[Risk, ...]
    is_invented: bool
    learnt_at: datetime | None
    read: int
    every: int

    @property
    def is_on(self) -> bool:
        """Are these the model's chances, not the baseline's?"""
        return self.trial.is_on


@dataclass(frozen=True, slots=True)
class _Gathered:
    """What a forecast is made of."""

    history: History
    worked: Worked
    own: History  # of the units that the edition counts
    edition: Edition
    is_invented: bool


@dataclass(frozen=True, slots=True)
class _Learnt:
    """A model with its trials; `run_id`: of the run that keeps it, 0 = none does yet."""

    model: Model | TooLittle
    trial: Trial
    held: tuple[Held, ...]
    run_id: int = 0


def forecast(store: Store, calendars: CalendarHistory, question: ForecastQuestion) -> Forecast:
    """Learn, try and tell anew; keeps nothing.

    Raises:
        UsageError: there is no such criterion or edition.
    """
    gathered = _gathered(store, calendars, question)
    learning = Learning(gathered.history, gathered.worked, with_curves=is_available())
    return _told(store, question, gathered, (learning, _learnt(learning, gathered, question)))


def new_run(
    store: Store,
    calendars: CalendarHistory,
    question: ForecastQuestion,
    *,
    now: datetime,
    is_refit: bool = False,
) -> tuple[NewRun, Forecast]:
    """The forecast of the moment as it is to be kept (`forecast_store.keep_run`): by the model of an earlier run where that is not
    older than a week, unless `is_refit`.
    """
    with store.read() as session:
        kept = None if is_refit else _kept(session, question.as_of)
    gathered = _gathered(store, calendars, question)
    learning = Learning(gathered.history, gathered.worked, with_curves=is_available())
    learnt = kept or _learnt(learning, gathered, question)
    found = _told(store, question, gathered, (learning, learnt))
    return _as_run(found, learnt, now), found


# ---------------------------------------------------------------- gathering


def _gathered(store: Store, calendars: CalendarHistory, question: ForecastQuestion) -> _Gathered:
    as_of = _epoch(question.as_of)
    asked = HistoryAsked(as_of, as_of - int(LEARNS_FROM.total_seconds()), question.known, MOST_READ)
    kinds, day = load_step_kinds(), question.as_of.astimezone(VN).date()
    with store.read() as session:
        edition = edition_for(session, _score_question(question))
        levels = {level.value for level in edition.levels}
        own = frozenset(unit_id for unit_id, level, *_ in unit_names(session) if level in levels)
        history = read_history(
            session, asked, lambda name: STEP_KINDS.index(kinds.of(name, day).value) + 1 if name else 0
        )
        is_invented = forecast_store.holds_invented(session, INVENTED_FILES)
    return _Gathered(history, _worked(calendars, question), history.of_units(own), edition, is_invented)


def _worked(calendars: CalendarHistory, question: ForecastQuestion) -> Worked:
    """Working minutes by the calendar that each unit has at the moment asked for; nothing is worked outside the loaded years."""
    known, day = calendars.at(question.known), question.as_of.astimezone(VN).date()

    def worked(units: Ints, start: Ints, end: Ints) -> Ints:
        minutes = np.zeros(len(units), dtype=np.int64)
        ids, place = np.unique(units, return_inverse=True)
        of_ids = [known.of(unit_id or None, day) for unit_id in ids.tolist()]
        for calendar in {id(each): each for each in of_ids}.values():
            mine = np.isin(place, [at for at, each in enumerate(of_ids) if each is calendar])
            first, last = calendar.row_start(0), calendar.row_start(calendar.size) - 1
            minutes[mine] = calendar.working_minutes_array(
                np.clip(start[mine], first, last), np.clip(end[mine], first, last)
            )
        return minutes

    return worked


def _kept(session: Session, as_of: datetime) -> _Learnt | None:
    """What an earlier run learnt; None where it is too old, or the library has come or gone since."""
    newest = forecast_store.newest_run(session)
    if newest is None or newest.report["learnt_at"] is None:
        return None
    age = as_of - datetime.fromisoformat(newest.report["learnt_at"])
    run_id = newest.report["model_run"] or newest.run_id
    document = forecast_store.model_of(session, run_id)
    if document is None or not timedelta() <= age <= REFIT_AFTER:
        return None
    model = from_document(document)
    if (model.curves is not None) != is_available():
        return None
    return _Learnt(model, trial_of(newest.report["backtest"]), held_of(newest.report["held"]), run_id)


def _learnt(learning: Learning, gathered: _Gathered, question: ForecastQuestion) -> _Learnt:
    as_of = _epoch(question.as_of)
    made = trial(learning, as_of, has_library=is_available())
    denominator = gathered.edition.denominator
    tried = held(learning, gathered.own, as_of, is_on=made.is_on, denominator=denominator)
    return _Learnt(learning.learn(as_of), made, tried)


# ---------------------------------------------------------------- telling


def _told(
    store: Store, question: ForecastQuestion, gathered: _Gathered, known: tuple[Learning, _Learnt]
) -> Forecast:
    learning, learnt = known
    model, is_on = learnt.model, learnt.trial.is_on
    risks: tuple[Risk, ...] = ()
    learnt_at = None
    if isinstance(model, Model):
        risks = _risks(learning, model, question, is_on=is_on)
        learnt_at = datetime.fromtimestamp(model.cut, VN)
    history = gathered.history
    end = _year_end(store, question, gathered, known)
    return Forecast(
        question.as_of, learnt.trial, end, risks, gathered.is_invented, learnt_at, len(history), history.every
    )


def _risks(learning: Learning, model: Model, question: ForecastQuestion, *, is_on: bool) -> tuple[Risk, ...]:
    asked = learning.landmark(_epoch(question.as_of))
    chance = np.rint(WHOLE * (model.model(asked) if is_on else model.baseline(asked))).astype(np.int64)
    ids, due = learning.history.dossier_id[asked.row], local_day_array(learning.history.due[asked.row])
    order = np.lexsort((ids, -chance))
    columns = (ids[order], asked.unit[order], chance[order], due[order] + _VN_DAY)
    return tuple(
        Risk(dossier_id, unit_id, told, date.fromordinal(day))
        for dossier_id, unit_id, told, day in zip(*(each.tolist() for each in columns), strict=True)
    )


def _year_end(
    store: Store, question: ForecastQuestion, gathered: _Gathered, known: tuple[Learning, _Learnt]
) -> YearEnd:
    learning, learnt = known
    edition, model = gathered.edition, learnt.model
    counted = score(store, _score_question(question))
    why = _why_unknown(question, counted, edition)
    if why is None and isinstance(model, TooLittle):
        why = too_little(model.ended, model.tried)
    if why is not None or isinstance(model, TooLittle):
        return YearEnd(
            question.year, edition.key, edition.verified, edition.threshold, edition.max_points, unknown=why,
            held=learnt.held,
        )  # fmt: skip
    chance = governing(learning, model, is_on=learnt.trial.is_on, history=gathered.own)
    so_far = Drawn(counted.numerator or 0, counted.denominator or 0)
    year = path(gathered.own, question.year, _epoch(question.as_of), chance, so_far, edition.denominator)
    return _year(question.year, edition, *year, learnt.held)


def _year(
    year: int, edition: Edition, months: tuple[Point, ...], told: Projection, tried: tuple[Held, ...]
) -> YearEnd:
    low, middle, high = (points(edition, each.numerator, each.denominator) for each in told.ends)
    threshold = edition.threshold
    reached = sum(each.numerator >= threshold * each.denominator for each in told.draws if each.denominator)
    return YearEnd(
        year, edition.key, edition.verified, threshold, edition.max_points, months,
        told.middle, told.low, told.high, (low, middle, high), (reached, len(told.draws)) if threshold else None,
        told.so_far, told.open, told.late_open, told.to_come, tried,
    )  # fmt: skip


def _why_unknown(question: ForecastQuestion, counted: ScoreAnswer, edition: Edition) -> str | None:
    if counted.unknown:
        return counted.unknown
    if question.year > question.as_of.astimezone(VN).year:
        return YEAR_NOT_BEGUN
    whole = date(question.year, 1, 1), date(question.year, 12, 31)
    if edition.formula_kind is FormulaKind.RANKING or valid_days(edition, *whole) != whole:
        return NO_FORMULA
    return None


def _score_question(question: ForecastQuestion) -> ScoreQuestion:
    return ScoreQuestion(
        question.criterion, question.year, question.as_of, question.edition, known=question.known
    )


def _epoch(moment: datetime) -> int:
    return int(moment.timestamp())


# ---------------------------------------------------------------- keeping


def _as_run(found: Forecast, learnt: _Learnt, now: datetime) -> NewRun:
    report = run_report(found, learnt.run_id)
    is_new = learnt.run_id == 0 and isinstance(learnt.model, Model)
    model = to_document(learnt.model) if is_new and isinstance(learnt.model, Model) else None
    made = found.trial
    return NewRun(now, found.as_of, made.is_on, made.why_off, found.is_invented, report, model)


def run_report(found: Forecast, model_run: int) -> dict[str, Any]:
    """A forecast as JSON keeps it; `model_run`: the run that keeps its model, 0 = its own."""
    return {
        "model_run": model_run,
        "learnt_at": found.learnt_at and found.learnt_at.isoformat(),
        "read": found.read,
        "every": found.every,
        "backtest": trial_document(found.trial),
        "held": held_document(found.year_end.held),
        "year": year_document(found.year_end),
        "n": len(found.risks),
    }


def forecast_of(run: Run) -> Forecast:
    """A forecast that was kept, without the chances of single dossiers."""
    told, learnt_at = run.report, run.report["learnt_at"]
    return Forecast(
        run.as_of,
        trial_of(told["backtest"]),
        year_of(told["year"], held_of(told["held"])),
        (),
        run.is_invented,
        datetime.fromisoformat(learnt_at) if learnt_at else None,
        told["read"],
        told["every"],
    )


def year_document(end: YearEnd) -> dict[str, Any]:
    """The end of a year as JSON keeps it; fractions as texts."""
    drawn = {name: getattr(end, name) for name in ("middle", "low", "high", "so_far")}
    return {
        "year": end.year,
        "edition": end.edition,
        "edition_verified": end.edition_verified,
        "threshold": str(end.threshold),
        "max_points": None if end.max_points is None else str(end.max_points),
        "months": points_document(end.months),
        **{name: each and drawn_document(each) for name, each in drawn.items()},
        "points": [None if each is None else str(each) for each in end.points],
        "reached": end.reached,
        "open": end.open,
        "late_open": end.late_open,
        "to_come": end.to_come,
        "unknown": end.unknown,
    }


def year_of(told: Mapping[str, Any], tried: tuple[Held, ...]) -> YearEnd:
    """The inverse."""
    low, middle, high = (None if each is None else Fraction(each) for each in told["points"])
    drawn = {name: told[name] and drawn_of(told[name]) for name in ("middle", "low", "high", "so_far")}
    return YearEnd(
        told["year"], told["edition"], told["edition_verified"], Fraction(told["threshold"]),
        None if told["max_points"] is None else Fraction(told["max_points"]),
        points_of(told["months"]), **drawn, points=(low, middle, high),
        reached=told["reached"] and (told["reached"][0], told["reached"][1]), open=told["open"],
        late_open=told["late_open"], to_come=told["to_come"], held=tried, unknown=told["unknown"],
    )  # fmt: skip
