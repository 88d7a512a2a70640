"""A list as Excel or CSV: typed dates, one styled header, A4 on paper, streamed with constant memory."""

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

Column = tuple[str, int]
"""Heading, width in characters."""
Cells = Sequence[Any]
"""One row: texts, instants, whole numbers, None; as many as there are columns."""

# Offices print on A4 (paper 9 of the file format): columns as narrow as their words allow, so that sixteen stay readable.
A4 = 9
FONT = {"font_name": "Times New Roman", "font_size": 10, "font_scheme": False}
LINE_POINTS = 13
# Room that signs take, in units of column width: digits of the font. A little more than they do, lest a line is cut off.
LETTER, CAPITAL, SPACE = 0.95, 1.4, 0.5
# A spreadsheet runs a cell that begins so as a formula; in CSV a leading apostrophe keeps it text.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_xlsx(
    target: Path | BinaryIO,
    columns: Sequence[Column],
    rows: Iterable[Cells],
    title: str,
    *,
    as_text: bool = False,
) -> int:
    """Write a list; the number of rows. `title` stands above the header and says what the list is and of when.

    `as_text`: what somebody types into a cell of text stays text, lest a spreadsheet swaps day and month of a date.
    """
    import xlsxwriter

    book = xlsxwriter.Workbook(
        target,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "in_memory": False,
            # Widths of columns count digits of this font: of one that every office has.
            "default_format_properties": FONT,
        },
    )
    sheet = book.add_worksheet("Danh sách")
    _on_paper(sheet)
    top: dict[str, Any] = {**FONT, "valign": "top", "border": 1, "border_color": "#C9D1DB"}
    looks = Looks(
        date=book.add_format({**top, "num_format": "dd/mm/yyyy hh:mm", "align": "center"}),
        number=book.add_format({**top, "align": "center"}),
        text=book.add_format({**top, "text_wrap": True} | ({"num_format": "@"} if as_text else {})),
    )
    _write_head(book, sheet, columns, title)
    count = 0
    for count, cells in enumerate(rows, 1):
        sheet.set_row(count + 2, LINE_POINTS * _lines(columns, cells))
        _write_row(sheet, count + 2, cells, looks)
    sheet.autofilter(2, 0, max(count + 2, 3), len(columns) - 1)
    book.close()
    return count


def _on_paper(sheet: Any) -> None:
    """A4 on its side, all columns on each page, the header at its top and the page number below."""
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.set_margins(left=0.3, right=0.3, top=0.4, bottom=0.5)
    sheet.set_footer('&C&"Times New Roman,Regular"&9&P/&N', {"margin": 0.25})
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2)


def _write_head(book: Any, sheet: Any, columns: Sequence[Column], title: str) -> None:
    bold = {**FONT, "bold": True}
    look = {"text_wrap": True, "valign": "vcenter", "align": "center", "bg_color": "#E8EDF3", "border": 1}
    head = book.add_format({**bold, **look})
    for position, (_, width) in enumerate(columns):
        sheet.set_column(position, position, width)
    sheet.write_string(0, 0, title, book.add_format({**bold, "font_size": 13}))
    headings = [heading for heading, _ in columns]
    sheet.set_row(2, LINE_POINTS * _lines(columns, headings))
    for position, heading in enumerate(headings):
        sheet.write_string(2, position, heading, head)
    sheet.freeze_panes(3, 2)


def _lines(columns: Sequence[Column], cells: Sequence[Any]) -> int:
    """How many lines the longest text of a row wraps to; not every program fits row heights by itself."""
    texts = ((cell, width) for cell, (_, width) in zip(cells, columns, strict=True) if isinstance(cell, str))
    return max((_wrapped(text, width) for text, width in texts), default=1)


@lru_cache(maxsize=4096)
def _wrapped(text: str, width: int) -> int:
    """The lines of one cell, words put one after the other; a code may be broken after its hyphens."""
    lines, used = 1, 0.0
    for word in text.replace("-", "- ").split():
        size = LETTER * len(word) + (CAPITAL - LETTER) * sum(map(str.isupper, word))
        if used and used + size > width:
            lines, used = lines + 1, 0.0
        lines += int(size // width)
        used += size % width + SPACE
    return lines


class Looks(NamedTuple):
    """Cell formats of the list."""

    date: Any
    number: Any
    text: Any


def _write_row(sheet: Any, line: int, cells: Sequence[Any], looks: Looks) -> None:
    for position, value in enumerate(cells):
        if value is None or value == "":
            sheet.write_blank(line, position, None, looks.text)
        elif isinstance(value, datetime):
            sheet.write_datetime(line, position, value.replace(tzinfo=None), looks.date)
        elif isinstance(value, int):
            sheet.write_number(line, position, value, looks.number)
        else:
            sheet.write_string(line, position, value, looks.text)


def write_csv(path: Path, columns: Sequence[Column], rows: Iterable[Cells]) -> int:
    """Write a list as UTF-8 CSV with a mark that Excel understands; the number of rows."""
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([heading for heading, _ in columns])
        for cells in rows:
            writer.writerow([_plain(cell) for cell in cells])
            count += 1
    return count


def _plain(cell: Any) -> Any:
    if isinstance(cell, datetime):
        return f"{cell:%d/%m/%Y %H:%M:%S}"
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return "'" + cell
    return "" if cell is None else cell
