"""What a desk narrows its board by, as conditions on open dossiers; which procedures and handlers a typed text means."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session, aliased

from tracker.store.letter_register import IS_NEWEST, ledger_state, newest
from tracker.store.models import (
    AlertAck,
    Assignment,
    Dossier,
    Obligation,
    Procedure,
    ProgressEvent,
)
from tracker.store.notes import has_note
from tracker.text import fold, procedure_base

# Of dossiers without any duty to apologise; the others are states of the ledger.
NO_LETTER = "none"


@dataclass(frozen=True, slots=True)
class Handlers:
    """Who or what a typed text means: officers, the source's words for where a dossier stands, departments."""

    officers: frozenset[str]
    statuses: frozenset[str]
    departments: frozenset[str]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Conditions that all hold; None, "" and False ask for nothing. `due_from`, `due_until`: [from, until).

    `letter`: a state of the ledger, or `NO_LETTER`. `mine`: an account that took the dossier on or was given it.
    """

    field_id: int | None = None
    procedure_ids: frozenset[int] | None = None
    handlers: Handlers | None = None
    channel: str = ""
    letter: str = ""
    mine: int | None = None
    noted: bool = False
    due_from: datetime | None = None
    due_until: datetime | None = None


def conditions(chosen: Narrowing) -> list[ColumnElement[bool]]:
    """The conditions on `Dossier`."""
    found: list[ColumnElement[bool]] = []
    if chosen.field_id is not None:
        found.append(Dossier.field_id == chosen.field_id)
    if chosen.procedure_ids is not None:
        found.append(Dossier.procedure_id.in_(sorted(chosen.procedure_ids)))
    if chosen.handlers is not None:
        found.append(_is_handled(chosen.handlers))
    if chosen.channel:
        found.append(Dossier.channel == chosen.channel)
    if chosen.letter:
        found.append(_has_letter(chosen.letter))
    if chosen.mine is not None:
        found.append(_is_of(chosen.mine))
    if chosen.noted:
        found.append(has_note(Dossier.id.expression))
    if chosen.due_from is not None:
        found.append(Dossier.source_due_at >= chosen.due_from)
    if chosen.due_until is not None:
        found.append(Dossier.source_due_at < chosen.due_until)
    return found


def last_department() -> Any:
    """The department of the newest step that a source told of a dossier, as a scalar of `Dossier`."""
    return (
        select(ProgressEvent.department)
        .where(ProgressEvent.dossier_id == Dossier.id, ProgressEvent.department != "")
        .order_by(ProgressEvent.seq.desc())
        .limit(1)
        .correlate(Dossier)
        .scalar_subquery()
    )


def _is_handled(handlers: Handlers) -> ColumnElement[bool]:
    return or_(
        Dossier.officer_name.in_(sorted(handlers.officers)),
        Dossier.status_text.in_(sorted(handlers.statuses)),
        *([last_department().in_(sorted(handlers.departments))] if handlers.departments else []),
    )


def _has_letter(state: str) -> ColumnElement[bool]:
    of_dossier = Obligation.dossier_id == Dossier.id
    if state == NO_LETTER:
        return ~exists().where(of_dossier)
    standing = select(Obligation.dossier_id).outerjoin(newest, IS_NEWEST)
    return standing.where(of_dossier, ledger_state == state).correlate(Dossier).exists()


def _is_of(account_id: int) -> ColumnElement[bool]:
    """The newest assignment names the account, or the newest word that took the dossier on is the account's.

    Asked from the few rows of the account outward: a board has thousands of dossiers.
    """
    later = aliased(Assignment)
    given = select(Assignment.dossier_id).where(
        Assignment.account_id == account_id,
        ~exists().where(later.dossier_id == Assignment.dossier_id, later.id > Assignment.id),
    )
    word = aliased(AlertAck)
    taken = select(AlertAck.dossier_id).where(
        AlertAck.by_account == account_id,
        AlertAck.promised_on.is_not(None),
        ~exists().where(word.dossier_id == AlertAck.dossier_id, word.id > AlertAck.id),
    )
    return or_(Dossier.id.in_(given), Dossier.id.in_(taken))


# ---------------------------------------------------------------- what a text means


def procedures_meant(session: Session, text: str) -> frozenset[int]:
    """The procedures whose code begins with the text, or whose name holds all of its words, whatever the marks."""
    code, words = procedure_base(text.strip()).upper(), fold(text).split()
    return frozenset(
        number
        for number, of_code, name in session.execute(select(Procedure.id, Procedure.code, Procedure.name))
        if of_code.upper().startswith(code) or holds_words(name, words)
    )


def handlers_meant(session: Session, text: str, unit_ids: frozenset[int] | None) -> Handlers:
    """Officers, states and departments of the open dossiers of these units (None = all) that hold all of its words."""
    words = fold(text).split()
    is_open: list[ColumnElement[bool]] = [Dossier.ended_at.is_(None)]
    if unit_ids is not None:
        is_open.append(Dossier.resolving_unit_id.in_(unit_ids))
    people = session.execute(select(Dossier.officer_name, Dossier.status_text).where(*is_open).distinct())
    pairs = people.all()
    places = session.scalars(
        select(ProgressEvent.department)
        .join(Dossier, Dossier.id == ProgressEvent.dossier_id)
        .where(*is_open, ProgressEvent.department != "")
        .distinct()
    )
    return Handlers(
        _holding((officer for officer, _ in pairs), words),
        _holding((status for _, status in pairs), words),
        _holding(places, words),
    )


def _holding(texts: Iterable[str], words: list[str]) -> frozenset[str]:
    return frozenset(text for text in texts if text and holds_words(text, words))


def holds_words(text: str, words: list[str]) -> bool:
    """Does the text hold each of these folded words?"""
    folded = fold(text)
    return bool(words) and all(word in folded for word in words)


def letter_step() -> ColumnElement[Any]:
    """Where the apology of a dossier stands, as a scalar of `Dossier`; NULL: no duty is known."""
    standing = select(ledger_state).select_from(Obligation).outerjoin(newest, IS_NEWEST)
    return standing.where(Obligation.dossier_id == Dossier.id).correlate(Dossier).scalar_subquery()
