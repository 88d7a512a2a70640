"""The elements of JSON payloads, one by one, whatever envelope they came in; memory stays that of one window.

Understood (formats note 1.1, wire variants): an envelope with `data` as a list (A) or as one object (D), a bare list
(B, C), a bare object, and several of these after each other (a log of payloads, one a line).
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from tracker.errors import UnusableFile

WINDOW = 4 * 1024 * 1024
# An element beyond this is no dossier but a broken or hostile file.
MAX_ELEMENT_CHARACTERS = 32 * 1024 * 1024
BLANKS = " \t\r\n"
DATA = "data"
ODD_ESCAPES = ("\\u0000", "\\ud", "\\uD")
ENDED_TOO_SOON = "kết thúc giữa chừng: tệp bị cắt hoặc chưa chép xong"


class JsonStream:
    """Reads one text stream from front to back; `elements` can be asked for once."""

    def __init__(self, path: Path, stream: IO[str]) -> None:
        self._path, self._stream = path, stream
        self._decode = json.JSONDecoder().raw_decode
        self._text, self._at = "", 0
        # Line of the window's first character, for messages.
        self._line = 1
        self._ended = False
        # Escapes can spell what no database takes: NUL, and halves of surrogate pairs.
        self.holds_odd_escapes = False

    def elements(self) -> Iterator[Any]:
        """Every element: members of lists, contents of `data`, or objects that stand alone."""
        while mark := self._peek():
            if mark == "[":
                for element in self._members():
                    yield from _opened(element)
            elif mark == "{":
                yield from self._envelope()
            else:
                raise self._fault(f"không phải JSON: gặp ký tự “{mark}”")

    # ------------------------------------------------------------ structure

    def _members(self) -> Iterator[Any]:
        """The members of the list that begins here."""
        self._take("[")
        if self._peek() == "]":
            self._take("]")
            return
        while True:
            yield self._value()
            if self._either(",", "]") == "]":
                return

    def _envelope(self) -> Iterator[Any]:
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
            yield from _opened(fields)

    # ------------------------------------------------------------ text

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
                # A number at the edge of the window may go on behind it; nothing else can.
                if end < len(self._text) or self._ended:
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
        try:
            more = self._stream.read(WINDOW)
        except UnicodeDecodeError as error:
            raise self._fault(f"ký tự không đúng bảng mã {error.encoding}") from error
        self.holds_odd_escapes = self.holds_odd_escapes or any(
            odd in self._text[-6:] + more for odd in ODD_ESCAPES
        )
        self._line += self._text.count("\n", 0, self._at)
        self._text, self._at = self._text[self._at :] + more, 0
        self._ended = not more

    def _not_json(self, error: ValueError) -> UnusableFile:
        if not isinstance(error, json.JSONDecodeError):
            return self._fault(f"không phải JSON: {error}")
        if error.pos >= len(self._text.rstrip()) or error.msg.startswith("Unterminated string"):
            return self._fault(ENDED_TOO_SOON)
        self._at = error.pos
        return self._fault(f"không phải JSON: gặp “{self._text[error.pos]}”")

    def _fault(self, what: str) -> UnusableFile:
        line = self._line + self._text.count("\n", 0, self._at)
        column = self._at - (self._text.rfind("\n", 0, self._at) + 1) + 1
        return UnusableFile(str(self._path), f"dòng {line}, ký tự {column}: {what}")


def _opened(element: Any) -> Iterator[Any]:
    """An element, or what it carries where it is itself an envelope."""
    data = element.get(DATA) if isinstance(element, dict) else None
    if isinstance(data, list):
        yield from data
    else:
        yield data if isinstance(data, dict) else element
