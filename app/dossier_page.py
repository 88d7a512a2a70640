"""What a dossier's page tells in order of time: reception, due dates as seen, suspensions, ends. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from app import presenters
from tracker.types import Basis, DossierAnswer, DossierRow, EventRow, SuspensionKind
from tracker.types.calendars import JournalRow


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the timeline; `mark` names its icon, `tone` its colour, `detail` explains."""

    at: datetime | None
    mark: str
    tone: str
    text: str
    detail: str = ""


DUE_KINDS = {
    "source": "nguồn báo",
    "previous": "nguồn ghi là ngày hẹn trước đó",
    "promised": "ngày hẹn ban đầu",
}


def timeline(
    answer: DossierAnswer, journal: Sequence[JournalRow] = (), *, names_visible: bool
) -> list[Moment]:
    """Everything known of a dossier up to the as-of, oldest first; the moment of judging is the last."""
    row = answer.row
    told = [*_own_dates(row), *_suspensions(row), *_dues(row), *_events(row, names_visible), *_moved(journal)]
    known = [moment for moment in told if moment.at is not None and moment.at <= answer.as_of]
    return [*sorted(known, key=lambda moment: moment.at or answer.as_of), _now(answer)]


def _now(answer: DossierAnswer) -> Moment:
    verdict = answer.verdicts.get(Basis.SOURCE)
    if verdict is None:
        return Moment(answer.as_of, "clock", "plain", "Thời điểm xét")
    chip = presenters.CHIPS[verdict.state]
    return Moment(answer.as_of, "clock", chip.tone, f"Thời điểm xét: {chip.word.lower()}")


def _own_dates(row: DossierRow) -> Iterator[Moment]:
    yield Moment(row.filed_at, "small-circle", "plain", "Nộp hồ sơ", presenters.CHANNELS[row.channel])
    yield Moment(row.received_at, "dot", "accent", "Tiếp nhận", row.receiving_unit)
    yield Moment(row.finished_at, "tick", "accent", "Giải quyết xong")
    yield Moment(row.returned_at, "tick", "accent", "Trả kết quả", row.returning_unit)
    yield Moment(row.refused_at, "dash", "plain", "Từ chối giải quyết")
    yield Moment(row.withdrawn_at, "dash", "plain", "Người nộp rút hồ sơ")


def _suspensions(row: DossierRow) -> Iterator[Moment]:
    for pause in row.suspensions:
        why = "" if pause.kind is SuspensionKind.PAUSE else presenters.SUSPENSIONS[pause.kind]
        yield Moment(pause.start, "bars", "paused", "Tạm dừng", why)
        if pause.end is not None:
            yield Moment(pause.end, "dot", "paused", "Tiếp tục giải quyết")


def _dues(row: DossierRow) -> Iterator[Moment]:
    for due in row.dues_seen:
        label = DUE_KINDS.get(due.kind, due.kind)
        yield Moment(
            due.seen_at, "clock", "plain", f"Hẹn trả {presenters.moment(due.due_at)}",
            f"{label}, lần nạp số {due.batch_id}",
        )  # fmt: skip


def _moved(journal: Sequence[JournalRow]) -> Iterator[Moment]:
    for entry in journal:
        text = f"Lịch làm việc đổi: hạn tính theo quy định {presenters.moment(entry.new_due_at)}"
        detail = (
            f"trước đó {presenters.moment(entry.old_due_at)}; thay đổi số {entry.change_id}: {entry.reason}"
        )
        yield Moment(entry.at, "clock", "soon", text, detail)


EVENT_WORDS = {
    "finished": "Nguồn báo: giải quyết xong",
    "refused": "Nguồn báo: từ chối",
    "withdrawn": "Nguồn báo: rút hồ sơ",
    "reopened": "Mở lại hồ sơ",
    "due_changed": "Ngày hẹn bị thay đổi",
    "status_changed": "Trạng thái thay đổi",
    "vanished": "Nguồn không còn báo hồ sơ này, trước khi tiếp nhận",
    "seen_again": "Nguồn báo lại hồ sơ này",
    "step_processing": "Đang xử lý",
    "step_unknown": "Bước xử lý không rõ trạng thái",
}
# Ends and suspensions are told by the dossier's own dates; repeating them would only make the list longer.
_TOLD = frozenset({"finished", "refused", "withdrawn"})
_STEP = "step_"


def _events(row: DossierRow, names_visible: bool) -> Iterator[Moment]:
    resumed = {pause.end for pause in row.suspensions}
    for event in row.events:
        if event.kind == "step_processing" and not event.department and event.at in resumed:
            continue  # nobody's step: it only says that the suspension ended, which stands there already
        if event.kind in _TOLD or (event.kind.startswith(_STEP) and event.kind not in EVENT_WORDS):
            continue
        tone = "soon" if event.kind in ("due_changed", "reopened", "vanished") else "plain"
        # What a source writes about a step or a status may name people; where it happened does not.
        told = presenters.free_text(event.text, visible=names_visible)
        detail = _work(event) if event.kind.startswith(_STEP) else told
        yield Moment(event.at, "dot", tone, _what(event), detail)


def _what(event: EventRow) -> str:
    """What happened: of a step that says when it began, whether it was taken up or done."""
    if event.kind == "step_processing" and event.begun_at is not None:
        return "Nhận xử lý" if event.begun_at == event.at else "Xong một bước"
    return EVENT_WORDS.get(event.kind, event.kind)


def _work(step: EventRow) -> str:
    """Where a step was done, since when, and until when it had time."""
    begun = "" if step.begun_at in (None, step.at) else f"nhận {presenters.moment(step.begun_at)}"
    due = "" if step.due_at is None else f"hạn của bước {presenters.moment(step.due_at)}"
    return ", ".join(filter(None, (step.department, begun, due)))
