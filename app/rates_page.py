"""The table of rates as its page and files show it: filters of the address, the question, its rows in words. Knows no request."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

from app.compliance_page import month_name
from app.presenters import BASES, CHANNELS, LEVELS, short_unit
from app.presenters import day as day_words
from app.presenters import moment as moment_words
from app.typed_dates import day_asked
from app.typed_numbers import row_asked
from tracker.measures.rates import balances, total, total_bases
from tracker.pipeline import RatesQuestion, rates
from tracker.reports import rate_table as report
from tracker.store.session import Store
from tracker.types import VN, Basis, BasisRate, Channel, Level, RateCounts, RateRow

MONTH = "month"
GROUPS: Mapping[str, str] = {
    "level": "Cấp",
    "unit": "Đơn vị giải quyết",
    "field": "Lĩnh vực",
    "procedure": "Thủ tục",
    "month": "Tháng",
    "channel": "Kênh tiếp nhận",
}
MOST_GROUPS = 3
CHART_ROWS = 12
# Heads of narrow columns; the file has the whole words.
SHORT: Mapping[str, str] = {
    "carried_over": "Tồn trước",
    "refused": "Từ chối",
    "no_due": "Xong, không hẹn",
    "open_no_due": "Đang, không hẹn",
}
ORDERS: Mapping[str, str] = {
    "tre": "Quá hạn nhiều nhất",
    "ty-le": "Tỷ lệ thấp nhất",
    "xong": "Giải quyết nhiều nhất",
    "ten": "Theo tên",
}
PRESETS: Mapping[str, str] = {
    "thang-nay": "Tháng này",
    "thang-truoc": "Tháng trước",
    "quy-nay": "Quý này",
    "nam-nay": "Năm nay",
    "nam-truoc": "Năm trước",
}
EXCLUDED: Mapping[str, str] = {
    "NOT_ACCEPTED": "chưa hoặc không được tiếp nhận",
    "DELETED": "đã xóa ở nguồn",
    "END_UNDATED": "đã kết thúc mà không có ngày",
    "RECEIVED_MISSING": "thiếu ngày tiếp nhận",
}
UNKNOWN = "Chưa rõ"
LAST_SECOND = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class RatesFilters:
    """What the page shows; `faults` tells in words which parts of the address could not be used."""

    start: date
    end: date
    preset: str
    by: tuple[str, ...]
    basis: Basis
    unit_id: int | None
    field: str | None
    day: date | None
    known_day: date | None
    order: str
    faults: tuple[str, ...] = ()

    def as_of(self, now: datetime) -> datetime:
        """The end of the day asked for, or now."""
        return now if self.day is None else datetime.combine(self.day, LAST_SECOND, VN)

    @property
    def known(self) -> datetime | None:
        """The end of the day up to whose loads it is counted; None = all."""
        return None if self.known_day is None else datetime.combine(self.known_day, LAST_SECOND, VN)

    def as_address(self) -> dict[str, str]:
        """The parts of the address that say what is shown."""
        days = {"ky": self.preset} if self.preset else {"tu": str(self.start), "den": str(self.end)}
        given = {
            **days,
            "theo": ",".join(self.by),
            "can-cu": None if self.basis is Basis.SOURCE else self.basis.value,
            "don-vi": self.unit_id,
            "linh-vuc": self.field,
            "ngay": self.day,
            "biet": self.known_day,
            "xep": self.order,
        }
        return {key: str(value) for key, value in given.items() if value is not None}


def read_filters(
    address: Mapping[str, str], groups: Sequence[str], fields: Collection[str], *, today: date, year: int
) -> RatesFilters:
    """From the query string; `groups`: all that it gives under "theo". Without a period the whole of `year`.

    Filters are logged where a file is taken: a field is one of the catalogue's words, or none.
    """
    faults: list[str] = []
    preset, by = address.get("ky", ""), _groups(groups, faults)
    basis, order, told = address.get("can-cu", ""), address.get("xep", ""), address.get("linh-vuc", "")
    start, end = day_asked(address, "tu", "Từ ngày", faults), day_asked(address, "den", "Đến ngày", faults)
    if told and told not in fields:
        faults.append("Lĩnh vực: danh mục không có lĩnh vực này, nên bảng không lọc theo lĩnh vực.")
    first, last = _preset(preset, today) if preset in PRESETS else _period(start, end, year, faults)
    return RatesFilters(
        first, last, preset if preset in PRESETS else "", by, Basis(basis) if basis in set(Basis) else Basis.SOURCE,
        row_asked(address, "don-vi"), told if told in fields else None, day_asked(address, "ngay", "Xét tại", faults),
        day_asked(address, "biet", "Đã biết đến", faults), order if order in ORDERS else _usual_order(by),
        tuple(faults),
    )  # fmt: skip


def _groups(asked: Sequence[str], faults: list[str]) -> tuple[str, ...]:
    wanted = {name for each in asked for name in each.split(",")}
    known = tuple(name for name in GROUPS if name in wanted)
    if len(known) > MOST_GROUPS:
        faults.append(f"Chỉ chia được theo {MOST_GROUPS} mục một lúc, nên bỏ bớt các mục sau.")
    return known[:MOST_GROUPS] or ("unit",)


def grouped(by: Sequence[str]) -> str:
    """The groups in words: "Cấp, Tháng"."""
    return ", ".join(GROUPS[name] for name in by)


def _usual_order(by: Sequence[str]) -> str:
    return "ten" if MONTH in by else "tre"


def _preset(key: str, today: date) -> tuple[date, date]:
    year, month = today.year, today.month
    if key in ("nam-nay", "nam-truoc"):
        year -= key == "nam-truoc"
        return date(year, 1, 1), date(year, 12, 31)
    if key == "quy-nay":
        first = date(year, month - (month - 1) % 3, 1)
        return first, _month_end(first.replace(month=first.month + 2))
    first = today.replace(day=1)
    first = (first - timedelta(days=1)).replace(day=1) if key == "thang-truoc" else first
    return first, _month_end(first)


def _month_end(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1) - timedelta(days=1)


def _period(start: date | None, end: date | None, year: int, faults: list[str]) -> tuple[date, date]:
    """Where one of both is missing, the year of the other."""
    first = start or date(end.year if end else year, 1, 1)
    last = end or date(first.year, 12, 31)
    if last < first:
        faults.append("Đến ngày đứng trước Từ ngày, nên chỉ lấy ngày đầu.")
        last = first
    return first, last


# ---------------------------------------------------------------- the table


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Only these units, by code (None: all), and this field (None: all)."""

    unit_codes: frozenset[str] | None = None
    field: str | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """By what the counts have to be told apart, beside what is asked for."""
        return ("unit_code",) * (self.unit_codes is not None) + ("field",) * (self.field is not None)

    def holds(self, row: RateRow) -> bool:
        """Does a row of counts told apart like that belong to it?"""
        of_units = self.unit_codes is None or row.keys["unit_code"] in self.unit_codes
        return of_units and (self.field is None or row.keys["field"] == self.field)


