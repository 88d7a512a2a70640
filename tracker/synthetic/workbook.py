"""A workbook being written row by row in constant memory: looks, sheets that continue when one is full, paper."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from tracker.synthetic.writer import complete

Sheet = Any  # the library is imported only when a workbook is written
Look = Any

EXCEL_ROWS = 1_048_576
A4, A3 = 9, 8  # paper by its number in the file format
_BASE = {"font_name": "Times New Roman", "font_size": 11, "valign": "vcenter"}
_HEAD = {"bold": True, "text_wrap": True, "align": "center", "border": 1, "bg_color": "#E8EDF3"}
_LOOKS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 14},
    "centred_title": {"bold": True, "font_size": 14, "align": "center"},
    "agency": {"bold": True},
    "line": {"italic": True},
    "centred_line": {"italic": True, "align": "center"},
    "head": _HEAD,
    "group": {"bold": True, "border": 1, "bg_color": "#F5F7FA"},
    "moment": {"num_format": "dd/mm/yyyy hh:mm:ss", "align": "center"},
    "plain": {},
    "wrapped": {"text_wrap": True},
    "centred_wrapped": {"text_wrap": True, "align": "center"},
    "cell": {"border": 1, "text_wrap": True},
    "centred_cell": {"border": 1, "text_wrap": True, "align": "center"},
    "grid": {"border": 1, "border_color": "#8A95A3"},
    "signature": {"bold": True, "align": "center"},
}


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a layout: heading, width in characters, and the look of its cells."""

    heading: str
    width: int
    look: str = "cell"


@dataclass(frozen=True, slots=True)
class Book:
    """An open workbook and its looks by name."""

    file: Any
    looks: dict[str, Look]


@contextmanager
def open_book(path: Path, day: date) -> Iterator[Book]:
    """A workbook that gets its name when it is whole; `day` stands in it as the day of its making."""
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with complete(path) as partial:
        file = xlsxwriter.Workbook(partial, options)
        file.use_zip64()  # a full sheet is above 2 GB before it is packed
        file.set_properties({"created": datetime(day.year, day.month, day.day)})  # noqa: DTZ001 no zone in the file
        looks = {name: file.add_format({**_BASE, **look}) for name, look in _LOOKS.items()}
        yield Book(file, looks)
        file.close()


class Pages:
    """Lines of a table one after the other; a new sheet with the same head begins where one is full."""

    def __init__(self, book: Book, head: Callable[[Book, Sheet], int], rows: int = EXCEL_ROWS) -> None:
        """`head` dresses a new sheet and answers its first free line."""
        self._book, self._head, self._rows = book, head, rows
        self._line, self._count = rows, 0
        self.sheet: Sheet = None

    def begin(self) -> None:
        """Open the next sheet."""
        self._count += 1
        name = "Danh sách" if self._count == 1 else f"Danh sách {self._count}"
        self.sheet = self._book.file.add_worksheet(name)
        self._line = self._head(self._book, self.sheet)

    def take(self) -> int:
        """The next line, on `sheet`."""
        if self._line >= self._rows:
            self.begin()
        self._line += 1
        return self._line - 1


def set_paper(sheet: Sheet, paper: int, head: tuple[int, int], pages: int = 1) -> None:
    """Landscape, as wide as so many pages, the head on every page."""
    sheet.set_landscape()
    sheet.set_paper(paper)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(pages, 0)
    sheet.repeat_rows(*head)
    sheet.set_footer("&C&9Trang &P/&N")


def set_widths(sheet: Sheet, widths: Sequence[int]) -> None:
    """Widths of the columns from the first on."""
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)


def period_text(period: tuple[date, date]) -> str:
    """The line that says of which days a list is."""
    return "Từ ngày {:%d/%m/%Y} đến ngày {:%d/%m/%Y}".format(*period)
