"""Faults told and measures ended, for pages and command line alike, each in one transaction with its entry of the log.

An entry holds numbers and dates; the words stay with the remedy.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from app import remedy_rules
from app.context import AppContext
from letters.moving import Asker
from tracker.errors import UsageError
from tracker.store import audit, remedy_store
from tracker.store.audit import Act
from tracker.store.session import Session
from tracker.types.remedies import RemedyTold

NOT_KNOWN = "không có mục khắc phục số {number}"
CHANGED = "người khác vừa ghi thêm về mục này; hãy xem lại rồi ghi"
FOREIGN = "chỉ ghi được cho đơn vị thuộc phạm vi của bạn"
# One telling -> the next.
Deciding = Callable[[RemedyTold], RemedyTold]


@dataclass(frozen=True, slots=True)
class Seen:
    """Which remedy is meant, and the telling that its author had before him (None = whichever stands)."""

    number: int
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class RemedyDesk:
    """Somebody at work on faults: the program, and who asks, when and for which units.

    Every act raises UsageError where `remedy_rules` does not let it be told, there is no such remedy within the
    asker's units, or somebody else told something since it was seen.
    """

    context: AppContext
    asker: Asker

    def add(self, told: RemedyTold) -> int:
        """Tell of a fault for the first time; its number."""
        kept = remedy_rules.checked(told, self.asker.today)
        self._check_own(kept.unit_id)
        with self.context.store.transaction() as session:
            remedy_store.lock_remedies(session)
            number = remedy_store.add(session, kept, by=self.asker.login, at=self.asker.now)
            self._note(session, "remedy_add", number, unit=kept.unit_id, year=kept.year)
        return number

    def edit(self, seen: Seen, new: RemedyTold) -> None:
        """Say it otherwise."""
        self._check_own(new.unit_id)
        self._tell(seen, "remedy_edit", lambda told: remedy_rules.edited(told, new, self.asker.today))

    def done(self, seen: Seen, day: date, *, note: str = "") -> None:
        """The measure was carried out on a day."""

        def decide(told: RemedyTold) -> RemedyTold:
            return remedy_rules.done(told, day, note=note, today=self.asker.today)

        self._tell(seen, "remedy_done", decide, day=day.isoformat())

    def drop(self, seen: Seen, reason: str) -> None:
        """The measure is given up."""
        self._tell(seen, "remedy_drop", lambda told: remedy_rules.dropped(told, reason, self.asker.today))

    def reopen(self, seen: Seen, reason: str) -> None:
        """The measure is taken up again."""
        self._tell(seen, "remedy_reopen", lambda told: remedy_rules.reopened(told, reason, self.asker.today))

    def may(self, unit_id: int | None) -> bool:
        """Is a unit, or the whole province (None), within what the asker answers for?"""
        return self.asker.unit_ids is None or unit_id in self.asker.unit_ids

    def _tell(self, seen: Seen, action: str, decide: Deciding, **detail: Any) -> None:
        with self.context.store.transaction() as session:
            remedy_store.lock_remedies(session)
            newest = next(iter(remedy_store.history(session, seen.number)), None)
            if newest is None or not self.may(newest.told.unit_id):
                raise UsageError(NOT_KNOWN.format(number=seen.number))
            if seen.seq is not None and seen.seq != newest.seq:
                raise UsageError(CHANGED)
            place = (seen.number, newest.seq + 1)
            remedy_store.tell_again(
                session, place, decide(newest.told), by=self.asker.login, at=self.asker.now
            )
            self._note(session, action, seen.number, **detail)

    def _check_own(self, unit_id: int | None) -> None:
        if not self.may(unit_id):
            raise UsageError(FOREIGN)

    def _note(self, session: Session, action: str, number: int, **detail: Any) -> None:
        act = Act(self.asker.now, self.asker.login, action, f"remedy:{number}", detail)
        audit.append_acts(session, [act])
