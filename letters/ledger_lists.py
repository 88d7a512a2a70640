"""Lists for whoever answers for apologies: late without a letter, letter without lateness, second apology, wrong signer,
delivered too late. Each is a pure function over rows; `ledger_list` gathers them. No personal data.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import chain, groupby

from letters.case import LetterPolicy
from letters.compliance import Share
from letters.ledger import Held
from letters.ledger_cases import Period, calendar_of_row, law_day_of, office_day, working_days
from letters.obligations import PROMISING
from letters.path import LetterState
from tracker.store.letter_candidates import Catalogue, load_catalogue
from tracker.store.letter_cases import CaseFilter, CaseRow, LetterLine, case_rows, signed_lines
from tracker.store.session import Session, Store

# How letters.moving notes the day of a signature; the step's own time is that of writing it down.
SIGNED_ON = re.compile(r"(\d\d)/(\d\d)/(\d{4})")


class ListKey(StrEnum):
    """The lists."""

    NO_LETTER = "no-letter"
    NO_LATENESS = "no-lateness"
    SECOND = "second"
    WRONG_SIGNER = "wrong-signer"
    DELIVERED_LATE = "delivered-late"


class Why(StrEnum):
    """What is the matter, where a list has more than one thing to say."""

    CLOSED = "closed"
    WAIVED = "waived"
    TWO_LETTERS = "two_letters"
    SECOND_PROMISE = "second_promise"
    OTHER_UNIT = "other_unit"
    OUT_OF_TIME = "out_of_time"
    NO_SIGNER = "no_signer"
    SIGNER_GONE = "signer_gone"
    NO_SIGNING_DAY = "no_signing_day"


UNKNOWN_SIGNER = frozenset({Why.NO_SIGNER, Why.SIGNER_GONE, Why.NO_SIGNING_DAY})


@dataclass(frozen=True, slots=True)
class ListLine:
    """One dossier or letter of a list.

    `day`: the day the list speaks of (signature, delivery). `days`: working days late; None where no calendar reaches.
    `why`: a `Why`, or of a dossier without a letter the ledger state where it waits.
    """

    dossier_id: int
    code: str
    unit: str
    due_on: date | None
    letter_id: int | None = None
    number: str = ""
    issued_on: date | None = None
    kind: str = ""
    day: date | None = None
    days: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class LedgerList:
    """A list with how many there are of how many; `unknown` are those of which nobody can say it, and in no count."""

    key: ListKey
    lines: tuple[ListLine, ...]
    of: int
    unknown: tuple[ListLine, ...] = ()

    @property
    def share(self) -> Share:
        """How many of how many."""
        return Share(len(self.lines), self.of)


# ---------------------------------------------------------------- pure


def without_letter(rows: Iterable[CaseRow], day: date, policy: LetterPolicy) -> LedgerList:
    """Late by a day, owed, and no letter signed; of all that are late and owed."""
    lines, late = [], 0
    for row in rows:
        if row.held != Held.OWED or row.due_at is None or (due_on := office_day(row.due_at)) >= day:
            continue
        late += 1
        if not row.signed:
            days = working_days(calendar_of_row(row, policy), due_on, day)
            lines.append(ListLine(row.dossier_id, row.code, row.unit, due_on, days=days, why=row.state))
    return LedgerList(ListKey.NO_LETTER, tuple(lines), late)


def without_lateness(letters: Iterable[LetterLine]) -> LedgerList:
    """Signed letters of dossiers that owe none (any more): closed or waived."""
    lines, signed = [], 0
    for letter in letters:
        signed += 1
        if letter.held in (Held.CLOSED, Held.WAIVED):
            lines.append(line_of(letter, why=Why(letter.held)))
    return LedgerList(ListKey.NO_LATENESS, tuple(lines), signed)


def second_apologies(letters: Iterable[LetterLine]) -> LedgerList:
    """Dossiers with two signed letters that name a new date, of those that have one; letters come dossier by dossier."""
    lines, dossiers = [], 0
    promising = (letter for letter in letters if letter.kind in PROMISING)
    for _, found in groupby(promising, key=lambda letter: letter.dossier_id):
        dossiers += 1
        first, *others = found
        if others:
            promised = sum(bool(letter.promise) for letter in (first, *others)) > 1
            lines.append(line_of(others[-1], why=Why.SECOND_PROMISE if promised else Why.TWO_LETTERS))
    return LedgerList(ListKey.SECOND, tuple(lines), dossiers)


def wrong_signers(letters: Iterable[LetterLine], above: Mapping[int, frozenset[int]]) -> LedgerList:
    """Letters signed by somebody who had no right to on that day (Decree 30/2020 art. 13).

    `above`: of each unit itself and all units above it. A letter whose signer is not known is in neither count.
    """
    wrong, unknown, known = [], [], 0
    for letter in letters:
        fault = signer_fault(letter, above)
        line = line_of(letter, day=signing_day(letter), why=fault or "")
        if fault in UNKNOWN_SIGNER:
            unknown.append(line)
            continue
        known += 1
        if fault is not None:
            wrong.append(line)
    return LedgerList(ListKey.WRONG_SIGNER, tuple(wrong), known, tuple(unknown))


def signer_fault(letter: LetterLine, above: Mapping[int, frozenset[int]]) -> Why | None:
    """Why the signer had no right, or why nobody can say; None where he had it."""
    day = signing_day(letter)
    if letter.signer_id is None:
        return Why.NO_SIGNER
    if letter.signer_unit_id is None:
        return Why.SIGNER_GONE
    if day is None:
        return Why.NO_SIGNING_DAY
    if letter.signer_unit_id not in above.get(letter.unit_id or 0, ()):
        return Why.OTHER_UNIT
    begun = letter.signer_from is None or letter.signer_from <= day
    ended = letter.signer_to is not None and letter.signer_to < day
    return None if begun and not ended else Why.OUT_OF_TIME


def signing_day(letter: LetterLine) -> date | None:
    """The day of the signature as it was noted; None where no signature was."""
    if letter.signed_at is None:
        return None
    if told := SIGNED_ON.match(letter.signed_note):
        day, month, year = map(int, told.groups())
        return date(year, month, day)
    return office_day(letter.signed_at)


def delivered_late(letters: Iterable[LetterLine], policy: LetterPolicy) -> LedgerList:
    """First letters of dossiers that were delivered after the law's last day, of those that were delivered."""
    lines, delivered, seen = [], 0, set[int]()
    for letter in letters:
        if letter.state != LetterState.DELIVERED or letter.delivered_at is None or letter.due_at is None:
            continue
        if letter.dossier_id in seen:
            continue
        seen.add(letter.dossier_id)
        delivered += 1
        day, law_day = office_day(letter.delivered_at), law_day_of(letter, office_day(letter.due_at), policy)
        if day > law_day:
            days = working_days(calendar_of_row(letter, policy), law_day, day)
            lines.append(line_of(letter, day=day, days=days))
    return LedgerList(ListKey.DELIVERED_LATE, tuple(lines), delivered)


