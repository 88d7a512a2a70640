"""Lists of numbers that an agency's document system gave: pasted lines, workbooks, CSV -> GivenNumber, and what is wrong.

Knows no store: whether there is such a letter, and whether it may have the number, decides `letters.numbering`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from letters.register import ALPHABET, CODE_GROUPS, GROUP_LENGTH
from tracker.errors import UnusableFile, UsageError
from tracker.ingest import catalogue_cells as cells
from tracker.ingest.readers.plain_rows import Rows, read_tables
from tracker.text import DASHES, clean, fold, fold_header

T = TypeVar("T")
LONGEST_NUMBER = 60
HEADER_SEARCH = 15
SHOWN = 200  # characters of a bad cell that are told
PASTED = "danh sách dán vào"
# Our name -> the heading that we write, and others that document systems use.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "short_code": ("Mã tra cứu", "Mã tra cứu thư", "Mã thư"),
    "number": ("Số văn bản", "Số ký hiệu", "Số, ký hiệu", "Số/ký hiệu", "Số và ký hiệu", "Số hiệu", "Số"),
    "issued_on": ("Ngày văn bản", "Ngày ban hành", "Ngày phát hành", "Ngày, tháng văn bản", "Ngày"),
    "signer": ("Người ký", "Họ tên người ký", "Họ và tên người ký"),
    "signed_on": ("Ngày ký",),
    "dossier_code": ("Mã hồ sơ", "Số hồ sơ"),
}
NEEDED = ("short_code", "number", "issued_on")
# What stands where in a list without a heading.
PLACES: Mapping[str, int] = {"short_code": 0, "number": 1, "issued_on": 2, "signer": 3, "signed_on": 4}
SEPARATORS = "\t;,"
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_NUMBER = re.compile(r"([0-9]{1,7})([A-Za-zĐđ]?)(?:\s*/\s*(.*[^\W\d_].*))?")
_LABEL = re.compile(r"^\s*số\s*:\s*", re.IGNORECASE)
_NOT_OF_CODE = re.compile(r"[\s-]+")


@dataclass(frozen=True, slots=True)
class GivenNumber:
    """A number and date that a letter was given: the letter by its id or its short code.

    `signer` and `signed_on` let a letter that is only approved be noted as signed in the same line; `dossier_code` is
    compared with the letter's; `row` is where it stood in its list (0: nowhere).
    """

    number: str
    issued_on: date
    letter_id: int | None = None
    short_code: str = ""
    signer: str = ""
    signed_on: date | None = None
    dossier_code: str = ""
    row: int = 0


@dataclass(frozen=True, slots=True)
class ListFault:
    """A cell of a list that cannot be used; its line was left out, the others count."""

    file: str
    row: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class NumberList:
    """The usable lines of a list, what is wrong with the others, and how many there were."""

    file: str
    given: tuple[GivenNumber, ...]
    faults: tuple[ListFault, ...]
    read: int


# ---------------------------------------------------------------- numbers and codes


def number_fault(text: str) -> str | None:
    """Why this can be no number of a document, in the user's words; None if it can."""
    if not text.strip():
        return "chưa có số văn bản"
    if _CONTROL.search(text.strip()):
        return "số văn bản có ký tự điều khiển"
    if len(text) > LONGEST_NUMBER:
        return f"số văn bản dài quá {LONGEST_NUMBER} ký tự"
    if _NUMBER.fullmatch(plain_number(text)) is None:
        return "không đọc được số văn bản; viết như 123/PXL-STNMT hoặc 123"
    return None


def plain_number(text: str) -> str:
    """The number as the register keeps it: one line, without the word "Số:"."""
    return clean(_LABEL.sub("", text))


def number_key(text: str) -> tuple[int, str, str]:
    """What makes a number another one within a unit and year: figure, letter behind it, symbol (Decree 30/2020 art. 15).

    A text that is no number (`number_fault`) is like itself alone.
    """
    found = _NUMBER.fullmatch(plain_number(text))
    if found is None:
        return 0, "", symbol_key(text)
    return int(found[1]), fold(found[2]), symbol_key(found[3] or "")


def symbol_key(symbol: str) -> str:
    """A symbol made comparable: one kind of dash, no spaces, no marks, lower case."""
    return fold(symbol.translate(DASHES)).replace(" ", "")


def normal_short_code(text: str) -> str | None:
    """A short code as letters print it, however it was typed; None for what is none."""
    told = _NOT_OF_CODE.sub("", text.translate(DASHES)).upper()
    if len(told) != CODE_GROUPS * GROUP_LENGTH or not set(told) <= set(ALPHABET):
        return None
    return "-".join(told[at : at + GROUP_LENGTH] for at in range(0, len(told), GROUP_LENGTH))


