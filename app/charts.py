"""The charts of the pages as plotly figures in JSON, and what all charts share (those of causes: `charts_causes`).

These two import plotly, inside their functions. One template for all: the pages' font and colours in light and dark,
Vietnamese separators, nothing that is no data.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cache, lru_cache, wraps
from importlib.resources import files
from typing import Any, ParamSpec

from app.english.pages import language, said

Asked = ParamSpec("Asked")
FONT = '"Segoe UI", "Noto Sans", system-ui, sans-serif'
SEPARATORS = ",."
SCHEMES = {"light": ":root {", "dark": "@media screen and (prefers-color-scheme: dark) {"}
COLOUR = re.compile(r"--([a-z0-9-]+): (#[0-9a-f]{6});")
LEGEND = {
    "orientation": "h",
    "x": 0,
    "y": 0,
    "yref": "container",
    "yanchor": "bottom",
    "traceorder": "normal",
}
LEGEND_HEIGHT = 36
ROW_HEIGHT = 34
FRAME_HEIGHT = 48
LINE_HEIGHT = 280
FEW = 6
SMALL = "(mẫu nhỏ)"


def drawn_once(draw: Callable[Asked, str]) -> Callable[Asked, str]:
    """The same values in the same language are the same document: plotly takes longer than all the rest of a page."""
    kept = lru_cache(128)(lambda _language, args: draw(*args))

    @wraps(draw)
    def drawn(*args: Asked.args, **named: Asked.kwargs) -> str:
        if named:
            return draw(*args, **named)
        return str(kept(language(), tuple(tuple(each) if isinstance(each, list) else each for each in args)))

    return drawn


@drawn_once
def late_bars(shares: Sequence[tuple[str, int]]) -> str:
    """Horizontal bars of late dossiers, the largest on top; JSON for `static/js/chart.js`, both colour schemes."""
    import plotly.graph_objects as go

    names = [name for name, _late in shares]
    counts = [late for _name, late in shares]
    bar = go.Bar(
        x=counts,
        y=names,
        orientation="h",
        text=counts,
        texttemplate="%{x:,d}",
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{x:,d} hồ sơ quá hạn<extra></extra>",
    )
    figure = go.Figure(bar, bar_layout(len(names), max(counts, default=0)))
    return document(figure.to_plotly_json())


@drawn_once
def apology_bars(counts: Sequence[tuple[str, int, int]]) -> str:
    """Horizontal bars of late dossiers in two parts, apologised and not yet, by unit or month; JSON as `late_bars`."""
    import plotly.graph_objects as go

    names = [name for name, _done, _open in counts]
    parts = (("Đã xin lỗi", [done for _, done, _ in counts]), ("Chưa xin lỗi", [left for *_, left in counts]))
    figure = go.Figure(
        [
            go.Bar(
                x=values,
                y=names,
                name=word,
                orientation="h",
                text=[value or "" for value in values],
                textposition="inside",
                textangle=0,
                insidetextanchor="middle",
                hovertemplate=f"%{{y}}: %{{x:,d}} hồ sơ {word.lower()}<extra></extra>",
            )
            for word, values in parts
        ],
        {
            **with_legend(bar_layout(len(names), max((done + left for _, done, left in counts), default=0))),
            "barmode": "stack",
        },
    )
    return document(figure.to_plotly_json())


@drawn_once
def rate_lines(
    points: Sequence[tuple[str, Fraction | None, Fraction | None, str]], threshold: Fraction
) -> str:
    """Rates in per cent by month, the rate of the year so far and the threshold as lines; JSON as `late_bars`.

    `points`: the month, its rate, the rate so far (None: nothing ended), the fraction in words. Markers of small samples
    are hollow, as their words end in "(mẫu nhỏ)".
    """
    import plotly.graph_objects as go

    names = [name for name, *_ in points]
    months = [None if rate is None else float(rate) for _, rate, _, _ in points]
    so_far = [None if rate is None else float(rate) for *_, rate, _ in points]
    symbols = ["circle-open" if told.endswith(SMALL) else "circle" for *_, told in points]
    hover = "%{x}: %{y:.2f} %"
    figure = go.Figure(
        [
            go.Scatter(
                x=names, y=months, name="Từng tháng", mode="lines+markers", marker={"symbol": symbols, "size": 9},
                text=[told for *_, told in points], hovertemplate=hover + " · %{text}<extra></extra>",
            ),
            go.Scatter(x=names, y=so_far, name="Từ đầu năm", mode="lines", hovertemplate=hover + " từ đầu năm<extra></extra>"),
            *_threshold(names, threshold),
        ],
        with_legend(line_layout()),
    )  # fmt: skip
    return document(figure.to_plotly_json())


@drawn_once
def month_rates(points: Sequence[tuple[str, Fraction | None, str, Fraction | None]], asked: str) -> str:
    """Rates in per cent over months of several years and what was asked for in each; JSON as `late_bars`.

    `points`: the month, its rate (None: nothing ended), the fraction in words, what was asked for (None: nothing). `asked`
    names that line. Markers of small samples are hollow, as in `rate_lines`.
    """
    import plotly.graph_objects as go

    names = [name for name, *_ in points]
    symbols = ["circle-open" if told.endswith(SMALL) else "circle" for _, _, told, _ in points]
    rates = go.Scatter(
        x=names, y=[None if rate is None else float(rate) for _, rate, _, _ in points], name="Đúng hạn từng tháng",
        mode="lines+markers", marker={"symbol": symbols, "size": 9}, text=[told for _, _, told, _ in points],
        hovertemplate="%{x}: %{y:.2f} % · %{text}<extra></extra>",
    )  # fmt: skip
    limits = [None if limit is None else float(limit) for *_, limit in points]
    # Two empty ones in between: the line asked for has the third look of the template, as in `rate_lines`.
    empty = go.Scatter(x=[], y=[], showlegend=False)
    line = go.Scatter(
        x=names, y=limits, name=asked, mode="lines", line={"shape": "hvh"},
        hovertemplate="%{x}: " + asked.lower() + " %{y:.4~g} %<extra></extra>",
    )  # fmt: skip
    lines = [rates, empty, line] if any(limit is not None for limit in limits) else [rates]
    return document(go.Figure(lines, with_legend(line_layout())).to_plotly_json())


def _threshold(names: Sequence[str], threshold: Fraction) -> list[Any]:
    """A line at the threshold; none where there is none."""
    import plotly.graph_objects as go

    limit = float(threshold * 100)
    line = go.Scatter(
        x=names, y=[limit] * len(names), name=f"Ngưỡng {limit:g} %", mode="lines", hoverinfo="skip"
    )
    return [line] if threshold else []


def line_layout() -> dict[str, Any]:
    """Names along the bottom, per cent upwards."""
    return {
        "height": LINE_HEIGHT,
        "margin": {"l": 8, "r": 24, "t": 12, "b": 32},
        "separators": SEPARATORS,
        "xaxis": {"fixedrange": True, "type": "category", "tickangle": 0},
        "yaxis": {"fixedrange": True, "automargin": True, "nticks": 6, "ticksuffix": " %", "showgrid": True},
        "hoverlabel": {"align": "left"},
    }


def with_legend(layout: dict[str, Any]) -> dict[str, Any]:
    """Room for the names of the parts below the axis."""
    margin = {**layout["margin"], "b": layout["margin"]["b"] + LEGEND_HEIGHT}
    more = {"showlegend": True, "legend": LEGEND, "margin": margin}
    return {**layout, **more, "height": layout["height"] + LEGEND_HEIGHT}


def bar_layout(rows: int, most: int) -> dict[str, Any]:
    """Horizontal bars of counts, the first on top; `most` is the largest."""
    ticks = {"dtick": 1} if most < FEW else {"nticks": 6}  # half a dossier is none
    return {
        "height": FRAME_HEIGHT + ROW_HEIGHT * max(rows, 2),
        "margin": {"l": 8, "r": 64, "t": 8, "b": 32},
        "separators": SEPARATORS,
        "showlegend": False,
        "bargap": 0.42,
        "xaxis": {"rangemode": "tozero", "tickformat": ",d", "fixedrange": True, **ticks},
        "yaxis": {"autorange": "reversed", "automargin": True, "fixedrange": True, "ticksuffix": "  "},
        "hoverlabel": {"align": "left"},
    }


@cache
def palette(scheme: str) -> Mapping[str, str]:
    """The colours of "light" or "dark" by name, as the pages' own `tokens.css` says them."""
    sheet = files("app").joinpath("static", "css", "tokens.css").read_text("utf-8")
    block = sheet[sheet.index(SCHEMES[scheme]) :]
    return dict(COLOUR.findall(block[: block.index("\n}")]))


