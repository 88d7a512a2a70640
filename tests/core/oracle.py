"""A deliberately slow second opinion: walks date by date and minute by minute over its own copy of the holiday table.

Shares no code with the product. Instants are naive local datetimes at whole minutes.
"""

from datetime import date, datetime, time, timedelta
from functools import cache

OFF = {
    2018: "1/1 14/2 15/2 16/2 19/2 20/2 25/4 30/4 1/5 3/9 31/12",
    2019: "1/1 4/2 5/2 6/2 7/2 8/2 15/4 29/4 30/4 1/5 2/9",
    2020: "1/1 23/1 24/1 27/1 28/1 29/1 2/4 30/4 1/5 2/9",
    2021: "1/1 10/2 11/2 12/2 15/2 16/2 21/4 30/4 3/5 2/9 3/9",
    2022: "3/1 31/1 1/2 2/2 3/2 4/2 11/4 2/5 3/5 1/9 2/9",
    2023: "2/1 20/1 23/1 24/1 25/1 26/1 1/5 2/5 3/5 1/9 4/9",
    2024: "1/1 8/2 9/2 12/2 13/2 14/2 18/4 29/4 30/4 1/5 2/9 3/9",
    2025: "1/1 27/1 28/1 29/1 30/1 31/1 7/4 30/4 1/5 2/5 1/9 2/9",
    2026: "1/1 2/1 16/2 17/2 18/2 19/2 20/2 27/4 30/4 1/5 31/8 1/9 2/9 24/11",
}
WORKED_SATURDAYS = {"5/1/2019", "4/5/2019", "4/5/2024", "26/4/2025", "10/1/2026", "22/8/2026"}
HOURS = {
    "A": ((time(7, 30), time(11, 30)), (time(13, 30), time(17, 30))),
    "B": ((time(7), time(11, 30)), (time(13, 30), time(17))),
}
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@cache
def worked(day):
    """Is the date a working date?"""
    if f"{day.day}/{day.month}/{day.year}" in WORKED_SATURDAYS:
        return True
    return day.weekday() < 5 and f"{day.day}/{day.month}" not in OFF[day.year].split()


