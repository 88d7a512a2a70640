"""How the duty to apologise was met, as its page shows it: filters of the address, tiles, rows of tables. Knows no request."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app import presenters
from app.presenters import short_unit
from app.typed_dates import day_asked
from app.typed_numbers import row_asked
from letters.compliance import Compliance, Figures, Share
from letters.ledger_cases import Period
from letters.ledger_lists import LedgerList, ListKey, ListLine
from letters.quarterly import NO_UNIT, days_words, quarter_of
from letters.register_words import LISTS, WHYS
from tracker.store.letter_register import LedgerCount

GROUPS: Mapping[str, str] = {"don-vi": "Theo đơn vị", "thang": "Theo tháng"}
SHORT_LISTS: Mapping[ListKey, str] = {
    ListKey.NO_LETTER: "Chưa có thư đã ký",
    ListKey.NO_LATENESS: "Thư không phải xin lỗi",
    ListKey.SECOND: "Hẹn lại hai lần",
    ListKey.WRONG_SIGNER: "Sai người ký",
    ListKey.DELIVERED_LATE: "Gửi chậm",
}
AFTER_LAW_DAY = "gửi sau ngày luật định"
CHART_ROWS = 12
TABLE_ROWS = 60


@dataclass(frozen=True, slots=True)
class ComplianceFilters:
    """What the page shows; `faults` tells in words which parts of the address could not be used."""

    unit_id: int | None
    period: Period
    quarter: str
    group: str
    key: ListKey
    is_balanced: bool
    faults: tuple[str, ...] = ()

    def as_address(self) -> dict[str, str]:
        """The parts of the address that say which dossiers are counted, and by what they are grouped."""
        days = (
            {"quy": self.quarter}
            if self.quarter
            else {"tu": str(self.period.start), "den": str(self.period.end)}
        )
        own = {"don-vi": str(self.unit_id or ""), **days, "theo": self.group, "danh-sach": self.key.value}
        usual = {"theo": "don-vi", "danh-sach": ListKey.NO_LETTER.value}
        return {name: value for name, value in own.items() if value and usual.get(name) != value}


def read_filters(address: Mapping[str, str], today: date) -> ComplianceFilters:
    """From the query string; without a period the quarter of today. What cannot be used is left out and told."""
    faults: list[str] = []
    start = day_asked(address, "tu", "Từ ngày", faults)
    end = day_asked(address, "den", "Đến ngày", faults)
    told = address.get("quy", "").upper()
    quarter = told if quarter_of(told) else "" if start or end else quarters_until(today, 1)[0]
    key, group = address.get("danh-sach", ""), address.get("theo", "")
    return ComplianceFilters(
        unit_id=row_asked(address, "don-vi"),
        period=quarter_of(quarter) or _days_between(start, end, faults),
        quarter=quarter,
        group=group if group in GROUPS else "don-vi",
        key=ListKey(key) if key in set(ListKey) else ListKey.NO_LETTER,
        is_balanced="can" in address,
        faults=tuple(faults),
    )


def _days_between(start: date | None, end: date | None, faults: list[str]) -> Period:
    """Where one of them is missing, the year of the other."""
    first = start or date((end or date.max).year, 1, 1)
    last = end or date(first.year, 12, 31)
    if last < first:
        faults.append("Đến ngày đứng trước Từ ngày, nên chỉ lấy ngày đầu.")
        last = first
    return Period(first, last)


def quarters_until(today: date, count: int = 4) -> list[str]:
    """The last quarters, the present one first: "2026-Q3"."""
    number = today.year * 4 + (today.month - 1) // 3
    return [f"{each // 4}-Q{each % 4 + 1}" for each in range(number, number - count, -1)]


def quarter_name(key: str) -> str:
    """ "2026-Q3" -> "Quý 3/2026"."""
    year, _, number = key.partition("-Q")
    return f"Quý {number}/{year}"


# ---------------------------------------------------------------- tiles


@dataclass(frozen=True, slots=True)
class ComplianceTile:
    """A figure with what it is taken from; `key` is the list that tells more."""

    icon: str
    word: str
    value: str
    note: str
    tone: str
    key: ListKey


def tiles(total: Figures) -> list[ComplianceTile]:
    """The six figures of a group."""
    late = f"trên {presenters.number(total.late)} hồ sơ phải xin lỗi"
    return [
        _share_tile("letter", "Đã xin lỗi", total.apologised, ListKey.NO_LETTER),
        _share_tile("clock", "Đúng luật định", total.by_law_day, ListKey.DELIVERED_LATE),
        _share_tile("today", "Trước ngày hẹn", total.by_due_day, ListKey.DELIVERED_LATE),
        ComplianceTile("half-circle", "Từ hẹn đến thư", days_words(total.median_days), "ngày làm việc, trung vị", "plain", ListKey.NO_LETTER),
        _share_tile("tick", "Giữ hẹn mới", total.kept_share, ListKey.SECOND, kept=True),
        ComplianceTile(
            "triangle", "Lỡ hẹn lần hai", presenters.number(total.escalated), late if total.late else presenters.NO_DATA,
            "late" if total.escalated else "plain", ListKey.SECOND,
        ),
    ]  # fmt: skip


def _share_tile(icon: str, word: str, share: Share, key: ListKey, *, kept: bool = False) -> ComplianceTile:
    if not share.denominator:
        return ComplianceTile(icon, word, presenters.DASH, presenters.NO_DATA, "plain", key)
    value = presenters.percent(share.numerator, share.denominator, 1)
    note = f"{presenters.number(share.numerator)}/{presenters.number(share.denominator)} {'lượt hẹn' if kept else 'hồ sơ'}"
    tone = "plain" if share.numerator < share.denominator else "kept"
    return ComplianceTile(icon, word, value, note, tone if kept else "plain", key)


# ---------------------------------------------------------------- tables and chart


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A unit or a month."""

    name: str
    figures: Figures


