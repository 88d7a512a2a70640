"""Letters and obligations: listed, looked at, moved on. The acts are those of the pages, with the same rights and words."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated

from msgspec import Meta
from werkzeug.exceptions import abort

from app import current, letter_page, obligation_page, presenters
from app.access import OFFICE, OVERVIEW, SEES_NAMES, Role
from app.api.asking import faulty
from app.api.faults import ApiFault, FieldFault
from app.api.letter_words import DECISIONS, STEPS, Decision, LetterStep, typed_of
from app.api.scopes import Scope
from app.api.table import Answer, Asked, Call, File, Operation, Page, Paged, RowId, free, person
from app.letter_acts import LetterDesk
from app.letter_forms import read
from app.letter_number_acts import NumberDesk
from app.letter_offers import OFFERS, Done, Offer
from app.letter_page import OF_DUTIES, OF_LETTERS
from app.works.drafting import letter_policy
from letters.moving import Asker
from letters.number_lists import GivenNumber, number_fault, plain_number
from letters.register import located
from tracker.store import board, letter_rows, letter_store
from tracker.store.letter_rows import ListedDuty, ListedLetter, RowFilter
from tracker.text import normal_code

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
Code = Annotated[str, Meta(max_length=60, description="Phần đầu của mã hồ sơ hoặc mã thư.")]
LetterState = Annotated[str, Meta(pattern=f"^({'|'.join(sorted(OF_LETTERS))})$")]
DutyState = Annotated[str, Meta(pattern=f"^({'|'.join(sorted(OF_DUTIES))})$")]
Kind = Annotated[str, Meta(pattern=f"^({'|'.join(sorted(presenters.LETTER_KINDS))})$")]


# ---------------------------------------------------------------- letters


class LettersAsked(Paged, frozen=True):
    """Which letters."""

    state: LetterState | None = None
    kind: Kind | None = None
    unit: RowId | None = None
    code: Code | None = None


class LetterLine(Answer, frozen=True):
    """One letter; `step` is its state with what became of its new date."""

    id: int
    code: str
    kind: str
    state: str
    step: str
    unit: str
    applicant: str | None
    due_at: datetime | None
    new_due_at: datetime | None
    number: str | None
    issued_on: date | None
    delivered_at: datetime | None
    delivered_by: str | None
    short_code: str


class Happened(Answer, frozen=True):
    """One step of its history."""

    at: datetime
    what: str
    actor: str
    note: str | None


class Letter(Answer, frozen=True):
    """One letter with what may be done to it now, and what was done."""

    letter: LetterLine
    reason: str | None
    signer: str | None
    has_signed_file: bool
    missing: list[str]
    can: list[str]
    history: list[Happened]


def letters(call: Call) -> Page[LetterLine]:
    """Letters of the own units, newest first."""
    query, after = call.query, call.after(int)
    chosen = RowFilter(
        current.units_asked(query.unit), query.state or "", query.kind or "", normal_code(query.code or "")
    )
    with current.context().store.read() as db:
        found = letter_rows.letter_rows(db, chosen, after=after[0] if after else None, limit=call.limit + 1)
    shown = found[: call.limit]
    call.saw("letters", ids=[each.letter_id for each in shown])
    return call.page(
        [_line(each) for each in shown], (shown[-1].letter_id,) if len(found) > len(shown) else None
    )


def letter(call: Call) -> Letter:
    """One letter; 404 for those of other units."""
    letter_id = call.path["letter_id"]
    with current.context().store.read() as db:
        found = _own_letter(db, letter_id)
        sheet = letter_page.letter_sheet(
            db, found, letter_policy(current.context()), current.now().date(), visible=current.names_visible()
        )
    call.saw(f"letter:{letter_id}")
    return Letter(
        _line(found),
        free(found.reason),
        sheet.signer or None,
        sheet.has_signed_file,
        [str(getattr(each, "value", each)) for each in sheet.missing],
        [step.value for step, key in STEPS.items() if _may(OFFERS.get(key), found.state)],
        [Happened(each.at, each.chip.word, each.actor, each.note or None) for each in sheet.history],
    )


def _may(offer: Offer | None, state: str) -> bool:
    role = Role(current.account().role)
    if offer is None:  # numbers have a way of their own
        return state == "signed" and role in OFFICE
    return state in offer.states and role in offer.roles


def _own_letter(db: object, letter_id: int) -> ListedLetter:
    found = letter_rows.letters_by_id(db, [letter_id], current.scope())  # type: ignore[arg-type]
    if not found:
        abort(404)
    return found[0]


def _line(row: ListedLetter) -> LetterLine:
    return LetterLine(
        row.letter_id, row.code, row.kind, row.state, row.step, row.unit, person(row.applicant), row.due_at, row.new_due_at,
        row.number, row.issued_on, row.delivered_at, row.delivered_by or None, row.short_code,
    )  # fmt: skip


def letter_file(call: Call) -> File:
    """The letter's .docx, with name and address: only where role and token read names."""
    if not current.names_visible():
        raise ApiFault("SCOPE_MISSING", f"Tệp thư có họ tên người nộp: cần thêm quyền {Scope.NAMES}")
    letter_id = call.path["letter_id"]
    with current.context().store.read() as db:
        recorded = letter_store.letter_file(db, letter_id)
        own = board.is_letter_of(db, letter_id, current.scope())
    path = located(current.context().data_dir, recorded or "")
    if not recorded or not own or not path.is_file():
        abort(404)
    call.saw(f"letter:{letter_id}")
    return File(path.resolve(), DOCX, path.name)