def line_of(
    letter: LetterLine, *, day: date | None = None, days: int | None = None, why: str = ""
) -> ListLine:
    """A letter as a line of a list."""
    return ListLine(
        dossier_id=letter.dossier_id,
        code=letter.code,
        unit=letter.unit,
        due_on=None if letter.due_at is None else office_day(letter.due_at),
        letter_id=letter.letter_id,
        number=letter.number or "",
        issued_on=letter.issued_on,
        kind=letter.kind,
        day=day,
        days=days,
        why=why,
    )


def units_above(catalogue: Catalogue) -> dict[int, frozenset[int]]:
    """Of each unit itself and all units above it."""

    def chain_of(unit_id: int) -> frozenset[int]:
        found: list[int] = []
        unit = catalogue.units.get(unit_id)
        while unit is not None and unit.unit_id not in found:
            found.append(unit.unit_id)
            unit = catalogue.units.get(unit.parent_id or 0)
        return frozenset(found)

    return {unit_id: chain_of(unit_id) for unit_id in catalogue.units}


# ---------------------------------------------------------------- gathered


@dataclass(frozen=True, slots=True)
class ListQuestion:
    """Which list, for which moment, of which units (None = all), with missed dates of a period (None = of all days)."""

    key: ListKey
    as_of: datetime
    unit_ids: frozenset[int] | None = None
    period: Period | None = None

    @property
    def chosen(self) -> CaseFilter:
        """The rows that it is made from."""
        if self.period is None:
            return CaseFilter(self.unit_ids)
        return CaseFilter(self.unit_ids, self.period.first, self.period.last)


def ledger_list(store: Store, question: ListQuestion, policy: LetterPolicy) -> LedgerList:
    """A list as the ledger and the letters stand now; `as_of` says what is late by then."""
    with store.read() as session:
        return _LISTS[question.key](session, question, policy)


def _without_letter(session: Session, asked: ListQuestion, policy: LetterPolicy) -> LedgerList:
    rows = chain.from_iterable(case_rows(session, asked.chosen))
    return without_letter(rows, office_day(asked.as_of), policy)


def _letters(session: Session, asked: ListQuestion) -> Iterator[LetterLine]:
    return chain.from_iterable(signed_lines(session, asked.chosen))


_LISTS: Mapping[ListKey, Callable[[Session, ListQuestion, LetterPolicy], LedgerList]] = {
    ListKey.NO_LETTER: _without_letter,
    ListKey.NO_LATENESS: lambda session, asked, _policy: without_lateness(_letters(session, asked)),
    ListKey.SECOND: lambda session, asked, _policy: second_apologies(_letters(session, asked)),
    ListKey.WRONG_SIGNER: lambda session, asked, _policy: wrong_signers(
        _letters(session, asked), units_above(load_catalogue(session))
    ),
    ListKey.DELIVERED_LATE: lambda session, asked, policy: delivered_late(_letters(session, asked), policy),
}
