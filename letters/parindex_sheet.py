"""The evidence sheet of a criterion for the province's scoring site: figures, formula, what is not verified, what to attach. Pure.

It claims nothing that the text of the criterion does not bear out: an edition that nobody compared says so beside its points.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from letters import layout
from letters.issuer import head_of
from letters.quarterly import UNVERIFIED, ReportContent, ReportTable, Section, grouped
from letters.reform_report import budget_words
from letters.reform_report_words import (
    BASES,
    NO_DATA,
    ReportScope,
    points_words,
    rate_words,
    threshold_words,
)
from tracker.types import VN, ScoreAnswer

TITLE, SYMBOL = "PHIẾU MINH CHỨNG", "PMC"  # ours: Decree 30/2020 appendix III has no such kind
SUBJECT = "Tiêu chí thành phần {criterion}, năm {year}"
# The notice of conclusions of 2023, point 1.
SITE = "Dùng cho: trang đánh giá Chỉ số CCHC của tỉnh, parindex.daklak.gov.vn"
MADE_WITH = "Trang Báo cáo, mục {key}, năm {year}; hoặc lệnh: dunghen report {key} --from {year}-01-01 --to {year}-12-31 --out {name}"
FORMS: Sequence[tuple[str, str, str]] = (
    ("Biểu II.06a, tình hình giải quyết thủ tục hành chính theo lĩnh vực", "II.06a", "II.06a-{year}.xlsx"),
    ("Biểu II.06b, tổng hợp theo đơn vị", "II.06b", "II.06b-{year}.xlsx"),
    ("Danh sách hồ sơ quá hạn", "late-list", "ho-so-qua-han-{year}.xlsx"),
)
FACT_COLUMNS = (("Nội dung", 55.0), ("Giá trị", 110.0))
BASIS_COLUMNS = (("Căn cứ ngày hẹn", 55.0), ("Tỷ lệ đúng hạn (b/a)", 60.0), ("Xét được / đã kết thúc", 50.0))
FILE_COLUMNS = (("STT", 11.0), ("Tài liệu", 54.0), ("Lấy ở đâu; dấu vết của tệp", 100.0))
ALL_TEXT = frozenset({0, 1, 2})
NOBODY = "(chưa ghi tên người lập)"


@dataclass(frozen=True, slots=True)
class AttachedPack:
    """An evidence pack of the register: number, title, SHA-256 of its file, fingerprint of the key that signed it."""

    number: str
    title: str
    sha256: str
    fingerprint: str
    made_on: date


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """What the sheet is made from. `to_check`: what of the edition has to be compared with its text.

    `made_by`: a login, "" where nobody is told. When it was made is not said: the same question gives the same sheet.
    """

    scope: ReportScope
    score: ScoreAnswer
    to_check: tuple[str, ...]
    confidence: str
    packs: tuple[AttachedPack, ...]
    made_by: str


def sheet_of(facts: SheetFacts) -> ReportContent:
    """The sheet; the same facts give the same blocks."""
    scope, score = facts.scope, facts.score
    subject = SUBJECT.format(criterion=score.criterion, year=score.year)
    return ReportContent(
        head=head_of(scope.letterhead, SYMBOL, scope.day.year // 100),
        title=TITLE,
        subject=subject,
        subject_rule=layout.rule_under(subject),
        addressee=SITE,
        opening=(),
        sections=(_result(facts), _bases(score), _unverified(facts), _files(facts), _making(facts)),
        closing="Số liệu trong phiếu do chương trình tính từ dữ liệu đã nạp; người ký chịu trách nhiệm về điểm tự đánh giá./.",
        signer=scope.letterhead.signer,
        recipients=("- Lưu: VT.",),
    )


def _result(facts: SheetFacts) -> Section:
    score = facts.score
    mark = "" if score.edition_verified else UNVERIFIED
    rows = (
        ("Tiêu chí thành phần", score.criterion),
        ("Năm đánh giá", str(score.year)),
        ("Cách tính đang dùng", f"{score.edition_name}{mark}"),
        ("Công thức", score.formula),
        ("Nguồn của công thức", score.edition_source),
        ("a: hồ sơ ở mẫu số", _number(score.denominator)),
        ("b: hồ sơ trước và đúng hạn", _number(score.numerator)),
        ("Tỷ lệ đúng hạn b/a", rate_words(score.numerator, score.denominator)),
        ("Hồ sơ quá hạn", _number(score.late)),
        ("Ngưỡng", threshold_words(score.threshold)),
        ("Điểm tối đa", points_words(score.max_points)),
        ("Điểm tự đánh giá", f"{points_words(score.points)}/{points_words(score.max_points)}{mark}"),
        ("So với ngưỡng", budget_words(score)),
    )
    heading = "I. KẾT QUẢ TỰ ĐÁNH GIÁ"
    reasons = tuple(
        f"Chưa có số liệu hoặc điểm: {why}." for why in (score.unknown, score.points_unknown) if why
    )
    return Section(heading, reasons, ReportTable(FACT_COLUMNS, rows, texts=ALL_TEXT))


def _number(value: int | None) -> str:
    return NO_DATA if value is None else grouped(value)


def _bases(score: ScoreAnswer) -> Section:
    rows = tuple(
        (
            BASES[basis].capitalize() + (" (dùng ở mục I)" if basis is score.basis else ""),
            rate_words(rate.numerator, rate.denominator),
            f"{grouped(rate.computed or 0)}/{grouped(rate.total or 0)} hồ sơ",
        )
        for basis, rate in score.bases.items()
    )
    note = "Hồ sơ không có ngày hẹn theo một căn cứ thì không xét được theo căn cứ đó, và không được tính là đúng hạn."
    heading = "II. BA CĂN CỨ NGÀY HẸN VÀ ĐỘ PHỦ"
    if not rows:
        return Section(heading, ("Chưa có số liệu.",))
    return Section(heading, (), ReportTable(BASIS_COLUMNS, rows, texts=ALL_TEXT), (note,))


def _unverified(facts: SheetFacts) -> Section:
    score = facts.score
    left_out = sum(score.left_out.values())
    lines = []
    if not score.edition_verified:
        lines.append("Cách tính chưa được đối chiếu với văn bản gốc; điểm trên là điểm tạm tính.")
        lines += [f"Cần đối chiếu: {each}." for each in facts.to_check]
        lines += [f"Mức độ chắc chắn: {facts.confidence}."] if facts.confidence else []
    if left_out:
        lines.append(f"Chưa tính {grouped(left_out)} hồ sơ của đơn vị chưa có trong danh mục.")
    return Section("III. NHỮNG ĐIỂM CHƯA ĐỐI CHIẾU, CHƯA TÍNH", tuple(lines or ["Không có."]))


def _files(facts: SheetFacts) -> Section:
    year = facts.score.year
    rows = [
        (words, MADE_WITH.format(key=key, year=year, name=name.format(year=year)))
        for words, key, name in FORMS
    ]
    rows += [
        (
            f"Gói chứng cứ số {pack.number} ({pack.title}), lập ngày {pack.made_on:%d/%m/%Y}",
            f"SHA-256 {spaced(pack.sha256)}; khóa ký {spaced(pack.fingerprint)}",
        )
        for pack in facts.packs
    ]
    numbered = tuple((str(number), *row) for number, row in enumerate(rows, 1))
    notes = () if facts.packs else (f"Chưa có gói chứng cứ nào được lập cho năm {year}.",)
    table = ReportTable(FILE_COLUMNS, numbered, texts=frozenset({1, 2}))
    return Section("IV. TÀI LIỆU KÈM THEO", (), table, notes)


def spaced(digest: str) -> str:
    """A long hexadecimal text in groups, so that it can be broken and compared: ab12 cd34 …"""
    return " ".join(digest[at : at + 8] for at in range(0, len(digest), 8))


def _making(facts: SheetFacts) -> Section:
    scope = facts.scope
    known = f"dữ liệu đã nạp đến {_moment(scope.known)}" if scope.known else "mọi dữ liệu có khi lập phiếu"
    lines = (
        f"Người lập phiếu: {facts.made_by or NOBODY}.",
        f"Xét tại thời điểm {_moment(scope.as_of)}, theo {known}.",
    )
    return Section("V. LẬP PHIẾU", lines)


def _moment(value: datetime) -> str:
    return f"{value.astimezone(VN):%d/%m/%Y %H:%M}"
