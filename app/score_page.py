"""What the page of criterion 3.4.1 says in sentences, and the shares of units and fields. Pure."""

from dataclasses import dataclass

from app.presenters import decimal, number
from tracker.types import ScoreAnswer


@dataclass(frozen=True, slots=True)
class Share:
    """One unit's or field's part in the late dossiers."""

    name: str
    numerator: int
    denominator: int
    late: int


def shares(answer: ScoreAnswer, key: str) -> list[Share]:
    """The lines of the score summed by `unit` or `field`, most late first."""
    sums: dict[str, tuple[int, int, int]] = {}
    for line in answer.lines:
        name = getattr(line, key) or "Chưa rõ"
        numerator, denominator, late = sums.get(name, (0, 0, 0))
        sums[name] = (numerator + line.numerator, denominator + line.denominator, late + line.late)
    listed = [Share(name, *counted) for name, counted in sums.items()]
    return sorted(listed, key=lambda share: (-share.late, -share.denominator, share.name))


def budget_sentences(answer: ScoreAnswer) -> list[str]:
    """What can still be afforded, in the words of the office; empty where nothing is known."""
    if answer.late is None or answer.budget_late is None or answer.headroom is None:
        return []
    threshold = f"{decimal(answer.threshold * 100, trim=True)} %"
    opening = (
        f"Ngưỡng {threshold} cho phép trễ {number(answer.budget_late)} hồ sơ; đã trễ {number(answer.late)}"
    )
    points = answer.points_at_threshold
    gained = "đạt ngưỡng" if points is None else f"được {decimal(points, 3, trim=True)} điểm"
    if answer.headroom < 0:
        over = number(-answer.headroom)
        return [f"{opening}; vượt {over}.", f"Bớt {over} hồ sơ trễ thì {gained}."]
    return [
        f"{opening}; còn được trễ {number(answer.headroom)}.",
        f"Trễ thêm quá {number(answer.headroom)} hồ sơ thì dưới ngưỡng và mất điểm.",
    ]
