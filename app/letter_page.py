"""What the pages of letters show: the tabs by ledger state, a list by its filters, one letter with its text and history."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from app import presenters
from app.presenters import Chip
from app.typed_numbers import row_asked
from letters.case import LetterPolicy, Names, NewDue, facts_of_stored
from letters.content import Lacking, LetterContent, Missing, write
from letters.experience_book import proposed_new_due
from letters.keeping import ACTOR as SYSTEM
from letters.obligations import PROMISING, LetterKind
from letters.path import LetterState, Step
from tracker.store import letter_past, letter_register, letter_rows, letter_store, signer_store
from tracker.store.letter_candidates import load_catalogue
from tracker.store.letter_moves import NoticeRow
from tracker.store.letter_past import StepTold
from tracker.store.letter_rows import ListedLetter, RowFilter
from tracker.store.letter_store import StoredLetter
from tracker.store.session import Session
from tracker.text import normal_code

LONGEST_CODE = 60
# Where obligations are listed, and where letters: together every state of the ledger but "closed".
DUTY_TABS = ("to_check", "owed")
LETTER_TABS = ("drafted", "approved", "signed", "numbered", "delivered", "promise_kept", "promise_broken")
DUTY_TABS_AFTER = ("waived", "before_start")
OF_DUTIES = frozenset((*DUTY_TABS, *DUTY_TABS_AFTER))
OF_LETTERS = frozenset((*LETTER_TABS, "void"))

STEPS: Mapping[str, Chip] = {
    Step.DRAFTED: Chip("letter", "Soạn", "plain"),
    Step.CORRECTED: Chip("letter", "Sửa", "plain"),
    Step.REWRITTEN: Chip("letter", "Ghi lại tệp", "plain"),
    Step.APPROVED: Chip("tick", "Duyệt", "accent"),
    Step.RETURNED: Chip("dash", "Trả lại để sửa", "soon"),
    Step.SIGNER_CHOSEN: Chip("person", "Chọn người ký", "plain"),
    Step.SIGNED: Chip("tick", "Đã ký", "accent"),
    Step.SIGNED_FILE: Chip("letter", "Nhận bản đã ký", "plain"),
    Step.NUMBERED: Chip("tick", "Vào sổ", "accent"),
    Step.DELIVERED: Chip("tick", "Đã gửi", "accent"),
    Step.VOIDED: Chip("dash", "Hủy", "plain"),
    Step.DESK_TOLD: Chip("dot", "Báo Bộ phận Một cửa", "plain"),
    Step.DESK_DONE: Chip("dot", "Một cửa đã điều chỉnh ngày trả", "plain"),
    Step.NOTICE: Chip("dot", "Báo người nộp", "plain"),
    Step.PROMISE_KEPT: Chip("tick", "Giữ đúng hẹn", "kept"),
    Step.PROMISE_BROKEN: Chip("triangle", "Lỡ hẹn", "late"),
    Step.PROMISE_OPEN: Chip("small-circle", "Xét lại ngày hẹn mới", "plain"),
    Step.PROMISE_ENDED: Chip("dash", "Người nộp đã rút, không xét ngày hẹn mới nữa", "plain"),
}


@dataclass(frozen=True, slots=True)
class LetterFilters:
    """What a list shows, as the address says it; what cannot be used is left out."""

    unit_id: int | None
    state: str
    kind: str
    code: str

    def as_address(self) -> dict[str, str]:
        """The parts of the address that narrow the list."""
        given = {"trang-thai": self.state, "don-vi": self.unit_id, "loai": self.kind, "ma": self.code}
        return {key: str(value) for key, value in given.items() if value}

    def as_logged(self) -> dict[str, str]:
        """The same for the log: what was searched for might be a name."""
        return {key: value for key, value in self.as_address().items() if key != "ma"}

    def rows(self, unit_ids: frozenset[int] | None) -> RowFilter:
        """What is asked of the store, for these units."""
        return RowFilter(unit_ids, self.state, self.kind, self.code)


def read_filters(address: Mapping[str, str], states: frozenset[str]) -> LetterFilters:
    """From the query string; `states` are those of the list."""
    state, kind = address.get("trang-thai", ""), address.get("loai", "")
    return LetterFilters(
        row_asked(address, "don-vi"),
        state if state in states else "",
        kind if kind in presenters.LETTER_KINDS else "",
        normal_code(address.get("ma", "")[:LONGEST_CODE]),
    )


@dataclass(frozen=True, slots=True)
class Tab:
    """One state of the ledger with how many stand there; `endpoint` is the list that shows them."""

    state: str
    word: str
    count: int
    endpoint: str


def tabs(session: Session, unit_ids: frozenset[int] | None) -> list[Tab]:
    """Every state of the ledger in the order of the way, and the letters that left it."""
    counts = Counter[str]()
    for line in letter_register.ledger_counts(session, unit_ids):
        counts[line.state] += line.dossiers
    counts["void"] = letter_rows.letter_count(session, RowFilter(unit_ids, "void"))
    ordered = (*DUTY_TABS, *LETTER_TABS, *DUTY_TABS_AFTER, "void")
    return [Tab(state, presenters.LETTER_STATES[state], counts[state], _list_of(state)) for state in ordered]


def _list_of(state: str) -> str:
    return "obligations.page" if state in OF_DUTIES else "letters.register"


# ---------------------------------------------------------------- one letter


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One step or notice of a letter."""

    at: datetime
    chip: Chip
    actor: str
    note: str


