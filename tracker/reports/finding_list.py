"""The list of findings as Excel or CSV, and hidden lateness as a workbook: their columns, and how one row fills them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from tracker.reports import listing
from tracker.reports.listing import Column, Table
from tracker.types.finding_lists import HiddenCount


class FindingListed(NamedTuple):
    """One finding as the file says it; each side of its evidence with when it was told and by which load."""

    code: str
    procedure: str
    unit: str
    kind: str
    at: datetime
    before: str
    before_told: datetime | None
    before_load: int | None
    after: str
    after_told: datetime | None
    after_load: int | None
    facts: str
    state: str
    said: str
    document: str
    said_by: str
    said_at: datetime | None


COLUMNS: Sequence[Column] = (
    ("STT", 5),
    ("Mã hồ sơ", 15),
    ("Thủ tục hành chính", 18),
    ("Đơn vị giải quyết", 20),
    ("Dấu hiệu", 13),
    ("Ngày có dấu hiệu", 15),
    ("Trước", 20),
    ("Trước: báo lúc", 15),
    ("Trước: lần nạp", 7),
    ("Sau", 20),
    ("Sau: báo lúc", 15),
    ("Sau: lần nạp", 7),
    ("Số liệu kèm theo", 17),
    ("Tình trạng", 12),
    ("Lời ghi gần nhất", 24),
    ("Văn bản", 11),
    ("Người ghi", 10),
    ("Ghi lúc", 15),
)
HIDDEN: Sequence[Column] = (
    ("Hồ sơ đã kết thúc", 12),
    ("Đủ dữ liệu để nói", 12),
    ("Không đủ dữ liệu", 12),
    ("Quá hạn theo nguồn", 12),
    ("Đúng hạn theo nguồn, quá hạn quy định", 14),
    ("Đúng hạn theo nguồn, quá hẹn ban đầu", 14),
    ("Bị che (một trong hai)", 12),
    ("Tỷ lệ bị che", 22),
)


def write_xlsx(target: Path | BinaryIO, rows: Iterable[FindingListed], title: str) -> int:
    """Write the list; the number of rows. `title` stands above the header and says what the list is and of when."""
    return listing.write_xlsx(target, COLUMNS, _numbered(rows), title, as_text=True)


def write_csv(path: Path, rows: Iterable[FindingListed]) -> int:
    """Write the list as UTF-8 CSV with a mark that Excel understands; the number of rows."""
    return listing.write_csv(path, COLUMNS, _numbered(rows))


def _numbered(rows: Iterable[FindingListed]) -> Iterable[list[Any]]:
    return ([number, *row] for number, row in enumerate(rows, 1))


def write_hidden(
    target: Path | BinaryIO,
    units: Iterable[tuple[str, HiddenCount]],
    months: Iterable[tuple[str, HiddenCount]],
    title: str,
) -> None:
    """Hidden lateness by unit and by month, a sheet each; of dossiers with complete data but for the first column."""
    tables = [
        Table("Theo đơn vị", (("Đơn vị", 40), *HIDDEN), _counted(units), title),
        Table("Theo tháng", (("Tháng kết thúc", 14), *HIDDEN), _counted(months), title),
    ]
    listing.write_tables(target, tables)


def _counted(lines: Iterable[tuple[str, HiddenCount]]) -> Iterable[list[Any]]:
    for name, count in lines:
        share = (
            f"{100 * count.hidden / count.complete:.2f} % ({count.hidden}/{count.complete})".replace(
                ".", ",", 1
            )
            if count.complete
            else "không đủ dữ liệu để nói"
        )
        yield [
            name, count.ended, count.complete, count.incomplete, count.late, count.documented, count.promised,
            count.hidden, share,
        ]  # fmt: skip
