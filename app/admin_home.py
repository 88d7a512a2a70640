"""What an administrator sees first in the morning: what needs a person, and how each part of the program stands.

Gathers facts that other modules own (watchdog, outbox, work, sources, accounts) and puts them into tiles and lines; it
defines no fault of its own but the silence of a source and accounts that nobody uses. Knows no request.
"""

import platform
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.access import Role
from app.context import AppContext
from app.jobs_page import JobLine, ProcessLine, jobs_page
from app.watchdog import look
from app.works.backing_up import BACKUP_AFTER, newest_backup, program_version
from tracker.errors import CalendarError
from tracker.measures.health import Finding
from tracker.store import account_lists, loads, migrate, office_state, work
from tracker.store.account_lists import AccountFilter, AccountState, ListedAccount
from tracker.store.leases import LeaseRow
from tracker.store.loads import SourceRow
from tracker.store.office_state import Proposed, Stopped
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types.work import WorkRow, WorkState

# A source brings something each working day; two full ones without anything are a silence.
SILENT_WORKDAYS = 2
UNUSED_AFTER = timedelta(days=90)
EXAMINATION = "examination"


@dataclass(frozen=True, slots=True)
class SourceState:
    """A source with its last load; `is_silent`: it brought nothing for more than two working days."""

    row: SourceRow
    is_silent: bool


@dataclass(frozen=True, slots=True)
class AccountCounts:
    """How many accounts stand in which way; `admins_without_factor` of the open ones, demonstration left out."""

    open: int
    locked: int
    unused: int
    demo: int
    admins: int
    admins_without_factor: int


@dataclass(frozen=True, slots=True)
class DiskState:
    """Bytes of the disk of the data folder (None: there is no folder yet), and of the database."""

    free: int | None
    total: int | None
    database: int


@dataclass(frozen=True, slots=True)
class Versions:
    """What runs here; `program` empty: it runs out of its sources."""

    program: str
    revision: str
    newest: str
    database: str
    python: str


@dataclass(frozen=True, slots=True)
class BackupState:
    """The newest backup, where it lies, and whether it is old enough to be looked after."""

    at: datetime | None
    folder: str
    is_old: bool


