"""The filters of the late list as they stand in the address, read once for the page and for its export."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from app.typed_dates import day_asked
from app.typed_numbers import row_asked
from tracker.types import VN, Basis

STATES: Mapping[str, str] = {
    "open": "Chưa giải quyết",
    "finished": "Đã giải quyết",
    "all": "Tất cả",
}
END_OF_DAY = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class LateFilters:
    """What the list shows; `faults` tells in words which parts of the address could not be used."""

    unit_id: int | None
    field: str | None
    basis: Basis
    state: str
    start: date | None
    end: date | None
    day: date | None
    faults: tuple[str, ...]

    def as_of(self, now: datetime) -> datetime:
        """The end of the day asked for, or now."""
        return now if self.day is None else datetime.combine(self.day, END_OF_DAY, VN)

    def as_address(self) -> dict[str, str]:
        """The parts of the address that differ from the usual list."""
        given = {
            "don-vi": self.unit_id,
            "linh-vuc": self.field,
            "can-cu": None if self.basis is Basis.SOURCE else self.basis.value,
            "trang-thai": None if self.state == "open" else self.state,
            "tu": self.start,
            "den": self.end,
            "ngay": self.day,
        }
        return {key: str(value) for key, value in given.items() if value is not None}


def read_filters(address: Mapping[str, str], known_fields: Collection[str]) -> LateFilters:
    """From the query string; what cannot be used is left out and told.

    Filters are logged, for ever: a field is taken only where it is one of `known_fields`, the words of the catalogue.
    """
    faults: list[str] = []
    basis = address.get("can-cu", "")
    state = address.get("trang-thai", "")
    return LateFilters(
        unit_id=row_asked(address, "don-vi"),
        field=_field(address.get("linh-vuc", ""), known_fields, faults),
        basis=Basis(basis) if basis in set(Basis) else Basis.SOURCE,
        state=state if state in STATES else "open",
        start=day_asked(address, "tu", "Từ ngày", faults),
        end=day_asked(address, "den", "Đến ngày", faults),
        day=day_asked(address, "ngay", "Xét tại ngày", faults),
        faults=tuple(faults),
    )


def _field(text: str, known: Collection[str], faults: list[str]) -> str | None:
    if text and text not in known:
        faults.append("Lĩnh vực: danh mục không có lĩnh vực này, nên danh sách không lọc theo lĩnh vực.")
    return text if text in known else None
