"""The report on apologies in writing (*Báo cáo tình hình thực hiện việc xin lỗi bằng văn bản*), block by block. Pure.

Number and date are left blank: the agency's document system gives them (Decree 30/2020 art. 15). No applicant is named.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from letters import layout
from letters.compliance import Compliance, Figures, Share
from letters.content import clean
from letters.issuer import Issuer, LetterHead, head_of
from letters.ledger_cases import Period
from letters.register_words import WAITING
from tracker.errors import ConfigurationError

SHIPPED = Path(__file__).parent / "data" / "quarterly.toml"
SYMBOL = "BC"  # Decree 30/2020 appendix III
TITLE = "BÁO CÁO"
SUBJECT = "Tình hình thực hiện việc xin lỗi bằng văn bản đối với hồ sơ thủ tục hành chính giải quyết quá hạn {period}"
UNVERIFIED = " (chưa đối chiếu văn bản)"
NO_ISSUER = "Tên cơ quan, đơn vị"
BLANK, BLANK_LINE = "…" * 12, "…" * 40
QUARTERS = ("I", "II", "III", "IV")
QUARTER = re.compile(r"([1-9][0-9]{3})-[Qq]([1-4])", re.ASCII)
NO_UNIT = "Chưa rõ đơn vị"


_QUARTERS: Mapping[str, tuple[int, int, int, int]] = {
    "1": (1, 1, 3, 31),
    "2": (4, 1, 6, 30),
    "3": (7, 1, 9, 30),
    "4": (10, 1, 12, 31),
}


@dataclass(frozen=True, slots=True)
class Basis:
    """A text that the report rests on, for periods that end in a span of days."""

    key: str
    text: str
    valid_from: date | None
    valid_to: date | None
    is_verified: bool
    note: str

    def holds_on(self, day: date) -> bool:
        """Does it hold on this day?"""
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """What the report is made from; `day` is the one for which figures were counted. Without an issuer its name is left blank."""

    issuer: Issuer | None
    period: Period
    day: date
    figures: Compliance


@dataclass(frozen=True, slots=True)
class ReportTable:
    """Columns as heading and millimetres; the last row is the sum where `has_total`.

    `texts`: positions of columns that stand at the left whatever they begin with; of others only words do.
    """

    columns: tuple[tuple[str, float], ...]
    rows: tuple[tuple[str, ...], ...]
    has_total: bool = False
    texts: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report; its notes stand small below the table."""

    heading: str
    paragraphs: tuple[str, ...]
    table: ReportTable | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportContent:
    """The report in the order in which it is printed."""

    head: LetterHead
    title: str
    subject: str
    subject_rule: int
    addressee: str
    opening: tuple[str, ...]
    sections: tuple[Section, ...]
    closing: str
    signer: tuple[str, ...]
    recipients: tuple[str, ...]


@cache
def load_bases(path: Path = SHIPPED) -> tuple[Basis, ...]:
    """Read the legal bases; ConfigurationError if the file cannot be used."""
    try:
        tree = tomllib.loads(path.read_text("utf-8"))
        return tuple(
            Basis(
                entry["key"], entry["text"], entry.get("valid_from"), entry.get("valid_to"), entry["is_verified"], entry["note"]
            )
            for entry in tree["basis"]
        )  # fmt: skip
    except (OSError, tomllib.TOMLDecodeError, KeyError) as error:
        raise ConfigurationError([f"{path.name}: {error}"]) from error


# ---------------------------------------------------------------- words


def period_words(period: Period) -> str:
    """A quarter or a year by its name, else its days."""
    start, end = period.start, period.end
    months = (start.month, start.day, end.month, end.day)
    if start.year == end.year and months == (1, 1, 12, 31):
        return f"năm {start.year}"
    for number, quarter in _QUARTERS.items():
        if start.year == end.year and months == quarter:
            return f"quý {QUARTERS[int(number) - 1]} năm {start.year}"
    return f"từ ngày {start:%d/%m/%Y} đến ngày {end:%d/%m/%Y}"


def grouped(number: int) -> str:
    """46861 -> 46.861."""
    return f"{number:,}".replace(",", ".")


def percent(share: Share) -> str:
    """Two places and a comma; a dash where there is nothing to divide by."""
    return "–" if share.rate is None else f"{100 * share.rate:.2f}".replace(".", ",") + "%"


def share_words(share: Share) -> str:
    """A rate with its fraction; nothing to divide by is said, never 0 %."""
    if share.rate is None:
        return "không có trường hợp nào"
    return f"{grouped(share.numerator)}/{grouped(share.denominator)} hồ sơ, đạt {percent(share)}"


def days_words(days: float | None) -> str:
    """Working days with at most one place; a dash where there are none."""
    return "–" if days is None else f"{days:g}".replace(".", ",")


# ---------------------------------------------------------------- content


