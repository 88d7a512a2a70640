"""The auditor's late dossiers and samples of them as files: a short list at once, a long one by a worker; masked by who asks."""

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app import presenters
from app.audit_query import CaseFilters, Known, read_filters, told
from app.audit_query_flags import CHOICES, flag_words, short
from app.context import AppContext
from app.grip import Grip
from app.works.exporting import View, Watch, keep_file, view_of
from tracker.pipeline.case_sampling import CaseSample, draw_cases
from tracker.pipeline.late_cases import count_cases, late_cases
from tracker.reports import late_case_list
from tracker.store import catalogue, late_case_queries
from tracker.store.session import Session
from tracker.types.late_cases import CaseQuestion, LateCase, SamplePlan, Stratum

CSV, XLSX_ENDING = ".csv", ".xlsx"
ENDINGS = (XLSX_ENDING, CSV)
# Counted no further on a page; a file of so many is beyond what a spreadsheet can be used for.
MOST_COUNTED = 10_000
STRATA: Mapping[Stratum, str] = {
    Stratum.NONE: "Không chia nhóm",
    Stratum.UNIT: "Theo đơn vị giải quyết",
    Stratum.FIELD: "Theo lĩnh vực",
    Stratum.MONTH: "Theo tháng kết thúc",
    Stratum.DAYS: "Theo số ngày quá hạn",
}


@dataclass(frozen=True, slots=True)
class CasesAsked:
    """The filters with the question that they are for a view, and the words for both."""

    chosen: CaseFilters
    question: CaseQuestion
    view: View
    unit: str

    def told(self) -> list[tuple[str, str]]:
        """What was asked, line by line."""
        flag = short(self.question.flag) if self.question.flag else ""
        return told(self.chosen, self.question, self.unit, flag)

    def title(self, what: str) -> str:
        """What a file is and of when, on one line."""
        lines = dict(self.told())
        return (
            f"{what} – {lines['Đơn vị giải quyết'] if self.unit else 'toàn bộ đơn vị'} – {lines['Tình trạng'].lower()} – "
            f"kỳ: {lines['Kỳ (ngày kết thúc)']} – căn cứ: {lines['Căn cứ tính quá hạn'].lower()} – xét tại {lines['Xét tại']}"
        )


def filters_of(session: Session, address: Mapping[str, str]) -> CaseFilters:
    """The filters of an address, held against the words of the catalogue."""
    procedure = address.get("thu-tuc", "").strip()
    codes = {procedure} if late_case_queries.has_procedure(session, procedure) else frozenset[str]()
    return read_filters(address, Known(frozenset(catalogue.fields(session).values()), codes, CHOICES))


def asked_of(context: AppContext, chosen: CaseFilters, view: View) -> CasesAsked:
    """The question of the filters for a view."""
    with context.store.read() as session:
        unit = catalogue.units(session).get(chosen.unit_id) if chosen.unit_id is not None else None
    question = chosen.question(view.now, view.unit_ids)
    return CasesAsked(chosen, question, view, unit.name if unit else "")


def masked(case: LateCase, *, names: bool) -> LateCase:
    """Names as the asker may read them; reasons are free text and may name people."""
    if names:
        return case
    applicant = presenters.name(case.applicant, visible=False)
    return replace(case, applicant=applicant, reason=presenters.free_text(case.reason, visible=False))


def all_cases(context: AppContext, asked: CasesAsked) -> Iterable[LateCase]:
    """The cases as the asker may see them, streamed."""
    cases = late_cases(context.store, context.calendars, asked.question)
    return (masked(case, names=asked.view.names) for case in cases)


def write_cases(target: Path, cases: Iterable[LateCase], asked: CasesAsked) -> int:
    """Write a list by the ending of its name; the number of rows."""
    if target.suffix == CSV:
        return late_case_list.write_csv(target, cases, flag_words)
    return late_case_list.write_xlsx(target, cases, asked.title("Hồ sơ quá hạn, ba ngày hẹn"), flag_words)


def write_sample(target: Path, drawn: CaseSample, asked: CasesAsked) -> int:
    """Write a sample with the sheet that says how it was drawn; the number of rows."""
    plan = drawn.plan
    lines = [*asked.told(), ("Chia nhóm", STRATA[plan.by]), ("Cỡ mẫu yêu cầu", presenters.number(plan.size))]
    cases = [(stratum, masked(case, names=asked.view.names)) for stratum, case in drawn.cases]
    return late_case_list.write_sample(target, cases, lines, sample=drawn.sample, words=flag_words)


def in_memory(context: AppContext, name: str, write: Any) -> bytes:
    """What `write(path)` writes; the file is gone afterwards. Below the data folder: it may hold names."""
    context.data_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".cases-", dir=context.data_dir) as folder:
        path = Path(folder) / name
        write(path)
        return path.read_bytes()


def cases_name(asked: CasesAsked, ending: str) -> str:
    """What a file of the list is called."""
    return f"kiem-tra-qua-han-{asked.question.as_of:%Y%m%d}{ending}"


def sample_name(asked: CasesAsked, plan: SamplePlan) -> str:
    """What a file of a sample is called; the seed is told in the file."""
    return f"mau-kiem-tra-{plan.size}-{asked.question.as_of:%Y%m%d}{XLSX_ENDING}"


# ---------------------------------------------------------------- by a worker


def case_export(grip: Grip) -> Mapping[str, Any]:
    """The list of the params, as its asker was allowed to see it when asking."""
    asked, ending = _asked(grip), grip.params["filters"].get("tep", XLSX_ENDING)
    context = grip.context
    grip.progress(0, None, "Đang đếm hồ sơ")
    total = count_cases(context.store, context.calendars, asked.question, cap=1_000_000).found

    def write(target: Path, watch: Watch) -> str:
        beside = target.with_suffix(ending)
        write_cases(beside, watch(all_cases(context, asked)), asked)
        beside.replace(target)
        return cases_name(asked, ending)

    return keep_file(grip, total, write)


def case_sample(grip: Grip) -> Mapping[str, Any]:
    """The sample of the params."""
    asked, context, plan = _asked(grip), grip.context, plan_of(grip.params["filters"])
    grip.progress(0, None, "Đang rút mẫu")
    drawn = draw_cases(context.store, context.calendars, asked.question, plan)

    def write(target: Path, watch: Watch) -> str:
        del watch
        write_sample(target, drawn, asked)
        return sample_name(asked, plan)

    return keep_file(grip, len(drawn.cases), write)


def _asked(grip: Grip) -> CasesAsked:
    with grip.context.store.read() as session:
        chosen = filters_of(session, grip.params["filters"])
    return asked_of(grip.context, chosen, view_of(grip.params["view"]))


def plan_of(filters: Mapping[str, str]) -> SamplePlan:
    """How a sample is drawn, from the parts of an address that were written by `plan_address`."""
    return SamplePlan(int(filters["co-mau"]), filters["hat"], Stratum(filters.get("nhom", "")))


def plan_address(plan: SamplePlan) -> dict[str, str]:
    """The plan as parts of an address."""
    return {"co-mau": str(plan.size), "hat": plan.seed, "nhom": plan.by.value}
