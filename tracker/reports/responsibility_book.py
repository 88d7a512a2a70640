"""The report on responsibility as a workbook: sums by department and month, what could not be divided, and each dossier."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracker.reports import listing
from tracker.reports.listing import Column, Table
from tracker.types import SuspensionKind
from tracker.types.cause_words import KIND_WORDS, NO_REASON, PAUSE_WORDS, UNDIVIDED_WORDS
from tracker.types.causes import CauseAnswer, HolderLine, StepKind, Undivided
from tracker.types.responsibility import DossierLine, StepLine

HOLDERS: Sequence[Column] = (
    ("STT", 6), ("Bộ phận", 40), ("Loại", 18), ("Hồ sơ quá hạn đã giữ", 10), ("Thời gian giữ (phút làm việc)", 13),
    ("Thời hạn của các bước (phút)", 13), ("Phần quá hạn (phút)", 13), ("Phần quá hạn (ngày làm việc)", 11),
    ("Tỷ lệ trong toàn bộ thời gian quá hạn", 22), ("Số hồ sơ có phần quá hạn", 10), ("Số hồ sơ vượt trước tiên", 10),
    ("Bình quân giữ, hồ sơ quá hạn (phút)", 12), ("Hồ sơ đúng hạn đã giữ", 10), ("Bình quân giữ, hồ sơ đúng hạn (phút)", 12),
)  # fmt: skip
MONTHS: Sequence[Column] = (
    ("STT", 6), ("Tháng", 9), ("Bộ phận", 40), ("Loại", 18), ("Hồ sơ quá hạn đã giữ", 10),
    ("Thời gian giữ (phút làm việc)", 13), ("Thời hạn của các bước (phút)", 13), ("Phần quá hạn (phút)", 13),
    ("Số hồ sơ có phần quá hạn", 10), ("Số hồ sơ vượt trước tiên", 10),
)  # fmt: skip
OTHERS: Sequence[Column] = (("Mục", 34), ("Nội dung", 60), ("Số hồ sơ quá hạn", 11), ("Phút làm việc", 14))
DOSSIERS: Sequence[Column] = (
    ("STT", 6), ("Mã hồ sơ", 22), ("Đơn vị giải quyết", 34), ("Kết thúc", 15), ("Quá hạn (phút làm việc)", 12),
    *((f"{word} (phút)", 11) for word in KIND_WORDS.values()), ("Không phân chia được (phút)", 12),
    ("Vì sao không phân chia được", 30), ("Chờ giữa hai bước (phút)", 11), ("Tạm dừng (phút)", 11),
    ("Bước vượt trước tiên", 34), ("Từng bước: giữ / thời hạn / phần quá hạn (phút)", 90), ("Lý do nguồn ghi", 34),
)  # fmt: skip
UNTOLD = "không rõ"


@dataclass(frozen=True, slots=True)
class BookFacts:
    """What the workbook is made from. `title` says what it is and of when; `method`: how it was counted, line by line."""

    answer: CauseAnswer
    dossiers: Iterable[DossierLine]
    title: str
    method: Sequence[tuple[str, str]]
    day_minutes: int
    names: bool  # reasons as the source wrote them, which may name people


def write(target: Path, facts: BookFacts) -> int:
    """Write the workbook; how many dossiers it lists. Dossiers are streamed."""
    answer, title = facts.answer, facts.title
    tables = [Table("Bộ phận", HOLDERS, _holder_rows(facts, answer.holders), title)]
    if answer.elsewhere:
        told = f"{title}: trong hồ sơ của đơn vị khác"
        tables.append(Table("Trong hồ sơ đơn vị khác", HOLDERS, _elsewhere_rows(facts), told))
    tables += [
        Table("Hồ sơ", DOSSIERS, _dossier_rows(facts), f"{title}: từng hồ sơ"),
        Table("Theo tháng", MONTHS, _month_rows(answer), f"{title}: theo bộ phận và tháng kết thúc"),
        Table("Phần khác, cách tính", OTHERS, list(_other_rows(facts)), f"{title}: phần khác và cách tính"),
    ]
    counts = listing.write_tables(target, tables)
    return counts[[table.name for table in tables].index("Hồ sơ")]


# ---------------------------------------------------------------- sums


def _holder_rows(facts: BookFacts, lines: Sequence[HolderLine]) -> Iterator[list[Any]]:
    answer = facts.answer
    for number, line in enumerate(lines, 1):
        yield _holder(number, line, facts)
    rest = sum(sums.overrun for sums in answer.undivided.values())
    late = sum(sums.late for sums in answer.undivided.values())
    whole = answer.total.overrun
    blank: list[Any] = [None] * 5
    yield [
        None, "Không phân chia được", "", late, None, None, rest, _days(rest, facts.day_minutes), share(rest, whole), *blank
    ]  # fmt: skip
    yield [
        None, "Cộng thời gian quá hạn", "", answer.total.late, answer.total.late_held, answer.total.late_share, whole,
        _days(whole, facts.day_minutes), share(whole, whole), *blank,
    ]  # fmt: skip


def _elsewhere_rows(facts: BookFacts) -> Iterator[list[Any]]:
    for number, line in enumerate(facts.answer.elsewhere, 1):
        row = _holder(number, line, facts)
        row[8] = ""  # of the lateness of others it is no share
        yield row


def _holder(number: int, line: HolderLine, facts: BookFacts) -> list[Any]:
    sums = line.sums
    return [
        number, line.name, KIND_WORDS[line.kind], sums.late, sums.late_held, sums.late_share, sums.overrun,
        _days(sums.overrun, facts.day_minutes), share(sums.overrun, facts.answer.total.overrun), sums.overran, sums.first,
        _mean(sums.late_held, sums.late), sums.in_time, _mean(sums.in_time_held, sums.in_time),
    ]  # fmt: skip


def _month_rows(answer: CauseAnswer) -> Iterator[list[Any]]:
    for number, each in enumerate(answer.worst, 1):
        sums, line = each.line.sums, each.line
        yield [
            number, f"{each.month % 100:02d}/{each.month // 100}", line.name, KIND_WORDS[line.kind], sums.late,
            sums.late_held, sums.late_share, sums.overrun, sums.overran, sums.first,
        ]  # fmt: skip


def _other_rows(facts: BookFacts) -> Iterator[list[Any]]:
    answer = facts.answer
    for why, sums in answer.undivided.items():
        yield ["Không phân chia được", UNDIVIDED_WORDS[why], sums.late, sums.overrun]
    yield ["Chờ giữa hai bước", "Không rõ ai giữ hồ sơ", answer.between.late, answer.between.late_held]
    for line in answer.pauses:
        word = PAUSE_WORDS.get(SuspensionKind(line.name), line.name)
        yield ["Tạm dừng (không tính cho ai)", word, line.sums.late, line.sums.late_held]
    for line in answer.reasons:
        yield ["Lý do nguồn ghi", reason_words(line.name, facts.names), line.sums.late, line.sums.overrun]
    if answer.unmeasured:
        yield ["Ngoài các năm của lịch làm việc", "Không đo được số phút quá hạn", answer.unmeasured, None]
    for what, told in facts.method:
        yield [what, told, None, None]


def share(part: int, whole: int) -> str:
    """A share with its fraction of minutes; of nothing it cannot be told."""
    return f"{100 * part / whole:.2f} % ({part}/{whole})".replace(".", ",", 1) if whole else "chưa có"


def reason_words(text: str, names: bool) -> str:
    """A reason as the source wrote it; masked, since it may name people, where the reader does not see names."""
    if not text:
        return NO_REASON
    return text if names else "(ẩn)"


def _days(minutes: int, day_minutes: int) -> float:
    return round(minutes / day_minutes, 2)


def _mean(minutes: int, count: int) -> int | None:
    return round(minutes / count) if count else None


# ---------------------------------------------------------------- dossiers


def _dossier_rows(facts: BookFacts) -> Iterator[list[Any]]:
    for number, line in enumerate(facts.dossiers, 1):
        yield _dossier(number, line, facts.names)


def _dossier(number: int, line: DossierLine, names: bool) -> list[Any]:
    first = next((step.department for step in line.steps if step.is_first), "")
    kinds = [_of_kind(line.steps, kind) for kind in KIND_WORDS]
    why = UNDIVIDED_WORDS[Undivided(line.why)] if line.why else ""
    return [
        number, line.code, line.unit, line.ended_at, line.late, *kinds, line.undivided, why, line.between, line.paused,
        first, "; ".join(map(_step, line.steps)), reason_words(line.reason, names) if line.reason else "",
    ]  # fmt: skip


def _of_kind(steps: Iterable[StepLine], kind: StepKind) -> int:
    return sum(step.part for step in steps if step.kind is kind)


def _step(step: StepLine) -> str:
    share_told = UNTOLD if step.share is None else str(step.share)
    return f"{step.place}. {step.department}: {step.minutes} / {share_told} / {step.part}"
