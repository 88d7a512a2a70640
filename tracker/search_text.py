"""What a dossier can be found by and what somebody typed or scanned, as text. Pure; reads no store.

A dossier has keys; what was typed asks for the keys that begin with something. Keys of different sorts never meet: words
of a name begin with a letter or digit, telephone numbers with "+" (from the front) and "-" (from the back), codes with "="
and "#" likewise.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from tracker.text import PROVISIONAL, normal_code

# A key is cut here: what was typed is compared with the dossier itself afterwards.
KEY_LENGTH = 32
# Names of offices run on; nobody looks for one by its thirteenth word.
MOST_WORDS = 12
LEAST_NAME, LEAST_PHONE, LEAST_TAIL = 2, 4, 4
PHONE_FRONT, PHONE_BACK, CODE_FRONT, CODE_BACK = "+", "-", "=", "#"
TAIL_LENGTH = 20

_ASCII_WORD = re.compile(r"[a-z0-9]+")
# What no decomposition takes apart: đ, and the Icelandic letter that old converters wrote for it.
_CROSSED = str.maketrans({"đ": "d", "Đ": "d", "ð": "d", "Ð": "d"})
_PHONE_ENDS = re.compile(r"[,;/|\n]+|\s[-–]\s|\s(?:và|hoặc)\s")
_NO_DIGIT = re.compile(r"[^0-9]+")
_PHONE_WHOLE = re.compile(r"0\d{9}")
_PHONE_TYPED = re.compile(r"[\d\s.+()\-–]+")


def name_words(text: str) -> list[str]:
    """The words of a name without marks, in lower case: letters and digits alone."""
    plain = unicodedata.normalize("NFD", text.translate(_CROSSED)).encode("ascii", "ignore").decode("ascii")
    return _ASCII_WORD.findall(plain.lower())


def phone_numbers(text: str) -> list[str]:
    """The telephone numbers in a cell, each as digits beginning with 0 where it is a Vietnamese one."""
    if text.isdigit() and text.isascii() and len(text) == 10 and text[0] == "0":
        return [text]  # as nearly all are
    return list(dict.fromkeys(number for part in _PHONE_ENDS.split(text) for number in _numbers(part)))


def _numbers(part: str) -> Iterator[str]:
    digits = _national(_NO_DIGIT.sub("", part))
    if len(digits) > 15:  # two numbers with nothing between them but spaces
        yield from _PHONE_WHOLE.findall(digits)
    elif len(digits) >= LEAST_PHONE:
        yield digits


def _national(digits: str) -> str:
    """+84 912… and 84912… as 0912…; a number that lost its zero in a spreadsheet has it again."""
    digits = digits[2:] if digits.startswith("00") and len(digits) > 10 else digits
    if digits.startswith("84") and len(digits) in (11, 12):
        return "0" + digits[2:].removeprefix("0")
    return "0" + digits if len(digits) == 9 and digits[0] in "35789" else digits


@dataclass(frozen=True, slots=True)
class Findable:
    """What of a dossier it is found by."""

    code: str
    name: str
    phone: str


class Named(Protocol):
    """Anything that has what a dossier is found by."""

    @property
    def code(self) -> str:
        """Its code."""
        ...

    @property
    def name(self) -> str:
        """The applicant's name."""
        ...

    @property
    def phone(self) -> str:
        """The applicant's telephone."""
        ...


