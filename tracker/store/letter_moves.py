"""Letters that take a step: read under the register's lock, changed and noted in the same transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from tracker.store import ledger_marks, office_events
from tracker.store.models import Dossier, Letter, LetterNotice, LetterNumber, LetterStep, Obligation
from tracker.store.office_events import EventKind, NewEvent

# A database takes only so many parameters in one statement (SQLite: 32,766).
SLICE = 10_000


class MovingLetter(NamedTuple):
    """A letter before its next step; `steps` is the seq of its last one."""

    letter_id: int
    dossier_id: int
    code: str
    seq: int
    kind: str
    form: str
    state: str
    unit_id: int | None
    as_of: datetime
    due_at: datetime | None
    new_due_at: datetime | None
    reason: str
    short_code: str
    file: str
    number: str | None
    issued_on: date | None
    signer_id: int | None
    signed_file: str
    promise: str
    delivered_at: datetime | None
    desk_told_at: datetime | None
    held: str | None  # what the ledger says of its dossier; None: it was written before there was one
    steps: int


@dataclass(frozen=True, slots=True)
class Move:
    """One step to be written: what it changes of the letter's row, and the line of the register."""

    letter: MovingLetter
    step: str
    changes: Mapping[str, Any]
    note: str = ""


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """That somebody was told of a letter: `purpose` delivery, notice or desk; `person` told it, `actor` wrote it down."""

    letter_id: int
    purpose: str
    channel: str
    at: datetime
    actor: str
    person: str
    note: str
    message_id: int | None = None


def letters_to_move(
    session: Session, letter_ids: Sequence[int], unit_ids: frozenset[int] | None = None
) -> list[MovingLetter]:
    """The letters with these ids, of these units only (None = all), in the order asked for; ids of none are left out.

    Call `letter_store.lock_register` before, if they are going to be moved.
    """
    found: dict[int, MovingLetter] = {}
    for start in range(0, len(letter_ids), SLICE):
        query = _query().where(Letter.id.in_(letter_ids[start : start + SLICE]))
        if unit_ids is not None:
            query = query.where(Letter.unit_id.in_(unit_ids))
        found.update({row[0]: MovingLetter._make(row) for row in session.execute(query)})
    return [found[number] for number in dict.fromkeys(letter_ids) if number in found]


def letters_by_short_code(session: Session, codes: Sequence[str]) -> dict[str, MovingLetter]:
    """Letters by their short code; codes of none are left out."""
    found: dict[str, MovingLetter] = {}
    for start in range(0, len(codes), SLICE):
        query = _query().where(Letter.short_code.in_(codes[start : start + SLICE]))
        rows = (MovingLetter._make(row) for row in session.execute(query))
        found.update({row.short_code: row for row in rows})
    return found


def _query() -> Any:
    last_step = (
        select(func.coalesce(func.max(LetterStep.seq), 0))
        .where(LetterStep.letter_id == Letter.id)
        .correlate(Letter)
        .scalar_subquery()
    )
    return select(
        Letter.id, Letter.dossier_id, Dossier.code, Letter.seq, Letter.kind, Letter.form, Letter.state, Letter.unit_id,
        Letter.as_of, Letter.due_at, Letter.new_due_at, Letter.reason, Letter.short_code, Letter.file, Letter.number,
        Letter.issued_on, Letter.signer_id, Letter.signed_file, Letter.promise, Letter.delivered_at,
        Letter.desk_told_at, Obligation.state, last_step,
    ).join(Dossier, Dossier.id == Letter.dossier_id).outerjoin(
        Obligation, Obligation.dossier_id == Letter.dossier_id
    )  # fmt: skip


def move(session: Session, moves: Iterable[Move], *, actor: str, at: datetime) -> None:
    """Write the steps and what they change. Several steps of one letter stand in their order in `moves`."""
    moves = list(moves)
    seqs: dict[int, int] = {}
    changes: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    steps: list[dict[str, Any]] = []
    for each in moves:
        number = each.letter.letter_id
        seqs[number] = seqs.get(number, each.letter.steps) + 1
        steps.append(
            {
                "letter_id": number,
                "seq": seqs[number],
                "step": each.step,
                "at": at,
                "actor": actor,
                "note": each.note,
            }
        )
        if each.changes:
            changes.setdefault(tuple(sorted(each.changes)), []).append({"id": number, **each.changes})
    for rows in changes.values():
        session.execute(update(Letter), rows)
    if steps:
        session.execute(insert(LetterStep), steps)
    ledger_marks.mark(session, {each.letter.dossier_id for each in moves})
    office_events.add(session, (_event(each) for each in moves if each.step in _TOLD_OUTSIDE), at)


# What other programs are told of, by the step of the register.
_TOLD_OUTSIDE: Mapping[str, EventKind] = {
    "signed": EventKind.LETTER_SIGNED,
    "delivered": EventKind.LETTER_DELIVERED,
    "promise_kept": EventKind.PROMISE_KEPT,
    "promise_broken": EventKind.PROMISE_BROKEN,
}


def _event(move: Move) -> NewEvent:
    letter = move.letter
    new_due = move.changes.get("new_due_at", letter.new_due_at)
    body = {
        "letter_id": letter.letter_id, "code": letter.code, "kind": letter.kind,
        "new_due_at": new_due.isoformat() if new_due else None,
    }  # fmt: skip
    return NewEvent(_TOLD_OUTSIDE[move.step], f"letter:{letter.letter_id}", letter.unit_id, body)


def steps_of(session: Session, letter_ids: Sequence[int]) -> dict[int, list[tuple[str, datetime, str, str]]]:
    """The steps of letters in their order: (step, at, actor, note)."""
    found: dict[int, list[tuple[str, datetime, str, str]]] = {}
    for start in range(0, len(letter_ids), SLICE):
        query = (
            select(LetterStep.letter_id, LetterStep.step, LetterStep.at, LetterStep.actor, LetterStep.note)
            .where(LetterStep.letter_id.in_(letter_ids[start : start + SLICE]))
            .order_by(LetterStep.letter_id, LetterStep.seq)
        )
        for number, step, at, actor, note in session.execute(query):
            found.setdefault(number, []).append((step, at, actor, note))
    return found


def add_notices(session: Session, notices: Sequence[NoticeRow]) -> None:
    """Note who was told; ids follow the highest one. Call `letter_store.lock_register` before."""
    if not notices:
        return
    first = (session.scalar(select(func.max(LetterNotice.id))) or 0) + 1
    rows = [
        {
            "id": number, "letter_id": each.letter_id, "purpose": each.purpose, "channel": each.channel, "at": each.at,
            "actor": each.actor, "person": each.person, "note": each.note, "message_id": each.message_id,
        }
        for number, each in enumerate(notices, first)
    ]  # fmt: skip
    session.execute(insert(LetterNotice), rows)


def notices_of(session: Session, letter_ids: Sequence[int]) -> list[NoticeRow]:
    """What was noted of some letters, oldest first."""
    n = LetterNotice
    columns = (n.letter_id, n.purpose, n.channel, n.at, n.actor, n.person, n.note, n.message_id)
    query = select(*columns).where(n.letter_id.in_(letter_ids)).order_by(n.id)
    return [NoticeRow(*row) for row in session.execute(query)]


def void_number(session: Session, letter_id: int, why: str) -> None:
    """A number of a unit's own series is never given again: it stays, void, with the reason."""
    used = (LetterNumber.letter_id == letter_id) & (LetterNumber.state == "used")
    session.execute(update(LetterNumber).where(used).values(state="void", reason=why))
