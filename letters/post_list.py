"""The list of letters for the post (*Danh sách gửi bưu chính*) as Excel; A4 on its side, for the post's own system or paper."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

from letters.content import clean
from letters.papers import LetterLine, short_date
from tracker.reports import listing
from tracker.reports.listing import Column

TITLE = "Danh sách gửi bưu chính"
NO_ADDRESS = "Chưa có địa chỉ"  # the post cannot take it: told where somebody looks before it goes
PHONE = 6  # place of the telephone among the columns
COLUMNS: Sequence[Column] = (
    ("STT", 6),
    ("Số văn bản", 16),
    ("Ngày", 12),
    ("Mã hồ sơ", 26),
    ("Họ tên người nhận", 28),
    ("Địa chỉ", 42),
    ("Điện thoại", 14),
    ("Ghi chú", 22),
)


def write_post_list(target: Path | BinaryIO, letters: Iterable[LetterLine], unit: str) -> int:
    """Write the list; the number of letters. Without any telephone the list has no such column.

    Dates, numbers and telephones are text: what stands on the letter stands here, and no program swaps day and month.
    """
    lines = tuple(letters)
    has_phones = any(clean(line.phone) for line in lines)
    rows = (_cells(number, line) for number, line in enumerate(lines, 1))
    title = f"{TITLE} – {clean(unit)}" if clean(unit) else TITLE
    if has_phones:
        return listing.write_xlsx(target, COLUMNS, rows, title, as_text=True)
    columns = [column for place, column in enumerate(COLUMNS) if place != PHONE]
    shorter = ([cell for place, cell in enumerate(row) if place != PHONE] for row in rows)
    return listing.write_xlsx(target, columns, shorter, title, as_text=True)


def _cells(number: int, line: LetterLine) -> list[object]:
    note = line.note if clean(line.address) else "; ".join(filter(None, (NO_ADDRESS, line.note)))
    texts = (line.code, line.recipient, line.address, line.phone, note)
    return [number, clean(line.number), short_date(line.issued_on), *map(clean, texts)]
