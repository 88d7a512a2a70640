"""What is needed to send one letter; who it goes to stays where it is."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.store.letter_candidates import SIGNED
from tracker.store.models import Dossier, Letter, Obligation

OWED = "owed"


@dataclass(frozen=True, slots=True)
class SendableLetter:
    """One letter of the register, without its addressee; `file` as the register says it: what came back signed, if it did."""

    letter_id: int
    dossier_id: int
    code: str
    state: str
    new_due_at: datetime | None
    unit_id: int | None
    file: str
    held: str | None  # what the ledger says of its dossier; None: it was written before there was one

    @property
    def may_be_sent(self) -> bool:
        """Does it say what the office has signed, and is it owed? What is being written, void or untrue reaches nobody."""
        return self.state in SIGNED and self.held in (None, OWED)


def find_sendable(session: Session, letter_id: int) -> SendableLetter | None:
    """The letter with this id; None where there is none."""
    query = (
        select(
            Letter.id,
            Letter.dossier_id,
            Dossier.code,
            Letter.state,
            Letter.new_due_at,
            Letter.unit_id,
            func.coalesce(func.nullif(Letter.signed_file, ""), Letter.file),
            Obligation.state,
        )
        .join(Dossier, Dossier.id == Letter.dossier_id)
        .outerjoin(Obligation, Obligation.dossier_id == Letter.dossier_id)
        .where(Letter.id == letter_id)
    )
    row = session.execute(query).one_or_none()
    return SendableLetter(*row) if row else None
