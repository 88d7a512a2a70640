"""Suspensions that were told when it was too late, or that begin on the last day. Pure."""

from collections.abc import Iterator

from tracker.measures.integrity_history import Days, History, PauseTold, VersionTold
from tracker.measures.integrity_moves import AT_WORK
from tracker.measures.integrity_rules import IntegrityRules
from tracker.types import SuspensionKind
from tracker.types.findings import FindingKind

PauseSign = tuple[FindingKind, PauseTold, VersionTold, int]
"""The kind, the suspension, what stood before it was told, and the due date then."""


def suspicious_pauses(history: History, days: Days, rules: IntegrityRules) -> Iterator[PauseSign]:
    """The suspensions of a dossier that ask for an explanation."""
    if not history.present.pauses_known:
        return
    has_last_day = False
    for pause in history.pauses:
        if pause.kind == SuspensionKind.NONE.value:
            continue
        before, due = _standing(history, pause)
        if due is None or before is None:
            continue
        if _is_told_too_late(pause, before, due, days):
            yield FindingKind.SUSPENDED_AFTER, pause, before, due
        elif not has_last_day and _begins_on_last_day(history, pause, due, days, rules):
            has_last_day = True
            yield FindingKind.SUSPENDED_LAST_DAY, pause, before, due


def pause_key(pause: PauseTold) -> str:
    """Which suspension of the dossier."""
    return f"{pause.kind}:{pause.start}"


def _standing(history: History, pause: PauseTold) -> tuple[VersionTold | None, int | None]:
    """The version and the due date before the suspension was told; of one told from the beginning, those told with it."""
    if pause.before is None:
        return history.versions[0], history.first_due()
    due = history.due_before(pause.first.batch_id)
    return history.version_before(pause.first.batch_id), due.due if due else None


def _is_told_too_late(pause: PauseTold, before: VersionTold, due: int, days: Days) -> bool:
    """The date had passed, the dossier was still told at work and with no suspension; then one that covers that date."""
    if pause.before is None or before.ended is not None or before.status not in AT_WORK:
        return False
    covers = pause.start <= due and (pause.end is None or pause.end > due)
    return covers and before.pauses_known and days.row(pause.before.until) > days.row(due)


def _begins_on_last_day(
    history: History, pause: PauseTold, due: int, days: Days, rules: IntegrityRules
) -> bool:
    if pause.kind not in rules.last_day_kinds or history.received is None:
        return False
    if days.between(history.received, due) < rules.last_day_least_term or pause.start > due:
        return False
    return days.row(pause.start) >= days.last_worked_row(due)
