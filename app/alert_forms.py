"""What people type about alerts: the acts with their words and fields, what is picked for them, own settings. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from urllib.parse import urlencode

from app.alert_page import AlertFilters, read_filters
from app.board_filters import carried
from app.key_forms import Typed
from app.letter_forms import Field, Filled
from app.letter_picks import TICKED, mark_of
from app.typed_dates import day_asked
from app.typed_numbers import row_asked, row_number
from notifications.alerts.acting import EARLIEST, FARTHEST, LATEST, LONGEST, Choice

# More at once are done in several goes: a person waits no longer than some seconds.
AT_ONCE = 2_000
NOBODY = "0"
HALF_HOUR = 30
FIELDS: Mapping[str, Field] = {
    "hen-xong": Field("Hẹn xong ngày", "day"),
    "tai-khoan": Field("Giao cho", "account"),
    "ghi-chu": Field("Ghi chú, không ghi tên người nộp", is_needed=False, longest=LONGEST),
}


@dataclass(frozen=True, slots=True)
class AlertAct:
    """One act on dossiers: `word` where it is offered, `short` where it is carried out, `will` what happens to {count} of them, `did` what has happened."""

    key: str
    word: str
    short: str
    will: str
    did: str
    logged: str
    fields: tuple[str, ...]
    note: str = ""


_ALL = (
    AlertAct(
        "nhan-viec", "Nhận việc, hẹn xong ngày…", "Nhận việc",
        "{count} hồ sơ được ghi là bạn đã nhận và hẹn xong ngày này; các mốc theo ngày hẹn trả im lặng đến hết ngày ấy.",
        "Đã ghi bạn nhận {count} hồ sơ.", "alert_take_on", ("hen-xong", "ghi-chu"),
        f"Hẹn từ hôm nay, xa nhất {FARTHEST} ngày làm việc, vào ngày làm việc. Lỡ ngày hẹn thì cấp trên được báo. "
        "Ngày hẹn trả cho người nộp không đổi.",
    ),
    AlertAct(
        "giao", "Giao cho…", "Giao việc", "{count} hồ sơ được giao cho người này; cảnh báo dành cho người xử lý từ nay đến người ấy.",
        "Đã giao {count} hồ sơ.", "alert_assign", ("tai-khoan", "ghi-chu"),
        "Chỉ giao được cho cán bộ một cửa hoặc thủ trưởng xem được mọi hồ sơ đã chọn.",
    ),
    AlertAct(
        "rut-lai", "Rút lời nhận…", "Rút lời nhận", "{count} hồ sơ không còn ai nhận; các mốc lại được báo như thường.",
        "Đã rút lời nhận {count} hồ sơ.", "alert_take_back", ("ghi-chu",),
    ),
)  # fmt: skip
ACTS: Mapping[str, AlertAct] = {act.key: act for act in _ALL}


@dataclass(frozen=True, slots=True)
class AlertPick:
    """What was picked on a list: rows that are ticked, or all of the list as it was seen (`seen`: its mark)."""

    act: AlertAct
    filters: AlertFilters
    ticked: tuple[int, ...]
    is_all: bool
    seen: str = ""
    back_to: int | None = None  # the alert on whose page it was asked
    board: str | None = None  # the board on which it was asked, as `board_acts.board_address` reads it

    def as_fields(self, ids: list[int]) -> list[tuple[str, str]]:
        """The same as hidden fields of the form that carries it out."""
        back = [("ve", str(self.back_to))] if self.back_to is not None else []
        back += [("ban", self.board)] if self.board is not None else []
        if self.is_all:
            return [*self.filters.as_address().items(), ("tat-ca", "1"), ("dau", mark_of(ids)), *back]
        return [*self.filters.as_address().items(), *((TICKED, str(number)) for number in ids), *back]


def read_pick(typed: Typed, key: str) -> AlertPick | None:
    """From an address or a form; None for an act that is none."""
    act = ACTS.get(key)
    if act is None:
        return None
    flat = {name: typed.get(name, "") for name in ("loc", "loai", "don-vi", "ve")}
    numbers = (row_number(text) for text in typed.getlist(TICKED)[:AT_ONCE])
    ticked = tuple(dict.fromkeys(number for number in numbers if number is not None))
    is_all = typed.get("tat-ca", "") == "1"
    back, boards = row_asked(flat, "ve"), typed.getlist("ban")
    board = urlencode(carried(boards[0])) if boards else None
    return AlertPick(act, read_filters(flat), ticked, is_all, typed.get("dau", ""), back, board)


def empty(act: AlertAct) -> Filled:
    """The form before anybody typed."""
    return Filled(dict.fromkeys(act.fields, ""))


def read(act: AlertAct, typed: Mapping[str, str]) -> Filled:
    """The form as it was sent."""
    values = {name: " ".join(typed.get(name, "").split()) for name in act.fields}
    faults = {name: fault for name in act.fields if (fault := _fault(name, values))}
    return Filled({name: value[:LONGEST] for name, value in values.items()}, faults)


def _fault(name: str, values: Mapping[str, str]) -> str:
    asked, text = FIELDS[name], values[name]
    if not text:
        return f"Hãy {'chọn người' if asked.holds == 'account' else 'ghi ngày'}." if asked.is_needed else ""
    if len(text) > asked.longest:
        return f"{asked.label} dài quá {asked.longest} ký tự."
    faults: list[str] = []
    if asked.holds == "day":
        day_asked(values, name, asked.label, faults)
    if asked.holds == "account" and row_asked(values, name) is None:
        faults.append("Hãy chọn người trong danh sách.")
    return faults[0] if faults else ""


def promised_on(form: Filled) -> date:
    """The day of a form without faults."""
    day = form.day("hen-xong")
    assert day is not None
    return day


def account_id(form: Filled) -> int | None:
    """Who was chosen; None: nobody in particular."""
    return row_asked(form.values, "tai-khoan") or None


# ---------------------------------------------------------------- own settings


def hours() -> list[str]:
    """When a digest may come, every half hour of what the office allows."""
    first, last = (at.hour * 60 + at.minute for at in (EARLIEST, LATEST))
    return [f"{time(minute // 60, minute % 60):%H:%M}" for minute in range(first, last + 1, HALF_HOUR)]


def read_choice(typed: Mapping[str, str]) -> Choice:
    """What somebody chose; an hour that is none is refused where it is kept."""
    return Choice(typed.get("ban-tin") == "1", typed.get("khan") == "1", typed.get("gio", "").strip())
