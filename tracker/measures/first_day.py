"""How far an office is on its first day: ten steps from the empty program to its first true late list, each a pure verdict.

What the program can see itself nobody ticks; what only people can know (compared with the decision, with the source) is a
word of a person with a day, and can be taken back. Page, `doctor` and log rest on this one definition. Sentences are in
the user's words; where each step is done says `app/first_day_words.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

# A process that was not heard of for so long is not running (as the watchdog says).
SILENT_AFTER = timedelta(minutes=5)
# A backup that is older proves little about tonight.
BACKUP_AFTER = timedelta(days=2)
# Of the dossiers, in percent: fewer without limit or with an unknown unit are a remainder, not a hole. Ours; no text sets it.
ENOUGH_COVERED = 95
FIRST_NAMED = 3


class StepState(StrEnum):
    """How a step stands."""

    DONE = "done"
    TODO = "todo"
    UNUSED = "unused"


class Said(NamedTuple):
    """A word that stands: who, when, and the mark of what it was said about."""

    by: str
    at: datetime
    mark: str = ""


@dataclass(frozen=True, slots=True)
class People:
    """Open accounts without those of a demonstration; `by_role` by the role's name, `units` how many units have somebody."""

    admins: int = 0
    admins_without_factor: int = 0
    demo: int = 0
    by_role: Mapping[str, int] = field(default_factory=dict)
    units: int = 0


@dataclass(frozen=True, slots=True)
class Years:
    """The office's calendar: hours of the week in words, this and next year if loaded, what rests on no final notice."""

    hours: str = ""
    missing: tuple[int, ...] = ()
    days_off: int = 0
    make_up: int = 0
    warnings: tuple[str, ...] = ()
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Loads:
    """What was loaded: batches, rows told (read) and what became of them, rows that wait for a person; watched, pulled."""

    batches: int = 0
    read: int = 0
    accepted: int = 0
    rejected: int = 0
    still_rejected: int = 0
    balances: bool = True
    watched: int = 0
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """Names that the catalogue lacks: how many, dossiers that bear them, the most frequent ones."""

    names: int = 0
    dossiers: int = 0
    first: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known about an office's first day at one moment; `scheduler`, `worker`: their last sign of life."""

    people: People = field(default_factory=People)
    units: int = 0
    office: str = ""
    units_said: Said | None = None
    years: Years = field(default_factory=Years)
    calendar_said: Said | None = None
    loads: Loads = field(default_factory=Loads)
    dossiers: int = 0
    without_limit: Gap = field(default_factory=Gap)
    strange_units: Gap = field(default_factory=Gap)
    start: date | None = None
    is_start_configured: bool = False
    start_said: Said | None = None
    mail_host: str = ""
    mail_mark: str = ""
    mail_said: Said | None = None
    backup: datetime | None = None
    backup_folder: str = ""
    backup_fault: str = ""
    is_backup_encrypted: bool = False
    is_backup_beside: bool = False  # on the disk of the data
    scheduler: datetime | None = None
    worker: datetime | None = None
    late: int | None = None
    ready: Said | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A step's verdict: what was found, in sentences, and what is to be done next (empty where nothing is)."""

    key: str
    state: StepState
    found: tuple[str, ...]
    todo: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FirstDay:
    """All steps, and whether somebody has said that the list is true."""

    steps: tuple[Step, ...]
    ready: Said | None

    @property
    def open(self) -> tuple[Step, ...]:
        """What is still to be done."""
        return tuple(step for step in self.steps if step.state is StepState.TODO)

    @property
    def hinders(self) -> tuple[Step, ...]:
        """The open steps without which the late list cannot be called true."""
        return tuple(step for step in self.open if step.key in NEEDED)

    @property
    def done(self) -> int:
        """How many steps ask for nothing any more."""
        return len(self.steps) - len(self.open)


_Rule = Callable[[Facts, datetime], tuple[StepState, tuple[str, ...], tuple[str, ...]]]


def first_day(facts: Facts, now: datetime) -> FirstDay:
    """The ten steps in their order."""
    return FirstDay(tuple(Step(key, *rule(facts, now)) for key, rule in STEPS.items()), facts.ready)


