"""What may be told of a fault and the measure against it: one telling -> the next, or why not. Pure."""

import re
from dataclasses import replace
from datetime import date

from tracker.errors import UsageError
from tracker.types.remedies import RemedyState, RemedyTold

LONGEST = 1000
FIRST_YEAR = 2012  # the reform index exists since then
TEXTS = {"fault": "tồn tại, hạn chế", "cause": "nguyên nhân", "measure": "biện pháp", "note": "ghi chú"}
ENDED = {RemedyState.DONE: "đã ghi là xong", RemedyState.DROPPED: "đã bỏ"}

# Not the space that keeps a number and its sign together.
SPACES = re.compile(r"[^\S\u00a0]+")


def one_line(text: str) -> str:
    """The text without breaks of lines and doubled spaces."""
    return SPACES.sub(" ", text).strip()


def checked(told: RemedyTold, today: date) -> RemedyTold:
    """A telling as it is kept: texts of one line; only the fault itself has to be known, all else may follow.

    Raises:
        UsageError: the fault is missing, a text is too long, or the year can be no year of figures.
    """
    words = {name: one_line(getattr(told, name)) for name in TEXTS}
    if not words["fault"]:
        raise UsageError("cần ghi tồn tại, hạn chế")
    for name, text in words.items():
        if len(text) > LONGEST:
            raise UsageError(f"{TEXTS[name]} dài quá {LONGEST} ký tự")
    if not FIRST_YEAR <= told.year <= today.year:
        raise UsageError(f"năm của số liệu là một năm từ {FIRST_YEAR} đến {today.year}")
    return replace(told, **words)


def edited(standing: RemedyTold, new: RemedyTold, today: date) -> RemedyTold:
    """Other words, unit, field, year or deadline; what became of the measure stays.

    Raises:
        UsageError: as `checked`; or nothing is different.
    """
    kept = checked(
        replace(new, done_on=standing.done_on, note=standing.note, is_dropped=standing.is_dropped), today
    )
    if kept == standing:
        raise UsageError("chưa có gì thay đổi")
    return kept


def done(standing: RemedyTold, day: date, *, note: str, today: date) -> RemedyTold:
    """The measure was carried out on a day.

    Raises:
        UsageError: it was ended before, or the day lies ahead.
    """
    _still_open(standing, today)
    if day > today:
        raise UsageError("ngày xong ở tương lai; chỉ ghi khi đã xong")
    return checked(replace(standing, done_on=day, note=note), today)


def dropped(standing: RemedyTold, reason: str, today: date) -> RemedyTold:
    """The measure is given up, for a reason.

    Raises:
        UsageError: it was ended before, or the reason is missing.
    """
    _still_open(standing, today)
    return checked(replace(standing, is_dropped=True, note=_reason(reason, "bỏ")), today)


def reopened(standing: RemedyTold, reason: str, today: date) -> RemedyTold:
    """Taken up again, after it had been ended by mistake or too early.

    Raises:
        UsageError: it never was ended, or the reason is missing.
    """
    if standing.state_on(today) not in ENDED:
        raise UsageError("biện pháp này đang thực hiện, không cần mở lại")
    return checked(replace(standing, done_on=None, is_dropped=False, note=_reason(reason, "mở lại")), today)


def _still_open(standing: RemedyTold, today: date) -> None:
    if (how := ENDED.get(standing.state_on(today))) is not None:
        raise UsageError(f"biện pháp này {how}; hãy mở lại trước")


def _reason(reason: str, act: str) -> str:
    if not reason.strip():
        raise UsageError(f"cần ghi lý do {act}")
    return reason
