"""The report on who had late dossiers in hand (*Phân tích trách nhiệm …*), block by block. Pure.

The notice of conclusions of 2023 orders it in point 9. It tells where the time went, never who is to blame: what it names
is to be explained by those who are named, in the blanks that it leaves. Number and date are left blank.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from letters import layout
from letters.issuer import head_of
from letters.quarterly import (
    BLANK_LINE,
    ReportContent,
    ReportTable,
    Section,
    grouped,
    load_bases,
    period_words,
)
from letters.reform_report_words import (
    BASES,
    SYMBOL,
    TITLE,
    ReportScope,
    basis_lines,
    border_note,
    decimal_words,
    percent_words,
    rate_words,
)
from letters.responsibility_words import days_of, length_words, method_lines, share_words
from tracker.types import VN, SuspensionKind
from tracker.types.cause_words import KIND_WORDS, PAUSE_WORDS, UNDIVIDED_WORDS
from tracker.types.causes import CauseAnswer, CauseSums, HolderLine, HolderMonth, NamedLine, StepKind

BASES_SHIPPED = Path(__file__).parent / "data" / "responsibility_bases.toml"
SUBJECT = "Phân tích trách nhiệm của các cơ quan, đơn vị đối với hồ sơ thủ tục hành chính giải quyết quá hạn {period}"
ADDRESSEE = "Kính gửi: Ủy ban nhân dân tỉnh Đắk Lắk"
MOST, WORST, EACH_KIND, REASONS = 20, 8, 2, 8
HIDDEN = "(ẩn: người lập không xem được lý do ghi tự do)"


@dataclass(frozen=True, slots=True)
class ResponsibilityFacts:
    """What the report is made from. `names`: reasons as the source wrote them, which may name people; `is_of_unit`: not of
    the whole province.
    """

    scope: ReportScope
    answer: CauseAnswer
    day_minutes: int
    names: bool = True
    is_of_unit: bool = False


def report_of(facts: ResponsibilityFacts) -> ReportContent:
    """The report; the same facts give the same blocks."""
    scope = facts.scope
    subject = SUBJECT.format(period=period_words(scope.period))
    found = [_summary(facts)]
    if facts.answer.total.late:
        found += _sections(facts)
    found += [Section("Cách tính và điều chưa kiểm chứng", method_lines()), _explanations(facts)]
    return ReportContent(
        head=head_of(scope.letterhead, SYMBOL, scope.day.year // 100),
        title=TITLE,
        subject=subject,
        subject_rule=layout.rule_under(subject),
        addressee=ADDRESSEE,
        opening=(*basis_lines(scope.period.end, load_bases(BASES_SHIPPED)), _told(scope)),
        sections=tuple(_numbered(found)),
        closing=f"Trên đây là phân tích của {scope.name} {period_words(scope.period)}./.",
        signer=scope.letterhead.signer,
        recipients=("- Như trên;", "- Các cơ quan, đơn vị có tên trong báo cáo;", "- Lưu: VT."),
    )


def _numbered(sections: Iterable[Section]) -> Iterator[Section]:
    for number, section in enumerate(sections):
        heading = f"{_ROMAN[number]}. {section.heading.upper()}"
        yield Section(heading, section.paragraphs, section.table, section.notes)


_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI")


def _told(scope: ReportScope) -> str:
    period = scope.period
    known = f"; theo dữ liệu đã nạp đến {scope.known.astimezone(VN):%d/%m/%Y %H:%M}" if scope.known else ""
    return (
        f"{scope.name} báo cáo kết quả phân tích hồ sơ giải quyết xong quá hạn từ ngày {period.start:%d/%m/%Y} đến ngày "
        f"{period.end:%d/%m/%Y}; số liệu tính đến ngày {scope.day:%d/%m/%Y}, căn cứ {BASES[scope.basis]}{known}."
    )


def _sections(facts: ResponsibilityFacts) -> Iterator[Section]:
    answer = facts.answer
    yield _kinds(facts)
    yield _holders(facts)
    yield _worst(facts)
    yield _units(facts)
    if answer.elsewhere:
        yield _elsewhere(facts)
    yield _undivided(facts)
    yield _pauses(facts)
    yield _reasons(facts)


# ---------------------------------------------------------------- summary


def _summary(facts: ResponsibilityFacts) -> Section:
    answer, day = facts.answer, facts.day_minutes
    total = answer.total
    if not total.late:
        told = "Trong kỳ không có hồ sơ nào giải quyết xong quá hạn."
        return Section("Tóm tắt", (told, *_elsewhere_lines(facts)))
    mean = decimal_words(Fraction(total.overrun, day * total.late), 1)
    lines = [
        f"1. Trong kỳ có {grouped(total.late)} hồ sơ giải quyết xong quá hạn, cộng lại {length_words(total.overrun, day)} làm việc, "
        f"bình quân {mean} ngày làm việc một hồ sơ.",
        f"2. Nguồn gửi bước xử lý của {rate_words(answer.known.late, total.late)} hồ sơ quá hạn. Phân chia được cho từng bước "
        f"{share_words(answer.divided, total.overrun, day)} thời gian quá hạn; phần còn lại không phân chia được, lý do ở mục "
        "“Phần không phân chia được”.",
    ]
    if answer.worst:
        lines.append(f"3. Nhiều nhất: {_worst_words(answer.worst[0], facts)}.")
        others = "; ".join(
            _worst_words(each, facts) for each in _others(answer.worst[1:], answer.worst[0])[:3]
        )
        if others:
            lines.append(f"4. Tiếp theo: {others}.")
    note = border_note(facts.scope.period)
    return Section("Tóm tắt", (*lines, *_elsewhere_lines(facts)), None, (note,) if note else ())


def _others(worst: Sequence[HolderMonth], first: HolderMonth) -> list[HolderMonth]:
    """The worst month of each further department."""
    found = {_department(first.line): first}
    for each in worst:
        found.setdefault(_department(each.line), each)
    return list(found.values())[1:]


def _department(line: HolderLine) -> tuple[StepKind, str]:
    return line.kind, line.name


def _worst_words(each: HolderMonth, facts: ResponsibilityFacts) -> str:
    line, sums = each.line, each.line.sums
    return (
        f"{line.name}, bước {KIND_WORDS[line.kind].lower() if line.kind is not StepKind.BRANCH else 'của chi nhánh'}, hồ sơ kết "
        f"thúc tháng {each.month % 100:02d}/{each.month // 100}: {grouped(sums.overran)} hồ sơ có phần quá hạn ở bước này, cộng "
        f"{length_words(sums.overrun, facts.day_minutes)}, bằng {percent_words(sums.overrun, facts.answer.total.overrun)} thời gian "
        "quá hạn của kỳ"
    )


def _elsewhere_lines(facts: ResponsibilityFacts) -> tuple[str, ...]:
    lines = facts.answer.elsewhere
    if not lines:
        return ()
    part = sum(line.sums.overrun for line in lines)
    return (
        f"Ngoài ra, trong hồ sơ quá hạn của đơn vị khác, bước của đơn vị có phần quá hạn {length_words(part, facts.day_minutes)}.",
    )


# ---------------------------------------------------------------- tables

_NUMBERS: tuple[tuple[str, float], ...] = (
    ("Hồ sơ quá hạn đã giữ", 18.0),
    ("Thời gian giữ", 22.0),
    ("Thời hạn các bước", 22.0),
    ("Phần quá hạn", 22.0),
    ("Tỷ lệ", 19.0),
    ("Vượt trước tiên", 15.0),
)


def _cells(sums: CauseSums, facts: ResponsibilityFacts) -> tuple[str, ...]:
    day = facts.day_minutes
    return (
        grouped(sums.late), days_of(sums.late_held, day), days_of(sums.late_share, day), days_of(sums.overrun, day),
        percent_words(sums.overrun, facts.answer.total.overrun), grouped(sums.first),
    )  # fmt: skip


def _kinds(facts: ResponsibilityFacts) -> Section:
    answer, day = facts.answer, facts.day_minutes
    rows = [(KIND_WORDS[kind], *_cells(sums, facts)) for kind, sums in answer.kinds.items()]
    rest, whole = answer.total.overrun - answer.divided, answer.total.overrun
    rows.append(("Không phân chia được", "", "", "", days_of(rest, day), percent_words(rest, whole), ""))
    rows.append(
        ("Cộng", grouped(answer.total.late), days_of(answer.total.late_held, day), days_of(answer.total.late_share, day),
         days_of(whole, day), percent_words(whole, whole), "")
    )  # fmt: skip
    table = ReportTable((("Loại bộ phận", 47.0), *_NUMBERS), tuple(rows), has_total=True)
    notes = (
        "Thời gian tính bằng ngày và giờ làm việc, không kể lúc tạm dừng. Một hồ sơ do nhiều bộ phận cùng loại giữ được đếm ở mỗi "
        "bộ phận. “Vượt trước tiên”: số hồ sơ mà bước của bộ phận là bước đầu tiên quá thời hạn của bước.",
    )
    return Section("Trách nhiệm theo loại bộ phận", (_compared(answer, facts),), table, notes)


def _compared(answer: CauseAnswer, facts: ResponsibilityFacts) -> str:
    """What the same kinds of steps took of dossiers in time."""
    if not answer.total.in_time:
        return "Không biết bước xử lý của hồ sơ đúng hạn nào, nên không so sánh được với hồ sơ đúng hạn."
    told = "; ".join(
        f"{KIND_WORDS[kind]} {_mean(sums.late_held, sums.late, facts)} so với {_mean(sums.in_time_held, sums.in_time, facts)}"
        for kind, sums in answer.kinds.items()
        if sums.late and sums.in_time
    )
    return (
        f"So với {grouped(answer.total.in_time)} hồ sơ đúng hạn biết được bước xử lý, thời gian giữ bình quân (ngày làm việc) của hồ "
        f"sơ quá hạn: {told}."
    )  # fmt: skip


def _mean(minutes: int, count: int, facts: ResponsibilityFacts) -> str:
    return decimal_words(Fraction(minutes, count * facts.day_minutes), 1)


def _holders(facts: ResponsibilityFacts) -> Section:
    lines = facts.answer.holders
    named = [line for line in lines if line.sums.overrun][:MOST]
    if not named:
        return Section(
            "Trách nhiệm theo cơ quan, đơn vị", ("Không có phần quá hạn nào phân chia được cho bộ phận nào.",)
        )
    rest = len([line for line in lines if line.sums.overrun]) - len(named)
    notes = (f"Còn {grouped(rest)} bộ phận có phần quá hạn nhỏ hơn, có trong tệp .xlsx.",) if rest else ()
    return Section("Trách nhiệm theo cơ quan, đơn vị", (), _holder_table(named, facts), notes)


def _holder_table(lines: Sequence[HolderLine], facts: ResponsibilityFacts) -> ReportTable:
    rows = tuple(
        (str(number), f"{line.name} ({KIND_WORDS[line.kind]})", *_cells(line.sums, facts))
        for number, line in enumerate(lines, 1)
    )
    return ReportTable((("STT", 10.0), ("Bộ phận", 38.0), *_narrower()), rows, texts=frozenset({1}))


def _narrower() -> tuple[tuple[str, float], ...]:
    return tuple((heading, width - 0.17) for heading, width in _NUMBERS)


def _elsewhere(facts: ResponsibilityFacts) -> Section:
    lines = [line for line in facts.answer.elsewhere if line.sums.late][:MOST]
    day = facts.day_minutes
    rows = tuple(
        (str(number), line.name, grouped(line.sums.late), days_of(line.sums.late_held, day),
         days_of(line.sums.late_share, day), days_of(line.sums.overrun, day), grouped(line.sums.first))
        for number, line in enumerate(lines, 1)
    )  # fmt: skip
    columns = (("STT", 10.0), ("Bộ phận", 56.0), *_NUMBERS[:4], _NUMBERS[5])
    return Section(
        "Bước của đơn vị trong hồ sơ của đơn vị khác", (), ReportTable(columns, rows, texts=frozenset({1}))
    )


# ---------------------------------------------------------------- department, step, month


def _worst(facts: ResponsibilityFacts) -> Section:
    heading = "Bộ phận, bước và tháng cần giải trình"
    chosen = worst_of(facts.answer.worst)
    if not chosen:
        return Section(heading, ("Không có phần quá hạn nào phân chia được cho bộ phận nào.",))
    day, total = facts.day_minutes, facts.answer.total.overrun
    rows = tuple(
        (str(number), each.line.name, KIND_WORDS[each.line.kind], f"{each.month % 100:02d}/{each.month // 100}",
         f"{grouped(each.line.sums.overran)}/{grouped(each.line.sums.late)}", days_of(each.line.sums.overrun, day),
         percent_words(each.line.sums.overrun, total))
        for number, each in enumerate(chosen, 1)
    )  # fmt: skip
    columns = (
        ("STT", 10.0), ("Bộ phận", 47.0), ("Bước", 25.0), ("Tháng kết thúc", 19.0), ("Hồ sơ có phần quá hạn/đã giữ", 25.0),
        ("Phần quá hạn", 22.0), ("Tỷ lệ", 17.0),
    )  # fmt: skip
    told = (
        f"{WORST} tháng có phần quá hạn lớn nhất và, của mỗi loại bộ phận, {EACH_KIND} tháng lớn nhất. Đây là dấu hiệu để đơn vị giải "
        "trình, không phải kết luận về lỗi."
    )
    return Section(heading, (told,), ReportTable(columns, rows, texts=frozenset({1, 2})))


def worst_of(worst: Sequence[HolderMonth]) -> list[HolderMonth]:
    """The worst of all, and the worst of each kind of department that are not among them, by lateness."""
    places = set(range(min(WORST, len(worst))))
    for kind in StepKind:
        own = [place for place, each in enumerate(worst) if each.line.kind is kind]
        places.update(own[:EACH_KIND])
    return [worst[place] for place in sorted(places)]


# ---------------------------------------------------------------- the rest


def _units(facts: ResponsibilityFacts) -> Section:
    day = facts.day_minutes
    lines = facts.answer.units[:MOST]
    rows = tuple(
        (str(number), line.name, grouped(line.sums.late), days_of(line.sums.overrun, day), days_of(line.divided, day),
         percent_words(line.divided, line.sums.overrun))
        for number, line in enumerate(lines, 1)
    )  # fmt: skip
    columns = (
        ("STT", 10.0), ("Đơn vị giải quyết", 63.0), ("Hồ sơ quá hạn", 20.0), ("Thời gian quá hạn", 27.0),
        ("Phân chia được cho các bước", 27.0), ("Tỷ lệ phân chia được", 18.0),
    )  # fmt: skip
    rest = len(facts.answer.units) - len(lines)
    notes = (f"Còn {grouped(rest)} đơn vị khác.",) if rest else ()
    return Section("Theo đơn vị giải quyết", (), ReportTable(columns, rows, texts=frozenset({1})), notes)


def _undivided(facts: ResponsibilityFacts) -> Section:
    answer, day = facts.answer, facts.day_minutes
    rest = answer.total.overrun - answer.divided
    rows = [
        (UNDIVIDED_WORDS[why], grouped(sums.late), days_of(sums.overrun, day), percent_words(sums.overrun, answer.total.overrun))
        for why, sums in answer.undivided.items()
    ]  # fmt: skip
    rows.append(("Cộng", "", days_of(rest, day), percent_words(rest, answer.total.overrun)))
    lines = [
        f"Giữa hai bước không rõ ai giữ hồ sơ: {length_words(answer.between.late_held, day)} của "
        f"{grouped(answer.between.late)} hồ sơ quá hạn."
    ]
    if answer.unmeasured:
        lines.append(
            f"{grouped(answer.unmeasured)} hồ sơ quá hạn nằm ngoài các năm đã nạp của lịch làm việc: không đo được."
        )
    columns = (("Lý do", 95.0), ("Hồ sơ", 20.0), ("Thời gian quá hạn", 30.0), ("Tỷ lệ", 20.0))
    return Section(
        "Phần không phân chia được", tuple(lines), ReportTable(columns, tuple(rows), has_total=True)
    )


def _pauses(facts: ResponsibilityFacts) -> Section:
    heading = "Thời gian tạm dừng (không tính cho ai)"
    lines = facts.answer.pauses
    if not lines:
        return Section(heading, ("Nguồn không ghi lần tạm dừng nào của hồ sơ quá hạn.",))
    return Section(heading, (), _named_table("Loại tạm dừng", "Thời gian tạm dừng", lines, facts))


def _reasons(facts: ResponsibilityFacts) -> Section:
    heading = "Lý do chậm do nguồn ghi"
    untold = next((line.sums.late for line in facts.answer.reasons if not line.name), 0)
    told = f"Không ghi lý do: {rate_words(untold, facts.answer.total.late)} hồ sơ quá hạn."
    named = [line for line in facts.answer.reasons if line.name]
    if not facts.names:
        return Section(heading, (told, HIDDEN) if named else (told,))
    if not named:
        return Section(heading, (told,))
    day = facts.day_minutes
    rows = tuple(
        (line.name, grouped(line.sums.late), days_of(line.sums.overrun, day)) for line in named[:REASONS]
    )
    columns = (("Lý do", 115.0), ("Hồ sơ", 20.0), ("Thời gian quá hạn", 30.0))
    return Section(heading, (told,), ReportTable(columns, rows, texts=frozenset({0})))


def _named_table(
    heading: str, what: str, lines: Sequence[NamedLine], facts: ResponsibilityFacts
) -> ReportTable:
    rows = tuple(
        (PAUSE_WORDS.get(SuspensionKind(line.name), line.name), grouped(line.sums.late),
         days_of(line.sums.late_held, facts.day_minutes))
        for line in lines
        if line.sums.late
    )  # fmt: skip
    return ReportTable(((heading, 95.0), ("Hồ sơ quá hạn", 30.0), (what, 40.0)), rows)


def _explanations(facts: ResponsibilityFacts) -> Section:
    del facts
    told = "Cơ quan, đơn vị có tên trong báo cáo giải trình về các bước và tháng nêu trên (nguyên nhân, tài liệu chứng minh, biện pháp):"
    return Section("Ý kiến giải trình", (told, BLANK_LINE, BLANK_LINE, BLANK_LINE))