def _verdict(found: list[str], todo: list[str]) -> tuple[StepState, tuple[str, ...], tuple[str, ...]]:
    """Done where nothing is to be done."""
    return StepState.TODO if todo else StepState.DONE, tuple(found), tuple(todo)


def _number(count: int) -> str:
    return f"{count:,}".replace(",", ".")


def _told(said: Said, what: str) -> str:
    return f"{what}: {said.by}, {said.at:%d/%m/%Y %H:%M}."


# ---------------------------------------------------------------- people, units, time


def _accounts(facts: Facts, now: datetime) -> tuple[StepState, tuple[str, ...], tuple[str, ...]]:
    del now
    people, todo = facts.people, list[str]()
    found = [
        f"{_number(people.admins)} quản trị viên, {_number(people.admins_without_factor)} chưa có xác thực hai bước."
    ]
    if not people.admins:
        todo.append("Tạo quản trị viên trên máy chủ: dunghen user add TÊN --role admin.")
    if people.admins_without_factor:
        todo.append("Mỗi quản trị viên cài xác thực hai bước ở trang Tài khoản của mình.")
    if people.demo:
        found.append(f"{_number(people.demo)} tài khoản trình diễn còn mở.")
        todo.append("Khóa các tài khoản trình diễn: mật khẩu của chúng nằm trong tệp trên máy.")
    else:
        found.append("Không có tài khoản trình diễn.")
    return _verdict(found, todo)


# Whom every office needs before anything can be done about a late dossier, and whom it had better have.
WORKING, WISHED = (
    {"desk": "cán bộ một cửa", "head": "thủ trưởng"},
    {"reform": "cải cách hành chính", "auditor": "kiểm tra"},
)


def _office(facts: Facts, now: datetime) -> tuple[StepState, tuple[str, ...], tuple[str, ...]]:
    del now
    roles, todo = facts.people.by_role, list[str]()
    counted = ", ".join(f"{_number(roles.get(key, 0))} {word}" for key, word in (WORKING | WISHED).items())
    found = [
        f"{_number(facts.units)} đơn vị trong danh mục.",
        f"Người dùng: {counted}; ở {_number(facts.people.units)} đơn vị.",
    ]
    if facts.units_said is None:
        todo.append(
            "Đối chiếu danh mục đơn vị với quyết định tổ chức, rồi xác nhận và cho biết cơ quan là đơn vị nào."
        )
    else:
        found.append(_told(facts.units_said, f"Cơ quan: {facts.office}. Người đã đối chiếu danh mục"))
    lacking = [word for key, word in WORKING.items() if not roles.get(key)]
    if lacking:
        todo.append(f"Thêm tài khoản {', '.join(lacking)}, mỗi người một tài khoản, đúng đơn vị của họ.")
    missed = [word for key, word in WISHED.items() if not roles.get(key)]
    if missed:
        found.append(f"Nên có thêm: {', '.join(missed)}.")
    return _verdict(found, todo)


def _calendar(facts: Facts, now: datetime) -> tuple[StepState, tuple[str, ...], tuple[str, ...]]:
    years, todo = facts.years, list[str]()
    found = [
        f"Giờ làm việc: {years.hours}.",
        f"Năm {now.year} và {now.year + 1}: {_number(years.days_off)} ngày nghỉ, {_number(years.make_up)} ngày làm bù.",
        *years.warnings,
    ]
    if years.missing:
        todo.append(f"Nạp lịch của năm {', '.join(map(str, years.missing))}.")
    said = facts.calendar_said
    if said is None:
        todo.append("So giờ làm việc, ngày nghỉ, ngày làm bù với văn bản của cơ quan, rồi xác nhận.")
    elif said.mark != years.mark:
        found.append(f"Lịch đã đổi sau lần xác nhận của {said.by} ngày {said.at:%d/%m/%Y}.")
        todo.append("So lại phần đã đổi với văn bản, rồi xác nhận lại.")
    else:
        found.append(_told(said, "Người đã so với văn bản"))
    return _verdict(found, todo)


# ---------------------------------------------------------------- data


