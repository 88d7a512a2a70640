"""The register of letters: inserting drafts in bulk, and the lists, counts and single letters that pages show."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, func, select, text, update
from sqlalchemy.orm import Session

from tracker.store import ledger_marks
from tracker.store.letter_candidates import CHUNK, Candidate
from tracker.store.locks import Lock, hold
from tracker.store.models import Dossier, Letter, LetterStep, Unit
from tracker.store.upkeep import look_after


@dataclass(frozen=True, slots=True)
class LetterRow:
    """One line of the register as pages and lists show it; holds no personal data."""

    letter_id: int
    dossier_id: int
    code: str
    seq: int
    kind: str
    form: str
    state: str
    unit: str
    as_of: datetime
    due_at: datetime | None
    new_due_at: datetime | None
    reason: str
    short_code: str
    file: str
    number: str | None
    issued_on: date | None


class DraftRow(NamedTuple):
    """A letter about to enter the register; instants in UTC epoch seconds."""

    dossier_id: int
    seq: int
    kind: str
    form: str
    unit_id: int
    as_of: int
    due_at: int | None
    new_due_at: int | None
    reason: str
    short_code: str
    file: str
    paper: str = "a4"
    template_id: int | None = None
    signer_id: int | None = None


class StoredLetter(NamedTuple):
    """A letter with everything its file is made from."""

    letter_id: int
    kind: str
    form: str
    state: str
    unit_id: int
    as_of: int
    due_at: int | None
    new_due_at: int | None
    reason: str
    short_code: str
    file: str
    seq: int
    fault_unit_id: int | None
    signer_id: int | None
    template_id: int | None
    paper: str
    number: str | None
    issued_on: date | None
    dossier: Candidate


# ---------------------------------------------------------------- writing


def last_letter_id(session: Session) -> int:
    """The highest id so far, 0 where there is none: what is above it later came in since."""
    return session.scalar(select(func.max(Letter.id))) or 0


def dossiers_lettered_since(session: Session, letter_id: int) -> set[int]:
    """Dossiers that got a letter after the one with this id."""
    return set(session.scalars(select(Letter.dossier_id).where(Letter.id > letter_id)))


def lock_register(session: Session) -> None:
    """No other process enters letters or gives them ids until this transaction ends."""
    hold(session, Lock.REGISTER)


def insert_drafts(session: Session, rows: Sequence[DraftRow], *, now: datetime, actor: str) -> None:
    """Enter drafts and the first step of each; ids follow the highest one. Call `lock_register` before."""
    first = last_letter_id(session) + 1
    at = int(now.timestamp())
    letters = [
        (number, row.dossier_id, row.seq, row.kind, row.form, "drafted", *row[4:])
        for number, row in enumerate(rows, first)
    ]
    columns = (
        "id, dossier_id, seq, kind, form, state, unit_id, as_of, due_at, new_due_at, reason, short_code, file, paper,"
        " template_id, signer_id"
    )
    _insert(session.connection(), Letter.__tablename__, columns, letters)
    steps = [(number, 1, "drafted", at, actor, "") for number in range(first, first + len(letters))]
    _insert(session.connection(), LetterStep.__tablename__, "letter_id, seq, step, at, actor, note", steps)
    ledger_marks.mark(session, [row.dossier_id for row in rows])
    look_after(session, len(rows), Letter.__tablename__, LetterStep.__tablename__)


def move_file(session: Session, moved: Sequence[tuple[int, str]]) -> None:
    """Note that files of letters lie elsewhere now: (letter id, file)."""
    if moved:
        session.execute(update(Letter), [{"id": letter_id, "file": file} for letter_id, file in moved])


def _insert(connection: Connection, table: str, columns: str, rows: Sequence[Any]) -> None:
    # The raw driver: three times the speed of Core's dictionaries (benchmarks, loading).
    if not rows:
        return
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    marks = ", ".join([mark] * (columns.count(",") + 1))
    connection.exec_driver_sql(f"INSERT INTO {table} ({columns}) VALUES ({marks})", list(rows))


# ---------------------------------------------------------------- reading


def _listed() -> Select[*tuple[Any, ...]]:
    columns = (Letter.id, Letter.dossier_id, Dossier.code, Letter.seq, Letter.kind, Letter.form, Letter.state)
    dates = (Letter.as_of, Letter.due_at, Letter.new_due_at)
    rest = (Letter.reason, Letter.short_code, Letter.file, Letter.number, Letter.issued_on)
    query = select(*columns, func.coalesce(Unit.name, ""), *dates, *rest)
    return query.join(Dossier, Dossier.id == Letter.dossier_id).outerjoin(Unit, Unit.id == Letter.unit_id)


def letters_for_dossier(session: Session, dossier_id: int) -> list[LetterRow]:
    """All letters of one dossier, void ones too, in order."""
    query = _listed().where(Letter.dossier_id == dossier_id).order_by(Letter.seq)
    return [LetterRow(*row) for row in session.execute(query)]


def letter_list(
    session: Session,
    *,
    unit_ids: frozenset[int] | None = None,
    state: str | None = None,
    limit: int = 50,
    after: int | None = None,
) -> list[LetterRow]:
    """One page of the register, newest first; `after` is the last letter id of the page before."""
    query = _listed().order_by(Letter.id.desc()).limit(limit)
    if unit_ids is not None:
        query = query.where(Letter.unit_id.in_(unit_ids))
    if state is not None:
        query = query.where(Letter.state == state)
    if after is not None:
        query = query.where(Letter.id < after)
    return [LetterRow(*row) for row in session.execute(query)]


def letter_file(session: Session, letter_id: int) -> str | None:
    """Where a letter's file lies, as the register says it (see letters.register.located)."""
    return session.scalar(select(Letter.file).where(Letter.id == letter_id))


