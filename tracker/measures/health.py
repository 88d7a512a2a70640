"""What is wrong with the running program: a pure function of gathered facts, one finding an ill, in the user's words.

Says what to do, never does it. A process that has only just begun gives the others time to be heard of first.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

SILENT_AFTER = timedelta(minutes=5)
WORK_WAITS_TOO_LONG = timedelta(hours=2)
MESSAGE_WAITS_TOO_LONG = timedelta(hours=1)
JOB_LATE_AFTER = timedelta(hours=1)
CLOCKS_APART = timedelta(minutes=10)  # of several machines, and of what is being written just now
LEAST_FREE_SHARE = 0.05
LEAST_FREE_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about the running program at one moment; None = never, or nothing of the kind.

    `watched_since`: since when the process that looks has been at work (None: it just looks, as a page does).
    `*_heard`: the last heartbeat of a process of that kind that has not said that it ended.
    """

    watched_since: datetime | None = None
    scheduler_heard: datetime | None = None
    worker_heard: datetime | None = None
    work_waits_since: datetime | None = None  # the earliest moment at which work that waits might have begun
    work_silent: int = 0  # running, and its lease has run out
    work_dead: int = 0  # of the last days
    messages_wait_since: datetime | None = None
    messages_unsure: int = 0
    messages_dead: int = 0  # of the last days
    jobs_late: tuple[str, ...] = ()  # titles of jobs whose latest run should be done by now
    seal_missing: date | None = None  # the day before, if it should have a seal and has none
    newest_entry: datetime | None = (
        None  # of the log: it is written in order, so nothing in it can be later than now
    )
    years_missing: tuple[int, ...] = ()  # of the working calendar
    disk_free: int | None = None
    disk_total: int | None = None
    replica_ill: str = ""  # why reports are not read from the replica; empty: they are, or there is none


@dataclass(frozen=True, slots=True)
class Finding:
    """One ill: a stable name, what is the matter, and what to do."""

    code: str
    text: str
    todo: str


@dataclass(frozen=True, slots=True)
class _Rule:
    code: str
    told: Callable[[Facts, datetime], str]  # empty: all is well
    todo: str
    needs_patience: bool = field(default=False)  # about the silence of others


def findings(facts: Facts, now: datetime) -> tuple[Finding, ...]:
    """What is wrong, worst first; empty if nothing is."""
    # A clock that was put back since does not make it fresh for as long as it was ahead.
    is_fresh = facts.watched_since is not None and abs(now - facts.watched_since) < SILENT_AFTER
    told = ((rule, rule.told(facts, now)) for rule in _RULES if not (rule.needs_patience and is_fresh))
    return tuple(Finding(rule.code, text, rule.todo) for rule, text in told if text)


def _is_silent(heard: datetime | None, now: datetime) -> bool:
    return heard is None or abs(now - heard) > SILENT_AFTER


def _for(since: datetime, now: datetime) -> str:
    minutes = int((now - since).total_seconds()) // 60
    return (
        f"{minutes} phút"
        if minutes < 120
        else f"{minutes // 60} giờ"
        if minutes < 2880
        else f"{minutes // 1440} ngày"
    )


def _scheduler(facts: Facts, now: datetime) -> str:
    if not _is_silent(facts.scheduler_heard, now):
        return ""
    if facts.scheduler_heard is None:
        return "Không có tiến trình lịch nào đang chạy."
    return f"Tiến trình lịch đã im lặng {_for(facts.scheduler_heard, now)}."


def _worker(facts: Facts, now: datetime) -> str:
    waits = facts.work_waits_since
    if waits is None or now - waits <= SILENT_AFTER or not _is_silent(facts.worker_heard, now):
        return ""
    return f"Có việc chờ đã {_for(waits, now)} mà không có tiến trình làm việc nào."


def _work_waits(facts: Facts, now: datetime) -> str:
    waits = facts.work_waits_since
    if waits is None or now - waits <= WORK_WAITS_TOO_LONG or _is_silent(facts.worker_heard, now):
        return ""
    return f"Có việc chờ đã {_for(waits, now)} dù tiến trình làm việc vẫn chạy."


def _messages_wait(facts: Facts, now: datetime) -> str:
    waits = facts.messages_wait_since
    if waits is None or now - waits <= MESSAGE_WAITS_TOO_LONG:
        return ""
    return f"Có thông báo chờ gửi đã {_for(waits, now)}."


