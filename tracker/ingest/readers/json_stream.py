"""The elements of JSON payloads, lot by lot, whatever envelope they came in; memory stays that of one window.

Understood (formats note 1.1, wire variants): an envelope with `data` as a list (A) or as one object (D), a bare list
(B, C), a bare object, and several of these after each other (a log of payloads, one a line).
"""

import json
import re
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

import msgspec

from tracker.errors import UnusableFile
from tracker.ingest.readers.utf8_text import Utf8Text

# In characters. What fits into the caches of a processor is read and decoded twice as fast as megabytes at once.
WINDOW = 48 * 1024
# An element beyond this is no dossier but a broken or hostile file.
MAX_ELEMENT_CHARACTERS = 32 * 1024 * 1024
BLANKS = " \t\r\n"
DATA = "data"
ODD_ESCAPES, LONGEST_ESCAPE = ("\\u0000", "\\ud", "\\uD"), 6
# From the end of one object of a list to the name of the first field of the next; bounded, as it is searched for.
BORDER = re.compile(r'\}[ \t\r\n]{0,50},[ \t\r\n]{0,50}\{(?:[ \t\r\n]{0,50}"[^"]{0,50}")?')
LONGEST_GAP = 100
# The same in bytes: how a member begins, and what stands between it and the one before.
BEGINNING = re.compile(rb'\{[ \t\r\n]{0,50}"[^"]{0,50}"')
GAP = re.compile(rb"\}[ \t\r\n]{0,50},[ \t\r\n]{0,50}\Z")
ODD_BYTES = tuple(odd.encode() for odd in ("\\u0000", "\\ud", "\\uD"))
# Guesses in one stretch of text, and failures in a row after which a file's members are decoded singly.
GUESSES, MOST_FAILURES = 3, 9
ENDED_TOO_SOON = "kết thúc giữa chừng: tệp bị cắt hoặc chưa chép xong"


class Characters(Protocol):
    """What gives text piece by piece."""

    def read(self, size: int, /) -> str:
        """The next characters, at most so many; empty at the end."""
        ...


