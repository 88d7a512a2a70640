"""Which rows of a table are dossiers, and what identifies each: code and hash. Cells are not read here.

Group rows, totals, numbering and blank rows are counted and passed over; a row without a usable code is rejected.
A group row names the resolving unit of the rows below it that name none themselves. Rows of a list without codes get
provisional ones and a flag.
"""

import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from operator import itemgetter

from tracker.ingest.columns import DATE_FIELDS, DECISIVE
from tracker.ingest.headings import known_headings
from tracker.ingest.layout import LEAST_KNOWN_HEADINGS, UNIT, Layout
from tracker.ingest.provisional import CODE_MISSING, ProvisionalCodes
from tracker.ingest.redaction import REDACTED, holds_identity_number, redact
from tracker.ingest.sections import NOWHERE, group_unit, skip_kind
from tracker.text import normal_code
from tracker.types import Rejection

CELL, ROW = "\x1f", "\x1e"
CITIZEN_ID = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")
# A code that Excel took for a number: what it ended in is lost (formats note 5.5 no. 27).
EXPONENT = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]+")
SHORT_CODE = 3
LONGEST_CODE = 100
PLAIN_CODE = re.compile(r"[0-9A-Z.\-/]+")
IN_PLAIN_CODES = (string.digits + string.ascii_uppercase + ".-/" + CELL).encode()


@dataclass(frozen=True, slots=True)
class TableRows:
    """The dossiers of a chunk before their cells are read: enough to see which of them tell something new.

    `encoded` holds the raw lines in UTF-8: hashed and searched, and encoding them costs as much as either.
    """

    numbers: list[int]
    rows: list[list[str]]
    codes: list[str]
    raw: list[str]
    hashes: list[bytes]
    rejected: dict[int, Rejection]
    encoded: list[bytes]
    flagged: Mapping[int, frozenset[str]] = field(default_factory=dict)

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
            [self.encoded[n] for n in positions],
            {new[position]: flags for position, flags in self.flagged.items() if position in new},
        )


