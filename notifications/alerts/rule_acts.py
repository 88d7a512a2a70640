"""Rules of alerts set and taken back by people: checked, shown in numbers before they are saved, kept as new rows.

A rule is never edited: a newer row of the same scope governs, and a row that tells nobody takes back what was set there.
Which rule governs where says `rules`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from notifications.alerts.directory import path_of
from notifications.alerts.kept_rules import office_rules
from notifications.alerts.rules import OfficeRule, Place, RuleBook, shipped_rungs
from notifications.alerts.rungs import OF_DOSSIERS, PLACES, Ladder, Measure, Rung, Who
from notifications.alerts.words import WHO_WORDS, rung_words
from tracker.errors import CalendarError, UsageError
from tracker.store import alert_rule_store, alert_store
from tracker.store.alert_rule_store import NewRow, Scope
from tracker.store.session import Session, Store
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import VN

LONGEST_REASON = 300
LOOKED_BACK = 20  # working days over which told rungs are counted
LATEST = timedelta(days=366)  # a rule does not begin later than that
NOT_YET_KEPT = 2**31  # the id of a rule that is only looked at: later than all that are kept
# Smallest and largest threshold of each measure, in its own unit. None is from a legal text.
RANGES: Mapping[Measure, tuple[int, int]] = {
    Measure.SHARE_USED: (1, 100),
    Measure.DAYS_LEFT: (0, 60),
    Measure.DAYS_LATE: (0, 250),
    Measure.INTAKE_OVER: (0, 30),
    Measure.SUSPENDED: (1, 250),
    Measure.NO_DUE: (0, 250),
    Measure.PROMISE_PASSED: (0, 60),
    Measure.LETTER_STUCK: (1, 60),
    Measure.LETTER_PROMISE: (0, 60),
    Measure.BUDGET: (1, 300),
    Measure.SOURCE_SILENT: (1, 60),
    Measure.CALENDAR: (1, 1),
    Measure.NOBODY: (1, 1_000),
    Measure.FLOOD: (1, 100_000),
}
OF_UNITS = OF_DOSSIERS | {Measure.LETTER_STUCK, Measure.LETTER_PROMISE, Measure.NOBODY}
"""What lies in a unit; the others are the whole province's."""
OF_WORK = OF_DOSSIERS | {Measure.LETTER_STUCK, Measure.LETTER_PROMISE}
ABOUT_WORK = (Who.HANDLER, Who.DESK, Who.DIVISION, Who.UNIT, Who.PROVINCE)
ABOUT_THE_OFFICE = (Who.DIVISION, Who.UNIT, Who.PROVINCE, Who.ADMIN)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, when, and for which units (None = all)."""

    login: str
    now: datetime
    unit_ids: frozenset[int] | None = None

    @property
    def today(self) -> date:
        """The office's date."""
        return self.now.astimezone(VN).date()


@dataclass(frozen=True, slots=True)
class NewRule:
    """A rule about to be set; a scope of None is everything."""

    measure: Measure
    threshold: int
    who: tuple[Who, ...]
    valid_from: date
    reason: str
    unit_id: int | None = None
    field_id: int | None = None
    procedure_id: int | None = None
    is_urgent: bool = False
    is_on: bool = True

    def as_kept(self, rule_id: int = NOT_YET_KEPT) -> OfficeRule:
        """As the book of rules sees it."""
        return OfficeRule(
            rule_id, self.measure, self.threshold, self.unit_id, self.field_id, self.procedure_id, self.who,
            self.is_urgent, self.is_on, self.valid_from,
        )  # fmt: skip


InSameStep = Callable[[Session, int], None]


def _nothing(_session: Session, _number: int) -> None:
    return None


# ---------------------------------------------------------------- checked


def who_allowed(measure: Measure) -> tuple[Who, ...]:
    """As whom people may be told of it: who administers the program opens no dossiers, an office's cause has no handler."""
    return ABOUT_WORK if measure in OF_WORK else ABOUT_THE_OFFICE


