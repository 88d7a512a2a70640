"""What is asked for -> which sayings of the office end and which begin; refuses what cannot be. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import singledispatchmethod
from typing import NamedTuple

from tracker.errors import ConfigurationError, UsageError
from tracker.timekeeping.calendar_definition import Sessions, read_sessions
from tracker.timekeeping.calendars import CalendarHistory, Calendars
from tracker.timekeeping.office_time import (
    NATIONAL,
    Assignment,
    OfficeBase,
    OfficeDay,
    OfficeTime,
    Said,
    Saying,
    Slot,
)
from tracker.types.calendars import AddCalendar, AddDay, AssignCalendar, Operation, RemoveDay, TakeBack

KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


class Begun(NamedTuple):
    """A saying that begins; `again`: one that an earlier change had declared and that was ended since."""

    saying: Saying
    again: Said | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """A change that was applied: when (UTC epoch seconds), and of what it spoke."""

    at: int
    slots: frozenset[Slot]


@dataclass(frozen=True, slots=True)
class Plan:
    """The sayings that end and those that begin, the dates that were declared, and the calendars that come of it."""

    ended: tuple[Said, ...]
    begun: tuple[Begun, ...]
    days: tuple[date, ...]
    calendars: Calendars


def plan(
    operations: Sequence[Operation],
    history: CalendarHistory,
    *,
    units: Mapping[int, int | None],
    applied: Mapping[int, Applied],
) -> Plan:
    """What the operations come to. `units`: every unit's parent; `applied`: the changes that are taken back.

    Raises:
        UsageError: one of them cannot be; or what they leave contradicts itself.
    """
    if not operations:
        raise UsageError("đề nghị không có thay đổi nào")
    work = _Work(history, units, applied)
    for operation in operations:
        work.take(operation)
    return work.plan()


class _Work:
    """The sayings as they stand while operations are taken in, one after the other."""

    def __init__(
        self, history: CalendarHistory, units: Mapping[int, int | None], applied: Mapping[int, Applied]
    ) -> None:
        self._history, self._units, self._applied = history, units, applied
        self._standing = {row.saying.slot: row for row in history.said if row.is_known(None)}
        self._ended: dict[Slot, Said] = {}
        self._begun: dict[Slot, Begun] = {}
        self._days: set[date] = set()

    @singledispatchmethod
    def take(self, operation: Operation) -> None:
        """Take one operation in."""
        raise TypeError(operation)

    @take.register
    def _add_day(self, operation: AddDay) -> None:
        _need(operation.name, f"ngày {operation.day:%d/%m/%Y}: thiếu tên")
        _need(operation.notice, f"ngày {operation.day:%d/%m/%Y}: thiếu văn bản làm căn cứ")
        if operation.replaces is not None and operation.sessions:
            raise UsageError(
                f"ngày {operation.day:%d/%m/%Y}: chỉ một trong hai: làm thay ngày khác, hoặc giờ làm riêng"
            )
        self._put(
            OfficeDay(
                operation.calendar,
                operation.day,
                operation.name.strip(),
                operation.notice.strip(),
                operation.replaces,
                _sessions(operation.sessions),
                operation.provisional,
            )
        )

    @take.register
    def _remove_day(self, operation: RemoveDay) -> None:
        slot: Slot = ("day", operation.calendar, operation.day)
        if slot not in self._standing:
            raise UsageError(
                f"lịch {operation.calendar} không có ngày {operation.day:%d/%m/%Y} do cơ quan khai"
            )
        self._end(slot)
        self._days.add(operation.day)

    @take.register
    def _add_calendar(self, operation: AddCalendar) -> None:
        if not KEY.fullmatch(operation.key) or operation.key == NATIONAL:
            raise UsageError(
                f"khóa lịch {operation.key!r}: dùng chữ không dấu, số, dấu gạch; không dùng {NATIONAL}"
            )
        if operation.key in self._history.present.shipped_keys:
            raise UsageError(f"lịch {operation.key} là lịch có sẵn, không thay được; hãy đặt khóa khác")
        _need(operation.name, f"lịch {operation.key}: thiếu tên")
        _need(operation.source, f"lịch {operation.key}: thiếu văn bản làm căn cứ")
        if operation.day_minutes is not None and not 0 < operation.day_minutes <= 1440:
            raise UsageError(f"lịch {operation.key}: ngày làm việc chuẩn phải từ 1 đến 1440 phút")
        self._put(
            OfficeBase(
                operation.key,
                operation.name.strip(),
                operation.base,
                _weekdays(operation.weekdays),
                operation.day_minutes,
                operation.source.strip(),
            )
        )

    @take.register
    def _assign(self, operation: AssignCalendar) -> None:
        if operation.unit_id not in self._units:
            raise UsageError(f"không có đơn vị số {operation.unit_id}")
        since, until = operation.valid_from, operation.valid_to
        if since is not None and until is not None and until < since:
            raise UsageError(f"ngày cuối {until:%d/%m/%Y} trước ngày đầu {since:%d/%m/%Y}")
        _need(operation.source, "phân lịch cho đơn vị: thiếu văn bản làm căn cứ")
        self._put(Assignment(operation.unit_id, operation.calendar, since, until, operation.source.strip()))

    @take.register
    def _take_back(self, operation: TakeBack) -> None:
        """What the change left and still stands ends, what it had ended begins again; what a later one says stays."""
        change = self._applied[operation.change_id]
        for slot in sorted(change.slots, key=repr):
            spoken = [row for row in self._history.said if row.saying.slot == slot]
            left = next((row for row in spoken if row.known_from == change.at), None)
            replaced = next((row for row in spoken if row.known_until == change.at), None)
            standing = self._standing.get(slot)
            if not _is_same(left, standing):
                continue
            if standing is not None:
                self._end(slot)
            if replaced is not None:
                self._begun[slot] = Begun(replaced.saying, replaced)
            self._days |= {each for each in slot[2:3] if slot[0] == "day" and isinstance(each, date)}

    # ------------------------------------------------------------ sayings

    def _put(self, saying: Saying) -> None:
        slot = saying.slot
        if slot in self._begun:
            what = saying.day.strftime("%d/%m/%Y") if isinstance(saying, OfficeDay) else str(slot[1])
            raise UsageError(f"{what} được khai hai lần trong cùng một đề nghị")
        if slot in self._standing:
            self._end(slot)
        self._begun[slot] = Begun(saying)
        if isinstance(saying, OfficeDay):
            self._days.add(saying.day)

    def _end(self, slot: Slot) -> None:
        self._ended[slot] = self._standing[slot]

    def plan(self) -> Plan:
        """The outcome, checked as a whole."""
        if not self._ended and not self._begun:
            raise UsageError("không còn gì để hoàn tác: những thay đổi sau đã thay thế")
        standing = [row.saying for slot, row in self._standing.items() if slot not in self._ended]
        sayings = (*standing, *(begun.saying for begun in self._begun.values()))
        parents: tuple[tuple[int, int], ...] = ()
        if any(isinstance(saying, Assignment) for saying in sayings):
            parents = tuple((unit, parent) for unit, parent in sorted(self._units.items()) if parent)
        try:
            calendars = self._history.imagine(OfficeTime(sayings, parents))
            _check(calendars, [begun.saying for begun in self._begun.values()])
        except ConfigurationError as fault:
            raise UsageError("; ".join(fault.faults)) from fault
        return Plan(
            tuple(self._ended.values()), tuple(self._begun.values()), tuple(sorted(self._days)), calendars
        )


def slots_of(operation: Operation) -> frozenset[Slot]:
    """Of what an operation speaks; nothing for one that takes another change back."""
    if isinstance(operation, AddDay | RemoveDay):
        return frozenset({("day", operation.calendar, operation.day)})
    if isinstance(operation, AddCalendar):
        return frozenset({("calendar", operation.key)})
    if isinstance(operation, AssignCalendar):
        return frozenset({("unit", operation.unit_id, operation.valid_from, operation.valid_to)})
    return frozenset()


def _is_same(left: Said | None, standing: Said | None) -> bool:
    """Does what a change left still stand: the row itself, or the same declared again by a way back?"""
    if left is None or standing is None:
        return left is standing
    return (left.saying, left.change_id) == (standing.saying, standing.change_id)


def _check(calendars: Calendars, begun: Sequence[Saying]) -> None:
    """Every calendar can be compiled, every assignment leads to one, every new day lies where it can count."""
    for key in calendars.keys():  # noqa: SIM118 -- no mapping
        calendars.get(key)
    for assignment in calendars.office.assignments:
        calendars.get(assignment.calendar)
    for day in calendars.office.days:
        if day.calendar != NATIONAL:
            calendars.get(day.calendar)
    for saying in begun:
        if isinstance(saying, OfficeDay):
            _check_day(saying, calendars)


def _check_day(day: OfficeDay, calendars: Calendars) -> None:
    table = calendars.default if day.calendar == NATIONAL else calendars.get(day.calendar)
    if day.replaces is not None and not table.definition.weekdays.get(day.replaces.weekday()):
        raise UsageError(
            f"ngày {day.day:%d/%m/%Y}: {day.replaces:%d/%m/%Y} không phải ngày làm việc trong tuần của lịch {table.key}"
        )


def _need(text: str, fault: str) -> None:
    if not text.strip():
        raise UsageError(fault)


def _sessions(text: str) -> Sessions:
    try:
        return read_sessions(text)
    except ValueError as fault:
        raise UsageError(str(fault)) from fault


def _weekdays(told: Mapping[int, str] | None) -> tuple[tuple[int, Sessions], ...] | None:
    if told is None:
        return None
    if not told or not set(told) <= set(range(1, 8)):
        raise UsageError("ngày trong tuần: số từ 1 (thứ Hai) đến 7 (Chủ nhật), ít nhất một ngày")
    week = tuple((number - 1, _sessions(told[number])) for number in sorted(told))
    return tuple((number, sessions) for number, sessions in week if sessions)
