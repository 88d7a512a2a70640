"""How little working time must be left before an open dossier counts as due soon; a value, set by configuration."""

from dataclasses import dataclass
from fractions import Fraction

from tracker.types import Limit, LimitUnit


@dataclass(frozen=True, slots=True)
class DueSoon:
    """Open dossiers with no more working time left than `days` working days and `share` of the limit are due soon."""

    days: int = 2
    share: Fraction = Fraction(1, 4)

    def minutes(self, limit: Limit | None, day_minutes: int) -> int:
        """The threshold in working minutes; without a known limit the days alone decide."""
        threshold = self.days * day_minutes
        whole = limit_minutes(limit, day_minutes) if limit else None
        return threshold if whole is None else min(threshold, int(whole * self.share))


def limit_minutes(limit: Limit, day_minutes: int) -> Fraction | None:
    """A limit in working minutes, None where it has none; a calendar day is taken for a working day, a month is long enough not to matter."""
    by_unit = {
        LimitUnit.MINUTE: 1,
        LimitUnit.HOUR: 60,
        LimitUnit.WORKDAY: day_minutes,
        LimitUnit.DAY: day_minutes,
    }
    minutes = by_unit.get(limit.unit)
    return None if minutes is None or not limit.value else limit.value * minutes
