"""The charts of the forecast's pages; beside `app.charts`, whose template they have."""

from collections.abc import Sequence
from fractions import Fraction

from app.charts import document, drawn_once, line_layout, with_legend


@drawn_once
def year_band(
    points: Sequence[tuple[str, float | None, float | None, float | None, float | None]], threshold: Fraction
) -> str:
    """The rate of the year so far by month, what it may become, and the band around that; JSON as `charts.late_bars`.

    `points`: the month, the rate counted (None: not yet), then middle, low and high of what may come (None: counted), in per cent.
    """
    import plotly.graph_objects as go

    names = [name for name, *_ in points]
    coming = [each for each in points if each[2] is not None]
    turn = [each for each in points if each[1] is not None][-1:]
    middle = [(name, counted) for name, counted, *_ in turn] + [(name, rate) for name, _, rate, *_ in coming]
    low = [(name, counted) for name, counted, *_ in turn] + [(name, rate) for name, _, _, rate, _ in coming]
    high = [(name, counted) for name, counted, *_ in turn] + [(name, rate) for name, *_, rate in coming]
    around = high + low[::-1]
    limit = float(threshold * 100)
    figure = go.Figure(
        [
            go.Scatter(
                x=names, y=[counted for _, counted, *_ in points], name="Đã tính đến cuối tháng", mode="lines+markers",
                hovertemplate="%{x}: %{y:.2f} %<extra></extra>",
            ),
            go.Scatter(
                x=[name for name, _ in around], y=[rate for _, rate in around], name="Khoảng 80 %", mode="lines",
                fill="toself", line={"width": 0}, hoverinfo="skip",
            ),
            go.Scatter(
                x=names if threshold else [], y=[limit] * len(names) if threshold else [], name=f"Ngưỡng {limit:g} %",
                mode="lines", hoverinfo="skip", showlegend=bool(threshold),
            ),
            go.Scatter(
                x=[name for name, _ in middle], y=[rate for _, rate in middle], name="Dự báo", mode="lines",
                line={"dash": "dot"}, hovertemplate="%{x}: khoảng %{y:.2f} %<extra></extra>",
            ),
        ],
        with_legend({**line_layout(), "xaxis": {**line_layout()["xaxis"], "categoryorder": "array", "categoryarray": names}}),
    )  # fmt: skip
    return document(figure.to_plotly_json())


@drawn_once
def reliability(
    model: Sequence[tuple[float, float, str]], baseline: Sequence[tuple[float, float, str]]
) -> str:
    """What was foretold of dossiers against what came, in per cent, for the model and the baseline; on the diagonal they are the same.

    Each point: foretold, came, its fraction in words. JSON as `charts.late_bars`.
    """
    import plotly.graph_objects as go

    most = max((max(one, other) for one, other, _ in (*model, *baseline)), default=100.0)
    end = min(100.0, 10.0 * (int(most / 10) + 1))
    empty = go.Scatter(x=[], y=[], showlegend=False)
    layout = line_layout()
    axis = {"range": [0, end], "fixedrange": True, "ticksuffix": " %", "nticks": 6}
    figure = go.Figure(
        [
            _points(model, "Mô hình", "circle"),
            go.Scatter(x=[0, end], y=[0, end], name="Đoán đúng mức", mode="lines", line={"dash": "dot"}, hoverinfo="skip"),
            empty,
            empty,
            _points(baseline, "Cách tính đơn giản", "diamond-open"),
        ],
        with_legend(
            {
                **layout,
                "height": 340,
                "margin": {**layout["margin"], "b": 56},
                "xaxis": {**axis, "title": {"text": "Khả năng trễ đã đoán", "font": {"size": 14}}, "showgrid": True},
                "yaxis": {**layout["yaxis"], **axis, "title": {"text": "Đã trễ thật", "font": {"size": 14}}},
            }
        ),
    )  # fmt: skip
    return document(figure.to_plotly_json())


def _points(points: Sequence[tuple[float, float, str]], name: str, symbol: str) -> object:
    import plotly.graph_objects as go

    return go.Scatter(
        x=[foretold for foretold, *_ in points], y=[came for _, came, _ in points], name=name, mode="lines+markers",
        marker={"symbol": symbol, "size": 10}, text=[told for *_, told in points],
        hovertemplate="đoán %{x:.1f} %, trễ thật %{y:.1f} % · %{text}<extra></extra>",
    )  # fmt: skip