@dataclass(frozen=True, slots=True)
class RateLine:
    """A row of the table: the keys of its groups, their names in words, its counts, the rate on each basis."""

    keys: tuple[str, ...]
    names: tuple[str, ...]
    counts: RateCounts
    bases: Mapping[Basis, BasisRate]
    is_small: bool

    @property
    def is_balanced(self) -> bool:
        """carried over + received = finished + withdrawn + no due + open."""
        return balances(self.counts)


@dataclass(frozen=True, slots=True)
class RateTable:
    """The rows in their order, all of them together, and what is counted nowhere (None: not told of some units alone).

    `unknown` says why there is nothing, if nothing was known.
    """

    lines: tuple[RateLine, ...]
    total: RateLine
    excluded: Mapping[str, int] | None
    unknown: str | None = None
    unbalanced: tuple[RateLine, ...] = ()


def rate_table(
    store: Store, chosen: RatesFilters, narrow: Narrowing, *, now: datetime, small: int
) -> RateTable:
    """The answer of `rates` to the filters; of some units or one field the sums of what belongs to them."""
    asked = RatesQuestion(
        chosen.start, chosen.end, chosen.as_of(now), (*dict.fromkeys((*chosen.by, *narrow.keys)),), chosen.basis,
        chosen.known,
    )  # fmt: skip
    answer = rates(store, asked)
    if answer.unknown is not None:
        return RateTable((), _line((), (), [], small), None, answer.unknown)
    rows = [row for row in answer.rows if narrow.holds(row)]
    groups: dict[tuple[str, ...], list[RateRow]] = {}
    for row in rows:
        groups.setdefault(tuple(row.keys[name] for name in chosen.by), []).append(row)
    found = [_line(keys, _words(chosen.by, keys), of_keys, small) for keys, of_keys in groups.items()]
    ordered = tuple(sorted(found, key=_ordering(chosen)))
    return RateTable(
        ordered, _whole(store, asked, rows, narrow, small), None if narrow.keys else answer.excluded,
        unbalanced=tuple(line for line in ordered if not line.is_balanced),
    )  # fmt: skip


