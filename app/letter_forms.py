"""What is typed about letters and obligations: the fields that acts ask for, read into values. Pure; faults in words by field."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time

from app.accounts import checked_email
from app.presenters import sentence
from app.typed_dates import day_asked
from app.typed_numbers import row_asked
from letters.deciding import LONGEST
from letters.moving import CARRIERS, CHANNELS, Told
from tracker.errors import UsageError
from tracker.types import VN

LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form: its label, what it holds, and what may be chosen."""

    label: str
    holds: str = "text"  # text, words (several lines), day, time, choice, unit, mail
    choices: Mapping[str, str] = field(default_factory=dict)
    is_needed: bool = True
    longest: int = LONGEST


def _channels(names: tuple[str, ...]) -> Mapping[str, str]:
    return {name: CHANNELS[name] for name in names}


# The names stand in the form; two fields of one meaning have two names where their words differ.
FIELDS: Mapping[str, Field] = {
    "ly-do": Field("Lý do", "words"),
    "ly-do-thu": Field("Lý do quá hạn, như sẽ in trong thư", "words"),
    "hen-moi": Field("Ngày hẹn mới", "day", is_needed=False),
    "ngay-ky": Field("Ngày ký", "day"),
    "hinh-thuc-gui": Field(
        "Hình thức", "choice", _channels(tuple(name for name in CHANNELS if name in CARRIERS))
    ),
    "hinh-thuc-bao": Field(
        "Hình thức", "choice", _channels(("call", "sms", "zalo", "email", "in_person", "post"))
    ),
    "hinh-thuc-mot-cua": Field("Hình thức", "choice", _channels(("in_person", "email", "post"))),
    "ngay": Field("Ngày", "day"),
    "gio": Field("Giờ", "time"),
    "nguoi": Field("Người thực hiện", is_needed=False, longest=LONGEST_NAME),
    "ghi-chu": Field("Ghi chú", is_needed=False),
    "don-vi-loi": Field("Đơn vị để xảy ra quá hạn", "unit"),
    "dia-chi": Field("Địa chỉ thư điện tử của người nộp", "mail", longest=LONGEST_NAME),
}
HOW = ("hinh-thuc-gui", "hinh-thuc-bao", "hinh-thuc-mot-cua")


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it stands on the page, and what is wrong with it by field."""

    values: Mapping[str, str]
    faults: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """What was typed; empty where the form has no such field."""
        return self.values.get(name, "")

    def day(self, name: str) -> date | None:
        """The date of a field without faults; None where it was left empty."""
        return day_asked(self.values, name, "", [])

    def unit_id(self) -> int | None:
        """The unit that was chosen."""
        return row_asked(self.values, "don-vi-loi")

    def told(self) -> Told:
        """How, when and by whom somebody was told, of a form without faults."""
        day, at = self.day("ngay"), _time(self.text("gio"))
        assert day is not None
        assert at is not None
        channel = next(self.text(name) for name in HOW if name in self.values)
        return Told(channel, datetime.combine(day, at, VN), self.text("nguoi"), self.text("ghi-chu"))


def empty(names: tuple[str, ...], now: datetime, known: Mapping[str, str] | None = None) -> Filled:
    """The form before anybody typed: today, this minute, and what is known already."""
    at = now.astimezone(VN)
    usual = {"ngay": f"{at:%d/%m/%Y}", "ngay-ky": f"{at:%d/%m/%Y}", "gio": f"{at:%H:%M}"}
    return Filled({name: {**usual, **(known or {})}.get(name, "") for name in names})


def read(names: tuple[str, ...], typed: Mapping[str, str]) -> Filled:
    """The form as it was sent."""
    values = {name: " ".join(typed.get(name, "").split()) for name in names}
    faults = {name: fault for name in names if (fault := _fault(FIELDS[name], name, values))}
    return Filled({name: value[:LONGEST] for name, value in values.items()}, faults)


def _fault(asked: Field, name: str, values: Mapping[str, str]) -> str:
    text = values[name]
    if not text:
        return (
            f"Hãy {'chọn' if asked.holds in ('choice', 'unit') else 'ghi'} {asked.label.lower()}."
            if asked.is_needed
            else ""
        )
    if len(text) > asked.longest:
        return f"{asked.label} dài quá {asked.longest} ký tự."
    return _HELD.get(asked.holds, _nothing)(asked, name, values)


def _nothing(_asked: Field, _name: str, _values: Mapping[str, str]) -> str:
    return ""


def _day_fault(asked: Field, name: str, values: Mapping[str, str]) -> str:
    faults: list[str] = []
    day_asked(values, name, asked.label, faults)
    return faults[0] if faults else ""


def _time_fault(_asked: Field, name: str, values: Mapping[str, str]) -> str:
    return "" if _time(values[name]) else "Giờ: hãy viết như 14:30."


def _choice_fault(asked: Field, name: str, values: Mapping[str, str]) -> str:
    return "" if values[name] in asked.choices else f"{asked.label}: hãy chọn trong danh sách."


def _unit_fault(asked: Field, name: str, values: Mapping[str, str]) -> str:
    return "" if row_asked(values, name) is not None else f"{asked.label}: hãy chọn trong danh sách."


def _mail_fault(_asked: Field, name: str, values: Mapping[str, str]) -> str:
    try:
        checked_email(values[name])
    except UsageError as fault:
        return sentence(fault)
    return ""


_HELD = {
    "day": _day_fault,
    "time": _time_fault,
    "choice": _choice_fault,
    "unit": _unit_fault,
    "mail": _mail_fault,
}


def _time(text: str) -> time | None:
    hour, _, minute = text.partition(":")
    if not (hour.isdecimal() and minute.isdecimal()) or int(hour) > 23 or int(minute) > 59:
        return None
    return time(int(hour), int(minute))
