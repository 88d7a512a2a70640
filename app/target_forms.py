"""What is typed about a unit's target: the share as people write it, the document, the day. Pure."""

from collections.abc import Mapping
from datetime import date

from app.letter_settings_forms import ALL_UNITS, NOT_CHOSEN, SettingForm, UnitsAllowed
from app.typed_dates import day_asked
from tracker.pipeline.unit_targets import HUNDREDTHS
from tracker.store.unit_targets import NewTarget

LONGEST = 300
YEARS_AHEAD = 2
LENGTHS = {"don-vi": 60, "chi-tieu": 12, "khong": 1, "tu": 20, "van-ban": LONGEST + 1}
NOT_A_SHARE = "Hãy ghi tỷ lệ từ 0,01 đến 100, nhiều nhất hai chữ số thập phân, như 95 hoặc 97,5."


def read_target(
    typed: Mapping[str, str], allowed: UnitsAllowed, today: date
) -> tuple[SettingForm, NewTarget | None]:
    """The form as it stands on the page, and the target where nothing is wrong with it."""
    values = {name: " ".join(typed.get(name, "").split())[:most] for name, most in LENGTHS.items()}
    faults: dict[str, str] = {}
    unit_id = allowed.ids.get(values["don-vi"])
    if unit_id is None and not (values["don-vi"] == ALL_UNITS and allowed.is_all_allowed):
        faults["don-vi"] = NOT_CHOSEN
    rate = None if values["khong"] else hundredths(values["chi-tieu"])
    if rate is None and not values["khong"]:
        faults["chi-tieu"] = NOT_A_SHARE
    told: list[str] = []
    day = day_asked(values, "tu", "Ngày", told)
    if told:
        faults["tu"] = told[0]
    elif day is None:
        faults["tu"] = "Hãy ghi ngày bắt đầu áp dụng."
    elif day.year > today.year + YEARS_AHEAD:
        faults["tu"] = f"Ngày bắt đầu xa nhất là hết năm {today.year + YEARS_AHEAD}."
    if not values["van-ban"]:
        faults["van-ban"] = "Hãy ghi văn bản giao chỉ tiêu: số, ngày, cơ quan."
    elif len(values["van-ban"]) > LONGEST:
        faults["van-ban"] = f"Dài nhất {LONGEST} ký tự."
    form = SettingForm(values, faults)
    if faults or day is None:
        return form, None
    return form, NewTarget(unit_id, rate, day, values["van-ban"])


def hundredths(text: str) -> int | None:
    """ "97,5" or "97.5 %" -> 9750; None for what is no share in per cent, or finer than hundredths."""
    whole, _comma, part = text.replace("%", "").strip().replace(".", ",").partition(",")
    if not whole.isascii() or not whole.isdigit() or (part and not (part.isascii() and part.isdigit())):
        return None
    if len(whole) > 3 or len(part) > 2:
        return None
    rate = int(whole) * 100 + int(part.ljust(2, "0") or 0)
    return rate if 0 < rate <= HUNDREDTHS else None
