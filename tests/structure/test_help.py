"""Every page has its help and every help its page; what it points to exists; it says enough and not too much."""

from pathlib import Path

import pytest
from flask import Flask

from app.access import Role, may
from app.help.topics import AREAS, RECIPES, Recipe, Topic, recipes, topics
from app.pages import permission_of
from app.web import create_app
from tests.web.browsing import PAGES
from tests.web.world import make_context

FOLDER = Path(__file__).parents[2] / "app" / "help"


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application, asked only for its routes."""
    return create_app(make_context(tmp_path_factory.mktemp("help")))


def of_one_page(app: Flask, endpoint: str) -> bool:
    """Can its address be made without knowing the number of a thing?"""
    return any(
        not rule.arguments and "GET" in (rule.methods or ()) for rule in app.url_map.iter_rules(endpoint)
    )


def test_every_page_has_its_help_and_every_help_its_page():
    assert set(topics()) == set(PAGES)


def test_every_file_of_help_is_an_area():
    assert {path.stem for path in FOLDER.glob("*.toml")} == {*AREAS, RECIPES}


@pytest.mark.parametrize("topic", topics().values(), ids=lambda topic: topic.endpoint)
def test_a_topic_says_what_the_page_is_for_and_what_to_do(topic: Topic):
    assert topic.title
    assert topic.steps
    for text in (topic.purpose, *topic.steps, topic.numbers, topic.after):
        assert not text or text[-1] in ".:;)!?…”", text
        assert len(text) <= 400, text
    assert 40 <= len(topic.purpose) <= 240


@pytest.mark.parametrize("topic", topics().values(), ids=lambda topic: topic.endpoint)
def test_what_a_topic_points_to_has_an_address_and_a_title(routes: Flask, topic: Topic):
    for endpoint in topic.see:
        assert endpoint in topics()
        assert of_one_page(routes, endpoint)
        assert endpoint != topic.endpoint


@pytest.mark.parametrize("recipe", recipes(), ids=lambda recipe: recipe.title)
def test_a_recipe_leads_each_of_its_roles_to_pages_that_it_may_open(routes: Flask, recipe: Recipe):
    assert recipe.roles
    for text, endpoint in recipe.steps:
        assert text.endswith(".")
        if endpoint:
            assert of_one_page(routes, endpoint)
            assert endpoint in topics()
            closed = [role for role in recipe.roles if not may(role, permission_of(routes, endpoint))]
            assert closed == []


def test_every_role_has_recipes():
    for role in Role:
        assert sum(role in recipe.roles for recipe in recipes()) >= 3
