"""One unit on a morning as values: who may read what of it, its figures, what waits for somebody. Knows no request.

The page and the API ask here alike. Figures of single officers are personal data of staff: only the head of the unit, or of
one above it, reads them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from app.access import Role
from app.alert_page import COUNT_CAP
from app.context import AppContext
from app.two_person_kinds import TWO_PERSON_KINDS
from app.works.alerting import alert_policy
from tracker.pipeline.scores import ScoreQuestion, edition_for
from tracker.pipeline.unit_home import Surroundings, UnitAnswer, UnitQuestion, unit_home
from tracker.store import catalogue
from tracker.store.people import Account
from tracker.store.session import Session
from tracker.store.unit_waits import AlertsAsked
from tracker.types import Level, UnitRef

CRITERION = "3.4.1"
A_DAY = timedelta(days=1)
# Whose alerts and letters wait on this page; an auditor only looks on.
ACTS = frozenset({Role.HEAD, Role.REFORM})


@dataclass(frozen=True, slots=True)
class UnitReader:
    """Who reads of which unit (None = the whole province): the account, its units (None = all), those of the unit."""

    account: Account
    scope: frozenset[int] | None
    unit_id: int | None
    unit_ids: frozenset[int] | None

    @property
    def role(self) -> Role:
        """What the account is for."""
        return Role(self.account.role)

    @property
    def sees_officers(self) -> bool:
        """May it read what lies with each officer? Only the head of this unit, or of a unit above it, and nobody else."""
        is_head = self.role is Role.HEAD and self.account.unit_id is not None
        return is_head and self.scope is not None and self.unit_id in self.scope


@dataclass(frozen=True, slots=True)
class Reference:
    """The threshold of the criterion, drawn where the office has set no target; a guide and no target."""

    share: Fraction
    edition: str


@dataclass(frozen=True, slots=True)
class UnitHome:
    """Everything that the page shows. `names`: of all units. `unit` None: the whole province; `above`: from the top down, as far as may be seen.

    `alerts`: open ones of the reader, counted no further than `COUNT_CAP` + 1; `changes`: that wait for this second
    person. None: no business of the reader. `day_minutes`: of a working day, for working time in words.
    """

    reader: UnitReader
    names: Mapping[int, str]
    unit: UnitRef | None
    above: tuple[UnitRef, ...]
    answer: UnitAnswer
    reference: Reference | None
    alerts: int | None
    changes: int | None
    day_minutes: int


def unit_home_of(context: AppContext, session: Session, reader: UnitReader, now: datetime) -> UnitHome:
    """A unit as it stands now, for this reader.

    Raises:
        CalendarError: the working calendar does not reach this day.
    """
    units, calendars = catalogue.units(session), context.calendars.present
    today = now.date()
    question = UnitQuestion(
        reader.unit_id,
        reader.unit_ids,
        now,
        since=calendars.default.previous_workday(today - A_DAY),
        soon_until=calendars.default.add_workdays(today, context.config.deadlines.due_soon_days),
        with_officers=reader.sees_officers,
        alerts=_alerts_asked(context, reader, now),
        decider=reader.account.login if _decides(reader) else None,
    )
    answer = unit_home(session, question, Surroundings(units, calendars, context.due_soon))
    unit = units.get(reader.unit_id) if reader.unit_id is not None else None
    return UnitHome(
        reader,
        catalogue.unit_names(session),
        unit,
        _above(units, unit, reader.scope),
        answer,
        None if answer.now.target else _reference(context, session, unit, now),
        answer.alerts,
        _changes(answer, reader),
        calendars.default.day_minutes,
    )


def _above(
    units: Mapping[int, UnitRef], unit: UnitRef | None, scope: frozenset[int] | None
) -> tuple[UnitRef, ...]:
    """The units above, as far as the reader may look at them."""
    found: list[UnitRef] = []
    parent = units.get(unit.parent_id) if unit is not None and unit.parent_id is not None else None
    while parent is not None and parent not in found and (scope is None or parent.unit_id in scope):
        found.append(parent)
        parent = units.get(parent.parent_id) if parent.parent_id is not None else None
    return tuple(reversed(found))


def _reference(
    context: AppContext, session: Session, unit: UnitRef | None, now: datetime
) -> Reference | None:
    """The threshold by the edition of this year, where it has one and counts the unit's level."""
    edition = edition_for(session, ScoreQuestion(CRITERION, now.year, now, context.config.score_edition))
    level = unit.level if unit is not None else Level.PROVINCE
    if not edition.threshold or level not in edition.levels:
        return None
    return Reference(edition.threshold, edition.name)


