"""An official form as a workbook on A4 laid on its side: the form on one sheet, our own rates beside it on a second."""

from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from tracker.measures.form_counts import FormColumn, FormLine, group_spans
from tracker.reports.form_page import EMPTY_BLOCK, OWN_COLUMNS, FormPage
from tracker.reports.listing import A4, FONT

WIDTHS: Sequence[float] = (5, 38, *(11,) * 11)
RATE_WIDTH = 26
OWN_WIDTHS: Sequence[float] = (5, 38, *(10.5,) * 6, RATE_WIDTH, *(10.5,) * 7)
NUMBER = "#,##0"
LINE_POINTS = 14
HEAD_LINES = 5
# How many signs of the text's font a unit of width holds on average.
SIGNS_A_UNIT = 1.2
SIGNERS = ("NGƯỜI LẬP BIỂU", "THỦ TRƯỞNG ĐƠN VỊ")


class _Looks(NamedTuple):
    """Cell formats."""

    bold: Any
    plain: Any
    title: Any
    centred: Any
    italic: Any
    head: Any
    numbering: Any
    cells: dict[str, dict[str, Any]]
    note: Any
    balance: Any


def write_form(target: Path | BinaryIO, page: FormPage) -> int:
    """Write the form; the number of its rows, blocks and total left out. Numbers stay numbers, texts never become formulas."""
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "default_format_properties": FONT}
    book = xlsxwriter.Workbook(target, options)
    looks = _looks(book)
    _form_sheet(book.add_worksheet("Biểu"), page, looks)
    _own_sheet(book.add_worksheet("Theo tỷ lệ"), page, looks)
    book.close()
    return page.table.rows


def _looks(book: Any) -> _Looks:
    def look(**more: Any) -> Any:
        return book.add_format({**FONT, "valign": "vcenter", "text_wrap": True, **more})

    boxed = {"border": 1}
    kinds = {
        "row": {},
        "block": {"bold": True, "bg_color": "#EEF1F5"},
        "empty": {"italic": True, "bg_color": "#EEF1F5"},
        "total": {"bold": True, "bg_color": "#E0E6ED"},
    }
    return _Looks(
        bold=look(bold=True),
        plain=look(),
        title=look(bold=True, align="center", font_size=13),
        centred=look(align="center"),
        italic=look(italic=True, align="right"),
        head=look(bold=True, align="center", **boxed),
        numbering=look(italic=True, align="center", font_size=9, **boxed),
        cells={
            kind: {
                "number": look(align="right", indent=1, num_format=NUMBER, **boxed, **own),
                "text": look(align="left", **boxed, **own),
                "mark": look(align="center", **boxed, **own),
            }
            for kind, own in kinds.items()
        },
        note=look(valign="top", font_size=9),
        balance=look(valign="top", bold=True, font_size=9),
    )


# ---------------------------------------------------------------- the form


def _form_sheet(sheet: Any, page: FormPage, looks: _Looks) -> None:
    edition, last = page.table.edition, len(page.table.edition.columns) - 1
    _set_paper(sheet, WIDTHS)
    _write_head(sheet, page, looks, last)
    top = HEAD_LINES
    height = _write_headings(sheet, top, edition.columns, looks)
    for place, column in enumerate(edition.columns):
        sheet.write_string(top + height, place, f"({column.number})", looks.numbering)
    sheet.repeat_rows(top, top + height)
    sheet.freeze_panes(top + height + 1, 2)
    line = top + height + 1
    for row in page.table.lines:
        _write_row(sheet, line, row, tuple(row.cells[each.number] for each in edition.measured), looks)
        line += 1
    _write_foot(sheet, line + 1, page, looks, last)


def _write_head(sheet: Any, page: FormPage, looks: _Looks, last: int) -> None:
    edition = page.table.edition
    middle, right = 2, last - 3
    lines = (
        (edition.number, edition.name, page.reporter, LINE_POINTS * 3),
        (edition.circular, page.period, page.receiver, LINE_POINTS * 2),
        ("", page.days, "", LINE_POINTS),
    )
    for row, (left_text, text, right_text, height) in enumerate(lines):
        sheet.set_row(row, height)
        sheet.merge_range(row, 0, row, middle - 1, left_text, looks.bold if row == 0 else looks.plain)
        sheet.merge_range(row, middle, row, right - 1, text, looks.title if row == 0 else looks.centred)
        sheet.merge_range(row, right, row, last, right_text, looks.plain)
    sheet.merge_range(HEAD_LINES - 1, right, HEAD_LINES - 1, last, page.count, looks.italic)


