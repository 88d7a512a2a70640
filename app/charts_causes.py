"""The charts of where lateness comes from: Pareto, amounts, control chart, ways between states; as `charts`, with plotly.

Amounts are working days. What a bar or point says in words is made by whoever asks.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from app.charts import FEW, bar_layout, document, drawn_once, line_layout, with_legend

HEAD_ROOM = 30
# The measure stands at the last number alone, so that numbers stay level on a narrow sheet.
IN_DAYS = {"ticksuffix": " ngày", "showticksuffix": "last", "tickangle": 0}
# Days may be parts of one: their axis needs no whole steps.
MANY = FEW
# Where the limits stand in a point of the control chart.
LOW, HIGH = 2, 3
Bar = tuple[str, Fraction, str]
"""The name of a bar, how much it is, the same in words."""


@drawn_once
def pareto(bars: Sequence[tuple[str, Fraction, str, Fraction]]) -> str:
    """Bars with a line of what they and all before them make of the whole (0 to 1), the largest on top."""
    import plotly.graph_objects as go

    names = [name for name, *_ in bars]
    cumulated = [float(share * 100) for *_, share in bars]
    line = go.Scatter(
        x=cumulated, y=names, xaxis="x2", name="Cộng dồn", mode="lines+markers", marker={"size": 7},
        hovertemplate="%{y}: cộng dồn %{x:.1f} %<extra></extra>",
    )  # fmt: skip
    # An empty one before it: the line has the second look of the template, since the bars have the first colour.
    empty = go.Scatter(x=[], y=[], showlegend=False)
    layout = with_legend(bar_layout(len(names), MANY))
    layout |= {
        "height": layout["height"] + HEAD_ROOM,
        "margin": {**layout["margin"], "t": layout["margin"]["t"] + HEAD_ROOM},
        "xaxis": {**layout["xaxis"], "tickformat": ",.0f", "nticks": 6, **IN_DAYS},
        "xaxis2": {
            "overlaying": "x", "side": "top", "range": [0, 104], "fixedrange": True, "ticksuffix": " %",
            "dtick": 20, "showgrid": False,
        },
    }  # fmt: skip
    amounts = _bars([(name, amount, told) for name, amount, told, _ in bars], name="Thời gian trễ")
    amounts.opacity = 0.6  # so that the line is seen where it crosses them
    return document(go.Figure([amounts, empty, line], layout).to_plotly_json())


@drawn_once
def amounts(bars: Sequence[Bar]) -> str:
    """Horizontal bars of working days, each with its words beside it."""
    import plotly.graph_objects as go

    layout = bar_layout(len(bars), MANY)
    layout["xaxis"] |= {"tickformat": ",.0f", **IN_DAYS}
    layout["margin"] |= {"r": 156}
    return document(go.Figure(_bars(bars, is_told=True), layout).to_plotly_json())


@drawn_once
def ways(bars: Sequence[tuple[str, int, str]]) -> str:
    """Horizontal bars of how often dossiers went from one state to another; the words say how long that took."""
    import plotly.graph_objects as go

    layout = bar_layout(len(bars), max((count for _, count, _ in bars), default=0))
    layout["margin"] |= {"r": 72}
    bar = go.Bar(
        x=[count for _, count, _ in bars], y=[name for name, *_ in bars], orientation="h",
        text=[count for _, count, _ in bars], texttemplate="%{x:,d}", textposition="outside", cliponaxis=False,
        customdata=[told for *_, told in bars], hovertemplate="%{y}: %{customdata}<extra></extra>",
    )  # fmt: skip
    return document(go.Figure(bar, layout).to_plotly_json())


@drawn_once
def control(
    points: Sequence[tuple[str, Fraction | None, float | None, float | None, bool, str]], centre: Fraction
) -> str:
    """Rates in per cent by month between their control limits; those beyond carry a triangle.

    `points`: the month, its rate, lower and upper limit (None: nothing ended), whether it is beyond, the fraction in words.
    `centre`: the rate of the whole period.
    """
    import plotly.graph_objects as go

    names = [name for name, *_ in points]
    rates = [None if rate is None else float(rate) for _, rate, *_ in points]
    beyond = [rate if point[4] else None for rate, point in zip(rates, points, strict=True)]
    hover = "%{x}: %{y:.2f} %"
    empty = go.Scatter(x=[], y=[], showlegend=False)
    high, low = (
        go.Scatter(
            x=names, y=[point[at] for point in points], mode="lines", line={"shape": "hvh"},
            name="Giới hạn kiểm soát", showlegend=at == HIGH, hovertemplate=f"{hover} {word}<extra></extra>",
        )
        for at, word in ((HIGH, "giới hạn trên"), (LOW, "giới hạn dưới"))
    )  # fmt: skip
    months = go.Scatter(
        x=names, y=rates, name="Tỷ lệ trễ từng tháng", mode="lines+markers", marker={"size": 8},
        text=[told for *_, told in points], hovertemplate=hover + " · %{text}<extra></extra>",
    )  # fmt: skip
    mean = go.Scatter(x=names, y=[float(centre)] * len(names), name="Cả kỳ", mode="lines", hoverinfo="skip")
    marked = go.Scatter(
        x=names, y=beyond, name="Ngoài giới hạn", mode="markers", marker={"symbol": "triangle-up", "size": 15},
        hoverinfo="skip", showlegend=any(rate is not None for rate in beyond),
    )  # fmt: skip
    # The template has three looks in turn: months, whole period, limits; two left out before what shall look like those.
    lines = [months, mean, high, empty, empty, low, empty, empty, marked]
    return document(go.Figure(lines, with_legend(line_layout())).to_plotly_json())


def _bars(bars: Sequence[Bar], *, is_told: bool = False, name: str = "") -> Any:
    """`is_told`: the words stand beside the bars."""
    import plotly.graph_objects as go

    told = [words for *_, words in bars]
    beside = {"text": told, "textposition": "outside", "cliponaxis": False} if is_told else {}
    return go.Bar(
        x=[float(amount) for _, amount, _ in bars], y=[each for each, *_ in bars], orientation="h", name=name,
        customdata=told, hovertemplate="%{y}: %{customdata}<extra></extra>", **beside,
    )  # fmt: skip
