"""One dated history of what the office reckons by: calendars, limits, editions, targets, alert rules, letters' settings.

Each line says who asked, who decided, what it was and what it moved, and leads to the change. It is put together from
where each kind is kept: changes by two persons from their tables, the rest from the log. Knows no request.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from app.calendar_page import STATES
from app.calendar_words import operation_text
from app.context import AppContext
from app.log_page import action_words, actor_asked, detail_words
from app.presenters import Chip, decimal, number
from app.presenters import day as day_words
from app.two_person_kinds import TWO_PERSON_KINDS
from app.typed_dates import day_asked
from notifications.alerts.rungs import Measure, Who
from notifications.alerts.words import rung_words, who_words
from tracker.store import alert_rule_store, calendar_changes, rule_history, two_person
from tracker.store.alert_rule_store import RuleEntry
from tracker.store.audit import Logged
from tracker.store.rule_history import TargetRow
from tracker.store.session import Session
from tracker.store.two_person import TwoPersonRow
from tracker.types.calendars import CalendarChangeRow, ChangeState
from tracker.types.work import WorkRow, WorkState

DAYS_SHOWN, MOST_DAYS = 366, 3660


class RuleKind(StrEnum):
    """What kind of rule a line is about; the values are those of the address."""

    CALENDAR = "lich"
    LIMIT = "thoi-han"
    UNIT = "don-vi"
    EDITION = "phien-ban"
    TARGET = "chi-tieu"
    ALERT = "canh-bao"
    LETTER = "thu"
    LAYOUT = "cach-hieu"


KINDS: Mapping[RuleKind, str] = {
    RuleKind.CALENDAR: "Lịch làm việc",
    RuleKind.LIMIT: "Thủ tục, thời hạn",
    RuleKind.UNIT: "Đơn vị",
    RuleKind.EDITION: "Phiên bản tiêu chí, biểu mẫu",
    RuleKind.TARGET: "Chỉ tiêu",
    RuleKind.ALERT: "Quy tắc cảnh báo",
    RuleKind.LETTER: "Mẫu thư, người ký, dãy số",
    RuleKind.LAYOUT: "Cách hiểu cột",
}
# Acts of the log that change what is reckoned by, by kind; what two persons change stands in tables of its own.
LOGGED: Mapping[str, RuleKind] = {
    "limit_add": RuleKind.LIMIT,
    "procedure_name": RuleKind.LIMIT,
    "procedures_import": RuleKind.LIMIT,
    "procedure_alias": RuleKind.LIMIT,
    "unit_alias": RuleKind.UNIT,
    "unit_fill": RuleKind.UNIT,
    "unit_name": RuleKind.UNIT,
    "units_import": RuleKind.UNIT,
    "letter_template_add": RuleKind.LETTER,
    "letter_template_retire": RuleKind.LETTER,
    "signer_add": RuleKind.LETTER,
    "signer_end": RuleKind.LETTER,
    "series_add": RuleKind.LETTER,
    "series_close": RuleKind.LETTER,
    "letter_reason_add": RuleKind.LETTER,
    "letter_reason_end": RuleKind.LETTER,
    "layout_save": RuleKind.LAYOUT,
    "layout_forget": RuleKind.LAYOUT,
}
# The page of what an act was about, by the beginning of its subject: the endpoint and the name of its number.
PLACES: Mapping[str, tuple[str, str]] = {
    "procedure": ("catalogue.procedure", "procedure_id"),
    "unit": ("catalogue.unit", "unit_id"),
    "template": ("letter_templates.page", ""),
    "signer": ("letter_settings.signers", ""),
    "series": ("letter_settings.series", ""),
    "reason": ("letter_settings.reasons", ""),
    "layout": ("sources.layouts", ""),
}
DONE = Chip("tick", "Đã áp dụng", "kept")


@dataclass(frozen=True, slots=True)
class Link:
    """Where a line leads; `subject` is looked for in the log by who may not open that page."""

    endpoint: str
    values: Mapping[str, Any]
    subject: str = ""


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One change: when it was decided (or asked for), what it is, who asked and decided, what it moved."""

    at: datetime
    kind: RuleKind
    title: str
    told: tuple[str, ...]
    reason: str
    asked_by: str
    decided_by: str
    state: Chip
    effect: str
    link: Link


@dataclass(frozen=True, slots=True)
class HistoryFilters:
    """What is asked, as typed; `faults` tells what of the address could not be used."""

    kind: RuleKind | None
    state: ChangeState | None
    person: str
    first: date
    last: date
    faults: tuple[str, ...]

    def as_address(self) -> dict[str, str]:
        """The parts of the address that narrow the page."""
        given = {"loai": self.kind or "", "ket-qua": self.state or "", "nguoi": self.person}
        days = {"tu": f"{self.first:%d/%m/%Y}", "den": f"{self.last:%d/%m/%Y}"}
        return {**{key: str(value) for key, value in given.items() if value}, **days}


