"""The charts of hidden lateness: late by the source and hidden, by unit as bars and by month as lines; JSON as `app.charts`."""

from collections.abc import Sequence
from fractions import Fraction

from app.charts import bar_layout, document, drawn_once, line_layout, with_legend

BY_SOURCE, HIDDEN = "Quá hạn theo nguồn", "Bị che"


@drawn_once
def hidden_bars(counts: Sequence[tuple[str, int, int]]) -> str:
    """Late dossiers of units in two parts: by the source's date, and in time by it but late by another."""
    import plotly.graph_objects as go

    names = [name for name, _late, _hidden in counts]
    parts = ((BY_SOURCE, [late for _, late, _ in counts]), (HIDDEN, [hidden for *_, hidden in counts]))
    bars = [
        go.Bar(
            x=values, y=names, name=word, orientation="h", text=[value or "" for value in values], textposition="inside",
            textangle=0, insidetextanchor="middle", hovertemplate=f"%{{y}}: %{{x:,d}} hồ sơ, {word.lower()}<extra></extra>",
        )
        for word, values in parts
    ]  # fmt: skip
    most = max((late + hidden for _, late, hidden in counts), default=0)
    layout = {**with_legend(bar_layout(len(names), most)), "barmode": "stack"}
    return document(go.Figure(bars, layout).to_plotly_json())


@drawn_once
def hidden_lines(points: Sequence[tuple[str, Fraction | None, Fraction | None, str]]) -> str:
    """Shares in per cent of dossiers with complete data, by month: late with what is hidden, and late by the source alone.

    `points`: the month, both shares (None: no such dossiers), their fractions in words.
    """
    import plotly.graph_objects as go

    names, told = [name for name, *_ in points], [words for *_, words in points]
    hover = "%{x}: %{y:.2f} % · %{text}<extra></extra>"
    lines = [
        go.Scatter(
            x=names, y=[None if each is None else float(each) for each in shares], name=name, mode="lines+markers",
            text=told, hovertemplate=hover,
        )
        for name, shares in (
            ("Kể cả phần bị che", [both for _, both, _, _ in points]),
            ("Theo nguồn", [source for _, _, source, _ in points]),
        )
    ]  # fmt: skip
    layout = with_legend(line_layout())
    layout = {**layout, "yaxis": {**layout["yaxis"], "rangemode": "tozero"}}
    return document(go.Figure(lines, layout).to_plotly_json())
