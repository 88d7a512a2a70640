"""Canonical JSON: one value has one sequence of bytes, today and in years; and reading it back without lenience. Pure.

Sorted keys, UTF-8, no spaces, no floats, instants as ISO 8601 with +07:00 and whole seconds.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Self, TypeVar

from tracker.types import VN

Json = dict[str, Any]
Kind = TypeVar("Kind")
Iso = TypeVar("Iso", date, datetime)


class DocumentFault(ValueError):
    """A document that is not what this program writes; the text names the place."""


def canonical(value: Any) -> bytes:
    """The bytes of a value made of dicts, lists, texts, whole numbers, booleans and null."""
    return _WRITER.encode(value).encode()


_WRITER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


def parse(body: bytes) -> Json:
    """The object that the bytes hold; DocumentFault for anything that `canonical` never writes but for its spacing."""
    try:
        value = json.loads(
            body.decode(),
            object_pairs_hook=_object,
            parse_float=_no_float,
            parse_constant=_no_float,
        )
        canonical(value)  # half a surrogate pair can be read but never written again
    except RecursionError:
        raise DocumentFault("lồng quá sâu") from None
    except ValueError as fault:
        raise DocumentFault(str(fault)) from fault
    if not isinstance(value, dict):
        raise DocumentFault("không phải là một đối tượng JSON")
    return value


def _object(pairs: list[tuple[str, Any]]) -> Json:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise DocumentFault("một khóa ghi hai lần")
    return found


def _no_float(text: str) -> float:
    raise DocumentFault(f"số {text} không phải số nguyên")


def moment_text(moment: datetime) -> str:
    """An instant in the office's zone, whole seconds (fractions cut off)."""
    return moment.astimezone(VN).isoformat(timespec="seconds")


class Entry:
    """One object of a document, read key by key; `done` refuses what nobody asked for: it could be an unread input."""

    def __init__(self, value: object, place: str) -> None:
        if not isinstance(value, dict):
            raise DocumentFault(f"{place}: không phải là một đối tượng")
        self._value: Mapping[str, Any] = value
        self._place = place
        self._read: set[str] = set()

    def raw(self, key: str) -> Any:
        """Whatever stands at a key that must be there."""
        self._read.add(key)
        if key not in self._value:
            raise DocumentFault(f"{self._place}: thiếu {key}")
        return self._value[key]

    def has(self, key: str) -> bool:
        """Does the key stand there, and not as null?"""
        self._read.add(key)
        return self._value.get(key) is not None

    def text(self, key: str) -> str:
        """A text."""
        return self._of(str, key)

    def number(self, key: str) -> int:
        """A whole number."""
        return self._of(int, key)

    def flag(self, key: str) -> bool:
        """True or false."""
        return self._of(bool, key)

    def day(self, key: str) -> date:
        """A date."""
        return self._iso(date, key)

    def maybe_day(self, key: str) -> date | None:
        """A date, or null."""
        return self.day(key) if self.has(key) else None

    def numbers(self, key: str) -> list[int]:
        """A list of whole numbers."""
        found = self._of(list, key)
        if any(type(each) is not int for each in found):
            raise DocumentFault(f"{self._place}.{key}: không phải là dãy số nguyên")
        return found

    def moment(self, key: str) -> datetime:
        """An aware instant in the office's zone."""
        found = self._iso(datetime, key)
        if found.tzinfo is None:
            raise DocumentFault(f"{self._place}.{key}: thiếu múi giờ")
        return found.astimezone(VN)

    def entry(self, key: str) -> Self:
        """An object inside."""
        return type(self)(self.raw(key), f"{self._place}.{key}")

    def entries(self, key: str) -> Iterator[Self]:
        """The objects of a list, each to be read whole."""
        for place, value in enumerate(self._of(list, key)):
            entry = type(self)(value, f"{self._place}.{key}[{place}]")
            yield entry
            entry.done()

    def done(self) -> None:
        """Nothing is left unread."""
        if unread := sorted(set(self._value) - self._read):
            raise DocumentFault(f"{self._place}: không hiểu {', '.join(unread)}")

    def _of(self, kind: type[Kind], key: str) -> Kind:
        value = self.raw(key)
        if type(value) is not kind:  # a bool is an int to isinstance
            raise DocumentFault(f"{self._place}.{key}: {value!r} không phải là {kind.__name__}")
        return value

    def _iso(self, kind: type[Iso], key: str) -> Iso:
        text = self.text(key)
        try:
            return kind.fromisoformat(text)
        except ValueError:
            raise DocumentFault(f"{self._place}.{key}: {text!r} không phải là ngày giờ ISO 8601") from None
