"""The working time that a dossier had: from its reception, or from the restart of its limit, its suspensions left out."""

from collections.abc import Iterable

from tracker.synthetic.days import OFFSET
from tracker.timekeeping.working_calendar import WorkingCalendar


class OwnTime:
    """Local seconds <-> working seconds spent since `begin`; `pauses` are disjoint and in order of time."""

    def __init__(self, calendar: WorkingCalendar, begin: int, pauses: Iterable[tuple[int, int]]) -> None:
        self._calendar = calendar
        self._begin = self._worked(begin)
        self._pauses = [(self._worked(start), self._worked(end)) for start, end in pauses]

    def spent(self, at: int) -> int:
        """Working seconds from the beginning to a moment; negative before it."""
        worked = self._worked(at)
        stopped = sum(max(min(worked, end) - start, 0) for start, end in self._pauses)
        return worked - self._begin - stopped

    def at(self, spent: int) -> int:
        """The first moment at which so many (> 0) working seconds are spent."""
        worked = self._begin + spent
        for start, end in self._pauses:
            if worked > start:
                worked += end - start
        return self._calendar.epoch_of_seconds(worked) + OFFSET

    def after(self, begun: int, seconds: int) -> int:
        """The moment so many (> 0) working seconds after another, as an office counts that knows of no suspension yet."""
        return self._calendar.epoch_of_seconds(self._worked(begun) + seconds) + OFFSET

    def _worked(self, at: int) -> int:
        return self._calendar.seconds_before(at - OFFSET)
