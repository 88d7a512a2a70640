"""The register of reception ("Sổ theo dõi"): two rows of headings under a status line, dates as text."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from tracker.synthetic.batch import Batch
from tracker.synthetic.cells import Cells, Pools
from tracker.synthetic.days import DAY
from tracker.synthetic.people import officers_of
from tracker.synthetic.workbook import A3, Book, Field, Sheet, period_text, set_paper, set_widths
from tracker.synthetic.workbook_writer import Values, draw_grid

_FIELDS = (
    Field("STT", 7, "centred_wrapped"),
    Field("Mã hồ sơ", 28, "wrapped"),
    Field("Nội dung hồ sơ", 58, "wrapped"),
    Field("Số lượng (bộ)", 9, "centred_wrapped"),
    Field("Họ tên chủ hồ sơ", 30, "wrapped"),
    Field("Địa chỉ chủ hồ sơ", 40, "wrapped"),
    Field("Số điện thoại", 13, "centred_wrapped"),
    Field("Nhận hồ sơ", 20, "centred_wrapped"),
    Field("Hẹn trả kết quả", 20, "centred_wrapped"),
    Field("Ngày nhận kết quả", 20, "centred_wrapped"),
    Field("Bên giao", 22, "wrapped"),
    Field("Bên nhận", 30, "wrapped"),
    Field("Người nhận hồ sơ", 22, "wrapped"),
    Field("Địa bàn phát sinh hồ sơ", 28, "wrapped"),
    Field("Ghi chú", 38, "wrapped"),
)
# First and last column under a heading of their own; every other heading is as high as both rows.
_GROUPS = (("Ngày, tháng, năm", 7, 8), ("Trả kết quả", 9, 11))
_TWO_LINES = 31  # points; a height for each row would be kept in memory
_TOP = 4  # the upper row of headings


class RegisterLayout:
    """Fifteen columns of every dossier, taken in or not."""

    fields: Sequence[Field] = _FIELDS

    def __init__(self, pools: Pools, period: tuple[date, date]) -> None:
        self._cells, self._period = Cells(pools), period
        self._areas = [_area(address) for address in pools.addresses]

    def head(self, book: Book, sheet: Sheet) -> int:
        """Agency, title, period, status, two rows of headings."""
        set_widths(sheet, [field.width for field in _FIELDS])
        set_paper(sheet, A3, (_TOP, _TOP + 1))
        last = len(_FIELDS) - 1
        title = "SỔ THEO DÕI TÌNH HÌNH TIẾP NHẬN HỒ SƠ THỦ TỤC HÀNH CHÍNH"
        sheet.set_default_row(_TWO_LINES)
        for line, height in enumerate((18, 24, 18, 18)):
            sheet.set_row(line, height)
        sheet.write_string(0, 0, "UBND TỈNH ĐẮK LẮK", book.looks["agency"])
        sheet.merge_range(1, 0, 1, last, title, book.looks["centred_title"])
        sheet.merge_range(2, 0, 2, last, period_text(self._period), book.looks["centred_line"])
        sheet.merge_range(3, 0, 3, last, "Trạng thái hồ sơ: Tất cả", book.looks["centred_line"])
        _write_headings(book, sheet)
        sheet.freeze_panes(_TOP + 2, 2)
        draw_grid(book, sheet, _TOP + 2, len(_FIELDS))
        return _TOP + 2

    def columns(self, batch: Batch, before: int) -> list[Values]:
        """The columns in the order of the register."""
        texts, moments = self._cells.texts, self._cells.moments.texts
        applicants = texts("applicants", batch.applicant)
        takers = texts("officers", officers_of(batch.receiver, batch.number + batch.entered // DAY))
        handed = (batch.returned > 0).tolist()
        return [
            np.arange(before + 1, before + len(batch) + 1).tolist(),
            self._cells.codes(batch),
            texts("procedure_names", batch.procedure),
            [1] * len(batch),
            applicants,
            texts("addresses", batch.address),
            texts("phones", batch.applicant),
            moments(batch.received),
            moments(batch.due),
            moments(batch.returned),
            _where(handed, takers),
            _where(handed, applicants),
            takers,
            [self._areas[place] for place in batch.address.tolist()],
            texts("notes", batch.note),
        ]


def _write_headings(book: Book, sheet: Sheet) -> None:
    look = book.looks["head"]
    grouped = {place for _, first, last in _GROUPS for place in range(first, last + 1)}
    sheet.set_row(_TOP, 20)
    sheet.set_row(_TOP + 1, 34)
    for place, field in enumerate(_FIELDS):
        if place not in grouped:
            sheet.write_string(_TOP, place, field.heading, look)
    for group, first, last in _GROUPS:
        sheet.merge_range(_TOP, first, _TOP, last, group, look)
    for place, field in enumerate(_FIELDS):
        if place in grouped:
            sheet.write_string(_TOP + 1, place, field.heading, look)
        else:
            sheet.write_blank(_TOP + 1, place, None, look)
            # `merge_range` writes its cells again and refuses a row that has left the memory.
            sheet.merge.append([_TOP, place, _TOP + 1, place])


def _where(mask: list[bool], texts: list[str]) -> list[str]:
    return [text if chosen else "" for chosen, text in zip(mask, texts, strict=True)]


def _area(address: str) -> str:
    """The commune (and district) of an address: without the house or hamlet before it and the province after it."""
    return ", ".join(address.split(", ")[1:-1])
