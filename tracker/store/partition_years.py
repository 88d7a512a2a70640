"""Where a year begins among numbers that were given without gaps: the first one that became known in it."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, text

from tracker.store.partitions import BATCHES, Split, partition_name
from tracker.store.partitions import Partition as Piece
from tracker.types import VN

# The dossier at or after a number, and since when it is known: the first version has been replaced, or stands.
_NEXT = text(
    "SELECT d.id, least(d.known_from, (SELECT min(r.known_from) FROM dossier_revision r WHERE r.id = d.id))"
    " FROM dossier d WHERE d.id >= :number ORDER BY d.id LIMIT 1"
)
_ENDS = text(
    "SELECT (SELECT id FROM dossier ORDER BY id LIMIT 1), (SELECT id FROM dossier ORDER BY id DESC LIMIT 1)"
)
_BATCHES = text(
    "SELECT (SELECT min(ingested_at) FROM batch), (SELECT max(id) FROM batch),"
    " (SELECT min(id) FROM batch WHERE ingested_at >= :start)"
)
Begins = Callable[[int], int]
"""Year -> the first number of it."""


def pieces(connection: Connection, split: Split, now: datetime) -> tuple[Piece, ...]:
    """The partitions of a table that is whole yet: of each year with rows, and of this one up to its last number."""
    years, highest, begins = _of_batches(connection) if split.table == BATCHES else _of_dossiers(connection)
    this_year = now.astimezone(VN).year
    firsts: dict[int, int | None] = {min(years, this_year): None}
    last = 0
    for year in range(min(years, this_year) + 1, this_year + 1):
        # Numbers go up whatever a clock said once.
        last = max(last, begins(year))
        firsts[year] = last
    # Numbers of a store that was in partitions before go further.
    end = max(this_year, highest // split.a_year) + 1
    ends: list[int] = [first or 0 for first in list(firsts.values())[1:]] + [end * split.a_year]
    return tuple(
        Piece(split.table, partition_name(split.table, year), year, first, last)
        for (year, first), last in zip(firsts.items(), ends, strict=True)
        if first is None or first < last
    )


def _of_dossiers(connection: Connection) -> tuple[int, int, Begins]:
    lowest, highest = connection.execute(_ENDS).one()
    if lowest is None:
        return 9999, 0, lambda _: 1
    known = connection.execute(_NEXT, {"number": lowest}).one()[1]

    def begins(year: int) -> int:
        return _first_since(connection, (lowest, highest + 1), _start_of(year))

    return datetime.fromtimestamp(known, VN).year, highest, begins


def _first_since(connection: Connection, within: tuple[int, int], start: int) -> int:
    """By halves: some thirty questions, whatever the size."""
    low, high = within
    while low < high:
        middle = (low + high) // 2
        number, known = connection.execute(_NEXT, {"number": middle}).one()
        low, high = (low, middle) if known >= start else (number + 1, high)
    return low


def _of_batches(connection: Connection) -> tuple[int, int, Begins]:
    first, highest, _ = connection.execute(_BATCHES, {"start": 0}).one()
    if first is None:
        return 9999, 0, lambda _: 1

    def begins(year: int) -> int:
        found = connection.execute(_BATCHES, {"start": _start_of(year)}).one()[2]
        return int(highest + 1 if found is None else found)

    return datetime.fromtimestamp(first, VN).year, highest, begins


def _start_of(year: int) -> int:
    return int(datetime(year, 1, 1, tzinfo=VN).timestamp())
