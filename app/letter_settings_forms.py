"""What is typed about an office's letters: the place of a template, a signer, a series of numbers, a reason. Pure.

Each reader gives the form as it stands on the page, with what is wrong by field, and the value where nothing is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256

from app.presenters import sentence
from app.typed_dates import day_asked
from app.typed_numbers import row_number
from letters.deciding import LONGEST as LONGEST_REASON
from letters.forms import LetterForms
from letters.issuer import Authority
from letters.obligations import LetterKind
from letters.series import HIGHEST_FIRST, LONGEST_DECISION, LONGEST_SYMBOL
from letters.signers import LONGEST as LONGEST_NAME
from letters.signers import entry_fault
from letters.templates import LONGEST_NOTE, TemplatePlace
from tracker.store.delay_reasons import NewReason
from tracker.store.number_store import NewSeries
from tracker.store.signer_store import NewSigner
from tracker.types.catalogue import KeptProcedure

ALL_UNITS = "tat-ca"  # of a choice of units: all of them
LONGEST_QUERY = 100
NOT_CHOSEN = "Hãy chọn một đơn vị trong danh sách."
EMPTY: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class SettingForm:
    """A form as it stands on the page; faults by the name of the field, `entry` for the whole."""

    values: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """What was typed."""
        return self.values.get(name, "")

    def with_fault(self, name: str, fault: object) -> "SettingForm":
        """The same with what was found wrong later."""
        return replace(self, faults={**self.faults, name: sentence(fault)})

    @property
    def mark(self) -> str:
        """Tells whether two forms say the same: what was seen before is what is saved."""
        return sha256(repr(sorted(self.values.items())).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class UnitsAllowed:
    """Which units may be named: ids by code, and whether all of them at once."""

    ids: Mapping[str, int]
    is_all_allowed: bool


def _typed(typed: Mapping[str, str], lengths: Mapping[str, int]) -> dict[str, str]:
    return {name: " ".join(typed.get(name, "").split())[:most] for name, most in lengths.items()}


def _unit(values: Mapping[str, str], allowed: UnitsAllowed, faults: dict[str, str]) -> int | None:
    """The unit that was chosen; None for all, and where something is wrong."""
    chosen = values["don-vi"]
    if chosen == ALL_UNITS and allowed.is_all_allowed:
        return None
    if chosen not in allowed.ids:
        faults["don-vi"] = NOT_CHOSEN
    return allowed.ids.get(chosen)


def _day(values: Mapping[str, str], name: str, faults: dict[str, str], *, needed: str = "") -> date | None:
    """A date; `needed`: what is said where it is missing."""
    told: list[str] = []
    day = day_asked(values, name, "Ngày", told)
    if told:
        faults[name] = told[0]
    elif day is None and needed:
        faults[name] = needed
    return day


# ---------------------------------------------------------------- templates

PLACE = {"don-vi": 60, "mau": 60, "loai": 40, "ghi-chu": LONGEST_NOTE + 1}


def read_place(
    typed: Mapping[str, str], forms: LetterForms, allowed: UnitsAllowed
) -> tuple[SettingForm, TemplatePlace | None]:
    """For which letters a template is meant."""
    values, faults = _typed(typed, PLACE), dict[str, str]()
    unit_id = _unit(values, allowed, faults)
    if values["mau"] not in {form.key for form in forms.editions}:
        faults["mau"] = "Hãy chọn mẫu theo ngày."
    if values["loai"] not in {"", *LetterKind}:
        faults["loai"] = "Hãy chọn loại thư."
    if len(values["ghi-chu"]) > LONGEST_NOTE:
        faults["ghi-chu"] = f"Ghi chú dài nhất {LONGEST_NOTE} ký tự."
    form = SettingForm(values, faults)
    if faults:
        return form, None
    kind = LetterKind(values["loai"]) if values["loai"] else None
    return form, TemplatePlace(unit_id, values["mau"], kind)


# ---------------------------------------------------------------- signers

SIGNER = {
    "don-vi": 60, "ho-ten": LONGEST_NAME + 1, "quyen": 40, "chuc-danh": LONGEST_NAME + 1,
    "chuc-danh-dau": LONGEST_NAME + 1, "tu": 20, "den": 20, "can-cu": LONGEST_NAME + 1,
}  # fmt: skip


def read_signer(typed: Mapping[str, str], allowed: UnitsAllowed) -> tuple[SettingForm, NewSigner | None]:
    """Who may sign, as it was typed."""
    values, faults = _typed(typed, SIGNER), dict[str, str]()
    unit_id = _unit(values, replace(allowed, is_all_allowed=False), faults)
    first, last = _day(values, "tu", faults), _day(values, "den", faults)
    if values["quyen"] not in set(Authority):
        faults["quyen"] = "Hãy chọn quyền hạn ký."
    if faults or unit_id is None:
        return SettingForm(values, faults), None
    new = NewSigner(
        unit_id, values["ho-ten"], values["quyen"], values["chuc-danh"], values["chuc-danh-dau"], first, last,
        values["can-cu"],
    )  # fmt: skip
    fault = entry_fault(new)
    form = SettingForm(values)
    return (form.with_fault("entry", fault), None) if fault else (form, new)


def read_last_day(typed: Mapping[str, str]) -> tuple[SettingForm, date | None]:
    """The day with which something ends."""
    values, faults = _typed(typed, {"den": 20}), dict[str, str]()
    day = _day(values, "den", faults, needed="Hãy ghi ngày cuối cùng.")
    return SettingForm(values, faults), day


# ---------------------------------------------------------------- series

SERIES = {"don-vi": 60, "ky-hieu": LONGEST_SYMBOL + 1, "van-ban": LONGEST_DECISION + 1, "so-dau": 6, "tu": 20}


def read_series(typed: Mapping[str, str], allowed: UnitsAllowed) -> tuple[SettingForm, NewSeries | None]:
    """A series of numbers, as it was typed."""
    values, faults = _typed(typed, SERIES), dict[str, str]()
    unit_id = _unit(values, replace(allowed, is_all_allowed=False), faults)
    first_day = _day(values, "tu", faults, needed="Hãy ghi ngày bắt đầu lấy số từ dãy này.")
    first = row_number(values["so-dau"] or "1")
    if first is None or not 1 <= first <= HIGHEST_FIRST:
        faults["so-dau"] = f"Số bắt đầu là một số từ 1 đến {HIGHEST_FIRST}."
    form = SettingForm(values, faults)
    if faults or unit_id is None or first is None or first_day is None:
        return form, None
    return form, NewSeries(unit_id, values["ky-hieu"], values["van-ban"], first, first_day)


# ---------------------------------------------------------------- reasons

REASON = {"don-vi": 60, "thu-tuc": LONGEST_QUERY, "tu": 20, "den": 20, "loi": LONGEST_REASON + 1}
FindProcedures = Callable[[str], Sequence[KeptProcedure]]
NAMED = 5  # of procedures that fit, so many are named


def read_reason(
    typed: Mapping[str, str], allowed: UnitsAllowed, find: FindProcedures
) -> tuple[SettingForm, NewReason | None]:
    """A reason for lateness, as it was typed; `find`: procedures by code or words of their name."""
    values, faults = _typed(typed, REASON), dict[str, str]()
    unit_id = _unit(values, allowed, faults)
    procedure_id = procedure_named(values["thu-tuc"], find, faults)
    first = _day(values, "tu", faults, needed="Hãy ghi ngày hẹn đầu tiên.")
    last = _day(values, "den", faults, needed="Hãy ghi ngày hẹn cuối cùng.")
    if not values["loi"]:
        faults["loi"] = "Hãy ghi lý do, như sẽ in trong thư."
    if first and last and last < first:
        faults["den"] = "Ngày hẹn cuối cùng trước ngày hẹn đầu tiên."
    form = SettingForm(values, faults)
    if faults or first is None or last is None:
        return form, None
    return form, NewReason(unit_id, procedure_id, first, last, values["loi"])


def procedure_named(text: str, find: FindProcedures, faults: dict[str, str]) -> int | None:
    """The procedure that is meant by its code or words of its name; None for none, and where it is not clear which."""
    if not text:
        return None
    found = find(text)
    exact = [each for each in found if each.code == text]
    if len(exact or found) == 1:
        return (exact or found)[0].procedure_id
    if not found:
        faults["thu-tuc"] = f"Không có thủ tục nào khớp “{text}”; bỏ trống là mọi thủ tục."
        return None
    named = "; ".join(f"{each.code} {each.name}" for each in found[:NAMED])
    more = f" và {len(found) - NAMED} thủ tục khác" if len(found) > NAMED else ""
    faults["thu-tuc"] = f"Có {len(found)} thủ tục khớp, hãy ghi mã: {named}{more}."
    return None
