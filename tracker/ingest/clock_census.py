"""Do the times of day of a column look as if they were UTC? A suspicion for a person; no time is moved because of it.

Office hours of 07:00 to 17:30 are 00:00 to 10:30 in UTC: many times before 11:00, some of them at night, none after.
Source: formats note 5.5 no. 15.
"""

from collections.abc import Sequence

from tracker.ingest.dates import DAY, VN_OFFSET, has_clock

LEAST_TIMES, LEAST_AT_NIGHT = 50, 3
NIGHT_ENDS, OFFICE_IN_UTC_ENDS = 7 * 3600, 11 * 3600


class ClockCensus:
    """The times of day of one column, counted until one of them clears it."""

    def __init__(self) -> None:
        self.times = self.at_night = 0
        self.is_cleared = False

    def take(self, cells: Sequence[str], moments: Sequence[int | None]) -> None:
        """Count some cells and the instants that were read from them; dates alone and 00:00:00 tell no time."""
        if self.is_cleared:
            return
        for cell, moment in zip(cells, moments, strict=True):
            if moment is None or not has_clock(cell):
                continue
            seconds = (moment + VN_OFFSET) % DAY
            if seconds >= OFFICE_IN_UTC_ENDS:
                self.is_cleared = True
                return
            self.times += seconds > 0
            self.at_night += 0 < seconds < NIGHT_ENDS

    @property
    def is_suspect(self) -> bool:
        """Are there many times, some at night, and none in the afternoon?"""
        return not self.is_cleared and self.times >= LEAST_TIMES and self.at_night >= LEAST_AT_NIGHT
