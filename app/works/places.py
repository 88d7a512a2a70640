"""Where the asker of finished work goes on: a page by its endpoint. Knows no request, so that workers can import it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tracker.types.work import WorkRow, WorkState


@dataclass(frozen=True, slots=True)
class Place:
    """A page, and what the link to it says."""

    endpoint: str
    values: Mapping[str, Any]
    words: str


# Where each kind of work that makes a file is asked for: who may not call that page any more gets its file no longer.
# A kind that is not here hands out nothing.
ASKED_AT: Mapping[str, str] = {
    "late_export": "late.export",
    "intake_export": "intake.export",
    "rejection_export": "rejected.export",
    "compliance_export": "compliance.download",
    "print_letters": "letter_papers.ask",
    "case_export": "audit_cases.export",
    "case_sample_export": "audit_cases.sample_file",
    "finding_export": "findings.export",
    "report_export": "reports.download",
    "event_log_export": "causes.event_log",
}


def nowhere(row: WorkRow) -> Place | None:
    """The page of the work says all there is."""
    del row


def nothing_more(row: WorkRow) -> str:
    """Its title says all there is."""
    del row
    return ""


def late_list(row: WorkRow) -> Place | None:
    """Back to the list that the file was made of."""
    return Place("late.late_list", row.params["filters"], "Về danh sách hồ sơ quá hạn")


def cases(row: WorkRow) -> Place | None:
    """Back to the list that the file was made of."""
    filters = {key: value for key, value in row.params["filters"].items() if key != "tep"}
    return Place("audit_cases.page", filters, "Về trang kiểm tra")


def findings(row: WorkRow) -> Place | None:
    """Back to the list that the file was made of."""
    filters = {key: value for key, value in row.params["filters"].items() if key != "tep"}
    return Place("findings.page", filters, "Về danh sách dấu hiệu")


def case_sample(row: WorkRow) -> Place | None:
    """Back to the form that the sample was drawn by."""
    return Place("audit_cases.sample", row.params["filters"], "Về trang rút mẫu")


def causes(row: WorkRow) -> Place | None:
    """Back to the page that the log was asked on."""
    filters = {key: value for key, value in row.params["filters"].items() if key not in ("theo", "tep")}
    return Place("causes.page", filters, "Về trang nguyên nhân")


def intake_list(row: WorkRow) -> Place | None:
    """Back to the list that the file was made of."""
    return Place("intake.page", row.params["filters"], "Về trang tiếp nhận")


def compliance(row: WorkRow) -> Place | None:
    """Back to the page that the file was made of."""
    return Place("compliance.page", row.params["filters"], "Về trang tuân thủ")


def reports(row: WorkRow) -> Place | None:
    """Back to the page that the report was asked on."""
    return Place("reports.page", row.params["filters"], "Về trang báo cáo")


def asked_change(row: WorkRow) -> Place | None:
    """The form with its preview; filled in again where it failed."""
    words = "Xem ảnh hưởng" if row.state is WorkState.DONE else "Về mẫu đề nghị"
    return Place("calendar.propose", {"kind": row.params["form_kind"], "viec": row.work_id}, words)


def change(row: WorkRow) -> Place | None:
    """The change that was recorded or decided."""
    change_id = row.result.get("change_id", row.params.get("change_id"))
    if change_id is None:
        return (
            asked_change(row)
            if row.params.get("form_kind")
            else Place("calendar.year", {}, "Về lịch làm việc")
        )
    return Place("calendar.change", {"change_id": change_id}, f"Xem thay đổi số {change_id}")


def catalogue(row: WorkRow) -> Place | None:
    """The page of the procedures."""
    del row
    return Place("catalogue.procedures", {}, "Về danh mục")


def schedule_page(row: WorkRow) -> Place | None:
    """The page of the jobs, where the run stands in the history."""
    del row
    return Place("jobs.page", {}, "Về lịch chạy")


def state_page(row: WorkRow) -> Place | None:
    """The page of the state of the installation, where the result is shown."""
    del row
    return Place("admin_home.health", {}, "Xem tình trạng")


def log_check(row: WorkRow) -> Place | None:
    """What came of a check of the log."""
    done = row.state is WorkState.DONE
    return Place("audit.checked", {"work_id": row.work_id}, "Xem kết quả kiểm tra") if done else None


def first_day(row: WorkRow) -> Place | None:
    """Back to the steps, where the answer stands."""
    del row
    return Place("first_day.page", {}, "Về Bắt đầu")


def preview_page(row: WorkRow) -> Place | None:
    """How the files are understood; where they could not be looked at, the upload again."""
    if row.state is WorkState.DONE:
        return Place("sources.preview", {"work_id": row.work_id}, "Xem trước khi nạp")
    return Place("sources.upload", {}, "Về trang tải tệp")


def loaded_batch(row: WorkRow) -> Place | None:
    """The batch that came of it; of what changed nothing, and of a failure, the sources."""
    batch_id = row.result.get("batch") if row.state is WorkState.DONE else None
    if batch_id is None:
        return Place("sources.page", {}, "Về trang nguồn dữ liệu")
    return Place("sources.batch", {"batch_id": batch_id}, f"Xem lô {batch_id}")


def letters_moved(row: WorkRow) -> Place | None:
    """What became of each letter; of an act that failed, the list that it was asked on."""
    if row.state is WorkState.DONE:
        return Place("letter_steps.result", {"work_id": row.work_id}, "Xem kết quả")
    return Place("letters.register", row.params["filters"], "Về danh sách thư")


def printed_letters(row: WorkRow) -> Place | None:
    """What was printed and what is left to do with it; of a print that failed, the choices again."""
    if row.state is WorkState.DONE:
        return Place("letter_papers.printed", {"work_id": row.work_id}, "Xem đã in những gì")
    return Place("letter_papers.page", row.params["filters"], "Về trang in thư")


def pack_register(row: WorkRow) -> Place | None:
    """The register, where the pack stands first."""
    del row
    return Place("packs.page", {}, "Xem sổ gói chứng cứ")


def rejected_rows(row: WorkRow) -> Place | None:
    """Back to the rows that the file was made of."""
    return Place("rejected.list", row.params["filters"], "Về dòng không dùng được")
