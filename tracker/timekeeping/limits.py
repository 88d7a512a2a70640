"""Time limits as catalogues write them -> Limit or NoLimit; knows no calendar and computes no date.

Reads the text without its diacritics, so that composed, decomposed and unaccented spellings are one. What is not
understood to its last word is no limit: two limits in one text, a range, a condition are never chosen from.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache

from tracker.timekeeping.number_words import with_digits
from tracker.types import Channel, Limit, LimitUnit, NoLimit

MISSING = "LIMIT_MISSING"
NOT_SET = "LIMIT_NOT_SET"
RANGE = "LIMIT_RANGE"
UNREADABLE = "LIMIT_UNREADABLE"
UNIT_MISSING = "LIMIT_UNIT_MISSING"
SAME_DAY = "LIMIT_SAME_DAY"
AT_ONCE = "LIMIT_AT_ONCE"
SEVERAL = "LIMIT_SEVERAL"
BY_CHANNEL = "LIMIT_BY_CHANNEL"
BY_CASE = "LIMIT_BY_CASE"
EXTRA_UNCLEAR = "LIMIT_EXTRA_UNCLEAR"


@dataclass(frozen=True, slots=True)
class FieldDays:
    """What a bare "ngày" means in a field of administration, for a span of reception dates (both ends included)."""

    field: str
    day_kind: LimitUnit
    source: str
    verified: bool
    valid_from: date | None = None
    valid_to: date | None = None


_NOT_SET = re.compile(
    r"khong (co )?(quy dinh|xac dinh)( thoi (han|gian))?|chua (co )?quy dinh|khong gioi han|-+"
)
# Whether "within the day" is this day or the next depends on the desk's cut-off: nothing to compute from.
_SAME_DAY = re.compile(r"(giai quyet |tra ket qua )?(ngay )?trong (ngay|buoi)\b.*")
_AT_ONCE = re.compile(r"(giai quyet |tra ket qua )?ngay( (sau )?khi\b.*| lap tuc)?")
_LEAD = re.compile(
    r"^(thoi (han|gian)( giai quyet)?\s*:?\s*(la\s+)?|khong qua\s+|toi da\s+|trong( vong)?\s+|cham nhat\s+(la\s+)?"
    r"|khong vuot qua\s+)"
)
_RANGE = re.compile(r"\d\s*(ngay|gio|thang|phut)?( lam viec)?\s*(-|–|—|~|den|hoac)\s*\d")
# Three digits after the separator would be thousands; no limit has ten digits.
_NUMBER = r"(?:(?:\d{1,9}\s+)?\d{1,9}/\d{1,9}|\d{1,9}(?:[.,]\d{1,2})?)"
_UNIT = r"(?:ngay|gio|h|phut|thang|tuan|nam)\b"
_KIND = r"(?:lam viec|lv|hanh chinh|lich)\b"
_AMOUNT = rf"(?<![\w.,/+-]){_NUMBER}\s*{_UNIT}(?:\s*{_KIND})?"
_TAIL = r"(?:[\s,]*\b(?:ke tu|tinh tu|sau khi|tu ngay|tu khi)\b{until}*)?"
_LIMIT = re.compile(
    rf"(?P<number>{_NUMBER})\s*(?P<unit>{_UNIT})\s*(?P<kind>{_KIND})?{_TAIL.format(until='.')}[\s,;.]*"
)
_CLOCK = re.compile(
    rf"(?P<hours>\d{{1,9}})\s*(?:gio|h)\s*(?P<minutes>\d{{1,9}})\s*(?:phut|p)\b\s*(?:{_KIND})?{_TAIL.format(until='.')}[\s,;.]*"
)
_BARE = re.compile(r"\d+([.,]\d+)?")
_BRACKETS = re.compile(r"\(([^()]*)\)")
_SAID_TWICE = re.compile(r"(\d+)\s*\(\s*(\d+)\s*\)")
_ANY_AMOUNT = re.compile(_AMOUNT)

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


def parse_limit(text: str, *, day_kind: LimitUnit = LimitUnit.DAY) -> Limit | NoLimit:
    """Read a limit; `day_kind` says what a bare "ngày" means there (land limits: working days, NĐ 43/2014 art. 61)."""
    return limit_for(text, Channel.UNKNOWN, day_kind)


@lru_cache(maxsize=8192)
def limit_for(text: str, channel: Channel, day_kind: LimitUnit = LimitUnit.DAY) -> Limit | NoLimit:
    """Read the limit of a dossier filed by a channel.

    A text with a limit for each channel answers with that of the channel; LIMIT_BY_CHANNEL where the channel is unknown
    or not named, unless all of them are the same.
    """
    folded = _folded(text)
    if _CHANNEL_WORD.search(folded):
        return _of_channel(folded, text, channel, day_kind)
    return _plain(_without_remarks(folded), text, day_kind)


def _plain(folded: str, text: str, day_kind: LimitUnit) -> Limit | NoLimit:
    """The limit of a text that makes no difference between channels."""
    if not folded:
        return NoLimit(MISSING, text)
    for pattern, code in ((_NOT_SET, NOT_SET), (_SAME_DAY, SAME_DAY), (_AT_ONCE, AT_ONCE)):
        if pattern.fullmatch(folded):
            return NoLimit(code, text)
    if _RANGE.search(folded):
        return NoLimit(RANGE, text)
    while (shorter := _LEAD.sub("", folded)) != folded:
        folded = shorter
    if _BARE.fullmatch(folded):
        return NoLimit(UNIT_MISSING, text)
    return _read(folded, text, day_kind)


def _read(folded: str, text: str, day_kind: LimitUnit) -> Limit | NoLimit:
    clock, found = _CLOCK.fullmatch(folded), _LIMIT.fullmatch(folded)
    amounts = len(_ANY_AMOUNT.findall(folded))
    if clock and amounts == 2:
        return Limit(Fraction(60 * int(clock["hours"]) + int(clock["minutes"])), LimitUnit.MINUTE, text)
    if amounts > 1:
        return NoLimit(SEVERAL, text)
    return _limit(found, text, day_kind) if found else NoLimit(UNREADABLE, text)


def _limit(found: re.Match[str], text: str, day_kind: LimitUnit) -> Limit | NoLimit:
    value, kind = _value(found["number"]), found["kind"]
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


def _value(number: str) -> Fraction | None:
    """ "15", "2,5", "1/2" or "1 1/2"; None for a division by zero."""
    whole, _, part = number.rpartition(" ")
    try:
        return int(whole or 0) + Fraction(part.replace(",", "."))
    except ZeroDivisionError:
        return None


# ---------------------------------------------------------------- limits by channel

_CHANNELS = (
    (Channel.ONLINE, r"truc tuyen|online|qua mang"),
    (Channel.COUNTER, r"truc tiep|tai quay"),
    (Channel.POSTAL, r"buu chinh(?: cong ich)?|buu dien|bcci"),
)
_CHANNEL_WORD = re.compile(rf"\b(?:{'|'.join(words for _, words in _CHANNELS)})\b")
_WITHIN = r"(?:(?!\b(?:doi voi|truong hop)\b)[^;,()])"
_PART = re.compile(
    "|".join(f"(?P<{channel.value}>\\b(?:{words})\\b)" for channel, words in _CHANNELS)
    + rf"|(?P<amount>{_AMOUNT}{_TAIL.format(until=_WITHIN)})"
)
_FILLER = re.compile(
    r"\b(ho so|nop|doi voi|qua|theo|hinh thuc|truong hop|dich vu|cong|thoi (han|gian)|giai quyet|tiep nhan|neu|va|hoac|khi"
    r"|la|tren|moi truong|khong qua|toi da|trong( vong)?)\b|[\s:;,.()/+*•-]"
)


def _of_channel(folded: str, text: str, channel: Channel, day_kind: LimitUnit) -> Limit | NoLimit:
    """The limit of a channel in "trực tuyến: 3 ngày; trực tiếp: 5 ngày" or "3 ngày (trực tuyến), 5 ngày (trực tiếp)"."""
    if _FILLER.sub("", _PART.sub("", folded)):
        return NoLimit(RANGE if _RANGE.search(folded) else UNREADABLE, text)
    amounts = _amounts_by_channel(folded)
    if amounts is None:
        return NoLimit(UNREADABLE, text)
    limits = {name: _plain(amount, text, day_kind) for name, amount in amounts.items()}
    if channel.value in limits:
        return limits[channel.value]
    same = channel is Channel.UNKNOWN and len(limits) > 1 and len(set(limits.values())) == 1
    return next(iter(limits.values())) if same else NoLimit(BY_CHANNEL, text)


def _amounts_by_channel(folded: str) -> dict[str, str] | None:
    """Channel -> its amount; channels stand all before or all behind their amounts, else None."""
    parts = [(found.lastgroup or "", found[0]) for found in _PART.finditer(folded)]
    if (parts[0][0] == "amount") == (parts[-1][0] == "amount"):
        return None
    if parts[0][0] == "amount":
        parts.reverse()
    amounts: dict[str, str] = {}
    waiting: list[str] = []
    for name, words in parts:
        if name != "amount":
            waiting.append(name)
        elif not waiting or amounts.keys() & set(waiting):
            return None
        else:
            amounts.update(dict.fromkeys(waiting, words))
            waiting = []
    return amounts


# ---------------------------------------------------------------- spelling


def _folded(text: str) -> str:
    """Lower case without diacritics, number words as digits, white space as single spaces."""
    decomposed = unicodedata.normalize("NFD", with_digits(text.replace("½", " 1/2")).replace("đ", "d"))
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _SAID_TWICE.sub(_once, " ".join(plain.split()))


def _once(found: re.Match[str]) -> str:
    """ "15 (15)" is said twice; "15 (20)" stays, and so is no limit."""
    return found[1] if int(found[1][:9]) == int(found[2][:9]) else found[0]


def _without_remarks(folded: str) -> str:
    """Without remarks in brackets that hold no amount and no lone number."""
    shorter = _BRACKETS.sub(lambda found: found[0] if _counts(found[1]) else " ", folded)
    return " ".join(shorter.split())


def _counts(remark: str) -> bool:
    return bool(_ANY_AMOUNT.search(remark) or _BARE.fullmatch(remark.strip()))
