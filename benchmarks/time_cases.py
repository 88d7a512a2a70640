"""The cases of `benchmarks.time`, each run in a process of its own; ours and theirs are held equal before they are timed.

`python -m benchmarks.time_cases CASE` prints one JSON line: answers a second of processor time (the best of
some repetitions, since other work only ever slows down) and peak MiB.
"""

import json
import random
import sys
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from benchmarks.stages import peak_mib
from tracker.calendar_data import load_calendar
from tracker.config_data import load_policy
from tracker.timekeeping.deadline_array import due_array, due_by_limit, late_days_array
from tracker.timekeeping.deadlines import due_only, evaluate, plain_due_epoch
from tracker.timekeeping.lateness import classify
from tracker.timekeeping.limits import parse_limit
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import VN, Facts, Limit, Suspension, SuspensionKind

REPETITIONS = 7
SCALAR, PEER, MILLION, STORE, PROOFS = 200_000, 2_000, 1_000_000, 420_000, 50_000
SUSPENDED = 0.08
FIRST_DAY, DAYS = date(2022, 1, 3), 1_600
TEXTS = ("15 ngày làm việc", "10 ngày làm việc", "3 ngày làm việc", "30 ngày", "1 tháng", "5 ngày làm việc")
POLICY = load_policy()
B = load_calendar("B")
Work = tuple[int, Callable[[], object]]
"""How many answers one call gives, and the call."""


def dates(count: int) -> list[date]:
    """Random dates of the loaded years."""
    rng = random.Random(1)
    return [FIRST_DAY + timedelta(rng.randrange(DAYS)) for _ in range(count)]


def moments(count: int) -> list[datetime]:
    """Random instants on such dates."""
    rng = random.Random(2)
    return [
        datetime(d.year, d.month, d.day, tzinfo=VN) + timedelta(seconds=rng.randrange(86400))
        for d in dates(count)
    ]


def steps(count: int, most: int = 30) -> list[int]:
    """Random numbers of working days."""
    rng = random.Random(3)
    return [rng.randint(1, most) for _ in range(count)]


def floor() -> Work:
    """The least: one addition."""
    one, two = np.arange(MILLION), np.arange(MILLION)
    return MILLION, lambda: one + two


# ---------------------------------------------------------------- one by one


def add_workdays() -> Work:
    """The n-th working date after a date."""
    pairs = list(zip(dates(SCALAR), steps(SCALAR), strict=True))
    add = B.add_workdays
    return SCALAR, lambda: [add(day, n) for day, n in pairs]


def count_workdays() -> Work:
    """Working dates between two dates."""
    pairs = [(day, day + timedelta(n)) for day, n in zip(dates(SCALAR), steps(SCALAR), strict=True)]
    count = B.count_workdays
    return SCALAR, lambda: [count(start, end) for start, end in pairs]


def is_working() -> Work:
    """Is a date worked?"""
    days, ask = dates(SCALAR), B.is_working
    return SCALAR, lambda: [ask(day) for day in days]


def working_minutes() -> Work:
    """Working minutes between two instants."""
    pairs = [(at, at + timedelta(hours=9 * n)) for at, n in zip(moments(SCALAR), steps(SCALAR), strict=True)]
    minutes = B.working_minutes
    return SCALAR, lambda: [minutes(start, end) for start, end in pairs]


def _package() -> Any:
    import holidays

    return holidays.VN(years=range(FIRST_DAY.year, B.last.year + 1), language="vi")


def holidays_nth() -> Work:
    """The package's way to the n-th working date."""
    package, pairs = _package(), list(zip(dates(PEER), steps(PEER), strict=True))
    return PEER, lambda: [package.get_nth_working_day(day, n) for day, n in pairs]


def holidays_count() -> Work:
    """The package's way to count working dates."""
    package = _package()
    pairs = [(day, day + timedelta(n)) for day, n in zip(dates(PEER), steps(PEER), strict=True)]
    return PEER, lambda: [package.get_working_days_count(start, end) for start, end in pairs]


