"""Letters drafted by a worker: what `dunghen letters draft` does. A second run finds nothing left to write."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from app.context import AppContext
from app.first_day_standing import letters_from
from app.grip import Grip
from letters.case import LetterPolicy
from letters.forms import load_forms
from letters.issue import DraftReport, draft
from letters.layout import Paper
from letters.obligations import LetterKind
from letters.register import LetterFolder
from letters.reissue import LetterScope, default_folder
from tracker.store import audit
from tracker.store.audit import Act
from tracker.store.session import Session


def letter_policy(context: AppContext) -> LetterPolicy:
    """The forms and rules that letters are written by at present."""
    own = context.config.letters
    present = context.calendars.present
    return LetterPolicy(
        load_forms(),
        present,
        own.reappointment_days,
        letters_from(context),
        Paper(own.paper),
        check_address=own.check_address,
        by_experience=own.by_experience,
    )


def scope_params(scope: LetterScope) -> dict[str, Any]:
    """Which dossiers, as JSON values."""
    return {
        "as_of": scope.as_of.isoformat(),
        "units": None if scope.unit_ids is None else sorted(scope.unit_ids),
        "kind": scope.kind.value if scope.kind else None,
        "dossiers": None if scope.dossier_ids is None else sorted(scope.dossier_ids),
    }


def scope_of(params: Mapping[str, Any]) -> LetterScope:
    """Which dossiers, from their JSON values."""
    units, kind, dossiers = params["units"], params["kind"], params.get("dossiers")
    return LetterScope(
        datetime.fromisoformat(params["as_of"]),
        None if units is None else frozenset(units),
        LetterKind(kind) if kind else None,
        None if dossiers is None else frozenset(dossiers),
    )


def noting(
    scope: LetterScope, actor: str, now: datetime, **more: Any
) -> Callable[[Session, DraftReport], None]:
    """What writes the entry of the log in the transaction that enters the letters."""

    def write(session: Session, report: DraftReport) -> None:
        detail = {"written": report.written, "as_of": scope.as_of.isoformat(), **more}
        audit.append_acts(session, [Act(now, actor, "draft", "letters", detail)])

    return write


def draft_letters(grip: Grip) -> None:
    """Draft what is owed: letters, mark and entry of the log in one transaction."""
    context, scope = grip.context, scope_of(grip.params)
    grip.progress(0, None, "Đang tìm hồ sơ phải xin lỗi và ghi tệp thư")
    folder = LetterFolder(default_folder(context.data_dir, scope), context.data_dir)
    actor = grip.row.asked_by
    note = noting(scope, actor, grip.now(), work=grip.row.work_id)

    def mark(session: Session, report: DraftReport) -> None:
        told = {
            "written": report.written,
            "lacking": len(report.lacking),
            "to_check": report.to_check,
            "foreseen": report.foreseen,
        }
        grip.finish_in(session, told)
        note(session, report)

    policy = letter_policy(context)
    draft(
        context.store,
        scope,
        policy,
        folder,
        now=grip.now(),
        actor=actor,
        in_same_step=mark,
        watch=lambda done: grip.progress(done, None, "Đang ghi tệp thư"),
        check=lambda session: grip.checkpoint_in(session, {}),
    )
