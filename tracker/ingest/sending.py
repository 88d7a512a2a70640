"""Columns on their way from the process that reads to the one that writes: as small and quick to send as they can be.

A column that repeats itself goes as its few values and their numbers, one of many own values as one text. Codes and
hashes went ahead with the chunk and are not sent twice. Raw rows follow in a message of their own, so that they can be
compressed beside the reading.
"""

from array import array
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any, NamedTuple

from tracker.ingest.columns import PackedRaw, RecordColumns, SourceSuspension
from tracker.ingest.events import StepRow
from tracker.ingest.following import Followed
from tracker.ingest.progress import Step
from tracker.ingest.reading import Identified, raw_lines
from tracker.ingest.rows import CELL
from tracker.types import Rejection, SuspensionKind

# Nearly every row has its own of these.
OWN_TEXTS = frozenset({"applicant_name", "phone", "address"})
# Numbers of one byte while they suffice, else of as many as any row count needs.
FEW, MANY = "B", "L"
MOST_FEW = 256


class Coded(NamedTuple):
    """The values of a column, each once, and the number of each cell's value as the bytes of an array."""

    values: tuple[str, ...]
    numbers: bytes


# What a column of texts goes as: coded, all cells in one text, or cell by cell where a cell holds the separator.
SentTexts = Coded | str | list[str]
SentPause = tuple[str, int, int | None]


class SentColumns(NamedTuple):
    """`RecordColumns` without what the chunk has told; suspensions by position, of the rows that have some."""

    row_numbers: list[int]
    dates: dict[str, list[int | None]]
    texts: dict[str, SentTexts]
    words: dict[str, SentTexts]
    status_texts: SentTexts
    suspensions: dict[int, list[SentPause]]
    suspensions_told: bool
    usable: tuple[int, ...]
    rejected_raw: dict[int, str]
    flags: dict[int, set[str]]
    rejected: dict[int, Rejection]


def sent(columns: RecordColumns, fields: Sequence[str]) -> SentColumns:
    """The columns of a chunk; `fields`: the names of its raw cells."""
    return SentColumns(
        columns.row_numbers,
        columns.dates,
        {
            name: _texts(cells, own=name in OWN_TEXTS) if name in fields else _blank(len(cells))
            for name, cells in columns.texts.items()
        },
        {name: _texts(cells) for name, cells in columns.words.items()},
        _texts(columns.status_texts),
        {position: _told(pauses) for position, pauses in enumerate(columns.suspensions) if pauses},
        columns.suspensions_told,
        usable(columns),
        {n: columns.raw[n] for n in columns.rejected},
        columns.flags,
        columns.rejected,
    )


def usable(columns: RecordColumns) -> tuple[int, ...]:
    """The positions of the rows that are not rejected."""
    return tuple(n for n in range(len(columns.codes)) if n not in columns.rejected)


def received(told: SentColumns, chunk: Identified, positions: Sequence[int], raw: bytes) -> RecordColumns:
    """The columns of these rows of a chunk again; `raw`: the block of the usable ones, which stays packed."""
    suspensions: list[tuple[SourceSuspension, ...]] = [()] * len(positions)
    for position, pauses in told.suspensions.items():
        suspensions[position] = _pauses(pauses)
    return RecordColumns(
        row_numbers=told.row_numbers,
        codes=[chunk.codes[position] for position in positions],
        hashes=[chunk.hashes[position] for position in positions],
        raw=[],
        dates=told.dates,
        texts={name: _cells(cells) for name, cells in told.texts.items()},
        words={name: _cells(cells) for name, cells in told.words.items()},
        status_texts=_cells(told.status_texts),
        suspensions=suspensions,
        suspensions_told=told.suspensions_told,
        packed=PackedRaw(told.usable, raw, told.rejected_raw),
        flags=told.flags,
        rejected=told.rejected,
    )


def chosen(columns: RecordColumns, positions: Sequence[int]) -> RecordColumns:
    """Some rows of received columns, in order."""
    new = {position: n for n, position in enumerate(positions)}
    return RecordColumns(
        row_numbers=_at(columns.row_numbers, positions),
        codes=_at(columns.codes, positions),
        hashes=_at(columns.hashes, positions),
        raw=raw_lines(columns, positions),
        dates={name: _at(cells, positions) for name, cells in columns.dates.items()},
        texts={name: _at(cells, positions) for name, cells in columns.texts.items()},
        words={name: _at(cells, positions) for name, cells in columns.words.items()},
        status_texts=_at(columns.status_texts, positions),
        suspensions=_at(columns.suspensions, positions),
        suspensions_told=columns.suspensions_told,
        flags={new[at]: flags for at, flags in columns.flags.items() if at in new},
        rejected={new[at]: why for at, why in columns.rejected.items() if at in new},
    )


def _at(cells: Sequence[Any], positions: Sequence[int]) -> list[Any]:
    return [cells[position] for position in positions]


SentFollowed = tuple[Any, ...]


def sent_followed(followed: Mapping[int, Followed]) -> dict[int, SentFollowed]:
    """Followed rows as plain tuples, which are several times as quick to send as named ones; without the cells of their
    events, which are of use only where one is refused.
    """
    return {
        position: (
            [(*row[:2], tuple(row.step), *row[3:-1]) for row in one.steps],
            *one[1:-2],
            _told(one.pauses),
            one.last_at,
        )
        for position, one in followed.items()
    }


def received_followed(told: Mapping[int, SentFollowed]) -> dict[int, Followed]:
    """The followed rows again."""
    out = {}
    for position, (steps, *values, pauses, last_at) in told.items():
        rows = [StepRow._make((*row[:2], Step._make(row[2]), *row[3:], ())) for row in steps]
        out[position] = Followed._make((rows, *values, _pauses(pauses), last_at))
    return out


def _told(pauses: Sequence[SourceSuspension]) -> list[SentPause]:
    return [(pause.kind.value, pause.start, pause.end) for pause in pauses]


def _pauses(told: Sequence[SentPause]) -> tuple[SourceSuspension, ...]:
    return tuple(SourceSuspension(SuspensionKind(kind), start, end) for kind, start, end in told)


def _blank(size: int) -> Coded:
    return Coded(("",), bytes(size))


def _texts(cells: Sequence[str], *, own: bool = False) -> SentTexts:
    if own:
        joined = CELL.join(cells)
        return joined if joined.count(CELL) == len(cells) - 1 else list(cells)
    size = len(cells)
    if size and cells[0] == cells[size // 2] == cells[-1] and cells.count(cells[0]) == size:
        return Coded((cells[0],), bytes(size))
    # A value that is not known yet takes the next number; each cell is looked up once.
    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    told = list(map(numbers.__getitem__, cells))
    return Coded(tuple(numbers), bytes(told) if len(numbers) <= MOST_FEW else array(MANY, told).tobytes())


def _cells(told: SentTexts) -> list[str]:
    if isinstance(told, Coded):
        if len(told.values) == 1:
            return list(told.values) * len(told.numbers)
        kind = FEW if len(told.values) <= MOST_FEW else MANY
        return list(map(told.values.__getitem__, array(kind, told.numbers)))
    return told.split(CELL) if isinstance(told, str) else told
