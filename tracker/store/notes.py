"""Notes that people write beside dossiers: added, taken back, read, moved with a dossier; never edited, never deleted."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Select, bindparam, exists, func, insert, select, update
from sqlalchemy.orm import Session, aliased

from tracker.store.ids import next_id
from tracker.store.locks import Lock, hold
from tracker.store.models import Dossier, DossierNote, User

SLICE = 4_000


class NotedDossier(NamedTuple):
    """A dossier that somebody wants to write beside."""

    dossier_id: int
    code: str


class NoteRow(NamedTuple):
    """One note with its dossier, as whoever acts on it has to know it; `withdrawn_at` None: it stands."""

    note_id: int
    dossier_id: int
    code: str
    account_id: int
    withdrawn_at: datetime | None


class NoteLine(NamedTuple):
    """One note as the page of its dossier shows it; `withdrawn_by`: the name of who took it back, "" while it stands."""

    note_id: int
    account_id: int
    author: str
    text: str
    written_at: datetime
    withdrawn_at: datetime | None
    withdrawn_by: str


def lock_notes(session: Session) -> None:
    """Wait for whoever writes notes or moves dossiers' numbers; to the end of the transaction."""
    hold(session, Lock.NOTES)


def dossiers_noted(
    session: Session, dossier_ids: Sequence[int], unit_ids: Collection[int] | None
) -> dict[int, NotedDossier]:
    """Those of them that these units resolve (None = all), by id."""
    query = select(Dossier.id, Dossier.code)
    if unit_ids is not None:
        query = query.where(Dossier.resolving_unit_id.in_(list(unit_ids)))
    return {
        row[0]: NotedDossier(*row)
        for start in range(0, len(dossier_ids), SLICE)
        for row in session.execute(query.where(Dossier.id.in_(dossier_ids[start : start + SLICE])))
    }


def add_notes(
    session: Session, dossier_ids: Sequence[int], text: str, *, account_id: int, now: datetime
) -> list[int]:
    """The same note beside each of these dossiers; the ids of the notes, in that order and without a gap."""
    first = next_id(session, DossierNote.id)
    rows: list[dict[str, Any]] = [
        {"id": number, "dossier_id": dossier_id, "account_id": account_id, "text": text, "written_at": now,
         "withdrawn_at": None, "withdrawn_by": ""}
        for number, dossier_id in enumerate(dossier_ids, first)
    ]  # fmt: skip
    for start in range(0, len(rows), SLICE):
        session.execute(insert(DossierNote), rows[start : start + SLICE])
    return [row["id"] for row in rows]


def notes_by_id(
    session: Session, note_ids: Sequence[int], unit_ids: Collection[int] | None
) -> dict[int, NoteRow]:
    """Those of them whose dossiers these units resolve (None = all), by id."""
    query = select(
        DossierNote.id, DossierNote.dossier_id, Dossier.code, DossierNote.account_id, DossierNote.withdrawn_at
    ).join(Dossier, Dossier.id == DossierNote.dossier_id)
    if unit_ids is not None:
        query = query.where(Dossier.resolving_unit_id.in_(list(unit_ids)))
    return {
        row[0]: NoteRow(*row)
        for start in range(0, len(note_ids), SLICE)
        for row in session.execute(query.where(DossierNote.id.in_(note_ids[start : start + SLICE])))
    }


def withdraw_notes(session: Session, note_ids: Sequence[int], *, login: str, now: datetime) -> None:
    """They were taken back; their text stays in the store and is shown no more."""
    for start in range(0, len(note_ids), SLICE):
        chosen = DossierNote.id.in_(note_ids[start : start + SLICE])
        session.execute(update(DossierNote).where(chosen).values(withdrawn_at=now, withdrawn_by=login))


def notes_of(session: Session, dossier_id: int) -> list[NoteLine]:
    """Every note of a dossier, the newest first."""
    found = session.execute(_notes_of_one(), {"dossier_id": dossier_id})
    return [NoteLine(*row) for row in found]


@cache
def _notes_of_one() -> Select[Any]:
    """Made once: making it costs more than asking it."""
    return notes_query(bindparam("dossier_id", type_=BigInteger)).order_by(DossierNote.id.desc())


def notes_query(dossier_id: ColumnElement[int]) -> Select[Any]:
    """The same for `dossier_sheet`; the number of the note comes first."""
    taker = aliased(User)
    n = DossierNote
    columns: tuple[Any, ...] = (
        n.id, n.account_id, func.coalesce(User.full_name, ""), n.text, n.written_at, n.withdrawn_at,
        func.coalesce(taker.full_name, n.withdrawn_by),
    )  # fmt: skip
    return (
        select(*columns)
        .select_from(DossierNote)
        .outerjoin(User, User.id == DossierNote.account_id)
        .outerjoin(taker, taker.login == DossierNote.withdrawn_by)
        .where(DossierNote.dossier_id == dossier_id)
    )


def newest_of(session: Session, dossier_ids: Sequence[int]) -> Mapping[int, str]:
    """The text of the newest note that stands, of each of these dossiers that has one."""
    query = select(DossierNote.dossier_id, DossierNote.text).where(DossierNote.withdrawn_at.is_(None))
    return {
        dossier_id: text
        for start in range(0, len(dossier_ids), SLICE)
        for dossier_id, text in session.execute(
            query.where(DossierNote.dossier_id.in_(dossier_ids[start : start + SLICE])).order_by(
                DossierNote.id
            )
        )
    }


def move_notes(session: Session, from_dossier: int, to_dossier: int) -> None:
    """The notes of a dossier that turned out to be another one stand beside that one from here on."""
    lock_notes(session)
    session.execute(
        update(DossierNote).where(DossierNote.dossier_id == from_dossier).values(dossier_id=to_dossier)
    )


def has_note(dossier_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Does a note stand beside the dossier of this id?"""
    return exists().where(DossierNote.dossier_id == dossier_id, DossierNote.withdrawn_at.is_(None))
