"""How long a unit's late dossiers took after their due date, and what new date follows from it. Pure.

No rule says how far away the new date is (law.md 1.3); one that most dossiers of the kind would keep can be kept.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

# Of fewer dossiers than this a share says nothing; the share and the span are custom, no rule is known.
FEWEST, PER_CENT, YEARS_BACK = 20, 75, 1


@dataclass(frozen=True, slots=True)
class Experience:
    """Of `count` dossiers that finished late, 75 % were done within `days` working days after their due date.

    `is_of_procedure`: all of the same procedure; otherwise of the unit as a whole.
    """

    count: int
    days: int
    is_of_procedure: bool

    @property
    def words(self) -> str:
        """What the proposal rests on, for whoever decides on it."""
        like = "cùng thủ tục" if self.is_of_procedure else "của đơn vị"
        count = f"{self.count:,}".replace(",", ".")
        return (
            f"theo {count} hồ sơ quá hạn {like} đã xong trong 12 tháng, "
            f"{PER_CENT} % xong trong {self.days} ngày làm việc sau ngày hẹn"
        )

    def days_from(self, days_late: int, fewest: int) -> int:
        """Working days from now to the new date of a dossier that is so many working days late already."""
        return max(fewest, self.days - days_late)


class LateCase(NamedTuple):
    """So many `dossiers` that finished so many working days after their due date."""

    unit_id: int
    procedure_id: int | None
    days: int
    dossiers: int = 1


class ExperienceBook:
    """The experience of all units, looked up by unit and procedure, then by the unit alone."""

    def __init__(self, cases: Iterable[LateCase]) -> None:
        self._of: dict[tuple[int, int | None], Counter[int]] = {}
        self._units: dict[int, Counter[int]] = {}
        for unit_id, procedure_id, days, dossiers in cases:
            self._units.setdefault(unit_id, Counter())[days] += dossiers
            if procedure_id is not None:
                self._of.setdefault((unit_id, procedure_id), Counter())[days] += dossiers
        self._found: dict[tuple[int, int | None], Experience | None] = {}

    def find(self, unit_id: int | None, procedure_id: int | None) -> Experience | None:
        """What is known for dossiers of a unit and a procedure; None where it is too little."""
        if unit_id is None:
            return None
        key = unit_id, procedure_id
        if key not in self._found:
            self._found[key] = next(self._known(unit_id, procedure_id), None)
        return self._found[key]

    def _known(self, unit_id: int, procedure_id: int | None) -> Iterator[Experience]:
        for days, is_of_procedure in (
            (self._of.get((unit_id, procedure_id)), True),
            (self._units.get(unit_id), False),
        ):
            if days is not None and (count := days.total()) >= FEWEST:
                yield Experience(count, _reached(days, count), is_of_procedure)


def _reached(days: Counter[int], count: int) -> int:
    """The fewest days within which the share is done."""
    done = 0
    for number in sorted(days):
        done += days[number]
        if done * 100 >= count * PER_CENT:
            return number
    raise ValueError("a share of nothing")


def looked_at(day: date) -> tuple[date, date]:
    """From which date to before which a letter of `day` looks back: the twelve months before it."""
    back = day.year - YEARS_BACK
    is_leap_day = (day.month, day.day) == (2, 29)
    return (date(back, 2, 28) if is_leap_day else day.replace(year=back)), day
