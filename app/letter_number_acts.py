"""What people do with numbers, signers and signed files, for pages and command line alike, with its entry of the log at once.

An entry holds ids and counts; names of signers and of files stay in the register.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.context import AppContext
from app.letter_acts import NAMED
from app.works.drafting import letter_policy
from letters import correcting, issuing, numbering, series, signed_files, signers
from letters.moving import Asker, InSameStep, MoveReport
from letters.number_lists import GivenNumber
from letters.signed_files import SignedReport
from tracker.store import audit
from tracker.store.audit import Act
from tracker.store.number_store import NewSeries
from tracker.store.session import Session
from tracker.store.signer_store import NewSigner


@dataclass(frozen=True, slots=True)
class NumberDesk:
    """Somebody at work on numbers: the program, and who asks, when and for which units."""

    context: AppContext
    asker: Asker

    def give(self, given: Sequence[GivenNumber]) -> MoveReport:
        """Take numbers that the document system gave."""
        noting = self._letters("letter_number", way="external")
        return self._with_files(numbering.give_numbers(self.context.store, given, self.asker, noting))

    def number_own(self, ids: Sequence[int], issued_on: date) -> MoveReport:
        """Give numbers out of the units' own series."""
        noting = self._letters("letter_number", way="own")
        return self._with_files(numbering.number_own(self.context.store, ids, issued_on, self.asker, noting))

    def _with_files(self, report: MoveReport) -> MoveReport:
        """The files of what was numbered show it; what a kill leaves undone here, the morning's job does."""
        context = self.context
        if report.moved:
            issuing.write_numbers(context.store, letter_policy(context), context.data_dir, report.moved)
        return report

    def take_signed(self, files: Sequence[tuple[str, bytes]]) -> SignedReport:
        """Keep files that came back signed: (name, content)."""
        context, noting = self.context, self._letters("letter_signed_file")
        return signed_files.take_signed(context.store, context.data_dir, files, self.asker, noting)

    def choose_signer(self, ids: Sequence[int], signer_id: int) -> MoveReport:
        """Say who is to sign letters; their files are written anew with his name."""
        context, noting = self.context, self._letters("letter_signer", signer=signer_id)
        policy = letter_policy(context)
        return correcting.choose_signer(
            context.store, ids, signer_id, policy, context.data_dir, self.asker, noting
        )

    # ------------------------------------------------------------ registers

    def add_signer(self, new: NewSigner) -> int:
        """Enter who may sign for a unit."""
        noting = self._noting("signer_add", "signer", unit=new.unit_id, authority=new.authority)
        return signers.add_signer(self.context.store, new, self.asker, noting)

    def end_signer(self, signer_id: int, last_day: date) -> None:
        """Let an authority end."""
        noting = self._noting("signer_end", "signer", last_day=last_day.isoformat())
        signers.end_signer(self.context.store, signer_id, last_day, self.asker, noting)

    def register_series(self, new: NewSeries) -> int:
        """Register a unit's own series of numbers."""
        noting = self._noting("series_add", "series", unit=new.unit_id, first=new.first_number)
        return series.register_series(self.context.store, new, self.asker, noting)

    def close_series(self, series_id: int, last_day: date) -> None:
        """Let a series end."""
        noting = self._noting("series_close", "series", last_day=last_day.isoformat())
        series.close_series(self.context.store, series_id, last_day, self.asker, noting)

    # ------------------------------------------------------------ the log

    def _letters(self, action: str, **more: Any) -> InSameStep:
        def write(session: Session, report: MoveReport) -> None:
            if report.moved:
                detail = {"letters": list(report.moved[:NAMED]), "count": len(report.moved), **more}
                self._write(session, action, "letters", detail)

        return write

    def _noting(self, action: str, subject: str, **detail: Any) -> Callable[[Session, int], None]:
        def write(session: Session, number: int) -> None:
            self._write(session, action, f"{subject}:{number}", detail)

        return write

    def _write(self, session: Session, action: str, subject: str, detail: dict[str, Any]) -> None:
        audit.append_acts(session, [Act(self.asker.now, self.asker.login, action, subject, detail)])
