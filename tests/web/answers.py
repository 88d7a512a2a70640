"""Ready answers for tests of what pages say."""

from fractions import Fraction

from tests.web.world import NOW
from tracker.types import Basis, BasisRate, ScoreAnswer, ScoreLine


def score_answer(*, late: int, total: int) -> ScoreAnswer:
    """A score of one year with two fields; all but 24 of the late ones are land dossiers."""
    budget = total // 20
    rate = BasisRate(total - late, total, total, total)
    lines = (
        ScoreLine("Chi nhánh Một", "Đất đai", total // 2 - late + 30, total // 2, late - 30),
        ScoreLine("Chi nhánh Hai", "Đất đai", total // 4, total // 4 + 6, 6),
        ScoreLine("Sở Công Thương", "Công thương", total // 4, total // 4 + 24, 24),
    )
    return ScoreAnswer(
        criterion="3.4.1",
        edition="resolved",
        edition_name="Hồ sơ đã giải quyết",
        edition_verified=False,
        formula="",
        edition_source="",
        year=2022,
        basis=Basis.SOURCE,
        as_of=NOW,
        numerator=total - late,
        denominator=total,
        points=Fraction(0),
        max_points=Fraction(3, 2),
        threshold=Fraction(95, 100),
        budget_late=budget,
        late=late,
        headroom=budget - late,
        points_at_threshold=Fraction(1425, 1000),
        bases={Basis.SOURCE: rate},
        lines=lines,
        left_out={},
    )
