"""Dates as other systems write them -> text that our readers understand, and text by which moments can be compared."""

import re
from datetime import datetime, timedelta

from tracker.types import VN

EPOCH = datetime(1970, 1, 1, 7, tzinfo=VN)
# Eight and fourteen digits are yyyyMMdd and yyyyMMddHHmmss.
MILLISECONDS = re.compile(r"\d{1,7}|\d{9,13}")
DAY_FIRST = re.compile(r"(\d{2})/(\d{2})/(\d{4}) (\d{2}):(\d{2}):(\d{2})")
# A Z behind it stands behind local hours (formats note 2.2) and is not believed.
ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:\.\d+)?Z?")
COMPACT = re.compile(r"\d{14}")


def plain(value: object) -> str:
    """A scalar as the text it stands for; lists, objects and nothing are empty."""
    if isinstance(value, bool) or value is None or isinstance(value, list | dict):
        return ""
    return str(value).strip()


def moment(value: object) -> str:
    """A date: milliseconds since 1970 become local time, every text stays as it is and is judged by our readers."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = plain(value)
    if not MILLISECONDS.fullmatch(text):
        return text
    return f"{EPOCH + timedelta(milliseconds=int(text)):%Y%m%d%H%M%S}"


def comparable(value: object) -> str:
    """The same moment as `yyyyMMddHHmmss`, later ones behind earlier ones; empty where it cannot be read."""
    text = moment(value)
    if COMPACT.fullmatch(text):
        return text
    if found := DAY_FIRST.fullmatch(text):
        day, month, year, *clock = found.groups()
        return "".join((year, month, day, *clock))
    found = ISO.fullmatch(text)
    return "".join(found.groups()) if found else ""
