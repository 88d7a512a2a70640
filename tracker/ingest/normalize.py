"""Rows of text -> typed columns, rejections and flags; cells as the source wrote them, nothing guessed.

A row is rejected when it has no code, or when its reception, due, finish or withdrawal cell cannot be read as a
date: a due date that silently became blank would hide lateness. Readable but impossible values become empty and
are flagged; their text stays in the raw rows.
"""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from importlib.resources import files
from itertools import count
from operator import itemgetter
from typing import NamedTuple

from tracker.ingest.columns import (
    DATE_FIELDS,
    TEXT_FIELDS,
    WORD_FIELDS,
    RecordColumns,
    SourceSuspension,
)
from tracker.ingest.dates import DateParts, DateReader, Sentinel
from tracker.ingest.layout import Layout
from tracker.ingest.redaction import REDACTED, holds_identity_number, redact
from tracker.text import clean, fold, normal_code
from tracker.types import VN, Channel, Rejection, SourceStatus, SuspensionKind

CELL, ROW = "\x1f", "\x1e"
# A fault in one of these hides lateness: the row is rejected. In the others it is a flag.
DECISIVE = ("received_at", "due_at", "finished_at", "withdrawn_at")
ENDS = ("finished_at", "returned_at", "withdrawn_at", "refused_at")
NEVER_IN_FUTURE = ("received_at", *ENDS)
PLAIN_CODE = re.compile(r"[0-9A-Z.\-/]+")
# What no tidy cell holds, looked for in a whole chunk at once.
UNTIDY = ("  ", "\t", "\r", "\n", "\xa0", "\x1f ", " \x1f", "\x1e ", " \x1e", "[br]", "<br")
CITIZEN_ID = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")
SHORT_CODE = 3
TOTAL_WORDS = ("tong", "cong")
REFUSED_WORDS = frozenset({"tu choi giai quyet"})


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What reading depends on besides the file: now, and what time a bare date stands for."""

    now: int
    last_year: int
    opening: Callable[..., int]  # 00:00 of a date
    closing: Callable[..., int]  # end of its last session


@dataclass(frozen=True, slots=True)
class TableRows:
    """The dossiers of a chunk before their cells are read: enough to see which of them tell something new."""

    numbers: list[int]
    rows: list[list[str]]
    codes: list[str]
    raw: list[str]
    hashes: list[bytes]
    rejected: dict[int, Rejection]

    def only(self, positions: Sequence[int]) -> "TableRows":
        """Some of the rows, in order."""
        if len(positions) == len(self.codes):
            return self
        new = {position: n for n, position in enumerate(positions)}
        return TableRows(
            [self.numbers[n] for n in positions],
            [self.rows[n] for n in positions],
            [self.codes[n] for n in positions],
            [self.raw[n] for n in positions],
            [self.hashes[n] for n in positions],
            {new[position]: rejection for position, rejection in self.rejected.items()},
        )


@lru_cache(maxsize=1)
def _words() -> Mapping[str, Mapping[str, str]]:
    """Per list: folded word -> value of our enum."""
    table = tomllib.loads(files("tracker.data").joinpath("words.toml").read_text("utf-8"))
    return {
        name: {fold(word): value for value, words in entries.items() for word in (*words, value)}
        for name, entries in table.items()
    }


class Normalizer:
    """Turns the chunks of one file into typed columns; keeps caches of what repeats."""

    def __init__(self, file: str, layout: Layout, circumstances: Circumstances) -> None:
        self.file, self.layout, self.now = file, layout, circumstances.now
        self._width = len(layout.headings)
        # At least three columns are needed, so this gives tuples.
        self._in_order = itemgetter(*(layout.columns[name] for name in sorted(layout.columns)))
        self.fields = tuple(sorted(layout.columns))
        self._dated = [layout.columns[name] for name in DATE_FIELDS if name in layout.columns]
        opening, closing = circumstances.opening, circumstances.closing
        at_date = dict.fromkeys(("due_at", "previous_due_at", *ENDS), closing)
        self._closing = closing
        parts = DateParts(circumstances.last_year)
        self._dates = {name: DateReader(at_date.get(name, opening), parts) for name in DATE_FIELDS}
        self._pauses = DateReader(opening, parts)
        self._seen_words: dict[str, dict[str, str]] = {name: {} for name in WORD_FIELDS}
        self._seen_pauses: dict[str, tuple[tuple[SourceSuspension, ...], bool]] = {"": ((), True)}
        self.skipped: dict[str, int] = {}

    # ------------------------------------------------------------ a chunk

    def identify(self, first_row: int, rows: Sequence[list[str]]) -> TableRows:
        """The dossiers of a chunk whose first row has the number `first_row`: codes and hashes, nothing read yet."""
        numbers, kept, rejected = self._table_rows(first_row, rows)
        raw = list(map(CELL.join, map(self._in_order, kept)))
        code_at = self.layout.columns["dossier_code"]
        codes = _codes([row[code_at] for row in kept])
        return TableRows(
            numbers=numbers,
            rows=kept,
            codes=codes,
            raw=raw,
            hashes=[blake2b(line.encode(), digest_size=16).digest() for line in raw],
            rejected=rejected | self._ids_as_codes(numbers, codes),
        )

    def _ids_as_codes(self, numbers: Sequence[int], codes: list[str]) -> dict[int, Rejection]:
        """Rows whose code is a citizen id: rejected, and the id taken out at once."""
        rejected: dict[int, Rejection] = {}
        if not CITIZEN_ID.search(CELL.join(codes)):
            return rejected
        heading = self.layout.heading("dossier_code")
        for position, code in enumerate(codes):
            if CITIZEN_ID.search(code):
                codes[position] = ""
                rejected[position] = self._rejection(
                    numbers[position], heading, REDACTED, "CODE_IS_IDENTITY",
                    "mã hồ sơ là số định danh cá nhân (12 chữ số): không lưu",
                )  # fmt: skip
        return rejected

    def columns(self, table: TableRows, positions: Sequence[int]) -> RecordColumns:
        """The typed columns of some rows of a chunk; what cannot be used is among them, in `rejected`."""
        chosen = table.only(positions)
        text = ROW.join(chosen.raw)
        care = Care(_is_untidy(text), holds_identity_number(text))
        cells = list(zip(*chosen.rows, strict=True)) if chosen.rows else [()] * self._width
        out = self._columns(chosen, cells, care)
        self._read_dates(out, cells)
        self._check(out)
        return out

    def _columns(self, table: TableRows, cells: Sequence[Sequence[str]], care: "Care") -> RecordColumns:
        blank = ("",) * len(table.codes)
        given = {name: self._cells(name, cells) or blank for name in (*TEXT_FIELDS, *WORD_FIELDS)}
        texts = {name: _tidy(given[name], care) for name in TEXT_FIELDS}
        out = RecordColumns(
            row_numbers=table.numbers,
            codes=table.codes,
            hashes=table.hashes,
            raw=[redact(line) for line in table.raw] if care.redact else table.raw,
            dates={},
            texts=texts,
            words={name: self._word_column(name, given[name]) for name in WORD_FIELDS},
            status_texts=_tidy(given["status"], care),
            suspensions=[()] * len(blank),
            suspensions_told="suspensions" in self.layout.columns,
            rejected=dict(table.rejected),
        )
        if out.suspensions_told:
            told = self._cells("suspensions", cells) or blank
            out.suspensions = [self._pauses_of(out, n, cell) for n, cell in enumerate(told)]
        return out

    def _cells(self, name: str, cells: Sequence[Sequence[str]]) -> Sequence[str] | None:
        position = self.layout.columns.get(name)
        return None if position is None else cells[position]

    # ------------------------------------------------------------ rows

    def _table_rows(
        self, first_row: int, rows: Sequence[list[str]]
    ) -> tuple[list[int], list[list[str]], dict[int, Rejection]]:
        """The rows that are dossiers, with their numbers; group, total, numbering and blank rows are counted."""
        width, code_at = self._width, self.layout.columns["dossier_code"]
        numbers: list[int] = []
        kept: list[list[str]] = []
        rejected: dict[int, Rejection] = {}
        for number, row in zip(count(first_row), rows, strict=False):
            # A code ends in a digit and is longer than a column number: what does not is looked at with care.
            if len(row) == width and len(code := row[code_at]) > SHORT_CODE and code[-1].isdigit():
                numbers.append(number)
                kept.append(row)
            else:
                self._odd_row(number, row, numbers, kept, rejected)
        return numbers, kept, rejected

    def _odd_row(
        self,
        number: int,
        row: list[str],
        numbers: list[int],
        kept: list[list[str]],
        rejected: dict[int, Rejection],
    ) -> None:
        kind = self._skip_kind(row)
        if kind:
            self.skipped[kind] = self.skipped.get(kind, 0) + 1
            return
        surplus = [cell for cell in row[self._width :] if cell.strip()]
        row = (row + [""] * self._width)[: self._width]
        if surplus:
            rejected[len(kept)] = self._rejection(
                number,
                "",
                redact(CELL.join(surplus)),
                "ROW_TOO_LONG",
                "dòng có nhiều ô hơn tiêu đề: các ô có thể bị lệch",
            )
        elif not row[self.layout.columns["dossier_code"]].strip():
            heading = self.layout.heading("dossier_code")
            rejected[len(kept)] = self._rejection(number, heading, "", "CODE_MISSING", "thiếu mã hồ sơ")
        numbers.append(number)
        kept.append(row)

    def _skip_kind(self, row: list[str]) -> str | None:
        filled = [cell.strip() for cell in row if cell.strip()]
        if not filled:
            return "blank"
        if all(re.fullmatch(r"\(?\d{1,2}\)?", cell) for cell in filled) and len(filled) > 2:
            return "numbering"
        code_at = self.layout.columns["dossier_code"]
        # Two dates make a dossier, whatever its first cell says: "Công ty", "Tống" and "Cộng đồng" are names too.
        if sum(len(row) > at and bool(row[at].strip()) for at in self._dated) > 1:
            return None
        code = row[code_at].strip() if len(row) > code_at else ""
        if fold(filled[0]).startswith(TOTAL_WORDS) or fold(code).startswith(TOTAL_WORDS):
            return "total"
        return "group" if not code and len(filled) <= 2 else None

    def _rejection(self, number: int, heading: str, value: str, code: str, message: str) -> Rejection:
        return Rejection(self.file, "", number, heading, value, code, message)

    # ------------------------------------------------------------ text and words

    def _word_column(self, name: str, cells: Sequence[str]) -> list[str]:
        """The enum value of each cell; empty where the word is unknown or there is none."""
        seen = self._seen_words[name]
        for cell in set(cells) - seen.keys():
            seen[cell] = _words()[name].get(fold(cell), "") if cell.strip() else ""
        return [seen[cell] for cell in cells]

    def _pauses_of(self, out: RecordColumns, position: int, cell: str) -> tuple[SourceSuspension, ...]:
        if not cell:
            return ()
        known = self._seen_pauses.get(cell)
        pauses, sound = known or _parse_pauses(cell, self._pauses)
        if not sound:
            out.flag(position, "SUSPENSION_UNREADABLE")
        return pauses

    # ------------------------------------------------------------ dates

    def _read_dates(self, out: RecordColumns, cells: Sequence[Sequence[str]]) -> None:
        blank: list[int | None] = [None] * len(out.codes)
        for name in DATE_FIELDS:
            given = self._cells(name, cells)
            if given is None:
                out.dates[name] = list(blank)
                continue
            out.dates[name], faults = self._dates[name].column(given)
            for position, fault in faults:
                self._date_fault(out, position, name, given[position], fault)

    def _date_fault(self, out: RecordColumns, position: int, name: str, value: str, fault: str) -> None:
        if fault == "SENTINEL":
            out.flag(position, "DATE_SENTINEL")
        elif name not in DECISIVE:
            out.flag(position, "DATE_UNREADABLE")
        elif position not in out.rejected:
            out.rejected[position] = self._rejection(
                out.row_numbers[position],
                self.layout.heading(name),
                redact(value),
                "DATE_INVALID",
                "không đọc được là ngày có thật (cần dạng 31/12/2022 hoặc 31/12/2022 16:30:00)",
            )

    def _check(self, out: RecordColumns) -> None:
        """Empty what cannot be, flagged; fill in the status where the source gives none or an unknown one."""
        dates, now = out.dates, self.now
        for name in NEVER_IN_FUTURE:
            column = dates[name]
            for position, value in enumerate(column):
                if value is not None and value > now and not self._is_bare_date_of(value, now):
                    column[position] = None
                    out.flag(position, f"{name.removesuffix('_at').upper()}_IN_FUTURE")
        for name in ENDS:
            ends = dates[name]
            for position, (received, end) in enumerate(zip(dates["received_at"], ends, strict=True)):
                if received is None or end is None or end >= received:
                    continue
                if not self._is_bare_date_of(end, received):
                    ends[position] = None
                    out.flag(position, "END_BEFORE_RECEIVED")
        self._check_due(out)
        self._complete_status(out)

    def _is_bare_date_of(self, end: int, moment: int) -> bool:
        """Does the end look like a date without a time (closing time stands for it), the date being the moment's?"""
        day = datetime.fromtimestamp(moment, VN).date()
        return end == self._closing(day)

    def _check_due(self, out: RecordColumns) -> None:
        dates = out.dates
        columns = (dates["received_at"], dates["due_at"], dates["finished_at"], dates["returned_at"])
        for position, (received, due, finished, returned) in enumerate(zip(*columns, strict=True)):
            if due is None:
                out.flag(position, "DUE_MISSING")
            elif received is not None and due < received:
                out.flag(position, "DUE_BEFORE_RECEIVED")
            elif due == finished:
                out.flag(position, "END_EQ_DUE")
            if finished is None and returned is not None:
                out.flag(position, "END_FROM_RETURN")
            if received is None and dates["filed_at"][position] is None:
                out.flag(position, "RECEIVED_MISSING")

    def _complete_status(self, out: RecordColumns) -> None:
        words = out.words["status"]
        refused, finished = out.dates["refused_at"], out.dates["finished_at"]
        for position, (word, text) in enumerate(zip(words, out.status_texts, strict=True)):
            if not word:
                words[position] = _status_of_dates(out.dates, position) if not text else SourceStatus.UNKNOWN
                if text:
                    out.flag(position, "STATUS_UNKNOWN")
            elif word == SourceStatus.DONE and fold(text) in REFUSED_WORDS and refused[position] is None:
                refused[position] = finished[position]
        channels = out.words["channel"]
        kinds = out.words["applicant_kind"]
        for position, word in enumerate(channels):
            if not word:
                channels[position] = Channel.UNKNOWN.value
        for position, word in enumerate(kinds):
            if not word:
                kinds[position] = "unknown"