@cache
def minute_works(day, minute, key):
    """Does the desk work in that minute of the date?"""
    at = time(minute // 60, minute % 60)
    return worked(day) and any(begin <= at < end for begin, end in HOURS[key])


def works_at(moment, key):
    return minute_works(moment.date(), moment.hour * 60 + moment.minute, key)


def closing(day, key):
    return datetime.combine(day, HOURS[key][-1][1] if worked(day) else time(23, 59, 59))


def minutes_between(start, end, key):
    """Working minutes, one by one."""
    count, at = 0, start
    while at < end:
        count += works_at(at, key)
        at += MINUTE
    return count


def workdays_between(start, end):
    """Working dates d with start < d <= end, one by one."""
    count, day = 0, start
    while day < end:
        day += DAY
        count += worked(day)
    return count


def limit_due(anchor, unit, amount, stops, key):
    """Due instant of a limit begun at `anchor`; `stops` = [(from, to)] in which the clock stands."""
    if unit == "minute":
        at, used = anchor, 0
        while used < amount:
            if works_at(at, key) and not any(a <= at < b for a, b in stops):
                used += 1
            at += MINUTE
        return at
    day = anchor.date()
    if unit == "month":
        target = day
        amount, months = 0, amount
        while months:
            target += DAY
            amount += 1
            first_of_next = (target + DAY).day == 1
            if (target.year, target.month) != (day.year, day.month) and (
                target.day == min(day.day, 99) or (first_of_next and target.day < day.day)
            ):
                months -= 1
    while amount:
        day += DAY
        frozen = any(a.date() <= day < b.date() for a, b in stops)
        if not frozen and (unit != "workday" or worked(day)):
            amount -= 1
    while not worked(day):
        day += DAY
    return closing(day, key)


def counts_from(moment, *, itself, cutoff):
    """The first date that may be counted by a rule with a cut-off, or one that counts the day of reception."""
    day = moment.date()
    if not itself:
        if cutoff and worked(day) and moment.time() > cutoff:
            day += DAY
            while not worked(day):
                day += DAY
        return day + DAY
    while not worked(day) or (day == moment.date() and moment.time() > (cutoff or time(17, 30))):
        day += DAY
    return day


OTHER_RULES = {
    "bkav2": (True, time(15), time(17, 30)),
    "bkav3": (False, time(15), time(17, 30)),
    "bkav4": (True, None, time(17, 30)),
    "bkav5": (False, None, None),
    "cmon": (False, None, None),
}
"""rule -> (is the day of reception counted?, cut-off, closing or None = the time of the anchor)"""


def due_by_other_rule(anchor, rule, days, stops):
    """Due instant of so many working days begun at `anchor`, walked date by date or half-day by half-day."""
    if rule == "epar":
        return half_day_due(anchor, 2 * days, stops)
    itself, cutoff, closes = OTHER_RULES[rule]
    day = counts_from(anchor, itself=itself, cutoff=cutoff)
    while True:
        if worked(day) and not any(a.date() <= day < b.date() for a, b in stops):
            days -= 1
            if not days:
                return datetime.combine(day, closes or anchor.time())
        day += DAY


def half_day_due(anchor, halves, stops):
    """The end of the n-th half-day (11:30, 16:00) after that of the anchor, or the one that opens next."""
    begun, day = False, anchor.date()
    while True:
        for closes in (time(11, 30), time(16)):
            end = datetime.combine(day, closes)
            if worked(day) and end >= anchor:
                if begun and not any(a.date() <= day < b.date() for a, b in stops):
                    halves -= 1
                    if not halves:
                        return end
                begun = True
        day += DAY


def effect(kind, received):
    """What a first, timely suspension of that kind does."""
    if kind == "none":
        return "none"
    if kind == "supplement" and received >= date(2018, 6, 21):
        return "restart"
    return "pause"


def events_of(received, suspensions, restarts, as_of):
    """(from, to, restarts?) in order, pauses merged."""
    pauses, events, supplements = [], [(t, t, True) for t in restarts if received < t <= as_of], 0
    third = received.date()
    left = 3
    while left:
        third += DAY
        left -= worked(third)
    for start, end, kind in sorted(
        suspensions, key=lambda item: (item[0], item[1] is None, item[1] or item[0], item[2])
    ):
        end = as_of if end is None or end > as_of else end
        if start > as_of or end <= received:
            continue
        what = effect(kind, received.date())
        if what == "restart":
            supplements += 1
            if supplements > 1 or start.date() > third:
                what = "pause"
        if what == "restart":
            events.append((start, end, True))
        elif what == "pause":
            pauses.append((start, end))
    changed = True
    while changed:
        changed = False
        for one in pauses:
            for two in pauses:
                if one is not two and one[0] <= two[1] and two[0] <= one[1]:
                    pauses = [p for p in pauses if p is not one and p is not two]
                    pauses.append((min(one[0], two[0]), max(one[1], two[1])))
                    changed = True
                    break
            if changed:
                break
    return sorted(events + [(a, b, False) for a, b in pauses])


def due(received, unit, amount, suspensions, restarts, as_of, key, rule=None):
    """The documented due instant by the command contract, or by another program's rule."""

    def begun(anchor):
        if rule:
            return due_by_other_rule(anchor, rule, amount, stops)
        return limit_due(anchor, unit, amount, stops, key)

    anchor, stops = received, []
    answer = begun(anchor)
    for start, end, restart in events_of(received, suspensions, restarts, as_of):
        if start >= answer:
            continue
        stops.append((start, end))
        if restart:
            anchor = end
        answer = begun(anchor)
    return answer
