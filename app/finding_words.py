"""Findings in words: states as chips, each side of the evidence, the pair on one line, the rule with its thresholds. Pure.

Words say what was seen in the data and what would explain it; none of them says that somebody did wrong.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from app.finding_filters import FindingFilters
from app.presenters import DASH, SUSPENSIONS, Chip, day, moment, number
from tracker.types import SuspensionKind
from tracker.types.finding_lists import FindingRow
from tracker.types.findings import (
    FACT_WORDS,
    KIND_WORDS,
    SEEN_WORDS,
    STATE_WORDS,
    Evidence,
    EvidenceSide,
    FindingKind,
    FindingState,
    Seen,
)

_LOOKS: Mapping[FindingState, tuple[str, str]] = {
    FindingState.OPEN: ("flag", "soon"),
    FindingState.EXPLAINED: ("note", "accent"),
    FindingState.CONFIRMED: ("triangle", "late"),
    FindingState.DISMISSED: ("tick", "kept"),
}
STATES: Mapping[FindingState, Chip] = {
    state: Chip(mark, STATE_WORDS[state], tone) for state, (mark, tone) in _LOOKS.items()
}
EVERY, GONE_WORD = "Tất cả", "Không còn thấy"
GONE = Chip("dash", "Không còn dấu hiệu", "plain")
# What was said at each step, as its history tells it.
SAID: Mapping[FindingState, Chip] = {
    FindingState.OPEN: Chip("small-circle", "Mở lại", "soon"),
    FindingState.EXPLAINED: Chip("note", "Giải trình", "accent"),
    FindingState.CONFIRMED: Chip("triangle", "Xác nhận dấu hiệu", "late"),
    FindingState.DISMISSED: Chip("tick", "Chấp nhận, khép lại", "kept"),
}
# A withdrawal or a move is of a day; ends and due dates are of a minute.
_AT: Mapping[Seen, str] = {
    Seen.DUE: "Hẹn trả {at}",
    Seen.OPEN: "Chưa xong, hẹn trả {at}",
    Seen.END: "Kết thúc {at}",
    Seen.UNSUSPENDED: "Không tạm dừng, hẹn trả {at}",
    Seen.STEP: "Bước xử lý {at}",
    Seen.REOPENED: "Mở lại {at}",
    Seen.WITHDRAWN: "Rút hồ sơ {at}",
    Seen.GONE: "Không còn trong lần xuất toàn bộ từ {at}",
    Seen.DELETED: "Bị xóa {at}",
}
_AT_A_MOMENT = frozenset({Seen.END, Seen.STEP, Seen.REOPENED})


def kind_words(kind: FindingKind) -> str:
    """What a kind is called in lists."""
    return KIND_WORDS[kind].short


def explained_by(kind: FindingKind) -> str:
    """What would explain it."""
    return KIND_WORDS[kind].explained_by


def step_words(chosen: FindingFilters) -> str:
    """What was said of the findings of a list."""
    if chosen.is_gone:
        return GONE_WORD
    return EVERY if chosen.state is None else STATE_WORDS[chosen.state]


def asked_words(chosen: FindingFilters, unit: str) -> str:
    """What is asked of a list, on one line: kind, unit, state, days."""
    days = [
        f"{word} {day(each)}" for word, each in (("từ ngày", chosen.start), ("đến ngày", chosen.end)) if each
    ]
    kind = kind_words(chosen.kind).lower() if chosen.kind else "mọi loại"
    state = step_words(chosen).lower() if chosen.state or chosen.is_gone else "mọi tình trạng"
    return " · ".join(filter(None, (kind, unit, state, " ".join(days))))


def state_chip(row: FindingRow) -> Chip:
    """Where a finding stands."""
    return GONE if row.gone_at is not None and row.state is FindingState.OPEN else STATES[row.state]


# ---------------------------------------------------------------- evidence


def side_words(side: EvidenceSide, *, short: bool = False) -> str:
    """What one side says: "Hẹn trả 14/08/2026 17:00". `short`: days only, for lists."""
    told = day if short and side.seen not in _AT_A_MOMENT else moment
    if side.seen is Seen.SUSPENSION:
        return _suspension(side, told)
    if side.seen is Seen.USUAL:
        return f"Số hồ sơ rút ngày thường: {number(side.count)}"
    if side.seen is Seen.WITHDRAWN and side.count is not None:
        return f"Rút hồ sơ {told(side.at)}: {number(side.count)} hồ sơ trong ngày, {number(side.late or 0)} đã hoặc sắp quá hạn"
    if side.seen is Seen.STEP and side.name:
        return f"Bước xử lý {told(side.at)}, {side.name}"
    return SEEN_WORDS[side.seen] if side.at is None else _AT[side.seen].format(at=told(side.at))


def _suspension(side: EvidenceSide, told: Callable[[datetime | None], str]) -> str:
    kind = (
        SUSPENSIONS[SuspensionKind(side.name)]
        if side.name in set(SuspensionKind)
        else SUSPENSIONS[SuspensionKind.PAUSE]
    )
    if side.until is None:
        return f"Tạm dừng từ {told(side.at)} mà chưa kết thúc ({kind.lower()})"
    return f"Tạm dừng từ {told(side.at)} đến {told(side.until)} ({kind.lower()})"


class Pair(NamedTuple):
    """The evidence on one line: "Hẹn trả 14/08/2026", "20/08/2026", and on which day the second was told."""

    before: str
    after: str
    told_on: str

    def __str__(self) -> str:
        return f"{self.before} → {self.after}" + (f", báo ngày {self.told_on}" if self.told_on else "")


def pair_words(evidence: Evidence) -> Pair:
    """The pair for lists."""
    before, after = evidence.before, evidence.after
    is_move = before.seen is Seen.DUE and after.seen is Seen.DUE
    later = day(after.at) if is_move else side_words(after, short=True)
    return Pair(side_words(before, short=True), later, day(after.told_at) if after.told_at else "")


def facts(evidence: Evidence) -> Iterator[tuple[str, str]]:
    """The numbers beside it, in words; a share with its whole."""
    for name, word in FACT_WORDS.items():
        if name in evidence.facts and not (name == "ended" and "equal" in evidence.facts):
            value = number(evidence.facts[name])
            whole = evidence.facts.get("ended") if name == "equal" else None
            yield word, value if whole is None else f"{value}/{number(whole)}"


def load_words(side: EvidenceSide) -> str:
    """Since when and until when it was told, as far as is known."""
    if side.told_at is None:
        return DASH
    last = side.last_told_at
    until = f", lần cuối {moment(last)}" if last is not None and last != side.told_at else ""
    return f"{moment(side.told_at)}{until}"