def report_of(facts: ReportFacts, bases: tuple[Basis, ...]) -> ReportContent:
    """The report; the same facts give the same blocks."""
    issuer = facts.issuer or Issuer(0, "", NO_ISSUER, "", "", "", "")
    subject = SUBJECT.format(period=period_words(facts.period))
    name = facts.issuer.name if facts.issuer else BLANK
    return ReportContent(
        head=head_of(issuer, SYMBOL, facts.day.year // 100),
        title=TITLE,
        subject=subject,
        subject_rule=layout.rule_under(subject),
        addressee=f"Kính gửi: {issuer.parent or BLANK}",
        opening=_opening(facts, bases, name),
        sections=(
            _results(facts.figures.total),
            _missing(facts.figures.total),
            _by_unit(facts.figures),
            _proposals(),
        ),
        closing=f"Trên đây là báo cáo của {name} về tình hình thực hiện việc xin lỗi bằng văn bản {period_words(facts.period)}./.",
        signer=issuer.signer,
        recipients=("- Như trên;", "- Lưu: VT."),
    )


def _opening(facts: ReportFacts, bases: tuple[Basis, ...], name: str) -> tuple[str, ...]:
    period = facts.period
    holding = [basis for basis in bases if basis.holds_on(period.end)]
    lines = [f"Thực hiện {basis.text}{'' if basis.is_verified else UNVERIFIED};" for basis in holding]
    told = (
        f"{name} báo cáo tình hình thực hiện việc xin lỗi bằng văn bản đối với hồ sơ có ngày hẹn trả kết quả "
        f"từ ngày {period.start:%d/%m/%Y} đến ngày {period.end:%d/%m/%Y}; số liệu tính đến ngày {facts.day:%d/%m/%Y}."
    )
    return (*lines, told)


def _results(total: Figures) -> Section:
    lines = [
        f"1. Tổng số hồ sơ quá hạn phải xin lỗi: {grouped(total.late)} hồ sơ.",
        f"2. Đã gửi văn bản xin lỗi: {share_words(total.apologised)}.",
        f"3. Gửi đúng thời gian quy định: {share_words(total.by_law_day)}; gửi không muộn hơn ngày hẹn trả kết quả: "
        f"{share_words(total.by_due_day)}.",
        f"4. Hẹn lại ngày trả kết quả: {grouped(total.promises)} lượt; đã đến hẹn {grouped(total.kept_share.denominator)} lượt, "
        f"trong đó {_kept_words(total)}; chưa đến hẹn {grouped(total.open)} lượt.",
        f"5. Hồ sơ lỡ hẹn lần hai, đã báo cáo cấp trên: {grouped(total.escalated)} hồ sơ.",
    ]
    if total.median_days is not None:
        when = "sau" if total.median_days >= 0 else "trước"
        lines[2] += (
            f" Trung vị thời gian gửi: {days_words(abs(total.median_days))} ngày làm việc {when} ngày hẹn trả kết quả."
        )
    return Section("I. KẾT QUẢ THỰC HIỆN", tuple(lines))


def _kept_words(total: Figures) -> str:
    kept = total.kept_share
    rate = (
        ""
        if kept.rate is None
        else f" ({grouped(kept.numerator)}/{grouped(kept.denominator)}, {percent(kept)})"
    )
    return f"giữ đúng hẹn {grouped(total.kept)} lượt{rate}, lỡ hẹn {grouped(total.broken)} lượt"


def _missing(total: Figures) -> Section:
    rows = [(words, grouped(total.waiting.get(state, 0))) for state, words in WAITING.items()]
    rows.append(("Cộng hồ sơ quá hạn chưa được xin lỗi", grouped(total.undelivered)))
    lines = [f"Hồ sơ quá hạn chưa được gửi văn bản xin lỗi: {grouped(total.undelivered)} hồ sơ."]
    if total.oldest_age is not None:
        lines.append(
            f"Số ngày làm việc đã quá hạn: trung vị {days_words(total.median_age)} ngày, lâu nhất {grouped(total.oldest_age)} ngày."
        )
    lines.append(
        f"Ngoài số trên: {grouped(total.to_check)} hồ sơ đang chờ kiểm tra ngày hẹn, {grouped(total.waived)} hồ sơ không phải "
        f"gửi văn bản, {grouped(total.before_start)} hồ sơ kết thúc trước ngày bắt đầu theo dõi."
    )
    table = ReportTable((("Lý do chưa xin lỗi", 115.0), ("Số hồ sơ", 50.0)), tuple(rows), has_total=True)
    return Section("II. HỒ SƠ CHƯA ĐƯỢC XIN LỖI VÀ LÝ DO", tuple(lines), table)


UNIT_COLUMNS: tuple[tuple[str, float], ...] = (
    ("STT", 11.0),
    ("Đơn vị", 40.0),
    ("Quá hạn phải xin lỗi", 17.0),
    ("Đã xin lỗi", 16.0),
    ("Đúng thời gian", 16.0),
    ("Tỷ lệ đúng thời gian", 17.0),
    ("Chưa xin lỗi", 16.0),
    ("Giữ hẹn mới", 16.0),
    ("Lỡ hẹn mới", 16.0),
)


def unit_cells(figures: Figures) -> tuple[int | str, ...]:
    """A line of the table by units, without its number and name."""
    return (
        figures.late,
        figures.apologised.numerator,
        figures.by_law_day.numerator,
        percent(figures.by_law_day),
        figures.undelivered,
        figures.kept,
        figures.broken,
    )


def _by_unit(figures: Compliance) -> Section:
    named = [*figures.groups.items(), ("Tổng cộng", figures.total)]
    rows = [
        (
            str(number) if number <= len(figures.groups) else "",
            clean(unit) or NO_UNIT,
            *(grouped(cell) if isinstance(cell, int) else cell for cell in unit_cells(each)),
        )
        for number, (unit, each) in enumerate(named, 1)
    ]
    return Section("III. SỐ LIỆU THEO ĐƠN VỊ", (), ReportTable(UNIT_COLUMNS, tuple(rows), has_total=True))


def _proposals() -> Section:
    return Section("IV. GIẢI PHÁP, KIẾN NGHỊ", (BLANK_LINE, BLANK_LINE))


# ---------------------------------------------------------------- quarters


def quarter_of(text: str) -> Period | None:
    """2022-Q4 -> its first and last day; None where the text is no quarter."""
    found = QUARTER.fullmatch(text.strip())
    if found is None:
        return None
    year, (month, day, last_month, last_day) = int(found[1]), _QUARTERS[found[2]]
    return Period(date(year, month, day), date(year, last_month, last_day))
