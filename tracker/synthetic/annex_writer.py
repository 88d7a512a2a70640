"""Batches -> the two annexes of a report: dossiers ended late (I), dossiers open and overdue (II), by unit."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.synthetic.batch import Batch, concatenated, empty_batch
from tracker.synthetic.cells import DATE_STYLE, Cells, Moments, Pools
from tracker.synthetic.days import day_number
from tracker.synthetic.workbook import (
    A4,
    EXCEL_ROWS,
    Book,
    Field,
    Look,
    Pages,
    Sheet,
    open_book,
    period_text,
    set_paper,
    set_widths,
)
from tracker.synthetic.writer import Written

_NUMBER, _CODE = Field("STT", 6, "centred_cell"), Field("Mã hồ sơ", 27)
_RECEIVED, _DUE = (Field(heading, 13, "centred_cell") for heading in ("Ngày tiếp nhận", "Ngày hẹn trả"))
_UNIT, _NOTE = Field("Đơn vị giải quyết", 38), Field("Ghi chú", 48)
_LINE_POINTS, _GROUP_POINTS = 16, 20
_FOOTER = "NGƯỜI LẬP BIỂU"


@dataclass(frozen=True, slots=True)
class Annex:
    """What stands above the table, its columns, which dossiers are in it."""

    titles: tuple[str, str, str]
    fields: tuple[Field, ...]
    chosen: Callable[[Batch], NDArray[np.bool_]]


def late_annex(period: tuple[date, date]) -> Annex:
    """Annex I."""
    fields = (_NUMBER, _CODE, _RECEIVED, _DUE, Field("Ngày có kết quả", 13, "centred_cell"), _UNIT, _NOTE)
    title = "DANH SÁCH HỒ SƠ ĐÃ GIẢI QUYẾT CHẬM TRỄ SO VỚI THỜI HẠN"
    return Annex(("PHỤ LỤC I", title, period_text(period)), fields, lambda batch: batch.late)


def overdue_annex(as_of: date) -> Annex:
    """Annex II: what is overdue on the as-of day."""
    fields = (_NUMBER, _CODE, _RECEIVED, _DUE, _UNIT, Field("Cán bộ đang xử lý", 24), _NOTE)
    titles = ("PHỤ LỤC II", "DANH SÁCH HỒ SƠ ĐANG GIẢI QUYẾT CHẬM TRỄ", f"Tính đến ngày {as_of:%d/%m/%Y}")
    day = day_number(as_of)
    return Annex(titles, fields, lambda batch: batch.overdue(day))


class AnnexWriter:
    """One workbook per stem. Only the dossiers that are in the annex are held in memory."""

    def __init__(self, pools: Pools, annex: Annex, day: date, sheet_rows: int = EXCEL_ROWS) -> None:
        """`day`: that of the making, which stands in the file; `sheet_rows`: where a new sheet begins."""
        self._cells = Cells(pools, moments=Moments(DATE_STYLE, ""))
        self._annex, self._day, self._sheet_rows = annex, day, sheet_rows

    def write(self, stem: Path, batches: Iterable[Batch]) -> Written:
        """Write `<stem>.xlsx`."""
        path = stem.with_name(stem.name + ".xlsx")
        listed = [batch.taken(np.flatnonzero(self._annex.chosen(batch))) for batch in batches]
        batch = concatenated([empty_batch(0), *listed])
        with open_book(path, self._day) as book:
            pages = Pages(book, self._head, self._sheet_rows)
            pages.begin()
            for unit, rows in _by_unit(batch):
                self._write_group(book, pages, unit, rows)
            _sign(book, pages, len(self._annex.fields) - 1)
        return Written([path], len(batch))

    def _head(self, book: Book, sheet: Sheet) -> int:
        fields = self._annex.fields
        set_widths(sheet, [field.width for field in fields])
        set_paper(sheet, A4, (4, 4))
        looks = ("centred_title", "centred_title", "centred_line")
        for line, (text, look) in enumerate(zip(self._annex.titles, looks, strict=True)):
            sheet.merge_range(line, 0, line, len(fields) - 1, text, book.looks[look])
        sheet.set_row(4, 34)
        for place, field in enumerate(fields):
            sheet.write_string(4, place, field.heading, book.looks["head"])
        sheet.freeze_panes(5, 0)
        return 5

    def _write_group(self, book: Book, pages: Pages, unit: int, batch: Batch) -> None:
        fields = self._annex.fields
        line = pages.take()
        pages.sheet.set_row(line, _GROUP_POINTS)
        name = self._cells.pools.units[unit]
        pages.sheet.merge_range(line, 0, line, len(fields) - 1, name, book.looks["group"])
        columns = self._columns(batch)
        for number, cells in enumerate(
            zip(*(columns[field.heading] for field in fields[1:]), strict=True), 1
        ):
            line = pages.take()
            pages.sheet.set_row(line, _LINE_POINTS * _lines(fields[1:], cells))
            pages.sheet.write_number(line, 0, number, book.looks[fields[0].look])
            for place, (field, text) in enumerate(zip(fields[1:], cells, strict=True), 1):
                _write(pages.sheet, (line, place), text, book.looks[field.look])

    def _columns(self, batch: Batch) -> dict[str, list[str]]:
        texts, moments = self._cells.texts, self._cells.moments.texts
        notes = zip(texts("reasons", batch.reason), texts("notes", batch.note), strict=True)
        return {
            "Mã hồ sơ": self._cells.codes(batch),
            "Ngày tiếp nhận": moments(batch.received),
            "Ngày hẹn trả": moments(batch.due),
            "Ngày có kết quả": moments(batch.finished),
            "Đơn vị giải quyết": texts("units", batch.unit),
            "Cán bộ đang xử lý": texts("officers", batch.officer),
            "Ghi chú": ["; ".join(filter(None, both)) for both in notes],
        }


def _write(sheet: Sheet, at: tuple[int, int], text: str, look: Look) -> None:
    if text:
        sheet.write_string(*at, text, look)
    else:
        sheet.write_blank(*at, None, look)


def _by_unit(batch: Batch) -> Iterator[tuple[int, Batch]]:
    """Units in the catalogue's order, each with its dossiers as they stand in the file."""
    for unit in np.unique(batch.unit).tolist():
        yield unit, batch.taken(np.flatnonzero(batch.unit == unit))


def _lines(fields: tuple[Field, ...], cells: tuple[str, ...]) -> int:
    """How many lines the longest text of a row wraps to: not every program fits the height by itself."""
    return max(-(-len(text) // (field.width + 4)) for field, text in zip(fields, cells, strict=True)) or 1


def _sign(book: Book, pages: Pages, last: int) -> None:
    pages.take()
    line = pages.take()
    pages.sheet.merge_range(line, last - 1, line, last, _FOOTER, book.looks["signature"])
    line = pages.take()
    pages.sheet.merge_range(line, last - 1, line, last, "(Ký, ghi rõ họ tên)", book.looks["centred_line"])
