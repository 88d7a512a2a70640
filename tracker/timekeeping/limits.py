"""Time limits as catalogues write them -> Limit or NoLimit; knows no calendar and computes no date.

Reads the text without its diacritics, so that composed, decomposed and unaccented spellings are one.
"""

import re
import unicodedata
from fractions import Fraction
from functools import lru_cache

from tracker.types import Limit, LimitUnit, NoLimit

MISSING = "LIMIT_MISSING"
NOT_SET = "LIMIT_NOT_SET"
RANGE = "LIMIT_RANGE"
UNREADABLE = "LIMIT_UNREADABLE"
UNIT_MISSING = "LIMIT_UNIT_MISSING"

_NOT_SET = re.compile(r"khong (co )?(quy dinh|xac dinh)|chua (co )?quy dinh|khong gioi han|-+")
_BRACKETS = re.compile(r"\([^()]*\)")
_LEAD = re.compile(
    r"^(thoi (han|gian)( giai quyet)?\s*:?\s*(la\s+)?|khong qua\s+|toi da\s+|trong( vong)?\s+|cham nhat\s+(la\s+)?|khong vuot qua\s+)"
)
_TAIL = re.compile(r"[\s,;.]*(\b(ke tu|tinh tu|sau khi|tu ngay|tu khi)\b.*)?[\s,;.]*$")
_RANGE = re.compile(r"\d\s*(ngay|gio|thang|phut)?( lam viec)?\s*(-|–|—|~|den|hoac)\s*\d")
_NUMBER = r"(?:(?P<whole>\d+)\s+)?(?P<num>\d+)/(?P<den>\d+)|(?P<plain>\d+(?:[.,]\d+)?)"
_UNIT = r"(?P<unit>ngay|gio|h|phut|thang|tuan|nam)"
_LIMIT = re.compile(rf"^(?:{_NUMBER})\s*{_UNIT}\b\s*(?P<kind>lam viec|lv|hanh chinh|lich)?$")
_BARE = re.compile(r"^\d+([.,]\d+)?$")

# unit -> (unit of the limit, how many of it)
_UNITS = {
    "gio": (LimitUnit.HOUR, 1),
    "h": (LimitUnit.HOUR, 1),
    "phut": (LimitUnit.MINUTE, 1),
    "thang": (LimitUnit.MONTH, 1),
    "nam": (LimitUnit.MONTH, 12),
    "tuan": (LimitUnit.DAY, 7),
    "ngay": (LimitUnit.DAY, 1),
}


@lru_cache(maxsize=8192)
def parse_limit(text: str, *, day_kind: LimitUnit = LimitUnit.DAY) -> Limit | NoLimit:
    """Read a limit; `day_kind` says what a bare "ngày" means there (land limits: working days, NĐ 43/2014 art. 61)."""
    folded = _stripped(text)
    if not folded:
        return NoLimit(MISSING, text)
    if _NOT_SET.fullmatch(folded):
        return NoLimit(NOT_SET, text)
    if _RANGE.search(folded):
        return NoLimit(RANGE, text)
    if _BARE.match(folded):
        return NoLimit(UNIT_MISSING, text)
    found = _LIMIT.match(folded)
    return _limit(found, text, day_kind) if found else NoLimit(UNREADABLE, text)


def _limit(found: re.Match[str], text: str, day_kind: LimitUnit) -> Limit | NoLimit:
    value, kind = _value(found), found["kind"]
    if value is None or (kind and found["unit"] not in ("ngay", "gio", "h")):
        return NoLimit(UNREADABLE, text)
    unit, times = _UNITS[found["unit"]]
    value *= times
    if found["unit"] == "ngay" and kind != "lich":
        # Half a day can only be half a working day; hours of a calendar day have no meaning to a desk.
        unit = LimitUnit.WORKDAY if kind or value.denominator > 1 else day_kind
    if value.denominator > 1 and unit in (LimitUnit.DAY, LimitUnit.MONTH):
        return NoLimit(UNREADABLE, text)
    return Limit(value, unit, text)


def _value(found: re.Match[str]) -> Fraction | None:
    if found["plain"]:
        return Fraction(found["plain"].replace(",", "."))
    if int(found["den"]) == 0:
        return None
    return int(found["whole"] or 0) + Fraction(int(found["num"]), int(found["den"]))


def _stripped(text: str) -> str:
    folded = " ".join(_BRACKETS.sub(" ", _fold(text)).split())
    while (shorter := _LEAD.sub("", folded)) != folded:
        folded = shorter
    return _TAIL.sub("", folded)


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
