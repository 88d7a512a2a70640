"""What the pages of reconciliation show: which report is asked for, which columns and rows, the counts above them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from app.typed_dates import day_asked
from tracker.types import VN
from tracker.types.reconciling import ComparedCell, ComparedRow, Comparison, ReportPlace

END_OF_DAY = time(23, 59, 59)
# The columns that a page of usual width has room for; the others stand behind "Mọi cột".
MAIN = ("total", "received", "finished", "early", "on_time", "in_time", "late", "open", "open_late")
USUAL_SPAN = timedelta(days=92)


def place_key(place: ReportPlace) -> str:
    """A report as it stands in an address."""
    unit = "" if place.unit_id is None else place.unit_id
    return f"{place.source}|{place.form}|{place.start}|{place.end}|{unit}"


@dataclass(frozen=True, slots=True)
class CompareFilters:
    """Which report is looked at, for which moment, which rows and columns; `faults` says what could not be used."""

    place: ReportPlace | None
    day: date | None
    only_differences: bool
    all_columns: bool
    faults: tuple[str, ...]

    def as_of(self) -> datetime | None:
        """The end of the day asked for; None = the period's end."""
        return None if self.day is None else datetime.combine(self.day, END_OF_DAY, VN)

    def as_address(self) -> dict[str, str]:
        """The parts of the address that differ from the usual page."""
        given = {
            "bao-cao": place_key(self.place) if self.place else None,
            "ngay": self.day,
            "loc": "khac" if self.only_differences else None,
            "cot": "tat-ca" if self.all_columns else None,
        }
        return {key: str(value) for key, value in given.items() if value is not None}

    def as_detail(self) -> dict[str, str]:
        """What the log keeps: the report by its own words, never by what somebody typed."""
        return self.as_address()


def read_filters(address: Mapping[str, str], places: Sequence[ReportPlace]) -> CompareFilters:
    """From the query string: one of the reports that there are, else the one of the latest period."""
    faults: list[str] = []
    asked = address.get("bao-cao", "")
    known = {place_key(place): place for place in places}
    if asked and asked not in known:
        faults.append("Không có báo cáo này; trang cho xem báo cáo có kỳ muộn nhất.")
    return CompareFilters(
        place=known.get(asked) or (places[0] if places else None),
        day=day_asked(address, "ngay", "Xét tại ngày", faults),
        only_differences=address.get("loc") == "khac",
        all_columns=address.get("cot") == "tat-ca",
        faults=tuple(faults),
    )


def by_source(places: Sequence[ReportPlace]) -> Mapping[str, Sequence[ReportPlace]]:
    """The reports of each source, in the order given."""
    found: dict[str, list[ReportPlace]] = {}
    for place in places:
        found.setdefault(place.source, []).append(place)
    return found


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure that differs, with the row it stands in."""

    row: ComparedRow
    cell: ComparedCell


@dataclass(frozen=True, slots=True)
class ComparedPage:
    """The columns that are shown, the rows of one page of the list, the differences, and the counts above."""

    columns: tuple[int, ...]
    hidden_columns: int
    rows: tuple[ComparedRow, ...]
    listed: int
    figures: int
    differing_rows: int
    unknown_rows: int
    unreported_rows: int
    differences: tuple[Difference, ...]


def compared_page(comparison: Comparison, chosen: CompareFilters, page: int, size: int) -> ComparedPage:
    """What the page shows of a comparison, `size` rows a page; totals stand on every page."""
    columns = tuple(
        at
        for at, measure in enumerate(comparison.measures)
        if chosen.all_columns or measure in MAIN or len(comparison.measures) <= len(MAIN)
    )
    rows = [row for row in comparison.rows if row.kind != "total"]
    listed = [row for row in rows if row.differs] if chosen.only_differences else rows
    shown = listed[size * (page - 1) : size * page]
    totals = [row for row in comparison.rows if row.kind == "total"]
    differences = [
        Difference(row, cell) for row in (*shown, *totals) for cell in row.cells if cell.difference
    ]
    return ComparedPage(
        columns,
        len(comparison.measures) - len(columns),
        (*shown, *totals),
        len(listed),
        sum(len(row.cells) for row in comparison.rows if row.is_reported),
        sum(row.differs for row in comparison.rows),
        sum(not row.unit_id and bool(row.reasons) and row.is_reported for row in rows),
        sum(not row.is_reported for row in rows),
        tuple(differences),
    )


# ---------------------------------------------------------------- what vanished


@dataclass(frozen=True, slots=True)
class GoneFilters:
    """Of which source, of those there are, and whether ended dossiers are looked at as well."""

    source: str
    sources: tuple[str, ...]
    with_ended: bool

    def as_address(self) -> dict[str, str]:
        """The parts of the address that differ from the usual page."""
        other = {"nguon": self.source} if len(self.sources) > 1 else {}
        return other | ({"xong": "co"} if self.with_ended else {})


def read_gone(address: Mapping[str, str], sources: Sequence[str]) -> GoneFilters:
    """From the query string: one of the sources that were loaded, else the first; what is logged has to exist."""
    asked = address.get("nguon", "")
    source = asked if asked in sources else next(iter(sources), "")
    return GoneFilters(source, tuple(sources), address.get("xong") == "co")


# ---------------------------------------------------------------- what may be told twice


@dataclass(frozen=True, slots=True)
class DoublesFilters:
    """Of dossiers received in which days; `faults` says what could not be used."""

    start: date
    end: date
    faults: tuple[str, ...]

    def as_address(self) -> dict[str, str]:
        """The days as the address has them."""
        return {"tu": self.start.isoformat(), "den": self.end.isoformat()}


def read_doubles(address: Mapping[str, str], today: date) -> DoublesFilters:
    """From the query string: the last three months where it names no days, three months at most."""
    faults: list[str] = []
    end = day_asked(address, "den", "Đến ngày", faults) or today
    start = day_asked(address, "tu", "Tiếp nhận từ ngày", faults) or end - USUAL_SPAN
    if start > end:
        faults.append("Ngày bắt đầu sau ngày kết thúc; trang xét ba tháng đến ngày kết thúc.")
        start = end - USUAL_SPAN
    elif end - start > USUAL_SPAN:
        faults.append(
            "Trang xét nhiều nhất ba tháng một lần; khoảng dài hơn: dunghen reconcile duplicates --from … --to …"
        )
        start = end - USUAL_SPAN
    return DoublesFilters(start, end, tuple(faults))
