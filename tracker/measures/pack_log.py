"""The log inside an evidence pack as lines, and the check of its chain and seals from these lines alone. Pure.

An entry is the JSON list [id, at (epoch seconds), actor, action, subject, detail, chain]; a seal is [day, entry, chain, line].
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from tracker.measures.log_chain import Entry, Seal, check_chain, seal_line
from tracker.measures.pack_format import LOG, SEALS

ENTRY_FIELDS, SEAL_FIELDS = 7, 4


@dataclass(frozen=True, slots=True)
class LogBreak:
    """A place where the log of a pack does not hang together."""

    file: str
    code: str
    at: str
    text: str


@dataclass(frozen=True, slots=True)
class LogFound:
    """What came of it: entries and seals read, and the breaks."""

    entries: int
    seals: int
    broken: tuple[LogBreak, ...]


class _BadLine(Exception):
    """A line that is no entry and no seal."""


def entry_line(entry: Entry) -> bytes:
    """An entry as it stands in a pack; what somebody spoilt past the program is told as text, and found by the check."""
    told = [*entry[:2], *(each if isinstance(each, str) else str(each) for each in entry[2:])]
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def seal_entry_line(seal: Seal, line: str) -> bytes:
    """A seal as it stands in a pack, with the line that was sent and printed."""
    told = [seal.day.isoformat(), seal.entry_id, seal.chain, line]
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def check_log(entries: Iterable[bytes], seals: Iterable[bytes], outside: Sequence[Seal]) -> LogFound:
    """Go through the chain, hold it against its seals, and these against lines kept outside."""
    try:
        kept = [_seal(line) for line in seals]
    except _BadLine as fault:
        return LogFound(0, 0, (LogBreak(SEALS, "line", "", f"{fault}"),))
    changed = [
        LogBreak(SEALS, "seal_changed", f"{seal.day}", f"dòng niêm phong ngày {seal.day:%d/%m/%Y} đã bị sửa")
        for seal, is_true in kept
        if not is_true
    ]
    try:
        report = check_chain(_entries(entries), [seal for seal, _ in kept], outside)
    except _BadLine as fault:
        return LogFound(0, len(kept), (LogBreak(LOG, "line", "", f"{fault}"),))
    except UnicodeEncodeError:  # half a character can be read, but nothing can be computed over it
        return LogFound(0, len(kept), (LogBreak(LOG, "line", "", "có mục không đọc được"),))
    broken = [LogBreak(LOG, each.code, f"{each.entry_id}/{each.day}", each.text) for each in report.broken]
    return LogFound(report.checked, len(kept), (*broken, *changed))


def _entries(lines: Iterable[bytes]) -> Iterator[Entry]:
    for number, line in enumerate(lines, 1):
        try:
            told = json.loads(line)
        except (ValueError, RecursionError) as fault:
            raise _BadLine(f"dòng {number} không phải một mục nhật ký") from fault
        if not _is_list(told, (int, int, str, str, str, str, str)):
            raise _BadLine(f"dòng {number} không phải một mục nhật ký")
        yield tuple(told)


def _seal(line: bytes) -> tuple[Seal, bool]:
    """A seal, and whether its printed line is its own."""
    try:
        told = json.loads(line)
        if not _is_list(told, (str, int, str, str)):
            raise ValueError(line)
        seal = Seal(date.fromisoformat(told[0]), told[1], told[2])
        return seal, told[3] == seal_line(seal)
    except (ValueError, RecursionError) as fault:
        raise _BadLine("có dòng không phải một niêm phong") from fault


def _is_list(told: object, kinds: Sequence[type]) -> bool:
    is_long_enough = isinstance(told, list) and len(told) == len(kinds)
    return is_long_enough and all(type(one) is kind for one, kind in zip(told, kinds, strict=True))  # type: ignore[call-overload]
