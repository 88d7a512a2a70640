"""What people say of findings, carried out: each act one transaction with its steps, the new state and its entry of the log.

An entry holds ids and counts; the words stay with the findings. One that cannot be acted on does not stop the rest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.context import AppContext
from app.finding_forms import FindingAct, fault_of, mark_of_steps
from app.letter_forms import Filled
from app.presenters import number
from app.reveal import names_applicant
from letters.moving import Asker
from tracker.errors import UsageError
from tracker.ingest.redaction import redact
from tracker.store import audit, finding_said
from tracker.store.audit import Act
from tracker.store.session import Session
from tracker.types.finding_lists import FindingToSettle, NewFindingStep

# So many ids an entry of the log names; the count is always whole.
NAMED = 200
CHANGED = "người khác vừa ghi thêm về dấu hiệu đã chọn, hoặc danh sách đã đổi; hãy xem lại rồi xác nhận"
NOT_IN_REACH = "không có dấu hiệu này trong phạm vi của bạn"
NAMES_APPLICANT = "lời ghi có tên người nộp của hồ sơ {code}; hãy bỏ tên người, nhiều người đọc được lời này"


class FindingsChanged(UsageError):
    """What was picked is no longer as it was seen: nothing was written."""


@dataclass(frozen=True, slots=True)
class FindingReport:
    """What became of an act: the findings that took it, and those that did not: (code, why in the user's words)."""

    done: tuple[int, ...]
    refused: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class FindingDesk:
    """Somebody at work on findings: the program, and who asks, when and for which units (None = all)."""

    context: AppContext
    asker: Asker

    def settle(self, ids: Sequence[int], act: FindingAct, form: Filled, seen: str) -> FindingReport:
        """Say the same of each of these findings. `seen`: the mark of what the asker had before him.

        Raises:
            FindingsChanged: somebody said something of them since.
            UsageError: the words name an applicant; nothing was written.
        """
        with self.context.store.transaction() as session:
            finding_said.lock_findings(session)
            found = finding_said.to_settle(session, ids, self.asker.unit_ids)
            if seen != mark_of_steps({each.finding_id: each.seq for each in found}):
                raise FindingsChanged(CHANGED)
            self._check_names(found, form)
            taken = [each for each in found if not fault_of(act, each, self.asker.login)]
            self._write(session, taken, act, form)
        refused = [(each.code, fault) for each in found if (fault := fault_of(act, each, self.asker.login))]
        missing = len(ids) - len(found)
        unknown = ((f"{number(missing)} dấu hiệu", NOT_IN_REACH),) if missing else ()
        return FindingReport(tuple(each.finding_id for each in taken), (*refused, *unknown))

    def _check_names(self, found: Sequence[FindingToSettle], form: Filled) -> None:
        text = " ".join(form.values.values())
        for each in found:
            if names_applicant(text, each.applicant, each.applicant_kind):
                raise UsageError(NAMES_APPLICANT.format(code=each.code))

    def _write(
        self, session: Session, taken: Sequence[FindingToSettle], act: FindingAct, form: Filled
    ) -> None:
        if not taken:
            return
        step = NewFindingStep(
            act.becomes,
            redact(form.text(act.words)),
            redact(form.text("van-ban")),
            self.asker.login,
            self.asker.now,
        )
        finding_said.add_steps(session, {each.finding_id: each.seq + 1 for each in taken}, step)
        ids = [each.finding_id for each in taken]
        detail: Mapping[str, object] = {"ids": ids[:NAMED], "count": len(ids)}
        subject = f"finding:{ids[0]}" if len(ids) == 1 else "findings"
        audit.append_acts(session, [Act(self.asker.now, self.asker.login, act.logged, subject, detail)])
