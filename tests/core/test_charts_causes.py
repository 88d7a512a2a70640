"""The documents of the charts of causes: what is drawn, what it says, which months carry a mark."""

import json
from fractions import Fraction

from app import charts_causes


def drawn(document: str) -> tuple[list[dict], dict]:
    found = json.loads(document)
    return found["data"], found["layout"]


def test_a_pareto_has_its_bars_and_the_cumulated_line_in_per_cent():
    bars = [
        ("A", Fraction(6), "60 % (6/10 ngày)", Fraction(6, 10)),
        ("B", Fraction(4), "40 % (4/10 ngày)", Fraction(1)),
    ]
    (amounts, _, line), layout = drawn(charts_causes.pareto(bars))
    assert (amounts["y"], amounts["x"], amounts["customdata"]) == (
        ["A", "B"],
        [6, 4],
        [bars[0][2], bars[1][2]],
    )
    assert (line["y"], line["x"]) == (["A", "B"], [60, 100])
    assert line["xaxis"] == "x2"
    assert layout["xaxis2"]["range"] == [0, 104]


def test_only_months_beyond_their_limits_carry_the_mark():
    points = [
        ("T1", Fraction(10), 5.0, 15.0, False, "10/100"),
        ("T2", None, None, None, False, ""),
        ("T3", Fraction(30), 5.0, 15.0, True, "30/100"),
    ]
    data, _ = drawn(charts_causes.control(points, Fraction(20)))
    by_name = {trace["name"]: trace for trace in data if trace.get("name")}
    assert by_name["Ngoài giới hạn"]["y"] == [None, None, 30]
    assert by_name["Tỷ lệ trễ từng tháng"]["y"] == [10, None, 30]
    assert by_name["Cả kỳ"]["y"] == [20, 20, 20]
    assert sorted(trace["y"] for trace in data if trace.get("name") == "Giới hạn kiểm soát") == [
        [5, None, 5],
        [15, None, 15],
    ]


def test_without_any_month_beyond_the_legend_names_no_mark():
    data, _ = drawn(charts_causes.control([("T1", Fraction(10), 5.0, 15.0, False, "")], Fraction(10)))
    assert not next(trace for trace in data if trace.get("name") == "Ngoài giới hạn")["showlegend"]


def test_words_stand_beside_amounts_and_within_ways():
    (bar,), _ = drawn(charts_causes.amounts([("Thuế", Fraction(5, 2), "2,5 ngày · 40,0 %")]))
    assert (bar["x"], bar["text"]) == ([2.5], ["2,5 ngày · 40,0 %"])
    (bar,), _ = drawn(charts_causes.ways([("A → B", 3, "3 hồ sơ trễ")]))
    assert (bar["x"], bar["customdata"]) == ([3], ["3 hồ sơ trễ"])
