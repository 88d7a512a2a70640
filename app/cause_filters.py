"""Which lateness the page of causes and the event log are about: months, unit, field, procedure, as they stand in the address."""

import re
from calendar import monthrange
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from app.typed_numbers import row_asked
from tracker.measures.months import each
from tracker.types.causes import CauseQuestion

FIRST_YEAR, LAST_YEAR = 1990, 2199
_MONTH = re.compile(r"\s*(?:(\d{1,2})\s*[/.-]\s*(\d{4})|(\d{4})-(\d{1,2}))\s*")


@dataclass(frozen=True, slots=True)
class CauseFilters:
    """Dossiers that ended in these months (year * 100 + month, both included); `faults` in words.

    `procedure` is a code of the catalogue, `field` one of its names.
    """

    first: int
    last: int
    unit_id: int | None = None
    field: str | None = None
    procedure: str | None = None
    faults: tuple[str, ...] = ()

    @property
    def start(self) -> date:
        """The first day."""
        return date(self.first // 100, self.first % 100, 1)

    @property
    def end(self) -> date:
        """The last day."""
        return month_end(self.last)

    @property
    def months(self) -> tuple[int, ...]:
        """All months, in order."""
        return tuple(each(self.first, self.last))

    @property
    def year(self) -> int | None:
        """The year, where it is exactly one."""
        year = self.first // 100
        return year if (self.first, self.last) == (year * 100 + 1, year * 100 + 12) else None

    def as_address(self) -> dict[str, str]:
        """The parts of the address that say what is shown."""
        given = {
            "tu": month_text(self.first),
            "den": month_text(self.last),
            "don-vi": self.unit_id,
            "linh-vuc": self.field,
            "thu-tuc": self.procedure,
        }
        return {key: str(value) for key, value in given.items() if value is not None}

    def question(
        self, unit_ids: frozenset[int] | None, field_id: int | None, procedure_id: int | None
    ) -> CauseQuestion:
        """The same as a question, in the numbers of the store."""
        return CauseQuestion(self.first, self.last, unit_ids, field_id, procedure_id)


def month_text(month: int) -> str:
    """09/2022."""
    return f"{month % 100:02d}/{month // 100}"


def month_end(month: int) -> date:
    """The last day of a month."""
    year, number = month // 100, month % 100
    return date(year, number, monthrange(year, number)[1])


def read_filters(
    address: Mapping[str, str], fields: Collection[str], procedures: Collection[str], *, year: int
) -> CauseFilters:
    """From the query string; `year` where the address names no period (`nam` names one as well).

    Filters are logged, for ever: field and procedure are words of the catalogue, or none.
    """
    faults: list[str] = []
    asked_year = row_asked(address, "nam")
    if asked_year is not None and FIRST_YEAR <= asked_year <= LAST_YEAR:
        year = asked_year
    first, last = _month(address, "tu", "Từ tháng", faults), _month(address, "den", "Đến tháng", faults)
    first, last = _period(first, last, year, faults)
    field, procedure = address.get("linh-vuc", ""), address.get("thu-tuc", "").strip()
    if field and field not in fields:
        faults.append("Lĩnh vực: danh mục không có lĩnh vực này, nên trang không lọc theo lĩnh vực.")
    if procedure and procedure not in procedures:
        faults.append("Mã thủ tục: danh mục không có mã này, nên trang không lọc theo thủ tục.")
    return CauseFilters(
        first, last, row_asked(address, "don-vi"), field if field in fields else None,
        procedure if procedure in procedures else None, tuple(faults),
    )  # fmt: skip


def _month(address: Mapping[str, str], key: str, label: str, faults: list[str]) -> int | None:
    text = address.get(key, "").strip()
    if not text:
        return None
    found = _MONTH.fullmatch(text)
    month, year = (int(found[1] or found[4]), int(found[2] or found[3])) if found else (0, 0)
    if not (1 <= month <= 12 and FIRST_YEAR <= year <= LAST_YEAR):
        faults.append(f"{label}: “{text[:20]}” không phải là tháng; hãy viết như 09/2022.")
        return None
    return year * 100 + month


def _period(first: int | None, last: int | None, year: int, faults: list[str]) -> tuple[int, int]:
    """Where one of both is missing, the year of the other."""
    begin = first or ((last // 100 if last else year) * 100 + 1)
    end = last or (begin // 100 * 100 + 12)
    if end < begin:
        faults.append("Đến tháng đứng trước Từ tháng, nên chỉ lấy tháng đầu.")
        end = begin
    return begin, end