def _loads(facts: Facts, now: datetime) -> tuple[StepState, tuple[str, ...], tuple[str, ...]]:
    del now
    loads, todo = facts.loads, list[str]()
    if not loads.batches:
        found = ["Chưa tệp nào được nạp."]
        if loads.watched:
            found.append(f"{_number(loads.watched)} thư mục đang được theo dõi.")
        return _verdict(found, ["Xuất danh sách hồ sơ từ phần mềm một cửa, nạp tệp: xem trước rồi mới ghi."])
    found = [
        f"{_number(loads.batches)} lần nạp, lần cuối {loads.last:%d/%m/%Y %H:%M}." if loads.last else "",
        f"Đọc {_number(loads.read)} dòng = {_number(loads.accepted)} dùng được + {_number(loads.rejected)} không dùng được.",
        f"{_number(facts.dossiers)} hồ sơ trong kho.",
    ]
    if not loads.balances:
        todo.append("Số dòng của một lần nạp không cân: báo người phát triển, chưa dùng số liệu.")
    if loads.still_rejected:
        found.append(f"{_number(loads.still_rejected)} dòng còn chờ người sửa ở trang Dòng không dùng được.")
    if loads.watched:
        found.append(f"{_number(loads.watched)} thư mục được theo dõi: chép tệp vào là tự nạp.")
    if not facts.dossiers:
        todo.append("Không dòng nào thành hồ sơ: xem vì sao ở trang Nguồn dữ liệu.")
    return _verdict([each for each in found if each], todo)


def covered(gap: Gap, dossiers: int) -> float:
    """The share of dossiers without this gap, in percent; 100 where there are none."""
    return 100.0 if not dossiers else 100 * (dossiers - gap.dossiers) / dossiers


def _gap(gap: Gap, dossiers: int, nothing: str, some: str) -> str:
    if not gap.names:
        return nothing
    share = f"{covered(gap, dossiers):.2f}".replace(".", ",")
    first = f" Gặp nhiều nhất: {'; '.join(gap.first[:FIRST_NAMED])}." if gap.first else ""
    counted = f"Đủ ở {share} % hồ sơ ({_number(dossiers - gap.dossiers)}/{_number(dossiers)})."
    return f"{some.format(_number(gap.names))} {counted}{first}"


def _catalogue(facts: Facts, now: datetime) -> tuple[StepState, tuple[str, ...], tuple[str, ...]]:
    del now
    if not facts.dossiers:
        return _verdict(
            ["Chưa có hồ sơ nào để biết danh mục còn thiếu gì."], ["Nạp tệp đầu tiên trước (bước 4)."]
        )
    found = [
        _gap(
            facts.without_limit,
            facts.dossiers,
            "Thủ tục nào gặp trong dữ liệu cũng có thời hạn.",
            "{} thủ tục chưa có thời hạn.",
        ),
        _gap(
            facts.strange_units,
            facts.dossiers,
            "Tên đơn vị nào trong dữ liệu cũng có trong danh mục.",
            "{} tên đơn vị lạ.",
        ),
    ]
    todo = []
    if covered(facts.without_limit, facts.dossiers) < ENOUGH_COVERED:
        todo.append(f"Điền thời hạn, thủ tục gặp nhiều trước, đến khi đủ ở ít nhất {ENOUGH_COVERED} % hồ sơ.")
    if covered(facts.strange_units, facts.dossiers) < ENOUGH_COVERED:
        todo.append(f"Cho biết các tên lạ là đơn vị nào, đến khi đủ ở ít nhất {ENOUGH_COVERED} % hồ sơ.")
    return _verdict(found, todo)


def _start(facts: Facts, now: datetime) -> tuple[StepState, tuple[str, ...], tuple[str, ...]]:
    del now
    if facts.is_start_configured and facts.start is not None:
        return _verdict([f"Từ {facts.start:%d/%m/%Y}, đặt trong tệp cấu hình (letters_from)."], [])
    if facts.start_said is None:
        return _verdict(
            ["Chưa chọn ngày: hồ sơ trễ của mọi năm trước đều thành nợ thư xin lỗi."],
            ["Chọn ngày bắt đầu theo dõi thư xin lỗi, xem trước số thư phải gửi."],
        )
    told = f"Từ {facts.start:%d/%m/%Y}" if facts.start else "Mọi hồ sơ trễ từ trước đến nay đều phải có thư"
    return _verdict([_told(facts.start_said, f"{told}. Người chọn")], [])


# ---------------------------------------------------------------- the machine


