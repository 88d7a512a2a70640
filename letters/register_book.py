"""The register of letters of apology (*Sổ theo dõi văn bản xin lỗi*) and the lists about it as workbooks on A4.

Text stays text: nothing that a source or a person wrote becomes a formula or a link. Streamed with constant memory.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import chain, groupby
from math import ceil
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import xlsxwriter

from letters.ledger_cases import Period, office_day
from letters.ledger_lists import LedgerList, ListLine
from letters.moving import CHANNELS
from letters.path import LetterState
from letters.register_words import KINDS, LISTS, PROMISES, STATES, WHOLES, WHYS
from tracker.reports.listing import A4, FONT, LINE_POINTS, Cells, Column
from tracker.store.letter_cases import LetterLine, register_lines
from tracker.store.session import Session

MASK = "***"
REGISTER_TITLE = "SỔ THEO DÕI VĂN BẢN XIN LỖI"
REGISTER_COLUMNS: Sequence[Column] = (
    ("STT", 5),
    ("Đơn vị", 18),
    ("Số, ký hiệu", 13),
    ("Ngày văn bản", 11),
    ("Loại văn bản", 12),
    ("Mã hồ sơ", 15),
    ("Thủ tục hành chính", 24),
    ("Người nhận", 16),
    ("Ngày hẹn cũ", 11),
    ("Ngày hẹn mới", 11),
    ("Lý do quá hạn", 22),
    ("Người ký", 14),
    ("Ngày gửi", 11),
    ("Hình thức gửi", 10),
    ("Báo Một cửa ngày", 11),
    ("Một cửa xác nhận", 11),
    ("Kết quả giữ hẹn", 10),
    ("Trạng thái", 10),
    ("Ghi chú", 16),
)
LIST_COLUMNS: Sequence[Column] = (
    ("STT", 6),
    ("Đơn vị", 28),
    ("Mã hồ sơ", 24),
    ("Ngày hẹn", 12),
    ("Số, ký hiệu", 16),
    ("Ngày văn bản", 12),
    ("Loại văn bản", 20),
    ("Ngày ký hoặc gửi", 12),
    ("Số ngày làm việc quá hạn", 10),
    ("Ghi chú", 30),
)
UNKNOWN_NOTE = "Chưa xác định được"
# How much wider than the digits that a column's width is counted in signs are on average.
SIGN_WIDTH = 1.12
SHEET_NAME = 31
NUMERALS = re.compile(r"\d+")


class Line(NamedTuple):
    """One row: texts, dates, whole or other numbers, None; a void one is struck through."""

    cells: Cells
    is_void: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook; the title and notes stand above the header."""

    name: str
    title: str
    notes: Sequence[str]
    columns: Sequence[Column]
    lines: Iterable[Line]


# ---------------------------------------------------------------- the register


def register_sheet(
    session: Session, period: Period, unit_ids: frozenset[int] | None, *, names: bool, unit: str = ""
) -> Sheet:
    """All letters of a period, void ones too, by unit, date and number.

    `names`: whether recipients can be read, and a source's reasons, which may name them.
    """
    lines = chain.from_iterable(register_lines(session, period.first, period.last, unit_ids))
    notes = (f"Từ ngày {period.start:%d/%m/%Y} đến ngày {period.end:%d/%m/%Y}", *([unit] if unit else []))
    numbered = enumerate(in_order(lines), 1)
    made = (register_line(number, line, names=names) for number, line in numbered)
    return Sheet("Sổ theo dõi", REGISTER_TITLE, notes, REGISTER_COLUMNS, made)


def in_order(lines: Iterable[LetterLine]) -> Iterator[LetterLine]:
    """The letters of a unit and day by number; as the register keeps it, a number is text: 9/PXL stands before 10/PXL."""
    for _, of_day in groupby(lines, key=lambda line: (line.unit_id, line.issued_on)):
        yield from sorted(of_day, key=_numeral)


def _numeral(line: LetterLine) -> tuple[int, int]:
    found = NUMERALS.search(line.number or "")
    return (int(found[0]) if found else 0), line.letter_id


def register_line(number: int, line: LetterLine, *, names: bool) -> Line:
    """A letter as a row of the register."""
    cells = (
        number,
        line.unit,
        line.number,
        line.issued_on,
        KINDS.get(line.kind, line.kind),
        line.code,
        line.procedure,
        line.applicant if names else MASK,
        _day(line.due_at),
        _day(line.new_due_at),
        line.reason if names or not line.reason else MASK,
        line.signer,
        _day(line.delivered_at),
        CHANNELS.get(line.delivered_by, line.delivered_by).capitalize(),
        _day(line.desk_told_at),
        _day(line.desk_done_at),
        PROMISES.get(line.promise, ""),
        STATES.get(line.state, line.state),
        f"Hủy: {line.void_note}" if line.state == LetterState.VOID else "",
    )
    return Line(cells, is_void=line.state == LetterState.VOID)


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else office_day(moment)


# ---------------------------------------------------------------- lists


