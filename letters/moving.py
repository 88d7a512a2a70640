"""Letters that take a step: approved, returned, signed, delivered, voided, told of. One bad letter does not stop the rest.

Each call is one transaction under the register's lock, with its entry of the log in it. Numbers are given by
`letters.numbering`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from letters.approval import LetterAct, approval_fault
from letters.ledger import Held
from letters.path import LetterState as State
from letters.path import Promise, Step, step_fault
from tracker.store import letter_moves
from tracker.store.letter_moves import Move, MovingLetter, NoticeRow
from tracker.store.letter_store import lock_register
from tracker.store.session import Session, Store
from tracker.types import VN

CHANNELS: Mapping[str, str] = {
    "email": "thư điện tử",
    "in_person": "giao trực tiếp",
    "post": "bưu chính",
    "handover": "qua bộ phận Một cửa",
    "sms": "tin nhắn",
    "call": "điện thoại",
    "zalo": "Zalo",
}
# By these the letter itself reaches the person; the others only tell of it.
CARRIERS = frozenset({"email", "in_person", "post", "handover"})


@dataclass(frozen=True, slots=True)
class Refused:
    """A letter that did not take the step, and why, in the user's words."""

    letter_id: int
    code: str
    why: str


@dataclass(frozen=True, slots=True)
class MoveReport:
    """What became of a request: letters that took the step, and those that did not. Ids of none are in neither."""

    moved: tuple[int, ...]
    refused: tuple[Refused, ...]


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, when, and for letters of which units (None = all)."""

    login: str
    now: datetime
    unit_ids: frozenset[int] | None = None

    @property
    def today(self) -> date:
        """The office's date."""
        return self.now.astimezone(VN).date()


InSameStep = Callable[[Session, MoveReport], None]
Acts = Sequence[tuple[str, datetime, str, str]]  # the letter's steps so far: step, at, actor, note
# What a letter is to become, or why it does not, in the user's words.
Deciding = Callable[[Session, MovingLetter, Acts], Move | str]


def nothing(_session: Session, _report: MoveReport) -> None:
    """Write nothing more in the step."""


def take_step(
    store: Store,
    letter_ids: Sequence[int],
    asker: Asker,
    deciding: Deciding,
    *,
    in_same_step: InSameStep = nothing,
) -> MoveReport:
    """Let letters take a step; `in_same_step` writes into the same transaction, last."""
    with store.transaction() as session:
        lock_register(session)
        moves: list[Move] = []
        refused: list[Refused] = []
        acts = letter_moves.steps_of(session, letter_ids)
        for letter in letter_moves.letters_to_move(session, letter_ids, asker.unit_ids):
            decided = deciding(session, letter, acts.get(letter.letter_id, ()))
            if isinstance(decided, str):
                refused.append(Refused(letter.letter_id, letter.code, decided))
            else:
                moves.append(decided)
        letter_moves.move(session, moves, actor=asker.login, at=asker.now)
        report = MoveReport(tuple(each.letter.letter_id for each in moves), tuple(refused))
        in_same_step(session, report)
    return report


def plain(step: Step, changes: Mapping[str, Any], note: str = "") -> Deciding:
    """The step with the same changes for every letter that may take it."""

    def decide(_session: Session, letter: MovingLetter, _acts: Acts) -> Move | str:
        return step_fault(step, letter.state) or Move(letter, step, changes, note)

    return decide


# ---------------------------------------------------------------- before the signature


def approve(
    store: Store, letter_ids: Sequence[int], asker: Asker, in_same_step: InSameStep = nothing
) -> MoveReport:
    """Approve drafts; nobody approves what he wrote, nor a letter whose new date has passed or that is owed no longer."""

    def decide(_session: Session, letter: MovingLetter, acts: Acts) -> Move | str:
        if (fault := step_fault(Step.APPROVED, letter.state)) is not None:
            return fault
        if letter.held not in (None, Held.OWED):
            return "hồ sơ không còn phải xin lỗi; xem sổ theo dõi"
        fault = approval_fault(
            letter.state, (LetterAct(step, actor) for step, _, actor, _ in acts), asker.login
        )
        return (
            fault
            or _date_fault(letter, asker.today)
            or Move(letter, Step.APPROVED, {"state": State.APPROVED})
        )

    return take_step(store, letter_ids, asker, decide, in_same_step=in_same_step)


def _date_fault(letter: MovingLetter, today: date) -> str | None:
    new_due = letter.new_due_at
    if new_due is None or new_due.astimezone(VN).date() >= today:
        return None
    return f"ngày hẹn mới {new_due.astimezone(VN):%d/%m/%Y} đã qua; sửa ngày hẹn mới trước"


