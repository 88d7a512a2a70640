"""The handbook tells what is there: its pictures are made and shown, its buttons are words of the program, its folder stays small."""

import re
from functools import cache
from pathlib import Path

import pytest

from app.access import ROLE_NAMES

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "so-tay"
PICTURES = FOLDER / "hinh"
PAGES = sorted(FOLDER.glob("*.md"))
ROLE_PAGES = [path for path in PAGES if path.stem not in ("README", "chung", "ngay-dau-tien")]
MOST_BYTES = 3 * 1024 * 1024
SHOWN = re.compile(r"!\[([^\]]+)\]\(hinh/([\w-]+)\.png\)")
RECIPE = re.compile(r"^## (Làm thế nào để .+?)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


def made() -> set[str]:
    """The pictures that the maker's list has."""
    listed = (ROOT / "tests" / "web" / "handbook_shots.py").read_text("utf-8")
    return set(re.findall(r'^        Shot\("([\w-]+)"', listed, re.MULTILINE))


@cache
def words() -> str:
    """Every text of the program that a page may show."""
    app = ROOT / "app"
    paths = [
        path for ending in ("*.html", "*.py", "*.js", "*.toml") for path in sorted(app.rglob(ending))
        if "english" not in path.parts and "help" not in path.parts
    ]  # fmt: skip
    return " ".join(" ".join(path.read_text("utf-8") for path in paths).split())


def test_a_page_for_each_role_and_one_for_everybody():
    assert len(ROLE_PAGES) == len(ROLE_NAMES)
    index = (FOLDER / "README.md").read_text("utf-8")
    assert [path.name for path in PAGES if path.stem != "README" and f"({path.name})" not in index] == []


def test_every_picture_is_there_is_shown_and_is_one_that_the_maker_makes():
    shown = {name for page in PAGES for _words, name in SHOWN.findall(page.read_text("utf-8"))}
    there = {path.stem for path in PICTURES.glob("*")}
    assert shown == there == made()


def test_the_pictures_are_small_and_hold_nothing_but_a_picture():
    pictures = [path.read_bytes() for path in PICTURES.glob("*.png")]
    assert sum(map(len, pictures)) < MOST_BYTES
    for picture in pictures:
        assert picture.startswith(b"\x89PNG\r\n\x1a\n")
        assert picture[25] == 3, "with a palette"
        assert not any(chunk in picture for chunk in (b"tEXt", b"iTXt", b"zTXt"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_word_in_bold_is_one_that_the_program_shows(page: Path):
    told = re.findall(r"\*\*(.+?)\*\*", page.read_text("utf-8"))
    strange = [
        word for word in dict.fromkeys(told)
        if not re.search(rf"(?<!\w){re.escape(word)}(?!\w)", words())
    ]  # fmt: skip
    assert strange == []


@pytest.mark.parametrize("page", ROLE_PAGES, ids=lambda page: page.stem)
def test_each_role_has_recipes_with_steps_and_pictures(page: Path):
    recipes = RECIPE.findall(page.read_text("utf-8"))
    assert len(recipes) >= 5
    pictured = [(title, text) for title, text in recipes if SHOWN.search(text)]
    assert len(pictured) >= 3
    assert [title for title, text in pictured if not re.search(r"^2\. ", text, re.MULTILINE)] == []


def test_the_old_address_leads_to_the_folder():
    assert "(so-tay/README.md)" in (ROOT / "docs" / "handbook.vi.md").read_text("utf-8")
