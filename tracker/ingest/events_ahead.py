"""Progress events read before anything is known of their load but its files: while the program that asks for it starts.

Only files that begin with an event are, up to so many bytes as can be held. What goes wrong with a file is left to the
reading itself, which meets it again.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from tracker.errors import UnusableFile
from tracker.ingest.events import EventCells, EventTidier
from tracker.ingest.readers.bounds import MIB
from tracker.ingest.readers.opening import portal_alone
from tracker.ingest.readers.portal_json import PortalTable

# Events of so many bytes of JSON are held in some 220 MiB (measured: 139 MiB for 63 MiB of it).
HELD_BYTES = 96 * MIB
EVENTS_AT_ONCE = 6_000


class EventsAhead(NamedTuple):
    """All events of one file; `holds_dossiers`: there are others than events in it."""

    events: Sequence[EventCells]
    holds_dossiers: bool


def tidied(table: PortalTable, size: int) -> Iterator[EventCells]:
    """The events of a file, `size` at a time."""
    tidier = EventTidier()
    for rows in table.events(size):
        yield tidier.tidy(rows)


def that_can_be_held(tables: Iterable[PortalTable]) -> Iterator[PortalTable]:
    """Those that begin with an event, as far as there is room."""
    room = HELD_BYTES
    for table in tables:
        if table.begins_with_event:
            room -= table.path.stat().st_size
            if room < 0:
                return
            yield table


def events_ahead(paths: Sequence[Path]) -> dict[Path, EventsAhead]:
    """The events of files that hold such, as far as there is room."""
    told: dict[Path, EventsAhead] = {}
    for table in that_can_be_held(_payloads(paths)):
        with suppress(UnusableFile, OSError):
            events = list(tidied(table, EVENTS_AT_ONCE))
            told[table.path] = EventsAhead(events, table.holds_dossiers)
    return told


def _payloads(paths: Sequence[Path]) -> Iterator[PortalTable]:
    for path in paths:
        with suppress(UnusableFile, OSError):
            table = portal_alone(path, max_mib=HELD_BYTES // MIB)
            if table is not None:
                yield table
