"""Who may sign letters of a unit, with what authority, and from when to when (Decree 30/2020 art. 13)."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Select, insert, or_, select, update
from sqlalchemy.orm import Session

from tracker.store.ids import next_id
from tracker.store.models import Signer, Unit


class NewSigner(NamedTuple):
    """A signer about to be entered; `basis` is the document that gives the authority, "" where none is needed.

    `authority` is one of `letters.issuer.Authority`; dates of None leave that end open.
    """

    unit_id: int
    full_name: str
    authority: str
    title: str
    head_title: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    basis: str = ""


class SignerRow(NamedTuple):
    """A signer of the register; `unit` is the unit's name."""

    signer_id: int
    unit_id: int
    full_name: str
    authority: str
    title: str
    head_title: str
    valid_from: date | None
    valid_to: date | None
    basis: str
    unit: str

    def is_valid(self, day: date) -> bool:
        """Does the authority last on that day?"""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


def _query() -> Select[int, int, str, str, str, str, date | None, date | None, str, str]:
    s = Signer
    return (
        select(
            s.id, s.unit_id, s.full_name, s.authority, s.title, s.head_title, s.valid_from, s.valid_to, s.basis, Unit.name
        )
        .join(Unit, Unit.id == s.unit_id)
        .order_by(s.unit_id, s.id)
    )  # fmt: skip


def signers_of(session: Session, unit_ids: Collection[int] | None = None) -> list[SignerRow]:
    """All signers of some units (None = all), those of the past too."""
    query = _query() if unit_ids is None else _query().where(Signer.unit_id.in_(unit_ids))
    return [SignerRow(*row) for row in session.execute(query)]


def signers_on(session: Session, unit_id: int, day: date) -> list[SignerRow]:
    """Who may sign for a unit on a day."""
    begun = or_(Signer.valid_from.is_(None), Signer.valid_from <= day)
    lasting = or_(Signer.valid_to.is_(None), Signer.valid_to >= day)
    query = _query().where(Signer.unit_id == unit_id, begun, lasting)
    return [SignerRow(*row) for row in session.execute(query)]


def find_signer(session: Session, signer_id: int) -> SignerRow | None:
    """One signer; None where there is none with this id."""
    row = session.execute(_query().where(Signer.id == signer_id)).one_or_none()
    return SignerRow(*row) if row else None


def signers_by_id(session: Session, signer_ids: Sequence[int]) -> dict[int, SignerRow]:
    """Signers by their ids; ids of none are left out."""
    query = _query().where(Signer.id.in_(signer_ids))
    return {row[0]: SignerRow(*row) for row in session.execute(query)}


def add_signer(session: Session, new: NewSigner, *, by: str, at: datetime) -> int:
    """Enter a signer; the id. Call `letter_store.lock_register` before."""
    number = next_id(session, Signer.id)
    session.execute(insert(Signer), [{"id": number, **new._asdict(), "entered_by": by, "entered_at": at}])
    return number


def end_signer(session: Session, signer_id: int, last_day: date) -> None:
    """The authority lasts to that day and no longer."""
    session.execute(update(Signer).where(Signer.id == signer_id).values(valid_to=last_day))
