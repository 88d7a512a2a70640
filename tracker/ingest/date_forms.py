"""What is written in a date cell: numbers for year, month, day and time of day, in every form that sources use.

Knows forms, not calendars: whether there is such a day is asked in `dates`. Nothing is guessed; what has no form here is
a ValueError. Source of the forms: formats note 5.5 nos. 13, 17, 18 and 20.
"""

import re
from datetime import date, timedelta
from typing import Literal, NamedTuple

from tracker.text import fold

Writing = Literal["year first", "in order of the column", "spoken"]

DAY, HALF_DAY_HOURS = 86_400, 12
# Serials taken for dates, days since 30/12/1899: 18/02/1982 to 08/04/2064.
SERIAL_BASE, FIRST_SERIAL, LAST_SERIAL = date(1899, 12, 30), 30_000, 60_000
# 01/01/0001 and 01/01/1970 in milliseconds since 1970.
NO_MILLISECONDS = frozenset({"0", "-62135596800000"})
MORNING, AFTERNOON = ("am", "sa"), ("pm", "ch")

_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?(?: ?(?P<half>am|pm|sa|ch))?"
_NUMBERS = r"(?P<first>\d{1,2})[/.-](?P<second_part>\d{1,2})[/.-](?P<year>\d{4})"
# Two digits for a year only between slashes or dots: 26-08-10 may begin with its year.
_SHORT = r"(?P<first>\d{1,2})(?P<mark>[/.])(?P<second_part>\d{1,2})(?P=mark)(?P<year>\d{2})"
_SPOKEN_CLOCK = r"(?P<hour>\d{1,2})(?::(?=\d\d)| ?gio ?| ?h ?)(?P<minute>\d{1,2})?(?: ?phut)?[,;]? "
_SPOKEN_DAY = r"(?P<first>\d{1,2}) thang (?P<second_part>\d{1,2}) nam (?P<year>\d{4})"


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII | re.IGNORECASE)


ISO = _compiled(
    r"(?P<year>\d{4})[/-](?P<month>\d{2})[/-](?P<day>\d{2})"
    r"(?:[ T]+(?P<hour>\d{2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?)?(?P<zone>[+-]\d{2}:?\d{2})?"
)
COMPACT = _compiled(
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2}))?"
)
SERIAL = _compiled(r"(?P<days>\d{5})(?P<part>\.\d+)?")
MILLISECONDS = _compiled(r"\d{13}")
IN_COLUMN_ORDER = tuple(
    map(
        _compiled,
        (
            rf"{_NUMBERS}(?:[ T]+{_CLOCK})?",
            rf"{_CLOCK} +{_NUMBERS}",
            rf"{_SHORT}(?:[ T]+{_CLOCK})?",
            rf"{_CLOCK} +{_SHORT}",
        ),
    )
)
SPOKEN = _compiled(rf"(?:sau )?(?:{_SPOKEN_CLOCK})?(?:ngay )?{_SPOKEN_DAY}")
AFTER = _compiled(rf"(?:sau )?(?:{_SPOKEN_CLOCK})?(?:ngay )?{_NUMBERS}")
WINDOW = _compiled(
    rf"(?:sau |ngay )?{_NUMBERS},? tu (?P<from_hour>\d{{1,2}})[:h](?P<from_minute>\d{{2}})"
    r" den (?P<hour>\d{1,2})[:h](?P<minute>\d{2})"
)


class Written(NamedTuple):
    """The numbers of a cell. `clock` = hour, minute, second, or None; `first` and `second` of a date whose order the
    column decides; `month` and `day` of all others. `zone` as in ISO 8601.
    """

    year: int
    first: int
    second: int
    clock: tuple[int, int, int] | None
    writing: Writing = "in order of the column"
    has_short_year: bool = False
    zone: str = ""


class NoDate(Exception):
    """The cell holds a number that programs write for "none"."""


def read_form(text: str) -> Written:
    """The numbers of a trimmed, filled cell.

    Raises:
        NoDate: zero, as milliseconds or days.
        ValueError: nothing that is known here, or a time of day that does not exist.
    """
    # A Z stands behind local hours in these systems (formats note 5.5 no. 14): whether it counts, the source decides.
    plain = text[:-1] if text[-1] in "Zz" else text
    for pattern in IN_COLUMN_ORDER:
        if found := pattern.fullmatch(plain):
            return _in_column_order(found)
    if found := ISO.fullmatch(plain) or COMPACT.fullmatch(plain):
        return _year_first(found)
    if text in NO_MILLISECONDS:
        raise NoDate(text)
    if found := SERIAL.fullmatch(text):
        return _serial(int(found["days"]), found["part"])
    return _spoken(fold(text))


def _year_first(found: re.Match[str]) -> Written:
    zone = found.groupdict().get("zone") or ""
    numbers = (int(found["year"]), int(found["month"]), int(found["day"]))
    return Written(*numbers, _clock(found), "year first", zone=zone)


def _in_column_order(found: re.Match[str]) -> Written:
    year = int(found["year"])
    is_short = len(found["year"]) == 2
    if is_short and year == 0:
        # A program's 1900 rather than a dossier of the year 2000.
        raise NoDate(found[0])
    return Written(
        year + 2000 if is_short else year,
        int(found["first"]),
        int(found["second_part"]),
        _clock(found),
        has_short_year=is_short,
    )


def _spoken(text: str) -> Written:
    if found := SPOKEN.fullmatch(text):
        numbers = int(found["year"]), int(found["second_part"]), int(found["first"])
        return Written(*numbers, _clock(found), "spoken")
    if found := AFTER.fullmatch(text):
        return _in_column_order(found)
    if found := WINDOW.fullmatch(text):
        begin, end = checked_clock(int(found["from_hour"]), int(found["from_minute"]), 0), _clock(found)
        if end is None or end <= begin:
            raise ValueError(text)
        # The result is promised within the window; not before its end is it late.
        return _in_column_order(found)
    raise ValueError(text)


def _serial(days: int, part: str | None) -> Written:
    if not FIRST_SERIAL <= days <= LAST_SERIAL:
        raise ValueError(days)
    seconds = round(float(f"0.{part[1:]}") * DAY) if part else 0
    on = SERIAL_BASE + timedelta(days + seconds // DAY)
    clock = (seconds // 3600, seconds // 60 % 60, seconds % 60) if 0 < seconds < DAY else None
    return Written(on.year, on.month, on.day, clock, "year first")


def _clock(found: re.Match[str]) -> tuple[int, int, int] | None:
    given = found.groupdict()
    if not given.get("hour"):
        return None
    hour, half = int(given["hour"]), (given.get("half") or "").lower()
    if half:
        if not 1 <= hour <= HALF_DAY_HOURS:
            raise ValueError(found[0])
        hour = hour % HALF_DAY_HOURS + (HALF_DAY_HOURS if half in AFTERNOON else 0)
    return checked_clock(hour, int(given.get("minute") or 0), int(given.get("second") or 0))


def checked_clock(hour: int, minute: int, second: int) -> tuple[int, int, int]:
    """The time of day, if there is one.

    Raises:
        ValueError: there is none: 24:00, second 66.
    """
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError(f"{hour}:{minute}:{second}")
    return hour, minute, second