def keys_of(dossier: Named) -> set[str]:
    """All keys of a dossier."""
    keys: set[str] = set()
    words = name_words(dossier.name)[:MOST_WORDS] if dossier.name else []
    tail = ""
    for word in reversed(words):
        tail = f"{word} {tail}" if tail else word
        keys.add(tail[:KEY_LENGTH].rstrip())
    for number in phone_numbers(dossier.phone) if dossier.phone else ():
        keys |= {PHONE_FRONT + number, PHONE_BACK + number[::-1]}
    if not dossier.code.startswith(PROVISIONAL):
        keys.add(CODE_BACK + dossier.code[: -TAIL_LENGTH - 1 : -1])
    keys.add(CODE_FRONT + dossier.code[:KEY_LENGTH])
    return keys


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed, by each way it may be meant; empty: not meant so.

    `codes`: beginnings of a code, as typed and as it was before a Vietnamese keyboard changed it. `tail`, `name`,
    `phones`: beginnings of keys; `words`: the whole of the name that was typed.
    """

    text: str
    codes: tuple[str, ...] = ()
    tail: str = ""
    name: str = ""
    words: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """In one word: what the log says of a search."""
        if self.phones:
            return "number"
        return "name" if self.name and not any(ch.isdigit() for ch in self.text) else "code"

    def by_code_only(self) -> "Asked":
        """For who must not learn from a name or a telephone number whose dossier it is."""
        return Asked(self.text, self.codes, self.tail)

    def key_beginnings(self, *, by_code: bool = True) -> tuple[str, ...]:
        """What the keys to look for begin with; without those of codes where the dossiers' own codes tell as much."""
        fronts = (CODE_FRONT + code[:KEY_LENGTH] for code in self.codes if by_code)
        return tuple(filter(None, (self.name, *self.phones, *fronts, self.tail)))

    def fits(self, dossier: Named) -> bool:
        """Is it this dossier that is asked for? The keys may be behind, or cut; the dossier itself says."""
        if dossier.code.startswith(self.codes):
            return True
        if self.words and _begins_somewhere(name_words(dossier.name), self.words):
            return True
        short = (*self.phones, self.tail)
        return any(key.startswith(each) for each in short if each for key in keys_of(dossier))


def _begins_somewhere(words: list[str], asked: tuple[str, ...]) -> bool:
    """Do the words asked for stand side by side in a name, the last one perhaps only begun?"""
    whole, last = list(asked[:-1]), asked[-1]
    return any(
        words[at : at + len(whole)] == whole and words[at + len(whole)].startswith(last)
        for at in range(len(words) - len(whole))
    )


@lru_cache(maxsize=256)
def asked(typed: str) -> Asked:
    """What may be meant by what somebody typed, or a scanner did."""
    scanned = code_within(typed)
    text = " ".join((scanned or typed).split())
    if scanned:
        return Asked(text, codes=code_readings(text))
    phones = _phones_meant(text)
    words = tuple(name_words(text))
    name = " ".join(words)[:KEY_LENGTH].rstrip()
    is_name = sum(len(word) for word in words) >= LEAST_NAME and any(ch.isalpha() for ch in name)
    is_code = bool(text) and (" " not in text or any(ch.isdigit() for ch in text))
    codes = code_readings(text) if is_code else ()
    return Asked(
        text,
        codes=codes,
        tail=_tail_meant(codes[0]) if codes else "",
        name=name if is_name else "",
        words=words if is_name else (),
        phones=phones,
    )


def _phones_meant(text: str) -> tuple[str, ...]:
    """Beginnings of the keys of a telephone number: its first digits and its last ones."""
    if not _PHONE_TYPED.fullmatch(text):
        return ()
    digits = "".join(ch for ch in text if ch.isdigit())
    if not LEAST_PHONE <= len(digits) <= 15:
        return ()
    front = "0" + digits[2:] if text.lstrip().startswith("+84") else _national(digits)
    return (PHONE_FRONT + front, PHONE_BACK + digits[::-1])


def _tail_meant(code: str) -> str:
    """The beginning of the key of codes that end so; too short an end, and one without a digit, finds too much."""
    if len(code) < LEAST_TAIL or not any(ch.isdigit() for ch in code):
        return ""
    return CODE_BACK + code[: -TAIL_LENGTH - 1 : -1]


# ---------------------------------------------------------------- what a scanner types