def holidays_is_working() -> Work:
    """The package's view of one date."""
    package, days = _package(), dates(10 * PEER)
    return 10 * PEER, lambda: [package.is_working_day(day) for day in days]


# ---------------------------------------------------------------- a million at once


def _ordinals() -> Any:
    rng = np.random.default_rng(4)
    return rng.integers(FIRST_DAY.toordinal(), FIRST_DAY.toordinal() + DAYS, MILLION).astype(np.int32)


def _numbers() -> Any:
    return np.random.default_rng(5).integers(1, 31, MILLION).astype(np.int32)


def _numpy_days(ordinals: Any) -> Any:
    return (ordinals - date(1970, 1, 1).toordinal()).astype("datetime64[D]")


def _busdays(calendar: WorkingCalendar) -> Any:
    """numpy's calendar; a worked Saturday only fits where the week has seven working days and all others are listed."""
    days = (calendar.date_of(row) for row in range(calendar.size))
    off = [day.isoformat() for day in days if not calendar.is_working(day)]
    return np.busdaycalendar(weekmask="1111111", holidays=np.array(off, dtype="datetime64[D]"))


def add_workdays_array() -> Work:
    """The n-th working dates."""
    days, n = _ordinals(), _numbers()
    return MILLION, lambda: B.add_workdays_array(days, n)


def count_workdays_array() -> Work:
    """Working dates between dates."""
    start = _ordinals()
    end = start + _numbers()
    return MILLION, lambda: B.count_workdays_array(start, end)


def working_minutes_array() -> Work:
    """Working minutes between instants."""
    start = _epochs(MILLION)
    end = start + 32_400 * _numbers().astype(np.int64)
    return MILLION, lambda: B.working_minutes_array(start, end)


def busday_offset() -> Work:
    """numpy's n-th working dates, from the last working date on or before each."""
    days, n, calendar = _ordinals(), _numbers(), _busdays(B)
    theirs = _numpy_days(days)
    found = np.busday_offset(theirs, n, roll="backward", busdaycal=calendar)
    assert (_numpy_days(B.add_workdays_array(days, n)) == found).all()
    return MILLION, lambda: np.busday_offset(theirs, n, roll="backward", busdaycal=calendar)


def busday_count() -> Work:
    """numpy's count, which takes in the first date and leaves out the last."""
    start, calendar = _ordinals(), _busdays(B)
    end = start + _numbers()
    after, until = _numpy_days(start) + 1, _numpy_days(end) + 1
    assert (B.count_workdays_array(start, end) == np.busday_count(after, until, busdaycal=calendar)).all()
    return MILLION, lambda: np.busday_count(after, until, busdaycal=calendar)


# ---------------------------------------------------------------- deadlines


def _epochs(count: int) -> Any:
    return np.array([int(at.timestamp()) for at in moments(count)])


def _limits(count: int) -> list[Limit]:
    known = [limit for text in TEXTS if isinstance(limit := parse_limit(text), Limit)]
    return random.Random(6).choices(known, (5, 4, 3, 2, 1, 3), k=count)


def _suspensions(received: datetime, share: float, rng: random.Random) -> tuple[Suspension, ...]:
    if rng.random() >= share:
        return ()
    start = received + timedelta(hours=rng.randrange(1, 60))
    kind = rng.choice((SuspensionKind.PAUSE, SuspensionKind.SUPPLEMENT, SuspensionKind.FINANCIAL))
    return (Suspension(start, start + timedelta(hours=rng.randrange(1, 200)), kind),)


def _dossiers(count: int, share: float) -> list[tuple[datetime, Limit, tuple[Suspension, ...]]]:
    rng = random.Random(7)
    pairs = zip(moments(count), _limits(count), strict=True)
    return [(received, limit, _suspensions(received, share, rng)) for received, limit in pairs]


