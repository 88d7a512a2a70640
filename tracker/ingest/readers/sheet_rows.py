"""The rows of one sheet of an .xlsx file, streamed: one pass, a few MiB whatever the sheet's size.

Two ways that give the same: an XML parser, exact for every row; and a pattern, three times as fast, that is learnt
from the rows which the parser had to read. The pattern holds the markup letter by letter and leaves open only row
numbers and plain values, so a row that looks in any way different goes to the parser.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple

from tracker.ingest.readers.cell_text import Converter, Kind, Reading
from tracker.ingest.readers.ooxml import Attributes, named_faults, plain_parser, unescaped

# Read at once: whole columns of a piece are converted together, and a piece of less has too few rows for that.
BLOCK = 1024 * 1024
# One row of a real list has a few KiB.
MAX_ROW_BYTES = 16 * 1024 * 1024
MAX_VARIANTS = 400
ROW_END = re.compile(rb"</(?:\w+:)?row\s*>")
EMPTY_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*/>")
SHEET_DATA = re.compile(rb"<(?:\w+:)?sheetData\s*(/?)>")
CELL = re.compile(
    r'<((?:\w+:)?)c r="([A-Z]{1,3})[0-9]+"((?: [a-z]+="[^"<>]*")*)'
    r"(?:/>|></\1c>|>(<\1f(?:>[^<]*</\1f>|[^>]*/>))?<\1v>([^<]*)</\1v></\1c>"
    r'|><\1is><\1t( xml:space="preserve")?>([^<]*)</\1t></\1is></\1c>)'
)
ROW = re.compile(r'\s*<((?:\w+:)?)row r="[0-9]+"[^>]*>((?:.|\n)*)</\1row>')
TRUTHS = {"": "", "1": "TRUE", "true": "TRUE", "0": "FALSE", "false": "FALSE"}
# Nothing is ever given back: what follows begins with a letter that none of these takes. Where a stretch of the sheet holds
# neither of the two letters that need care, none is looked for, which is three times as quick.
VALUE, PLAIN_VALUE = r"([^<&\r]*+)", r"([^<]*+)"
# Between the cells of a column while they are decoded together; no XML may hold it.
BETWEEN = "\x1f"
FORMULA = r"<{p}f(?:>[^<]*+</{p}f>|[^>]*/>)"
# From so many rows on it is known how a column is mostly written.
TELLING_ROWS = 200


class ReadCell(NamedTuple):
    """A cell as the file holds it."""

    column: int
    type: str
    style: int
    value: str


class Variant(NamedTuple):
    """One way in which the cells of a column are written."""

    column: int
    pattern: str
    type: str | None  # None: the cell is empty
    style: int


class Stretch(NamedTuple):
    """Whole rows of a sheet in UTF-8: as text they would take twice the room and a quarter more time.

    `is_plain`: there is no escape and no carriage return in them, `is_spelt`: nor one of the spreadsheet's own escapes,
    `_x000D_`.
    """

    body: bytes
    is_plain: bool
    is_spelt: bool


class CellWords:
    """What the values of cells refer to, and how each kind becomes text."""

    def __init__(self, reading: Reading, strings: list[str], date_styles: frozenset[int]) -> None:
        self._reading = reading
        self._strings = strings
        self._date_styles = date_styles
        # Is it known of the cells to come that none has an escape?
        self.are_spelt = False

    def converter(self, column: int, kind: str, style: int) -> Converter | None:
        """The function from the value of such a cell to its text; None if it is not wanted.

        Raises:
            ValueError: a type of cell that does not exist.
        """
        convert = self._reading.converter(column, self._kind(kind, style))
        if convert is None:
            return None
        if kind == "s":
            strings = self._strings
            return lambda cells: convert([strings[int(raw)] if raw else "" for raw in cells])
        if kind == "b":
            return lambda cells: [TRUTHS[raw] for raw in cells]
        if kind in ("str", "inlineStr"):
            return lambda cells: convert(cells if self.are_spelt else _unescaped(cells))
        return convert

    def _kind(self, kind: str, style: int) -> Kind:
        if kind in ("", "n"):
            return "moment" if style in self._date_styles else "number"
        if kind not in ("s", "str", "inlineStr", "b", "e", "d"):
            raise ValueError(kind)
        return "text"


class SheetRows:
    """One sheet, open for one pass over its rows up to column `width`."""

    def __init__(self, path: Path, sheet: str, words: CellWords, width: int) -> None:
        self._path, self._sheet, self._words, self._width = path, sheet, words, width
        self._pattern = RowPattern(words, width)
        self._number = 0

    def read(self, stream: IO[bytes]) -> Iterator[tuple[int, list[str]]]:
        """Row numbers and texts; rows without any cell are left out.

        Raises:
            UnusableFile: the sheet is damaged.
        """
        # A generator may be dropped half-way, so faults are named around each step and not around a yield.
        stretches = _stretches(stream)
        while True:
            with named_faults(self._path, f"trang “{self._sheet}”, sau dòng {self._number}"):
                stretch = next(stretches, None)
                rows = self._rows(stretch) if stretch is not None else None
            if rows is None:
                return
            yield from rows

    def _rows(self, stretch: Stretch) -> list[tuple[int, list[str]]]:
        """The rows in a piece of the sheet that ends with a row."""
        found: list[tuple[int, list[str]]] = []
        self._words.are_spelt = stretch.is_spelt
        body, position = stretch.body, 0
        while position < len(body):
            position = self._pattern.read(stretch, position, found)
            if found:
                self._number = found[-1][0]
            end = ROW_END.search(body, position)
            if end is None:
                break
            row = body[position : end.end()].decode()
            found += self._exact(row)
            position = end.end()
            self._pattern.learn(row)
        return found

    def _exact(self, text: str) -> list[tuple[int, list[str]]]:
        """Rows read by the XML parser."""
        rows = []
        for number, cells in parse_rows(text, self._number):
            self._number = number
            if not cells:
                continue
            row = [""] * self._width
            for column, kind, style, value in cells:
                if value and column < self._width:
                    convert = self._words.converter(column, kind, style)
                    row[column] = convert([value])[0] if convert else ""
            rows.append((number, row))
        return rows


class RowPattern:
    """What the rows of a sheet look like, as one regular expression that grows with what is seen."""

    def __init__(self, words: CellWords, width: int) -> None:
        self._words, self._width = words, width
        self._variants: dict[int, list[Variant]] = {}
        self._count = 0
        self._prefix = ""
        # For stretches that are plain, and for the others.
        self._plain: re.Pattern[bytes] | None = None
        self._careful: re.Pattern[bytes] | None = None
        self._plan: list[tuple[Variant, Converter]] = []
        self._is_settled = False

    def read(self, stretch: Stretch, position: int, found: list[tuple[int, list[str]]]) -> int:
        """Add the rows from `position` on that have the pattern; where the first other one begins."""
        pattern = self._plain if stretch.is_plain else self._careful
        if pattern is None:
            return position
        match, body = pattern.match, stretch.body
        taken: list[tuple[bytes, ...]] = []
        add = taken.append
        while (here := match(body, position)) is not None:
            add(here.groups(b""))
            position = here.end()
        if taken:
            found += self._rows(taken)
        return position

    def _rows(self, taken: list[tuple[bytes, ...]]) -> Iterable[tuple[int, list[str]]]:
        """Converted column by column, which costs a third of going cell by cell."""
        numbers, *groups = zip(*taken, strict=True)
        columns: list[Sequence[str]] = [("",) * len(taken)] * self._width
        filled: set[int] = set()
        for ((column, *_), convert), cells in zip(self._plan, groups, strict=True):
            if not any(cells):
                continue  # a way of writing that only the heading has, or a column left empty
            texts = convert(_decoded(cells))
            if column in filled:
                # Written in several ways; a cell is written in one of them.
                texts = [text or other for text, other in zip(columns[column], texts, strict=True)]
            columns[column] = texts
            filled.add(column)
        if not self._is_settled and len(taken) >= TELLING_ROWS:
            self._settle([sum(map(bool, cells)) for cells in groups])
        return zip(map(int, numbers), map(list, zip(*columns, strict=True)), strict=True)

    def _settle(self, times: Sequence[int]) -> None:
        """Try the ways in which each column is mostly written first, and forget those that only its heading had.

        What comes up again after all is learnt again.
        """
        self._is_settled = True
        used = {variant: often for (variant, _), often in zip(self._plan, times, strict=True)}
        for ways in self._variants.values():
            ways.sort(key=lambda variant: -used.get(variant, 0))
            if used.get(ways[0]):
                ways[:] = [variant for variant in ways if used.get(variant, 1)]
        self._compile()

    def learn(self, text: str) -> None:
        """Widen the pattern by a row that it did not fit, if its cells are plain."""
        if self._count >= MAX_VARIANTS or (row := ROW.fullmatch(text)) is None:
            return
        variants, position, last = [], 0, -1
        body = row[2]
        while position < len(body):
            cell = CELL.match(body, position)
            if cell is None or cell[1] != row[1]:
                return
            variants.append(_variant(cell))
            if variants[-1].column <= last:
                return
            last, position = variants[-1].column, cell.end()
        if not variants or (self._plain is not None and self._prefix != row[1]):
            return
        self._prefix = row[1]
        if self._add(variants):
            self._compile()

    def _add(self, variants: list[Variant]) -> bool:
        is_new = False
        for variant in variants:
            known = self._variants.setdefault(variant.column, [])
            if variant not in known:
                known.append(variant)
                self._count += 1
                is_new = True
        return is_new

    def _compile(self) -> None:
        self._plan = []
        parts = [rf'\s*<{self._prefix}row r="([0-9]+)"[^>]*+>']
        for column in sorted(self._variants):
            ways = []
            for variant in self._variants[column]:
                convert = None
                if variant.type is not None and column < self._width:
                    convert = self._words.converter(column, variant.type, variant.style)
                if convert is not None:
                    self._plan.append((variant, convert))
                ways.append(variant.pattern if convert else variant.pattern.replace(VALUE, VALUE[1:-1]))
            # The last way is that there is no cell: said with "?" it costs a third more.
            parts.append(f"(?:{'|'.join(ways)}|)")
        careful = "".join(parts) + f"</{self._prefix}row>"
        plain = careful.replace(VALUE, PLAIN_VALUE)
        self._careful, self._plain = re.compile(careful.encode()), re.compile(plain.encode())


def _decoded(cells: Sequence[bytes]) -> list[str]:
    """The cells of a column as text, all at once: one after the other takes three times as long."""
    texts = BETWEEN.encode().join(cells).decode().split(BETWEEN)
    return texts if len(texts) == len(cells) else [cell.decode() for cell in cells]


def _unescaped(cells: Sequence[str]) -> Sequence[str]:
    """Looking into all cells at once costs a third of looking into each; most have nothing escaped."""
    return [unescaped(raw) for raw in cells] if "_x" in "".join(cells) else cells


def _variant(cell: re.Match[str]) -> Variant:
    prefix, letters, given, formula, value, space, inline = cell.groups()
    attributes = dict(re.findall(r'([a-z]+)="([^"]*)"', given))
    # A cell bears the number of its row.
    start = rf'<{prefix}c r="{letters}\1"{re.escape(given)}'
    kind: str | None = attributes.get("t", "")
    if value is not None:
        middle = FORMULA.format(p=prefix) if formula else ""
        pattern = f"{start}>{middle}<{prefix}v>{VALUE}</{prefix}v></{prefix}c>"
    elif inline is not None:
        pattern = f"{start}><{prefix}is><{prefix}t{space or ''}>{VALUE}</{prefix}t></{prefix}is></{prefix}c>"
    else:
        kind = None
        pattern = f"{start}(?:/>|></{prefix}c>)"
    return Variant(column_number(letters), pattern, kind, int(attributes.get("s", 0)))


def parse_rows(text: str, before: int) -> list[tuple[int, list[ReadCell]]]:
    """All rows in a piece of a sheet, by the XML parser; rows without a number follow the one before them."""
    reader = _RowParser(before)
    parser = plain_parser(reader.start)
    parser.buffer_text = True
    parser.EndElementHandler = lambda name: reader.end(name.rpartition(":")[2])
    parser.CharacterDataHandler = reader.text
    parser.Parse(f"<rows>{text}</rows>", True)
    return reader.rows


class _RowParser:
    def __init__(self, before: int) -> None:
        self.rows: list[tuple[int, list[ReadCell]]] = []
        self._number = before
        self._column = -1
        self._given: Attributes = {}
        self._collecting = False
        self._in_phonetic = False
        self._value: list[str] = []

    def start(self, name: str, given: Attributes) -> None:
        if name == "row":
            self._number = int(given.get("r", self._number + 1))
            self._column = -1
            self.rows.append((self._number, []))
        elif name == "c":
            self._given, self._value = given, []
            letters = given.get("r", "").rstrip("0123456789")
            self._column = column_number(letters) if letters else self._column + 1
        elif name == "rPh":
            self._in_phonetic = True
        elif name in ("v", "t"):
            self._collecting = not self._in_phonetic

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            self._collecting = False
        elif name == "rPh":
            self._in_phonetic = False
        elif name == "c":
            kind, style = self._given.get("t", ""), int(self._given.get("s", 0))
            self.rows[-1][1].append(ReadCell(self._column, kind, style, "".join(self._value)))

    def text(self, text: str) -> None:
        if self._collecting:
            self._value.append(text)


def column_number(letters: str) -> int:
    """A -> 0, Z -> 25, AA -> 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _stretches(stream: IO[bytes]) -> Iterator[Stretch]:
    """The rows of a sheet part in pieces, each cut after a row.

    Raises:
        ValueError: no rows where they should be, a row without an end, not UTF-8.
    """
    block = b""
    while (start := SHEET_DATA.search(block)) is None:
        more = stream.read(BLOCK)
        if not more or len(block) > MAX_ROW_BYTES:
            raise ValueError("sheetData")
        block += more
    head, rest = block[: start.start()], block[start.end() :]
    if b"<!DOCTYPE" in head:
        raise ValueError("DOCTYPE")
    prefix = start[0][1 : start[0].index(b"sheetData")]
    row_end, last = b"</" + prefix + b"row>", b"</" + prefix + b"sheetData>"
    is_over = bool(start[1])
    while not is_over:
        data, is_over = rest, False
        stop = data.find(last)
        if stop >= 0:
            data, is_over = data[:stop], True
        cut = data.rfind(row_end)
        if cut >= 0:
            whole = data[: cut + len(row_end)]
            is_plain = b"&" not in whole and b"\r" not in whole
            yield Stretch(whole, is_plain, is_spelt=b"_x" not in whole)
            rest = rest[cut + len(row_end) :]
        elif len(rest) > MAX_ROW_BYTES:
            # Styled rows without cells may stand there by the million.
            rest = EMPTY_ROW.sub(b"", rest)
            if len(rest) > MAX_ROW_BYTES:
                raise ValueError("row")
        if not is_over:
            more = stream.read(BLOCK)
            if not more:
                raise ValueError("sheetData")
            rest += more
    # To the end, so that the archive's check sum is compared.
    while stream.read(BLOCK):
        pass
