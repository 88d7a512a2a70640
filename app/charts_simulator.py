"""The chart of a simulation: the points of a year under each assumption as bars; JSON as `app.charts`."""

from collections.abc import Sequence

from app.charts import bar_layout, document, drawn_once

# The words behind a bar need as much room again.
ROOM = 1.7
TICKS = 3


@drawn_once
def point_bars(rows: Sequence[tuple[str, float, str]], most: float) -> str:
    """Horizontal bars of points, "now" on top; `rows`: the assumption, its points, what stands behind the bar; `most`: all points."""
    import plotly.graph_objects as go

    names = [name for name, _points, _told in rows]
    bar = go.Bar(
        x=[points for _, points, _ in rows], y=names, orientation="h", text=[told for *_, told in rows],
        textposition="outside", cliponaxis=False, hovertemplate="%{y}: %{text}<extra></extra>",
    )  # fmt: skip
    layout = bar_layout(len(names), 1)
    ticks = [most * third / TICKS for third in range(TICKS + 1)]  # no more points than there are
    axis = {
        "tickmode": "array",
        "tickvals": ticks,
        "tickformat": ",.2f",
        "range": [0, most * ROOM],
        "fixedrange": True,
    }
    return document(go.Figure(bar, {**layout, "xaxis": axis}).to_plotly_json())
