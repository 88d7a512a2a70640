"""Which rows of a table are dossiers, and what identifies each: code and hash. Cells are not read here.

Group rows, totals, numbering and blank rows are counted and passed over; a row without a usable code is rejected.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from operator import itemgetter

from tracker.ingest.columns import DATE_FIELDS, DECISIVE
from tracker.ingest.layout import Layout
from tracker.ingest.redaction import REDACTED, redact
from tracker.text import fold, normal_code
from tracker.types import Rejection

CELL, ROW = "\x1f", "\x1e"
CITIZEN_ID = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")
SHORT_CODE = 3
TOTAL_WORDS = ("tong", "cong")
PLAIN_CODE = re.compile(r"[0-9A-Z.\-/]+")


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


class RowFinder:
    """Finds the dossiers among the rows of one file; counts what it passes over in `skipped`."""

    def __init__(self, file: str, sheet: str, layout: Layout) -> None:
        self.file, self.sheet, self.layout = file, sheet, layout
        self._width = len(layout.headings)
        # At least three columns are needed, so this gives tuples.
        self._in_order = itemgetter(*(layout.columns[name] for name in sorted(layout.columns)))
        self._dated = [layout.columns[name] for name in DATE_FIELDS if name in layout.columns]
        self.skipped: dict[str, int] = {}
        # The names of the columns are part of every hash: the same cells under another heading tell something else.
        self._named = blake2b(CELL.join(sorted(layout.columns)).encode(), digest_size=16)

    def _digest(self, line: str) -> bytes:
        digest = self._named.copy()
        digest.update(line.encode())
        return digest.digest()

    def identify(self, row_numbers: Sequence[int], rows: Sequence[list[str]]) -> TableRows:
        """The dossiers among numbered rows: codes and hashes, nothing read yet."""
        numbers, kept, rejected = self._table_rows(row_numbers, rows)
        raw = list(map(CELL.join, map(self._in_order, kept)))
        code_at = self.layout.columns["dossier_code"]
        codes = _codes([row[code_at] for row in kept])
        return TableRows(
            numbers=numbers,
            rows=kept,
            codes=codes,
            raw=raw,
            hashes=list(map(self._digest, raw)),
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

    def _table_rows(
        self, row_numbers: Sequence[int], rows: Sequence[list[str]]
    ) -> tuple[list[int], list[list[str]], dict[int, Rejection]]:
        """The rows that are dossiers, with their numbers; group, total, numbering and blank rows are counted."""
        width, code_at = self._width, self.layout.columns["dossier_code"]
        numbers: list[int] = []
        kept: list[list[str]] = []
        rejected: dict[int, Rejection] = {}
        for number, row in zip(row_numbers, rows, strict=True):
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
        return Rejection(self.file, self.sheet, number, heading, value, code, message)


def _codes(cells: Sequence[str]) -> list[str]:
    plain = PLAIN_CODE.fullmatch
    return [cell if plain(cell) else normal_code(cell) for cell in cells]
