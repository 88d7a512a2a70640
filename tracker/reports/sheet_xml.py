"""Cells of a sheet as XML: texts made safe, instants as the numbers that spreadsheets count, heights of wrapped rows.

Written by hand, since a long list is most of what an auditor waits for: nothing but the text of a column's last few
thousand values is kept. Texts stand in their cells (inline), so that no table of them has to be held until the end.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

Column = tuple[str, int]
"""Heading, width in characters."""
Cells = Sequence[Any]
"""One row: texts, instants, dates, numbers, None; as many as there are columns."""

LINE_POINTS = 13
# No row may be higher, and no cell hold more (limits of the file format).
MOST_POINTS, MOST_SIGNS = 409, 32_000
# Room that signs take, in units of column width: digits of the font. A little more than they do, lest a line is cut off.
LETTER, CAPITAL, SPACE = 0.95, 1.4, 0.5
# A spreadsheet runs a cell that begins so as a formula as soon as somebody edits it: such texts are marked as quoted.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

# Numbers of the looks in `styles`.
PLAIN, TITLE, HEAD, MOMENT, NUMBER, TEXT, QUOTED, DAY, SHARE = range(9)

_REMEMBERED = 4_096
_DAY_ZERO = 693_594  # 30/12/1899: day 0 of the file format
_FIRST_DAY = 61  # 01/03/1900: before it the format counts a day that never was
_UNSAFE = re.compile("[&<>\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
_DIGITS = str.maketrans("123456789", "000000000")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\t": " ", "\n": "\n", "\r": "\n"}


class RowWriter:
    """Rows of one list as XML, one after the other; remembers how the last few thousand texts of a column are written.

    Every cell tells the number of its row, so a row is what stands between these numbers, joined by it.
    """

    def __init__(self, columns: Sequence[Column], *, look: int = TEXT) -> None:
        cells = [f'<c r="{column_letters(n)}' for n in range(len(columns))]
        after = (*cells[1:], "</row>")
        self._places = [
            _Place(after[n], f'" s="{look}"/>{after[n]}', {}, width) for n, (_, width) in enumerate(columns)
        ]
        self._first, self._look = cells[0], look

    def row(self, number: int, cells: Cells) -> str:
        """A row of the sheet; `number` counts from 1. As high as its longest text needs.

        Raises:
            ValueError: more or fewer cells than columns.
        """
        parts, lines = ['<row r="', ""], 1
        put = parts.append
        for place, value in zip(self._places, cells, strict=True):
            after, empty, known, _ = place
            kind = type(value)
            if kind is str:
                xml, high = known.get(value) or self._text(place, value)
                put(xml)
                if high > lines:
                    lines = high
            elif value is None:
                put(empty)
            elif kind is int:
                put(f'" s="{NUMBER}"><v>{value}</v></c>{after}')
            else:
                put(f'"{value_cell(value)}{after}')
        parts[1] = f'" ht="{min(LINE_POINTS * lines, MOST_POINTS)}" customHeight="1">{self._first}'
        return str(number).join(parts)

    def _text(self, place: "_Place", text: str) -> tuple[str, int]:
        if len(place.known) >= _REMEMBERED:
            place.known.clear()
        look = QUOTED if self._look == TEXT and text.startswith(FORMULA_STARTS) else self._look
        told = place.known[text] = f'"{text_cell(text, look)}{place.after}', wrapped(text, place.width)
        return told


class _Place(NamedTuple):
    """A column: what comes after a cell of it, an empty cell, the texts as they were written with their lines, its width."""

    after: str
    empty: str
    known: dict[str, tuple[str, int]]
    width: int


def column_letters(position: int) -> str:
    """0 -> A, 26 -> AA."""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def text_cell(text: str, look: int) -> str:
    """A cell of text without its address."""
    if not text:
        return f' s="{look}"/>'
    return f' s="{look}" t="inlineStr"><is>{text_element(text)}</is></c>'


def text_element(text: str) -> str:
    """The element of a text: whatever it holds, a file that can be read; a text that is too long is cut, which is said."""
    if len(text) > MOST_SIGNS:
        text = text[:MOST_SIGNS] + " … (đã cắt)"
    if _UNSAFE.search(text):
        text = _UNSAFE.sub(_safe, text.replace("\r\n", "\n"))
    kept = "" if text == text.strip() and "\n" not in text else ' xml:space="preserve"'
    return f"<t{kept}>{text}</t>"


def _safe(found: re.Match[str]) -> str:
    sign = found[0]
    # "_x000D_" would be read as the sign of that number.
    return f"_x005F{sign}" if len(sign) > 1 else _ENTITIES.get(sign, "")


def value_cell(value: Any) -> str:
    """A cell of an instant, a date, a number or a word without its address.

    Raises:
        TypeError: a value of another kind.
    """
    if isinstance(value, date):
        day = value.toordinal() - _DAY_ZERO
        if day < _FIRST_DAY:
            return text_cell(f"{value:%d/%m/%Y}", TEXT)
        if not isinstance(value, datetime):
            return f' s="{DAY}"><v>{day}</v></c>'
        part = _part_of_day(value.hour * 3600 + value.minute * 60 + value.second)
        return f' s="{MOMENT}"><v>{day}{part}</v></c>'
    if isinstance(value, int):
        return f' s="{NUMBER}"><v>{int(value)}</v></c>'
    if isinstance(value, float):
        return f' s="{SHARE}"><v>{value!r}</v></c>'
    if isinstance(value, str):  # a word of an enumeration
        return text_cell(str(value), TEXT)
    raise TypeError(f"no cell for {type(value).__name__}")


@lru_cache(maxsize=4_096)
def _part_of_day(seconds: int) -> str:
    """Without the zero before the point; so exact that no program shows the minute before."""
    return f"{seconds / 86_400:.12f}"[1:] if seconds else ""


def wrapped(text: str, width: int) -> int:
    """The lines of one cell, words put one after the other; a code may be broken after its hyphens.

    Not every program fits row heights by itself, so the file has to say them.
    """
    if CAPITAL * len(text) <= width and "\n" not in text:
        return 1
    # Codes differ by their digits, which are all of one width.
    return _wrapped(text.translate(_DIGITS), width) if text.isascii() else _wrapped(text, width)


@lru_cache(maxsize=4_096)
def _wrapped(text: str, width: int) -> int:
    return sum(_lines(line, width) for line in text.split("\n"))


def _lines(text: str, width: int) -> int:
    lines, used = 1, 0.0
    for word in text.replace("-", "- ").split():
        size = LETTER * len(word) + (CAPITAL - LETTER) * sum(map(str.isupper, word))
        if used and used + size > width:
            lines, used = lines + 1, 0.0
        lines += int(size // width)
        used += size % width + SPACE
    return lines