class RowFinder:
    """Finds the dossiers among the rows of one file; counts what it passes over in `skipped`."""

    def __init__(self, file: str, sheet: str, layout: Layout) -> None:
        self.file, self.sheet, self.layout = file, sheet, layout
        self._width = layout.width
        self._unit_at = layout.columns.get(UNIT)
        self._unit, self._is_below_footer = layout.unit_above, False
        # Where in the chunk another unit begins.
        self._turns: list[tuple[int, str]] = []
        # At least three columns are needed, so this gives tuples.
        self._in_order = itemgetter(*(layout.columns[name] for name in sorted(layout.columns)))
        self._codes = ProvisionalCodes(layout) if layout.has_provisional_codes else None
        self._code_at = layout.columns["dossier_code"]
        self._dated = [layout.columns[name] for name in DATE_FIELDS if name in layout.columns]
        self.skipped: dict[str, int] = {}
        # The names of the columns are part of every hash: the same cells under another heading tell something else.
        self._named = blake2b(CELL.join(sorted(layout.columns)).encode(), digest_size=16)

    def _digests(self, lines: Sequence[bytes]) -> list[bytes]:
        begin, out = self._named.copy, []
        for line in lines:
            digest = begin()
            digest.update(line)
            out.append(digest.digest())
        return out

    def identify(self, row_numbers: Sequence[int], rows: Sequence[list[str]]) -> TableRows:
        """The dossiers among numbered rows: codes and hashes, nothing read yet."""
        numbers, kept, rejected = self._table_rows(row_numbers, rows)
        flagged: Mapping[int, frozenset[str]] = {}
        if self._codes:
            rejected |= self._give_codes(self._codes, numbers, kept)
            flagged = dict.fromkeys(range(len(kept)), frozenset({CODE_MISSING}))
        raw = list(map(CELL.join, map(self._in_order, kept)))
        encoded = list(map(str.encode, raw))
        codes = plain_codes([row[self._code_at] for row in kept])
        return TableRows(
            numbers=numbers,
            rows=kept,
            codes=codes,
            raw=raw,
            hashes=self._digests(encoded),
            rejected=rejected | self._unusable_codes(numbers, codes),
            encoded=encoded,
            flagged=flagged,
        )

    def _give_codes(
        self, given: ProvisionalCodes, numbers: Sequence[int], rows: Sequence[list[str]]
    ) -> dict[int, Rejection]:
        """Add the provisional code to each row as its last cell; a row that tells nothing of itself is rejected."""
        rejected: dict[int, Rejection] = {}
        for position, row in enumerate(rows):
            row.append(given.code(row))
            if not row[-1]:
                rejected[position] = self._rejection(
                    numbers[position], self.layout.heading("applicant_name"), "", CODE_MISSING,
                    "thiếu mã hồ sơ, và không có người nộp hay nội dung để nhận ra hồ sơ",
                )  # fmt: skip
        return rejected

    def _unusable_codes(self, numbers: Sequence[int], codes: list[str]) -> dict[int, Rejection]:
        """Rows whose code is a citizen id: rejected, and the id taken out at once; or a number cut short by Excel."""
        rejected: dict[int, Rejection] = {}
        joined = CELL.join(codes)
        has_exponent = "E+" in joined
        has_long = max(map(len, codes), default=0) > LONGEST_CODE
        if not has_exponent and not has_long and not holds_citizen_id(joined):
            return rejected
        heading = self.layout.heading("dossier_code")
        for position, code in enumerate(codes):
            if CITIZEN_ID.search(code):
                codes[position] = ""
                rejected[position] = self._rejection(
                    numbers[position], heading, REDACTED, "CODE_IS_IDENTITY",
                    "mã hồ sơ là số định danh cá nhân (12 chữ số): không lưu",
                )  # fmt: skip
            elif len(code) > LONGEST_CODE:
                codes[position] = ""
                rejected[position] = self._rejection(
                    numbers[position], heading, redact(code), "CODE_TOO_LONG",
                    f"mã hồ sơ dài hơn {LONGEST_CODE} ký tự: không phải là mã",
                )  # fmt: skip
            elif has_exponent and EXPONENT.fullmatch(code):
                codes[position] = ""
                rejected[position] = self._rejection(
                    numbers[position], heading, code, "CODE_AS_NUMBER",
                    "Excel đã đổi mã hồ sơ thành số và làm mất các chữ số cuối; hãy xuất lại với cột mã là chữ",
                )  # fmt: skip
        return rejected

    def _table_rows(
        self, row_numbers: Sequence[int], rows: Sequence[list[str]]
    ) -> tuple[list[int], list[list[str]], dict[int, Rejection]]:
        """The rows that are dossiers, with their numbers; group, total, numbering and blank rows are counted."""
        width, code_at = self._width, self._code_at
        numbers: list[int] = []
        kept: list[list[str]] = []
        rejected: dict[int, Rejection] = {}
        if self._codes:
            for number, row in zip(row_numbers, rows, strict=True):
                self._odd_row(number, row, numbers, kept, rejected)
            row_numbers, rows = (), ()
        for number, row in zip(row_numbers, rows, strict=True):
            # A code ends in a digit and is longer than a column number: what does not is looked at with care.
            if len(row) == width and len(code := row[code_at]) > SHORT_CODE and code[-1].isdigit():
                numbers.append(number)
                kept.append(row)
            else:
                self._odd_row(number, row, numbers, kept, rejected)
        if self._unit_at is not None and (self._unit or self._turns or self.layout.has_group_units):
            self._tell_units(self._unit_at, kept)
        return numbers, kept, rejected

    def _tell_units(self, unit_at: int, rows: list[list[str]]) -> None:
        """Rows that name no resolving unit get that of the group row above them."""
        start = 0
        for end, following in (*self._turns, (len(rows), None)):
            for row in rows[start:end]:
                if self.layout.has_group_units:
                    row.append(self._unit)
                elif self._unit and not row[unit_at].strip():
                    row[unit_at] = self._unit
            start = end
            self._unit = self._unit if following is None else following
        self._turns.clear()

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
            self._turn(kind, row, len(kept))
            return
        surplus = [cell for cell in row[self._width :] if cell.strip()]
        cut_off = [name for name in DECISIVE if self.layout.columns.get(name, -1) >= len(row)]
        row = (row + [""] * self._width)[: self._width]
        if surplus:
            rejected[len(kept)] = self._rejection(
                number,
                "",
                redact(CELL.join(surplus)),
                "ROW_TOO_LONG",
                "dòng có nhiều ô hơn tiêu đề: các ô có thể bị lệch",
            )
        elif cut_off:
            rejected[len(kept)] = self._rejection(
                number,
                self.layout.heading(cut_off[0]),
                "",
                "ROW_TOO_SHORT",
                "dòng bị cắt ngang, thiếu ô này: ngày bị mất sẽ che mất việc trễ hạn",
            )
        elif not self._codes and not row[self._code_at].strip():
            heading = self.layout.heading("dossier_code")
            rejected[len(kept)] = self._rejection(number, heading, "", CODE_MISSING, "thiếu mã hồ sơ")
        numbers.append(number)
        kept.append(row)

    def _skip_kind(self, row: list[str]) -> str | None:
        kind = skip_kind(row, NOWHERE if self._codes else self._code_at, self._dated)
        if kind is None and known_headings(row) >= LEAST_KNOWN_HEADINGS and _repeats(row, self.layout):
            return "heading"
        return kind

    def _turn(self, kind: str, row: list[str], place: int) -> None:
        """What a row that is no dossier says about the unit of those below it."""
        if kind == "footer":
            self._turns.append((place, ""))
            self._is_below_footer = True
        elif kind == "group":
            unit = group_unit(row, after_footer=self._is_below_footer)
            if unit is not None:
                self._turns.append((place, unit))
                self._is_below_footer = False

    def _rejection(self, number: int, heading: str, value: str, code: str, message: str) -> Rejection:
        return Rejection(self.file, self.sheet, number, heading, value, code, message)


def _repeats(row: Sequence[str], layout: Layout) -> bool:
    """Is it the header once more, as at the top of every printed page?"""
    at = layout.columns["received_at" if layout.has_provisional_codes else "dossier_code"]
    return len(row) > at and row[at].strip() == layout.headings[at].strip()


def holds_citizen_id(joined: str) -> bool:
    """`CITIZEN_ID` in many codes; nearly always a quicker look is enough to say no."""
    may_be = holds_identity_number(joined.encode("utf-8", "surrogatepass"))
    return may_be and CITIZEN_ID.search(joined) is not None


def plain_codes(cells: Sequence[str]) -> list[str]:
    """The codes of cells as the keys of the store."""
    joined = CELL.join(cells)
    # One look at all of them is a third of one at each; mostly there is nothing to do.
    is_plain = bool(joined) and not joined.encode("utf-8", "surrogatepass").translate(None, IN_PLAIN_CODES)
    if is_plain and joined.count(CELL) == len(cells) - 1:
        return list(cells)
    plain = PLAIN_CODE.fullmatch
    # An apostrophe before a code keeps Excel from reading a number; it is no part of it.
    return [cell if plain(cell) else normal_code(cell).lstrip("'’") for cell in cells]