def _disk(facts: Facts, now: datetime) -> str:
    if facts.disk_free is None or not facts.disk_total:
        return ""
    if facts.disk_free >= max(LEAST_FREE_BYTES, int(facts.disk_total * LEAST_FREE_SHARE)):
        return ""
    return f"Đĩa chỉ còn trống {facts.disk_free // (1 << 20)} MiB."


def _clock(facts: Facts, now: datetime) -> str:
    if facts.newest_entry is None or facts.newest_entry - now <= CLOCKS_APART:
        return ""
    return (
        f"Đồng hồ của máy đi lùi: nhật ký đã có mục lúc {facts.newest_entry:%d/%m/%Y %H:%M}, sau giờ hiện tại"
        f" {_for(now, facts.newest_entry)}."
    )


def _count(count: int, text: str) -> str:
    return text.format(count) if count else ""


def _list(items: Iterable[object], text: str) -> str:
    told = ", ".join(map(str, items))
    return text.format(told) if told else ""


_RULES = (
    _Rule("scheduler_silent", _scheduler, "Chạy: dunghen scheduler (hoặc dunghen serve --all).", True),
    _Rule("worker_missing", _worker, "Chạy: dunghen worker (hoặc dunghen serve --all).", True),
    _Rule("disk_full", _disk, "Dọn đĩa hoặc thêm chỗ trước khi cơ sở dữ liệu không ghi được nữa."),
    _Rule(
        "clock_back",
        _clock,
        "Chỉnh lại giờ của các máy. Nếu trước đó đồng hồ chạy trước: xem lại thư xin lỗi, nghĩa vụ và cảnh báo được lập trong"
        " lúc ấy ở trang Nhật ký.",
    ),
    _Rule(
        "seal_missing",
        lambda facts, now: (
            f"Nhật ký ngày {facts.seal_missing:%d/%m/%Y} chưa được niêm phong." if facts.seal_missing else ""
        ),
        "Chạy: dunghen jobs run seal --day NGÀY; xem vì sao công việc niêm phong không chạy.",
    ),
    _Rule(
        "job_late",
        lambda facts, now: _list(facts.jobs_late, "Công việc đã quá giờ mà chưa xong: {}."),
        "Xem trang Lịch chạy; có thể cho chạy lại cho ngày đó.",
        True,
    ),
    _Rule(
        "work_silent",
        lambda facts, now: _count(facts.work_silent, "{} việc đang làm mà tiến trình giữ nó không còn báo."),
        "Một tiến trình làm việc sẽ lấy lại; nếu không có tiến trình nào, chạy: dunghen worker.",
        True,
    ),
    _Rule(
        "work_waiting", _work_waits, "Xem trang Công việc: việc nào đang chiếm chỗ, hay chờ việc khác.", True
    ),
    _Rule(
        "work_dead",
        lambda facts, now: _count(
            facts.work_dead, "{} việc đã dừng hẳn sau nhiều lần thử (trong 3 ngày qua)."
        ),
        "Xem lý do ở trang Công việc, sửa rồi cho làm lại.",
    ),
    _Rule(
        "outbox_waiting",
        _messages_wait,
        "Xem máy chủ thư và trang Hàng đợi gửi đi; dunghen worker gửi thông báo.",
        True,
    ),
    _Rule(
        "outbox_unsure",
        lambda facts, now: _count(facts.messages_unsure, "{} thông báo chưa rõ đã gửi hay chưa."),
        "Quyết định ở trang Hàng đợi gửi đi: gửi lại, hay coi như đã gửi.",
    ),
    _Rule(
        "outbox_dead",
        lambda facts, now: _count(facts.messages_dead, "{} thông báo không gửi được (trong 3 ngày qua)."),
        "Xem lý do ở trang Hàng đợi gửi đi.",
    ),
    _Rule(
        "calendar_missing",
        lambda facts, now: _list(facts.years_missing, "Chưa có lịch làm việc của năm {}."),
        "Bổ sung ngày nghỉ, ngày làm bù theo thông báo chính thức.",
    ),
    _Rule(
        "replica_unused",
        lambda facts, now: (
            f"Báo cáo và tệp xuất đang đọc từ máy chủ chính: {facts.replica_ill}."
            if facts.replica_ill
            else ""
        ),
        "Xem máy đọc báo cáo ([store] reports_url); số liệu vẫn đúng, chỉ là máy chủ chính phải làm thêm việc.",
    ),
)
CODES = tuple(rule.code for rule in _RULES)
