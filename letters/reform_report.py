"""The on-time part of the periodic reform report to the Department of Home Affairs, block by block. Pure.

Number and date are left blank: the agency's document system gives them (Decree 30/2020 art. 15). What nobody knows is
said, no blank looks finished, and no applicant is named.
"""

from dataclasses import dataclass

from letters import layout
from letters.compliance import Figures, Share
from letters.issuer import head_of
from letters.quarterly import UNVERIFIED, ReportContent, ReportTable, Section, grouped, period_words
from letters.reform_report_figures import GroupFigures, PeriodFigures
from letters.reform_report_words import (
    ADDRESSEE,
    DASH,
    NO_DATA,
    SYMBOL,
    TITLE,
    ReportScope,
    basis_lines,
    border_note,
    change_words,
    coverage_notes,
    on_time_words,
    open_words,
    percent_words,
    points_words,
    rate_change_words,
    rate_words,
    threshold_words,
    told_line,
)
from letters.remediation_report import summary_lines
from tracker.measures.rates import total
from tracker.types import RateCounts, ScoreAnswer
from tracker.types.remedies import Remedy

SUBJECT = (
    "Tình hình giải quyết hồ sơ thủ tục hành chính đúng hạn, phục vụ báo cáo cải cách hành chính {period}"
)
MOST = 10  # fields that have a row of their own
OTHERS, SUM = "Các lĩnh vực khác", "Tổng cộng"


@dataclass(frozen=True, slots=True)
class OwnShare:
    """What the reporting unit has of the criterion: on time, of how many, late."""

    numerator: int
    denominator: int
    late: int


@dataclass(frozen=True, slots=True)
class ReformFacts:
    """What the report is made from. `score` is the province's from the year's first day to the period's last; `own` the
    part of the unit that reports, None where the whole province does.
    """

    scope: ReportScope
    present: PeriodFigures
    before: PeriodFigures
    apologies: Figures
    score: ScoreAnswer
    own: OwnShare | None
    remedies: tuple[Remedy, ...]


