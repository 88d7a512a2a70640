"""The auditor's list of late dossiers as Excel or CSV: its columns, how one case fills them, how a sample was drawn."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from tracker.measures.sampling import METHOD, Sample
from tracker.reports import intake_list, listing
from tracker.reports.listing import Column, Table
from tracker.types import Basis, Level, State, SuspensionKind
from tracker.types.late_cases import LateCase

COLUMNS: Sequence[Column] = (
    ("STT", 6),
    ("Mã hồ sơ", 15),
    ("Mã thủ tục", 12),
    ("Thủ tục hành chính", 30),
    ("Lĩnh vực", 12),
    ("Đơn vị giải quyết", 24),
    ("Cấp", 8),
    ("Đơn vị tiếp nhận", 24),
    ("Kênh nộp", 10),
    ("Chủ hồ sơ", 15),
    ("Ngày tiếp nhận", 15),
    ("Ngày hẹn ban đầu", 15),
    ("Hạn tính theo quy định", 15),
    ("Ngày hẹn theo nguồn", 15),
    ("Ngày kết thúc xử lý", 15),
    ("Tình trạng", 14),
    ("Trễ so với hẹn ban đầu (ngày làm việc)", 12),
    ("Trễ so với hạn quy định (ngày làm việc)", 12),
    ("Trễ so với hẹn theo nguồn (ngày làm việc)", 12),
    ("Quá hạn theo căn cứ", 20),
    ("Số lần tạm dừng", 9),
    ("Ngày làm việc tạm dừng", 9),
    ("Loại tạm dừng", 20),
    ("Thư xin lỗi", 14),
    ("Số thư", 14),
    ("Ngày thư", 11),
    ("Ngày hẹn mới", 15),
    ("Giữ hẹn mới", 13),
    ("Lý do quá hạn", 26),
    ("Đơn vị chịu trách nhiệm", 24),
    ("Lưu ý về dữ liệu", 34),
    ("Số ngày hẹn đã thấy", 8),
)
STRATUM: Column = ("Nhóm", 20)
# In the order of the columns.
BASES = (Basis.PROMISED, Basis.DOCUMENTED, Basis.SOURCE)
BASIS_WORDS = {Basis.PROMISED: "hẹn ban đầu", Basis.DOCUMENTED: "theo quy định", Basis.SOURCE: "theo nguồn"}
STATES = {State.OVERDUE: "Chưa giải quyết, quá hạn", State.FINISHED_LATE: "Đã giải quyết quá hạn"}
LEVELS = {
    Level.PROVINCE: "Tỉnh",
    Level.DISTRICT: "Huyện",
    Level.COMMUNE: "Xã",
    Level.UNKNOWN: "Chưa rõ",
}
SUSPENSIONS: Mapping[SuspensionKind, str] = {
    SuspensionKind.PAUSE: "tạm dừng",
    SuspensionKind.SUPPLEMENT: "bổ sung hồ sơ",
    SuspensionKind.FINANCIAL: "nghĩa vụ tài chính",
    SuspensionKind.VERIFICATION: "xác minh",
    SuspensionKind.POSTING: "niêm yết",
    SuspensionKind.VIOLATION: "xử lý vi phạm",
}
LETTERS: Mapping[str, str] = {
    "": "Chưa có",
    "owed": "Phải gửi, chưa có",
    "to_check": "Cần kiểm tra",
    "waived": "Không phải gửi",
    "closed": "Đã xong",
    "before_start": "Trước khi bắt đầu",
    "drafted": "Đã soạn",
    "approved": "Đã duyệt",
    "signed": "Đã ký",
    "numbered": "Đã vào sổ",
    "delivered": "Đã gửi",
    "promise_kept": "Đã gửi",
    "promise_broken": "Đã gửi",
}
PROMISES: Mapping[str, str] = {
    "": "",
    "open": "Chưa đến hẹn",
    "kept": "Giữ đúng hẹn",
    "broken": "Lỡ hẹn",
    "renewed": "Lỡ hẹn, hẹn lại",
}
Words = Callable[[Iterable[str]], str]
"""Flags of a case -> one text."""


def write_xlsx(target: Path | BinaryIO, cases: Iterable[LateCase], title: str, words: Words) -> int:
    """Write the list; the number of rows. `title` says what the list is and of when, `words` what flags mean."""
    return listing.write_xlsx(target, COLUMNS, _all_cells(cases, words), title)


def write_csv(path: Path, cases: Iterable[LateCase], words: Words) -> int:
    """Write the list as UTF-8 CSV with a mark that Excel understands; the number of rows."""
    return listing.write_csv(path, COLUMNS, _all_cells(cases, words))


def late_on(case: LateCase) -> str:
    """On which bases it is late, and on which nobody can say: "theo nguồn, hẹn ban đầu; chưa rõ: theo quy định"."""
    late = [BASIS_WORDS[basis] for basis in BASES if case.late[basis].is_late]
    untold = [BASIS_WORDS[basis] for basis in BASES if case.dues[basis] is None]
    return "; ".join(filter(None, (", ".join(late), f"chưa rõ: {', '.join(untold)}" if untold else "")))


def _all_cells(cases: Iterable[LateCase], words: Words) -> Iterable[list[Any]]:
    return (cells(number, case, words) for number, case in enumerate(cases, 1))


def cells(number: int, case: LateCase, words: Words) -> list[Any]:
    """One row of the list. A number of days that nobody can tell is empty, never 0."""
    stops, letter = case.stops, case.letter
    return [
        number,
        case.code,
        case.procedure_code,
        case.procedure,
        case.field,
        case.unit,
        LEVELS[case.level],
        case.receiving_unit,
        intake_list.CHANNELS[case.channel],
        case.applicant,
        case.received_at,
        *(case.dues[basis] for basis in BASES),
        case.ended_at,
        STATES.get(case.state, case.state.value),
        *(case.late[basis].late_days for basis in BASES),
        late_on(case),
        stops.times,
        stops.days,
        ", ".join(SUSPENSIONS.get(kind, kind.value) for kind in stops.kinds),
        LETTERS.get(letter.state, letter.state),
        letter.number or "",
        letter.issued_on,
        letter.new_due_at,
        PROMISES.get(letter.promise, letter.promise),
        case.reason,
        case.responsible_unit,
        words(case.flags),
        case.dues_seen,
    ]


# ---------------------------------------------------------------- samples


def write_sample(
    target: Path | BinaryIO,
    drawn: Sequence[tuple[str, LateCase]],
    told: Sequence[tuple[str, str | int | date]],
    *,
    sample: Sample,
    words: Words,
) -> int:
    """A sample with a second sheet that says how it was drawn; `told`: what was asked, line by line. Rows of the first."""
    columns = (*COLUMNS[:1], STRATUM, *COLUMNS[1:])
    rows = (_with_stratum(cells(n, case, words), stratum) for n, (stratum, case) in enumerate(drawn, 1))
    shares = [
        [share.stratum, share.population, share.size, _fraction(share.size, share.population)]
        for share in sample.shares
    ]
    total = [["Cộng", sample.population, len(sample.drawn), _fraction(len(sample.drawn), sample.population)]]
    how = [[what, value, None, None] for what, value in told]
    blank = [None] * 4
    head = ["Nhóm", "Số hồ sơ của nhóm", "Số hồ sơ trong mẫu", "Tỷ lệ"]
    lines: list[list[Any]] = [
        *how,
        ["Hạt giống", sample.seed, None, None],
        ["Cách rút", METHOD, None, None],
        blank,
        head,
        *shares,
        *total,
    ]
    title = f"Mẫu {len(drawn)} hồ sơ quá hạn, rút ngẫu nhiên từ {sample.population} hồ sơ, hạt giống {sample.seed}"
    tables = [
        Table("Mẫu", columns, rows, title),
        Table(
            "Cách rút mẫu",
            (("Mục", 34), ("Nội dung", 70), ("", 18), ("", 24)),
            lines,
            "Mẫu được rút như thế nào",
        ),
    ]
    return listing.write_tables(target, tables)[0]


def _with_stratum(row: list[Any], stratum: str) -> list[Any]:
    return [row[0], stratum, *row[1:]]


def _fraction(part: int, whole: int) -> str:
    """A share with its fraction; of nothing it cannot be told."""
    return f"{100 * part / whole:.2f} % ({part}/{whole})".replace(".", ",", 1) if whole else "chưa có"
