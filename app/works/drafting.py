"""Letters drafted by a worker: what `dunghen letters draft` does. A second run finds nothing left to write."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.context import AppContext
from app.grip import Grip
from letters.case import LetterPolicy
from letters.forms import load_forms
from letters.issue import draft
from letters.obligations import LetterKind
from letters.register import LetterFolder
from letters.reissue import LetterScope, default_folder
from tracker.store import audit
from tracker.store.audit import Act


def letter_policy(context: AppContext) -> LetterPolicy:
    """The forms and rules that letters are written by at present."""
    return LetterPolicy(load_forms(), context.calendars.present, context.config.letters.reappointment_days)


def scope_params(scope: LetterScope) -> dict[str, Any]:
    """Which dossiers, as JSON values."""
    return {
        "as_of": scope.as_of.isoformat(),
        "units": None if scope.unit_ids is None else sorted(scope.unit_ids),
        "kind": scope.kind.value if scope.kind else None,
    }


def scope_of(params: Mapping[str, Any]) -> LetterScope:
    """Which dossiers, from their JSON values."""
    units, kind = params["units"], params["kind"]
    return LetterScope(
        datetime.fromisoformat(params["as_of"]),
        None if units is None else frozenset(units),
        LetterKind(kind) if kind else None,
    )


def draft_letters(grip: Grip) -> Mapping[str, Any] | None:
    """Draft what is owed; the counts."""
    context, scope = grip.context, scope_of(grip.params)
    grip.progress(0, None, "Đang tìm hồ sơ phải xin lỗi và ghi tệp thư")
    folder = LetterFolder(default_folder(context.data_dir, scope), context.data_dir)
    report = draft(
        context.store, scope, letter_policy(context), folder, now=grip.now(), actor=grip.row.asked_by
    )
    told = {"written": report.written, "lacking": len(report.lacking), "to_check": report.to_check}
    detail = {"written": report.written, "as_of": grip.params["as_of"], "work": grip.row.work_id}
    with context.store.transaction() as session:
        grip.finish_in(session, told)
        audit.append_acts(session, [Act(grip.now(), grip.row.asked_by, "draft", "letters", detail)])
    return None
