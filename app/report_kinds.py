"""The reports that can be taken away, one entry each: what `dunghen report` and the page of reports offer.

A kind writes its file by the ending of the path that it is given and says how many rows it wrote; it asks nobody who is
looking: the units and the masking stand in the question.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from app import report_words
from app.access import CASE_READERS, OVERVIEW, REMEDY_READERS, UNIT_READERS, Role
from app.context import AppContext
from app.report_question import ReportQuestion
from app.works import report_cases, report_findings, report_forms, report_lists, report_responsibility

Write = Callable[[AppContext, ReportQuestion, Path], int]
Size = Callable[[AppContext, ReportQuestion], int]


def short(context: AppContext, question: ReportQuestion) -> int:
    """A report of few rows, whatever it is asked about."""
    del context, question
    return 0


@dataclass(frozen=True, slots=True)
class ReportKind:
    """A report: its key on the command line, its title, what it tells in one sentence, the endings it can be written in.

    `write` makes the file and gives the number of its rows. `size` says beforehand about how many that will be: a long
    one is made by a worker. `units`: whether one unit can be asked for. `roles`: who may take it by the page.
    """

    key: str
    title: str
    about: str
    endings: tuple[str, ...]
    write: Write
    size: Size = short
    units: bool = True
    roles: frozenset[Role] = OVERVIEW


_ALL: tuple[ReportKind, ...] = (
    ReportKind(
        "II.06a",
        "Biểu II.06a: kết quả giải quyết thủ tục hành chính theo lĩnh vực",
        "Số liệu một đơn vị (hoặc toàn tỉnh) theo lĩnh vực và cấp giải quyết, mười ba cột như biểu mẫu.",
        (".xlsx", ".docx"),
        report_forms.write_a,
    ),
    ReportKind(
        "II.06b",
        "Biểu II.06b: tổng hợp kết quả giải quyết thủ tục hành chính theo đơn vị",
        "Số liệu theo từng đơn vị trong ba khối: sở ban ngành, huyện, xã; mười ba cột như biểu mẫu.",
        (".xlsx", ".docx"),
        report_forms.write_b,
    ),
    ReportKind(
        "late-list",
        "Danh sách hồ sơ quá hạn",
        "Hồ sơ giải quyết quá hạn trong kỳ và hồ sơ còn quá hạn cuối kỳ, đủ ba ngày hẹn.",
        (".xlsx", ".csv"),
        report_lists.write_late_list,
        report_lists.late_list_size,
    ),
    ReportKind(
        "late-cases",
        "Hồ sơ quá hạn cho kiểm tra",
        "Như danh sách quá hạn, thêm số ngày quá hạn theo từng căn cứ, tạm dừng, thư, lý do, đơn vị chịu trách nhiệm, lưu ý.",
        (".xlsx", ".csv"),
        report_cases.write_late_cases,
        report_cases.late_cases_size,
        roles=CASE_READERS,
    ),
    ReportKind(
        "responsibility",
        "Phân tích trách nhiệm đối với hồ sơ quá hạn",
        "Ai giữ hồ sơ quá hạn bao lâu so với thời hạn của bước, phần quá hạn của từng bộ phận và tháng, phần không chia được.",
        (".docx", ".xlsx"),
        report_responsibility.write_responsibility,
        report_responsibility.responsibility_size,
        roles=UNIT_READERS,
    ),
    ReportKind(
        "findings",
        "Dấu hiệu cần giải trình",
        "Dời hạn, ghi lùi ngày, rút hàng loạt… trong kỳ, mỗi dấu hiệu với cặp chứng cứ và lời giải trình; không có họ tên.",
        (".xlsx", ".csv"),
        report_findings.write_findings,
        report_findings.findings_size,
        roles=CASE_READERS,
    ),
    ReportKind(
        "phu-luc-1",
        "Phụ lục I: hồ sơ đã giải quyết chậm trễ",
        "Hồ sơ giải quyết quá hạn trong kỳ, xếp theo đơn vị, đúng bảy cột của phụ lục.",
        (".xlsx",),
        report_lists.write_appendix_1,
        report_lists.appendix_1_size,
    ),
    ReportKind(
        "phu-luc-2",
        "Phụ lục II: hồ sơ đang chậm trễ",
        "Hồ sơ chưa giải quyết xong đã quá hạn cuối kỳ, xếp theo đơn vị, có cán bộ đang xử lý.",
        (".xlsx",),
        report_lists.write_appendix_2,
        report_lists.appendix_2_size,
    ),
    ReportKind(
        "intake",
        "Báo cáo tiếp nhận",
        "Kết quả tiếp nhận theo kênh nộp; danh sách hồ sơ chờ tiếp nhận, tiếp nhận trễ, bị từ chối, biến mất trước tiếp nhận.",
        (".xlsx", ".csv"),
        report_lists.write_intake,
        report_lists.intake_size,
    ),
    ReportKind(
        "remediation",
        "Báo cáo khắc phục tồn tại, hạn chế",
        "Số liệu của kỳ, tồn tại, nguyên nhân, đơn vị chịu trách nhiệm, biện pháp, thời hạn và kết quả; gửi Sở Nội vụ.",
        (".docx",),
        report_words.write_remediation,
        roles=REMEDY_READERS,
    ),
    ReportKind(
        "reform",
        "Báo cáo cải cách hành chính: phần đúng hạn",
        "Kết quả giải quyết hồ sơ, so cùng kỳ, xin lỗi, tiêu chí 3.4.1 và việc khắc phục, lời văn lấy dùng được ngay.",
        (".docx",),
        report_words.write_reform,
        report_words.reform_size,
        roles=REMEDY_READERS,
    ),
    ReportKind(
        "parindex",
        "Phiếu minh chứng tiêu chí 3.4.1",
        "Số liệu, công thức, điểm tự đánh giá của một năm, điều chưa đối chiếu và tài liệu kèm theo.",
        (".docx",),
        report_words.write_parindex,
        units=False,
        roles=REMEDY_READERS - {Role.HEAD},
    ),
)

REPORTS: Mapping[str, ReportKind] = {kind.key: kind for kind in _ALL}
