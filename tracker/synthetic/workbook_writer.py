"""Batches -> workbooks that hold every dossier: all columns of the CSV, or the register of reception."""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tracker.synthetic.batch import Batch
from tracker.synthetic.cells import COLUMNS, Cells, Column, Pools, chunks
from tracker.synthetic.days import DAY
from tracker.synthetic.workbook import (
    A3,
    EXCEL_ROWS,
    Book,
    Field,
    Pages,
    Sheet,
    open_book,
    period_text,
    set_paper,
    set_widths,
)
from tracker.synthetic.writer import Written

Ints = NDArray[np.int64]
Values = Sequence[str] | Sequence[float]

_SERIAL_OF_1970 = 25_569  # days from 30/12/1899, where sheets count from


class Layout(Protocol):
    """What a workbook looks like."""

    @property
    def fields(self) -> Sequence[Field]:
        """Its columns; the look of each is that of its cells."""
        ...

    def head(self, book: Book, sheet: Sheet) -> int:
        """Dress a new sheet; answers the first free line."""
        ...

    def columns(self, batch: Batch, before: int) -> list[Values]:
        """A batch as columns of texts and numbers, empty or 0 = no cell; `before` dossiers stand above it."""
        ...


class WorkbookWriter:
    """One workbook per stem, streamed."""

    def __init__(self, layout: Layout, day: date, sheet_rows: int = EXCEL_ROWS) -> None:
        """`day`: that of the making, which stands in the file; `sheet_rows`: where a new sheet begins."""
        self._layout, self._day, self._sheet_rows = layout, day, sheet_rows

    def write(self, stem: Path, batches: Iterable[Batch]) -> Written:
        """Write `<stem>.xlsx`."""
        path = stem.with_name(stem.name + ".xlsx")
        rows = 0
        with open_book(path, self._day) as book:
            pages = Pages(book, self._layout.head, self._sheet_rows)
            pages.begin()
            for batch in batches:
                for part in chunks(batch):
                    self._write(pages, book, self._layout.columns(part, rows))
                    rows += len(part)
        return Written([path], rows)

    def _write(self, pages: Pages, book: Book, columns: list[Values]) -> None:
        looks = [book.looks[field.look] for field in self._layout.fields]
        for cells in zip(*columns, strict=True):
            line = pages.take()
            _write_line(pages.sheet, line, cells, looks)


def _write_line(sheet: Sheet, line: int, cells: tuple[str | float, ...], looks: list[Any]) -> None:
    write_string, write_number = sheet.write_string, sheet.write_number
    for place, value in enumerate(cells):
        if not value:
            continue
        if isinstance(value, str):
            write_string(line, place, value, looks[place])
        else:
            write_number(line, place, value, looks[place])


class FullLayout:
    """All columns of the CSV under the same headings; dates are dates, codes and telephone numbers text."""

    fields = tuple(
        Field(column.heading, column.width, "moment" if column.kind == "moment" else "plain")
        for column in COLUMNS
    )

    def __init__(self, pools: Pools, period: tuple[date, date]) -> None:
        self._cells, self._period = Cells(pools), period

    def head(self, book: Book, sheet: Sheet) -> int:
        """Title, period, one row of headings."""
        set_widths(sheet, [field.width for field in self.fields])
        set_paper(sheet, A3, (2, 2), pages=3)
        sheet.repeat_columns(0)
        sheet.write_string(0, 0, "DANH SÁCH HỒ SƠ THỦ TỤC HÀNH CHÍNH", book.looks["title"])
        sheet.write_string(1, 0, period_text(self._period), book.looks["line"])
        sheet.set_row(2, 34)
        for place, field in enumerate(self.fields):
            sheet.write_string(2, place, field.heading, book.looks["head"])
        sheet.freeze_panes(3, 1)
        draw_grid(book, sheet, 3, len(self.fields))
        return 3

    def columns(self, batch: Batch, before: int) -> list[Values]:
        """The columns of the CSV; moments as serial days."""
        return [self._column(column, batch) for column in COLUMNS]

    def _column(self, column: Column, batch: Batch) -> Values:
        if column.kind == "moment":
            return serial_days(getattr(batch, column.places))
        return self._cells.column(column, batch)


def serial_days(local: Ints) -> list[float]:
    """Local seconds as a sheet counts time; 0 stays 0."""
    days: list[float] = np.where(local > 0, local / DAY + _SERIAL_OF_1970, 0.0).tolist()
    return days


def draw_grid(book: Book, sheet: Sheet, first: int, width: int) -> None:
    """Lines round the cells of every written row: one rule for the sheet, where a look for each cell would cost time."""
    rule = {"type": "formula", "criteria": f'=$A{first + 1}<>""', "format": book.looks["grid"]}
    sheet.conditional_format(first, 0, EXCEL_ROWS - 1, width - 1, rule)
