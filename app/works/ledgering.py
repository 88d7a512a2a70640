"""The ledger of apologies day by day: kept up after the morning's data, and what stands still claimed for alerts."""

from collections import Counter
from collections.abc import Mapping
from datetime import date

from app.access import Role
from app.context import AppContext
from app.grip import Grip
from app.letter_acts import ledger_detail, note_check
from app.notices import Notice, tell_account
from app.works.alerting import alert_policy, looked, morning_of
from app.works.drafting import letter_policy
from letters import issuing
from letters.keeping import ACTOR, LedgerReport, keep_ledger
from letters.moving import Asker
from notifications.alerts.evaluating import EvaluationReport, evaluate
from notifications.alerts.finders import LETTER_FINDERS
from tracker.store import audit, catalogue, obligation_store, people
from tracker.store.audit import Act
from tracker.store.locks import Lock, hold
from tracker.store.people import Account
from tracker.store.session import Session

LETTERS_PAGE = "/thu-xin-loi"
# On Sundays every dossier is looked at, after those that may have changed: what only that finds had been missed.
CHECKED_ON = 7


def keep(grip: Grip, day: date) -> None:
    """Keep the ledger up to now; heads are told of new dates that were missed as well and may not be moved again."""
    context, now = grip.context, grip.now()
    policy = letter_policy(context)
    grip.progress(0, None, "Đang xét hồ sơ quá hạn và ngày hẹn mới")
    issuing.write_numbers(context.store, policy, context.data_dir)

    def write(session: Session, report: LedgerReport) -> None:
        _tell_escalated(session, context, report, grip)
        if report.total:
            audit.append_acts(session, [Act(now, ACTOR, "ledger_keep", "obligations", ledger_detail(report))])

    def finish(session: Session, report: LedgerReport) -> None:
        hold(session, Lock.OUTBOX)  # before our own row and the log: one order of locks for everybody
        grip.finish_in(session, ledger_detail(report))
        write(session, report)

    def compare(session: Session, report: LedgerReport) -> None:
        finish(session, report)
        note_check(session, report, Asker(ACTOR, now))

    if day.isoweekday() != CHECKED_ON:
        keep_ledger(context.store, now, policy, now=now, in_same_step=finish)
        return

    def first(session: Session, report: LedgerReport) -> None:
        hold(session, Lock.OUTBOX)
        write(session, report)

    kept = keep_ledger(context.store, now, policy, now=now, in_same_step=first)
    grip.progress(0, None, "Đang soát lại toàn bộ sổ theo dõi xin lỗi")
    keep_ledger(
        context.store,
        now,
        policy,
        now=now,
        whole=not kept.is_whole,
        in_same_step=finish if kept.is_whole else compare,
    )


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


def remind(grip: Grip, day: date) -> None:
    """Claim what letters have reached: those that stand still, and new dates that are near; the digests tell of it."""
    context = grip.context

    def write(session: Session, report: EvaluationReport) -> None:
        grip.finish_in(session, looked(report))

    evaluate(
        context.store,
        alert_policy(context),
        day=day,
        as_of=morning_of(day),
        now=grip.now(),
        finders=LETTER_FINDERS,
        in_same_step=write,
        dossiers=False,
    )


def _heads(session: Session) -> list[Account]:
    accounts = people.list_accounts(session)
    return [one for one in accounts if one.disabled_at is None and Role(one.role) is Role.HEAD]


def _by_head(session: Session, by_unit: Mapping[int | None, int]) -> dict[Account, int]:
    """Each head with how many are those of the own units."""
    found: dict[Account, int] = {}
    for account in _heads(session) if by_unit else ():
        units = None if account.unit_id is None else catalogue.unit_subtree(session, account.unit_id)
        count = sum(number for unit, number in by_unit.items() if units is None or unit in units)
        if count:
            found[account] = count
    return found
