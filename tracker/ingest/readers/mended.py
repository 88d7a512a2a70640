"""Rejected rows that are fed back: a table of rows by our own field names, whatever kind of file they came from.

Each row is numbered by its rejection, so that what a batch tells of it leads back. A row tells its own fields and no more:
what was cut out of it (`[đã che]`) is not told, so it overwrites nothing.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tracker.ingest.layout import PROVISIONAL_CODE, Chunk, Layout
from tracker.ingest.provisional import LEAST
from tracker.ingest.redaction import REDACTED
from tracker.text import PROVISIONAL
from tracker.types.field_words import field_word

CODE = "dossier_code"


class MendedRow(NamedTuple):
    """A row to be read again: the number of its rejection, and our field -> its cell."""

    number: int
    told: Mapping[str, str]


class MendedTable:
    """Rows of one source, in the order of their rejections; rows with other fields come in chunks of their own."""

    sheet = ""
    kind = "mended"
    unknown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __init__(self, name: str, rows: Sequence[MendedRow]) -> None:
        self.path = Path(name)
        self._rows = rows
        self._layouts: dict[tuple[str, ...], Layout] = {}

    @property
    def sha256(self) -> str:
        """What proves which rows these were."""
        told = [[row.number, dict(row.told)] for row in self._rows]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    def chunks(self, size: int) -> Iterator[Chunk]:
        """The rows, `size` at a time; two tellings of one dossier never overtake each other."""
        numbers: list[int] = []
        cells: list[list[str]] = []
        layout: Layout | None = None
        for row in self._rows:
            told = _told(row.told)
            own = self._layout(tuple(sorted(told)))
            if layout is not None and (own is not layout or len(numbers) >= size):
                yield Chunk(layout, numbers, cells)
                numbers, cells = [], []
            layout = own
            numbers.append(row.number)
            cells.append([told[name] for name in sorted(told)])
        if layout is not None:
            yield Chunk(layout, numbers, cells)

    def _layout(self, fields: tuple[str, ...]) -> Layout:
        if fields not in self._layouts:
            columns = {name: at for at, name in enumerate(fields)}
            headings = tuple(map(field_word, fields))
            without_code = CODE not in fields
            if without_code:
                columns[CODE] = len(headings)
                headings = (*headings, PROVISIONAL_CODE)
            self._layouts[fields] = Layout(
                0, headings, columns, (), kind=self.kind, has_provisional_codes=without_code
            )
        return self._layouts[fields]


def _told(given: Mapping[str, str]) -> dict[str, str]:
    """What a row tells: without what was cut out of it, and without a key that we gave it ourselves.

    A list without codes names its dossiers by what its rows tell, so a mended row gets its key anew.
    """
    told = {name: cell for name, cell in given.items() if REDACTED not in cell}
    is_keyless = given.get(CODE, "").startswith(PROVISIONAL)
    if is_keyless and any(told.get(name, "").strip() for name in LEAST):
        del told[CODE]
    elif CODE not in told:
        told[CODE] = ""
    return told
