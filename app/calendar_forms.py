"""The forms by which a change of working time is asked for: one a kind of change, each giving its operations."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from app.typed_dates import typed_day
from tracker.types.calendars import AddCalendar, AddDay, AssignCalendar, Operation, RemoveDay

MOST_DAYS = 31
LAST = ("name", "notice", "source", "provisional", "calendar", "reason")


class DayField(StringField):
    """A date as it is typed; `day` is the date once the form is valid."""

    day: date | None = None

    def pre_validate(self, form: Any) -> None:
        """Read it; the sentence says how to write it."""
        if not self.data:
            return
        try:
            self.day = typed_day(self.data)
        except ValueError:
            raise ValidationError(
                f"“{self.data[:20]}” không phải là ngày; hãy viết như 31/12/2026."
            ) from None


def _needed(label: str) -> list[Any]:
    return [InputRequired(f"Hãy điền {label}."), Length(max=400)]


class ChangeForm(FlaskForm):
    """What every change needs: the calendar and the reason."""

    calendar = SelectField("Lịch làm việc", [InputRequired("Hãy chọn lịch.")])
    reason = TextAreaField("Lý do thay đổi (ghi vào nhật ký của từng hồ sơ)", _needed("lý do"))

    def operations(self) -> Sequence[Operation]:
        """What the form asks for, once it is valid."""
        raise NotImplementedError

    def given(self) -> dict[str, str]:
        """The form as it was filled in, to be shown again."""
        told = {field.name: field.raw_data for field in self.in_order()}
        return {name: str(values[0]) for name, values in told.items() if values}

    def in_order(self) -> list[Field]:
        """The fields as a page shows them: what is to change, what it rests on, for which calendar, and why."""
        told = [field for field in self if field.type != "CSRFTokenField"]
        return sorted(told, key=lambda field: LAST.index(field.name) if field.name in LAST else -1)


class DaysForm(ChangeForm):
    """A change of single days, of one calendar or of all."""


class NoticedForm(DaysForm):
    """A change of days rests on a notice."""

    name = StringField("Tên ngày", _needed("tên ngày"))
    notice = StringField("Văn bản căn cứ (số, ngày, cơ quan)", _needed("văn bản căn cứ"))
    provisional = BooleanField("Tạm tính: chưa có văn bản chính thức")

    def add(self, day: date, **given: Any) -> AddDay:
        """A day of this notice."""
        return AddDay(
            self.calendar.data,
            day,
            self.name.data,
            self.notice.data,
            provisional=self.provisional.data,
            **given,
        )


class DaysOffForm(NoticedForm):
    """One day off, or several in a row."""

    first = DayField("Ngày nghỉ", _needed("ngày nghỉ"))
    last = DayField("Đến hết ngày (nếu nghỉ nhiều ngày)", [Optional()])

    def validate_last(self, field: Field) -> None:
        """A span that ends before it begins, or is longer than any holiday, is a slip of the pen."""
        first, last = self.first.day, self.last.day
        if first and last and not 0 <= (last - first).days < MOST_DAYS:
            raise ValidationError(f"Khoảng nghỉ phải từ 1 đến {MOST_DAYS} ngày.")

    def operations(self) -> Sequence[Operation]:
        """Every date from the first to the last."""
        first = _day(self.first)
        count = ((self.last.day or first) - first).days + 1
        return [self.add(first + timedelta(number)) for number in range(count)]


class SwapForm(NoticedForm):
    """A day off that is worked off on another day."""

    off = DayField("Ngày được nghỉ", _needed("ngày được nghỉ"))
    worked = DayField("Ngày làm bù", _needed("ngày làm bù"))

    def operations(self) -> Sequence[Operation]:
        """The day off, and the day worked in its place."""
        off = _day(self.off)
        return [self.add(off), self.add(_day(self.worked), replaces=off)]


class WorkedDayForm(NoticedForm):
    """A day that is worked in place of another, which is off already."""

    worked = DayField("Ngày làm bù", _needed("ngày làm bù"))
    replaces = DayField("Làm theo giờ của ngày", _needed("ngày được làm bù"))

    def operations(self) -> Sequence[Operation]:
        """The worked day."""
        return [self.add(_day(self.worked), replaces=_day(self.replaces))]


class HalfDayForm(NoticedForm):
    """A day that is worked for some sessions only."""

    worked = DayField("Ngày", _needed("ngày"))
    sessions = StringField("Giờ làm việc của ngày đó", _needed("giờ làm việc, ví dụ 07:00-11:30"))

    def operations(self) -> Sequence[Operation]:
        """The day with its own sessions."""
        return [self.add(_day(self.worked), sessions=self.sessions.data)]


class RemoveDayForm(DaysForm):
    """A day that the office had declared is taken out again."""

    gone = DayField("Ngày đã khai, nay bỏ", _needed("ngày"))

    def operations(self) -> Sequence[Operation]:
        """The removal."""
        return [RemoveDay(self.calendar.data, _day(self.gone))]


class UnitCalendarForm(ChangeForm):
    """A unit works by another calendar."""

    unit = SelectField("Đơn vị (và các đơn vị trực thuộc)", coerce=int)
    since = DayField("Với hồ sơ tiếp nhận từ ngày", [Optional()])
    until = DayField("Đến hết ngày (bỏ trống: chưa có hạn)", [Optional()])
    source = StringField("Văn bản căn cứ (số, ngày, cơ quan)", _needed("văn bản căn cứ"))

    def operations(self) -> Sequence[Operation]:
        """The assignment."""
        return [
            AssignCalendar(
                self.unit.data, self.calendar.data, self.since.day, self.until.day, self.source.data
            )
        ]


class NewCalendarForm(ChangeForm):
    """A calendar of the office's own, over one that there is."""

    key = StringField("Mã của lịch mới (chữ không dấu, ví dụ CAOSU)", _needed("mã"))
    name = StringField("Tên lịch", _needed("tên lịch"))
    sessions = StringField("Giờ làm việc từ thứ Hai đến thứ Sáu", _needed("giờ làm việc"))
    saturday = StringField("Giờ làm việc thứ Bảy (bỏ trống: nghỉ)", [Optional(), Length(max=100)])
    source = StringField("Văn bản căn cứ (số, ngày, cơ quan)", _needed("văn bản căn cứ"))

    def operations(self) -> Sequence[Operation]:
        """The calendar with its week."""
        week = dict.fromkeys(range(1, 6), self.sessions.data)
        if self.saturday.data:
            week[6] = self.saturday.data
        return [
            AddCalendar(
                self.key.data.strip(), self.name.data, self.calendar.data, week, None, self.source.data
            )
        ]


def _day(field: DayField) -> date:
    if field.day is None:
        raise ValueError(f"{field.name} was not validated")
    return field.day


FORMS: dict[str, tuple[str, type[ChangeForm]]] = {
    "nghi": ("Ngày nghỉ", DaysOffForm),
    "hoan-doi": ("Hoán đổi ngày làm việc", SwapForm),
    "lam-bu": ("Ngày làm bù", WorkedDayForm),
    "nua-ngay": ("Làm một phần ngày", HalfDayForm),
    "bo": ("Bỏ ngày đã khai", RemoveDayForm),
    "don-vi": ("Lịch của đơn vị", UnitCalendarForm),
    "lich-moi": ("Lịch mới", NewCalendarForm),
}