@dataclass(frozen=True, slots=True)
class LetterSheet:
    """One letter as its page shows it; `content` is what is printed, None where that cannot be made any more; `overtaken`:
    the change of the calendar that moved its dossier's date since.
    """

    letter: ListedLetter
    content: LetterContent | None
    missing: tuple[Missing, ...]
    has_own_template: bool
    signer: str
    history: tuple[HistoryLine, ...]
    notices: tuple[NoticeRow, ...]
    proposed: NewDue | None
    has_signed_file: bool
    overtaken: int | None


def letter_sheet(
    session: Session, letter: ListedLetter, policy: LetterPolicy, today: date, *, visible: bool
) -> LetterSheet:
    """Everything about one letter; names in its text only where `visible`."""
    stored = _stored(session, letter.letter_id)
    written = Lacking(()) if stored is None else _written(session, stored, policy, visible=visible)
    past = letter_past.past_of(session, letter.letter_id)
    return LetterSheet(
        letter=letter,
        content=None if isinstance(written, Lacking) else written,
        missing=written.missing if isinstance(written, Lacking) else (),
        has_own_template=stored is not None and stored.template_id is not None,
        signer=_signer(session, letter.signer_id),
        history=_history(past.steps, visible=visible),
        notices=past.notices,
        proposed=None if stored is None else _proposed(session, stored, policy, today),
        has_signed_file=past.has_signed_file,
        overtaken=past.overtaken,
    )


def _stored(session: Session, letter_id: int) -> StoredLetter | None:
    states = tuple(state.value for state in LetterState)
    chunks = letter_store.stored_letters(session, states=states, letter_ids=[letter_id])
    return next((letter for chunk in chunks for letter in chunk), None)


def _written(
    session: Session, stored: StoredLetter, policy: LetterPolicy, *, visible: bool
) -> LetterContent | Lacking:
    facts = facts_of_stored(stored, Names(load_catalogue(session)))
    if not visible:
        facts = replace(
            facts,
            applicant_name=presenters.name(facts.applicant_name, visible=False),
            address=presenters.address(facts.address, visible=False) if facts.address else "",
            reason=presenters.free_text(facts.reason.strip(), visible=False),
        )
    return write(facts, policy.forms, policy.forms.by_key(stored.form))


def _proposed(session: Session, stored: StoredLetter, policy: LetterPolicy, today: date) -> NewDue | None:
    """The new date that the program would propose today, and what it rests on."""
    kind = LetterKind(stored.kind)
    return proposed_new_due(session, policy, stored.dossier, kind, today) if kind in PROMISING else None


def _signer(session: Session, signer_id: int | None) -> str:
    found = signer_store.find_signer(session, signer_id) if signer_id is not None else None
    return f"{found.full_name}, {found.title}" if found else ""


def _history(steps: Sequence[StepTold], *, visible: bool) -> tuple[HistoryLine, ...]:
    """Steps in their order. What somebody typed may name people."""
    return tuple(
        HistoryLine(
            at,
            STEPS.get(step, Chip("dot", step, "plain")),
            actor,
            presenters.free_text(note, visible=visible or actor == SYSTEM),
        )
        for step, at, actor, note in steps
    )
