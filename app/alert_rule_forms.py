"""What is typed about alerts: the scope that is looked at, a new rule, a leave. Pure.

Each reader gives the form as it stands on the page, with what is wrong by field, and the value where nothing is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.letter_settings_forms import (
    ALL_UNITS,
    LONGEST_QUERY,
    NOT_CHOSEN,
    FindProcedures,
    SettingForm,
    UnitsAllowed,
    procedure_named,
)
from app.presenters import sentence
from app.typed_dates import day_asked
from app.typed_numbers import row_number
from notifications.alerts.rule_acts import LONGEST_REASON, NewRule, rule_faults
from notifications.alerts.rungs import Measure, Who
from tracker.store.absence_store import NewAbsence

OFF = "tat"
# The fields of the page by what a fault is about.
RULE_FIELDS: Mapping[str, str] = {
    "threshold": "muc", "who": "nguoi", "valid_from": "tu", "reason": "ly-do", "unit": "entry", "scope": "entry",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ScopeAsked:
    """The unit, field and procedure that are looked at, None = all, and on which day."""

    form: SettingForm
    unit_id: int | None
    field_id: int | None
    procedure_id: int | None
    day: date

    def as_address(self, *, with_day: bool = True) -> dict[str, str]:
        """The parts of the address that lead back here."""
        names = ("don-vi", "linh-vuc", "thu-tuc", *(("ngay",) if with_day else ()))
        return {name: text for name in names if (text := self.form.text(name))}


def read_scope(
    typed: Mapping[str, str],
    allowed: UnitsAllowed,
    fields: Mapping[int, str],
    find: FindProcedures,
    *,
    own: str,
    today: date,
) -> ScopeAsked:
    """What is looked at; `own`: the choice where no unit is told. What cannot be used is told and left out."""
    values = {name: " ".join(typed.get(name, "").split())[:LONGEST_QUERY] for name in SCOPE_NAMES}
    values["don-vi"] = values["don-vi"] or own
    faults: dict[str, str] = {}
    if not _is_unit(values["don-vi"], allowed):
        faults["don-vi"], values["don-vi"] = NOT_CHOSEN, own
    field_id = row_number(values["linh-vuc"])
    if values["linh-vuc"] and field_id not in fields:
        faults["linh-vuc"], field_id = "Hãy chọn một lĩnh vực trong danh sách.", None
    procedure_id = procedure_named(values["thu-tuc"], find, faults)
    if field_id is not None and procedure_id is not None:
        faults["thu-tuc"] = "Xem theo lĩnh vực hoặc theo thủ tục, không cả hai."
        procedure_id = None
    told: list[str] = []
    day = day_asked(values, "ngay", "Ngày", told)
    if told:
        faults["ngay"] = told[0]
    unit_id = allowed.ids.get(values["don-vi"])
    return ScopeAsked(SettingForm(values, faults), unit_id, field_id, procedure_id, day or today)


SCOPE_NAMES = ("don-vi", "linh-vuc", "thu-tuc", "ngay")


def _is_unit(chosen: str, allowed: UnitsAllowed) -> bool:
    return chosen in allowed.ids or (chosen == ALL_UNITS and allowed.is_all_allowed)


# ---------------------------------------------------------------- a rule

RULE_NAMES = ("moc", "muc", "bat", "bao-ngay", "tu", "ly-do")
LONG = {"ly-do": LONGEST_REASON + 1}


def read_rule(
    typed: Mapping[str, str], who: Sequence[str], scope: ScopeAsked, today: date
) -> tuple[SettingForm, NewRule | None]:
    """A rule for the scope that is looked at, as it was typed; `who`: the boxes that were ticked."""
    values = {name: " ".join(typed.get(name, "").split())[: LONG.get(name, 40)] for name in RULE_NAMES}
    people = tuple(word for word in Who if word.value in who)
    values["nguoi"] = " ".join(people)
    values |= scope.as_address(with_day=False)
    faults: dict[str, str] = {name: text for name, text in scope.form.faults.items() if name != "ngay"}
    told: list[str] = []
    begins = day_asked(values, "tu", "Ngày", told) or today
    if told:
        faults["tu"] = told[0]
    threshold = row_number(values["muc"])
    if threshold is None:
        faults["muc"] = "Hãy ghi mức bằng một số."
    if values["moc"] not in set(Measure):
        faults["moc"] = "Hãy chọn mốc."
    form = SettingForm(values, faults)
    if faults or threshold is None:
        return form, None
    is_on = values["bat"] != OFF
    new = NewRule(
        Measure(values["moc"]), threshold, people, begins, values["ly-do"], scope.unit_id, scope.field_id,
        scope.procedure_id, is_urgent=bool(values["bao-ngay"]), is_on=is_on,
    )  # fmt: skip
    wrong = rule_faults(new, today)
    for name, fault in wrong.items():
        form = form.with_fault(RULE_FIELDS[name], fault)
    return form, None if wrong else new


# ---------------------------------------------------------------- a leave

LEAVE_NAMES = ("tai-khoan", "tu", "den", "thay")


def read_leave(
    typed: Mapping[str, str], accounts: Mapping[str, int], delegates: Mapping[str, int], own: str
) -> tuple[SettingForm, NewAbsence | None]:
    """A leave, as it was typed: accounts by login among those that may be named; `own`: where none is told."""
    values = {name: " ".join(typed.get(name, "").split())[:60] for name in LEAVE_NAMES}
    values["tai-khoan"] = values["tai-khoan"] or own
    faults: dict[str, str] = {}
    days = {name: _needed_day(values, name, faults) for name in ("tu", "den")}
    account_id, delegate_id = accounts.get(values["tai-khoan"]), delegates.get(values["thay"])
    if account_id is None:
        faults["tai-khoan"] = "Hãy chọn người nghỉ trong danh sách."
    if values["thay"] and delegate_id is None:
        faults["thay"] = "Hãy chọn người làm thay trong danh sách."
    form = SettingForm(values, faults)
    first, last = days["tu"], days["den"]
    if faults or account_id is None or first is None or last is None:
        return form, None
    return form, NewAbsence(account_id, first, last, delegate_id)


def _needed_day(values: Mapping[str, str], name: str, faults: dict[str, str]) -> date | None:
    told: list[str] = []
    day = day_asked(values, name, "Ngày", told)
    if day is None:
        faults[name] = sentence(told[0] if told else "Hãy ghi ngày.")
    return day