def rule_faults(new: NewRule, today: date) -> dict[str, str]:
    """What is wrong with a rule, in the user's words, by its field; empty where it may be set."""
    lowest, highest = RANGES[new.measure]
    faults = {}
    if not lowest <= new.threshold <= highest:
        span = str(lowest) if lowest == highest else f"một số từ {lowest} đến {highest}"
        faults["threshold"] = f"mức của mốc này là {span}"
    if new.is_on and not new.who:
        faults["who"] = "mốc đang bật thì phải báo cho ít nhất một người"
    elif strange := [word for word in new.who if word not in who_allowed(new.measure)]:
        faults["who"] = f"mốc này không báo cho {WHO_WORDS[strange[0]]}"
    if new.valid_from < today:
        faults["valid_from"] = "quy tắc có hiệu lực từ hôm nay trở đi: không sửa được những ngày đã qua"
    elif new.valid_from > today + LATEST:
        faults["valid_from"] = "ngày bắt đầu xa nhất là một năm kể từ hôm nay"
    if not new.reason.strip():
        faults["reason"] = "hãy ghi lý do, để người khác hiểu vì sao"
    elif len(new.reason) > LONGEST_REASON:
        faults["reason"] = f"lý do dài nhất {LONGEST_REASON} ký tự"
    return faults | _scope_faults(new)


def _scope_faults(new: NewRule) -> dict[str, str]:
    if new.unit_id is not None and new.measure not in OF_UNITS:
        return {"unit": "mốc này là của cả tỉnh, không đặt riêng cho một đơn vị"}
    is_narrow = new.field_id is not None or new.procedure_id is not None
    if is_narrow and new.measure not in OF_DOSSIERS:
        return {"scope": "mốc này không tính theo hồ sơ nên không đặt riêng cho lĩnh vực, thủ tục"}
    if new.field_id is not None and new.procedure_id is not None:
        return {"scope": "đặt theo lĩnh vực hoặc theo thủ tục, không cả hai"}
    return {}


def _own_scope(unit_id: int | None, actor: Actor) -> None:
    if actor.unit_ids is not None and unit_id not in actor.unit_ids:
        raise UsageError("chỉ đặt được quy tắc cho đơn vị thuộc phạm vi của bạn")


# ---------------------------------------------------------------- set, taken back


def set_rule(store: Store, new: NewRule, actor: Actor, in_same_step: InSameStep = _nothing) -> int:
    """Set a rule; its id. `in_same_step` writes into the same transaction, last.

    Raises:
        UsageError: something of it cannot be, the unit is another one, or the same is said there already.
    """
    if faults := rule_faults(new, actor.today):
        raise UsageError("; ".join(faults.values()))
    _own_scope(new.unit_id, actor)
    with store.transaction() as session:
        alert_rule_store.lock_rules(session)
        last = _last_of(office_rules(session), new.as_kept())
        if last is not None and _says(last) == _says(new.as_kept()):
            raise UsageError("ở đúng phạm vi này đã có quy tắc nói như vậy")
        number = alert_rule_store.add_rule(session, _row(new), by=actor.login, at=actor.now)
        in_same_step(session, number)
    return number


def take_back(
    store: Store, rule_id: int, reason: str, actor: Actor, in_same_step: InSameStep = _nothing
) -> int:
    """Take a rule back from today on, or before it begins: a new row, after which a wider rule holds there again, or the
    shipped rung. The id of the new row.

    Raises:
        UsageError: no such rule, another unit's, it no longer says anything there, or no reason is given.
    """
    if not reason.strip() or len(reason) > LONGEST_REASON:
        raise UsageError(f"hãy ghi lý do, dài nhất {LONGEST_REASON} ký tự")
    with store.transaction() as session:
        alert_rule_store.lock_rules(session)
        rules = office_rules(session)
        rule = next((each for each in rules if each.rule_id == rule_id), None)
        if rule is None or (actor.unit_ids is not None and rule.unit_id not in actor.unit_ids):
            raise UsageError(f"không có quy tắc số {rule_id} trong phạm vi của bạn")
        begins = max(rule.valid_from, actor.today)
        if rule.is_taken_back or _last_of(rules, rule, begins) != rule:
            raise UsageError(f"quy tắc số {rule_id} đã được thay hoặc đã rút")
        number = alert_rule_store.add_rule(
            session, _silence(rule, begins, reason), by=actor.login, at=actor.now
        )
        in_same_step(session, number)
    return number


def _last_of(rules: Sequence[OfficeRule], like: OfficeRule, day: date | None = None) -> OfficeRule | None:
    """The rule of the same scope that is the last to say something by a day."""
    day = day or like.valid_from
    same = [each for each in rules if each.scope == like.scope and each.valid_from <= day]
    return max(same, key=lambda each: (each.valid_from, each.rule_id), default=None)


