"""What is printed of an official form besides its table: head, notes, and the same figures by our own rates. Pure.

The notes say how many dossiers stand in a column that is not called after them, so that nobody takes them for it.
"""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from tracker.measures.form_counts import FormLine, FormTable, sums_told
from tracker.types import Basis, Channel, RateCounts

BLANK = "…" * 8
UNVERIFIED = "chưa đối chiếu văn bản"
NO_RATE = "chưa có"
EMPTY_BLOCK = "trong dữ liệu chưa có hồ sơ nào"
PLACED: Mapping[str, str] = {
    "withdrawn": "hồ sơ công dân đã rút",
    "no_due": "hồ sơ đã giải quyết không có ngày hẹn trả",
    "suspended": "hồ sơ đang tạm dừng",
    "open_no_due": "hồ sơ đang giải quyết không có ngày hẹn trả",
}
BASES: Mapping[Basis, str] = {
    Basis.SOURCE: "ngày hẹn theo hệ thống nguồn",
    Basis.PROMISED: "ngày hẹn ban đầu",
    Basis.DOCUMENTED: "hạn tính theo quy định",
}
EXCLUDED: Mapping[str, str] = {
    "DELETED": "đã xóa",
    "NOT_ACCEPTED": "chưa hoặc không được tiếp nhận",
    "END_UNDATED": "kết thúc không rõ ngày",
    "RECEIVED_MISSING": "không có ngày tiếp nhận",
}
QUARTERS = ("I", "II", "III", "IV")


@dataclass(frozen=True, slots=True)
class FormFacts:
    """A filled form with what it was asked about; `moment`: for which open dossiers are judged."""

    table: FormTable
    start: date
    end: date
    moment: datetime
    basis: Basis
    known: datetime | None
    unit_name: str
    excluded: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class FormPage:
    """A form as it is printed: head, table, notes, and beside it the table of our own rates."""

    table: FormTable
    period: str
    days: str
    reporter: str
    receiver: str
    count: str
    balance: str
    notes: tuple[str, ...]
    own_title: str
    own_rows: tuple[tuple[FormLine, tuple[int | str, ...]], ...]


# Headings of our own table, after number and name: what stands apart there has no column of its own in the form. They are
# not those of the form, so that nobody, our own reader included, takes this table for the form.
OWN_COLUMNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Có trong kỳ", ("Chuyển sang", "Nhận mới")),
    ("Đã xong, có ngày hẹn", ("Cộng", "Trước hạn", "Đúng hạn", "Quá hạn", "Tỷ lệ đúng hạn")),
    ("Kết thúc, đứng riêng", ("Đã rút", "Không có ngày hẹn")),
    ("Còn lại cuối kỳ", ("Cộng", "Trong hạn", "Quá hạn", "Tạm dừng", "Không có ngày hẹn")),
)
OWN_NAME = "Theo cách tính của phần mềm: hồ sơ đã rút, không có ngày hẹn và tạm dừng đứng riêng"


def form_page(facts: FormFacts) -> FormPage:
    """Everything that is printed; the same facts give the same page."""
    table, edition = facts.table, facts.table.edition
    return FormPage(
        table=table,
        period=f"Kỳ báo cáo: {period_words(facts.start, facts.end)}",
        days=f"(Từ ngày {facts.start:%d/%m/%Y} đến ngày {facts.end:%d/%m/%Y})",
        reporter=f"- Đơn vị báo cáo: {facts.unit_name or BLANK}",
        receiver=f"- Đơn vị nhận báo cáo: {BLANK}",
        count=f"Đơn vị tính: {edition.count}",
        balance=_balance(table),
        notes=tuple(_notes(facts)),
        own_title=OWN_NAME,
        own_rows=tuple((line, own_cells(line.ours.counts)) for line in table.lines if line.kind != "empty"),
    )


