"""What the pages of obligations show: why a dossier has to be looked at, its dates side by side, its history in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from app import presenters
from app.letter_page import HistoryLine
from app.presenters import Chip
from letters.keeping import ACTOR as SYSTEM
from letters.ledger import Held, LedgerReason
from letters.obligations import DutyReason
from tracker.store import catalogue, letter_rows
from tracker.store.dossier_sheet import DossierSheet
from tracker.store.letter_rows import ListedDuty, ListedLetter
from tracker.store.session import Session
from tracker.timekeeping.lateness import is_late_epoch
from tracker.types import UnitRef

# Why an obligation stands as it does, for whoever decides about it.
REASONS: Mapping[str, str] = {
    DutyReason.LATE: "Quá hạn theo cả ngày hẹn của hệ thống nguồn và hạn tính theo quy định.",
    DutyReason.NO_SOURCE_DATE: "Quá hạn theo hạn tính theo quy định; hệ thống nguồn không ghi ngày hẹn.",
    DutyReason.NOT_COMPUTABLE: "Chưa tính được hạn theo quy định, nên ngày hẹn của hệ thống nguồn quyết định: đã quá hạn.",
    DutyReason.SOURCE_ONLY: (
        "Quá ngày hẹn của hệ thống nguồn, nhưng chưa quá hạn tính theo quy định: "
        "nguồn có thể hẹn sớm hơn quy định, hoặc không cộng thời gian tạm dừng."
    ),
    DutyReason.DOCUMENTED_ONLY: (
        "Quá hạn tính theo quy định, nhưng chưa quá ngày hẹn của hệ thống nguồn: "
        "ngày hẹn ở nguồn có thể đã được dời, hoặc nguồn đã hẹn dài hơn quy định."
    ),
    DutyReason.PROMISED_ONLY: (
        "Chỉ quá ngày hẹn ban đầu trên giấy tiếp nhận; ngày hẹn hiện nay ở nguồn và hạn theo quy định đều chưa quá."
    ),
    DutyReason.FORESEEN: "Chưa đến hạn nhưng sẽ không kịp: đã đến ngày phải báo trước.",
    DutyReason.SUSPENDED: "Hồ sơ đang tạm dừng.",
    DutyReason.NOT_LATE: "Không còn quá hạn.",
    LedgerReason.WITHDRAWN: "Người nộp rút hồ sơ sau khi đã quá hạn.",
    LedgerReason.BEFORE_START: "Kết thúc trước ngày cơ quan bắt đầu soạn thư bằng chương trình.",
    LedgerReason.FINISHED_IN_TIME: "Hồ sơ đã giải quyết trong hạn.",
    LedgerReason.NO_LONGER_LATE: "Ngày hẹn hoặc lịch làm việc đã được điều chỉnh.",
    LedgerReason.GONE: "Nguồn đã xóa hồ sơ, hoặc hồ sơ không được tiếp nhận.",
    LedgerReason.BY_PERSON: "Do người phụ trách quyết định.",
    LedgerReason.WAIVED_UNSURE: "Người phụ trách quyết định không phải gửi khi các ngày hẹn còn khác nhau.",
    LedgerReason.AFTER_WAIVER: (
        "Trước đây đã quyết định không phải gửi khi chỉ quá một ngày hẹn; nay hồ sơ quá cả hai ngày hẹn nên cần xét lại."
    ),
}  # fmt: skip

_LOOKS: Mapping[str, tuple[str, str]] = {
    Held.TO_CHECK: ("flag", "soon"),
    Held.OWED: ("letter", "accent"),
    Held.WAIVED: ("dash", "plain"),
    Held.CLOSED: ("tick", "plain"),
    Held.BEFORE_START: ("small-circle", "plain"),
}
DATES = (
    ("source_due_at", "Ngày hẹn theo hệ thống nguồn"),
    ("documented_due_at", "Hạn tính theo quy định"),
    ("promised_at", "Ngày hẹn ban đầu"),
)


@dataclass(frozen=True, slots=True)
class DueLine:
    """One of a dossier's dates, and whether it was missed; None where there is no such date."""

    word: str
    due_at: datetime | None
    is_missed: bool | None


def due_lines(row: ListedDuty, now: datetime) -> list[DueLine]:
    """The three dates side by side; one before which the dossier was suspended is not missed (letters.case)."""
    until = int(min(row.ended_at or now, now).timestamp())
    lines = []
    for name, word in DATES:
        due = getattr(row, name)
        rests = due is not None and row.ended_at is None and _is_before(row.suspended_from, due)
        late = None if due is None else not rests and is_late_epoch(int(due.timestamp()), until)
        lines.append(DueLine(word, due, late))
    return lines


def _is_before(moment: datetime | None, due: datetime) -> bool:
    return moment is not None and moment < due


def reason_words(reason: str) -> str:
    """Why, in a sentence; a reason without words is shown as it stands."""
    return REASONS.get(reason, reason)


@dataclass(frozen=True, slots=True)
class DutySheet:
    """One obligation as its page shows it."""

    row: ListedDuty
    dues: tuple[DueLine, ...]
    fault_unit: str
    history: tuple[HistoryLine, ...]


def duty_sheet(session: Session, row: ListedDuty, now: datetime, *, visible: bool) -> DutySheet:
    """Everything about one obligation; what people typed only where `visible`, since it may name somebody."""
    fault = catalogue.units(session).get(row.fault_unit_id or 0)
    return DutySheet(
        row, tuple(due_lines(row, now)), fault.name if fault else "", _history(session, row.dossier_id, visible=visible)
    )  # fmt: skip


def _history(session: Session, dossier_id: int, *, visible: bool) -> tuple[HistoryLine, ...]:
    lines = []
    for step in letter_rows.duty_steps(session, dossier_id):
        mark, tone = _LOOKS.get(step.state, ("dot", "plain"))
        chip = Chip(mark, presenters.LETTER_STATES.get(step.state, step.state), tone)
        told = presenters.free_text(step.note, visible=visible or step.actor == SYSTEM)
        lines.append(HistoryLine(step.at, chip, step.actor, told or reason_words(step.reason)))
    return tuple(lines)


def units_to_choose(session: Session, day: date) -> list[UnitRef]:
    """The units of a day that may be at fault, by name."""
    known = catalogue.units(session).values()
    offered = [
        unit for unit in known if unit.kind != "unknown" and (unit.valid_to is None or unit.valid_to >= day)
    ]
    return sorted(offered, key=lambda unit: unit.name)


@dataclass(frozen=True, slots=True)
class DossierApology:
    """The apology of one dossier: where it stands and why, its letters, and which of them the calendar overtook.

    `is_own`: the unit that owes it is one of the reader's, who may go on to its pages.
    """

    duty: ListedDuty | None
    why: str
    letters: tuple[ListedLetter, ...]
    marked: Mapping[int, int]
    is_own: bool


def apology_of(sheet: DossierSheet, unit_ids: frozenset[int] | None) -> DossierApology:
    """For the dossier's own page; whoever sees the dossier sees it."""
    duty = sheet.duty
    is_own = unit_ids is None or (duty is not None and duty.unit_id in unit_ids)
    return DossierApology(
        duty, reason_words(duty.reason) if duty else "", tuple(sheet.letters), sheet.overtaken, is_own
    )
