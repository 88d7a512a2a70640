"""Rejected rows as a workbook to be mended and fed back: the reason, the place, and the row's own columns as text.

What stands in the first column ties a row to its rejection. A cell that nobody changes says nothing new.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any, BinaryIO, NamedTuple

from tracker.reports import listing
from tracker.reports.listing import Column
from tracker.types.field_words import field_word, in_order
from tracker.types.rejections import KeptRejection

NUMBER = "Dòng số"
PLACE: Sequence[Column] = (
    (NUMBER, 8),
    ("Lý do không dùng được", 34),
    ("Cột có lỗi", 15),
    ("Giá trị có lỗi", 18),
    ("Tệp", 22),
    ("Trang", 10),
    ("Dòng trong tệp", 8),
    ("Lô", 6),
)
WIDTHS: Mapping[str, int] = {
    "dossier_code": 17, "procedure_name": 28, "resolving_unit": 24, "receiving_unit": 24, "returning_unit": 24,
    "address": 22, "note": 22, "late_reason": 22, "refusal_reason": 22,
}  # fmt: skip
USUAL_WIDTH = 16
TITLE = (
    "Dòng không dùng được: sửa ngay trong các cột từ “{first}” trở đi, giữ nguyên cột “Dòng số”, rồi nạp lại tệp này. "
    "Ô ghi [đã che] hoặc để nguyên thì giữ như cũ."
)


class Shown(NamedTuple):
    """A rejected row as its reader may see it: its cells by our field, and the faulty value."""

    rejection: KeptRejection
    told: Mapping[str, str]
    value: str


def write_xlsx(target: Path | BinaryIO, rows: Iterable[Shown], fields: Iterable[str]) -> int:
    """Write the list with columns for `fields`; the number of rows."""
    ordered = in_order(fields)
    columns = [*PLACE, *((field_word(name), WIDTHS.get(name, USUAL_WIDTH)) for name in ordered)]
    title = TITLE.format(first=field_word(ordered[0]) if ordered else "Mã hồ sơ")
    return listing.write_xlsx(target, columns, _cells(rows, ordered), title, as_text=True)


def _cells(rows: Iterable[Shown], fields: Sequence[str]) -> Iterator[list[Any]]:
    for row in rows:
        kept = row.rejection
        place = (kept.rejection_id, kept.message, kept.column, row.value)
        stood = (PurePath(kept.file).name, kept.sheet, kept.row, kept.batch_id)
        yield [*place, *stood, *(row.told.get(name, "") for name in fields)]