@cache
def _template(scheme: str) -> dict[str, Any]:
    colour = palette(scheme)
    axis = {
        "gridcolor": colour["line"],
        "zeroline": False,
        "linecolor": colour["line"],
        "tickfont": {"color": colour["muted"], "size": 13},
    }
    return {
        "layout": {
            "font": {"family": FONT, "size": 14, "color": colour["ink"]},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": [colour["accent"], colour["late"], colour["muted"]],
            "xaxis": axis,
            "yaxis": {**axis, "showgrid": False, "tickfont": {"color": colour["ink"], "size": 13}},
            "title": {"font": {"size": 18}},
            "hoverlabel": {"font": {"family": FONT, "size": 14}},
        },
        # One entry for each part of a bar and for each line, in turn.
        "data": {
            "bar": [_bar(colour["accent"]), _bar(colour["late"])],
            "scatter": [
                _line(colour["accent"], 2.5),
                _line(colour["muted"], 2),
                _line(colour["late"], 1.5, "dash"),
            ],
        },
    }


def _bar(colour: str) -> dict[str, Any]:
    return {"type": "bar", "marker": {"color": colour, "line": {"width": 0}}}


def _line(colour: str, width: float, dash: str = "solid") -> dict[str, Any]:
    return {
        "type": "scatter",
        "line": {"color": colour, "width": width, "dash": dash},
        "marker": {"color": colour},
    }


