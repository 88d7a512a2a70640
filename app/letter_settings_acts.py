"""What people set for an office's letters, for pages and command line alike, with its entry of the log at once.

An entry holds ids, places and sizes; the words of reasons and the names of files stay in the register.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.context import AppContext
from letters import reasons, templates
from letters.moving import Asker
from letters.templates import TemplatePlace, Upload
from tracker.store import audit
from tracker.store.audit import Act
from tracker.store.delay_reasons import NewReason
from tracker.store.session import Session


@dataclass(frozen=True, slots=True)
class SettingsDesk:
    """Somebody at work on what letters are made by: the program, and who asks, when and for which units."""

    context: AppContext
    asker: Asker

    def use_template(self, place: TemplatePlace, upload: Upload) -> int:
        """Take a file into use as a new version."""
        noting = self._noting(
            "letter_template_add",
            "template",
            unit=place.unit_id,
            form=place.form,
            letter_kind=place.kind.value if place.kind else "all",
            bytes=len(upload.body),
        )
        return templates.use_template(self.context.store, place, upload, self.asker, noting)

    def retire_template(self, template_id: int) -> None:
        """Take a version out of use."""
        noting = self._noting("letter_template_retire", "template")
        templates.retire_template(self.context.store, template_id, self.asker, noting)

    def add_reason(self, new: NewReason) -> int:
        """Set a reason for lateness beforehand."""
        noting = self._noting(
            "letter_reason_add",
            "reason",
            unit=new.unit_id,
            procedure=new.procedure_id,
            start=new.due_from.isoformat(),
            end=new.due_to.isoformat(),
        )
        return reasons.add_reason(self.context.store, new, self.asker, noting)

    def end_reason(self, reason_id: int) -> None:
        """Take a reason back."""
        noting = self._noting("letter_reason_end", "reason")
        reasons.end_reason(self.context.store, reason_id, self.asker, noting)

    def _noting(self, action: str, subject: str, **detail: Any) -> Callable[[Session, int], None]:
        def write(session: Session, number: int) -> None:
            act = Act(self.asker.now, self.asker.login, action, f"{subject}:{number}", detail)
            audit.append_acts(session, [act])

        return write
