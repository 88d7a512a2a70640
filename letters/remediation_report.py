"""The report on how faults were overcome (*Báo cáo tình hình khắc phục những tồn tại, hạn chế*), block by block. Pure.

The official letter of 2022 asks for it in point 6, within the periodic reform report. Number and date are left blank; what
nobody has told yet is said ("chưa xác định"), never left as a line that looks finished.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from letters import layout
from letters.issuer import head_of
from letters.ledger_cases import Period
from letters.quarterly import ReportContent, ReportTable, Section, grouped, period_words
from letters.reform_report_figures import GroupFigures, PeriodFigures
from letters.reform_report_words import (
    ADDRESSEE,
    NOT_KNOWN,
    SYMBOL,
    TITLE,
    ReportScope,
    basis_lines,
    border_note,
    on_time_words,
    open_words,
    rate_words,
    told_line,
)
from tracker.types import VN
from tracker.types.remedies import Remedy, RemedyState

SUBJECT = "Tình hình khắc phục những tồn tại, hạn chế trong giải quyết hồ sơ thủ tục hành chính {period}"
MOST = 5  # fields and units that are named
WHOLE_PROVINCE = "Toàn tỉnh"
COLUMNS = (
    ("STT", 10.0),
    ("Tồn tại, hạn chế", 37.0),
    ("Nguyên nhân", 25.0),
    ("Đơn vị chịu trách nhiệm", 24.0),
    ("Biện pháp", 25.0),
    ("Thời hạn", 22.0),
    ("Kết quả", 22.0),
)
TEXTS = frozenset(range(1, len(COLUMNS)))


@dataclass(frozen=True, slots=True)
class RemediationFacts:
    """What the report is made from."""

    scope: ReportScope
    figures: PeriodFigures
    remedies: tuple[Remedy, ...]


def of_period(remedies: Iterable[Remedy], period: Period) -> tuple[Remedy, ...]:
    """What a report of a period speaks of: faults of figures up to its year that were not yet ended before it began."""
    return tuple(sorted((each for each in remedies if _is_of(each, period)), key=_place))


def _is_of(remedy: Remedy, period: Period) -> bool:
    told = remedy.told
    if told.year > period.end.year:
        return False
    ended_on = told.done_on or (remedy.told_at.astimezone(VN).date() if told.is_dropped else None)
    return ended_on is None or ended_on >= period.start


def _place(remedy: Remedy) -> tuple[int, date, int]:
    return remedy.told.year, remedy.told.due_on or date.max, remedy.remedy_id


def report_of(facts: RemediationFacts) -> ReportContent:
    """The report; the same facts give the same blocks."""
    scope = facts.scope
    subject = SUBJECT.format(period=period_words(scope.period))
    told = told_line(
        scope, "tình hình khắc phục những tồn tại, hạn chế trong giải quyết hồ sơ thủ tục hành chính"
    )
    return ReportContent(
        head=head_of(scope.letterhead, SYMBOL, scope.day.year // 100),
        title=TITLE,
        subject=subject,
        subject_rule=layout.rule_under(subject),
        addressee=ADDRESSEE,
        opening=(*basis_lines(scope.period.end), told),
        sections=(
            _figures(facts.figures),
            _table(facts.remedies, scope.day),
            Section("III. ĐÁNH GIÁ CHUNG", summary_lines(facts.remedies, scope.day)),
        ),
        closing=f"Trên đây là báo cáo của {scope.name} về tình hình khắc phục những tồn tại, hạn chế {period_words(scope.period)}./.",
        signer=scope.letterhead.signer,
        recipients=("- Như trên;", "- Lưu: VT."),
    )


# ---------------------------------------------------------------- figures


def _figures(found: PeriodFigures) -> Section:
    heading = "I. KẾT QUẢ GIẢI QUYẾT HỒ SƠ TRONG KỲ"
    if found.unknown:
        return Section(heading, (f"Chưa có số liệu: {found.unknown}.",))
    counts = found.total
    lines = (
        f"1. Đã giải quyết {grouped(counts.finished)} hồ sơ; trước và đúng hạn {on_time_words(counts)}; quá hạn "
        f"{rate_words(counts.late, counts.finished)}.",
        f"2. {open_words(counts)}",
        f"3. Lĩnh vực có nhiều hồ sơ giải quyết quá hạn: {_worst(found.fields, counts.late)}.",
        f"4. Đơn vị có nhiều hồ sơ giải quyết quá hạn: {_worst(found.units, counts.late)}.",
    )  # fmt: skip
    note = border_note(found.period)
    return Section(heading, lines, None, (note,) if note else ())


def _worst(groups: Sequence[GroupFigures], late: int) -> str:
    named = [each for each in groups if each.counts.late][:MOST]
    if not named:
        return "không có"
    told = "; ".join(
        f"{each.name}, {grouped(each.counts.late)} hồ sơ, chiếm {rate_words(each.counts.late, each.counts.finished)}"
        for each in named
    )
    together = sum(each.counts.late for each in named)
    return f"{told}; cộng lại chiếm {rate_words(together, late)} hồ sơ quá hạn trong kỳ"


# ---------------------------------------------------------------- faults and measures


def _table(remedies: Sequence[Remedy], day: date) -> Section:
    heading = "II. TỒN TẠI, HẠN CHẾ VÀ BIỆN PHÁP KHẮC PHỤC"
    if not remedies:
        return Section(heading, ("Chưa có tồn tại, hạn chế nào được ghi trong chương trình cho kỳ này.",))
    rows = tuple(_row(str(number), each, day) for number, each in enumerate(remedies, 1))
    return Section(heading, (), ReportTable(COLUMNS, rows, texts=TEXTS))


def _row(number: str, remedy: Remedy, day: date) -> tuple[str, ...]:
    told = remedy.told
    due = f"{told.due_on:%d/%m/%Y}" if told.due_on else NOT_KNOWN
    return (
        number, told.fault, told.cause or NOT_KNOWN, remedy.unit or WHOLE_PROVINCE, told.measure or NOT_KNOWN, due,
        result_words(remedy, day),
    )  # fmt: skip


def result_words(remedy: Remedy, day: date) -> str:
    """What became of a measure by a day."""
    told, state = remedy.told, remedy.told.state_on(day)
    note = f": {told.note}" if told.note else ""
    if state is RemedyState.DONE:
        return f"Đã xong ngày {told.done_on:%d/%m/%Y}{note}"
    if state is RemedyState.DROPPED:
        return f"Đã bỏ{note}"
    return "Chưa xong, đã quá thời hạn" if state is RemedyState.OVERDUE else "Chưa xong"


def summary_lines(remedies: Sequence[Remedy], day: date) -> tuple[str, ...]:
    """How many faults there are and what became of them; those whose deadline has passed by name."""
    if not remedies:
        return ("Chưa có tồn tại, hạn chế nào được ghi trong chương trình cho kỳ này.",)
    states = Counter(each.told.state_on(day) for each in remedies)
    lacking = [
        f"{grouped(count)} mục chưa xác định {what}"
        for what, count in (
            ("nguyên nhân", sum(not each.told.cause for each in remedies)),
            ("biện pháp", sum(not each.told.measure for each in remedies)),
            ("thời hạn", sum(each.told.due_on is None for each in remedies)),
        )
        if count
    ]
    lines = [
        f"Có {grouped(len(remedies))} tồn tại, hạn chế: đã khắc phục xong {grouped(states[RemedyState.DONE])}; đang thực hiện "
        f"{grouped(states[RemedyState.OPEN])}; chưa xong và đã quá thời hạn {grouped(states[RemedyState.OVERDUE])}; đã bỏ "
        f"{grouped(states[RemedyState.DROPPED])}."
    ]
    if lacking:
        lines.append(f"Còn {'; '.join(lacking)}.")
    lines += [
        f"Quá thời hạn: {each.told.fault.rstrip('.')} ({each.unit or WHOLE_PROVINCE}, thời hạn {each.told.due_on:%d/%m/%Y})."
        for each in remedies
        if each.told.state_on(day) is RemedyState.OVERDUE
    ]
    return tuple(lines)
