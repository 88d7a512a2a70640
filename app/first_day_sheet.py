"""The check sheet: ten late dossiers drawn at random, to be compared with the source by hand. No names stand on it."""

from dataclasses import dataclass
from datetime import datetime

from app.context import AppContext
from tracker.pipeline.case_sampling import draw_cases
from tracker.types import VN, Basis
from tracker.types.late_cases import CaseQuestion, CaseState, LateCase, SamplePlan

SHEET_SIZE = 10


@dataclass(frozen=True, slots=True)
class CheckSheet:
    """What was drawn out of how many; whoever has seed and codes can draw it again."""

    seed: str
    cases: tuple[LateCase, ...]
    population: int

    def late_days(self, case: LateCase) -> int | None:
        """Working days late by the source's due date."""
        return case.late[Basis.SOURCE].late_days


def check_sheet(context: AppContext, now: datetime, unit_ids: frozenset[int] | None) -> CheckSheet:
    """The sheet of a day: printed twice on one day it holds the same dossiers, as long as these are late."""
    seed = f"bat-dau-{now.astimezone(VN):%Y%m%d}"
    question = CaseQuestion(now, state=CaseState.OPEN, unit_ids=unit_ids)
    found = draw_cases(context.store, context.calendars, question, SamplePlan(SHEET_SIZE, seed))
    return CheckSheet(seed, tuple(case for _, case in found.cases), found.sample.population)