def list_sheet(found: LedgerList, day: date) -> Sheet:
    """A list; what nobody can say stands at its end, marked."""
    share = found.share
    notes = [f"Tính đến ngày {day:%d/%m/%Y}: {share.numerator}/{share.denominator} {WHOLES[found.key]}"]
    if found.unknown:
        notes.append(f"Ngoài ra {len(found.unknown)} văn bản chưa xác định được, ghi ở cuối danh sách")
    known = ((line, "") for line in found.lines)
    unknown = ((line, f"{UNKNOWN_NOTE}: ") for line in found.unknown)
    lines = (
        Line(_list_cells(number, line, mark)) for number, (line, mark) in enumerate(chain(known, unknown), 1)
    )
    return Sheet(LISTS[found.key], LISTS[found.key], notes, LIST_COLUMNS, lines)


def _list_cells(number: int, line: ListLine, mark: str) -> Cells:
    return (
        number,
        line.unit,
        line.code,
        line.due_on,
        line.number,
        line.issued_on,
        KINDS.get(line.kind, line.kind),
        line.day,
        line.days,
        mark + WHYS.get(line.why, line.why),
    )


# ---------------------------------------------------------------- workbooks


def write_book(target: Path | BinaryIO, sheets: Iterable[Sheet]) -> list[int]:
    """Write sheets one after the other; the number of rows of each."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "default_format_properties": FONT,
    }
    book = xlsxwriter.Workbook(target, options)
    looks = _looks(book)
    counts = [_write_sheet(book, sheet, looks) for sheet in sheets]
    book.close()
    return counts


class _Looks(NamedTuple):
    """Cell formats, plain and struck through."""

    title: Any
    note: Any
    head: Any
    plain: dict[type, Any]
    void: dict[type, Any]


def _looks(book: Any) -> _Looks:
    def cells(**more: Any) -> dict[type, Any]:
        usual = {**FONT, "valign": "top", "border": 1, "border_color": "#C9D1DB", **more}
        return {
            date: book.add_format({**usual, "num_format": "dd/mm/yyyy", "align": "center"}),
            int: book.add_format({**usual, "align": "center"}),
            float: book.add_format({**usual, "align": "center", "num_format": "0.0##"}),
            # Text that somebody edits stays text as well.
            str: book.add_format({**usual, "text_wrap": True, "num_format": "@"}),
        }

    head = {
        "bold": True,
        "text_wrap": True,
        "valign": "vcenter",
        "align": "center",
        "bg_color": "#E8EDF3",
        "border": 1,
    }
    return _Looks(
        title=book.add_format({**FONT, "bold": True, "font_size": 13}),
        note=book.add_format({**FONT, "italic": True}),
        head=book.add_format({**FONT, **head}),
        plain=cells(),
        void=cells(font_strikeout=True, font_color="#6B7280"),
    )


def _write_sheet(book: Any, sheet: Sheet, looks: _Looks) -> int:
    page = book.add_worksheet(sheet.name[:SHEET_NAME])
    top = len(sheet.notes) + 2
    _on_paper(page, top)
    page.write_string(0, 0, sheet.title, looks.title)
    for row, note in enumerate(sheet.notes, 1):
        page.write_string(row, 0, note, looks.note)
    headings = [heading for heading, _ in sheet.columns]
    for position, (_, width) in enumerate(sheet.columns):
        page.set_column(position, position, width)
    page.set_row(top, LINE_POINTS * _height(sheet.columns, headings))
    for position, heading in enumerate(headings):
        page.write_string(top, position, heading, looks.head)
    count = 0
    for count, line in enumerate(sheet.lines, 1):
        page.set_row(top + count, LINE_POINTS * _height(sheet.columns, line.cells))
        _write_cells(page, top + count, line.cells, looks.void if line.is_void else looks.plain)
    page.autofilter(top, 0, top + max(count, 1), len(sheet.columns) - 1)
    page.freeze_panes(top + 1, 0)
    return count


def _on_paper(page: Any, head_row: int) -> None:
    """A4 on its side, all columns on each page, the header at its top and the page number below."""
    page.set_landscape()
    page.set_paper(A4)
    page.set_margins(left=0.3, right=0.3, top=0.4, bottom=0.5)
    page.set_footer('&C&"Times New Roman,Regular"&9&P/&N', {"margin": 0.25})
    page.fit_to_pages(1, 0)
    page.repeat_rows(head_row)


def _height(columns: Sequence[Column], cells: Cells) -> int:
    """How many lines the longest text of a row takes; not every program fits row heights by itself."""
    texts = ((cell, width) for cell, (_, width) in zip(cells, columns, strict=True) if isinstance(cell, str))
    return max((_wrapped(text, width) for text, width in texts), default=1)


@lru_cache(maxsize=4096)
def _wrapped(text: str, width: int) -> int:
    lines, used = 1, 0.0
    for word in text.replace("-", "- ").split():
        size = SIGN_WIDTH * len(word)
        if used and used + size > width:
            lines, used = lines + 1, 0.0
        lines += max(0, ceil(size / width) - 1)
        used += size % width + SIGN_WIDTH / 2
    return lines


def _write_cells(page: Any, row: int, cells: Cells, looks: dict[type, Any]) -> None:
    for position, value in enumerate(cells):
        if value is None or value == "":
            page.write_blank(row, position, None, looks[str])
        elif isinstance(value, date):
            page.write_datetime(row, position, datetime(value.year, value.month, value.day), looks[date])  # noqa: DTZ001 -- a cell knows no zone
        elif isinstance(value, int | float):
            page.write_number(row, position, value, looks[type(value)])
        else:
            page.write_string(row, position, value, looks[str])