def _evaluated(share: float) -> Work:
    cases, as_of = _dossiers(PROOFS, share), datetime(2027, 1, 1, tzinfo=VN)
    return PROOFS, lambda: [
        len(evaluate(received, limit, B, suspensions=held, policy=POLICY, as_of=as_of).steps)
        for received, limit, held in cases
    ]


def _due_only(count: int, share: float) -> Work:
    cases, as_of = _dossiers(count, share), datetime(2027, 1, 1, tzinfo=VN)
    return count, lambda: [
        due_only(received, limit, B, suspensions=held, policy=POLICY, as_of=as_of)
        for received, limit, held in cases
    ]


def plain_store() -> Work:
    """The look-up of bulk loads, one by one."""
    cases = list(zip(_epochs(STORE).tolist(), _limits(STORE), strict=True))
    return STORE, lambda: [plain_due_epoch(received, limit, B) for received, limit in cases]


def array_store() -> Work:
    """A whole store of mixed limits at once, equal to the look-up one by one."""
    received, limits = _epochs(STORE), _limits(STORE)
    known = list({id(limit): limit for limit in limits}.values())
    number = {id(limit): place for place, limit in enumerate(known)}
    which = np.array([number[id(limit)] for limit in limits])
    want = [plain_due_epoch(at, limit, B) for at, limit in zip(received.tolist(), limits, strict=True)]
    assert due_by_limit(received, known, which, B).tolist() == want
    return STORE, lambda: due_by_limit(received, known, which, B)


def array_one_limit() -> Work:
    """One limit for all."""
    received, limit = _epochs(MILLION), parse_limit(TEXTS[0])
    return MILLION, lambda: due_array(received, limit, B)


def classified() -> Work:
    """The verdict of finished dossiers."""
    cases = [
        Facts(at, at + timedelta(9), finished_at=at + timedelta(n))
        for at, n in zip(moments(PROOFS), steps(PROOFS), strict=True)
    ]
    as_of = datetime(2027, 6, 1, tzinfo=VN)
    return PROOFS, lambda: [classify(facts, B, as_of=as_of) for facts in cases]


def late_days() -> Work:
    """Working dates late, a million at once."""
    due = _epochs(MILLION)
    end = due + 86_400 * (_numbers().astype(np.int64) - 10)
    return MILLION, lambda: late_days_array(due, end, B)


CASES: dict[str, Callable[[], Work]] = {
    "floor: numpy adds 1 M int64": floor,
    "add_workdays": add_workdays,
    "count_workdays": count_workdays,
    "is_working": is_working,
    "working_minutes": working_minutes,
    "holidays get_nth_working_day": holidays_nth,
    "holidays get_working_days_count": holidays_count,
    "holidays is_working_day": holidays_is_working,
    "add_workdays_array": add_workdays_array,
    "count_workdays_array": count_workdays_array,
    "working_minutes_array": working_minutes_array,
    "numpy busday_offset": busday_offset,
    "numpy busday_count": busday_count,
    "evaluate: suspensions, proof": lambda: _evaluated(1.0),
    "evaluate: no suspension, proof": lambda: _evaluated(0.0),
    "evaluate: whole store, proof": lambda: _evaluated(SUSPENDED),
    "due_only: suspensions": lambda: _due_only(PROOFS, 1.0),
    "due_only: whole store": lambda: _due_only(STORE, SUSPENDED),
    "plain_due_epoch: whole store": plain_store,
    "due_by_limit: whole store": array_store,
    "due_array: one limit": array_one_limit,
    "classify": classified,
    "late_days_array": late_days,
}


def measured(work: Work) -> float:
    """Answers a second, by the best repetition after one to warm up."""
    count, call = work
    call()
    best = float("inf")
    for _ in range(REPETITIONS):
        started = time.process_time()
        call()
        best = min(best, time.process_time() - started)
    return count / best


if __name__ == "__main__":
    print(json.dumps({"per_second": round(measured(CASES[sys.argv[1]]())), "peak_mib": round(peak_mib())}))
