"""A slow second opinion on alerts: which rungs a look had to claim, recounted date by date from what the sources had told.

Thresholds come from the shipped table and the state of a dossier from `lateness.classify`, the one definition; everything
else is counted anew here over the calendar's own list of working dates. Shares no code with `notifications/alerts`.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.flows.office import ROOT, moment
from tests.quarter.lives import ENDS, pauses
from tracker.timekeeping.lateness import classify
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import Facts, SourceStatus, State, Suspension, SuspensionKind

TABLE = ROOT / "notifications" / "alerts" / "data" / "alert_rules.toml"
LADDERS = {
    "share_used": "due", "days_left": "due", "days_late": "due", "intake_over": "intake", "suspended": "pause",
    "no_due": "no_due", "promise_passed": "promise",
}  # fmt: skip
STEEPNESS = {"share_used": 0, "days_left": 1, "days_late": 2}
STATUSES = {
    "Mới đăng ký": SourceStatus.FILED,
    "Được tiếp nhận": SourceStatus.ACCEPTED,
    "Không được tiếp nhận": SourceStatus.REFUSED,
    "Đang xử lý": SourceStatus.PROCESSING,
    "Yêu cầu bổ sung giấy tờ": SourceStatus.AWAITING_SUPPLEMENT,
    "Yêu cầu thực hiện nghĩa vụ tài chính": SourceStatus.AWAITING_FEE,
    "Công dân yêu cầu rút hồ sơ": SourceStatus.WITHDRAWN,
    "Dừng xử lý": SourceStatus.STOPPED,
    "Đã xử lý xong": SourceStatus.DONE,
    "Đã trả kết quả": SourceStatus.RETURNED,
}
RUNNING = (State.ON_TRACK, State.DUE_SOON, State.OVERDUE)
GONE = (State.DELETED, State.WITHDRAWN, State.REFUSED)
INTAKE_MINUTES = 480
DAY = timedelta(days=1)
LIMIT = re.compile(r"(\d+) (ngày|giờ)( làm việc)?")

Key = tuple[str, str]  # source, code of a dossier
Due = tuple[str, int, int]  # measure, threshold, version


class Known(NamedTuple):
    """What a source said last of a dossier, the load that said it, whose work it is."""

    row: Mapping[str, str]
    facts: Facts
    batch_id: int
    unit_id: int | None


class Expected(NamedTuple):
    """A claim that had to be made: its fate, and what is said where a date was moved."""

    fate: str
    reason: str


@dataclass(frozen=True)
class Look:
    """One look at everything: for which day and moment, what was known, and which loads it was the first to see."""

    day: date
    as_of: datetime
    known: Mapping[Key, Known]
    calendar_of: "CalendarOf"
    fresh_batches: Collection[int]
    fresh_sources: Collection[str]
    promised: Mapping[Key, tuple[int, date | None]]  # the newest word of who took it on: its number, by when


class CalendarOf:
    """The calendar of a unit for a dossier begun on a date, at the time of a look."""

    def __init__(self, calendars) -> None:
        self._calendars = calendars

    def __call__(self, known: Known) -> WorkingCalendar:
        begun = known.facts.received_at or known.facts.filed_at
        return self._calendars.of(known.unit_id, begun.date() if begun else None)


@dataclass
class Recount:
    """What had to be claimed so far, look by look."""

    flood_over: int
    claimed: dict[Key, dict[Due, int]] = field(default_factory=dict)  # with how steep it was
    armed: dict[Key, list[datetime | None]] = field(
        default_factory=dict
    )  # the due dates by which it was told

    def look(self, look: Look) -> dict[tuple[Key, Due], Expected]:
        """All claims of one look."""
        standings = {
            key: found
            for key, known in look.known.items()
            if (found := Standing.of(known, look, look.promised.get(key, (0, None))[1]))
        }
        newly_late = Counter(
            look.known[key].batch_id
            for key, standing in standings.items()
            if self._is_newly_late(key, standing)
        )
        made: dict[tuple[Key, Due], Expected] = {}
        for key, standing in standings.items():
            batch = look.known[key].batch_id
            is_fresh = batch in look.fresh_batches
            floods = key[0] in look.fresh_sources or newly_late[batch] > self.flood_over
            made |= {
                (key, due): expected
                for due, expected in self._claims(key, standing, look, is_flood=is_fresh and floods).items()
            }
        return made

    def _is_newly_late(self, key: Key, standing: "Standing") -> bool:
        was_late = any(measure == "days_late" for measure, _, _ in self.claimed.get(key, ()))
        return standing.values.get("days_left") == -1 and not was_late and bool(reached(standing.values))

    def _claims(self, key: Key, standing: "Standing", look: Look, *, is_flood: bool) -> dict[Due, Expected]:
        ack, promised = look.promised.get(key, (0, None))
        is_held = promised is not None and promised >= look.day
        before = self.claimed.setdefault(key, {})
        made: dict[Due, Expected] = {}
        for ladder in dict.fromkeys(LADDERS.values()):
            if ladder == "due" and is_held:
                continue
            version, reason = self._version(key, ladder, standing, ack)
            up = sorted(
                (
                    (steepness(m, t), (m, t, version))
                    for m, t in reached(standing.values)
                    if LADDERS[m] == ladder
                ),
                reverse=True,
            )
            highest = max(
                (s for due, s in before.items() if LADDERS[due[0]] == ladder and due[2] == version),
                default=-999,
            )
            fresh = [(steep, due) for steep, due in up if due not in before]
            for number, (steep, due) in enumerate(fresh):
                fate = "told" if number == 0 and steep > highest else "overtaken"
                made[due] = Expected("passed" if is_flood else fate, reason)
                before[due] = steep
            if (
                fresh
                and ladder == "due"
                and (not self.armed.get(key) or self.armed[key][-1] != standing.due_at)
            ):
                self.armed.setdefault(key, []).append(standing.due_at)
        return made

    def _version(self, key: Key, ladder: str, standing: "Standing", ack: int) -> tuple[int, str]:
        if ladder == "due":
            armed = self.armed.get(key, [])
            before = [*armed, standing.due_at] if not armed or armed[-1] != standing.due_at else armed
            moved = (
                f"Ngày hẹn trả dời từ {_date(before[-2])} sang {_date(before[-1])}."
                if len(before) > 1
                else ""
            )
            return len(before) - 1, moved
        if ladder == "pause":
            return standing.stands_since, ""
        return (ack if ladder == "promise" else 0), ""


# ---------------------------------------------------------------- how a dossier stands


@dataclass(frozen=True)
class Standing:
    """What is measured of one dossier."""

    values: Mapping[str, int]
    due_at: datetime | None
    stands_since: int = 0

    @classmethod
    def of(cls, known: Known, look: Look, promised: date | None) -> "Standing | None":
        """None where nothing is to be measured."""
        facts, calendar = known.facts, look.calendar_of(known)
        state, intake = judged(known, calendar, look.as_of)
        today, values, since = look.as_of.date(), dict[str, int](), 0
        if state in RUNNING:
            values = of_due(facts, known.row["limit_text"], calendar, look.as_of)
            if promised is not None and promised < today:
                values["promise_passed"] = dates_after(calendar, promised, today)
        elif state is State.NOT_ACCEPTED and intake is not None:
            values["intake_over"] = dates_after(calendar, intake.date(), today)
        elif state is State.SUSPENDED and facts.suspensions:
            begun = min(each.start for each in facts.suspensions if each.end is None or each.end > look.as_of)
            values["suspended"], since = dates_after(calendar, begun.date(), today), int(begun.timestamp())
        elif state is State.NO_DUE and facts.received_at is not None:
            values["no_due"] = dates_after(calendar, facts.received_at.date(), today)
        return cls(values, facts.due_at, since) if values else None


def of_due(facts: Facts, limit: str, calendar: WorkingCalendar, as_of: datetime) -> dict[str, int]:
    """How far from, or past, the due date."""
    due, today = facts.due_at, as_of.date()
    assert due is not None
    assert facts.received_at is not None
    if today > due.date():
        return {"share_used": 100, "days_left": -1, "days_late": dates_after(calendar, due.date(), today)}
    whole = minutes_of(limit, calendar.day_minutes) or minutes_worked(calendar, facts.received_at, due)
    values = {"days_left": dates_after(calendar, today, due.date())}
    if whole > 0:
        left = minutes_worked(calendar, as_of, due)
        values["share_used"] = max(0, min(100, int((whole - left) * 100 / whole)))
    return values


def facts_of(row: Mapping[str, str]) -> Facts:
    """What a row says."""
    return Facts(
        received_at=moment(row["received_at"]),
        due_at=moment(row["due_at"]),
        filed_at=moment(row["filed_at"]),
        status=STATUSES[row["status"]],
        suspensions=tuple(
            Suspension(each.start, each.end, SuspensionKind.PAUSE) for each in pauses(row["suspensions"])
        ),
        **{name: moment(row[name]) for name in ENDS},
    )


def judged(known: Known, calendar: WorkingCalendar, as_of: datetime) -> tuple[State | None, datetime | None]:
    """The state of what was begun and has not ended by a moment, and until when it may wait for its acceptance."""
    facts = known.facts
    ends = [end for name in ENDS if (end := getattr(facts, name)) is not None]
    if any(end <= as_of for end in ends) or (facts.received_at is not None and facts.received_at > as_of):
        return None, None
    # Of a moment before an end the source's present word says nothing.
    status = SourceStatus.PROCESSING if ends else facts.status
    intake = None if facts.received_at else intake_end(facts.filed_at, calendar)
    return classify(replace(facts, status=status, intake_due_at=intake), calendar, as_of=as_of).state, intake


def count_states(look: "Look") -> Counter[tuple[int, str]]:
    """How many dossiers of each unit stand where."""
    counted: Counter[tuple[int, str]] = Counter()
    for known in look.known.values():
        state, _ = judged(known, look.calendar_of(known), look.as_of)
        if state is not None and state not in GONE:
            counted[known.unit_id or 0, "open"] += 1
            counted[known.unit_id or 0, state.value] += 1
    return counted


def intake_end(filed: datetime | None, calendar: WorkingCalendar) -> datetime | None:
    """Eight working hours after the filing, minute by minute."""
    if filed is None:
        return None
    left, at = timedelta(minutes=INTAKE_MINUTES), filed
    while True:
        for opens, closes in sessions(calendar, at.date()):
            begin, end = max(opens, at), closes
            if begin < end:
                if left <= end - begin:
                    return begin + left
                left -= end - begin
        at = datetime.combine(at.date() + DAY, datetime.min.time(), at.tzinfo)


class Claim(NamedTuple):
    """A claim of which is asked whether it still stands."""

    measure: str
    version: int
    due_at: datetime | None


def still_stands(claim: Claim, known: Known, look: "Look", word: tuple[int, date | None]) -> bool:
    """Is what was claimed still so? `word`: the newest of who took it on."""
    facts, now = known.facts, look.as_of
    state, _ = judged(known, look.calendar_of(known), now)
    if state is None:
        return False
    number, promised = word
    if LADDERS[claim.measure] == "due":
        is_held = promised is not None and promised >= look.day
        return state is not State.SUSPENDED and facts.due_at == claim.due_at and not is_held
    if claim.measure == "suspended":
        standing = [each.start for each in facts.suspensions if each.end is None or each.end > now]
        return bool(standing) and int(min(standing).timestamp()) == claim.version
    if claim.measure == "promise_passed":
        return number == claim.version
    return facts.received_at is None if claim.measure == "intake_over" else facts.due_at is None


# ---------------------------------------------------------------- counting, slowly


@cache
def working_dates(calendar: WorkingCalendar) -> tuple[date, ...]:
    """The calendar's own list."""
    every = (calendar.date_of(row) for row in range(calendar.size))
    return tuple(day for day in every if calendar.is_working(day))