LABELS = r"(?:m[ãa]\s*(?:s[ốo])?\s*(?:h[ồo]\s*s[ơo]|hs)|s[ốo]\s*(?:h[ồo]\s*s[ơo]|hs|bi[êe]n\s*nh[ậa]n)|ma_?ho_?so|so_?ho_?so|so_?bien_?nhan|dossier_?code)"
_LABELLED = re.compile(LABELS + r"""["']?\s*[:=\-]?\s*["']?([^\s"'|;,&<>]+)""", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_PARTS = re.compile(r"[\n\r\t|;,<>{}]+")
# The national form (office, day, number), and whatever else has a digit and is joined by dashes.
_NATIONAL = re.compile(r"[A-Z0-9.]{1,24}-\d{6}-\d{3,8}")
_JOINED = re.compile(r"(?=[^\s]*\d)[^\W_]+(?:[.\-/][^\W_]+)+")


def code_within(scanned: str) -> str:
    """The code within what a QR code or barcode says: an address, labelled lines, several fields. Empty: none is set apart.

    A bare code is none: it is what was typed anyway.
    """
    text = unicodedata.normalize("NFC", scanned).strip()
    if address := _ADDRESS.search(text):
        return _of_address(address[0])
    if found := _LABELLED.search(text):
        return found[1].strip(".") if any(ch.isdigit() for ch in found[1]) else ""
    parts = [part.strip() for part in _PARTS.split(text) if part.strip()]
    if len(parts) < 2:
        return ""
    for form in (_NATIONAL, _JOINED):
        for part in parts:
            if form.fullmatch(normal_code(part)):
                return part
    return ""


def _of_address(address: str) -> str:
    """The code in an address: what a field of it is called says so, else a part that has the form of a code."""
    from urllib.parse import parse_qsl, unquote, urlsplit

    try:
        split = urlsplit(address)
    except ValueError:
        return ""
    fields = parse_qsl(split.query) + parse_qsl(split.fragment.partition("?")[2])
    for name, value in fields:
        if re.fullmatch(LABELS + "|ma|code|id_?hs|receipt", name, re.IGNORECASE) and any(
            ch.isdigit() for ch in value
        ):
            return value.strip()
    rest = [value for _, value in fields] + [unquote(part) for part in reversed(split.path.split("/"))]
    for form in (_NATIONAL, _JOINED):
        for part in rest:
            if form.fullmatch(normal_code(part)):
                return part
    return ""


# What a Vietnamese keyboard makes of the keys of a code: mark -> the key that VNI, and the one that Telex, makes it of.
_KEYS = {
    "\u0301": ("1", "S"),  # acute
    "\u0300": ("2", "F"),  # grave
    "\u0309": ("3", "R"),  # hook above
    "\u0303": ("4", "X"),  # tilde
    "\u0323": ("5", "J"),  # dot below
    "\u0302": ("6", ""),  # circumflex: Telex doubles the letter
    "\u031b": ("7", "W"),  # horn
    "\u0306": ("8", "W"),  # breve
}
VNI, TELEX = 0, 1


def code_readings(text: str) -> tuple[str, ...]:
    """A code as typed, then as its keys were before a Vietnamese keyboard (VNI, Telex) made letters with marks of them."""
    code = normal_code(text)
    if code.isascii():
        return (code,) if code else ()
    readings = (_unmade(code, way, at_end=at_end) for way in (VNI, TELEX) for at_end in (False, True))
    return tuple(dict.fromkeys((code, *readings)))


def _unmade(code: str, way: int, *, at_end: bool) -> str:
    """Letters with marks as the keys that make them; `at_end`: the mark was typed after the letters that follow."""
    return "".join(_keys_of_word(run, way, at_end=at_end) for run in re.findall(r"[^\W\d_]+|[\W\d_]+", code))


def _keys_of_word(run: str, way: int, *, at_end: bool) -> str:
    typed, later = "", ""
    for letter in run:
        parts = unicodedata.normalize("NFD", letter)
        base, marks = parts[0], parts[1:]
        if base == "Đ":
            typed += ("D9", "DD")[way]
            continue
        typed += base
        for mark in marks:
            key = _KEYS.get(mark, ("", ""))[way] or base
            if at_end and mark in "\u0301\u0300\u0309\u0303\u0323":
                later += key
            else:
                typed += key
    return typed + later
