"""The page of reports: the period, unit and basis of the address, and the choices that it offers. Knows no request."""

import calendar
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from app.compliance_page import quarter_name, quarters_until
from app.typed_dates import FIRST, LAST, day_asked
from app.typed_numbers import row_asked
from tracker.types import Basis

PERIOD = re.compile(r"([1-9][0-9]{3})(?:-(?:([0-9]{2})|Q([1-4])))?", re.ASCII)
MONTHS_OFFERED, QUARTERS_OFFERED, YEARS_OFFERED = 6, 5, 3
ENDINGS: Mapping[str, str] = {".xlsx": "Excel", ".docx": "Word", ".csv": "CSV"}


@dataclass(frozen=True, slots=True)
class ReportFilters:
    """What reports are asked about; `key` is the period's own name, empty where days were typed. `faults`: in words."""

    start: date
    end: date
    key: str
    unit_id: int | None
    basis: Basis
    faults: tuple[str, ...] = ()

    def as_address(self) -> dict[str, str]:
        """The parts of the address that say so again."""
        days = {"ky": self.key} if self.key else {"tu": str(self.start), "den": str(self.end)}
        basis = "" if self.basis is Basis.SOURCE else self.basis.value
        own = {**days, "don-vi": str(self.unit_id or ""), "can-cu": basis}
        return {name: value for name, value in own.items() if value}

    def of_unit(self, unit_id: int | None) -> "ReportFilters":
        """The same about a unit."""
        return replace(self, unit_id=unit_id)


def read_filters(address: Mapping[str, str], today: date) -> ReportFilters:
    """From the query string; without a period the quarter of today. What cannot be used is left out and told."""
    faults: list[str] = []
    start = day_asked(address, "tu", "Từ ngày", faults)
    end = day_asked(address, "den", "Đến ngày", faults)
    told = address.get("ky", "").upper()
    key = told if days_of(told) else "" if start or end else quarters_until(today, 1)[0]
    first, last = days_of(key) or _between(start, end, faults)
    basis = address.get("can-cu", "")
    return ReportFilters(
        first,
        last,
        key,
        row_asked(address, "don-vi"),
        Basis(basis) if basis in set(Basis) else Basis.SOURCE,
        tuple(faults),
    )


def _between(start: date | None, end: date | None, faults: list[str]) -> tuple[date, date]:
    """Where one of them is missing, the year of the other."""
    first = start or date((end or LAST).year, 1, 1)
    last = end or date(first.year, 12, 31)
    if last < first:
        faults.append("Đến ngày đứng trước Từ ngày, nên chỉ lấy ngày đầu.")
        last = first
    return first, last


def days_of(key: str) -> tuple[date, date] | None:
    """The first and last day of "2026", "2026-Q3" or "2026-08"; None for any other text."""
    found = PERIOD.fullmatch(key)
    if found is None or not FIRST.year <= int(found[1]) <= LAST.year:
        return None
    year, month, quarter = int(found[1]), found[2], found[3]
    first, last = (int(month), int(month)) if month else (1, 12)
    if quarter:
        first, last = 3 * int(quarter) - 2, 3 * int(quarter)
    if not 1 <= first <= 12:
        return None
    return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])


def period_name(key: str) -> str:
    """ "2026-08" -> "Tháng 8/2026", "2026-Q3" -> "Quý 3/2026", "2026" -> "Năm 2026"."""
    year, _, part = key.partition("-")
    if part.startswith("Q"):
        return quarter_name(key)
    return f"Tháng {int(part)}/{year}" if part else f"Năm {year}"


def periods_offered(today: date, chosen: str) -> dict[str, list[str]]:
    """The periods to choose from, by what they are; one that the address names is among them."""
    offered = {
        "Quý": quarters_until(today, QUARTERS_OFFERED),
        "Tháng": list(_months(today)),
        "Năm": [str(today.year - back) for back in range(YEARS_OFFERED)],
    }
    if chosen and not any(chosen in keys for keys in offered.values()):
        offered["Đang chọn"] = [chosen]
    return offered


def _months(today: date) -> Iterator[str]:
    number = today.year * 12 + today.month - 1
    for each in range(number, number - MONTHS_OFFERED, -1):
        yield f"{each // 12}-{each % 12 + 1:02}"