def _says(rule: OfficeRule) -> tuple[object, ...]:
    return (frozenset(rule.who), rule.is_urgent, True) if rule.is_on else (frozenset(), False, False)


def _row(new: NewRule) -> NewRow:
    is_on = new.is_on
    return NewRow(
        measure=new.measure.value, threshold=new.threshold, unit_id=new.unit_id, field_id=new.field_id,
        procedure_id=new.procedure_id, who=" ".join(word.value for word in _in_order(new.who)) if is_on else "",
        is_urgent=is_on and new.is_urgent, is_on=is_on, valid_from=new.valid_from, reason=new.reason.strip(),
    )  # fmt: skip


def _in_order(who: Sequence[Who]) -> list[Who]:
    return [word for word in Who if word in who]


def _silence(rule: OfficeRule, begins: date, reason: str) -> NewRow:
    return NewRow(
        measure=rule.measure.value, threshold=rule.threshold, unit_id=rule.unit_id, field_id=rule.field_id,
        procedure_id=rule.procedure_id, who="", is_urgent=False, is_on=True, valid_from=begins, reason=reason.strip(),
    )  # fmt: skip


# ---------------------------------------------------------------- shown before it is saved


@dataclass(frozen=True, slots=True)
class RulePreview:
    """What a rule would concern. `open_dossiers` None: it is not about dossiers; `told`: of this rung since `since`,
    `told_of_measure`: of all rungs of its measure; `ladder`: what would hold in its scope from its day on; `about`: the
    ladder that it belongs to.
    """

    open_dossiers: int | None
    told: int
    told_of_measure: int
    since: date
    ladder: tuple[Rung, ...]
    about: Ladder


def preview(session: Session, new: NewRule, calendar: WorkingCalendar, today: date) -> RulePreview:
    """What a rule would concern, by what the store holds now; writes nothing."""
    above = alert_store.units_above(session)
    scope = Scope(units_under(above, new.unit_id), new.field_id, new.procedure_id)
    since = days_back(calendar, today)
    place = scope_place(session, new.unit_id, new.field_id, new.procedure_id)
    measure = new.measure.value
    return RulePreview(
        open_dossiers=alert_rule_store.count_open(session, scope) if new.measure in OF_DOSSIERS else None,
        told=alert_rule_store.count_told(
            session, scope, measure=measure, threshold=new.threshold, since=since
        ),
        told_of_measure=alert_rule_store.count_told(
            session, scope, measure=measure, threshold=None, since=since
        ),
        since=since,
        ladder=book_with(office_rules(session), new).at(place),
        about=PLACES[new.measure][0],
    )


def book_with(rules: Sequence[OfficeRule], new: NewRule) -> RuleBook:
    """The rules from the day of a new one on, with it."""
    return RuleBook(shipped_rungs(), [*rules, new.as_kept()], new.valid_from)


def scope_place(
    session: Session, unit_id: int | None, field_id: int | None, procedure_id: int | None
) -> Place:
    """Where dossiers of a unit, field and procedure lie; those of a procedure lie in its field."""
    units = path_of(alert_store.units_above(session), unit_id)
    if procedure_id is not None:
        named = alert_rule_store.procedure_names(session, [procedure_id]).get(procedure_id)
        field_id = named.field_id if named else field_id
    return Place(units, field_id, procedure_id)


def units_under(above: Mapping[int, int | None], unit_id: int | None) -> frozenset[int] | None:
    """The units whose dossiers a rule of a unit concerns; None = all."""
    if unit_id is None:
        return None
    return frozenset(unit for unit in {*above, unit_id} if unit_id in path_of(above, unit))


def days_back(calendar: WorkingCalendar, today: date, working_days: int = LOOKED_BACK) -> date:
    """The first of the last working days up to today; outside the loaded calendar by weeks of five days."""
    day = today
    try:
        while calendar.count_workdays(day - timedelta(days=1), today) < working_days:
            day -= timedelta(days=1)
    except CalendarError:
        return today - timedelta(days=working_days * 7 // 5)
    return day


def rule_words(new: NewRule) -> str:
    """A rule on one line: what it is reached by and whom it tells."""
    if not new.is_on:
        return f"{rung_words(new.measure, new.threshold)}: tắt"
    told = ", ".join(WHO_WORDS[word] for word in _in_order(new.who))
    return f"{rung_words(new.measure, new.threshold)}: báo {told}" + (", báo ngay" if new.is_urgent else "")