# ---------------------------------------------------------------- steps


class StepAsked(Asked, frozen=True):
    """A step for one letter. Which fields a step needs says docs/api.md; a field that it has not is refused."""

    step: LetterStep
    reason: Annotated[str, Meta(max_length=400)] | None = None
    signed_on: date | None = None
    new_due_on: date | None = None
    channel: Annotated[str, Meta(max_length=20)] | None = None
    at: Annotated[datetime, Meta(tz=True)] | None = None
    person: Annotated[str, Meta(max_length=100)] | None = None
    note: Annotated[str, Meta(max_length=400)] | None = None
    email: Annotated[str, Meta(max_length=100)] | None = None
    number: Annotated[str, Meta(max_length=40)] | None = None
    issued_on: date | None = None


class Moved(Answer, frozen=True):
    """What became of an act."""

    moved: int
    state: str


def take_step(call: Call) -> Moved:
    """Let a letter take a step. 403 where the role may not, 409 where the letter cannot."""
    asked: StepAsked = call.body
    letter_id = call.path["letter_id"]
    with current.context().store.read() as db:
        _own_letter(db, letter_id)
    call.saw(f"letter:{letter_id}", step=asked.step.value)
    done = (
        _numbered(letter_id, asked)
        if asked.step is LetterStep.NUMBER
        else _carried_out(STEPS[asked.step], letter_id, asked)
    )
    _refuse(done)
    with current.context().store.read() as db:
        return Moved(done.moved, _own_letter(db, letter_id).step)


def _asker() -> Asker:
    return Asker(current.account().login, current.now(), current.scope())


def _carried_out(key: str, row_id: int, asked: "StepAsked | DecisionAsked") -> Done:
    offer = OFFERS[key]
    if Role(current.account().role) not in offer.roles:
        abort(403)
    form = read(offer.fields, _fields(offer, asked))
    if form.faults:
        raise faulty([FieldFault(name, told) for name, told in form.faults.items()])
    return offer.run(LetterDesk(current.context(), _asker()), [row_id], form)


def _fields(offer: Offer, asked: "StepAsked | DecisionAsked") -> Mapping[str, str]:
    """What was sent as the fields of the form; one that this act has not is refused."""
    typed, unknown = typed_of(offer, asked, current.now())
    if unknown:
        raise faulty([FieldFault(name, "việc này không dùng trường này") for name in unknown])
    return typed


def _numbered(letter_id: int, asked: StepAsked) -> Done:
    """Its number of the document system; without one the next of the unit's own series."""
    asker = _asker()
    desk, day = NumberDesk(current.context(), asker), asked.issued_on or asker.today
    if asked.number is None:
        report = desk.number_own([letter_id], day)
    elif fault := number_fault(asked.number):
        raise faulty([FieldFault("number", fault)])
    else:
        report = desk.give([GivenNumber(plain_number(asked.number), day, letter_id)])
    return Done(len(report.moved), tuple((each.code, each.why) for each in report.refused))


def _refuse(done: Done) -> None:
    if done.refused:
        raise ApiFault("STATE_CONFLICT", "; ".join(dict.fromkeys(why for _, why in done.refused)))
    if not done.moved:
        raise ApiFault("STATE_CONFLICT", "không có gì để làm: việc này đã được ghi, hoặc không đổi gì")


# ---------------------------------------------------------------- obligations


class DutiesAsked(Paged, frozen=True):
    """Which obligations."""

    state: DutyState | None = None
    kind: Kind | None = None
    unit: RowId | None = None
    code: Code | None = None


class DutyLine(Answer, frozen=True):
    """One obligation to apologise: why it stands as it does, and how far its letter is (`step`)."""

    dossier_id: int
    code: str
    procedure: str
    applicant: str | None
    state: str
    step: str
    kind: str
    reason: str
    reason_text: str
    unit: str
    unit_id: int | None
    opened_at: datetime
    missed_at: datetime | None
    letter_id: int | None


class DueSide(Answer, frozen=True):
    """One of its dates, and whether it was missed; null where there is no such date."""

    word: str
    due_at: datetime | None
    missed: bool | None


class Duty(Answer, frozen=True):
    """One obligation with its dates side by side and its history."""

    duty: DutyLine
    dues: list[DueSide]
    fault_unit: str | None
    decided_by: str | None
    history: list[Happened]