class JsonStream:
    """Reads one text stream from front to back; `elements` or `lots` can be asked for once.

    `quick` may be set to what makes members of the bytes of a list, or refuses with a `ValueError`; members are then had
    from it wherever they can be, if the stream is a `Utf8Text`.
    """

    def __init__(self, path: Path, stream: Characters) -> None:
        self._path, self._stream = path, stream
        self.quick: Callable[[bytes], list[Any]] | None = None
        self._decode = json.JSONDecoder().raw_decode
        self._text, self._at = "", 0
        # Place of the window's first character, for messages.
        self._line, self._column = 1, 0
        self._ended = False
        # Where the next guess at several members is due, and how many have failed since one held.
        self._guess_from, self._failures = 0, 0
        # How often members were made of bytes, and how often they could not be.
        self._taken = self._refused = 0
        # Escapes can spell what no database takes: NUL, and halves of surrogate pairs.
        self.holds_odd_escapes = False

    def elements(self) -> Iterator[Any]:
        """Every element: members of lists, contents of `data`, or objects that stand alone."""
        return chain.from_iterable(self.lots())

    def lots(self) -> Iterator[list[Any]]:
        """The same, as many at a time as were decoded together; none of the text behind them is looked at before."""
        while mark := self._peek():
            if mark == "[":
                yield from map(_opened, self._members())
            elif mark == "{":
                yield from self._envelope()
            else:
                raise self._fault(f"không phải JSON: gặp ký tự “{mark}”")

    # ------------------------------------------------------------ structure

    def _members(self) -> Iterator[list[Any]]:
        """The members of the list that begins here, several at a time where that can be."""
        self._take("[")
        if self._peek() == "]":
            self._take("]")
            return
        while True:
            yield from self._lots_of_bytes()
            yield self._several() or [self._value()]
            if self._either(",", "]") == "]":
                return

    def _lots_of_bytes(self) -> Iterator[list[Any]]:
        """Members from here on as long as they can be made of bytes; another one follows them."""
        stream, quick = self._stream, self.quick
        if quick is None or not isinstance(stream, Utf8Text) or self._peek() != "{":
            return
        if self._refused >= max(MOST_FAILURES, self._taken):
            return
        self._forget()
        block, taken = self._text.encode() + stream.read_bytes(WINDOW), self._taken
        while cut := _last_member(block):
            members = self._of_bytes(quick, block[:cut])
            if members is None:
                break
            yield members
            self._taken += 1
            self._pass(block[:cut])
            more = stream.read_bytes(WINDOW)
            block = block[cut:] + more
            if not more:
                break
        self._refused += self._taken == taken
        stream.give_back(block)
        self._text, self._guess_from, self._ended = "", 0, False

    def _of_bytes(self, quick: Callable[[bytes], list[Any]], block: bytes) -> list[Any] | None:
        """The members that a block holds, if it can be read quickly; behind the last one are a comma and blanks."""
        if b"\\" in block and any(odd in block for odd in ODD_BYTES):
            return None
        try:
            return quick(b"[%b]" % block[: block.rindex(b"}") + 1])
        except (ValueError, RecursionError):
            return None

    def _pass(self, read: bytes) -> None:
        """Count the lines of what was read as bytes."""
        lines = read.count(b"\n")
        self._line += lines
        self._column = len(read[read.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + (
            0 if lines else self._column
        )

    def _envelope(self) -> Iterator[list[Any]]:
        """What the object that begins here carries in `data`, or the object itself where it is none."""
        self._take("{")
        fields: dict[str, Any] = {}
        is_envelope = False
        while self._peek() != "}":
            name = self._value()
            if not isinstance(name, str):
                raise self._fault("không phải JSON: tên trường phải nằm trong dấu ngoặc kép")
            self._take(":")
            if name.lower() == DATA and self._peek() == "[":
                is_envelope = True
                yield from self._members()
            else:
                fields[name] = self._value()
            if self._peek() != "}":
                self._take(",")
        self._take("}")
        if not is_envelope:
            yield _opened([fields])

    # ------------------------------------------------------------ text

    def _several(self) -> list[Any]:
        """Members decoded by one call, up to a late place that looks like the border behind the last; none if that fails.

        Text in brackets that is valid JSON can be taken apart in one way only: where a guess holds, it was right.
        """
        if self._peek() != "{" or self._at < self._guess_from or self._failures >= MOST_FAILURES:
            return []
        text, at = self._text, self._at
        before = text.rfind("}", max(0, at - LONGEST_GAP), at)
        border = BORDER.match(text, before) if before >= 0 else None
        if border is None:
            return []
        # No more than two guesses a window: what they cost stays in proportion to the file, whatever is in it.
        self._guess_from, cut = at + WINDOW // 2, at + WINDOW
        for _ in range(GUESSES):
            cut = text.rfind(border[0], at, cut)
            if cut < 0:
                break
            try:
                members, end = self._decoded(f"[{text[at : cut + 1]}]")
            except (ValueError, RecursionError):
                self._failures += 1
            else:
                # Before the end of the list, or before the comma at the cut.
                self._at, self._failures = at + end - 2, 0
                # Less is left to copy than was read, and what is tried next has less before it to count the lines of.
                if 2 * self._at > len(text):
                    self._forget()
                return list(members)
        return []

    def _decoded(self, text: str) -> tuple[Any, int]:
        """The value that `text` begins with, and where it ends. The quick decoder takes whole texts in the strict form;
        what it refuses (more behind the value, NaN, halves of characters) the patient one reads as ever.
        """
        try:
            return msgspec.json.decode(text), len(text)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return self._decode(text, 0)

    def _value(self) -> Any:
        """The value that begins here, read as a whole."""
        self._peek()
        while True:
            try:
                value, end = self._decode(self._text, self._at)
            except RecursionError as error:
                raise self._fault("JSON lồng nhau quá sâu") from error
            except ValueError as error:
                if self._ended:
                    raise self._not_json(error) from error
            else:
                # A number at the edge of the window may go on behind it, as “7” or “7e+” does in “7e+5”; nothing else can.
                if end + len("e+") < len(self._text) or self._ended:
                    self._at = end
                    return value
            if len(self._text) - self._at > MAX_ELEMENT_CHARACTERS:
                raise self._fault("một phần tử quá lớn, hoặc dấu ngoặc kép mở ra mà không đóng")
            self._read_on()

    def _peek(self) -> str:
        """The next character that is no blank; empty at the end."""
        while True:
            text, at = self._text, self._at
            while at < len(text) and text[at] in BLANKS:
                at += 1
            self._at = at
            if at < len(text):
                return text[at]
            if self._ended:
                return ""
            self._read_on()

    def _take(self, mark: str) -> None:
        self._either(mark, mark)

    def _either(self, one: str, other: str) -> str:
        found = self._peek()
        if found == "":
            raise self._fault(ENDED_TOO_SOON)
        if found not in (one, other):
            wanted = f"“{one}”" if one == other else f"“{one}” hoặc “{other}”"
            raise self._fault(f"không phải JSON: cần {wanted} mà gặp “{found}”")
        self._at += 1
        return found

    def _read_on(self) -> None:
        """Drop what was read and take the next window."""
        self._forget()
        rest = len(self._text)
        try:
            # An element beyond the window is begun anew each time: windows that grow keep that in proportion to its size.
            more = self._stream.read(max(WINDOW, min(rest, MAX_ELEMENT_CHARACTERS - rest)))
        except UnicodeDecodeError as error:
            raise self._fault(f"ký tự không đúng bảng mã {error.encoding}") from error
        self._text += more
        self._guess_from, self._ended = 0, not more
        # No escape began in what was dropped: it ended outside of strings.
        self._look_for_odd_escapes(max(0, rest - LONGEST_ESCAPE))

    def _forget(self) -> None:
        """Drop what was read; its lines stay counted."""
        text, at = self._text, self._at
        lines = text.count("\n", 0, at)
        self._line += lines
        self._column = at - text.rfind("\n", 0, at) - 1 + (0 if lines else self._column)
        self._text, self._at, self._guess_from = text[at:], 0, self._guess_from - at

    def _look_for_odd_escapes(self, start: int) -> None:
        # One character is found much faster than several, and most texts have none.
        if not self.holds_odd_escapes and (first := self._text.find("\\", start)) >= 0:
            self.holds_odd_escapes = any(self._text.find(odd, first) >= 0 for odd in ODD_ESCAPES)

    def _not_json(self, error: ValueError) -> UnusableFile:
        if not isinstance(error, json.JSONDecodeError):
            return self._fault(f"không phải JSON: {error}")
        if error.pos >= len(self._text.rstrip()) or error.msg.startswith("Unterminated string"):
            return self._fault(ENDED_TOO_SOON)
        self._at = error.pos
        return self._fault(f"không phải JSON: gặp “{self._text[error.pos]}”")

    def _fault(self, what: str) -> UnusableFile:
        self._forget()
        return UnusableFile(str(self._path), f"dòng {self._line}, ký tự {self._column + 1}: {what}")


def _last_member(block: bytes) -> int:
    """Where the last member begins whose border to the one before can be made out; 0 if there is none."""
    first = BEGINNING.match(block)
    cut = len(block)
    for _ in range(GUESSES if first else 0):
        cut = block.rfind(first[0], 1, cut) if first else -1
        if cut < 0:
            break
        if GAP.search(block, max(0, cut - LONGEST_GAP), cut):
            return cut
    return 0


def _opened(elements: list[Any]) -> list[Any]:
    """The elements, or what they carry where they are themselves envelopes."""
    if not [element for element in elements if isinstance(element, dict) and DATA in element]:
        return elements
    return [inner for element in elements for inner in _contents(element)]


def _contents(element: Any) -> list[Any]:
    data = element.get(DATA) if isinstance(element, dict) else None
    if isinstance(data, list):
        return data
    return [data if isinstance(data, dict) else element]
