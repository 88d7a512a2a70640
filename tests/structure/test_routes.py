"""Every route says who may call it; views stay short."""

import ast
from pathlib import Path

import pytest
from flask import Flask

from app.access import HOME, Permission, Role, may
from app.pages import Pages, matrix, permission_of
from app.web import create_app
from tests.web.world import make_context

VIEWS = sorted((Path(__file__).parents[2] / "app" / "views").glob("*.py"))
PUBLIC = {
    "static", "auth.login", "receipts.gateway", "receiver.login", "receiver.envelope", "receiver.operation",
    "api.openapi", "letter_check.check", "letter_check.public_list", "language.choose", "feeds.calendar", "feeds.atom",
    "auth.code", "sign_on.begin", "sign_on.back", "sign_on.leave", "metrics.alive", "metrics.ready",
}  # fmt: skip
MAX_VIEW_LINES = 30


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application, asked only for its routes."""
    return create_app(make_context(tmp_path_factory.mktemp("routes")))


def without_permission(app: Flask) -> set[str]:
    return {name for name, permission in matrix(app).items() if permission is None}


def test_every_route_has_its_permission(routes: Flask):
    assert len(matrix(routes)) > 25
    assert without_permission(routes) == set()


def blueprints_written() -> set[str]:
    """The names of all blueprints that stand in a view."""
    return {
        ast.literal_eval(node.args[0])
        for path in VIEWS
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Pages"
    }


def test_every_blueprint_that_is_written_down_is_registered(routes: Flask):
    assert len(blueprints_written()) > 10
    assert blueprints_written() == set(routes.blueprints)


def test_a_page_cannot_be_written_without_its_permission():
    pages = Pages("moi", __name__)
    with pytest.raises(TypeError, match="no permission"):
        pages.get("/moi")(lambda: "")


def test_a_route_that_came_by_another_way_is_noticed_and_open_to_nobody(tmp_path: Path):
    app = create_app(make_context(tmp_path))
    app.add_url_rule("/moi", "moi", lambda: "")
    assert without_permission(app) == {"moi"}
    assert not may(Role.ADMIN, permission_of(app, "moi"))


def test_only_logging_in_static_files_calls_of_other_programs_and_what_holds_no_person_are_public(
    routes: Flask,
):
    assert {name for name, permission in matrix(routes).items() if permission and permission.public} == PUBLIC


def test_a_permission_that_is_not_public_names_its_roles(routes: Flask):
    silent = {name for name, permission in matrix(routes).items() if permission and not permission.roles}
    assert silent == PUBLIC
    assert Permission().roles == frozenset()


def test_every_role_begins_on_a_page_it_may_open(routes: Flask):
    assert all(may(role, permission_of(routes, HOME[role])) for role in Role)


@pytest.mark.parametrize("path", VIEWS, ids=lambda path: path.stem)
def test_a_view_has_at_most_thirty_lines(path: Path):
    functions = (
        node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.FunctionDef)
    )
    long = {node.name for node in functions if (node.end_lineno or 0) - node.lineno + 1 > MAX_VIEW_LINES}
    assert long == set()
