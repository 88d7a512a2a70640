"""Is this installation sound? One check a part: what is well in figures, or what is wrong and what to do about it.

Reads and mends nothing. What is wrong with the running program is told by the watchdog's rules (`measures/health.py`),
what is wrong with the data by the checks that the data's own modules have; nothing is defined here a second time.
"""

from collections.abc import Callable, Collection, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.access_check import access_verdict
from app.calendar_warnings import calendar_warnings
from app.context import AppContext
from app.first_day import look as first_steps
from app.first_day_standing import is_ready
from app.jobs import job_times
from app.presenters import day as day_words
from app.presenters import moment, number
from app.replica_check import replica_verdict
from app.snapshots import gone, unsealed
from app.watchdog import gather
from app.works.backing_up import BACKUP_AFTER, key_fault, newest_backup
from app.works.drafting import letter_policy
from letters.balance import balance
from tracker.errors import TrackerError
from tracker.measures.health import Facts, Finding, findings
from tracker.pipeline.search_checking import check as compare_keys
from tracker.pipeline.summaries import check as compare_summaries
from tracker.store import audit, board, catalogue, catalogue_gaps, ledger_marks, schedule, snapshot_store
from tracker.store.migrate import newest_revision, revision
from tracker.store.partitions import DOSSIERS, missing, partitions
from tracker.store.session import VANISHED, has_vanished, is_there, open_store
from tracker.store.soundness import damage
from tracker.timekeeping.calendar_years import holds_year