def _whole(
    store: Store, asked: RatesQuestion, rows: Sequence[RateRow], narrow: Narrowing, small: int
) -> RateLine:
    """All rows together. Months are periods of their own: what was carried over would be counted once a month."""
    if MONTH in asked.by:
        whole = RatesQuestion(asked.start, asked.end, asked.as_of, narrow.keys, asked.basis, asked.known)
        rows = [row for row in rates(store, whole).rows if narrow.holds(row)]
    return _line((), ("Tổng cộng",), rows, small)


def _line(keys: tuple[str, ...], names: tuple[str, ...], rows: Sequence[RateRow], small: int) -> RateLine:
    counts = total(row.counts for row in rows)
    return RateLine(keys, names, counts, total_bases(rows), counts.finished < small)


def _words(by: Sequence[str], keys: Sequence[str]) -> tuple[str, ...]:
    return tuple(_word(name, key) for name, key in zip(by, keys, strict=True))


def _word(name: str, key: str) -> str:
    if name == "level":
        return LEVELS[Level(key)]
    if name == "channel":
        return CHANNELS[Channel(key)] if key in set(Channel) else UNKNOWN
    if name == MONTH:
        return month_name(key)
    return UNKNOWN if key in ("", Level.UNKNOWN.value) else key


LEVEL_ORDER = [level.value for level in Level]


def _ordering(chosen: RatesFilters) -> Callable[[RateLine], tuple[object, ...]]:
    def by_name(line: RateLine) -> tuple[object, ...]:
        return tuple(
            LEVEL_ORDER.index(key) if name == "level" else key
            for name, key in zip(chosen.by, line.keys, strict=True)
        )

    def weight(line: RateLine) -> tuple[object, ...]:
        counts = line.counts
        share = Fraction(counts.numerator, counts.finished) if counts.finished else Fraction(2)
        weights = {"tre": -counts.late, "ty-le": share, "xong": -counts.finished}
        return (weights[chosen.order], *by_name(line))

    return by_name if chosen.order == "ten" else weight


# ---------------------------------------------------------------- the chart


@dataclass(frozen=True, slots=True)
class LateBars:
    """Late dossiers by month, or of the rows that have most of them; `words` say which."""

    words: str
    bars: list[tuple[str, int]]


def late_bars(table: RateTable, by: Sequence[str]) -> LateBars:
    """The last months in their order where the table has months; else the rows with most late dossiers."""
    if MONTH not in by:
        most = sorted(table.lines, key=lambda line: -line.counts.late)[:CHART_ROWS]
        named = [
            (" · ".join(map(short_unit, line.names)), line.counts.late) for line in most if line.counts.late
        ]
        cut = f", {CHART_ROWS} dòng nhiều nhất" if len(table.lines) > CHART_ROWS else ""
        return LateBars(f"theo {grouped(by).lower()}{cut}", named)
    at = by.index(MONTH)
    late: Counter[str] = Counter()
    for line in table.lines:
        late[line.keys[at]] += line.counts.late
    months = sorted(late)[-CHART_ROWS:]
    cut = f", {CHART_ROWS} tháng cuối" if len(late) > CHART_ROWS else ""
    return LateBars(f"theo tháng{cut}", [(month_name(month), late[month]) for month in months])


# ---------------------------------------------------------------- as a file


@dataclass(frozen=True, slots=True)
class RateFile:
    """A file of the table: its name, what is in it, its rows."""

    name: str
    body: bytes
    rows: int


def rate_file(table: RateTable, chosen: RatesFilters, ending: str, now: datetime) -> RateFile:
    """All rows of the table and their sum as "xlsx" or "csv"."""
    title = (
        f"Tỷ lệ giải quyết từ {day_words(chosen.start)} đến {day_words(chosen.end)} – {BASES[chosen.basis].lower()}"
        f" – xét tại {moment_words(chosen.as_of(now))}"
    )
    if chosen.known_day:
        title += f" – theo dữ liệu đã biết đến {day_words(chosen.known_day)}"
    blank = ("",) * (len(chosen.by) - 1)
    lines = [(line.names, line) for line in table.lines] + [((*table.total.names, *blank), table.total)]
    rows = [report.TableRow(names, line.counts, line.bases, line.is_small) for names, line in lines]
    heads = report.columns([GROUPS[name] for name in chosen.by], BASES)
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"ty-le-{chosen.start:%Y%m%d}-{chosen.end:%Y%m%d}.{ending}"
        report.write(path, rows, heads, title)
        return RateFile(path.name, path.read_bytes(), len(table.lines))
