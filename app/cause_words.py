"""The words of the page of causes: kinds of steps, states, why lateness falls to no step, and sentences. Knows no request."""

from collections.abc import Mapping
from fractions import Fraction

from app.presenters import DASH, SUSPENSIONS, decimal, number, percent, working_time
from tracker.types import SuspensionKind
from tracker.types.causes import FLOW_ENDED, FLOW_PAUSED, FLOW_RECEIVED, StepKind, Undivided

KINDS: Mapping[StepKind, str] = {
    StepKind.DESK: "Một cửa",
    StepKind.BRANCH: "Chi nhánh VPĐKĐĐ",
    StepKind.COMMUNE: "UBND cấp xã",
    StepKind.TAX: "Thuế",
    StepKind.CADASTRE: "Đo đạc, địa chính",
    StepKind.OTHER: "Bộ phận khác",
}
BETWEEN = "Chờ giữa hai bước"
UNDIVIDED = "Không phân chia được"
WHY_UNDIVIDED: Mapping[Undivided, str] = {
    Undivided.NO_STEPS: "nguồn không gửi bước nào của hồ sơ",
    Undivided.NO_SHARES: "có bước không rõ thời hạn của bước",
    Undivided.WAITING: "không ai giữ hồ sơ trong chừng ấy thời gian, giữa hai bước",
    Undivided.REST: "các bước đều trong thời hạn, hoặc vượt ít hơn phần trễ",
}
STATES: Mapping[str, str] = {
    FLOW_RECEIVED: "Tiếp nhận",
    FLOW_PAUSED: "Tạm dừng",
    FLOW_ENDED: "Kết thúc",
    **{kind.value: word for kind, word in KINDS.items()},
}
NO_REASON = "Chưa ghi lý do"
DAYS = "ngày"


def state_word(state: str) -> str:
    """A state of the ways between states; an unknown one by its own name."""
    return STATES.get(state, state)


def pause_word(kind: str) -> str:
    """A kind of suspension."""
    return SUSPENSIONS[SuspensionKind(kind)] if kind in set(SuspensionKind) else kind


def in_days(minutes: int, day_minutes: int) -> str:
    """Working minutes in words: "1.234,5 ngày" (from ten days on whole ones), "3 giờ", "45 phút"."""
    if minutes < day_minutes:
        return working_time(minutes, day_minutes)
    days = Fraction(minutes, day_minutes)
    return f"{decimal(days, 0 if days >= 10 else 1, trim=True)} ngày"


def mean_time(minutes: int, count: int, day_minutes: int) -> str:
    """The mean of some dossiers in words; a dash where there are none."""
    return in_days(round(Fraction(minutes, count)), day_minutes) if count else DASH


def share_of(minutes: int, whole: int, day_minutes: int) -> str:
    """A share of lateness with its fraction: "61,20 % (1.234/2.016 ngày)"."""
    if not whole:
        return DASH
    share, (part, measure), (all_of_it, other) = percent(minutes, whole), *_both(minutes, whole, day_minutes)
    if measure == other == DAYS:
        return f"{share} ({part}/{all_of_it} ngày)"
    return f"{share} ({in_days(minutes, day_minutes)}/{in_days(whole, day_minutes)})"


def _both(minutes: int, whole: int, day_minutes: int) -> tuple[tuple[str, str], tuple[str, str]]:
    """Both as number and measure; nothing is nothing in any measure."""
    part, _, measure = in_days(minutes, day_minutes).rpartition(" ")
    all_of_it, _, other = in_days(whole, day_minutes).rpartition(" ")
    return (part, measure if minutes else other), (all_of_it, other)


def dossiers(count: int) -> str:
    """1.234 hồ sơ."""
    return f"{number(count)} hồ sơ"