@dataclass(frozen=True, slots=True)
class AdminHome:
    """Everything the page shows. `examined`: the newest examination that was done or is under way."""

    findings: tuple[Finding, ...]
    examined: WorkRow | None
    processes: tuple[ProcessLine, ...]
    lease: LeaseRow | None
    jobs_failed: tuple[JobLine, ...]
    stopped: Stopped
    proposed: Proposed
    backup: BackupState
    disk: DiskState
    sources: tuple[SourceState, ...]
    accounts: AccountCounts
    versions: Versions

    @property
    def silent(self) -> int:
        """How many sources are silent."""
        return sum(each.is_silent for each in self.sources)

    @property
    def todo(self) -> tuple["Todo", ...]:
        """What needs a person, most urgent first."""
        return tuple(_todo(self))


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing that needs a person: what, and the page where it is done."""

    text: str
    endpoint: str
    go: str
    values: Mapping[str, Any]
    tone: str = "soon"


def admin_home(context: AppContext, now: datetime) -> AdminHome:
    """The state of everything at this moment."""
    shown = jobs_page(context, now, before=None, limit=1)
    with context.store.read() as session:
        known = account_lists.listed(session, AccountFilter(), now)
        sources = loads.sources(session)
        stopped, proposed = office_state.stopped(session), office_state.proposed(session)
        size = office_state.database_bytes(session)
        examined = next(iter(work.list_work(session, kinds=(EXAMINATION,), limit=1)), None)
    return AdminHome(
        look(context, now), examined, shown.processes, shown.lease, tuple(_failed(shown.jobs)), stopped, proposed,
        _backup(context, now), _disk(context, size), tuple(_source(context.calendar, each, now) for each in sources),
        account_counts(known, now), versions(context),
    )  # fmt: skip


def age(since: datetime, now: datetime) -> str:
    """How long ago, in hours of the first two days and in days after."""
    hours = int((now - since).total_seconds()) // 3600
    return f"{hours} giờ trước" if hours < 48 else f"{hours // 24} ngày trước"


def _failed(jobs: tuple[JobLine, ...]) -> Iterator[JobLine]:
    return (job for job in jobs if job.last and job.last.work.state is WorkState.DEAD)


def _backup(context: AppContext, now: datetime) -> BackupState:
    folder = context.config.backup.folder
    newest = newest_backup(folder)
    return BackupState(newest, str(folder), newest is None or now - newest >= BACKUP_AFTER)


def _disk(context: AppContext, database: int) -> DiskState:
    if not context.data_dir.is_dir():
        return DiskState(None, None, database)
    disk = shutil.disk_usage(context.data_dir)
    return DiskState(disk.free, disk.total, database)


def _source(calendar: WorkingCalendar, row: SourceRow, now: datetime) -> SourceState:
    return SourceState(row, row.last is not None and is_silent(calendar, row.last.ingested_at, now))


def is_silent(calendar: WorkingCalendar, loaded: datetime, now: datetime) -> bool:
    """Has a source that was last loaded then brought nothing for more than two full working days?"""
    try:
        # Counted from the day after the load to yesterday: today may still bring something.
        full = calendar.count_workdays(loaded.date(), now.date() - timedelta(days=1))
    except CalendarError:  # a year without calendar: the days as they are
        full = (now.date() - loaded.date()).days - 1
    return full > SILENT_WORKDAYS


def account_counts(known: list[ListedAccount], now: datetime) -> AccountCounts:
    """What the administrator should know of the accounts as a whole."""
    is_open = [each for each in known if each.state is not AccountState.CLOSED]
    real = [each for each in is_open if not each.is_demo]
    admins = [each for each in real if each.role == Role.ADMIN.value]
    return AccountCounts(
        open=len(is_open),
        locked=sum(each.state is AccountState.LOCKED for each in is_open),
        unused=sum(now - (each.seen_at or each.created_at) >= UNUSED_AFTER for each in real),
        demo=len(is_open) - len(real),
        admins=len(admins),
        admins_without_factor=sum(not each.has_second_factor for each in admins),
    )


def versions(context: AppContext) -> Versions:
    """Program, database and Python."""
    store = context.store
    kind = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}.get(store.engine.dialect.name, "")
    return Versions(
        program_version(), migrate.revision(store) or "", migrate.newest_revision(), kind, platform.python_version()
    )  # fmt: skip


def _todo(home: AdminHome) -> Iterator[Todo]:
    """The rows of the list; each leads to the page where it is settled."""
    for finding in home.findings:
        yield Todo(f"{finding.text} {finding.todo}", "admin_home.health", "Tình trạng", {}, "late")
    for job in home.jobs_failed:
        work_id = job.last.work.work_id if job.last else 0
        yield Todo(
            f"Công việc “{job.title}” lần gần nhất không xong.", "work.show", "Xem lý do, làm lại", {"work_id": work_id}, "late"
        )  # fmt: skip
    yield from _waiting(home)
    yield from _unwell(home)


def _waiting(home: AdminHome) -> Iterator[Todo]:
    stopped, proposed = home.stopped, home.proposed
    if stopped.work_dead:
        yield Todo(
            f"{stopped.work_dead} việc đã dừng hẳn, chờ quyết định.", "work.list", "Xem, làm lại", {"loc": "da-dung"}
        )  # fmt: skip
    if stopped.messages_unsure:
        yield Todo(
            f"{stopped.messages_unsure} thông báo chưa rõ đã gửi hay chưa.", "outbox.queue", "Quyết định",
            {"trang-thai": "unsure"},
        )  # fmt: skip
    if stopped.messages_dead:
        yield Todo(
            f"{stopped.messages_dead} thông báo không gửi được.", "outbox.queue", "Xem, gửi lại", {"trang-thai": "dead"}
        )  # fmt: skip
    if proposed.two_person:
        yield Todo(
            f"{proposed.two_person} đề nghị chờ người thứ hai duyệt.", "admin.changes", "Xem đề nghị", {}
        )
    if proposed.calendar:
        yield Todo(
            f"{proposed.calendar} thay đổi lịch chờ người thứ hai duyệt.", "calendar.year", "Xem lịch", {}
        )


def _unwell(home: AdminHome) -> Iterator[Todo]:
    accounts = home.accounts
    if home.backup.is_old:
        told = (
            "Chưa có bản sao lưu nào." if home.backup.at is None else "Bản sao lưu mới nhất đã quá hai ngày."
        )
        yield Todo(told, "jobs.page", "Lịch chạy", {}, "late")
    for each in home.sources:
        if each.is_silent:
            yield Todo(
                f"Nguồn “{each.row.name}” đã hơn {SILENT_WORKDAYS} ngày làm việc không có dữ liệu mới.",
                "sources.page", "Nguồn dữ liệu", {},
            )  # fmt: skip
    if accounts.demo:
        yield Todo(
            f"{accounts.demo} tài khoản trình diễn còn mở; khóa trước khi dùng thật.", "admin.accounts", "Xem tài khoản",
            {"loc": "trinh-dien"},
        )  # fmt: skip
    if accounts.admins_without_factor:
        yield Todo(
            f"{accounts.admins_without_factor} quản trị viên chưa có xác thực hai bước.", "admin.accounts", "Xem tài khoản",
            {"vai-tro": Role.ADMIN.value, "loc": "chua-hai-buoc"},
        )  # fmt: skip
    if accounts.unused:
        yield Todo(
            f"{accounts.unused} tài khoản 90 ngày chưa đăng nhập; khóa nếu không còn dùng.", "admin.accounts",
            "Xem tài khoản", {"loc": "lau-khong-vao"},
        )  # fmt: skip
