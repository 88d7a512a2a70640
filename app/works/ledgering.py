"""The ledger of apologies day by day: kept up after the morning's data, and what stands still told to the heads of units."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from app.access import Role
from app.context import AppContext
from app.grip import Grip
from app.letter_acts import ledger_detail
from app.notices import Notice, tell_account
from app.works.drafting import letter_policy
from letters import issuing
from letters.case import midnight
from letters.keeping import ACTOR, LedgerReport, keep_ledger
from tracker.errors import CalendarError
from tracker.store import audit, catalogue, letter_reminders, obligation_store, people
from tracker.store.audit import Act
from tracker.store.letter_reminders import Waiting
from tracker.store.locks import Lock, hold
from tracker.store.people import Account
from tracker.store.session import Session
from tracker.timekeeping.working_calendar import WorkingCalendar

LETTERS_PAGE = "/thu-xin-loi"
WORDS: Mapping[str, str] = {
    "to_check": "hồ sơ cần kiểm tra có phải xin lỗi không",
    "owed": "hồ sơ phải xin lỗi chưa có thư",
    "drafted": "thư chờ duyệt",
    "approved": "thư đã duyệt chờ ký",
    "signed": "thư đã ký chờ vào sổ",
    "numbered": "thư đã vào sổ chờ gửi",
    "desk": "thư chưa được bộ phận Một cửa xác nhận điều chỉnh ngày trả",
    "promise_near": "ngày hẹn mới đến hạn trong hai ngày làm việc tới",
}


def keep(grip: Grip, day: date) -> None:
    """Keep the ledger up to now; heads are told of new dates that were missed as well and may not be moved again."""
    context, now = grip.context, grip.now()
    policy = letter_policy(context)
    grip.progress(0, None, "Đang xét hồ sơ quá hạn và ngày hẹn mới")
    issuing.write_numbers(context.store, policy, context.data_dir)

    def write(session: Session, report: LedgerReport) -> None:
        hold(session, Lock.OUTBOX)  # before our own row and the log: one order of locks for everybody
        grip.finish_in(session, ledger_detail(report))
        _tell_escalated(session, context, report, grip)
        if report.total:
            audit.append_acts(session, [Act(now, ACTOR, "ledger_keep", "obligations", ledger_detail(report))])

    keep_ledger(context.store, now, policy, now=now, in_same_step=write)


def _tell_escalated(session: Session, context: AppContext, report: LedgerReport, grip: Grip) -> None:
    units = obligation_store.units_of(session, report.escalated)
    for account, count in _by_head(session, Counter(units)).items():
        text = (
            f"{count} hồ sơ đã lỡ cả ngày hẹn mới ghi trong thư xin lỗi. Việc hẹn lại chỉ được làm một lần "
            "(Nghị định 61/2018/NĐ-CP Điều 19 khoản 9), nên chương trình không hẹn thêm: cần thủ trưởng xử lý."
        )
        key = f"escalated:{grip.row.work_id}"
        notice = Notice(
            "letter_escalated",
            key,
            f"{count} hồ sơ lỡ hẹn lần thứ hai",
            text,
            f"{LETTERS_PAGE}?trang-thai=promise_broken",
        )
        tell_account(session, context.config, account, notice, grip.now())


def remind(grip: Grip, day: date) -> Mapping[str, Any] | None:
    """Tell each head once a working day what stands still in the own units."""
    context = grip.context
    calendar = context.calendar
    before, until = _span(calendar, day, context.config.letters.stuck_days)
    if before is None or until is None:
        return {"told": 0}
    told = 0
    with context.store.transaction() as session:
        hold(session, Lock.OUTBOX)
        near = midnight(day), midnight(until + timedelta(days=1))
        found = letter_reminders.waiting(session, before=midnight(before), near_from=near[0], near_to=near[1])
        for account in _heads(session):
            counts = _own(session, account, found)
            if counts:
                notice = Notice(
                    "letter_reminder",
                    f"letter_reminders:{day}",
                    _subject(counts),
                    _text(counts),
                    LETTERS_PAGE,
                )
                told += tell_account(session, context.config, account, notice, grip.now())
        grip.finish_in(session, {"told": told})
    return None


def _span(calendar: WorkingCalendar, day: date, stuck_days: int) -> tuple[date | None, date | None]:
    """The working day since when something must have moved, and the last one that is near; None on a day off."""
    try:
        if not calendar.is_working(day):
            return None, None
        return _back(calendar, day, stuck_days), calendar.add_workdays(day, 2)
    except CalendarError:
        return None, None


def _back(calendar: WorkingCalendar, day: date, days: int) -> date:
    for _ in range(days):
        day = calendar.previous_workday(day - timedelta(days=1))
    return day


def _subject(counts: Mapping[str, int]) -> str:
    return f"Thư xin lỗi: {sum(counts.values())} việc đang chờ"


def _text(counts: Mapping[str, int]) -> str:
    return "\n".join(f"- {counts[what]} {words}" for what, words in WORDS.items() if counts.get(what))


def _heads(session: Session) -> list[Account]:
    accounts = people.list_accounts(session)
    return [one for one in accounts if one.disabled_at is None and Role(one.role) is Role.HEAD]


def _own(session: Session, account: Account, found: Mapping[Waiting, int]) -> dict[str, int]:
    """What waits in the units of an account."""
    units = None if account.unit_id is None else catalogue.unit_subtree(session, account.unit_id)
    counts: Counter[str] = Counter()
    for waits, count in found.items():
        if units is None or waits.unit_id in units:
            counts[waits.what] += count
    return dict(counts)


def _by_head(session: Session, by_unit: Mapping[int | None, int]) -> dict[Account, int]:
    """Each head with how many are those of the own units."""
    found: dict[Account, int] = {}
    for account in _heads(session) if by_unit else ():
        units = None if account.unit_id is None else catalogue.unit_subtree(session, account.unit_id)
        count = sum(number for unit, number in by_unit.items() if units is None or unit in units)
        if count:
            found[account] = count
    return found