class Care(NamedTuple):
    """What the cells of a chunk need before they are used; most chunks need nothing."""

    clean: bool
    redact: bool


def _is_untidy(text: str) -> bool:
    marked = any(mark in text for mark in UNTIDY) or text[:1] == " " or text[-1:] == " "
    return marked or not unicodedata.is_normalized("NFC", text)


def _tidy(cells: Sequence[str], care: Care) -> Sequence[str]:
    """Cells in one Unicode form, spaces collapsed, citizen ids dropped, where the chunk needs it."""
    if care.clean:
        cells = [clean(cell) for cell in cells]
    return [redact(cell) for cell in cells] if care.redact else cells


def _codes(cells: Sequence[str]) -> list[str]:
    plain = PLAIN_CODE.fullmatch
    return [cell if plain(cell) else normal_code(cell) for cell in cells]


def _status_of_dates(dates: Mapping[str, list[int | None]], position: int) -> str:
    for name, status in (
        ("withdrawn_at", SourceStatus.WITHDRAWN),
        ("returned_at", SourceStatus.RETURNED),
        ("finished_at", SourceStatus.DONE),
        ("received_at", SourceStatus.PROCESSING),
    ):
        if dates[name][position] is not None:
            return status.value
    return SourceStatus.FILED.value


PAUSE_ITEM = re.compile(r"([^:;]+): *([^;]*?) +- *([^;]*)")


def _parse_pauses(cell: str, reader: DateReader) -> tuple[tuple[SourceSuspension, ...], bool]:
    """Suspensions of a cell `LOẠI: từ - đến; ...`, and whether all of it could be read."""
    pauses: list[SourceSuspension] = []
    sound = True
    for item in cell.split(";"):
        found = PAUSE_ITEM.fullmatch(item.strip())
        kind = _words()["suspension"].get(fold(found[1])) if found else None
        try:
            start = reader.read(found[2]) if found else None
            end = reader.read(found[3]) if found else None
        except (ValueError, Sentinel):
            start = end = None
        if kind is None or start is None or (end is not None and end < start):
            sound = False
            continue
        pauses.append(SourceSuspension(SuspensionKind(kind), start, end))
    return tuple(sorted(pauses, key=lambda pause: pause.start)), sound
