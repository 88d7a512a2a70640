"""The intake list as Excel or CSV: its columns, and how one dossier fills them."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from tracker.reports import listing
from tracker.reports.form_page import rate_words
from tracker.reports.listing import Column
from tracker.types import Channel, IntakeCounts, IntakeRow, IntakeVerdict

COLUMNS: Sequence[Column] = (
    ("STT", 6),
    ("Mã hồ sơ", 15),
    ("Thủ tục hành chính", 32),
    ("Đơn vị tiếp nhận", 24),
    ("Chủ hồ sơ", 17),
    ("Kênh nộp", 11),
    ("Ngày nộp", 15),
    ("Tính từ", 15),
    ("Hạn tiếp nhận", 15),
    ("Ngày tiếp nhận", 15),
    ("Ngày từ chối", 15),
    ("Kết quả tiếp nhận", 15),
    ("Số phút làm việc quá hạn", 10),
    ("Lý do từ chối", 26),
    ("Căn cứ", 12),
)
STATES: Mapping[IntakeVerdict, str] = {
    IntakeVerdict.WAITING: "Chờ tiếp nhận",
    IntakeVerdict.NOT_ACCEPTED: "Quá hạn tiếp nhận",
    IntakeVerdict.ACCEPTED_IN_TIME: "Tiếp nhận kịp",
    IntakeVerdict.ACCEPTED_LATE: "Tiếp nhận trễ",
    IntakeVerdict.REFUSED: "Từ chối có lý do",
    IntakeVerdict.REFUSED_WITHOUT_REASON: "Từ chối không lý do",
    IntakeVerdict.VANISHED: "Biến mất trước tiếp nhận",
    IntakeVerdict.UNKNOWN: "Chưa rõ",
}
CHANNELS: Mapping[Channel, str] = {
    Channel.ONLINE: "Trực tuyến",
    Channel.POSTAL: "Bưu chính",
    Channel.COUNTER: "Trực tiếp",
    Channel.UNKNOWN: "Chưa rõ kênh",
}
UNVERIFIED = "chưa đối chiếu văn bản"
CHANNEL_COLUMNS: Sequence[Column] = (
    ("Kênh nộp", 16),
    ("Tổng số", 9),
    *((STATES[verdict], 12) for verdict in IntakeVerdict),
    ("Tỷ lệ tiếp nhận kịp", 26),
)


def write_xlsx(target: Path | BinaryIO, rows: Iterable[IntakeRow], title: str) -> int:
    """Write the list; the number of rows. `title` stands above the header and says what the list is and of when."""
    return listing.write_xlsx(target, COLUMNS, _all_cells(rows), title)


def write_report(
    target: Path | BinaryIO, rows: Iterable[IntakeRow], by_channel: Sequence[IntakeCounts], title: str
) -> int:
    """Write the counts of all results by channel, and on a second sheet the list; the number of its rows."""
    counts = listing.Table("Theo kênh nộp", CHANNEL_COLUMNS, _channel_cells(by_channel), title)
    return listing.write_tables(
        target, [counts, listing.Table("Danh sách", COLUMNS, _all_cells(rows), title)]
    )[1]


def _channel_cells(by_channel: Sequence[IntakeCounts]) -> list[list[Any]]:
    """A line a channel, and all together; the share of those accepted in time stands with its fraction."""
    told = {verdict: sum(counts.of(verdict) for counts in by_channel) for verdict in IntakeVerdict}
    lines = [(CHANNELS[counts.channel], counts) for counts in by_channel]
    lines.append(("Tổng cộng", IntakeCounts(Channel.UNKNOWN, told)))
    return [
        [
            name,
            counts.total,
            *(counts.of(verdict) for verdict in IntakeVerdict),
            rate_words(counts.numerator, counts.denominator),
        ]
        for name, counts in lines
    ]


def write_csv(path: Path, rows: Iterable[IntakeRow]) -> int:
    """Write the list as UTF-8 CSV with a mark that Excel understands; the number of rows."""
    return listing.write_csv(path, COLUMNS, _all_cells(rows))


def _all_cells(rows: Iterable[IntakeRow]) -> Iterable[list[Any]]:
    return (_cells(number, row) for number, row in enumerate(rows, 1))


def _cells(number: int, row: IntakeRow) -> list[Any]:
    verdict = row.intake
    return [
        number,
        row.code,
        row.procedure,
        row.unit,
        row.applicant,
        CHANNELS[row.channel],
        row.filed_at,
        verdict.started_at,
        verdict.due_at,
        row.received_at,
        row.refused_at,
        STATES[verdict.state],
        verdict.late_minutes,
        row.refusal_reason,
        "" if verdict.is_verified else UNVERIFIED,
    ]
