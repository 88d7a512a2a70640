"""The forms of values in the operating log. What does not fit is `?`: a line never fails, and never tells what it should not."""

import math
import re
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

UNFIT = "?"
# A run of digits that may be a citizen id, a telephone or an account.
LONG_NUMBER = re.compile(r"\d{8}")
# Names of the program itself: kinds of work, roles, codes, classes of errors; no sentence, and no code of a dossier.
WORD = re.compile(r"(?=.{1,80}$)[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")
PLACE = re.compile(r"[A-Za-z0-9_.<>]{1,120}:\d{1,6}(?: [A-Za-z0-9_<>.]{1,80})?")
RULE = re.compile(r"none|/(?:(?!\d{4})[A-Za-z0-9_./<>:-]){0,160}")
REQUEST = re.compile(r"[a-z0-9]{4}(?:-[a-z0-9]{4}){2}|[0-9A-Fa-f-]{16,64}")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
VERSION = re.compile(r"[0-9][0-9A-Za-z.+-]{0,39}")
# Ids, counts, milliseconds of a day; a longer number may be somebody's telephone or citizen id.
MOST = 10**8
MOST_PLACES = 24

Form = Callable[[Any], Any]


def number(value: Any) -> Any:
    """A count, an id of a table, seconds, milliseconds, bytes."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return UNFIT
    return value if abs(value) < MOST else UNFIT


def flag(value: Any) -> Any:
    """Yes or no."""
    return value if isinstance(value, bool) else UNFIT


def word(value: Any) -> str:
    """A name of the program: a kind, a role, a code, a class."""
    told = str(value.value if isinstance(value, Enum) else value)
    return told if WORD.fullmatch(told) and not LONG_NUMBER.search(told) else UNFIT


def places(value: Any) -> Any:
    """Where an error came from: `module:line function`, the innermost last."""
    return [place(each) for each in value][-MOST_PLACES:] if isinstance(value, (list, tuple)) else UNFIT


def _by(pattern: re.Pattern[str], *, digits: bool = False) -> Form:
    def form(value: Any) -> str:
        told = str(value)
        fits = pattern.fullmatch(told) is not None and (digits or not LONG_NUMBER.search(told))
        return told if fits else UNFIT

    return form


place = _by(PLACE)
rule = _by(RULE)
request = _by(REQUEST, digits=True)
day = _by(DAY)
version = _by(VERSION)

FORMS: Mapping[str, Form] = {
    "number": number,
    "flag": flag,
    "word": word,
    "place": place,
    "places": places,
    "rule": rule,
    "request": request,
    "day": day,
    "version": version,
}