# A database takes only so many parameters in one statement (SQLite: 32,766).
STATES_SLICE = 10_000


def letter_states(session: Session, dossier_ids: Sequence[int]) -> dict[int, str]:
    """The state of the newest letter that is not void, by dossier; dossiers without one are left out."""
    states: dict[int, str] = {}
    for start in range(0, len(dossier_ids), STATES_SLICE):
        query = select(Letter.dossier_id, Letter.state).where(
            Letter.dossier_id.in_(dossier_ids[start : start + STATES_SLICE]), Letter.state != "void"
        )
        states.update({number: state for number, state in session.execute(query.order_by(Letter.seq))})
    return states


def letter_counts(
    session: Session, unit_ids: frozenset[int] | None = None, until: datetime | None = None
) -> list[tuple[str, str, str, int]]:
    """How many letters: (unit, state, kind, count), of letters written for a moment up to `until`."""
    name = func.coalesce(Unit.name, "")
    query = select(name, Letter.state, Letter.kind, func.count()).outerjoin(Unit, Unit.id == Letter.unit_id)
    if unit_ids is not None:
        query = query.where(Letter.unit_id.in_(unit_ids))
    if until is not None:
        query = query.where(Letter.as_of <= until)
    query = query.group_by(name, Letter.state, Letter.kind).order_by(name, Letter.state, Letter.kind)
    return [(unit, state, kind, count) for unit, state, kind, count in session.execute(query)]


_STORED = (
    "SELECT l.id, l.kind, l.form, l.state, l.unit_id, l.as_of, l.due_at, l.new_due_at, l.reason, l.short_code,"
    " l.file, l.seq, o.fault_unit_id, l.signer_id, l.template_id, l.paper, l.number, l.issued_on,"
    " d.id, d.code, d.procedure_id, d.field_id, d.resolving_unit_id, d.receiving_unit_id,"
    " d.applicant_kind, d.applicant_name, d.address, d.received_at, d.promised_at, d.source_due_at,"
    " d.documented_due_at, CASE WHEN d.ended_at <= l.as_of THEN d.ended_at END, d.end_kind, NULL, l.reason, 0"
    " FROM letter l JOIN dossier d ON d.id = l.dossier_id LEFT JOIN obligation o ON o.dossier_id = l.dossier_id"
    " WHERE l.state IN ({states})"
)


def stored_letters(
    session: Session,
    *,
    states: tuple[str, ...],
    until_epoch: int | None = None,
    unit_ids: frozenset[int] | None = None,
    letter_ids: Sequence[int] | None = None,
) -> Iterator[list[StoredLetter]]:
    """Chunks of letters with what their files are made from, in the order of their ids."""
    query = _STORED.format(states=", ".join(f"'{state}'" for state in states if state.isalpha()))
    if until_epoch is not None:
        query += f" AND l.as_of <= {int(until_epoch)}"
    if unit_ids is not None:
        query += f" AND l.unit_id IN ({_numbers(unit_ids)})"
    if letter_ids is not None:
        query += f" AND l.id IN ({_numbers(letter_ids)})"
    found = session.execute(text(query + " ORDER BY l.id"), execution_options={"stream_results": True})
    for rows in found.partitions(CHUNK):
        yield [_stored(row) for row in rows]


def _stored(row: Sequence[Any]) -> StoredLetter:
    issued_on = row[17]
    # Raw SQL: SQLite hands out the text of a date.
    day = date.fromisoformat(issued_on) if isinstance(issued_on, str) else issued_on
    return StoredLetter._make((*row[:17], day, Candidate._make(row[18:])))


def find_stored(session: Session, letter_id: int) -> StoredLetter | None:
    """One letter that is not void; None where there is none."""
    states = ("drafted", "approved", "signed", "numbered", "delivered")
    chunks = stored_letters(session, states=states, letter_ids=[letter_id])
    return next((letter for chunk in chunks for letter in chunk), None)


def _numbers(values: Iterable[int]) -> str:
    return ", ".join(str(int(value)) for value in values) or "NULL"


def letter_ids_of(session: Session, dossier_ids: Sequence[int]) -> list[int]:
    """The drafts of some dossiers."""
    query = select(Letter.id).where(Letter.dossier_id.in_(dossier_ids), Letter.state == "drafted")
    return list(session.scalars(query))


def unwritten_numbers(session: Session, letter_ids: Sequence[int] | None = None) -> list[int]:
    """Letters that have a number and date which their file does not show, and that did not come back signed."""
    query = select(Letter.id).where(
        Letter.state.in_(("numbered", "delivered")),
        Letter.number.is_not(None),
        Letter.signed_file == "",
        Letter.file != "",
        Letter.file.not_like(f"%~{NUMBERED_MARK}.docx"),
    )
    if letter_ids is None:
        return list(session.scalars(query.order_by(Letter.id)))
    found: list[int] = []
    for start in range(0, len(letter_ids), STATES_SLICE):
        found += session.scalars(query.where(Letter.id.in_(letter_ids[start : start + STATES_SLICE])))
    return found


# In the name of a file that shows number and date, after a "~".
NUMBERED_MARK = "so"
