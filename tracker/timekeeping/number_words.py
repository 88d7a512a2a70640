"""Vietnamese number words from one to ninety-nine, and "nửa", before a unit of time -> digits.

Works on accented text, since without accents "sáu" (six) is "sau" (after) and "năm" (five, year) is ambiguous; unaccented
words are read only where no other word is written alike.
"""

import re
import unicodedata

_ONES = {
    **dict.fromkeys(("một", "mot", "mốt"), 1),
    "hai": 2,
    "ba": 3,
    **dict.fromkeys(("bốn", "bon"), 4),
    "năm": 5,
    "sáu": 6,
    **dict.fromkeys(("bảy", "bẩy"), 7),
    "tám": 8,
    **dict.fromkeys(("chín", "chin"), 9),
}
# After "mươi" five is "lăm" and four may be "tư"; "hai mươi năm" are twenty years.
_LAST = {word: value for word, value in _ONES.items() if value != 5} | {
    **dict.fromkeys(("lăm", "nhăm", "lam"), 5),
    "tư": 4,
}
_TENS = "mười|mươi|muoi"
_WORDS = (
    rf"(?:(?P<tens>{'|'.join(_ONES)})\s+)?(?:{_TENS})(?:\s+(?P<last>{'|'.join(_LAST)}))?"
    rf"|(?P<one>{'|'.join(_ONES)})|(?P<half>nửa|nua)"
)
_UNITS = "ngày|ngay|giờ|gio|phút|phut|tháng|thang|tuần|tuan|năm|nam"
_BEFORE_UNIT = re.compile(rf"(?<!\w)(?:{_WORDS})(?=\s*(?:\(\s*\d+\s*\)\s*)?(?:{_UNITS})(?!\w))")
_IN_BRACKETS = re.compile(rf"(?<=\()\s*(?:{_WORDS})\s*(?=\))")


def with_digits(text: str) -> str:
    """The text in lower case and composed, number words before a unit or alone in brackets as digits."""
    composed = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
    return _IN_BRACKETS.sub(_digits, _BEFORE_UNIT.sub(_digits, composed))


def _digits(found: re.Match[str]) -> str:
    if found["half"]:
        return "1/2"
    if found["one"]:
        return str(_ONES[found["one"]])
    return str(10 * _ONES.get(found["tens"] or "", 1) + _LAST.get(found["last"] or "", 0))
