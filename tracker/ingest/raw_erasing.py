"""Kept raw rows, read again, and rewritten without what names people. Pure; the store hands the bytes in and takes them back.

What is kept of a row is what is known to name nobody: codes, dates, units, procedures, states. A column that we have no
name for may hold anything, so nothing of it stays.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from isal import isal_zlib

from tracker.ingest.rows import CELL, ROW
from tracker.measures.mentions import Mentions
from tracker.text import normal_code
from tracker.types.field_words import FIELD_WORDS, PERSONAL

RAW_COMPRESSION = 1
CODES = ("dossier_code", "MaHoSo", "code_alias")
# Beside our own field names: what events of the portal call theirs.
OF_EVENTS = frozenset(
    {"MaHoSo", "ThoiDiemXuLy", "TrangThai", "PhongBanXuLy", "NgayBatDau", "NgayKetThucTheoQuyDinh"}
)
NAMES_NOBODY = (frozenset(FIELD_WORDS) - PERSONAL) | OF_EVENTS


class RawRow(NamedTuple):
    """A kept raw row: its number in the file, its codes, and its cells under their fields."""

    number: int
    codes: tuple[str, ...]
    cells: tuple[str, ...]
    fields: tuple[str, ...]

    @property
    def told(self) -> Mapping[str, str]:
        """The cells that say something, by their fields; those without a name of ours by their place."""
        return {
            field or f"cột {place}": cell
            for place, (field, cell) in enumerate(zip(self.fields, self.cells, strict=False), 1)
            if cell
        }


@dataclass(frozen=True, slots=True)
class Sought:
    """Whose raw rows are looked for: dossiers by their codes and by (batch, row) that told of them, and their people."""

    codes: frozenset[str]
    places: frozenset[tuple[int, int]]
    people: Mentions

    def has(self, row: RawRow, batch_id: int) -> bool:
        """Is it a row of one of them? A row without a code has to name its person: files of a batch count rows alike."""
        if row.codes:
            return not self.codes.isdisjoint(row.codes)
        return (batch_id, row.number) in self.places and self.people.has_person("\n".join(row.cells))


def rows_of(body: bytes) -> Iterator[RawRow]:
    """The rows of a block."""
    head, *lines = isal_zlib.decompress(body).decode().split(ROW)
    fields = tuple(head.split(CELL))[1:]
    for line in lines:
        number, *cells = line.split(CELL)
        yield RawRow(int(number), _codes(fields, cells), tuple(cells), fields)


def rewritten(
    body: bytes, is_meant: Callable[[RawRow], bool], names_somebody: Callable[[str], bool]
) -> tuple[bytes, int] | None:
    """The block with the rows that are meant emptied of what may name people, and how many were; None: it stays as it is."""
    head, *lines = isal_zlib.decompress(body).decode().split(ROW)
    changed, kept = 0, []
    for row, line in zip(rows_of(body), lines, strict=True):
        if is_meant(row):
            emptied = CELL.join((str(row.number), *without_people(row.fields, row.cells, names_somebody)))
            changed += emptied != line
            kept.append(emptied)
        else:
            kept.append(line)
    if not changed:
        return None
    return isal_zlib.compress(ROW.join((head, *kept)).encode(), RAW_COMPRESSION), changed


def without_people(
    fields: Sequence[str], cells: Sequence[str], names_somebody: Callable[[str], bool]
) -> list[str]:
    """Cells of a row, those emptied that may name somebody."""
    return [
        cell if field in NAMES_NOBODY and not (field not in CODES and names_somebody(cell)) else ""
        for field, cell in zip((*fields, *[""] * (len(cells) - len(fields))), cells, strict=False)
    ]


def _codes(fields: Sequence[str], cells: Sequence[str]) -> tuple[str, ...]:
    return tuple(
        normal_code(cell) for field, cell in zip(fields, cells, strict=False) if field in CODES and cell
    )
