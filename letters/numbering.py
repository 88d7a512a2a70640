"""Numbers and dates for signed letters: taken from the agency's document system, or out of the unit's own series.

Numbering comes after signature (Decree 30/2020 art. 15). Each call is one transaction under the register's lock, so two
processes give no number twice, and a killed one leaves neither a gap nor a letter without its step.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from letters.moving import Acts, Asker, InSameStep, MoveReport, Refused, nothing, take_step
from letters.number_lists import COLUMNS, GivenNumber, number_fault, number_key, plain_number, symbol_key
from letters.path import LetterState, Step, step_fault
from letters.series import number_text
from letters.signers import named_signer, signature_day_fault
from tracker.store import letter_moves, number_store, signer_store
from tracker.store.letter_moves import Move, MovingLetter
from tracker.store.letter_store import lock_register
from tracker.store.number_store import USED, GivenOut, SeriesRow, TakenNumber
from tracker.store.session import Session, Store
from tracker.text import normal_code
from tracker.types import VN

_DAY = "%d/%m/%Y"
SHORT_CODE, NUMBER, ISSUED_ON, SIGNER, SIGNED_ON, DOSSIER_CODE = (
    COLUMNS[name][0] for name in ("short_code", "number", "issued_on", "signer", "signed_on", "dossier_code")
)


@dataclass(frozen=True, slots=True)
class NotNumbered(Refused):
    """A given number that was not taken: its line, and the column that is at fault."""

    given: GivenNumber
    column: str

    @property
    def value(self) -> str:
        """What stands in that column."""
        day = f"{self.given.signed_on:{_DAY}}" if self.given.signed_on else ""
        return {
            SHORT_CODE: self.given.short_code,
            NUMBER: self.given.number,
            ISSUED_ON: f"{self.given.issued_on:{_DAY}}",
            SIGNER: self.given.signer,
            SIGNED_ON: day,
            DOSSIER_CODE: self.given.dossier_code,
        }[self.column]


@dataclass(frozen=True, slots=True)
class _Fault:
    column: str
    why: str


def signed_day(acts: Acts) -> date | None:
    """The day on which a letter was signed, as its step says it; None before."""
    noted = [(at, note) for step, at, _, note in acts if step == Step.SIGNED]
    if not noted:
        return None
    at, note = noted[-1]
    try:
        return datetime.strptime(note[:10], _DAY).replace(tzinfo=VN).date()
    except ValueError:
        return at.astimezone(VN).date()


# ---------------------------------------------------------------- from the document system


def give_numbers(
    store: Store, given: Sequence[GivenNumber], asker: Asker, in_same_step: InSameStep = nothing
) -> MoveReport:
    """Take numbers that the document system gave; refused ones are `NotNumbered`, the others are taken.

    A number and date that a letter has already are neither moved nor refused. `in_same_step` writes last.
    """
    with store.transaction() as session:
        lock_register(session)
        desk = _Desk(session, given, asker)
        moves: list[Move] = []
        refused: list[Refused] = []
        for each in given:
            letter = desk.letter_of(each)
            decided = desk.decide(letter, each)
            if isinstance(decided, _Fault):
                number, code = (letter.letter_id, letter.code) if letter else (0, each.short_code)
                refused.append(NotNumbered(number, code, decided.why, each, decided.column))
            else:
                moves += decided
        letter_moves.move(session, moves, actor=asker.login, at=asker.now)
        numbered = tuple(each.letter.letter_id for each in moves if each.step == Step.NUMBERED)
        report = MoveReport(numbered, tuple(refused))
        in_same_step(session, report)
    return report


class _Desk:
    """What is known of the letters that numbers are given to: gathered once, and kept up while lines are decided."""

    def __init__(self, session: Session, given: Sequence[GivenNumber], asker: Asker) -> None:
        self._session, self._asker = session, asker
        ids = [each.letter_id for each in given if each.letter_id is not None]
        codes = [each.short_code for each in given if each.letter_id is None]
        self._by_code = letter_moves.letters_by_short_code(session, codes)
        self._by_id = {each.letter_id: each for each in letter_moves.letters_to_move(session, ids)}
        letters = [*self._by_id.values(), *self._by_code.values()]
        self._acts = letter_moves.steps_of(session, [letter.letter_id for letter in letters])
        units = {letter.unit_id for letter in letters}
        self._series = number_store.series_of(session, {unit for unit in units if unit is not None})
        days = [each.issued_on for each in given]
        years = (min(days).replace(month=1, day=1), max(days).replace(month=12, day=31)) if days else ()
        self._book = _Book(number_store.numbers_taken(session, units, *years) if years else ())
        self._done: dict[int, tuple[str, date]] = {}

    def letter_of(self, given: GivenNumber) -> MovingLetter | None:
        """The letter that is meant."""
        if given.letter_id is not None:
            return self._by_id.get(given.letter_id)
        return self._by_code.get(given.short_code)

    def decide(self, letter: MovingLetter | None, given: GivenNumber) -> list[Move] | _Fault:
        """The steps of one line; none where the letter has this number and date already."""
        if letter is None:
            return _Fault(SHORT_CODE, "không có thư nào mang mã này")
        if self._asker.unit_ids is not None and letter.unit_id not in self._asker.unit_ids:
            return _Fault(SHORT_CODE, "thư của đơn vị khác")
        fault = _line_fault(letter, given, self._asker.today)
        if fault is not None:
            return fault
        number = plain_number(given.number)
        has = self._done.get(letter.letter_id) or _number_of(letter)
        if has is not None:
            return (
                []
                if _is_same(has, (number, given.issued_on))
                else _Fault(NUMBER, f"thư đã có số {has[0]} ngày {has[1]:{_DAY}}")
            )
        steps = self._steps(letter, given, number)
        if not isinstance(steps, _Fault):
            self._done[letter.letter_id] = number, given.issued_on
            self._book.take(letter, number, given.issued_on)
        return steps

    def _steps(self, letter: MovingLetter, given: GivenNumber, number: str) -> list[Move] | _Fault:
        acts = self._acts.get(letter.letter_id, ())
        before = self._signed(letter, given, acts)
        if isinstance(before, _Fault):
            return before
        signed_on = given.signed_on if before else signed_day(acts)
        if signed_on is not None and given.issued_on < signed_on:
            return _Fault(ISSUED_ON, f"trước ngày ký {signed_on:{_DAY}}")
        if (why := self._book.fault(letter, number, given.issued_on, self._series)) is not None:
            return _Fault(NUMBER, why)
        changes = {"state": LetterState.NUMBERED, "number": number, "issued_on": given.issued_on}
        # The row is changed with the last step alone: which of two changes is written first is nobody's business.
        for each in before:
            changes |= {key: value for key, value in each.changes.items() if key != "state"}
        note = f"{number}, {given.issued_on:{_DAY}}"
        return [
            *(Move(each.letter, each.step, {}, each.note) for each in before),
            Move(letter, Step.NUMBERED, changes, note),
        ]

    def _signed(self, letter: MovingLetter, given: GivenNumber, acts: Acts) -> list[Move] | _Fault:
        """The step of the signature, where the line tells of it and the letter is only approved."""
        if letter.state != LetterState.APPROVED:
            noted = signed_day(acts)
            if (fault := step_fault(Step.NUMBERED, letter.state)) is not None:
                return _Fault(SHORT_CODE, fault)
            if given.signed_on is not None and noted is not None and given.signed_on != noted:
                return _Fault(SIGNED_ON, f"khác ngày ký đã ghi {noted:{_DAY}}")
            return []
        if given.signed_on is None or not given.signer.strip():
            return _Fault(
                "Ngày ký", "thư đã duyệt nhưng chưa ghi đã ký; ghi thêm người ký và ngày ký vào dòng này"
            )
        fault = signature_day_fault(letter, acts, given.signed_on, self._asker.today)
        if fault is not None:
            return _Fault(SIGNED_ON, fault)
        on_day = signer_store.signers_on(self._session, letter.unit_id or 0, given.signed_on)
        signer = named_signer(on_day, given.signer)
        if signer is None and on_day:
            return _Fault(SIGNER, "không có trong danh sách người được ký của đơn vị vào ngày ký")
        changes = {"state": LetterState.SIGNED, **({"signer_id": signer.signer_id} if signer else {})}
        return [Move(letter, Step.SIGNED, changes, f"{given.signed_on:{_DAY}}; {given.signer.strip()}")]


def _line_fault(letter: MovingLetter, given: GivenNumber, today: date) -> _Fault | None:
    if given.dossier_code and normal_code(given.dossier_code) != normal_code(letter.code):
        return _Fault(DOSSIER_CODE, f"mã tra cứu này là của hồ sơ {letter.code}")
    if (why := number_fault(given.number)) is not None:
        return _Fault(NUMBER, why)
    if given.issued_on > today:
        return _Fault(ISSUED_ON, "ngày ở tương lai")
    return None


def _number_of(letter: MovingLetter) -> tuple[str, date] | None:
    return (letter.number, letter.issued_on) if letter.number and letter.issued_on else None


def _is_same(one: tuple[str, date], other: tuple[str, date]) -> bool:
    return one[1] == other[1] and number_key(one[0]) == number_key(other[0])


class _Book:
    """Which numbers of which units and years are taken, and by which letter."""

    def __init__(self, taken: Iterable[TakenNumber]) -> None:
        self._holders: dict[tuple[int | None, int, tuple[int, str, str]], int] = {}
        for each in taken:
            # A number of the document system that stood on a letter by mistake goes to the right one once that is void.
            if each.is_own or each.state != LetterState.VOID:
                key = each.unit_id, each.issued_on.year, number_key(each.text)
                self._holders[key] = each.letter_id

    def take(self, letter: MovingLetter, number: str, day: date) -> None:
        """Note that a letter has it."""
        self._holders[letter.unit_id, day.year, number_key(number)] = letter.letter_id

    def fault(self, letter: MovingLetter, number: str, day: date, series: Iterable[SeriesRow]) -> str | None:
        """Why a letter may not have this number; numbers are unique in a year (Decree 30/2020 art. 15)."""
        key = number_key(number)
        if (holder := self._holders.get((letter.unit_id, day.year, key))) is not None:
            return f"đã dùng cho thư số {holder} trong năm {day.year}"
        for each in series:
            is_of_it = each.unit_id == letter.unit_id and symbol_key(each.symbol) == key[2]
            if is_of_it and day.year >= each.valid_from.year and key[0] >= each.first_of(day.year):
                return (
                    f"số thuộc dãy riêng {each.symbol} của đơn vị; lấy số bằng dunghen letters number --own"
                )
        return None


# ---------------------------------------------------------------- out of the unit's own series


def number_own(
    store: Store,
    letter_ids: Sequence[int],
    issued_on: date,
    asker: Asker,
    in_same_step: InSameStep = nothing,
) -> MoveReport:
    """Give signed letters the next numbers of their unit's series, in the order asked for; all of one date.

    Gapless per series and year: a number is taken in the transaction that changes its letter.
    """
    counters = _Counters(issued_on, asker)

    def decide(session: Session, letter: MovingLetter, acts: Acts) -> Move | str:
        fault = step_fault(Step.NUMBERED, letter.state) or _own_date_fault(
            letter, acts, issued_on, asker.today
        )
        return fault or counters.next(session, letter)

    def write(session: Session, report: MoveReport) -> None:
        number_store.add_numbers(session, counters.given, actor=asker.login, at=asker.now)
        in_same_step(session, report)

    return take_step(store, letter_ids, asker, decide, in_same_step=write)


def _own_date_fault(letter: MovingLetter, acts: Acts, issued_on: date, today: date) -> str | None:
    if issued_on > today:
        return f"ngày văn bản {issued_on:{_DAY}} ở tương lai"
    signed_on = signed_day(acts)
    if signed_on is not None and issued_on < signed_on:
        return f"ngày văn bản {issued_on:{_DAY}} trước ngày ký {signed_on:{_DAY}}"
    new_due = letter.new_due_at.astimezone(VN).date() if letter.new_due_at else None
    if new_due is not None and new_due < issued_on:
        return f"ngày hẹn mới {new_due:{_DAY}} trước ngày văn bản; hủy thư này và soạn thư mới"
    return None


class _Counters:
    """The next numbers of the series that letters of one day are numbered out of."""

    def __init__(self, issued_on: date, asker: Asker) -> None:
        self._day, self._asker = issued_on, asker
        self._open: dict[int, SeriesRow] | None = None
        self._next: dict[int, int | str] = {}
        self.given: list[GivenOut] = []

    def next(self, session: Session, letter: MovingLetter) -> Move | str:
        """The step that gives a letter its number, or why there is none. Asked for under the register's lock only."""
        if self._open is None:
            rows = number_store.series_of(session)
            self._open = {row.unit_id: row for row in rows if row.is_open(self._day)}
        series = self._open.get(letter.unit_id or 0)
        if series is None:
            return f"đơn vị không có dãy số riêng ngày {self._day:{_DAY}}; lấy số từ hệ thống quản lý văn bản"
        if series.series_id not in self._next:
            self._next[series.series_id] = self._first(session, series)
        number = self._next[series.series_id]
        if isinstance(number, str):
            return number
        self._next[series.series_id] = number + 1
        self.given.append(GivenOut(series.series_id, self._day.year, number, USED, letter.letter_id))
        text = number_text(number, series.symbol)
        changes = {"state": LetterState.NUMBERED, "number": text, "issued_on": self._day}
        return Move(letter, Step.NUMBERED, changes, f"{text}, {self._day:{_DAY}}")

    def _first(self, session: Session, series: SeriesRow) -> int | str:
        """The next free number, or why none may be given on this day: numbers and dates go the same way."""
        last = number_store.last_given(session, series.series_id, self._day.year)
        if last is None:
            return series.first_of(self._day.year)
        if last.issued_on is not None and self._day < last.issued_on:
            return (
                f"dãy số {series.symbol} đã cấp số {last.number} ngày {last.issued_on:{_DAY}}; "
                f"ngày văn bản phải từ ngày đó đến hôm nay"
            )
        return last.number + 1