def _write_headings(sheet: Any, top: int, columns: Sequence[FormColumn], looks: _Looks) -> int:
    """The headings of the columns below those of their groups, each cell over all that it heads; how many lines."""
    height = 1 + max(len(column.groups) for column in columns)
    for row in range(height - 1):
        sheet.set_row(top + row, LINE_POINTS * 1.5)
    sheet.set_row(top + height - 1, LINE_POINTS * 3)
    for level in range(height - 1):
        for first, last in group_spans(columns, level):
            _over(sheet, (top + level, first, top + level, last), columns[first].groups[level], looks.head)
    for place, column in enumerate(columns):
        _over(sheet, (top + len(column.groups), place, top + height - 1, place), column.heading, looks.head)
    return height


def _over(sheet: Any, area: tuple[int, int, int, int], text: str, look: Any) -> None:
    if area[:2] == area[2:]:
        sheet.write_string(area[0], area[1], text, look)
    else:
        sheet.merge_range(*area, text, look)


def _write_row(sheet: Any, at: int, row: FormLine, cells: Sequence[int | str], looks: _Looks) -> None:
    look = looks.cells[row.kind]
    name = f"{row.name} ({EMPTY_BLOCK})" if row.kind == "empty" else row.name
    texts = [(name, WIDTHS[1]), *((value, RATE_WIDTH) for value in cells if isinstance(value, str))]
    sheet.set_row(at, LINE_POINTS * max(_lines(text, width) for text, width in texts))
    if row.number.isdecimal():
        sheet.write_number(at, 0, int(row.number), look["mark"])
    else:
        sheet.write_string(at, 0, row.number, look["mark"])
    sheet.write_string(at, 1, name, look["text"])
    for place, value in enumerate(cells, 2):
        if row.kind == "empty":
            sheet.write_blank(at, place, None, look["number"])
        elif isinstance(value, int):
            sheet.write_number(at, place, value, look["number"])
        else:
            sheet.write_string(at, place, value, look["mark"])


def _write_foot(sheet: Any, line: int, page: FormPage, looks: _Looks, last: int) -> None:
    texts = [page.balance, *(f"{number}. {note}" for number, note in enumerate(page.notes, 1))]
    for number, text in enumerate(texts):
        sheet.merge_range(line, 0, line, last, text, looks.note if number else looks.balance)
        sheet.set_row(line, 12.5 * _lines(text, sum(WIDTHS[: last + 1]) * 1.1))
        line += 1
    line += 1
    sheet.merge_range(line, 0, line, 1, SIGNERS[0], looks.title)
    sheet.merge_range(line, last - 4, line, last, SIGNERS[1], looks.title)
    sheet.merge_range(line + 1, 0, line + 1, 1, "(Ký, ghi rõ họ tên)", looks.centred)
    sheet.merge_range(line + 1, last - 4, line + 1, last, "(Ký, đóng dấu)", looks.centred)


# ---------------------------------------------------------------- our own rates


def _own_sheet(sheet: Any, page: FormPage, looks: _Looks) -> None:
    columns = (
        FormColumn(1, (), page.table.edition.columns[0].heading, ""),
        FormColumn(2, (), page.table.edition.columns[1].heading, ""),
        *(FormColumn(0, (group,), heading, "") for group, each in OWN_COLUMNS for heading in each),
    )
    _set_paper(sheet, OWN_WIDTHS)
    sheet.set_row(0, LINE_POINTS * 1.5)
    sheet.merge_range(0, 0, 0, len(columns) - 1, page.own_title, looks.title)
    sheet.merge_range(1, 0, 1, len(columns) - 1, f"{page.period} {page.days}", looks.centred)
    sheet.merge_range(2, 0, 2, len(columns) - 1, page.reporter, looks.centred)
    height = _write_headings(sheet, 4, columns, looks)
    sheet.repeat_rows(4, 3 + height)
    sheet.freeze_panes(4 + height, 2)
    for line, (row, cells) in enumerate(page.own_rows, 4 + height):
        _write_row(sheet, line, row, cells, looks)


def _set_paper(sheet: Any, widths: Sequence[float]) -> None:
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.set_margins(left=0.4, right=0.3, top=0.5, bottom=0.5)
    sheet.set_footer('&C&"Times New Roman,Regular"&9&P/&N', {"margin": 0.25})
    sheet.fit_to_pages(1, 0)
    sheet.hide_gridlines(1)
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)


def _lines(text: str, width: float) -> int:
    """How many lines a text wraps to; not every program fits row heights by itself."""
    return max(1, ceil(len(text) / (width * SIGNS_A_UNIT)))
