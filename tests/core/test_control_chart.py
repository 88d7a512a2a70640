"""Control limits of monthly rates: by hand, at their edges, widened by what months differ anyway, and long stretches."""

from fractions import Fraction

import pytest

from tracker.measures.control_chart import LEAST_MONTHS, RUN, Side, control_chart


def months(parts: list[int], whole: int = 100) -> list[tuple[int, int, int]]:
    return [(202_201 + number, part, whole) for number, part in enumerate(parts)]


def test_limits_are_three_standard_errors_around_the_rate_of_the_whole_period():
    # 10 % of 100: the standard error is sqrt(0.1 * 0.9 / 100) = 0.03.
    chart = control_chart(months([10, 10]))
    assert chart
    assert (chart.centre, chart.widening) == (Fraction(1, 10), 1)
    assert (chart.points[0].low, chart.points[0].high) == (pytest.approx(0.01), pytest.approx(0.19))


def test_each_month_has_the_limits_of_its_own_denominator():
    chart = control_chart([(202_201, 10, 100), (202_202, 40, 400)])
    assert chart
    few, many = chart.points
    assert few.high - 0.1 == pytest.approx(2 * (many.high - 0.1))


@pytest.mark.parametrize(("late", "side"), [(31, Side.WITHIN), (45, Side.ABOVE)])
def test_a_month_beyond_its_limits_is_told(late: int, side: Side):
    chart = control_chart(months([20, 20, 20, late]))
    assert chart
    assert chart.points[-1].side is side
    assert [point.month for point in chart.beyond] == ([202_204] if side is Side.ABOVE else [])


def test_a_month_that_is_far_better_is_told_as_well():
    chart = control_chart(months([300, 300, 300, 100], 1000))
    assert chart
    assert chart.points[-1].side is Side.BELOW


def test_limits_never_leave_what_a_rate_can_be():
    chart = control_chart([(202_201, 0, 3), (202_202, 3, 3)])
    assert chart
    assert all(0 <= point.low <= point.high <= 1 for point in chart.points)
    assert all(point.is_small for point in chart.points)


def test_without_any_end_there_is_no_chart_and_empty_months_are_left_out():
    assert control_chart([(202_201, 0, 0)]) is None
    chart = control_chart([(202_201, 0, 0), (202_202, 1, 10)])
    assert chart
    assert [point.month for point in chart.points] == [202_202]


def test_all_late_or_none_late_is_within_its_limits():
    for late in (0, 10):
        chart = control_chart(months([late] * 9, 10))
        assert chart
        assert chart.beyond == ()


def test_from_eight_months_on_limits_are_widened_by_the_usual_difference_between_months():
    swings = [3_000, 3_600] * 6
    few, many = (
        control_chart(months(swings[: LEAST_MONTHS - 1], 20_000)),
        control_chart(months(swings, 20_000)),
    )
    assert few
    assert many
    assert (few.widening, len(few.beyond)) == (1, LEAST_MONTHS - 1)
    assert many.widening > 5
    assert many.beyond == ()


def test_limits_are_never_narrowed():
    chart = control_chart(months([20] * 12))
    assert chart
    assert chart.widening == 1


@pytest.mark.parametrize(("length", "found"), [(RUN - 1, 0), (RUN, 1)])
def test_nine_months_on_one_side_are_no_chance(length: int, found: int):
    chart = control_chart(months([25] * length + [5] * 3))
    assert chart
    assert len(chart.runs) == found
    if found:
        assert chart.runs[0] == (202_201, 202_201 + RUN - 1, Side.ABOVE)
