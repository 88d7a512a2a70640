"""What sources write for our enums, and suspensions written into one cell; the words are data."""

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

from tracker.ingest.columns import SourceSuspension
from tracker.ingest.dates import DateReader, Sentinel
from tracker.ingest.layout import Layout
from tracker.text import fold, fold_header
from tracker.types import SuspensionKind


@lru_cache(maxsize=1)
def known_words() -> Mapping[str, Mapping[str, str]]:
    """Per list: folded word -> value of our enum."""
    table = tomllib.loads(files("tracker.data").joinpath("words.toml").read_text("utf-8"))
    return {
        name: {fold(word): value for value, words in entries.items() for word in (*words, value)}
        for name, entries in table.items()
    }


# Headings whose values are words of another list than their column's usual one, folded.
LISTS_BY_HEADING = {"dossierstatus": "status_opencps", "online": "channel_online"}


def word_list(layout: Layout, column: str) -> Mapping[str, str]:
    """The words that the cells of a column may hold, by its layout, its heading, or its meaning."""
    return known_words()[_list_name(layout, column)]


def has_words_of_its_own(layout: Layout, column: str) -> bool:
    """Do the cells of the column mean something else here than they would under its usual heading?"""
    return column in layout.columns and _list_name(layout, column) != column


def _list_name(layout: Layout, column: str) -> str:
    by_heading = LISTS_BY_HEADING.get(fold_header(layout.heading(column)), column)
    return layout.words.get(column, by_heading)


PAUSE_ITEM = re.compile(r"([^:;]+): *([^;]*?) +- *([^;]*)")


def parse_pauses(cell: str, reader: DateReader) -> tuple[tuple[SourceSuspension, ...], bool]:
    """Suspensions of a cell `LOẠI: từ - đến; ...`, and whether all of it could be read."""
    pauses: list[SourceSuspension] = []
    sound = True
    for item in cell.split(";"):
        found = PAUSE_ITEM.fullmatch(item.strip())
        kind = known_words()["suspension"].get(fold(found[1])) if found else None
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
