"""The working calendar and the reckoning of deadlines, and changes that one person proposes and another decides."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from app import current
from app.access import ALL, CALENDAR
from app.api.asking import faulty
from app.api.faults import FieldFault
from app.api.scopes import Scope
from app.api.table import Answer, Asked, Call, Operation
from app.api.works import WorkAsked
from app.asking import new_turn
from app.calendar_page import special_days
from app.commands.time_cases import Circumstances, answer_case, read_case
from app.works.asked import ask_person
from tracker.pipeline.calendar_check import check
from tracker.store.calendar_changes import operations_json
from tracker.timekeeping.calendar_definition import DayKind
from tracker.timekeeping.office_time import NATIONAL
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import Precision, State
from tracker.types.calendars import AddDay, RemoveDay
from tracker.types.calendars import Operation as Change

MOST_DAYS = 400
Key = Annotated[str, Meta(max_length=40, description="Khóa của lịch; bỏ trống: lịch của cơ quan.")]
Text = Annotated[str, Meta(max_length=60)]


class CalendarAsked(Asked, frozen=True):
    """Which calendar."""

    calendar: Key | None = None


class SpecialDay(Answer, frozen=True):
    """A date that is not like its weekday, and the notice it rests on."""

    day: date
    kind: DayKind
    about: str
    notice: str
    provisional: bool


class Calendar(Answer, frozen=True):
    """A calendar with all its special days; outside its years it refuses."""

    key: str
    name: str
    version: str
    first: date
    last: date
    day_minutes: int
    keys: list[str]
    special: list[SpecialDay]


def calendar(call: Call) -> Calendar:
    """One calendar as it stands now."""
    known = current.context().calendars.present
    table = _table(call.query.calendar)
    special = [
        SpecialDay(each.day, each.kind, each.about, each.notice, each.provisional)
        for each in special_days(table)
    ]
    call.is_logged = False
    return Calendar(
        table.key, known.name_of(table.key), table.version, table.first, table.last, table.day_minutes, list(known.keys()),
        special,
    )  # fmt: skip


def _table(key: str | None) -> WorkingCalendar:
    known = current.context().calendars.present
    if key is None:
        return known.default
    keys = known.keys()
    if key not in keys:
        raise faulty([FieldFault("calendar", f"có các lịch: {', '.join(keys)}")])
    return known.get(key)


class DaysAsked(Asked, frozen=True):
    """Which days, both included."""

    start: date
    end: date
    calendar: Key | None = None


class Day(Answer, frozen=True):
    """One date; `minutes`: working minutes."""

    day: date
    kind: DayKind
    working: bool
    minutes: int


class Days(Answer, frozen=True):
    """Dates of a span with the number of working days among them."""

    calendar: str
    version: str
    working_days: int
    days: list[Day]


def days(call: Call) -> Days:
    """The dates of a span, 400 at most."""
    query: DaysAsked = call.query
    count = (query.end - query.start).days + 1
    if not 1 <= count <= MOST_DAYS:
        raise faulty([FieldFault("end", f"từ start đến end phải từ 1 đến {MOST_DAYS} ngày")])
    table = _table(query.calendar)
    found = [_day(table, query.start + timedelta(number)) for number in range(count)]
    call.is_logged = False
    return Days(table.key, table.version, sum(each.working for each in found), found)


def _day(table: WorkingCalendar, day: date) -> Day:
    minutes = sum(end - begin for begin, end in table.sessions(day))
    return Day(day, table.kind(day), table.is_working(day), minutes)


# ---------------------------------------------------------------- deadlines


class DeadlineAsked(Asked, frozen=True):
    """The inputs of `dunghen deadline`, by the same names. Moments: 2026-08-24, or 2026-08-24T09:00+07:00."""

    received: Text
    limit: Annotated[str, Meta(max_length=200, description="“15 ngày làm việc”, “04 giờ”…")] = ""
    calendar: Key | None = None
    rule: Text | None = None
    suspend: Annotated[list[Annotated[str, Meta(max_length=120)]], Meta(max_length=50)] = msgspec.field(
        default_factory=list
    )
    restart: Annotated[list[Text], Meta(max_length=50)] = msgspec.field(default_factory=list)
    reappoint: Annotated[list[Annotated[str, Meta(max_length=120)]], Meta(max_length=50)] = msgspec.field(
        default_factory=list
    )
    finished: Text | None = None
    due: Text | None = None
    promised: Text | None = None
    returned: Text | None = None
    withdrawn: Text | None = None
    refused: Text | None = None
    reopened: Text | None = None
    status: Text | None = None
    day_kind: Text | None = None
    channel: Text | None = None
    precision: Precision | None = None
    as_of: Text | None = None


class DeadlineStep(Answer, frozen=True):
    """One step of the reckoning."""

    at: datetime | None
    rule: str
    source: str
    text: str
    due_at: datetime | None


class Regime(Answer, frozen=True):
    """Which law was in force at reception."""

    key: str
    decree: str
    forms: str
    local_levels: int
    land_law: str
    verified: bool
    from_: date | None = msgspec.field(name="from")
    to: date | None


class OtherDate(Answer, frozen=True):
    """The verdict on a date that was told, not computed."""

    due_at: datetime | None
    state: State
    late_days: int | None
    late_minutes: int | None
    remaining_minutes: int | None
    is_late: bool
    refused: bool
    flags: list[str]


class Reappointed(OtherDate, frozen=True):
    """The same on a new return date."""

    made_at: datetime
    counts: bool


class Deadline(Answer, frozen=True):
    """The due date with its reckoning and verdict; `reason` says why there is none."""

    due_at: datetime | None
    precision: Precision
    state: State
    late_days: int | None
    late_minutes: int | None
    remaining_minutes: int | None
    is_late: bool
    refused: bool
    flags: list[str]
    reason: str | None
    steps: list[DeadlineStep]
    rule: str
    calendar_version: str
    regime: Regime | None
    promised: OtherDate | None = None
    reappointed: Reappointed | None = None


def deadline(call: Call) -> Deadline:
    """Reckon a due date from nothing but the inputs; keeps nothing."""
    context, given = current.context(), msgspec.to_builtins(call.body)
    around = Circumstances(
        context.config.calendar_key, current.now(), context.due_soon, context.calendars.present
    )
    if given["calendar"] is not None:
        _table(given["calendar"])
    answer = answer_case(read_case(given, around))
    call.is_logged = False
    return msgspec.convert(_typed(answer), Deadline)


_MOMENTS = frozenset({"due_at", "at", "made_at"})


def _typed(value: Any, name: str = "") -> Any:
    """The answer of the command with its moments as such: it leaves out seconds that are none."""
    if isinstance(value, dict):
        return {key: _typed(part, key) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_typed(part) for part in value]
    return datetime.fromisoformat(value) if name in _MOMENTS and isinstance(value, str) else value


# ---------------------------------------------------------------- changes


class DayChange(Asked, frozen=True):
    """A date declared anew: off; worked in place of `replaces`; worked for `sessions` only; or, with `remove`, as before."""

    day: date
    remove: bool = False
    name: Annotated[str, Meta(max_length=400)] = ""
    notice: Annotated[str, Meta(max_length=400)] = ""
    replaces: date | None = None
    sessions: Annotated[str, Meta(max_length=100)] = ""
    provisional: bool = False


class ChangeAsked(Asked, frozen=True):
    """A change of working time; a second person has to approve it on the page of the calendar."""

    days: Annotated[list[DayChange], Meta(min_length=1, max_length=31)]
    reason: Annotated[str, Meta(min_length=1, max_length=400)]
    calendar: Annotated[str, Meta(max_length=40, description="Bỏ trống: mọi lịch (cả tỉnh).")] = NATIONAL


def propose(call: Call) -> WorkAsked:
    """Ask for a change; a worker reckons what it would move and records the proposal."""
    asked: ChangeAsked = call.body
    faults = [
        FieldFault(f"days.{at}.{name}", "thiếu trường này")
        for at, each in enumerate(asked.days)
        for name in ("name", "notice")
        if not each.remove and not getattr(each, name).strip()
    ]
    if faults:
        raise faulty(faults)
    context = current.context()
    operations = [_operation(asked.calendar or NATIONAL, each) for each in asked.days]
    check(context.store, operations, calendar_key=context.config.calendar_key)
    params = {"operations": operations_json(operations), "reason": asked.reason, "action": "calendar_propose"}
    work_id = ask_person(context, "calendar_propose", params, current.account(), new_turn())
    call.saw(f"work:{work_id}")
    return WorkAsked.of(work_id)


def _operation(calendar: str, asked: DayChange) -> Change:
    if asked.remove:
        return RemoveDay(calendar, asked.day)
    return AddDay(
        calendar, asked.day, asked.name, asked.notice, replaces=asked.replaces, sessions=asked.sessions,
        provisional=asked.provisional,
    )  # fmt: skip


OPERATIONS = (
    Operation(
        "calendar", "GET", "/calendar", Scope.CATALOGUE_READ, ALL, calendar, Calendar,
        "Lịch làm việc với mọi ngày đặc biệt", query=CalendarAsked, is_scoped=False, kept=True,
    ),
    Operation(
        "calendar_days", "GET", "/calendar/days", Scope.CATALOGUE_READ, ALL, days, Days,
        "Từng ngày của một khoảng: làm việc hay nghỉ, bao nhiêu phút", query=DaysAsked, is_scoped=False,
    ),
    Operation(
        "deadline", "POST", "/deadline", Scope.CATALOGUE_READ, ALL, deadline, Deadline,
        "Tính hạn trả và kết luận từ các dữ kiện cho sẵn; không ghi gì", body=DeadlineAsked, is_scoped=False,
    ),
    Operation(
        "calendar_propose", "POST", "/calendar/changes", Scope.CALENDAR_WRITE, CALENDAR, propose, WorkAsked,
        "Đề nghị thay đổi lịch; người thứ hai duyệt", body=ChangeAsked, status=202, is_scoped=False,
    ),
)  # fmt: skip
