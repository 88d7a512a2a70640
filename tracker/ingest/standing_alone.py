"""Rejected rows are mended and read again without their table: what only the table explains is written out for that.

08/10/2026 in a column with the month first becomes 2026-08-10; a word of a list of its own becomes ours. Where the column
does not say either which day is meant, the cell is marked, so that nobody reads it by the usual order.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from tracker.ingest.date_order import WRITTEN
from tracker.ingest.dates import SWAP_MARK, DateReader, Order, Sentinel, Swapped
from tracker.ingest.rows import CELL
from tracker.types import VN


class StandingAlone:
    """Rewrites lines of raw cells; `words` are read by other lists than the usual ones: column -> cell -> our word."""

    def __init__(
        self,
        fields: Sequence[str],
        dates: Mapping[str, DateReader],
        pauses: DateReader,
        words: Mapping[str, Mapping[str, str]],
    ) -> None:
        self._fields, self._dates, self._pauses, self._words = fields, dates, pauses, words

    @property
    def changes_nothing(self) -> bool:
        """Is every cell of the table what it would be without it?"""
        readers = (self._pauses, *self._dates.values())
        return not self._words and all(reader.order is Order.DAY_FIRST for reader in readers)

    def line(self, line: str) -> str:
        """One row, its cells in the order of `fields`."""
        cells = line.split(CELL)
        return CELL.join(self._cell(name, cell) for name, cell in zip(self._fields, cells, strict=True))

    def _cell(self, name: str, cell: str) -> str:
        if name in self._words:
            return self._words[name].get(cell) or cell
        if name == "suspensions":
            return WRITTEN.sub(self._in_pauses, cell) if self._pauses.order is not Order.DAY_FIRST else cell
        reader = self._dates.get(name)
        if reader is None or reader.order is Order.DAY_FIRST or not WRITTEN.search(cell):
            return cell
        return _date(cell, reader)

    def _in_pauses(self, found: re.Match[str]) -> str:
        return _date(found[0], self._pauses)


def _date(cell: str, reader: DateReader) -> str:
    try:
        moment = reader.read(cell)
    except Swapped:
        return cell if cell.endswith(SWAP_MARK) else cell + SWAP_MARK
    except (ValueError, Sentinel):
        return cell
    if moment is None:
        return cell
    local = datetime.fromtimestamp(moment - reader.shift, VN)
    bare = f"{datetime.fromtimestamp(moment, VN):%Y-%m-%d}"
    return bare if reader.read(bare) == moment else f"{local:%Y-%m-%d %H:%M:%S}"
