"""Rows of text -> typed columns, rejections and flags; cells as the source wrote them, nothing guessed.

A row is rejected when it has no code, or when its reception, due, finish or withdrawal cell cannot be read as a
date: a due date that silently became blank would hide lateness. Readable but impossible values become empty and
are flagged; their text stays in the raw rows.
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from tracker.ingest.columns import (
    DATE_FIELDS,
    DECISIVE,
    TEXT_FIELDS,
    WORD_FIELDS,
    RecordColumns,
    SourceSuspension,
)
from tracker.ingest.dates import SWAP_MARK, DateParts, DateReader
from tracker.ingest.layout import Layout
from tracker.ingest.redaction import holds_identity_number, redact
from tracker.ingest.rows import CELL, TableRows
from tracker.ingest.words import known_words, parse_pauses
from tracker.text import clean, fold
from tracker.timekeeping.intake import REASON_UNTOLD
from tracker.types import VN, Channel, Rejection, SourceStatus

ENDS = ("finished_at", "returned_at", "withdrawn_at", "refused_at")
NEVER_IN_FUTURE = ("received_at", *ENDS)
# What no tidy cell holds, looked for in a whole chunk at once.
UNTIDY = tuple(mark.encode() for mark in ("  ", "\t", "\r", "\n", "\xa0", "\x1f ", " \x1f", "[br]", "<br"))
# Fault of a decisive date -> code and sentence of the rejection.
DATE_FAULTS = {
    "INVALID": (
        "DATE_INVALID",
        "không đọc được là ngày có thật (cần dạng 31/12/2022 hoặc 31/12/2022 16:30:00)",
    ),
    "SWAPPED": (
        "DATE_SWAPPED_SUSPECTED",
        "nghi Excel đã đảo ngày và tháng: trong cột này mọi ngày mà Excel hiểu đều từ 12 trở xuống, còn các ngày "
        "sau 12 vẫn là chữ; hãy xuất lại tệp từ hệ thống (không mở bằng Excel trước), hoặc sửa ô này thành chữ",
    ),
}
REFUSED_WORDS = frozenset({"tu choi giai quyet"})


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What reading depends on besides the file: now, and what time a bare date stands for."""

    now: int
    last_year: int
    opening: Callable[..., int]  # 00:00 of a date
    closing: Callable[..., int]  # end of its last session


class Normalizer:
    """Turns the chunks of one file into typed columns; keeps caches of what repeats."""

    def __init__(self, file: str, sheet: str, layout: Layout, circumstances: Circumstances) -> None:
        self.file, self.sheet, self.layout, self.now = file, sheet, layout, circumstances.now
        self._width = len(layout.headings)
        self.fields = tuple(sorted(layout.columns))
        opening, closing = circumstances.opening, circumstances.closing
        at_date = dict.fromkeys(("due_at", "previous_due_at", "intake_due_at", *ENDS), closing)
        self._closing = closing
        parts = DateParts(circumstances.last_year)
        self._dates = {name: DateReader(at_date.get(name, opening), parts) for name in DATE_FIELDS}
        self._pauses = DateReader(opening, parts)
        self._seen_words: dict[str, dict[str, str]] = {name: {} for name in WORD_FIELDS}
        self._seen_pauses: dict[str, tuple[tuple[SourceSuspension, ...], bool]] = {"": ((), True)}

    # ------------------------------------------------------------ a chunk

    def columns(self, table: TableRows, positions: Sequence[int]) -> RecordColumns:
        """The typed columns of some rows of a chunk; what cannot be used is among them, in `rejected`."""
        chosen = table.only(positions)
        text = CELL.join(chosen.raw)
        # Searching bytes is several times as fast as searching Vietnamese text.
        encoded = text.encode("utf-8", "surrogatepass")
        care = Care(_is_untidy(text, encoded), holds_identity_number(encoded))
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
            flags={position: set(flags) for position, flags in table.flagged.items()},
            rejected=dict(table.rejected),
        )
        if out.suspensions_told:
            told = self._cells("suspensions", cells) or blank
            out.suspensions = [self._pauses_of(out, n, cell) for n, cell in enumerate(told)]
        return out

    def _cells(self, name: str, cells: Sequence[Sequence[str]]) -> Sequence[str] | None:
        position = self.layout.columns.get(name)
        return None if position is None else cells[position]

    def _rejection(self, number: int, heading: str, value: str, code: str, message: str) -> Rejection:
        return Rejection(self.file, self.sheet, number, heading, value, code, message)

    # ------------------------------------------------------------ text and words

    def _word_column(self, name: str, cells: Sequence[str]) -> list[str]:
        """The enum value of each cell; empty where the word is unknown or there is none."""
        seen = self._seen_words[name]
        words = known_words()[self.layout.words.get(name, name)]
        for cell in set(cells) - seen.keys():
            seen[cell] = words.get(fold(cell), "") if cell.strip() else ""
        return [seen[cell] for cell in cells]

    def _pauses_of(self, out: RecordColumns, position: int, cell: str) -> tuple[SourceSuspension, ...]:
        if not cell:
            return ()
        known = self._seen_pauses.get(cell)
        pauses, sound = known or parse_pauses(cell, self._pauses)
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
        if "finished_at" in self.layout.weak:
            # A result may be signed before it is ready, or reach the desk later: used for want of a better date.
            is_signed = fold(self.layout.heading("finished_at")).startswith("ngay ky")
            flag = "END_FROM_SIGNATURE" if is_signed else "END_FROM_DESK"
            for position, finished in enumerate(out.dates["finished_at"]):
                if finished is not None:
                    out.flag(position, flag)

    def _date_fault(self, out: RecordColumns, position: int, name: str, value: str, fault: str) -> None:
        if fault == "SENTINEL":
            out.flag(position, "DATE_SENTINEL")
        elif fault == "SWAPPED" and name not in DECISIVE:
            out.flag(position, "DATE_SWAPPED_SUSPECTED")
        elif name not in DECISIVE:
            out.flag(position, "DATE_UNREADABLE")
        elif position not in out.rejected:
            out.rejected[position] = self._rejection(
                out.row_numbers[position],
                self.layout.heading(name),
                redact(value.removesuffix(SWAP_MARK)),
                *DATE_FAULTS[fault],
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
        if "refusal_reason" not in self.layout.columns:
            self._flag_untold_reasons(out)

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

    def _flag_untold_reasons(self, out: RecordColumns) -> None:
        """A source that has no place for reasons does not refuse without one: nobody can say."""
        for position, (word, at) in enumerate(zip(out.words["status"], out.dates["refused_at"], strict=True)):
            if word == SourceStatus.REFUSED or (
                at is not None and out.dates["received_at"][position] is None
            ):
                out.flag(position, REASON_UNTOLD)

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


def _is_untidy(text: str, encoded: bytes) -> bool:
    marked = any(mark in encoded for mark in UNTIDY) or text[:1] == " " or text[-1:] == " "
    return marked or not unicodedata.is_normalized("NFC", text)


def _tidy(cells: Sequence[str], care: Care) -> Sequence[str]:
    """Cells in one Unicode form, spaces collapsed, citizen ids dropped, where the chunk needs it."""
    if care.clean:
        cells = [clean(cell) for cell in cells]
    return [redact(cell) for cell in cells] if care.redact else cells


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