# The ledger is kept up each morning: what was loaded since waits for the next one.
LEDGER_AFTER = timedelta(hours=26)
NEWEST_KEYS = 20_000
MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Check:
    """One part of the installation; `detail` says in one or two sentences how it is, or what to do."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class _Look:
    """What the checks of one examination share."""

    context: AppContext
    now: datetime
    facts: Facts
    ills: Mapping[str, Finding]

    def told(self, check: str) -> str:
        """What the watchdog finds that belongs to a check, in its words; empty: nothing."""
        found = (self.ills[code] for code in WATCHED[check] if code in self.ills)
        return " ".join(f"{each.text} {each.todo}" for each in found)


# What the watchdog looks for, by the check that tells it.
WATCHED: Mapping[str, tuple[str, ...]] = {
    "calendar": ("calendar_missing",),
    "scheduler": ("scheduler_silent", "job_late"),
    "workers": ("worker_missing", "work_silent", "work_waiting", "work_dead"),
    "outbox": ("outbox_waiting", "outbox_unsure", "outbox_dead"),
    "disk": ("disk_full",),
    "log": ("clock_back", "seal_missing"),
    "replica": ("replica_unused",),
}
Told = Callable[[int, str], None]
Verdict = tuple[bool, str]
"""Is it well, and the sentence that says so or what to do."""


def _nobody_told(done: int, name: str) -> None:
    del done, name


def examine(
    context: AppContext, told: Told = _nobody_told, *, of: Collection[str] | None = None
) -> tuple[Check, ...]:
    """All checks in their order, or those `of` some names; without a configuration, or a database, only those up to there.

    `told` learns before each check how many are done, and the name of the next one.
    """
    begun: list[Check] = []
    for name, function in (("configuration", _configuration), ("database", _database)):
        told(len(begun), name)
        begun.append(_checked(name, lambda ask=function: ask(context)))
        if not begun[-1].ok:
            return tuple(begun)
    now = context.now()
    facts = gather(context, now)
    look = _Look(context, now, facts, {each.code: each for each in findings(facts, now)})
    for name, function in CHECKS.items():
        if of is not None and name not in of:
            continue
        told(len(begun), name)
        begun.append(_checked(name, lambda ask=function: ask(look)))
    return tuple(begun)


def _checked(name: str, ask: Callable[[], Verdict]) -> Check:
    """A check that cannot be made has found something too."""
    try:
        return Check(name, *ask())
    except TrackerError as error:
        return Check(name, False, str(error))


# ---------------------------------------------------------------- what everything rests on


def _configuration(context: AppContext) -> Verdict:
    return True, f"Đọc được {context.config.path}; dữ liệu ở {context.config.data_dir}."


def _database(context: AppContext) -> Verdict:
    url = context.config.database_url
    if has_vanished(url):
        return False, VANISHED.format(name="SQLite")
    if not is_there(url):
        return False, "Chưa có cơ sở dữ liệu. Chạy: dunghen db upgrade."
    with closing(open_store(url)) as store:
        present, wanted = revision(store), newest_revision()
        kind, damaged = store.engine.dialect.name, damage(store)
    if damaged:
        return False, damaged
    if present != wanted:
        told = f"ở phiên bản {present}" if present else "chưa có bảng nào"
        return (
            False,
            f"Cơ sở dữ liệu {told}, chương trình cần {wanted}. Sao lưu rồi chạy: dunghen db upgrade.",
        )
    return True, f"Mở được cơ sở dữ liệu ({kind}), phiên bản {present} là mới nhất."


# ---------------------------------------------------------------- what it works by


def _catalogue(look: _Look) -> Verdict:
    with look.context.store.read() as session:
        units = len(catalogue.units(session))
        strange, gaps = (
            catalogue_gaps.unknown_units(session),
            catalogue_gaps.procedures_without_limit(session),
        )
    told = f"{number(units)} đơn vị."
    if strange:
        told += f" {number(len(strange))} tên đơn vị chưa có trong danh mục: dunghen units check."
    if gaps.procedures:
        told += f" {number(len(gaps.procedures))} thủ tục gặp trong dữ liệu chưa có thời hạn: dunghen procedures check."
    return True, told


def _calendar(look: _Look) -> Verdict:
    table, today = look.context.calendar, look.now.date()
    missing = [year for year in (today.year, today.year + 1) if not holds_year(table, year)]
    warnings = " ".join(calendar_warnings(table, today))
    ills = look.told("calendar")
    if missing or ills:
        return False, f"{warnings} {ills} Bổ sung: dunghen calendar import, hoặc trang Lịch."
    return True, f"Có lịch của năm {today.year} và {today.year + 1}. {warnings}".strip()


# ---------------------------------------------------------------- what runs


def _scheduler(look: _Look) -> Verdict:
    ills = look.told("scheduler")
    return not ills, ills or f"Tiến trình lịch báo còn chạy lúc {moment(look.facts.scheduler_heard)}."


def _workers(look: _Look) -> Verdict:
    ills = look.told("workers")
    heard = look.facts.worker_heard
    well = (
        f"Tiến trình làm việc báo còn chạy lúc {moment(heard)}." if heard else "Không có việc nào phải chờ."
    )
    return not ills, ills or well


def _outbox(look: _Look) -> Verdict:
    ills = look.told("outbox")
    return not ills, ills or "Không có thông báo nào chờ lâu, chưa rõ hay không gửi được."


def _disk(look: _Look) -> Verdict:
    ills, free = look.told("disk"), look.facts.disk_free
    if free is None:
        return (
            True,
            f"Chưa có thư mục dữ liệu {look.context.data_dir}; chương trình tạo khi có tệp đầu tiên.",
        )
    return not ills, ills or f"Đĩa của thư mục dữ liệu còn trống {number(free // MEBIBYTE)} MiB."


def _partitions(look: _Look) -> Verdict:
    with look.context.store.read() as session:
        there = partitions(session.connection())
        lacking = sorted({str(each.year) for each in missing(session.connection(), look.now)})
    if lacking:
        return (
            False,
            f"Cơ sở dữ liệu chia theo năm nhưng chưa có phân vùng của năm {', '.join(lacking)}. Hồ sơ nạp vào vẫn được giữ đủ,"
            " ở phân vùng cuối. Lệnh nạp tự tạo nếu tài khoản cơ sở dữ liệu được tạo bảng. Tạo ngay: dunghen db partition.",
        )
    if not there:
        return True, "Các bảng không chia theo năm."
    return True, f"{len(there)} bảng lớn chia theo năm, đến hết năm {there[DOSSIERS][-1].year}."


# ---------------------------------------------------------------- what must not change


def _log(look: _Look) -> Verdict:
    with look.context.store.read() as session:
        report, newest = audit.verify(session), audit.last_seal_day(session)
    if report.broken:
        return False, f"Nhật ký KHÔNG nguyên vẹn: {report.broken[0].text} Xem đủ: dunghen audit verify."
    sealed = f"niêm phong mới nhất của ngày {day_words(newest)}" if newest else "chưa có niêm phong nào"
    told = f"Chuỗi nhật ký khớp từ đầu đến cuối: {number(report.checked)} mục; {sealed}."
    ills = look.told("log")
    return not ills, f"{told} {ills}".strip()


def _snapshots(look: _Look) -> Verdict:
    """Texts and log alone: counting every month anew takes minutes, and has its own command."""
    with look.context.store.read() as session:
        lost, heads = gone(session), snapshot_store.heads(session)
        found = (snapshot_store.find(session, head.month) for head in heads)
        changed = [each.month for each in found if each and any(unsealed(session, each))]
    if lost or changed:
        return False, (
            f"Số liệu đã chốt bị mất hoặc bị sửa: tháng {', '.join([*lost, *changed])}. Xem: dunghen snapshots check;"
            " khôi phục từ bản sao lưu trước đó."
        )
    if not heads:
        return True, "Chưa chốt số liệu của tháng nào."
    return True, (
        f"{number(len(heads))} tháng đã chốt còn nguyên văn, khớp nhật ký. Đếm lại từng tháng: dunghen snapshots check."
    )


def _summaries(look: _Look) -> Verdict:
    found = compare_summaries(look.context.store, look.now)
    if found.differences:
        first = found.differences[0]
        where = f"{first.span} ({', '.join(first.group)})" if first.group else first.span
        return False, (
            f"Bảng tổng hợp khác số đếm lại ở {number(len(found.differences))} chỗ, đầu tiên: {where}, bảng ghi"
            f" {first.kept}, đếm lại {first.recounted}. Xem đủ: dunghen summaries check; báo cho người phát triển."
        )
    waiting = " Còn tháng chờ tổng hợp; câu hỏi về tháng ấy được đếm thẳng từ hồ sơ." if found.behind else ""
    return True, f"Bảng tổng hợp bằng số đếm lại ở {number(found.compared)} con số đã so.{waiting}"


def _search(look: _Look) -> Verdict:
    """The newest dossiers alone: comparing all of ten million takes minutes, and has its own command."""
    found = compare_keys(look.context.store, newest=NEWEST_KEYS)
    if not found.ok:
        return False, (
            f"Thiếu {number(found.missing)} khóa tìm kiếm trong {number(found.compared)} khóa đã so."
            " Làm lại: dunghen search refresh --all."
        )
    waiting = f" {number(found.waiting)} hồ sơ đang chờ; tiến trình làm việc sẽ làm." if found.waiting else ""
    return True, f"Khóa tìm kiếm khớp hồ sơ ở {number(found.compared)} khóa đã so.{waiting}"


def _ledger(look: _Look) -> Verdict:
    context = look.context
    with context.store.read() as session:
        kept = audit.find_acts(session, audit.ActFilter(action="ledger_keep"), limit=1)
        loaded, checked = board.last_ingest(session), ledger_marks.last_check(session)
    if checked is not None and checked.missed:
        return False, (
            f"Lần soát toàn bộ sổ theo dõi xin lỗi {moment(checked.at)} sửa {number(checked.missed)} chỗ mà các lần"
            " cập nhật trước đã bỏ sót. Soát lại: dunghen letters keep --all."
        )
    # The moment that it was last kept for: what has become late since comes in the next morning.
    as_of = kept[0].act.at if kept else look.now
    found = balance(context.store, as_of, letter_policy(context))
    if found.ok:
        return (
            True,
            f"Sổ theo dõi xin lỗi cân: {number(found.late)} hồ sơ quá hạn, hồ sơ nào cũng có trong sổ.",
        )
    told = f"{number(len(found.missing))} hồ sơ quá hạn chưa có trong sổ theo dõi xin lỗi"
    if found.closed_late:
        told += f", {number(len(found.closed_late))} hồ sơ đã đóng mà vẫn quá hạn"
    is_newer = loaded is not None and (not kept or loaded > as_of) and look.now - loaded < LEDGER_AFTER
    if is_newer and not found.closed_late:
        return (
            True,
            f"{told}; dữ liệu mới nạp lúc {moment(loaded)} sẽ vào sổ sáng hôm sau, hoặc ngay: dunghen letters keep.",
        )
    return False, f"{told}. Chạy: dunghen letters keep; rồi dunghen letters check."


def _backups(look: _Look) -> Verdict:
    config = look.context.config
    folder = config.backup.folder
    is_on = any(job.name == "backup" and job.at for job in job_times(config.schedule))
    newest = newest_backup(folder)
    if fault := key_fault(look.context):
        return False, fault
    if newest is not None and look.now - newest < BACKUP_AFTER:
        return True, f"Bản sao lưu mới nhất lúc {moment(newest)}, ở {folder}."
    told = f"Bản sao lưu mới nhất đã từ {moment(newest)}" if newest else f"Chưa có bản sao lưu nào ở {folder}"
    if not is_on:
        return True, f"{told}; công việc sao lưu đã tắt trong cấu hình, cơ quan tự sao lưu."
    with look.context.store.read() as session:
        since = schedule.jobs_known(session).get("backup")
    if newest is None and (since is None or look.now - since < BACKUP_AFTER):
        return True, f"{told}; công việc sao lưu chạy lúc 02:00 mỗi đêm khi tiến trình lịch đang chạy."
    return (
        False,
        f"{told}. Chạy: dunghen backup TỆP.zip; xem vì sao công việc sao lưu không chạy ở trang Lịch chạy.",
    )


def _access(look: _Look) -> Verdict:
    return access_verdict(look.context)


def _first_day(look: _Look) -> Verdict:
    """An office that is being set up is no fault of the installation: told, and asked for by `--first-day`."""
    if is_ready(look.context):
        return True, "Cơ quan đã cài đặt xong."
    steps = first_steps(look.context, look.now)
    told = f"Cơ quan đang cài đặt: xong {steps.done} trong {len(steps.steps)} bước"
    return True, f"{told}. Bước nào còn thiếu: dunghen doctor --first-day, hoặc trang Bắt đầu."


def _replica(look: _Look) -> Verdict:
    return replica_verdict(look.context)


CHECKS: Mapping[str, Callable[[_Look], Verdict]] = {
    "catalogue": _catalogue,
    "access": _access,
    "calendar": _calendar,
    "scheduler": _scheduler,
    "workers": _workers,
    "outbox": _outbox,
    "disk": _disk,
    "partitions": _partitions,
    "log": _log,
    "snapshots": _snapshots,
    "summaries": _summaries,
    "search": _search,
    "ledger": _ledger,
    "backups": _backups,
    "replica": _replica,
    "first_day": _first_day,
}
