"""What is typed about faults and measures, and what the address of their list asks for. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from app.letter_settings_forms import ALL_UNITS, NOT_CHOSEN, SettingForm, UnitsAllowed
from app.remedy_rules import FIRST_YEAR, LONGEST, one_line
from app.typed_dates import day_asked
from app.typed_numbers import row_asked, row_number
from tracker.types.remedies import Remedy, RemedyState, RemedyTold

PROVINCE = ALL_UNITS  # of the choice of units: the whole province
LENGTHS = {
    "don-vi": 60, "linh-vuc": 20, "nam": 4, "ton-tai": LONGEST + 1, "nguyen-nhan": LONGEST + 1,
    "bien-phap": LONGEST + 1, "thoi-han": 20,
}  # fmt: skip
ACT_LENGTHS = {"ngay": 20, "loi": LONGEST + 1}


@dataclass(frozen=True, slots=True)
class RemedyChoices:
    """The units and fields that may be named; fields by id."""

    units: UnitsAllowed
    fields: Mapping[int, str]


def _typed(typed: Mapping[str, str], lengths: Mapping[str, int]) -> dict[str, str]:
    return {name: one_line(typed.get(name, ""))[:most] for name, most in lengths.items()}


def _day(values: Mapping[str, str], name: str, faults: dict[str, str]) -> date | None:
    told: list[str] = []
    day = day_asked(values, name, "Ngày", told)
    if told:
        faults[name] = told[0]
    return day


def read_remedy(
    typed: Mapping[str, str], choices: RemedyChoices, today: date
) -> tuple[SettingForm, RemedyTold | None]:
    """A fault as it was typed; what is not known yet may be left out, but for unit, year and the fault itself."""
    values, faults = _typed(typed, LENGTHS), dict[str, str]()
    unit_id = choices.units.ids.get(values["don-vi"])
    if unit_id is None and not (values["don-vi"] == PROVINCE and choices.units.is_all_allowed):
        faults["don-vi"] = NOT_CHOSEN
    field_id = row_number(values["linh-vuc"]) if values["linh-vuc"] else None
    if values["linh-vuc"] and field_id not in choices.fields:
        faults["linh-vuc"] = "Hãy chọn một lĩnh vực trong danh sách."
    year = row_number(values["nam"]) or 0
    if not FIRST_YEAR <= year <= today.year:
        faults["nam"] = f"Năm của số liệu là một năm từ {FIRST_YEAR} đến {today.year}."
    due_on = _day(values, "thoi-han", faults)
    if not values["ton-tai"]:
        faults["ton-tai"] = "Hãy ghi tồn tại, hạn chế."
    for name in ("ton-tai", "nguyen-nhan", "bien-phap"):
        if len(values[name]) > LONGEST:
            faults[name] = f"Dài nhất {LONGEST} ký tự."
    form = SettingForm(values, faults)
    if faults:
        return form, None
    words = (values["ton-tai"], values["nguyen-nhan"], values["bien-phap"])
    return form, RemedyTold(unit_id, field_id, year, *words, due_on)


def form_of(remedy: Remedy) -> SettingForm:
    """The form with what stands."""
    told = remedy.told
    return SettingForm({
        "don-vi": remedy.unit_code if told.unit_id else PROVINCE,
        "linh-vuc": str(told.field_id or ""),
        "nam": str(told.year),
        "ton-tai": told.fault,
        "nguyen-nhan": told.cause,
        "bien-phap": told.measure,
        "thoi-han": f"{told.due_on:%d/%m/%Y}" if told.due_on else "",
    })  # fmt: skip


def read_act(typed: Mapping[str, str]) -> tuple[SettingForm, date | None]:
    """How a measure ended, as it was typed: a day, where one was needed, and words."""
    values, faults = _typed(typed, ACT_LENGTHS), dict[str, str]()
    day = _day(values, "ngay", faults)
    return SettingForm(values, faults), day


# ---------------------------------------------------------------- the list

STATES: Mapping[str, RemedyState | None] = {
    "dang-lam": RemedyState.OPEN,
    "qua-han": RemedyState.OVERDUE,
    "xong": RemedyState.DONE,
    "bo": RemedyState.DROPPED,
    "tat-ca": None,
}


@dataclass(frozen=True, slots=True)
class RemedyFilters:
    """Which remedies a list shows; None = any."""

    unit_id: int | None
    year: int | None
    state: str

    def as_address(self) -> dict[str, str]:
        """The parts of the address that say so."""
        own = {"don-vi": str(self.unit_id or ""), "nam": str(self.year or ""), "loc": self.state}
        return {name: value for name, value in own.items() if value}

    def fits(self, remedy: Remedy) -> bool:
        """Is it of that year? Units are asked for by the store."""
        return self.year is None or remedy.told.year == self.year


def read_filters(address: Mapping[str, str]) -> RemedyFilters:
    """From the query string; without a choice everything that is not finished stands first in the list of all."""
    state = address.get("loc", "")
    return RemedyFilters(
        row_asked(address, "don-vi"), row_asked(address, "nam"), state if state in STATES else "tat-ca"
    )
