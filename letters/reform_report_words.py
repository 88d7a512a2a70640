"""How figures read in the reports to the Department of Home Affairs: numbers, rates with their fractions, bases, borders. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

from letters.issuer import NO_BREAK, Issuer
from letters.ledger_cases import Period
from letters.quarterly import UNVERIFIED, Basis, grouped, load_bases, period_words
from tracker.types import VN, BasisRate, RateCounts
from tracker.types import Basis as DueBasis

SHIPPED = Path(__file__).parent / "data" / "reform_bases.toml"
ADDRESSEE = "Kính gửi: Sở Nội vụ tỉnh Đắk Lắk"  # official letter of 2022, point 6
SYMBOL, TITLE = "BC", "BÁO CÁO"  # Decree 30/2020 appendix III
NOT_CHOSEN = "(chưa chọn đơn vị báo cáo)"
NO_DATA, NOT_KNOWN = "chưa có", "chưa xác định"
DASH = "–"
# Resolutions 202/2025/QH15 and 1660/NQ-UBTVQH15: figures before are those of another province.
BORDERS_CHANGED = date(2025, 7, 1)
BASES: Mapping[DueBasis, str] = {
    DueBasis.SOURCE: "ngày hẹn theo hệ thống nguồn",
    DueBasis.PROMISED: "ngày hẹn ban đầu",
    DueBasis.DOCUMENTED: "hạn tính theo quy định",
}


@dataclass(frozen=True, slots=True)
class ReportScope:
    """Who reports of which period, on which basis, judged when and by what was known (None = when it was made)."""

    issuer: Issuer | None
    period: Period
    as_of: datetime
    basis: DueBasis
    known: datetime | None = None

    @property
    def day(self) -> date:
        """The office's date of the judgement."""
        return self.as_of.astimezone(VN).date()

    @property
    def name(self) -> str:
        """Who reports, or that nobody was chosen."""
        return self.issuer.name if self.issuer else NOT_CHOSEN

    @property
    def letterhead(self) -> Issuer:
        """Who stands at the head."""
        return self.issuer or Issuer(0, "", NOT_CHOSEN, "", "", "", "")


# ---------------------------------------------------------------- numbers


def decimal_words(value: Fraction, places: int = 2) -> str:
    """13.0605 -> 13,06; rounded half up."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return f"{exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}".replace(".", ",")


def points_words(value: Fraction | None) -> str:
    """Points without zeros at the end, at least one place: 1,425; 0,0."""
    if value is None:
        return NO_DATA
    text = decimal_words(value, 4).rstrip("0")
    return text + "0" if text.endswith(",") else text


def percent_words(numerator: int | None, denominator: int | None) -> str:
    """The rate alone; nothing to divide by is said, never 0 %."""
    if numerator is None or not denominator:
        return NO_DATA
    return f"{decimal_words(Fraction(100 * numerator, denominator))}{NO_BREAK}%"


def threshold_words(threshold: Fraction) -> str:
    """95 %; that there is none where none is set."""
    if not threshold:
        return NOT_KNOWN
    return decimal_words(100 * threshold).rstrip("0").rstrip(",") + f"{NO_BREAK}%"


def rate_words(numerator: int | None, denominator: int | None) -> str:
    """A rate with its fraction: 86,94 % (373.115/420.000)."""
    if numerator is None or not denominator:
        return NO_DATA
    return f"{percent_words(numerator, denominator)} ({grouped(numerator)}/{grouped(denominator)})"


def on_time_words(counts: RateCounts) -> str:
    """The share of finished dossiers that were early or on time."""
    return rate_words(counts.numerator, counts.finished)


def open_words(counts: RateCounts) -> str:
    """What stands open at the end of the period and how much of it is late."""
    if not counts.open:
        return "Cuối kỳ không còn hồ sơ đang giải quyết."
    return (
        f"Đang giải quyết cuối kỳ: {grouped(counts.open)} hồ sơ; quá hạn {rate_words(counts.open_late, counts.open)}; tạm "
        f"dừng {grouped(counts.suspended)} hồ sơ; chưa có ngày hẹn {grouped(counts.open_no_due)} hồ sơ."
    )  # fmt: skip


def change_words(now: int, before: int) -> str:
    """+1.250, -300, 0."""
    return f"{'+' if now > before else '-' if now < before else ''}{grouped(abs(now - before))}"


def rate_change_words(now: RateCounts, before: RateCounts) -> str:
    """The difference of two rates in percentage points; that there is none where one of them is none."""
    if not now.finished or not before.finished:
        return NO_DATA
    apart = 100 * (Fraction(now.numerator, now.finished) - Fraction(before.numerator, before.finished))
    sign = "+" if apart > 0 else "-" if apart < 0 else ""
    return f"{sign}{decimal_words(abs(apart))} điểm %"


# ---------------------------------------------------------------- sentences


def basis_lines(end: date, bases: tuple[Basis, ...] | None = None) -> tuple[str, ...]:
    """What a report of a period that ends on a day rests on, each marked where it was not verified."""
    holding = [basis for basis in bases or load_bases(SHIPPED) if basis.holds_on(end)]
    return tuple(f"Thực hiện {basis.text}{'' if basis.is_verified else UNVERIFIED};" for basis in holding)


def told_line(scope: ReportScope, what: str) -> str:
    """Who reports what, of which days, judged when, on which basis, by what was known."""
    period = scope.period
    known = f"; theo dữ liệu đã nạp đến {scope.known.astimezone(VN):%d/%m/%Y %H:%M}" if scope.known else ""
    return (
        f"{scope.name} báo cáo {what} {period_words(period)} (từ ngày {period.start:%d/%m/%Y} đến ngày "
        f"{period.end:%d/%m/%Y}); số liệu tính đến ngày {scope.day:%d/%m/%Y}, căn cứ {BASES[scope.basis]}{known}."
    )


def coverage_notes(bases: Mapping[DueBasis, BasisRate], total: RateCounts) -> tuple[str, ...]:
    """The on-time rate on each basis, and how many finished dossiers could be judged on it."""
    ended = total.finished + total.no_due
    return tuple(
        f"({number}) Căn cứ {BASES[basis]}: {rate_words(rate.numerator, rate.denominator)}; xét được "
        f"{grouped(rate.computed or 0)}/{grouped(rate.total or ended)} hồ sơ đã kết thúc."
        for number, (basis, rate) in enumerate(bases.items(), 1)
    )


def border_note(*periods: Period) -> str:
    """That the province's borders changed within or between these periods; "" where they did not."""
    first, last = min(each.start for each in periods), max(each.end for each in periods)
    if not first < BORDERS_CHANGED <= last:
        return ""
    return (
        f"Từ ngày {BORDERS_CHANGED:%d/%m/%Y} tỉnh Đắk Lắk hợp nhất với tỉnh Phú Yên và không còn cấp huyện: số liệu trước "
        "ngày đó là của tỉnh Đắk Lắk cũ, không so sánh trực tiếp được."
    )
