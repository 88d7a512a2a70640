"""What sources write for our enums, and suspensions written into one cell; the words are data."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from operator import attrgetter

from tracker.ingest.columns import SourceSuspension
from tracker.ingest.dates import SHORT_YEAR, DateReader
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


def read_pauses(cells: Sequence[str], reader: DateReader) -> list[tuple[tuple[SourceSuspension, ...], bool]]:
    """Suspensions of each cell `LOẠI: từ - đến; ...`, and whether all of it could be read."""
    items = [[PAUSE_ITEM.fullmatch(item.strip()) for item in cell.split(";")] for cell in cells]
    flat = [item for found in items for item in found]
    read = iter(_pauses(flat, reader))
    out = []
    for found in items:
        pauses = [next(read) for _ in found]
        sound = [pause for pause in pauses if pause is not None]
        out.append((tuple(sorted(sound, key=attrgetter("start"))), len(sound) == len(pauses)))
    return out


def _pauses(items: Sequence[re.Match[str] | None], reader: DateReader) -> list[SourceSuspension | None]:
    """The suspension that each item tells; None where any part of it cannot be read."""
    kinds = known_words()["suspension"]
    starts, bad_starts = reader.column([item[2] if item else "" for item in items])
    ends, bad_ends = reader.column([item[3] if item else "" for item in items])
    bad = {position for position, what in (*bad_starts, *bad_ends) if what != SHORT_YEAR}
    out: list[SourceSuspension | None] = []
    for position, (item, start, end) in enumerate(zip(items, starts, ends, strict=True)):
        kind = kinds.get(fold(item[1])) if item else None
        is_sound = start is not None and (end is None or end >= start) and position not in bad
        if kind is None or start is None or not is_sound:
            out.append(None)
        else:
            out.append(SourceSuspension(SuspensionKind(kind), start, end))
    return out
