"""What anybody reads of apology letters: one by its short code, and the public list. Knows no request.

Neither holds a person: no name, no address, no telephone, no text of a source; of a dossier's code the ends.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from app.presenters import LETTER_KINDS
from app.typed_numbers import row_asked
from letters.case import LetterPolicy
from letters.ledger_cases import Period, office_day, working_days
from letters.path import LetterState, Promise
from letters.quarterly import QUARTERS, quarter_of
from letters.register import ALPHABET, CODE_GROUPS, GROUP_LENGTH
from letters.register_words import PROMISES
from tracker.store.letter_check import CheckedLetter, PublicFilter, PublicLine
from tracker.store.versions import working_unit

HIDDEN = "•••"
FEWEST_SHOWN, PART_SHOWN = 1, 4  # a quarter of a code at each end
SEPARATORS = re.compile(r"[\s.,_–—-]+")
FIRST_YEAR = 2018  # Decree 61/2018: no such letter is older


class Found(StrEnum):
    """What a short code turns out to be."""

    ISSUED = "issued"
    VOID = "void"
    NOT_ISSUED = "not_issued"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class CheckAnswer:
    """The answer to one short code; the fields are filled of an issued letter only, `state` in words."""

    found: Found
    code: str
    unit: str = ""
    number: str = ""
    issued_on: date | None = None
    kind: str = ""
    dossier: str = ""
    new_due_on: date | None = None
    state: str = ""
    promise: str = ""


def read_code(typed: str) -> str:
    """A short code as the register has it, out of what was typed; "" where it cannot be one in full."""
    letters = SEPARATORS.sub("", typed[:100]).upper()
    if len(letters) != CODE_GROUPS * GROUP_LENGTH or set(letters) - set(ALPHABET):
        return ""
    return "-".join(letters[at : at + GROUP_LENGTH] for at in range(0, len(letters), GROUP_LENGTH))


def answer_of(code: str, letter: CheckedLetter | None) -> CheckAnswer:
    """What is told of a code; of a letter that is not issued (yet) nothing but that."""
    if letter is None:
        return CheckAnswer(Found.NONE, code)
    if letter.state == LetterState.VOID:
        return CheckAnswer(Found.VOID, code)
    if letter.state not in (LetterState.NUMBERED, LetterState.DELIVERED):
        return CheckAnswer(Found.NOT_ISSUED, code)
    delivered = letter.state == LetterState.DELIVERED
    return CheckAnswer(
        Found.ISSUED,
        code,
        unit=letter.unit,
        number=letter.number,
        issued_on=letter.issued_on,
        kind=LETTER_KINDS.get(letter.kind, ""),
        dossier=ends_of(letter.code),
        new_due_on=_day(letter.new_due_at),
        state="Đã gửi" if delivered else "Đã ký và vào sổ",
        promise=promise_words(letter.promise) if letter.new_due_at else "",
    )


def ends_of(code: str) -> str:
    """A dossier's code with its middle hidden: who holds the letter knows it, who does not learns none."""
    shown = max(FEWEST_SHOWN, len(code) // PART_SHOWN)
    return f"{code[:shown]}{HIDDEN}{code[-shown:]}" if len(code) > 2 * shown else HIDDEN


def promise_words(promise: str) -> str:
    """What became of the new date; "" where none was promised yet."""
    return PROMISES.get(Promise(promise), "") if promise in set(Promise) else ""


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else office_day(moment)


# ---------------------------------------------------------------- the public list


@dataclass(frozen=True, slots=True)
class PublicFilters:
    """The filters of the address; `quarter` like "2026-Q3" or ""."""

    unit_id: int | None
    quarter: str
    period: Period | None

    def as_address(self) -> dict[str, str]:
        """The parts of the address that are filled."""
        given = {"don-vi": self.unit_id, "quy": self.quarter}
        return {key: str(value) for key, value in given.items() if value}

    def chosen(self) -> PublicFilter:
        """The rows that are read."""
        units = None if self.unit_id is None else frozenset({self.unit_id})
        if self.period is None:
            return PublicFilter(units)
        return PublicFilter(units, self.period.start, self.period.end)


@dataclass(frozen=True, slots=True)
class PublicRow:
    """A line of the list. `late`: working days from the missed date to the end, or to today; None where nobody can say."""

    dossier: str
    unit: str
    procedure: str
    late: int | None
    is_open: bool
    issued_on: date
    new_due_on: date | None
    promise: str


def read_public_filters(address: Mapping[str, str], units: Mapping[int, str]) -> PublicFilters:
    """From the query string; a unit that issued no letter and a quarter that is none are left out."""
    unit_id, quarter = row_asked(address, "don-vi"), address.get("quy", "")
    period = quarter_of(quarter)
    return PublicFilters(unit_id if unit_id in units else None, quarter if period else "", period)


def quarters_between(first: date, last: date) -> Iterator[tuple[str, str]]:
    """The quarters of a span as key and words, the newest first."""
    for year in range(last.year, max(first.year, FIRST_YEAR) - 1, -1):
        for number in range(4, 0, -1):
            period = quarter_of(f"{year}-Q{number}")
            if period and period.start <= last and period.end >= first:
                yield f"{year}-Q{number}", f"Quý {QUARTERS[number - 1]}/{year}"


def public_row(line: PublicLine, policy: LetterPolicy, today: date) -> PublicRow:
    """A letter as the list shows it."""
    return PublicRow(
        dossier=ends_of(line.code),
        unit=line.unit,
        procedure=line.procedure,
        late=_days_late(line, policy, today),
        is_open=line.ended_at is None,
        issued_on=line.issued_on,
        new_due_on=_day(line.new_due_at),
        promise=promise_words(line.promise) if line.new_due_at else "",
    )


def _days_late(line: PublicLine, policy: LetterPolicy, today: date) -> int | None:
    due_on, received = _day(line.due_at), _day(line.received_at)
    if due_on is None:
        return None
    calendar = policy.calendars.of(working_unit(line.resolving_unit_id, line.receiving_unit_id), received)
    days = working_days(calendar, due_on, _day(line.ended_at) or today)
    return None if days is None else max(days, 0)
