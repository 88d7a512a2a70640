"""Is a day's count of a person's acts much above that person's own usual? Pure: counts and a rule in, a finding out.

It accuses nobody: an inspection, a quarter's report or a stand-in for a colleague on leave explain most of what it finds.
It compares with the person's own days alone, since what is much differs from desk to desk.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median


@dataclass(frozen=True, slots=True)
class UnusualRule:
    """A count of one day is unusual from `at_least` on, and from `times` the median of the person's days before.

    The days before are those of the last `days_before` days on which the person did anything of the kind; with fewer
    than `least_days` of them nothing is usual yet, and twice `at_least` counts as unusual.
    """

    measure: str
    at_least: int
    times: int
    days_before: int
    least_days: int


@dataclass(frozen=True, slots=True)
class UnusualDay:
    """A day that stands out: the count, and the usual it stands beside (None: too few days to say)."""

    actor: str
    day: date
    measure: str
    count: int
    usual: int | None


def unusual_days(
    actor: str, counts: Mapping[date, int], rule: UnusualRule, *, first: date, last: date
) -> list[UnusualDay]:
    """The days of a person in [first, last] that stand out, by counts that reach back far enough; oldest first."""
    found = []
    for day in sorted(day for day in counts if first <= day <= last):
        before = _before(counts, day, rule)
        usual = int(median(before)) if len(before) >= rule.least_days else None
        if counts[day] >= _threshold(rule, usual):
            found.append(UnusualDay(actor, day, rule.measure, counts[day], usual))
    return found


def _before(counts: Mapping[date, int], day: date, rule: UnusualRule) -> Sequence[int]:
    since = day - timedelta(days=rule.days_before)
    return [count for other, count in counts.items() if since <= other < day and count]


def _threshold(rule: UnusualRule, usual: int | None) -> int:
    return 2 * rule.at_least if usual is None else max(rule.at_least, rule.times * usual)