def _mail(facts: Facts, now: datetime) -> tuple[StepState, tuple[str, ...], tuple[str, ...]]:
    del now
    if not facts.mail_host:
        return (
            StepState.UNUSED,
            ("Cấu hình không có máy chủ thư: thông báo chỉ hiện trong chương trình, không gửi thư điện tử.",),
            (),
        )
    found, said = [f"Máy chủ thư: {facts.mail_host}."], facts.mail_said
    if said is None or said.mark != facts.mail_mark:
        if said is not None:
            found.append(f"Lần gửi thử tốt gần nhất ({said.at:%d/%m/%Y}) là với cấu hình khác.")
        return _verdict(found, ["Gửi một thư thử đến địa chỉ của bạn."])
    return _verdict([*found, _told(said, "Máy chủ đã nhận thư thử, người thử")], [])


def _backup(facts: Facts, now: datetime) -> tuple[StepState, tuple[str, ...], tuple[str, ...]]:
    found, todo = [f"Thư mục sao lưu: {facts.backup_folder}."], list[str]()
    if facts.is_backup_beside:
        found.append(
            "Cùng ổ đĩa với dữ liệu: hỏng ổ là mất cả hai; nên đổi [store] backup_dir sang ổ hoặc máy khác."
        )
    if facts.backup_fault:
        todo.append(facts.backup_fault)
    elif facts.is_backup_encrypted:
        found.append("Bản sao lưu được mã hóa; giữ thêm một bản khóa ở nơi khác.")
    else:
        found.append(
            "Bản sao lưu không mã hóa: tạo khóa bằng dunghen backup --new-key nếu bản sao rời khỏi máy này."
        )
    if facts.backup is None:
        todo.append("Làm bản sao lưu đầu tiên; chương trình đọc lại toàn bộ rồi mới đặt tên tệp.")
    elif now - facts.backup >= BACKUP_AFTER:
        todo.append(
            f"Bản sao lưu mới nhất đã từ {facts.backup:%d/%m/%Y %H:%M}: làm bản mới, xem vì sao công việc hằng đêm không chạy."
        )
    else:
        found.append(f"Bản mới nhất lúc {facts.backup:%d/%m/%Y %H:%M}, đã đọc lại khi làm.")
    return _verdict(found, todo)


def _services(facts: Facts, now: datetime) -> tuple[StepState, tuple[str, ...], tuple[str, ...]]:
    found, todo = list[str](), list[str]()
    for word, command, heard in (
        ("Tiến trình lịch", "dunghen scheduler", facts.scheduler), ("Tiến trình làm việc", "dunghen worker", facts.worker),
    ):  # fmt: skip
        if heard is not None and abs(now - heard) <= SILENT_AFTER:
            found.append(f"{word} báo còn chạy lúc {heard:%d/%m/%Y %H:%M}.")
        else:
            found.append(
                f"{word}: "
                + ("chưa báo lần nào." if heard is None else f"im lặng từ {heard:%d/%m/%Y %H:%M}.")
            )
            todo.append(f"Chạy {command} (một máy: dunghen serve --all).")
    return _verdict(found, todo)


def _late_list(facts: Facts, now: datetime) -> tuple[StepState, tuple[str, ...], tuple[str, ...]]:
    del now
    if facts.late is None:
        return _verdict(["Chưa có dữ liệu nên chưa có danh sách."], ["Làm các bước trước."])
    found = [f"{_number(facts.late)} hồ sơ đang quá hạn trong {_number(facts.dossiers)} hồ sơ của kho."]
    if facts.ready is None:
        return _verdict(
            found,
            [
                "So mười hồ sơ của danh sách với phần mềm một cửa theo phiếu in, rồi thủ trưởng hoặc cải cách hành chính xác nhận."
            ],
        )
    return _verdict([*found, _told(facts.ready, "Người đã so với nguồn và xác nhận")], [])


STEPS: Mapping[str, _Rule] = {
    "accounts": _accounts,
    "office": _office,
    "calendar": _calendar,
    "loads": _loads,
    "catalogue": _catalogue,
    "start": _start,
    "mail": _mail,
    "backup": _backup,
    "services": _services,
    "late_list": _late_list,
}
# Without these the list is not true, or nothing happens about it; the others are told beside the confirmation.
NEEDED = frozenset({"accounts", "office", "calendar", "loads", "start"})
