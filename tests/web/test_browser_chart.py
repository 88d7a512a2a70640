"""The charts of criterion 3.4.1 in a real browser: drawn in the page's colours, their tables beside them, taken away as pictures."""

import pytest
from playwright.sync_api import expect

from app.charts import palette
from tests.web.browsing import Visit
from tests.web.world import StandingContext
from tracker.store.models import Dossier

pytestmark = pytest.mark.browser
pytest_plugins = ("tests.web.browsing",)

SCORE = "/tieu-chi/3.4.1?nam=2026"


def test_the_chart_folds_its_table_away_and_shows_it_on_demand(visit: Visit):
    page = visit.at(SCORE, "reform")
    table = page.get_by_role("table", name="Hồ sơ quá hạn theo đơn vị")
    expect(table).to_be_hidden()
    page.locator("section", has=page.locator("#chart")).get_by_text("Xem bảng").click()
    expect(table).to_be_visible()
    assert page.locator(".modebar").count() == 0


def test_where_the_chart_cannot_be_drawn_its_table_stands_open(visit: Visit):
    page = visit.page("reform")
    page.route("**/plotly-*.js", lambda route: route.abort())
    page.goto(visit.address + SCORE)
    assert page.get_by_role("table", name="Hồ sơ quá hạn theo đơn vị").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_bars_have_the_colours_of_the_scheme_and_change_with_it(visit: Visit, scheme: str):
    page = visit.at(SCORE, "reform", color_scheme="dark" if scheme == "light" else "light")
    page.emulate_media(color_scheme=scheme)
    colour = palette(scheme)["accent"].lstrip("#")
    wanted = f"rgb({', '.join(str(int(colour[at : at + 2], 16)) for at in (0, 2, 4))})"
    expect(page.locator(".chart .bars path").first).to_have_css("fill", wanted)


@pytest.mark.parametrize(
    ("kind", "of", "name", "begins", "title"),
    [
        ("PNG", "theo đơn vị", "tieu-chi-3-4-1-2026", b"\x89PNG", ""),
        ("SVG", "theo đơn vị", "tieu-chi-3-4-1-2026", b"<svg", "Hồ sơ quá hạn theo đơn vị, năm 2026"),
        (
            "SVG",
            "theo tháng",
            "tieu-chi-3-4-1-2026-theo-thang",
            b"<svg",
            "Tỷ lệ đúng hạn theo tháng, năm 2026",
        ),
    ],
)
def test_each_chart_is_taken_away_as_a_picture_on_white(
    visit: Visit, tmp_path, kind: str, of: str, name: str, begins: bytes, title: str
):
    page = visit.at(SCORE, "reform", "dark")
    with page.expect_download() as picture:
        page.get_by_role("button", name=f"Tải {kind} biểu đồ {of}").click()
    assert picture.value.suggested_filename == f"{name}.{kind.lower()}"
    target = tmp_path / picture.value.suggested_filename
    picture.value.save_as(target)
    assert target.read_bytes().startswith(begins)
    if kind == "SVG":
        text = target.read_text("utf-8")
        assert title in text
        assert "rgb(255, 255, 255)" in text
    assert visit.complaints == []


def test_numbers_in_the_chart_are_written_as_in_vietnam(visit: Visit, context: StandingContext):
    with context.store.read() as session:
        assert session.get_one(Dossier, 7).finished_at
    page = visit.at(SCORE, "reform")
    page.evaluate("Plotly.restyle('chart', { x: [[46861]] })")
    expect(page.locator(".chart .bartext").first).to_have_text("46.861")
