"""One event with its fields, held to the catalogue, and how it is written: as JSON for machines, as words for people."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from app.oplog import faults
from app.oplog.events import BOUND, EVENTS, LEVELS
from app.oplog.forms import FORMS, UNFIT
from tracker.types import VN

LEVEL_NAMES = {number: name for name, number in LEVELS.items()} | {logging.CRITICAL: "error"}
# A pipe takes so much in one piece (PIPE_BUF of Linux): lines of several processes never mix.
MOST_BYTES = 4000
MARKS = {"error": "LỖI", "warning": "CHÚ Ý"}


@dataclass(frozen=True, slots=True)
class Entry:
    """An event that happened; `fields` fit the catalogue."""

    event: str
    fields: Mapping[str, Any]

    def __str__(self) -> str:
        return " ".join((self.event, *(f"{name}={value}" for name, value in self.fields.items())))


@dataclass(frozen=True, slots=True)
class Source:
    """Who writes: kind of process and its number."""

    process: str
    pid: int


def entry_of(event: str, bound: Mapping[str, Any], given: Mapping[str, Any]) -> Entry:
    """An event with what it was given. A field that the catalogue does not name is left out; `error` may be an exception."""
    allowed = {**BOUND, **EVENTS[event].fields}
    values = {**bound, **given}
    error = values.get("error")
    if isinstance(error, BaseException):
        values |= faults.told(error)
    fields = {
        name: FORMS[allowed[name]](value)
        for name, value in values.items()
        if name in allowed and value is not None
    }
    return Entry(event, fields)


def as_json(entry: Entry, level: int, source: Source, at: float) -> str:
    """A JSON object on one line. `at`: seconds since 1970."""
    moment = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    head = {
        "time": moment,
        "level": LEVEL_NAMES.get(level, "info"),
        "process": source.process,
        "pid": source.pid,
    }
    document = {**head, "event": entry.event, **entry.fields}
    line = msgspec.json.encode(document)
    while len(line) > MOST_BYTES and document.get("trace"):
        document["trace"] = document["trace"][1:]
        line = msgspec.json.encode(document)
    return line.decode()


def as_words(entry: Entry, level: int, source: Source, at: float) -> str:
    """A sentence for people, at the office's time; of an error the places it went through as well."""
    moment = datetime.fromtimestamp(at, VN).strftime("%d/%m/%Y %H:%M:%S")
    known = _Known(process=source.process, **entry.fields)
    mark = MARKS.get(LEVEL_NAMES.get(level, "info"))
    words = EVENTS[entry.event].words.format_map(known)
    trace = "".join(f"\n    {place}" for place in entry.fields.get("trace", ()))
    return f"{moment} {mark + ': ' if mark else ''}{words}{trace}"


class _Known(dict[str, Any]):
    """The fields of an event; one that this event does not have is told as a dash."""

    def __missing__(self, _name: str) -> str:
        return "–"


__all__ = ["UNFIT", "Entry", "Source", "as_json", "as_words", "entry_of"]
