"""Long work as its pages show it: states in words, what a result says, who may see and do what. Knows no request."""

from collections.abc import Mapping
from dataclasses import dataclass

from app import presenters
from app.access import Role
from app.presenters import Chip
from app.work_kinds import WORK_KINDS
from tracker.store.people import Account
from tracker.store.replica import ReadFrom
from tracker.types.work import Outcome, WorkRow, WorkState

STATES: Mapping[WorkState, Chip] = {
    WorkState.WAITING: Chip("clock", "Đang chờ", "plain"),
    WorkState.RUNNING: Chip("half-circle", "Đang làm", "paused"),
    WorkState.DONE: Chip("tick", "Đã xong", "kept"),
    WorkState.DEAD: Chip("triangle", "Không làm được", "late"),
    WorkState.CANCELLED: Chip("dash", "Đã dừng theo yêu cầu", "plain"),
}
OUTCOMES: Mapping[Outcome, str] = {
    Outcome.RUNNING: "đang làm",
    Outcome.DONE: "xong",
    Outcome.FAILED: "lỗi",
    Outcome.LOST: "tiến trình dừng đột ngột",
    Outcome.CANCELLED: "dừng theo yêu cầu",
    Outcome.GIVEN_BACK: "trả lại vì tiến trình được tắt",
}
# The tabs of the list: word and states.
TABS: Mapping[str, tuple[str, tuple[WorkState, ...]]] = {
    "dang-lam": ("Đang làm", (WorkState.RUNNING,)),
    "dang-cho": ("Đang chờ", (WorkState.WAITING,)),
    "khong-lam-duoc": ("Không làm được", (WorkState.DEAD,)),
    "da-dung": ("Đã dừng", (WorkState.CANCELLED,)),
    "da-xong": ("Đã xong", (WorkState.DONE,)),
}
# What the figures of a result are called.
RESULT_WORDS: Mapping[str, str] = {
    "rows": "dòng",
    "read": "dòng đã đọc",
    "new": "hồ sơ mới",
    "changed": "hồ sơ thay đổi",
    "unchanged": "không đổi",
    "stale": "cũ hơn",
    "rejected": "không dùng được",
    "written": "thư đã soạn",
    "moved": "đã chuyển bước",
    "refused": "không chuyển",
    "printed": "thư đã ghép để in",
    "omitted": "điều cần xem lại",
    "lacking": "thiếu dữ liệu",
    "deleted": "thư mục đã xóa",
    "files": "tệp đã xóa",
    "taken_in": "dòng đã nhận",
    "outdated": "dòng đã có dữ liệu mới hơn",
    "checked": "mục nhật ký đã đọc",
    "warnings": "điều cần bổ sung",
}


@dataclass(frozen=True, slots=True)
class Rights:
    """What an account may do with a piece of work."""

    see: bool
    stop: bool  # give it up, put it aside when it is dead
    again: bool
    own: bool  # take what it made, go on to where it leads


def rights(account: Account, row: WorkRow) -> Rights:
    """The asker may do everything; administrators act on all work but what is done in a name; roles of the kind look on."""
    own, is_admin = row.asked_by == account.login, account.role == Role.ADMIN
    kind = WORK_KINDS.get(row.kind)
    looks_on = kind is not None and Role(account.role) in kind.roles
    is_personal = kind is not None and kind.is_personal
    acts = own or is_admin
    return Rights(acts or looks_on, stop=acts, again=own or (is_admin and not is_personal), own=own)


def kinds_seen_by(role: str) -> tuple[str, ...] | None:
    """The kinds whose work a role sees, whoever asked for it; None = all."""
    if role == Role.ADMIN:
        return None
    return tuple(name for name, kind in WORK_KINDS.items() if Role(role) in kind.roles)


def title_of(row: WorkRow) -> str:
    """What the work is, in words."""
    kind = WORK_KINDS.get(row.kind)
    if kind is None:
        return f"Việc loại {row.kind}"
    about = kind.about(row)
    return f"{kind.title}: {about}" if about else kind.title


def result_words(row: WorkRow) -> list[str]:
    """The figures of a result: "12.345 dòng"."""
    told = ((row.result.get(key), word) for key, word in RESULT_WORDS.items())
    return [f"{presenters.number(value)} {word}" for value, word in told if isinstance(value, int)]


def read_from_words(row: WorkRow) -> str:
    """Which server a report was read from, as a sentence; empty where there was no choice."""
    told = row.result.get("read_from")
    return ReadFrom(told == "replica", str(row.result.get("read_why", ""))).words if told else ""


def is_over(row: WorkRow) -> bool:
    """Has it ended, one way or another?"""
    return row.state not in (WorkState.WAITING, WorkState.RUNNING)
