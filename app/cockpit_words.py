"""The budget of late dossiers in sentences, the same for the page and the command line. Pure."""

from collections.abc import Mapping

from app.presenters import decimal, moment, number, rate
from tracker.measures.budget import Allowance, LateCost, OpenStanding, PeriodBudget, Window
from tracker.measures.scoring import Denominator
from tracker.pipeline.budget import BudgetAnswer

NOTHING_ENDED = "chưa có hồ sơ nào giải quyết xong"
GUIDE = "tham khảo: tiêu chí tính cả năm"

# Why a dossier stands in no rate of the year.
LEFT_OUT: Mapping[str, str] = {
    "UNIT_UNKNOWN": "đơn vị giải quyết chưa có trong danh mục, nên chưa biết thuộc cấp nào",
    "DELETED": "hệ thống nguồn đã xóa",
    "NOT_ACCEPTED": "chưa được tiếp nhận, hoặc bị từ chối hay rút trước khi tiếp nhận",
    "END_UNDATED": "đã kết thúc mà nguồn không ghi ngày",
    "RECEIVED_MISSING": "thiếu ngày tiếp nhận",
    "WITHDRAWN": "người nộp đã rút: đứng ngoài cả tử số và mẫu số",
    "NO_DUE": "đã kết thúc mà không có ngày hẹn trả theo căn cứ này",
}


def period_name(period: PeriodBudget) -> str:
    """Tháng 8/2026, Quý 3/2026, Năm 2026."""
    year, month = period.start.year, period.start.month
    if period.window is Window.MONTH:
        return f"Tháng {month}/{year}"
    return f"Quý {month // 3 + 1}/{year}" if period.window is Window.QUARTER else f"Năm {year}"


def left_words(found: Allowance) -> str:
    """What is left of a budget, or how much it is exceeded by."""
    return (
        f"vượt {number(-found.headroom)}" if found.headroom < 0 else f"còn được trễ {number(found.headroom)}"
    )


def period_sentence(period: PeriodBudget) -> str:
    """A month, quarter or year in one line; the rate with its fraction."""
    found = period.allowance
    if not found.tally.denominator:
        return NOTHING_ENDED
    told = (
        f"đúng hạn {rate(found.tally.numerator, found.tally.denominator)}; đã trễ {number(found.tally.late)}, "
        f"được phép {number(found.budget_late)}, {left_words(found)}"
    )
    return f"{told} ({GUIDE})" if period.is_guide else told


def counted_words(answer: BudgetAnswer) -> str:
    """What month and quarter count where the year counts something else; empty where they count the same."""
    if answer.edition.denominator is not Denominator.RECEIVED:
        return ""
    return "Tháng và quý tính trên hồ sơ kết thúc trong kỳ; năm tính trên hồ sơ tiếp nhận trong năm."


def cost_sentences(answer: BudgetAnswer) -> list[str]:
    """What one more late dossier does to the points; nothing of a year that is over, which no dossier can change."""
    cost = answer.cost
    if cost is None or answer.standings is None:
        return []
    told = []
    if cost.late_until_lost is not None:
        told += _above_threshold(cost, cost.late_until_lost, answer.edition.denominator)
    elif cost.on_time_needed:
        told.append(
            f"Đang dưới ngưỡng: nếu từ nay không trễ thêm, cần {number(cost.on_time_needed)} hồ sơ nữa xong đúng hạn "
            "để đạt lại ngưỡng."
        )
    if cost.on_time_to_offset:
        told.append(
            f"Mỗi hồ sơ trễ cần {number(cost.on_time_to_offset)} hồ sơ đúng hạn để bù ở mức ngưỡng {threshold(answer)}."
        )
    return told


def _above_threshold(cost: LateCost, until_lost: int, denominator: Denominator) -> list[str]:
    points, lost = cost.points_at_stake, cost.points_lost
    all_points = "" if points is None else f" và mất cả {decimal(points, 3, trim=True)} điểm"
    if not until_lost:
        return [f"Đúng ở ngưỡng: chỉ một hồ sơ trễ thêm là dưới ngưỡng{all_points}."]
    is_received = denominator is Denominator.RECEIVED
    condition = "trong số đã tiếp nhận" if is_received else "không có thêm hồ sơ đúng hạn"
    each = "" if lost is None else f"Mỗi hồ sơ trễ thêm bớt {decimal(lost, 7, trim=True)} điểm của năm. "
    return [f"{each}Trễ thêm quá {number(until_lost)} hồ sơ ({condition}) thì dưới ngưỡng{all_points}."]


def open_sentences(answer: BudgetAnswer) -> list[str]:
    """What the open dossiers can still do to the year, and on what that rests."""
    standing, ending = answer.open, answer.if_all_end
    if not answer.periods:
        return []
    if standing is None or ending is None:
        return [f"Kỳ tính điểm năm {answer.score.year} đã hết: hồ sơ kết thúc từ nay không tính vào đó."]
    return [
        f"Tính trên số hồ sơ đã giải quyết đến {moment(answer.score.as_of)}; mẫu số còn tăng đến hết năm.",
        f"{number(standing.overdue)} hồ sơ đang quá hạn: xong lúc nào cũng tính là trễ, vào năm xong. Vẫn phải giải quyết "
        "ngay: để lại chỉ đẩy phần trễ sang năm sau và người dân chờ thêm.",
        f"{number(standing.keepable)} hồ sơ chưa trễ và đến hạn trong năm: còn giữ được đúng hạn.",
        f"Nếu số chưa trễ đó đều xong đúng hạn và số quá hạn cũng xong trong năm: {if_all_words(ending)}.",
        *_not_counted(standing),
    ]


def if_all_words(ending: Allowance) -> str:
    """The year if everything open ends in it."""
    tally = ending.tally
    if not tally.denominator:
        return NOTHING_ENDED
    points = "" if ending.points is None else f", {decimal(ending.points, 3, trim=True)} điểm"
    return f"đúng hạn {rate(tally.numerator, tally.denominator)}, {left_words(ending)}{points}"


def _not_counted(standing: OpenStanding) -> list[str]:
    parts = (
        (standing.due_later, "đến hạn sau năm này"),
        (standing.suspended, "đang tạm dừng"),
        (standing.no_due, "không có ngày hẹn trả"),
    )
    told = ", ".join(f"{number(count)} {words}" for count, words in parts if count)
    return [f"Chưa tính vào đó: {told}."] if told else []


def threshold(answer: BudgetAnswer) -> str:
    """95 %."""
    return f"{decimal(answer.edition.threshold * 100, trim=True)} %"
