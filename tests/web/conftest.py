"""Fixtures of the page tests: a world made once per test process and copied for each test, clients logged in by role."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.web import create_app
from tests.web.world import PASSWORD, StandingContext, make_context, make_world

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@pytest.fixture(scope="session")
def made_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a world, closed and ready to be copied."""
    folder = tmp_path_factory.mktemp("world")
    make_world(folder).store.close()
    return folder


@pytest.fixture
def context(made_world: Path, tmp_path: Path) -> StandingContext:
    """A context on a copy of the world of its own."""
    shutil.copytree(made_world / "var", tmp_path / "var")
    return make_context(tmp_path)


class Client(FlaskClient):
    """A client that reads every answer to its end, so that files are closed."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """As Flask's, read at once."""
        return super().open(*args, **{"buffered": True, **kwargs})


@pytest.fixture
def app(context: StandingContext) -> Flask:
    """The application as it runs, but for the limit on log-ins a minute."""
    app = create_app(context, RATELIMIT_ENABLED=False)
    app.test_client_class = Client
    return app


def token(client: FlaskClient, address: str = "/dang-nhap") -> str:
    """The CSRF token of the form on a page."""
    found = TOKEN.search(client.get(address).text)
    assert found
    return found[1]


def log_in(client: FlaskClient, login: str, password: str = PASSWORD, address: str = "/dang-nhap"):
    """Fill in the log-in form as a browser does."""
    form = {"login": login, "password": password, "csrf_token": token(client)}
    return client.post(address, data=form)


@pytest.fixture
def as_role(app: Flask) -> Callable[[str], FlaskClient]:
    """A client logged in with the account of a role."""

    def make(role: str) -> FlaskClient:
        client = app.test_client()
        assert log_in(client, role).status_code == 302
        return client

    return make