def _alerts_asked(context: AppContext, reader: UnitReader, now: datetime) -> AlertsAsked | None:
    if reader.role not in ACTS:
        return None
    basis = alert_policy(context).basis
    return AlertsAsked(reader.account.account_id, reader.scope, basis, now.date(), COUNT_CAP + 1)


def _decides(reader: UnitReader) -> bool:
    """Is the reader one of those who decide, as the second person, what others ask for?"""
    return reader.role is Role.REFORM and reader.account.unit_id is None


def _changes(answer: UnitAnswer, reader: UnitReader) -> int | None:
    """Changes that somebody else asked for and this reader may decide."""
    if answer.changes is None:
        return None
    return sum(count for kind, count in answer.changes.items() if reader.role in TWO_PERSON_KINDS[kind].roles)


# ---------------------------------------------------------------- in words


@dataclass(frozen=True, slots=True)
class UnitTask:
    """Something that waits: how many, in words, where it is done, and where all of it is done at once ("" = nowhere)."""

    count: int
    mark: str
    tone: str
    word: str
    endpoint: str
    address: Mapping[str, str]
    act_word: str = ""
    act_endpoint: str = ""
    act_address: Mapping[str, str] | None = None


# State of the ledger -> mark, tone, words, and the act that moves all of the list on: its word and key.
_LETTER_TASKS: Mapping[str, tuple[str, str, str, str, str]] = {
    "drafted": ("letter", "accent", "thư chờ duyệt", "Duyệt tất cả…", "duyet"),
    "approved": ("letter", "accent", "thư đã duyệt, chờ ký", "Ghi đã ký…", "ghi-da-ky"),
    "signed": ("letter", "plain", "thư đã ký, chờ vào sổ", "", ""),
    "numbered": ("letter", "plain", "thư đã vào sổ, chờ gửi", "", ""),
    "promise_broken": ("triangle", "late", "thư đã lỡ ngày hẹn mới", "", ""),
}
_DUTY_TASKS: Mapping[str, tuple[str, str, str]] = {
    "owed": ("letter", "soon", "hồ sơ phải xin lỗi, chưa soạn thư"),
    "to_check": ("flag", "plain", "hồ sơ cần xem có phải xin lỗi không"),
}


def unit_tasks(home: UnitHome) -> Sequence[UnitTask]:
    """What waits, what the head decides first; nothing that is none."""
    here = {} if home.reader.unit_id is None else {"don-vi": str(home.reader.unit_id)}
    is_head = home.reader.role is Role.HEAD
    letters = [
        _letter_task(state, home.answer.letters.get(state, 0), here, is_head=is_head)
        for state in _LETTER_TASKS
    ]
    duties = [
        UnitTask(
            home.answer.letters.get(state, 0),
            *told,
            endpoint="obligations.page",
            address={**here, "trang-thai": state},
        )
        for state, told in _DUTY_TASKS.items()
    ]
    found = [*letters[:2], *_alert_task(home, here), *letters[2:], *duties]
    if home.changes:
        found.append(
            UnitTask(home.changes, "person", "accent", "thay đổi chờ người thứ hai", "admin.changes", {})
        )
    return [task for task in found if task.count]


def _letter_task(state: str, count: int, here: Mapping[str, str], *, is_head: bool) -> UnitTask:
    mark, tone, word, act_word, act = _LETTER_TASKS[state]
    address = {**here, "trang-thai": state}
    task = UnitTask(count, mark, tone, word, "letters.register", address)
    if not act or not is_head:
        return task
    return UnitTask(
        count, mark, tone, word, "letters.register", address,
        act_word, "letter_steps.confirm", {**address, "viec": act, "tat-ca": "1"},
    )  # fmt: skip


def _alert_task(home: UnitHome, here: Mapping[str, str]) -> list[UnitTask]:
    if not home.alerts:
        return []
    confirm = {**here, "viec": "nhan-viec", "tat-ca": "1"}
    return [
        UnitTask(
            home.alerts, "bell", "soon", "cảnh báo chờ bạn nhận việc", "alerts.page", dict(here),
            "Nhận việc…", "alert_acts.confirm", confirm,
        )
    ]  # fmt: skip


def soon_words(home: UnitHome) -> str:
    """What the count of what is due soon says: its last day."""
    last: date = home.answer.question.soon_until
    return f"Đến hạn đến {last:%d/%m}"