# ---------------------------------------------------------------- lists


def pasted_numbers(text: str) -> NumberList:
    """Lines as they were pasted: "mã tra cứu; số; ngày[; người ký][; ngày ký]", parted by tabs, semicolons or commas.

    Raises:
        UsageError: neither a heading nor a short code tells what stands where.
    """
    rows = [(number, _pieces(line)) for number, line in enumerate(text.splitlines(), 1)]
    found = _list_of(PASTED, rows)
    if found is None:
        raise UsageError(
            "danh sách dán vào không có dòng nào bắt đầu bằng mã tra cứu; mỗi dòng viết như: 7KQ2-M9XD-4TRA; 123/PXL; 31/12/2025"
        )
    return found


def numbers_in_file(path: Path, *, max_mib: int) -> NumberList:
    """The list in a workbook or CSV file: its first sheet with a heading, or with short codes in its first column.

    Raises:
        UnusableFile: it cannot be read, or holds no such list.
    """
    for _, rows in read_tables(path, max_mib=max_mib):
        if (found := _list_of(path.name, rows)) is not None:
            return found
    wanted = ", ".join(f"“{COLUMNS[name][0]}”" for name in NEEDED)
    raise UnusableFile(
        path.name, f"không tìm thấy dòng tiêu đề trong {HEADER_SEARCH} dòng đầu (cần các cột {wanted})"
    )


def _pieces(line: str) -> list[str]:
    separator = next((each for each in SEPARATORS if each in line), SEPARATORS[0])
    return [piece.strip().strip('"') for piece in line.split(separator)]


def _list_of(file: str, rows: Rows) -> NumberList | None:
    told = [(number, row) for number, row in rows if any(map(str.strip, row))]
    columns, headings, start = _header(told)
    if not columns:
        return None
    lines = [_Line(file, number, columns, headings, row) for number, row in told[start:]]
    read = [line.given() for line in lines]
    faults = tuple(fault for line in lines for fault in line.faults)
    return NumberList(file, tuple(given for given in read if given is not None), faults, len(lines))


def _header(rows: Rows) -> tuple[Mapping[str, int], Sequence[str], int]:
    """Our names -> columns, the headings, and where the lines begin; no columns where nothing tells what they are."""
    meaning = {fold_header(heading): name for name, told in COLUMNS.items() for heading in told}
    for place, (_, row) in enumerate(rows[:HEADER_SEARCH]):
        columns: dict[str, int] = {}
        for position, heading in enumerate(row):
            if name := meaning.get(fold_header(heading)):
                columns.setdefault(name, position)
        if all(name in columns for name in NEEDED):
            return columns, row, place + 1
    if any(row and normal_short_code(row[0]) for _, row in rows):
        return PLACES, [COLUMNS[name][0] for name in PLACES], 0
    return {}, (), 0


class _Line:
    """One line of a list: its cells by our names, and what is wrong with them."""

    def __init__(
        self, file: str, number: int, columns: Mapping[str, int], headings: Sequence[str], row: Sequence[str]
    ) -> None:
        self._file, self._number, self._columns, self._headings, self._row = (
            file,
            number,
            columns,
            headings,
            row,
        )
        self.faults: list[ListFault] = []

    def given(self) -> GivenNumber | None:
        """The line as a number; None where something is wrong with it."""
        short_code = self._cell("short_code", _short_code, "")
        number = self._cell("number", _number, "")
        issued_on = self._cell("issued_on", _needed_day, None)
        signed_on = self._cell("signed_on", cells.day, None)
        signer = self._cell("signer", cells.text, "")
        dossier_code = self._cell("dossier_code", cells.text, "")
        if self.faults or issued_on is None:
            return None
        return GivenNumber(number, issued_on, None, short_code, signer, signed_on, dossier_code, self._number)

    def _cell(self, name: str, read: Callable[[str], T], instead: T) -> T:
        place = self._columns.get(name)
        told = self._row[place] if place is not None and place < len(self._row) else ""
        try:
            return read(told)
        except ValueError as fault:
            heading = self._headings[place] if place is not None else COLUMNS[name][0]
            self.faults.append(ListFault(self._file, self._number, heading.strip(), told[:SHOWN], str(fault)))
            return instead


def _short_code(cell: str) -> str:
    code = normal_short_code(cell)
    if code is None:
        raise ValueError("không phải mã tra cứu; mã viết như 7KQ2-M9XD-4TRA")
    return code


def _number(cell: str) -> str:
    if (fault := number_fault(cell)) is not None:
        raise ValueError(fault)
    return plain_number(cell)


def _needed_day(cell: str) -> date | None:
    if not cell.strip():
        raise ValueError("chưa có ngày văn bản")
    return cells.day(cell)