def give_back(
    store: Store, letter_ids: Sequence[int], why: str, asker: Asker, in_same_step: InSameStep = nothing
) -> MoveReport:
    """Return approved letters to be corrected."""
    deciding = plain(Step.RETURNED, {"state": State.DRAFTED}, why)
    return take_step(store, letter_ids, asker, deciding, in_same_step=in_same_step)


# ---------------------------------------------------------------- after it


@dataclass(frozen=True, slots=True)
class Told:
    """How somebody was told: channel (one of CHANNELS), when, and the person who told it."""

    channel: str
    at: datetime
    person: str
    note: str = ""
    message_id: int | None = None


def deliver(
    store: Store, letter_ids: Sequence[int], told: Told, asker: Asker, in_same_step: InSameStep = nothing
) -> MoveReport:
    """Note that numbered letters reached their addressees; a letter with a new date opens a promise by it."""

    def decide(_session: Session, letter: MovingLetter, _acts: Acts) -> Move | str:
        if (fault := step_fault(Step.DELIVERED, letter.state)) is not None:
            return fault
        if told.channel not in CARRIERS:
            return f"thư không giao được qua {CHANNELS.get(told.channel, told.channel)}"
        day = told.at.astimezone(VN).date()
        if told.at > asker.now or (letter.issued_on is not None and day < letter.issued_on):
            return "ngày gửi phải từ ngày của văn bản đến hôm nay"
        promise = Promise.OPEN if letter.new_due_at is not None else Promise.NONE
        changes = {
            "state": State.DELIVERED,
            "delivered_at": told.at,
            "delivered_by": told.channel,
            "promise": promise.value,
        }
        return Move(letter, Step.DELIVERED, changes, _told_note(told))

    return take_step(
        store, letter_ids, asker, decide, in_same_step=_noting(told, "delivery", asker, in_same_step)
    )


def note_told(
    store: Store, letter_ids: Sequence[int], told: Told, asker: Asker, in_same_step: InSameStep = nothing
) -> MoveReport:
    """Note that persons were told of their letters by a channel of art. 19.9: e-mail, message, telephone, social network."""
    if told.at > asker.now:
        why = "ngày thông báo không được ở tương lai"
        return take_step(store, letter_ids, asker, lambda *_of: why, in_same_step=in_same_step)
    deciding = plain(Step.NOTICE, {}, _told_note(told))
    return take_step(
        store, letter_ids, asker, deciding, in_same_step=_noting(told, "notice", asker, in_same_step)
    )


def tell_desk(
    store: Store, letter_ids: Sequence[int], told: Told, asker: Asker, in_same_step: InSameStep = nothing
) -> MoveReport:
    """Note that the one-stop desk has the written notice (the second paper of art. 19.9)."""
    deciding = plain(Step.DESK_TOLD, {"desk_told_at": told.at}, _told_note(told))
    return take_step(
        store, letter_ids, asker, deciding, in_same_step=_noting(told, "desk", asker, in_same_step)
    )


def desk_did(
    store: Store, letter_ids: Sequence[int], asker: Asker, note: str = "", in_same_step: InSameStep = nothing
) -> MoveReport:
    """Note that the desk has changed the date in the one-stop system."""

    def decide(_session: Session, letter: MovingLetter, _acts: Acts) -> Move | str:
        if (fault := step_fault(Step.DESK_DONE, letter.state)) is not None:
            return fault
        if letter.new_due_at is None:
            return "thư này không có ngày hẹn mới để điều chỉnh"
        return Move(letter, Step.DESK_DONE, {"desk_done_at": asker.now}, note)

    return take_step(store, letter_ids, asker, decide, in_same_step=in_same_step)


def _told_note(told: Told) -> str:
    words = (CHANNELS.get(told.channel, told.channel), told.person, told.note)
    return "; ".join(word for word in words if word)


def _noting(told: Told, purpose: str, asker: Asker, further: InSameStep) -> InSameStep:
    def write(session: Session, report: MoveReport) -> None:
        notices = [
            NoticeRow(
                number, purpose, told.channel, told.at, asker.login, told.person, told.note, told.message_id
            )
            for number in report.moved
        ]
        letter_moves.add_notices(session, notices)
        further(session, report)

    return write


# ---------------------------------------------------------------- off the way


def void(
    store: Store, letter_ids: Sequence[int], why: str, asker: Asker, in_same_step: InSameStep = nothing
) -> MoveReport:
    """Void letters that were not delivered; a number of the unit's own series stays with the reason. What is owed is owed again."""

    def decide(session: Session, letter: MovingLetter, _acts: Acts) -> Move | str:
        if (fault := step_fault(Step.VOIDED, letter.state)) is not None:
            return fault
        letter_moves.void_number(session, letter.letter_id, why)
        return Move(letter, Step.VOIDED, {"state": State.VOID}, why)

    return take_step(store, letter_ids, asker, decide, in_same_step=in_same_step)