@cache
def dates_after(calendar: WorkingCalendar, start: date, end: date) -> int:
    """Working dates after one date up to another, one by one."""
    return sum(start < day <= end for day in working_dates(calendar))


def sessions(calendar: WorkingCalendar, day: date) -> list[tuple[datetime, datetime]]:
    """From when until when is worked on a date."""
    midnight = datetime.combine(day, datetime.min.time(), _ZONE)
    return [
        (midnight + timedelta(minutes=a), midnight + timedelta(minutes=b)) for a, b in calendar.sessions(day)
    ]


@cache
def minutes_worked(calendar: WorkingCalendar, start: datetime, end: datetime) -> int:
    """Whole working minutes between two moments, date by date."""
    worked, day = timedelta(), start.date()
    while day <= end.date():
        for opens, closes in sessions(calendar, day):
            worked += max(min(closes, end) - max(opens, start), timedelta())
        day += DAY
    return int(worked.total_seconds() // 60)


def minutes_of(limit: str, day_minutes: int) -> int:
    """A limit in working minutes; 0 where it tells none."""
    found = LIMIT.fullmatch(limit)
    return int(found[1]) * (day_minutes if found[2] == "ngày" else 60) if found else 0


# ---------------------------------------------------------------- rungs


@cache
def table(path: Path = TABLE) -> tuple[tuple[str, int], ...]:
    """Measures and thresholds of the shipped table."""
    rungs = tomllib.loads(path.read_text("utf-8"))["rung"]
    return tuple((each["measure"], each["threshold"]) for each in rungs)


def reached(values: Mapping[str, int]) -> Iterable[tuple[str, int]]:
    """The rungs that are due: days left fall, everything else rises."""
    return [
        (measure, threshold)
        for measure, threshold in table()
        if measure in values
        and (values[measure] <= threshold if measure == "days_left" else values[measure] >= threshold)
    ]


def steepness(measure: str, threshold: int) -> int:
    """How bad, within a ladder."""
    return STEEPNESS.get(measure, 0) * 1000 + (-threshold if measure == "days_left" else threshold)


def _date(at: datetime | None) -> str:
    return f"{at:%d/%m/%Y}" if at else "không có ngày hẹn"


_ZONE = moment("01/01/2026 00:00:00").tzinfo  # type: ignore[union-attr]