def report_of(facts: ReformFacts) -> ReportContent:
    """The report; the same facts give the same blocks."""
    scope = facts.scope
    subject = SUBJECT.format(period=period_words(scope.period))
    told = told_line(scope, "kết quả giải quyết hồ sơ thủ tục hành chính")
    return ReportContent(
        head=head_of(scope.letterhead, SYMBOL, scope.day.year // 100),
        title=TITLE,
        subject=subject,
        subject_rule=layout.rule_under(subject),
        addressee=ADDRESSEE,
        opening=(*basis_lines(scope.period.end), told),
        sections=(
            _results(facts.present),
            _by_field(facts.present),
            _compared(facts.present, facts.before),
            _apologies(facts.apologies),
            _criterion(facts.score, facts.own),
            Section("VI. KHẮC PHỤC TỒN TẠI, HẠN CHẾ", summary_lines(facts.remedies, scope.day)),
        ),
        closing=f"Trên đây là kết quả giải quyết hồ sơ thủ tục hành chính {period_words(scope.period)} của {scope.name}./.",
        signer=scope.letterhead.signer,
        recipients=("- Như trên;", "- Lưu: VT."),
    )


# ---------------------------------------------------------------- results

LEVEL_COLUMNS = (
    ("Cấp giải quyết", 25.0),
    ("Từ kỳ trước", 17.0),
    ("Tiếp nhận trong kỳ", 19.0),
    ("Đã giải quyết", 19.0),
    ("Trước và đúng hạn", 19.0),
    ("Quá hạn", 17.0),
    ("Tỷ lệ đúng hạn", 18.0),
    ("Đang giải quyết", 17.0),
    ("Trong đó quá hạn", 14.0),
)


def _results(found: PeriodFigures) -> Section:
    heading = "I. KẾT QUẢ TIẾP NHẬN, GIẢI QUYẾT HỒ SƠ"
    if found.unknown:
        return Section(heading, (f"Chưa có số liệu: {found.unknown}.",))
    rows = [_level_row(each) for each in (*found.levels, GroupFigures(SUM, found.total))]
    table = ReportTable(LEVEL_COLUMNS, tuple(rows), has_total=True)
    notes = (
        "Tỷ lệ đúng hạn gồm hồ sơ giải quyết trước hạn và đúng hạn trên tổng số hồ sơ đã giải quyết. Theo từng căn cứ ngày hẹn:",
        *coverage_notes(found.bases, found.total),
        *filter(None, [border_note(found.period)]),
    )
    return Section(heading, result_lines(found), table, notes)


def _level_row(each: GroupFigures) -> tuple[str, ...]:
    counts = each.counts
    cells = (
        grouped(counts.carried_over), grouped(counts.received), grouped(counts.finished), grouped(counts.numerator),
        grouped(counts.late), percent_words(counts.numerator, counts.finished), grouped(counts.open),
        grouped(counts.open_late),
    )  # fmt: skip
    return (each.name, *cells)


def result_lines(found: PeriodFigures) -> tuple[str, ...]:
    """What came, ended and stands open, each share with its fraction."""
    counts = found.total
    excluded = sum(found.excluded.values())
    beside = (
        f" Không tính {grouped(excluded)} hồ sơ chưa được tiếp nhận hoặc thiếu ngày tiếp nhận."
        if excluded
        else ""
    )
    return (
        f"1. Tiếp nhận trong kỳ: {grouped(counts.received)} hồ sơ; từ kỳ trước chuyển sang: {grouped(counts.carried_over)} hồ sơ.",
        f"2. Đã giải quyết: {grouped(counts.finished)} hồ sơ; tỷ lệ trước và đúng hạn: {on_time_words(counts)}. Trong đó trước "
        f"hạn {rate_words(counts.early, counts.finished)}; đúng hạn {rate_words(counts.on_time, counts.finished)}; quá hạn "
        f"{rate_words(counts.late, counts.finished)}.",
        f"3. {open_words(counts)}",
        f"4. Ngoài các số trên: người nộp rút {grouped(counts.withdrawn)} hồ sơ; đã kết thúc mà không có ngày hẹn "
        f"{grouped(counts.no_due)} hồ sơ.{beside}",
    )  # fmt: skip


# ---------------------------------------------------------------- fields

FIELD_COLUMNS = (
    ("STT", 11.0),
    ("Lĩnh vực", 45.0),
    ("Tiếp nhận trong kỳ", 20.0),
    ("Đã giải quyết", 20.0),
    ("Quá hạn", 18.0),
    ("Tỷ lệ đúng hạn", 18.0),
    ("Đang giải quyết", 17.0),
    ("Trong đó quá hạn", 16.0),
)


def _by_field(found: PeriodFigures) -> Section:
    heading = "II. KẾT QUẢ THEO LĨNH VỰC"
    if not found.fields:
        return Section(heading, ("Chưa có số liệu theo lĩnh vực.",))
    shown, others = found.fields[:MOST], found.fields[MOST:]
    rows = [_field_row(str(number), each) for number, each in enumerate(shown, 1)]
    if others:
        rest = GroupFigures(f"{OTHERS} ({len(others)})", total(each.counts for each in others))
        rows.append(_field_row("", rest))
    rows.append(_field_row("", GroupFigures(SUM, found.total)))
    table = ReportTable(FIELD_COLUMNS, tuple(rows), has_total=True, texts=frozenset({1}))
    return Section(heading, (_worst_words(found),), table)


def _field_row(number: str, each: GroupFigures) -> tuple[str, ...]:
    counts = each.counts
    return (
        number, each.name, grouped(counts.received), grouped(counts.finished), grouped(counts.late),
        percent_words(counts.numerator, counts.finished), grouped(counts.open), grouped(counts.open_late),
    )  # fmt: skip


def _worst_words(found: PeriodFigures) -> str:
    worst = found.fields[0]
    if not worst.counts.late:
        return "Không có lĩnh vực nào có hồ sơ giải quyết quá hạn trong kỳ."
    return (
        f"Lĩnh vực có nhiều hồ sơ quá hạn nhất: {worst.name}, {grouped(worst.counts.late)} hồ sơ, chiếm "
        f"{rate_words(worst.counts.late, worst.counts.finished)} hồ sơ đã giải quyết của lĩnh vực và "
        f"{rate_words(worst.counts.late, found.total.late)} hồ sơ quá hạn trong kỳ."
    )


# ---------------------------------------------------------------- the year before

COMPARED_COLUMNS = (("Nội dung", 60.0), ("Kỳ này", 36.0), ("Cùng kỳ năm trước", 36.0), ("Chênh lệch", 33.0))


def _compared(now: PeriodFigures, before: PeriodFigures) -> Section:
    heading = "III. SO VỚI CÙNG KỲ NĂM TRƯỚC"
    if not before.total.finished:
        span = f"từ ngày {before.period.start:%d/%m/%Y} đến ngày {before.period.end:%d/%m/%Y}"
        why = f"Trong chương trình chưa có hồ sơ nào được giải quyết ở cùng kỳ năm trước ({span}), nên không so sánh."
        return Section(heading, (why,))
    one, other = now.total, before.total
    rows = [
        ("Tiếp nhận trong kỳ", *_pair(one.received, other.received)),
        ("Đã giải quyết", *_pair(one.finished, other.finished)),
        ("Giải quyết quá hạn", *_pair(one.late, other.late)),
        ("Tỷ lệ trước và đúng hạn", _rate(one), _rate(other), rate_change_words(one, other)),
        ("Đang giải quyết cuối kỳ", *_pair(one.open, other.open)),
        ("Trong đó quá hạn", *_pair(one.open_late, other.open_late)),
    ]
    note = border_note(before.period, now.period)
    return Section(heading, (), ReportTable(COMPARED_COLUMNS, tuple(rows)), (note,) if note else ())


def _pair(now: int, before: int) -> tuple[str, str, str]:
    return grouped(now), grouped(before), change_words(now, before)


def _rate(counts: RateCounts) -> str:
    return on_time_words(counts)


# ---------------------------------------------------------------- apologies, criterion


def _apologies(figures: Figures) -> Section:
    heading = "IV. XIN LỖI BẰNG VĂN BẢN"
    note = "Hồ sơ có ngày hẹn bị lỡ trong kỳ, theo sổ theo dõi xin lỗi cập nhật lần gần nhất."
    if not figures.late:
        return Section(heading, ("Không có hồ sơ quá hạn nào phải xin lỗi.",), None, (note,))
    lines = (
        f"1. Hồ sơ quá hạn phải xin lỗi: {grouped(figures.late)} hồ sơ.",
        f"2. Đã gửi văn bản xin lỗi: {_share(figures.apologised)}; gửi đúng thời gian quy định: {_share(figures.by_law_day)}.",
        f"3. Hẹn lại ngày trả kết quả: {grouped(figures.promises)} lượt; {_kept(figures.kept_share)}.",
        f"4. Chưa gửi văn bản xin lỗi: {grouped(figures.undelivered)} hồ sơ; lỡ hẹn lần hai: {grouped(figures.escalated)} hồ sơ.",
    )  # fmt: skip
    return Section(heading, lines, None, (note,))


def _share(share: Share) -> str:
    return rate_words(share.numerator, share.denominator)


def _kept(share: Share) -> str:
    if not share.denominator:
        return "chưa lượt nào đến hẹn"
    return f"giữ đúng hẹn {_share(share)} lượt đã đến hẹn"


def _criterion(score: ScoreAnswer, own: OwnShare | None) -> Section:
    heading = f"V. TIÊU CHÍ THÀNH PHẦN {score.criterion} CỦA TỈNH"
    if score.unknown:
        return Section(heading, (f"Chưa có số liệu: {score.unknown}.",))
    mark = "" if score.edition_verified else UNVERIFIED
    lines = [
        f"1. Lũy kế từ ngày 01/01/{score.year} đến hết kỳ báo cáo: tỷ lệ đúng hạn {rate_words(score.numerator, score.denominator)}; "
        f"điểm tạm tính {points_words(score.points)}/{points_words(score.max_points)}.",
        f"2. Cách tính: {score.edition_name}{mark}; công thức: {score.formula}.",
        f"3. {budget_words(score)}",
    ]  # fmt: skip
    if own is not None:
        lines.append(
            f"4. Phần của đơn vị báo cáo: quá hạn {grouped(own.late)} trong {grouped(own.denominator)} hồ sơ; tỷ lệ đúng hạn "
            f"{rate_words(own.numerator, own.denominator)}."
        )
    left_out = sum(score.left_out.values())
    notes = [f"Chưa tính {grouped(left_out)} hồ sơ của đơn vị chưa có trong danh mục."] if left_out else []
    if score.points_unknown:
        notes.append(f"Chưa tính được điểm: {score.points_unknown}.")
    return Section(heading, tuple(lines), None, tuple(notes))


def budget_words(score: ScoreAnswer) -> str:
    """What the threshold allows and what has been used of it."""
    if score.budget_late is None or score.late is None or score.headroom is None:
        return f"Số hồ sơ còn được quá hạn: {NO_DATA}."
    allowed = (
        f"Ngưỡng {threshold_words(score.threshold)} cho phép quá hạn {grouped(score.budget_late)} hồ sơ; đã quá hạn "
        f"{grouped(score.late)} hồ sơ"
    )
    if score.headroom >= 0:
        return f"{allowed}; còn được quá hạn {grouped(score.headroom)} hồ sơ."
    gained = DASH if score.points_at_threshold is None else points_words(score.points_at_threshold)
    return f"{allowed}; vượt {grouped(-score.headroom)} hồ sơ, bớt được số này thì đạt {gained} điểm."
