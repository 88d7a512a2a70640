"""What was told of a dossier -> the events of a log for process mining, in order. Pure.

The words are those of the office, one an activity, so that a picture of the process reads like the office's own rules.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from tracker.types import EndKind, SourceStatus, SuspensionKind
from tracker.types.event_log import CaseHistory, EndTold, LogEvent, StepTold, Transition

StepKind = Callable[[str, datetime], tuple[str, str]]
"""A department on a day -> the kind of step that it does: its key and its word."""

RECEIVED, REOPENED = "Tiếp nhận hồ sơ", "Mở lại hồ sơ"
REOPENING = "reopened"
ENDS: Mapping[str, tuple[str, Transition]] = {
    EndKind.FINISHED: ("Xử lý xong", Transition.COMPLETE),
    EndKind.REFUSED: ("Từ chối giải quyết", Transition.COMPLETE),
    EndKind.WITHDRAWN: ("Người nộp rút hồ sơ", Transition.ABORT),
}
SUSPENSIONS: Mapping[SuspensionKind, str] = {
    SuspensionKind.PAUSE: "Tạm dừng",
    SuspensionKind.SUPPLEMENT: "Chờ bổ sung hồ sơ",
    SuspensionKind.FINANCIAL: "Chờ nghĩa vụ tài chính",
    SuspensionKind.VERIFICATION: "Chờ xác minh",
    SuspensionKind.POSTING: "Chờ niêm yết",
    SuspensionKind.VIOLATION: "Chờ xử lý vi phạm",
}
# What a step did, beside working on; of other words of a source the kind of step alone is the activity.
DONE: Mapping[str, str] = {
    SourceStatus.ACCEPTED: "tiếp nhận",
    SourceStatus.REFUSED: "không tiếp nhận",
    SourceStatus.AWAITING_SUPPLEMENT: "yêu cầu bổ sung",
    SourceStatus.AWAITING_FEE: "yêu cầu nghĩa vụ tài chính",
    SourceStatus.WITHDRAWN: "ghi nhận rút hồ sơ",
    SourceStatus.STOPPED: "dừng xử lý",
    SourceStatus.DONE: "xử lý xong",
    SourceStatus.RETURNED: "trả kết quả",
}
# Of what happened in the same second: a step ends before the next begins, everything before the end.
_ORDER: Mapping[Transition, int] = {
    Transition.COMPLETE: 1,
    Transition.RESUME: 2,
    Transition.START: 3,
    Transition.SUSPEND: 4,
    Transition.ABORT: 5,
}
_FIRST, _LAST = 0, 9


def events_of(history: CaseHistory, kind_of: StepKind, until: datetime) -> tuple[LogEvent, ...]:
    """All that happened by a moment, in order; what a dossier lacks is no event."""
    received = LogEvent(
        history.received_at, RECEIVED, Transition.COMPLETE, history.receiving_unit or history.resolving_unit
    )
    ranked = [(_FIRST, received)]
    ranked += [(_ORDER[event.transition], event) for event in _of_steps(history, kind_of)]
    ranked += [(_ORDER[event.transition], event) for event in _of_suspensions(history)]
    ranked += [(_LAST, event) for event in _of_ends(history)]
    told = [(event.at, rank, event) for rank, event in ranked if event.at <= until]
    return tuple(event for *_, event in sorted(told, key=lambda each: each[:2]))


def _of_steps(history: CaseHistory, kind_of: StepKind) -> Iterator[LogEvent]:
    """A step is its beginning and its end where both are told; one that only opens is a beginning, others are ends."""
    for number, step in enumerate(history.steps, 1):
        department = "" if step.is_officer else step.department
        key, word = kind_of(department, step.at)
        done = DONE.get(step.status)
        activity, instance = f"{word}: {done}" if done else word, str(number)
        if step.begun_at is not None and step.begun_at <= step.at:
            yield LogEvent(step.begun_at, activity, Transition.START, department, key, step.due_at, instance)
        if step.begun_at != step.at:
            yield LogEvent(step.at, activity, Transition.COMPLETE, department, key, step.due_at, instance)


def _of_suspensions(history: CaseHistory) -> Iterator[LogEvent]:
    for number, pause in enumerate(history.suspensions, 1):
        if pause.kind not in SUSPENSIONS:
            continue
        activity, instance = SUSPENSIONS[pause.kind], f"p{number}"
        yield LogEvent(pause.start, activity, Transition.SUSPEND, history.resolving_unit, instance=instance)
        if pause.end is not None:
            yield LogEvent(pause.end, activity, Transition.RESUME, history.resolving_unit, instance=instance)


def _of_ends(history: CaseHistory) -> Iterator[LogEvent]:
    """The last end, and each end that a reopening undid, with that reopening; an end that was corrected is none."""
    for told in _standing(history):
        if told.kind == REOPENING:
            yield LogEvent(told.at, REOPENED, Transition.START, history.resolving_unit)
        elif told.kind in ENDS:
            activity, transition = ENDS[told.kind]
            yield LogEvent(told.at, activity, transition, history.resolving_unit)


def _standing(history: CaseHistory) -> Iterator[EndTold]:
    before: EndTold | None = None
    for told in history.ends:
        if told.kind != REOPENING:
            before = told
            continue
        if before is not None:
            yield before
        yield told
        before = None
    if history.ended_at is not None and history.end_kind is not None:
        yield EndTold(history.ended_at, history.end_kind)


__all__ = ["StepKind", "StepTold", "events_of"]
