"""What came into the store since a moment: what going back to that moment would lose."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.store.models import AuditEntry, Batch, LetterStep, OutboxMessage

NUMBERED = "numbered"


@dataclass(frozen=True, slots=True)
class Since:
    """How many of each: loads, letters numbered, messages that left, entries of the log."""

    batches: int
    letters_numbered: int
    messages_sent: int
    log_entries: int

    @property
    def is_nothing(self) -> bool:
        """Would nothing of weight be lost?"""
        return not (self.batches or self.letters_numbered or self.messages_sent)


def since(session: Session, moment: datetime) -> Since:
    """What came after it, counted in the tables of the newest revision."""

    def count(*conditions: object) -> int:
        return session.scalars(select(func.count()).where(*conditions)).one()  # type: ignore[arg-type]

    return Since(
        batches=count(Batch.ingested_at >= moment),
        letters_numbered=count(LetterStep.step == NUMBERED, LetterStep.at >= moment),
        messages_sent=count(OutboxMessage.sent_at >= moment),
        log_entries=count(AuditEntry.at >= moment),
    )