def duties(call: Call) -> Page[DutyLine]:
    """Obligations of the own units, newest dossier first."""
    query, after = call.query, call.after(int)
    chosen = RowFilter(
        current.units_asked(query.unit), query.state or "", query.kind or "", normal_code(query.code or "")
    )
    with current.context().store.read() as db:
        found = letter_rows.duty_rows(db, chosen, after=after[0] if after else None, limit=call.limit + 1)
    shown = found[: call.limit]
    call.saw("obligations", ids=[each.dossier_id for each in shown])
    return call.page(
        [_duty(each) for each in shown], (shown[-1].dossier_id,) if len(found) > len(shown) else None
    )


def duty(call: Call) -> Duty:
    """One obligation; 404 for those of other units."""
    dossier_id = call.path["dossier_id"]
    with current.context().store.read() as db:
        row = _own_duty(db, dossier_id)
        sheet = obligation_page.duty_sheet(db, row, current.now(), visible=current.names_visible())
    call.saw(f"dossier:{dossier_id}")
    history = [Happened(each.at, each.chip.word, each.actor, each.note or None) for each in sheet.history]
    dues = [DueSide(each.word, each.due_at, each.is_missed) for each in sheet.dues]
    return Duty(_duty(row), dues, sheet.fault_unit or None, row.decided_by or None, history)


def _own_duty(db: object, dossier_id: int) -> ListedDuty:
    found = letter_rows.duties_by_id(db, [dossier_id], current.scope())  # type: ignore[arg-type]
    if not found:
        abort(404)
    return found[0]


def _duty(row: ListedDuty) -> DutyLine:
    return DutyLine(
        row.dossier_id, row.code, row.procedure, person(row.applicant), row.state, row.step, row.kind, row.reason,
        obligation_page.reason_words(row.reason), row.unit, row.unit_id, row.opened_at, row.missed_at, row.letter_id,
    )  # fmt: skip


class DecisionAsked(Asked, frozen=True):
    """A decision about one obligation."""

    decision: Decision
    reason: Annotated[str, Meta(min_length=1, max_length=400)]
    unit: RowId | None = None


class Decided(Answer, frozen=True):
    """What became of it; `state` null: the unit that owes it now is another's, so it is not to be seen any more."""

    decided: int
    state: str | None


def decide(call: Call) -> Decided:
    """Decide about an obligation: heads alone, but for the reason why a dossier is late."""
    dossier_id, asked = call.path["dossier_id"], call.body
    with current.context().store.read() as db:
        _own_duty(db, dossier_id)
        if asked.unit is not None:
            offered = {unit.unit_id for unit in obligation_page.units_to_choose(db, current.now().date())}
            if asked.unit not in offered:
                raise faulty([FieldFault("unit", "danh mục không có đơn vị này")])
    call.saw(f"dossier:{dossier_id}", decision=asked.decision.value)
    done = _carried_out(DECISIONS[asked.decision], dossier_id, asked)
    _refuse(done)
    with current.context().store.read() as db:
        left = letter_rows.duties_by_id(db, [dossier_id], current.scope())
    return Decided(done.moved, left[0].state if left else None)


OPERATIONS = (
    Operation(
        "letters", "GET", "/letters", Scope.LETTERS_READ, OVERVIEW, letters, Page[LetterLine], "Thư xin lỗi, mới nhất trước",
        query=LettersAsked,
    ),
    Operation(
        "letter", "GET", "/letters/<int:letter_id>", Scope.LETTERS_READ, OVERVIEW, letter, Letter,
        "Một thư: bước hiện tại, việc làm được, lịch sử",
    ),
    Operation(
        "letter_file", "GET", "/letters/<int:letter_id>/file", Scope.LETTERS_READ, SEES_NAMES, letter_file, None,
        "Tệp .docx của thư; cần thêm quyền names",
    ),
    Operation(
        "letter_step", "POST", "/letters/<int:letter_id>/steps", Scope.LETTERS_WRITE, OFFICE, take_step, Moved,
        "Chuyển bước một thư", body=StepAsked, conflicts=True,
    ),
    Operation(
        "obligations", "GET", "/obligations", Scope.LETTERS_READ, OVERVIEW, duties, Page[DutyLine],
        "Nghĩa vụ xin lỗi của từng hồ sơ", query=DutiesAsked,
    ),
    Operation(
        "obligation", "GET", "/obligations/<int:dossier_id>", Scope.LETTERS_READ, OVERVIEW, duty, Duty,
        "Một nghĩa vụ: các ngày cạnh nhau, vì sao, lịch sử",
    ),
    Operation(
        "obligation_decision", "POST", "/obligations/<int:dossier_id>/decisions", Scope.LETTERS_WRITE, OFFICE, decide, Decided,
        "Quyết định về một nghĩa vụ", body=DecisionAsked, conflicts=True,
    ),
)  # fmt: skip
