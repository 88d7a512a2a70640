"""Every route has its entry in the permission matrix and every entry its route; views stay short."""

import ast
from pathlib import Path

import pytest
from flask import Flask

from app.access import HOME, MATRIX, Permission, Role, may
from app.web import create_app
from tests.web.world import make_context

VIEWS = sorted((Path(__file__).parents[2] / "app" / "views").glob("*.py"))
PUBLIC = {"static", "auth.login"}
MAX_VIEW_LINES = 30


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application, asked only for its routes."""
    return create_app(make_context(tmp_path_factory.mktemp("routes")))


def endpoints(app: Flask) -> set[str]:
    return {rule.endpoint for rule in app.url_map.iter_rules()}


def test_every_route_has_an_entry_in_the_permission_matrix(routes: Flask):
    assert endpoints(routes) - set(MATRIX) == set()


def test_every_entry_belongs_to_a_route(routes: Flask):
    assert set(MATRIX) - endpoints(routes) == set()


def test_a_new_route_without_an_entry_is_noticed(tmp_path: Path):
    app = create_app(make_context(tmp_path))
    app.add_url_rule("/moi", "moi", lambda: "")
    assert endpoints(app) - set(MATRIX) == {"moi"}
    assert not may(Role.ADMIN, "moi")


def test_only_logging_in_and_the_static_files_are_public():
    assert {name for name, permission in MATRIX.items() if permission.public} == PUBLIC


def test_an_entry_that_is_not_public_names_its_roles():
    assert all(permission.roles for name, permission in MATRIX.items() if name not in PUBLIC)
    assert Permission().roles == frozenset()


def test_every_role_begins_on_a_page_it_may_open():
    assert all(may(role, HOME[role]) for role in Role)


@pytest.mark.parametrize("path", VIEWS, ids=lambda path: path.stem)
def test_a_view_has_at_most_thirty_lines(path: Path):
    functions = (
        node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.FunctionDef)
    )
    long = {node.name for node in functions if (node.end_lineno or 0) - node.lineno + 1 > MAX_VIEW_LINES}
    assert long == set()