def document(figure: Mapping[str, Any]) -> str:
    """A figure in the language of the page, with the template of each colour scheme, as JSON."""
    import plotly.io

    layout = {key: value for key, value in figure["layout"].items() if key != "template"}
    told = _said({"data": figure["data"], "layout": layout})
    told["templates"] = {scheme: _template(scheme) for scheme in SCHEMES}
    # "</" must not end the script element that carries the document.
    return plotly.io.json.to_json_plotly(told).replace("<", "\\u003c")


def _said(value: Any) -> Any:
    """The words of a figure in the language of the page."""
    if isinstance(value, str):
        return said(value)
    if isinstance(value, Mapping):
        return {key: _said(each) for key, each in value.items()}
    return [_said(each) for each in value] if isinstance(value, list | tuple) else value


@cache
def library() -> bytes:
    """plotly.js as the installed package ships it."""
    return files("plotly").joinpath("package_data", "plotly.min.js").read_bytes()


@cache
def style_ids() -> tuple[str, ...]:
    """Ids of style elements that plotly.js adds unless they exist; pages hold the place, since CSP forbids them."""
    found = re.findall(rb'getElementById\("([0-9a-f]{64})"\)', library())
    return tuple(sorted({name.decode() for name in found}))


@cache
def library_version() -> str:
    """The version of the plotly package, for the address of the script (it may be cached for a year)."""
    from importlib.metadata import version

    return version("plotly")
