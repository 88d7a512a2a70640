"""What the page of causes says in sentences: how much is late, how much of it can be divided, who held most, which months differ."""

from app.cause_filters import CauseFilters, month_text
from app.cause_words import KINDS, dossiers, in_days, share_of
from app.presenters import decimal, rate
from tracker.measures.control_chart import ControlChart, ControlPoint, Side
from tracker.types.causes import CauseAnswer, HolderMonth

SIDES = {Side.ABOVE: "cao hơn giới hạn trên", Side.BELOW: "thấp hơn giới hạn dưới"}
HALVES = {Side.ABOVE: "trên", Side.BELOW: "dưới"}


def headline(answer: CauseAnswer, chosen: CauseFilters, day_minutes: int) -> tuple[str, ...]:
    """How many dossiers were how late, what of it falls to steps, and the department and month with most of it."""
    total = answer.total
    if not total.late:
        return ()
    told = [
        f"{_period(chosen)}, {dossiers(total.late)} giải quyết quá hạn, trễ tổng cộng {in_days(total.overrun, day_minutes)} làm việc.",
        f"Biết bước xử lý của {rate(answer.known.late, total.late)} hồ sơ quá hạn.",
    ]
    if answer.divided:
        divided = share_of(answer.divided, total.overrun, day_minutes)
        told.append(f"Chia được về từng bước: {divided} thời gian trễ.")
    if answer.worst:
        told.append(_worst(answer.worst[0], answer.divided, day_minutes))
    return tuple(told)


def _period(chosen: CauseFilters) -> str:
    if chosen.year:
        return f"Năm {chosen.year}"
    if chosen.first == chosen.last:
        return f"Tháng {month_text(chosen.first)}"
    return f"Từ tháng {month_text(chosen.first)} đến tháng {month_text(chosen.last)}"


def _worst(worst: HolderMonth, divided: int, day_minutes: int) -> str:
    line = worst.line
    share = share_of(line.sums.overrun, divided, day_minutes)
    return (
        f"Nhiều nhất trong một tháng: {line.name}, bước {KINDS[line.kind]}, tháng {month_text(worst.month)}: "
        f"{share} thời gian trễ chia được, ở {dossiers(line.sums.overran)}; vượt thời hạn đầu tiên ở {dossiers(line.sums.first)}."
    )


def control_sentences(chart: ControlChart) -> tuple[str, ...]:
    """Which months differ from the period by more than chance, and whether a stretch of months does."""
    told = [_beyond(point) for point in chart.beyond]
    told += [
        f"Từ tháng {month_text(first)} đến tháng {month_text(last)}, mọi tháng đều {HALVES[side]} tỷ lệ cả kỳ: mức chung đã đổi."
        for first, last, side in chart.runs
    ]
    if not told:
        told.append("Không tháng nào khác cả kỳ nhiều hơn dao động thường gặp.")
    if chart.widening > 1:
        told.append(
            f"Giới hạn đã nới {decimal(chart.widening, 1)} lần theo dao động giữa các tháng, vì mẫu số lớn (Laney p′)."
        )
    return tuple(told)


def _beyond(point: ControlPoint) -> str:
    limit = point.high if point.side is Side.ABOVE else point.low
    small = " Ít hồ sơ, nên nói được ít." if point.is_small else ""
    return (
        f"Tháng {month_text(point.month)} {SIDES[point.side]}: {rate(point.part, point.whole)} trễ, "
        f"giới hạn {decimal(limit * 100)} %.{small}"
    )
