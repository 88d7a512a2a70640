"""The design holds together: colours only in the tokens and readable on each other, no dead rule, no dead piece."""

import re
from pathlib import Path

import pytest

from app.access import Role
from app.charts import palette
from app.presenters import CHIPS, LETTER_PATH, LETTER_STATES
from tests.web.test_access import ROLES

pytestmark = pytest.mark.sqlite_only(
    "every page by every role is asked for on both databases in test_access and test_pages; here once is enough"
)

APP = Path(__file__).parents[2] / "app"
SHEETS = {path.stem: path.read_text("utf-8") for path in sorted((APP / "static" / "css").glob("*.css"))}
TEMPLATES = {path.name: path.read_text("utf-8") for path in sorted((APP / "templates").rglob("*.html"))}
SCRIPTS = {path.name: path.read_text("utf-8") for path in sorted((APP / "static" / "js").glob("*.js"))}
MARKUP = "\n".join(
    [*TEMPLATES.values(), *SCRIPTS.values(), *(path.read_text("utf-8") for path in APP.glob("*.py"))]
)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# Colour of words -> the grounds it stands on.
READABLE = {
    "ink": ("paper", "surface", "sunken", "accent-soft", "heat-0", "heat-1", "heat-2", "heat-3"),
    "muted": ("paper", "surface", "sunken", "accent-soft"),
    "accent": ("paper", "surface", "accent-soft"),
    "accent-hover": ("paper", "surface", "accent-soft"),
    "on-accent": ("accent", "accent-hover"),
    "late": ("paper", "surface", "sunken", "late-soft", "accent-soft"),
    "soon": ("paper", "surface", "sunken", "soon-soft", "accent-soft"),
    "paused": ("surface", "sunken", "paused-soft", "accent-soft"),
    "kept": ("surface", "sunken", "kept-soft"),
}
PAIRS = [(ink, ground) for ink, grounds in READABLE.items() for ground in grounds]


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_reckoned_as_wcag_does():
    assert _contrast("#000000", "#ffffff") == pytest.approx(21)
    assert _contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS, ids=lambda name: str(name))
def test_words_are_readable_on_their_ground(scheme: str, ink: str, ground: str):
    colours = palette(scheme)
    assert _contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_edge_of_a_field_is_seen(scheme: str):
    colours = palette(scheme)
    assert all(_contrast(colours["line-strong"], colours[ground]) >= 3 for ground in ("surface", "paper"))


def test_dark_has_a_colour_for_every_light_one():
    assert set(palette("dark")) == set(palette("light"))


def test_only_the_tokens_name_colours():
    named = re.compile(r"#[0-9a-fA-F]{3,8}\b(?=[^{]*[;}])|\b(?:rgba?|hsla?)\(")
    found = {name: named.findall(COMMENT.sub("", text)) for name, text in SHEETS.items() if name != "tokens"}
    assert {name: colours for name, colours in found.items() if colours} == {}


def test_every_value_that_is_used_exists_and_every_one_that_exists_is_used():
    text = "\n".join(SHEETS.values())
    defined = set(re.findall(r"--([a-z0-9-]+):", text))
    used = set(re.findall(r"var\(--([a-z0-9-]+)", text))
    assert used - defined == set()
    assert defined - used == set()


def test_every_class_of_the_sheets_is_used_by_a_page():
    made = {f"tone-{chip.tone}" for chip in CHIPS.values()} | {f"heat-{level}" for level in range(4)}
    made |= {"tone-accent"}  # of what is chosen or done
    # Made by plotly.js itself.
    made |= {"js-plotly-plot", "plotly", "svg-container", "main-svg", "draglayer", "plot-container"}
    made |= {"cursor-pointer", "plotly-notifier", "bars", "gridlayer", "traces", "bartext", "scatterlayer"}
    for name, text in SHEETS.items():
        selectors = re.sub(r"\{[^{}]*\}", "{}", COMMENT.sub("", text))
        for each in set(re.findall(r"\.([a-z][a-z0-9-]*)", selectors)) - made:
            assert re.search(rf"(?<![\w-]){re.escape(each)}(?![\w-])", MARKUP), f"{name}.css: .{each}"


def test_every_piece_is_shown_by_a_page():
    for name in ("marks", "chips", "figures", "steps", "lists", "talk"):
        for piece in re.findall(r"{% macro (\w+)\(", TEMPLATES[f"{name}.html"]):
            uses = len(re.findall(rf"(?<![\w]){piece}\(", "\n".join(TEMPLATES.values())))
            assert uses > 1, f"{name}.{piece}"


def test_every_mark_that_is_asked_for_is_drawn():
    drawn = set(re.findall(r'name == "([\w-]+)"', TEMPLATES["marks.html"])) | {"dash"}
    asked = {chip.mark for chip in CHIPS.values()}
    asked |= set(re.findall(r'mark\("([\w-]+)"', "\n".join(TEMPLATES.values())))
    assert asked <= drawn


@pytest.mark.parametrize("role", ROLES)
def test_the_page_of_all_pieces_is_for_the_administrator(as_role, role: str):
    answer = as_role(role).get("/kieu-dang")
    assert answer.status_code == (200 if Role(role) is Role.ADMIN else 403)


def test_the_page_of_all_pieces_shows_every_state_and_step(as_role):
    text = as_role("admin").get("/kieu-dang").text
    for chip in CHIPS.values():
        assert f"<span>{chip.word}</span>" in text
    for state in LETTER_STATES.values():
        assert state in text
    assert set(LETTER_PATH) <= set(LETTER_STATES)
    assert "88,84\u00a0% (373.115/420.000)" in text


def test_a_page_without_lists_or_charts_brings_no_script_for_them(as_role):
    client = as_role("head")
    account, board = client.get("/tai-khoan").text, client.get("/ban-theo-doi").text
    assert "table.js" not in account
    assert "table.js" in board
    assert "chart.js" not in board
