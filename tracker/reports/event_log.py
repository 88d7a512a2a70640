"""The event log as a file for process mining: XES (IEEE 1849-2016) or CSV; computes nothing, streamed case by case."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from tracker.machine import written_whole
from tracker.reports import listing
from tracker.reports.listing import Column
from tracker.types.event_log import LogCase, LogEvent

XES, CSV = ".xes", ".csv"
ENDINGS = (XES, CSV)
# Names by which tools for process mining know the columns without being told.
COLUMNS: tuple[Column, ...] = tuple(
    (name, 18)
    for name in (
        "case:concept:name", "concept:name", "time:timestamp", "lifecycle:transition", "org:resource",
        "concept:instance", "step_kind", "step_due", "case:procedure_code", "case:procedure", "case:field",
        "case:unit", "case:channel", "case:state", "case:received", "case:due", "case:ended", "case:late_minutes",
    )
)  # fmt: skip
NAMESPACE = "http://www.xes-standard.org/"
EXTENSIONS: Mapping[str, str] = {
    "concept": "Concept",
    "lifecycle": "Lifecycle",
    "time": "Time",
    "org": "Organizational",
}
# What a reader may rely on: every trace and event has these; the values stand for one that has none.
GLOBAL_TRACE = (("string", "concept:name", "UNKNOWN"),)
GLOBAL_EVENT = (
    ("string", "concept:name", "UNKNOWN"),
    ("date", "time:timestamp", "1970-01-01T00:00:00.000+07:00"),
    ("string", "lifecycle:transition", "complete"),
    ("string", "org:resource", "UNKNOWN"),
)
Attribute = tuple[str, str, Any]


def write(path: Path, cases: Iterable[LogCase], title: str) -> int:
    """Write by the ending of the name; the number of events. `title` says of which dossiers and days it is."""
    return write_csv(path, cases) if path.suffix == CSV else write_xes(path, cases, title)


# ---------------------------------------------------------------- CSV


def write_csv(path: Path, cases: Iterable[LogCase]) -> int:
    """One line an event, its case repeated on each; moments with their offset."""
    return listing.write_csv(path, COLUMNS, (_cells(case, event) for case in cases for event in case.events))


def _cells(case: LogCase, event: LogEvent) -> list[Any]:
    return [
        case.code,
        event.activity,
        _moment(event.at),
        event.transition.value,
        event.resource,
        event.instance,
        event.step_kind,
        _moment(event.step_due),
        case.procedure_code,
        case.procedure,
        case.field,
        case.unit,
        case.channel,
        case.state,
        _moment(case.received_at),
        _moment(case.due_at),
        _moment(case.ended_at),
        case.late_minutes,
    ]


# ---------------------------------------------------------------- XES


def write_xes(path: Path, cases: Iterable[LogCase], title: str) -> int:
    """One trace a case, attributes before events, in the standard's order."""
    count = 0
    with written_whole(path) as beside, beside.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(f"{line}\n" for line in _head(title))
        for case in cases:
            _write_trace(stream, case)
            count += len(case.events)
        stream.write("</log>\n")
    return count


def _head(title: str) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<log xes.version="1849.2016" xes.features="" xmlns="{NAMESPACE}">'
    for prefix, name in EXTENSIONS.items():
        uri = f"{NAMESPACE}{prefix}.xesext"
        yield f'<extension name="{name}" prefix="{prefix}" uri="{uri}"/>'
    for scope, attributes in (("trace", GLOBAL_TRACE), ("event", GLOBAL_EVENT)):
        yield f'<global scope="{scope}">'
        yield from map(_attribute, attributes)
        yield "</global>"
    yield '<classifier name="Activity" scope="event" keys="concept:name"/>'
    yield '<classifier name="ActivityTransition" scope="event" keys="concept:name lifecycle:transition"/>'
    yield '<classifier name="Resource" scope="event" keys="org:resource"/>'
    yield _attribute(("string", "concept:name", title))
    yield _attribute(("string", "lifecycle:model", "standard"))


def _write_trace(stream: TextIO, case: LogCase) -> None:
    stream.write("<trace>\n")
    stream.writelines(f"{_attribute(each)}\n" for each in _of_case(case) if each[2] not in (None, ""))
    for event in case.events:
        stream.write("<event>")
        stream.writelines(_attribute(each) for each in _of_event(event) if each[2] not in (None, ""))
        stream.write("</event>\n")
    stream.write("</trace>\n")


def _of_case(case: LogCase) -> tuple[Attribute, ...]:
    return (
        ("string", "concept:name", case.code),
        ("string", "procedure_code", case.procedure_code),
        ("string", "procedure", case.procedure),
        ("string", "field", case.field),
        ("string", "unit", case.unit),
        ("string", "channel", case.channel),
        ("string", "state", case.state),
        ("date", "received", case.received_at),
        ("date", "due", case.due_at),
        ("date", "ended", case.ended_at),
        ("int", "late_minutes", case.late_minutes),
    )


def _of_event(event: LogEvent) -> tuple[Attribute, ...]:
    # Global attributes stand at every event: where no department is known, the standard's word for that.
    return (
        ("string", "concept:name", event.activity),
        ("date", "time:timestamp", event.at),
        ("string", "lifecycle:transition", event.transition.value),
        ("string", "org:resource", event.resource or "UNKNOWN"),
        ("string", "concept:instance", event.instance),
        ("string", "step_kind", event.step_kind),
        ("date", "step_due", event.step_due),
    )


def _attribute(attribute: Attribute) -> str:
    kind, key, value = attribute
    text = _moment(value) if isinstance(value, datetime) else str(value)
    return f'<{kind} key="{key}" value="{_quoted(text)}"/>'


_MARKUP = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
)
# What no XML document may hold, however it is written.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _quoted(text: str) -> str:
    """A value of an attribute: markup escaped, what no document may hold replaced."""
    return _FORBIDDEN.sub("\ufffd", text).translate(_MARKUP)


def _moment(value: datetime | None) -> str:
    return "" if value is None else value.isoformat(timespec="milliseconds")
