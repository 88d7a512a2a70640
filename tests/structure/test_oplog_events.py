"""The catalogue of the operating log is what the program writes and what the docs tell, event by event."""

import ast
import re
from pathlib import Path

from app.oplog.events import EVENTS, FAULT, LEVELS
from tests.structure.test_registries import SOURCES, all_calls

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| (.*?) \| .* \|$", re.MULTILINE)
# Who writes by another name: a worker, the sender of messages, which knows no `app`.
BY = ("oplog.write", "write", "self._tell", "self.note", "log")
NAMES = {level: name for name, level in LEVELS.items()}


def written() -> set[str]:
    """The events that calls name."""
    found = set()
    for text in SOURCES.values():
        for call in all_calls(text):
            if ast.unparse(call.func) in BY and call.args and isinstance(call.args[0], ast.Constant):
                found.add(call.args[0].value)
            if ast.unparse(call.func) == "entry_of" and isinstance(call.args[0], ast.Constant):
                found.add(call.args[0].value)
    return found


def test_every_event_of_the_catalogue_is_written_somewhere():
    assert set(EVENTS) - written() == set()


def test_every_event_that_is_written_stands_in_the_catalogue():
    by_name = {
        call.args[0].value
        for text in SOURCES.values()
        for call in all_calls(text)
        if ast.unparse(call.func) in ("oplog.write", "self.note") and isinstance(call.args[0], ast.Constant)
    }
    assert len(by_name) > 10
    assert by_name - set(EVENTS) == set()


def test_the_docs_tell_every_event_with_its_level_and_fields():
    told = {
        name: (level, fields)
        for name, level, fields in ROW.findall((ROOT / "docs/logs.md").read_text("utf-8"))
    }
    ours = {}
    for name, event in EVENTS.items():
        fields = [
            f"`{field}`" for field in event.fields if field not in FAULT or set(FAULT) - set(event.fields)
        ]
        if set(FAULT) <= set(event.fields):
            fields.append("*fault*")
        ours[name] = (NAMES[event.level], ", ".join(fields))
    assert told == ours


def test_nothing_is_written_to_a_log_but_by_the_catalogue():
    """Loggers of Flask or our own would take any text."""
    loose = {
        path
        for path, text in SOURCES.items()
        if re.search(r"\.logger\b|getLogger\(|traceback\.print_|\bprint_exc\b", text)
    }
    assert loose == {"app/oplog/writing.py", "app/one_by_one.py"}
