"""Numbers of letters: the series that units registered, what was given out of them, and which numbers are taken.

Whoever gives numbers or changes a series calls `letter_store.lock_register` first and reads after it.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from tracker.store.ids import next_id
from tracker.store.models import Letter, LetterNumber, NumberSeries, Unit

USED, VOID = "used", "void"


class NewSeries(NamedTuple):
    """A series about to be registered: `symbol` stands behind the number, `decision` is the deciding document."""

    unit_id: int
    symbol: str
    decision: str
    first_number: int
    valid_from: date


class SeriesRow(NamedTuple):
    """A series as it was registered; `valid_to` is its last day, None while it is open."""

    series_id: int
    unit_id: int
    symbol: str
    decision: str
    first_number: int
    valid_from: date
    valid_to: date | None
    unit: str

    def is_open(self, day: date) -> bool:
        """May numbers of that day be given out of it?"""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def first_of(self, year: int) -> int:
        """The number that a year begins with: 1, but for what the unit gave on paper before it registered."""
        return self.first_number if year == self.valid_from.year else 1


class GivenOut(NamedTuple):
    """A number of a series with the letter that has it; the letter's own columns are None where there is no letter."""

    series_id: int
    year: int
    number: int
    state: str
    letter_id: int
    unit_id: int | None = None
    letter_state: str | None = None
    text: str | None = None
    issued_on: date | None = None


class LastGiven(NamedTuple):
    """The highest number of a series in a year, and the latest date that one of that year bears."""

    number: int
    issued_on: date | None


class TakenNumber(NamedTuple):
    """A number that a letter bears; `is_own`: it came out of a series here, and is never free again."""

    letter_id: int
    unit_id: int | None
    text: str
    issued_on: date
    state: str
    is_own: bool


# ---------------------------------------------------------------- series


def series_of(session: Session, unit_ids: Collection[int] | None = None) -> list[SeriesRow]:
    """The series of some units (None = all), oldest first."""
    s = NumberSeries
    columns = (s.id, s.unit_id, s.symbol, s.decision, s.first_number, s.valid_from, s.valid_to, Unit.name)
    query = select(*columns).join(Unit, Unit.id == s.unit_id).order_by(s.valid_from, s.id)
    if unit_ids is not None:
        query = query.where(s.unit_id.in_(unit_ids))
    return [SeriesRow(*row) for row in session.execute(query)]


def add_series(session: Session, new: NewSeries, *, by: str, at: datetime) -> int:
    """Enter a series; its id."""
    number = next_id(session, NumberSeries.id)
    told = {"valid_to": None, "registered_by": by, "registered_at": at}
    session.execute(insert(NumberSeries), [{"id": number, **new._asdict(), **told}])
    return number


def end_series(session: Session, series_id: int, last_day: date) -> None:
    """No number of a later day is given out of it."""
    session.execute(update(NumberSeries).where(NumberSeries.id == series_id).values(valid_to=last_day))


# ---------------------------------------------------------------- numbers


def last_given(session: Session, series_id: int, year: int) -> LastGiven | None:
    """What was given last in a year, void numbers too; None before the first."""
    n = LetterNumber
    query = select(func.max(n.number), func.max(Letter.issued_on)).outerjoin(Letter, Letter.id == n.letter_id)
    number, day = session.execute(query.where(n.series_id == series_id, n.year == year)).one()
    return None if number is None else LastGiven(number, day)


def add_numbers(session: Session, numbers: Sequence[GivenOut], *, actor: str, at: datetime) -> None:
    """Note what was given out."""
    rows = [
        {
            "series_id": each.series_id, "year": each.year, "number": each.number, "letter_id": each.letter_id,
            "state": each.state, "reason": "", "at": at, "actor": actor,
        }
        for each in numbers
    ]  # fmt: skip
    if rows:
        session.execute(insert(LetterNumber), rows)


def numbers_given(session: Session, unit_ids: Collection[int] | None = None) -> list[GivenOut]:
    """All that was given out of the series of some units (None = all), in their order."""
    n, letter = LetterNumber, Letter
    columns: tuple[Any, ...] = (n.series_id, n.year, n.number, n.state, n.letter_id)
    columns += (letter.unit_id, letter.state, letter.number, letter.issued_on)
    query = select(*columns).outerjoin(letter, letter.id == n.letter_id)
    if unit_ids is not None:
        query = query.join(NumberSeries, NumberSeries.id == n.series_id)
        query = query.where(NumberSeries.unit_id.in_(unit_ids))
    return [GivenOut(*row) for row in session.execute(query.order_by(n.series_id, n.year, n.number))]


def numbers_taken(
    session: Session, unit_ids: Collection[int | None], start: date, end: date
) -> list[TakenNumber]:
    """The numbers on letters of some units that are dated from `start` to `end`, those of void letters too."""
    letter, own = Letter, LetterNumber
    columns = (letter.id, letter.unit_id, letter.number, letter.issued_on, letter.state, own.letter_id)
    query = select(*columns).outerjoin(own, own.letter_id == letter.id)
    dated = letter.number.is_not(None) & letter.issued_on.between(start, end)
    query = query.where(letter.unit_id.in_(unit_ids), dated).order_by(letter.id)
    return [
        TakenNumber(letter_id, unit_id, text or "", day, state, row_of is not None)
        for letter_id, unit_id, text, day, state, row_of in session.execute(query)
        if day is not None
    ]