def group_rows(found: Compliance, group: str) -> list[GroupRow]:
    """Months in their order; units with most left undone first."""
    if group == "thang":
        return [GroupRow(month_name(key), each) for key, each in found.groups.items()]
    named = [GroupRow(name or NO_UNIT, each) for name, each in found.groups.items()]
    return sorted(named, key=lambda row: (-row.figures.undelivered, -row.figures.late, row.name))


def month_name(key: str) -> str:
    """ "2026-08" -> "Tháng 8/2026"."""
    year, _, month = key.partition("-")
    return f"Tháng {int(month)}/{year}"


def bars(rows: Sequence[GroupRow], group: str) -> list[tuple[str, int, int]]:
    """Name, apologised, not yet: the first units, or the last months."""
    late = [row for row in rows if row.figures.late]
    shown = late[-CHART_ROWS:] if group == "thang" else late[:CHART_ROWS]
    return [
        (short_unit(row.name), row.figures.apologised.numerator, row.figures.undelivered) for row in shown
    ]


@dataclass(frozen=True, slots=True)
class ListTab:
    """A list with how many of how many."""

    key: ListKey
    word: str
    title: str
    count: int
    of: int


def list_tabs(lists: Mapping[ListKey, LedgerList]) -> list[ListTab]:
    """The lists in their order."""
    return [
        ListTab(key, SHORT_LISTS[key], LISTS[key], lists[key].share.numerator, lists[key].share.denominator)
        for key in ListKey
    ]


def list_lines(found: LedgerList) -> list[tuple[ListLine, bool]]:
    """Its lines, then those of which nobody can say it (True)."""
    return [(line, False) for line in found.lines] + [(line, True) for line in found.unknown]


def why(line: ListLine, is_unknown: bool) -> str:
    """What is the matter with a line, in words."""
    words = WHYS.get(line.why, line.why) or AFTER_LAW_DAY
    return f"Chưa xác định được: {words}" if is_unknown else words


def days(value: float | None) -> str:
    """Working days; a dash where nobody can say."""
    return days_words(value)


# ---------------------------------------------------------------- the ledger


@dataclass(frozen=True, slots=True)
class StateRow:
    """Dossiers of the ledger in one state, in words."""

    word: str
    dossiers: int


def state_rows(counts: Iterable[LedgerCount]) -> list[StateRow]:
    """The states of the ledger with how many stand in each, in the order of a letter's way; none is left out."""
    sums: dict[str, int] = {}
    for each in counts:
        sums[each.state] = sums.get(each.state, 0) + each.dossiers
    order = list(presenters.LETTER_STATES)
    named = sorted(sums, key=lambda state: order.index(state) if state in order else len(order))
    return [StateRow(presenters.LETTER_STATES.get(state, state), sums[state]) for state in named]