def period_words(start: date, end: date) -> str:
    """A month, quarter, half or year by its name, else its days."""
    whole = start.day == 1 and end.day == calendar.monthrange(end.year, end.month)[1]
    if start.year == end.year and whole:
        first, months = start.month, end.month - start.month + 1
        if months == 12:
            return f"năm {start.year}"
        if months == 6 and first in (1, 7):
            return f"6 tháng {'đầu' if first == 1 else 'cuối'} năm {start.year}"
        if months == 3 and first % 3 == 1:
            return f"quý {QUARTERS[first // 3]} năm {start.year}"
        if months == 1:
            return f"tháng {first} năm {start.year}"
    return f"từ ngày {start:%d/%m/%Y} đến ngày {end:%d/%m/%Y}"


# ---------------------------------------------------------------- notes


def _balance(table: FormTable) -> str:
    told = sums_told(table.edition)
    if not table.faults:
        return f"Cân đối: đúng ở mọi dòng – {told}."
    shown = "; ".join(table.faults[:5])
    return f"Cân đối: SAI ở {len(table.faults)} chỗ – {shown}. Phải có: {told}."


def _notes(facts: FormFacts) -> list[str]:
    edition, total = facts.table.edition, facts.table.total.ours
    notes = [*_placed(facts.table), *_parts(total.counts)]
    if unknown := total.received_by.get(Channel.UNKNOWN, 0):
        column = next(each.number for each in edition.measured if each.measure == "received_direct")
        notes.append(f"Cột ({column}) gồm cả {grouped(unknown)} hồ sơ chưa rõ kênh nộp.")
    if facts.excluded:
        told = "; ".join(
            f"{EXCLUDED.get(key, key)} {grouped(count)}" for key, count in facts.excluded.items()
        )
        notes.append(f"Không tính vào biểu: {told}.")
    known = f"; theo những gì đã biết đến {facts.known:%d/%m/%Y %H:%M}" if facts.known else ""
    notes.append(
        f"Đúng hạn, quá hạn xét theo {BASES[facts.basis]}, so theo ngày; "
        f"hồ sơ đang giải quyết xét tại {facts.moment:%d/%m/%Y %H:%M}{known}."
    )
    if not edition.verified:
        notes.append(f"Biểu mẫu {UNVERIFIED}. {edition.source}.")
    return notes


def _placed(table: FormTable) -> list[str]:
    """Which column holds what besides what it is called after, with the numbers; zeros are told as well."""
    counts = table.total.ours.counts
    columns: dict[int, list[str]] = {}
    for what, words in PLACED.items():
        columns.setdefault(table.edition.places[what], []).append(f"{grouped(getattr(counts, what))} {words}")
    return [f"Cột ({at}) gồm cả {'; '.join(told)}." for at, told in sorted(columns.items())]


def _parts(counts: RateCounts) -> list[str]:
    notes = []
    if counts.refused:
        notes.append(
            f"Trong số đã giải quyết có {grouped(counts.refused)} hồ sơ bị từ chối giải quyết sau khi tiếp nhận."
        )
    notes.append("Hồ sơ tạm dừng khi ngày hẹn đã qua vẫn là quá hạn.")
    return notes


# ---------------------------------------------------------------- our own table


def own_cells(counts: RateCounts) -> tuple[int | str, ...]:
    """A row of our own table, without its number and name."""
    return (
        counts.carried_over,
        counts.received,
        counts.finished,
        counts.early,
        counts.on_time,
        counts.late,
        rate_words(counts.numerator, counts.finished),
        counts.withdrawn,
        counts.no_due,
        counts.open,
        counts.open - counts.open_late - counts.suspended - counts.open_no_due,
        counts.open_late,
        counts.suspended,
        counts.open_no_due,
    )


def grouped(number: int) -> str:
    """46861 -> 46.861."""
    return f"{number:,}".replace(",", ".")


def rate_words(numerator: int, denominator: int) -> str:
    """A rate with its fraction, rounded half up: "88,84 % (3.730/4.200)"; of nothing: the words for none, never 0 %."""
    if not denominator:
        return NO_RATE
    hundredths = int(Fraction(10_000 * numerator, denominator) + Fraction(1, 2))
    percent = f"{hundredths // 100},{hundredths % 100:02}"
    return f"{percent} % ({grouped(numerator)}/{grouped(denominator)})"
