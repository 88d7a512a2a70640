"""What a span of days holds: which days, how large, and what happens on which working day of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import NamedTuple

from tests.quarter.post import Fault

LOADING, LOOKING, COMPOSING, SENDING = time(6), time(6, 51), time(6, 56), time(7, 16)
# The minutes of a day at which anything may happen; long after hours, to see that nothing does.
TICKS = (
    time(5, 30), LOADING, time(6, 41), LOOKING, COMPOSING, time(7, 1), SENDING, time(7, 31), time(8, 5), time(9, 10),
    time(10, 20), time(11, 50), time(14, 5), time(15, 35), time(16, 50), time(17, 2), time(18, 30), time(22),
)  # fmt: skip
_LEFT_OUT = (time(6, 41), time(7, 1), time(8, 5), time(11, 50), time(14, 5), time(22))
FEWER = tuple(tick for tick in TICKS if tick not in _LEFT_OUT)
ON_A_DAY_OFF = (time(5, 30), LOOKING, COMPOSING, SENDING, time(10, 20))


class Kill(NamedTuple):
    """A process is killed at this minute, at the statement of this number that begins with these words."""

    at: time
    what: str  # work, send
    words: str
    number: int


EVALUATING = Kill(LOOKING, "work", "INSERT INTO alert_told", 1)
EVALUATED = Kill(LOOKING, "work", "INSERT INTO audit_entry", 1)
COMPOSING_MAIL = Kill(COMPOSING, "work", "INSERT INTO outbox_message", 5)
BEFORE_HANDING_OVER = Kill(SENDING, "send", "UPDATE outbox_message", 5)
AFTER_HANDING_OVER = Kill(SENDING, "send", "UPDATE outbox_message", 6)


@dataclass(frozen=True)
class Scenario:
    """`units`: how many of the busiest units are kept, None = all. Days by their number among the working days."""

    first: date
    last: date
    rows: int
    units: int | None
    flood_over: int
    flood_rows: int
    moves: tuple[int, ...]
    reopenings: tuple[int, ...]
    suspensions: tuple[int, ...]
    flood: int
    second_source: int
    holiday: int
    outage: tuple[int, int]  # from which to which
    faults: Mapping[int, Fault]
    kills: Mapping[int, Kill] = field(default_factory=dict)
    faults_until: time = time(10)  # of those that end within the day
    ticks: tuple[time, ...] = TICKS


# A make-up Saturday (22/8) and the days off of 31/8-2/9 lie in it; the outage is a whole week.
SHORT = Scenario(
    first=date(2026, 8, 17),
    last=date(2026, 9, 15),
    rows=6000,
    units=8,
    flood_over=25,
    flood_rows=40,
    moves=(3,),
    reopenings=(5,),
    suspensions=(2,),
    flood=6,
    second_source=10,
    holiday=8,
    outage=(11, 15),
    faults={
        2: Fault.RCPT_LATER,
        3: Fault.DOWN,
        5: Fault.LOST_REPLY,
        6: Fault.CUT_OFF,
        7: Fault.SLOW,
        9: Fault.DOT_LATER,
        17: Fault.LOST_REPLY,
    },
    kills={
        1: EVALUATING,
        4: COMPOSING_MAIL,
        10: BEFORE_HANDING_OVER,
        18: AFTER_HANDING_OVER,
    },
    ticks=FEWER,
)
ALL_DAY = frozenset({Fault.DOWN})


def a_quarter(rows: int) -> Scenario:
    """From the middle of June to that of September, with a fault every third day and a killed process every sixth."""
    faults = (
        Fault.RCPT_LATER,
        Fault.DOWN,
        Fault.LOST_REPLY,
        Fault.CUT_OFF,
        Fault.SLOW,
        Fault.DOT_LATER,
    )
    kills = (EVALUATING, COMPOSING_MAIL, BEFORE_HANDING_OVER, EVALUATED, AFTER_HANDING_OVER)
    return Scenario(
        first=date(2026, 6, 15),
        last=date(2026, 9, 15),
        rows=rows,
        units=None,
        flood_over=200,
        flood_rows=400,
        moves=(5, 21, 39),
        reopenings=(8, 24, 42),
        suspensions=(4, 20, 38),
        flood=15,
        second_source=30,
        holiday=33,
        outage=(45, 49),
        faults={number: faults[turn % len(faults)] for turn, number in enumerate(range(2, 62, 3))},
        kills={
            number: kills[turn % len(kills)] for turn, number in enumerate(range(1, 62, 6)) if number != 49
        },
    )
