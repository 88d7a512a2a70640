"""The kinds of long work, one entry each; a worker does only what stands here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app import jobs, log_check, presenters
from app.access import CALENDAR, CATALOGUES, IMPORTERS, LOG_READERS, Role
from app.grip import Grip
from app.works import (
    alerting,
    calendar_changing,
    case_exporting,
    cause_counting,
    complying,
    drafting,
    event_logging,
    examining,
    exporting,
    finding,
    finding_exporting,
    importing,
    letter_steps,
    loading,
    mail_trying,
    mending,
    packing,
    places,
    printing,
    pulling,
    recomputing,
    reporting,
    searching,
    summing,
    watching,
)
from app.works.places import Place, nothing_more, nowhere
from tracker.types.work import WorkRow

Run = Callable[[Grip], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class WorkKind:
    """A kind of work: its name in the table, its title on the page, what does it, who may see it besides its asker.

    `run` gives the result, or has called `Grip.finish_in`. It may be begun again after a kill at any moment, so what
    it does twice has to be as if done once. `leads_to` says where its asker goes on when it is done or has failed,
    `about` what this piece is about, in a few words. `is_personal`: done in the name of its asker, who alone may try it
    again: an approval that somebody gave up is revived by nobody else. `reads_reports`: reads much and writes but its own
    file and its end, so what it reads may come from the replica. `is_long`: may take minutes where there are millions of
    dossiers, so that one of several workers leaves it to the others.
    """

    name: str
    title: str
    run: Run
    roles: frozenset[Role] = frozenset({Role.ADMIN})
    leads_to: Callable[[WorkRow], Place | None] = nowhere
    about: Callable[[WorkRow], str] = nothing_more
    is_personal: bool = False
    reads_reports: bool = False
    is_long: bool = False


def _job(row: WorkRow) -> str:
    job = jobs.JOBS.get(row.params["job"])
    return (
        f"{job.title if job else row.params['job']} · {presenters.day(date.fromisoformat(row.params['day']))}"
    )


_ALL: tuple[WorkKind, ...] = (
    WorkKind(
        "job", "Công việc theo lịch", jobs.run_job, leads_to=places.schedule_page, about=_job, is_long=True
    ),
    WorkKind(
        "examination",
        "Kiểm tra từng phần của chương trình",
        examining.examine_office,
        leads_to=places.state_page,
    ),
    WorkKind("mail_test", "Gửi thư thử", mail_trying.try_mail, leads_to=places.first_day, is_personal=True),
    WorkKind(
        "audit_verify",
        "Kiểm tra chuỗi nhật ký",
        log_check.verify_log,
        LOG_READERS,
        places.log_check,
        is_long=True,
    ),
    WorkKind(
        "ingest",
        "Nạp tệp",
        loading.ingest_files,
        leads_to=places.loaded_batch,
        about=importing.file_names,
        is_long=True,
    ),
    WorkKind("alert_round", "Xét lại hồ sơ đang mở trong ngày", alerting.run_round),
    WorkKind(
        "import_preview",
        "Xem trước khi nạp",
        importing.preview_import,
        leads_to=places.preview_page,
        about=importing.file_names,
    ),
    WorkKind(
        "load_watched",
        "Nạp tệp của thư mục theo dõi",
        watching.load_watched,
        about=watching.watched_name,
        is_long=True,
    ),
    WorkKind(
        "replay",
        "Nạp lại dòng đã sửa",
        mending.replay_rows,
        IMPORTERS,
        places.loaded_batch,
        mending.batch_or_file,
        is_long=True,
    ),
    WorkKind(
        "rejection_export",
        "Tệp Excel: dòng không dùng được",
        mending.rejection_export,
        leads_to=places.rejected_rows,
        reads_reports=True,
    ),
    WorkKind(
        "pull", "Hỏi hồ sơ của hệ thống nguồn", pulling.pull_source, about=pulling.connector_of, is_long=True
    ),
    WorkKind(
        "recompute_dues",
        "Tính lại hạn theo danh mục",
        recomputing.recompute_dues,
        CATALOGUES,
        places.catalogue,
        is_long=True,
    ),
    WorkKind("rate_summaries", "Tổng hợp số liệu theo tháng", summing.refresh_summaries),
    WorkKind("cause_counts", "Đếm nguyên nhân chậm theo tháng", cause_counting.count_causes, is_long=True),
    WorkKind("search_keys", "Làm khóa tìm kiếm hồ sơ", searching.refresh_keys, is_long=True),
    WorkKind("findings", "Tìm dấu hiệu cần giải trình", finding.look_for_findings, is_long=True),
    WorkKind("draft_letters", "Soạn thư xin lỗi", drafting.draft_letters, is_long=True),
    WorkKind(
        "letter_step",
        "Chuyển bước thư xin lỗi",
        letter_steps.take_letter_steps,
        leads_to=places.letters_moved,
        about=letter_steps.about,
        is_personal=True,
        is_long=True,
    ),
    WorkKind(
        "print_letters",
        "Tệp in thư xin lỗi",
        printing.print_letters,
        leads_to=places.printed_letters,
        is_long=True,
    ),
    WorkKind(
        "late_export",
        "Tệp Excel: hồ sơ quá hạn",
        exporting.late_export,
        leads_to=places.late_list,
        reads_reports=True,
        is_long=True,
    ),
    WorkKind(
        "case_export",
        "Tệp kiểm tra: hồ sơ quá hạn",
        case_exporting.case_export,
        leads_to=places.cases,
        reads_reports=True,
        is_long=True,
    ),
    WorkKind(
        "case_sample_export",
        "Tệp Excel: mẫu kiểm tra",
        case_exporting.case_sample,
        leads_to=places.case_sample,
        reads_reports=True,
    ),
    WorkKind(
        "finding_export",
        "Tệp: dấu hiệu cần giải trình",
        finding_exporting.finding_export,
        leads_to=places.findings,
        reads_reports=True,
        is_long=True,
    ),
    WorkKind(
        "event_log_export",
        "Tệp nhật ký sự kiện",
        event_logging.event_log_export,
        leads_to=places.causes,
        reads_reports=True,
        is_long=True,
    ),
    WorkKind(
        "intake_export",
        "Tệp Excel: tiếp nhận",
        exporting.intake_export,
        leads_to=places.intake_list,
        reads_reports=True,
        is_long=True,
    ),
    WorkKind(
        "compliance_export",
        "Tệp về việc xin lỗi",
        complying.compliance_export,
        leads_to=places.compliance,
        about=complying.file_title,
        reads_reports=True,
        is_long=True,
    ),
    WorkKind(
        "report_export",
        "Tệp báo cáo",
        reporting.report_export,
        leads_to=places.reports,
        about=reporting.report_title,
        reads_reports=True,
        is_long=True,
    ),
    WorkKind(
        "evidence_pack",
        "Gói chứng cứ",
        packing.make_evidence,
        leads_to=places.pack_register,
        about=packing.pack_period,
        reads_reports=True,
        is_long=True,
    ),
    WorkKind("clean_exports", "Xóa tệp đã xuất quá hạn giữ", exporting.clean_exports),
    WorkKind(
        "calendar_preview",
        "Xem trước thay đổi lịch",
        calendar_changing.preview_change,
        leads_to=places.asked_change,
        is_long=True,
    ),
    WorkKind(
        "calendar_propose",
        "Ghi đề nghị thay đổi lịch",
        calendar_changing.propose_change,
        CALENDAR,
        places.change,
        is_personal=True,
        is_long=True,
    ),
    WorkKind(
        "calendar_approve",
        "Áp dụng thay đổi lịch",
        calendar_changing.approve_change,
        CALENDAR,
        places.change,
        is_personal=True,
        is_long=True,
    ),
)

WORK_KINDS: Mapping[str, WorkKind] = {kind.name: kind for kind in _ALL}