def read_filters(address: Mapping[str, str], today: date) -> HistoryFilters:
    """From the query string; without days the last year."""
    faults: list[str] = []
    last = day_asked(address, "den", "Đến ngày", faults) or today
    first = day_asked(address, "tu", "Từ ngày", faults) or last - timedelta(days=DAYS_SHOWN - 1)
    if first > last:
        faults.append("Từ ngày phải trước hoặc bằng đến ngày; đã đổi chỗ hai ngày.")
        first, last = last, first
    first = max(first, last - timedelta(days=MOST_DAYS))
    person = actor_asked(address, faults)
    kind, state = address.get("loai", ""), address.get("ket-qua", "")
    return HistoryFilters(
        RuleKind(kind) if kind in set(RuleKind) else None,
        ChangeState(state) if state in set(ChangeState) else None,
        person, first, last, tuple(faults),
    )  # fmt: skip


def history(context: AppContext, filters: HistoryFilters) -> list[RuleLine]:
    """All lines that the filters leave, newest first."""
    with context.store.read() as session:
        lines = [
            line
            for kind, read in _READERS.items()
            if filters.kind is None or filters.kind in kind
            for line in read(session, filters)
        ]
    return sorted(filter(lambda line: _fits(line, filters), lines), key=lambda line: line.at, reverse=True)


def _fits(line: RuleLine, filters: HistoryFilters) -> bool:
    if filters.kind is not None and line.kind is not filters.kind:
        return False
    if filters.state is not None and line.state != _chip(filters.state):
        return False
    if filters.person and filters.person not in (line.asked_by, line.decided_by):
        return False
    return filters.first <= line.at.date() <= filters.last


def _chip(state: ChangeState) -> Chip:
    return STATES[state]


# ---------------------------------------------------------------- what two persons change


def _calendars(session: Session, _filters: HistoryFilters) -> Iterator[RuleLine]:
    return map(_calendar, calendar_changes.list_changes(session))


def _calendar(row: CalendarChangeRow) -> RuleLine:
    told = tuple(map(operation_text, row.operations))
    undone = (f"Đã được hoàn tác bởi thay đổi số {row.undone_by_id}.",) if row.undone_by_id else ()
    return RuleLine(
        row.decided_at or row.proposed_at, RuleKind.CALENDAR, f"Thay đổi lịch số {row.change_id}", (*told, *undone), row.reason,
        row.proposed_by, row.decided_by or "", STATES[row.state], _calendar_effect(row),
        Link("calendar.change", {"change_id": row.change_id}, f"calendar_change:{row.change_id}"),
    )  # fmt: skip


def _calendar_effect(row: CalendarChangeRow) -> str:
    p = row.preview
    told = f"{number(p.open_moved)} hồ sơ đang mở đổi hạn ({number(p.open_no_longer_late)} hết trễ, {number(p.open_newly_late)} thành trễ)"
    return f"{told}; {number(p.letters_marked)} thư được đánh dấu"


def _editions(session: Session, _filters: HistoryFilters) -> Iterator[RuleLine]:
    for row in two_person.list_changes(session, limit=None):
        if row.asked.kind == "edition":
            yield _edition(session, row)


def _edition(session: Session, row: TwoPersonRow) -> RuleLine:
    kind = TWO_PERSON_KINDS[row.asked.kind]
    lines = kind.told(session, kind.read(row.asked.payload), row.asked.before)
    told = tuple(
        f"{each.label}: {each.before} → {each.after}" if each.before else f"{each.label}: {each.after}"
        for each in lines
    )
    payload = row.asked.payload
    effect = payload.get("effect") or ()
    return RuleLine(
        row.decided_at or row.proposed_at, RuleKind.EDITION, f"{kind.title}: {payload['subject']} {payload['key']}".strip(),
        told, row.asked.reason, row.asked.proposed_by, row.decided_by or "", STATES[row.state],
        "; ".join(f"{each['label']}: {each['after']}" for each in effect),
        Link("admin.change", {"change_id": row.change_id}, row.asked.subject),
    )  # fmt: skip


# ---------------------------------------------------------------- what one person sets


def _targets(session: Session, filters: HistoryFilters) -> Iterator[RuleLine]:
    return map(_target, rule_history.targets(session, filters.first, filters.last))


