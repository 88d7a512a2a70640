"""Vietnamese text in the letters of old fonts, or read in the wrong encoding -> Unicode.

Facts: TCVN3 (TCVN 5712:1993, fonts `.Vn…`) has one byte a letter and no capitals with tones, which come from fonts of
capitals; VNI (fonts `VNI-…`) writes a letter and its mark as two; "Há»“ sÆ¡" is UTF-8 read as Windows-1252 or -1258.
Tables made from these facts; what a text is written in is decided by `told_letters`, never cell by cell alone.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from tracker.ingest.readers.syllables import is_syllable

TCVN3, VNI, MOJIBAKE, MOJIBAKE_VN = "tcvn3", "vni", "utf8-as-1252", "utf8-as-1258"
NOTES = {
    TCVN3: "đã chuyển từ bảng mã TCVN3 (ABC)",
    VNI: "đã chuyển từ bảng mã VNI",
    MOJIBAKE: "đã sửa chữ bị đọc sai bảng mã (UTF-8 bị đọc như Windows-1252)",
    MOJIBAKE_VN: "đã sửa chữ bị đọc sai bảng mã (UTF-8 bị đọc như Windows-1258)",
}
# Grave, hook, tilde, acute, dot: the order of the tables below.
TONE_MARKS = "\u0300\u0309\u0303\u0301\u0323"
TCVN3_TONED = {
    "a": "b5b6b7b8b9", "ă": "bbbcbdbec6", "â": "c7c8c9cacb", "e": "cccecfd0d1", "ê": "d2d3d4d5d6", "i": "d7d8dcddde",
    "o": "dfe1e2e3e4", "ô": "e5e6e7e8e9", "ơ": "eaebecedee", "u": "eff1f2f3f4", "ư": "f5f6f7f8f9", "y": "fafbfcfdfe",
}  # fmt: skip
TCVN3_PLAIN = {
    "ă": "a8", "â": "a9", "ê": "aa", "ô": "ab", "ơ": "ac", "ư": "ad", "đ": "ae",
    "Ă": "a1", "Â": "a2", "Ê": "a3", "Ô": "a4", "Ơ": "a5", "Ư": "a6", "Đ": "a7",
}  # fmt: skip
# VNI: the mark that follows a letter. Grave, hook, tilde, acute, dot; then of letters with a circumflex, with a breve.
VNI_MARKS, VNI_CIRCUMFLEX, VNI_BREVE = "øûõùï", "àåãáä", "èúüéë"
VNI_SINGLE = {"i": "ìæóíò", "y": "    î"}
VNI_PLAIN = {"ơ": "ô", "ư": "ö", "đ": "ñ"}
# Marks of typography may be bytes of a letter, so they end words only where a text has been converted.
WORD_ENDS = re.compile(r"[\x00-@\[-`{-~]+")
SOUND_ENDS = re.compile(r"[\x00-@\[-`{-~\x85\xa0“”‘’…–—•]+")
C1 = re.compile("[\x80-\x9f]")
BEYOND_LATIN = re.compile("[\u0100-\u0151\u01a0-\u01b0\u0300-\u036f\u1e00-\u1eff]")
SAMPLE_WORDS = 3000


FONTS = {TCVN3: re.compile(rb"\.\x00?V\x00?n\x00?[A-Z]"), VNI: re.compile(rb"V\x00?N\x00?I\x00?-\x00?[A-Z]")}


class Letters(NamedTuple):
    """In what letters the text of a table is written; an empty key: in Unicode, nothing to do."""

    key: str

    @property
    def note(self) -> str:
        """What is said of the conversion, as a sentence."""
        return NOTES.get(self.key, "")

    def unicode(self, text: str) -> str:
        """One cell in Unicode."""
        return text if not self.key or text.isascii() else _converted(self.key, text)

    def cells(self, cells: Sequence[str]) -> list[str]:
        """The cells of a column in Unicode."""
        return [cell if not self.key or cell.isascii() else _remembered(self.key, cell) for cell in cells]


UNICODE = Letters("")


def toned(letter: str, tone: int) -> str:
    """A vowel with the tone of that place in the tables."""
    return unicodedata.normalize("NFC", letter + TONE_MARKS[tone])


@cache
def tcvn3_table() -> Mapping[int, str]:
    """Code -> letter."""
    table = {int(code, 16): letter for letter, code in TCVN3_PLAIN.items()}
    for letter, codes in TCVN3_TONED.items():
        table |= {code: toned(letter, tone) for tone, code in enumerate(bytes.fromhex(codes))}
    return table


@cache
def vni_table() -> Mapping[str, str]:
    """One or two characters -> letter, in both cases."""
    table = dict(zip(VNI_PLAIN.values(), VNI_PLAIN, strict=True))
    for letter, singles in VNI_SINGLE.items():
        table |= {mark: toned(letter, tone) for tone, mark in enumerate(singles) if mark != " "}
    for base, written in {"a": "a", "e": "e", "o": "o", "u": "u", "y": "y", "ơ": "ô", "ư": "ö"}.items():
        table |= {written + mark: toned(base, tone) for tone, mark in enumerate(VNI_MARKS)}
    for base, letter in {"a": "â", "e": "ê", "o": "ô"}.items():
        table[base + "â"] = letter
        table |= {base + mark: toned(letter, tone) for tone, mark in enumerate(VNI_CIRCUMFLEX)}
    table["aê"] = "ă"
    table |= {"a" + mark: toned("ă", tone) for tone, mark in enumerate(VNI_BREVE)}
    capitals = {written.upper(): letter.upper() for written, letter in table.items()}
    # A capital first letter of a word often has a small mark: `Aùi`, `Öùng`.
    mixed = {w[0].upper() + w[1]: letter.upper() for w, letter in table.items() if len(w) == 2}
    return table | mixed | capitals


@cache
def _vni_pattern() -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, vni_table()), key=len, reverse=True)))


@cache
def _bytes_of(codec: str) -> Mapping[str, int]:
    """Character -> byte, as Windows decodes: bytes without a character become control characters."""
    found: dict[str, int] = {}
    for byte in range(0x80, 0x100):
        found[bytes([byte]).decode(codec, "ignore") or chr(byte)] = byte
    return found


@cache
def _runs_of(codec: str) -> re.Pattern[str]:
    """Characters that may be the bytes of one UTF-8 character."""
    lead = "".join(re.escape(char) for char, byte in _bytes_of(codec).items() if 0xC2 <= byte <= 0xF4)
    rest = "".join(re.escape(char) for char, byte in _bytes_of(codec).items() if byte <= 0xBF)
    return re.compile(f"[{lead}][{rest}]{{1,3}}")


def _mended(found: re.Match[str], codec: str) -> str:
    """The characters that UTF-8 bytes stand for; what is none stays, and is seen."""
    table = _bytes_of(codec)
    raw = bytes(table[char] for char in found[0])
    for size in range(len(raw), 1, -1):
        try:
            return raw[:size].decode("utf-8") + found[0][size:]
        except UnicodeDecodeError:
            continue
    return found[0]


@lru_cache(maxsize=20_000)
def _remembered(key: str, cell: str) -> str:
    return _converted(key, cell)


def _converted(key: str, text: str) -> str:
    if key in (MOJIBAKE, MOJIBAKE_VN):
        codec = "cp1252" if key == MOJIBAKE else "cp1258"
        return _runs_of(codec).sub(lambda found: _mended(found, codec), text)
    if BEYOND_LATIN.search(text):
        # Written in Unicode among cells that are not.
        return text
    # Bytes 80 to 9F are punctuation of Windows, where they are anything.
    text = C1.sub(lambda found: found[0].encode("latin-1").decode("cp1252", "replace"), text)
    if key == TCVN3:
        return text.translate(tcvn3_table())
    return _vni_pattern().sub(lambda found: vni_table()[found[0]], text)


# ---------------------------------------------------------------- what a text is written in


def fonts_named(data: bytes) -> frozenset[str]:
    """Keys of the old fonts that bytes of a file name, in one or two bytes a character: `.VnTime`, `VNI-Times`."""
    return frozenset(key for key, name in FONTS.items() if name.search(data))


class Score(NamedTuple):
    """How many different words with marks a text has, and how many of them could be Vietnamese."""

    words: int
    sound: int

    @property
    def share(self) -> float:
        """Of them the sound ones; 0 without any."""
        return self.sound / self.words if self.words else 0.0


def marked_words(texts: Iterable[str]) -> list[str]:
    """The different words with letters beyond ASCII, up to a bound."""
    words: dict[str, None] = {}
    for text in texts:
        if not text.isascii():
            words.update(dict.fromkeys(word for word in WORD_ENDS.split(text) if not word.isascii()))
        if len(words) > SAMPLE_WORDS:
            break
    return list(words)


def scored(words: Sequence[str], letters: Letters = UNICODE) -> Score:
    """How Vietnamese the words look in some letters."""
    texts = [letters.unicode(word) for word in words]
    parts = [part for text in texts for part in SOUND_ENDS.split(text) if part and not part.isascii()]
    lost = sum(text.isascii() for text in texts)
    return Score(len(parts) + lost, sum(map(is_syllable, parts)))


# A conversion must make most words Vietnamese, and clearly more than any other reading does.
SOUND, AHEAD = 0.7, 0.25
LEAST_WORDS = 3


def told_letters(texts: Iterable[str], fonts: frozenset[str] = frozenset()) -> Letters:
    """The letters that a sample of a table is written in, by which words they make; Unicode where nothing else fits.

    `fonts`: keys of old fonts that the file names. Such a font is a strong hint and no proof: much Unicode text
    stands in cells of a font that is never seen.
    """
    words = marked_words(texts)
    plain = scored(words)
    if not words or (plain.share >= 1 - AHEAD and not fonts):
        return UNICODE
    ranked = sorted(
        ((scored(words, Letters(key)).share, key) for key in (TCVN3, VNI, MOJIBAKE, MOJIBAKE_VN)),
        reverse=True,
    )
    (best, key), (second, _) = ranked[0], ranked[1]
    if key in fonts:
        return Letters(key) if best > plain.share else UNICODE
    if len(words) < LEAST_WORDS or best < SOUND or best - plain.share < AHEAD:
        return UNICODE
    if best - second < AHEAD and {key, ranked[1][1]} != {MOJIBAKE, MOJIBAKE_VN}:
        return UNICODE
    return Letters(key)
