"""What the pages of numbers show: what a list would do before it is done, what was done, series that have numbers to give."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from app.number_forms import NAMED, OwnForm, as_text, told_ids
from letters.moving import Asker, InSameStep, MoveReport, Refused
from letters.number_lists import GivenNumber, ListFault, NumberList
from letters.numbering import NotNumbered, give_numbers, number_own
from letters.path import LetterState
from letters.series import number_text
from tracker.errors import UsageError
from tracker.store import letter_choice, letter_moves, number_store
from tracker.store.letter_moves import MovingLetter
from tracker.store.number_store import SeriesRow
from tracker.store.session import Session, Store


@dataclass(frozen=True, slots=True)
class NumberedLine:
    """A letter with the number and date that it gets or got; `is_signed_too`: its signature is noted by the same line."""

    letter_id: int
    code: str
    short_code: str
    number: str
    issued_on: date | None
    is_signed_too: bool = False


@dataclass(frozen=True, slots=True)
class NumberLook:
    """A list with what it does: lines that are taken, cells that are not, lines that change nothing; `text` confirms it."""

    file: str
    read: int
    lines: tuple[NumberedLine, ...]
    faults: tuple[ListFault, ...]
    already: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class OwnLook:
    """Letters with the numbers of their unit's series; `ids` confirm it."""

    day: date
    lines: tuple[NumberedLine, ...]
    refused: tuple[Refused, ...]
    unit_id: int | None = None
    ids: str = ""


@dataclass(frozen=True, slots=True)
class OpenSeries:
    """A series of an own unit that has numbers to give, its next number as a letter bears it, and who waits for one."""

    row: SeriesRow
    following: str
    last_day: date | None
    waiting: int


class _GivenUp(Exception):
    """What was only tried is not kept."""


def tried(act: Callable[[InSameStep], MoveReport]) -> tuple[MoveReport, list[MovingLetter]]:
    """What an act does, and its letters as they would be: done in a transaction that is given up."""
    seen: list[tuple[MoveReport, list[MovingLetter]]] = []

    def look(session: Session, report: MoveReport) -> None:
        seen.append((report, letter_moves.letters_to_move(session, report.moved)))
        raise _GivenUp

    with suppress(_GivenUp):
        act(look)
    return seen[0]


# ---------------------------------------------------------------- lists of the document system


def look_at(store: Store, told: NumberList, asker: Asker) -> NumberLook:
    """What a list would do; nothing is kept."""
    report, letters = tried(lambda look: give_numbers(store, told.given, asker, look))
    return _look(told, report, letters, confirms=True)


def look_back(store: Store, told: NumberList, report: MoveReport) -> NumberLook:
    """What a list has done."""
    with store.read() as session:
        letters = letter_moves.letters_to_move(session, report.moved)
    return _look(told, report, letters, confirms=False)


def _look(
    told: NumberList, report: MoveReport, letters: Sequence[MovingLetter], *, confirms: bool
) -> NumberLook:
    refused = [line for line in report.refused if isinstance(line, NotNumbered)]
    places = [ListFault(told.file, each.given.row, each.column, each.value, each.why) for each in refused]
    codes = {letter.short_code for letter in letters}
    taken = [each for each in told.given if each.short_code in codes and not _is_in(each, refused)]
    with_signer = {each.short_code for each in taken if each.signed_on is not None}
    return NumberLook(
        file=told.file,
        read=told.read,
        lines=tuple(_line(letter, letter.short_code in with_signer) for letter in letters),
        faults=tuple(sorted([*told.faults, *places], key=lambda fault: fault.row)),
        already=len(told.given) - len(letters) - len(refused),
        text=as_text(taken) if confirms and letters else "",
    )


def _is_in(given: GivenNumber, refused: Sequence[NotNumbered]) -> bool:
    return any(each.given is given for each in refused)


def _line(letter: MovingLetter, is_signed_too: bool = False) -> NumberedLine:
    return NumberedLine(
        letter.letter_id, letter.code, letter.short_code, letter.number or "", letter.issued_on, is_signed_too
    )


# ---------------------------------------------------------------- own series


def open_series(session: Session, unit_ids: frozenset[int] | None, today: date) -> list[OpenSeries]:
    """The series of some units (None = all) that give numbers today."""
    found = []
    for row in number_store.series_of(session, unit_ids):
        if row.is_open(today):
            last = number_store.last_given(session, row.series_id, today.year)
            following = last.number + 1 if last else row.first_of(today.year)
            waiting = _signed(session, row.unit_id)
            told = number_text(following, row.symbol)
            found.append(OpenSeries(row, told, last.issued_on if last else None, len(waiting)))
    return found


def _signed(session: Session, unit_id: int) -> list[int]:
    return letter_choice.in_states(session, (LetterState.SIGNED,), unit_ids=frozenset({unit_id}))


def chosen_letters(session: Session, form: OwnForm) -> list[int]:
    """The letters of a form, in the order in which they get their numbers.

    Raises:
        UsageError: a code is that of no letter, or no letter waits.
    """
    if form.choice == NAMED:
        ids, unknown = letter_choice.by_codes(session, form.codes)
        if unknown:
            raise UsageError("không có văn bản xin lỗi nào của: " + ", ".join(unknown[:10]))
        return list(dict.fromkeys(ids))
    ids = _signed(session, form.unit_id) if form.unit_id is not None else []
    if not ids:
        raise UsageError("không có thư đã ký nào của đơn vị này chờ lấy số")
    return ids


def look_at_own(store: Store, form: OwnForm, asker: Asker) -> OwnLook:
    """Which numbers the letters of a form would get; nothing is kept."""
    with store.read() as session:
        ids = chosen_letters(session, form)
    day = form.day or asker.today
    report, letters = tried(lambda look: number_own(store, ids, day, asker, look))
    return OwnLook(day, tuple(map(_line, letters)), report.refused, form.unit_id, told_ids(report.moved))


def look_back_own(store: Store, day: date, report: MoveReport) -> OwnLook:
    """Which numbers they got."""
    with store.read() as session:
        letters = letter_moves.letters_to_move(session, report.moved)
    return OwnLook(day, tuple(map(_line, letters)), report.refused)
