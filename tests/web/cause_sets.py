"""Counts of causes for the world of the page tests: one late dossier of June 2026, in three hands, told to the minute."""

from collections.abc import Iterator

from tracker.store import cause_summary
from tracker.store.cause_summary import CauseRow
from tracker.store.session import Store
from tracker.types.causes import CauseSums

MONTH = 202_606
TAX, SURVEYORS = "Chi cục Thuế khu vực Thử Nghiệm", "Đội đo đạc Thử Nghiệm Một"
REASON = "Khối lượng hồ sơ tăng cao trong kỳ"


def cause_rows(unit_id: int, field_id: int, procedure_id: int, *, times: int = 1) -> Iterator[CauseRow]:
    """A month's rows of a group with `times` late dossiers, each late by five working days."""
    group = unit_id, field_id, procedure_id

    def row(part: str, name: str, holder: int = 0, **sums: int) -> CauseRow:
        scaled = {key: value * times for key, value in sums.items()}
        return CauseRow(part, *group, name, holder, CauseSums(late=times, **scaled))

    yield row("total", "", overrun=2_400)
    yield row("known", "", in_time=2)
    yield row(
        "step:cadastre",
        SURVEYORS,
        late_held=3_360,
        late_share=1_920,
        overrun=1_440,
        overran=1,
        first=1,
        in_time=2,
        in_time_held=2_880,
    )
    yield row(
        "step:branch",
        "Chi nhánh Thử Nghiệm Một",
        unit_id,
        late_held=2_400,
        late_share=1_920,
        overrun=480,
        overran=1,
    )
    yield row("step:tax", TAX, late_held=960, late_share=960, in_time=1, in_time_held=480)
    yield row("between", "", overrun=240, overran=1)
    yield row("undivided", "rest", overrun=240, overran=1)
    yield row("pause:financial", "", late_held=1_440)
    yield row("reason", REASON)
    yield row("flow", "received>branch", late_held=120, in_time=2, in_time_held=200)
    yield row("flow", "branch>cadastre", late_held=2_400, in_time=2, in_time_held=2_000)
    yield row("flow", "cadastre>ended", late_held=3_360, in_time=2, in_time_held=2_880)


def add_causes(store: Store, unit_id: int, field_id: int, procedure_id: int, *, times: int = 1) -> None:
    """Put them into the table, as if they had just been counted: nothing is left to count."""
    with store.transaction() as session:
        cause_summary.take_off(session, cause_summary.marks(session), [])
        cause_summary.put(session, MONTH, cause_rows(unit_id, field_id, procedure_id, times=times))