def _target(row: TargetRow) -> RuleLine:
    rate = f"{decimal(row.rate / 100)} %" if row.rate is not None else "không còn chỉ tiêu"
    told = f"{row.unit or 'Mọi đơn vị chưa có chỉ tiêu riêng'}: {rate} từ {day_words(row.valid_from)}"
    return RuleLine(
        row.set_at, RuleKind.TARGET, "Đặt chỉ tiêu đúng hạn", (told,), row.document, row.set_by, "", DONE, "",
        Link("unit_home.targets", {}, f"target:{row.target_id}"),
    )  # fmt: skip


def _alert_rules(session: Session, _filters: HistoryFilters) -> Iterator[RuleLine]:
    rows = alert_rule_store.rule_entries(session)
    units = {row.unit_id for row in rows if row.unit_id is not None}
    procedures = {row.procedure_id for row in rows if row.procedure_id is not None}
    named, placed = rule_history.names_of(session, procedures, units)
    return (_alert_rule(row, named, placed) for row in rows)


def _alert_rule(row: RuleEntry, procedures: Mapping[int, str], units: Mapping[int, str]) -> RuleLine:
    place = "Mọi đơn vị" if row.unit_id is None else units.get(row.unit_id, f"đơn vị số {row.unit_id}")
    if row.procedure_id is not None:
        place += f", thủ tục {procedures.get(row.procedure_id, row.procedure_id)}"
    told = f"{place}: {rung_words(Measure(row.measure), row.threshold)} {_alert_says(row)}"
    since = f"Áp dụng từ {day_words(row.valid_from)}."
    return RuleLine(
        row.entered_at, RuleKind.ALERT, f"Quy tắc cảnh báo số {row.rule_id}", (told, since), row.reason, row.entered_by, "",
        DONE, "", Link("alert_rules.page", {}, f"alert_rule:{row.rule_id}"),
    )  # fmt: skip


def _alert_says(row: RuleEntry) -> str:
    if not row.is_on:
        return "→ tắt"
    if not row.who:
        return "→ rút quy tắc, dùng lại quy tắc ở trên"
    urgent = ", báo ngay" if row.is_urgent else ""
    return f"→ báo {who_words(tuple(map(Who, row.who.split())))}{urgent}"


# ---------------------------------------------------------------- what the log alone tells


def _acts(session: Session, filters: HistoryFilters) -> Iterator[RuleLine]:
    found = rule_history.rule_acts(session, LOGGED, filters.first, filters.last)
    works = rule_history.works_of(session, {n for entry in found if (n := _work_id(entry)) is not None})
    names = rule_history.names_of(session, _numbers(found, "procedure"), _numbers(found, "unit"))
    return (_act(entry, works, names) for entry in found)


def _work_id(entry: Logged) -> int | None:
    told = entry.act.detail.get("work")
    return told if isinstance(told, int) else None


def _numbers(found: Sequence[Logged], kind: str) -> set[int]:
    subjects = (entry.act.subject.partition(":") for entry in found)
    return {int(number) for name, _, number in subjects if name == kind and number.isdigit()}


def _act(
    entry: Logged, works: Mapping[int, WorkRow], names: tuple[Mapping[int, str], Mapping[int, str]]
) -> RuleLine:
    act = entry.act
    kind, _, told = act.subject.partition(":")
    number_told = int(told) if told.isdigit() else 0
    name = {"procedure": names[0], "unit": names[1]}.get(kind, {}).get(number_told, "")
    detail = {key: value for key, value in act.detail.items() if key != "work"}
    work = works.get(_work_id(entry) or 0)
    return RuleLine(
        act.at, LOGGED[act.action], action_words(act.action), tuple(filter(None, (name, detail_words(detail)))), "",
        act.actor, "", DONE, _moved(work), _place(kind, number_told, act.subject),
    )  # fmt: skip


def _place(kind: str, number_told: int, subject: str) -> Link:
    endpoint, name = PLACES.get(kind, ("audit.page", ""))
    if endpoint == "audit.page":
        return Link(endpoint, {"doi-tuong": subject}, subject)
    return Link(endpoint, {name: number_told} if name else {}, subject)


def _moved(work: WorkRow | None) -> str:
    """What the work that a change asked for moved."""
    if work is None:
        return ""
    if work.state is not WorkState.DONE:
        return f"việc tính lại số {work.work_id} chưa xong"
    moved = work.result.get("recomputed")
    return f"{number(moved)} hồ sơ được tính lại" if isinstance(moved, int) else ""


_Reader = Callable[[Session, HistoryFilters], Iterator[RuleLine]]
_READERS: Mapping[frozenset[RuleKind], _Reader] = {
    frozenset({RuleKind.CALENDAR}): _calendars,
    frozenset({RuleKind.EDITION}): _editions,
    frozenset({RuleKind.TARGET}): _targets,
    frozenset({RuleKind.ALERT}): _alert_rules,
    frozenset(LOGGED.values()): _acts,
}
