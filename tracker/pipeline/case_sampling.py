"""A random sample of an auditor's late dossiers: the population gone through once, those drawn read again in full."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from tracker.measures.sampling import Drawn, Sample, draw
from tracker.pipeline.late_cases import TOGETHER, Judged, cases_of, judged_cases, judged_of
from tracker.store.late_case_queries import Selected
from tracker.store.session import Session, Store
from tracker.timekeeping.calendars import CalendarHistory
from tracker.types.late_cases import CaseQuestion, LateCase, SamplePlan, Stratum

# Working days late on the basis asked for: up to so many, in words.
BANDS = ((0, "chưa đủ 1 ngày"), (5, "1–5 ngày"), (10, "6–10 ngày"), (30, "11–30 ngày"))
LONGER, UNTOLD, STILL_OPEN = "trên 30 ngày", "chưa tính được số ngày", "chưa giải quyết"
NO_UNIT, NO_FIELD = "chưa rõ đơn vị", "chưa rõ lĩnh vực"
ALL = "tất cả"


@dataclass(frozen=True, slots=True)
class CaseSample:
    """What was drawn, and by which plan; each case with the stratum it stands for."""

    plan: SamplePlan
    sample: Sample
    cases: tuple[tuple[str, LateCase], ...]


def draw_cases(
    store: Store, calendars: CalendarHistory, question: CaseQuestion, plan: SamplePlan
) -> CaseSample:
    """Draw from the late dossiers of a question.

    Raises:
        UsageError: the size is smaller than the number of strata, or not positive.
    """
    with store.read() as session:
        sample = draw(_population(session, calendars, question, plan.by), plan.size, plan.seed)
        strata = {one.key.spot: one.stratum for one in sample.drawn}
        drawn = [one.key for one in sample.drawn]
        cases = tuple((strata[case.spot], case) for case in _in_full(session, calendars, question, drawn))
    return CaseSample(plan, sample, cases)


def _population(
    session: Session, calendars: CalendarHistory, question: CaseQuestion, by: Stratum
) -> Iterator[Drawn]:
    stratum_of = _STRATA[by]
    for one in judged_cases(session, calendars, question):
        selected = Selected(one.spot, " ".join(one.flags))
        yield Drawn(one.candidate.code, stratum_of(one, question), selected)


def _in_full(
    session: Session, calendars: CalendarHistory, question: CaseQuestion, drawn: list[Selected]
) -> Iterator[LateCase]:
    waiting = iter(drawn)
    while chunk := list(islice(waiting, TOGETHER)):
        yield from cases_of(session, question, judged_of(session, calendars, question, chunk))


# ---------------------------------------------------------------- strata


def _month(one: Judged, question: CaseQuestion) -> str:
    del question
    return STILL_OPEN if one.ended_at is None else f"{one.ended_at:%Y-%m}"


def _band(one: Judged, question: CaseQuestion) -> str:
    del question
    days = one.verdict.late_days
    if days is None:
        return UNTOLD
    return next((words for most, words in BANDS if days <= most), LONGER)


_STRATA: Mapping[Stratum, Callable[[Judged, CaseQuestion], str]] = {
    Stratum.NONE: lambda one, question: ALL,
    Stratum.UNIT: lambda one, question: one.candidate.unit or NO_UNIT,
    Stratum.FIELD: lambda one, question: one.candidate.field or NO_FIELD,
    Stratum.MONTH: _month,
    Stratum.DAYS: _band,
}
