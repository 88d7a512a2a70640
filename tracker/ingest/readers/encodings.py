"""In which encoding the bytes of a text file are, and in which letters its text: told once for the file, and said.

UTF-8 and UTF-16 are told by their marks and their own rules; what is neither by which Vietnamese words come out
(`letters`). Where that does not decide, the file is refused: a guess would store names that nobody can read.
"""

import codecs
import re
from pathlib import Path
from typing import NamedTuple

from tracker.errors import UnusableFile
from tracker.ingest.readers.bounds import ENCODINGS
from tracker.ingest.readers.letters import (
    LEAST_WORDS,
    SOUND,
    TCVN3,
    UNICODE,
    VNI,
    Letters,
    marked_words,
    scored,
    told_letters,
)

# A view of bytes in which each is one character; old fonts use them as they are.
BYTES = "latin-1"
VIETNAMESE_WINDOWS = "cp1258"
NOTE_1258 = "đã đọc theo bảng mã Windows-1258 (tiếng Việt)"
NOTE_UTF16 = "đã đọc theo bảng mã UTF-16 (tệp không ghi dấu bảng mã)"
# Share of zero bytes at even or odd places from which on text is UTF-16.
ZEROS, NO_ZEROS = 0.2, 0.02
UNDECIDED = (
    "không nhận ra bảng mã: không phải UTF-8 (byte thứ {place}), và các chữ có dấu không đọc được theo Windows-1258, TCVN3 (ABC) hay VNI; "
    "hãy mở bằng chương trình đã xuất ra tệp, chuyển sang Unicode rồi lưu lại dạng “CSV UTF-8” hoặc .xlsx"
)

# "M? h? s?": letters that a program could not write, within words.
LOST = re.compile(r"[^\W\d_]\?|\?[^\W\d_]")
LEAST_LOST = 10
LETTERS_LOST = (
    "các chữ có dấu đã bị thay bằng dấu “?” khi lưu tệp, không khôi phục được; hãy xuất lại từ hệ thống và lưu dạng "
    "“CSV UTF-8” hoặc .xlsx"
)


class Encoding(NamedTuple):
    """How to read a text file: Python's codec, the letters of its text, and sentences about what that took."""

    codec: str
    letters: Letters
    notes: tuple[str, ...]

    def decoder(self) -> codecs.IncrementalDecoder:
        """Bytes in pieces -> text; bytes that are wrong are a fault."""
        return codecs.getincrementaldecoder(self.codec)()


def told_encoding(path: Path, sample: bytes, *, fonts: frozenset[str] = frozenset()) -> Encoding:
    """The encoding of a file from its first bytes. `fonts`: old fonts that the file names.

    Raises:
        UnusableFile: nothing makes Vietnamese words of it, or it is no text.
    """
    codec, notes = _unicode_codec(path, sample)
    if not codec:
        return _legacy(path, sample, fonts)
    text = sample.decode(codec, "ignore")
    letters = told_letters([text], fonts)
    return Encoding(codec, letters, (*notes, *filter(None, [letters.note])))


def has_lost_letters(text: str) -> bool:
    """Were letters replaced by question marks when the text was saved?"""
    return len(LOST.findall(text)) >= LEAST_LOST


def _unicode_codec(path: Path, sample: bytes) -> tuple[str, tuple[str, ...]]:
    """UTF-8 or UTF-16, or nothing."""
    for mark, codec in ENCODINGS:
        if sample.startswith(mark):
            return codec, ()
    if b"\x00" in sample:
        return _utf16(path, sample), (NOTE_UTF16,)
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        # The sample may end within a character.
        if error.start < len(sample) - 3:
            return "", ()
    return "utf-8", ()


def _utf16(path: Path, sample: bytes) -> str:
    half = len(sample) // 2 or 1
    low, high = sample[0::2].count(0) / half, sample[1::2].count(0) / half
    if high > ZEROS and low < NO_ZEROS:
        return "utf-16-le"
    if low > ZEROS and high < NO_ZEROS:
        return "utf-16-be"
    raise UnusableFile(str(path), "không phải là tệp CSV hay tệp chữ nào (có byte 0)")


def _legacy(path: Path, sample: bytes, fonts: frozenset[str]) -> Encoding:
    """Bytes that are no Unicode: the Vietnamese code page of Windows, or the letters of an old font."""
    by_page = scored(marked_words([sample.decode(VIETNAMESE_WINDOWS, "ignore")]))
    words = marked_words([sample.decode(BYTES)])
    shares = {letters: scored(words, Letters(letters)) for letters in (TCVN3, VNI)}
    best = max(shares, key=lambda key: (shares[key].share, key in fonts))
    if by_page.share >= SOUND and by_page.share > shares[best].share:
        return Encoding(VIETNAMESE_WINDOWS, UNICODE, (NOTE_1258,))
    if shares[best].share >= SOUND and (len(words) >= LEAST_WORDS or best in fonts):
        letters = Letters(best)
        return Encoding(BYTES, letters, (letters.note,))
    raise UnusableFile(str(path), UNDECIDED.format(place=_first_wrong_byte(sample)))


def _first_wrong_byte(sample: bytes) -> int:
    """Where UTF-8 ends, counted from 1."""
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start + 1
    return len(sample)
