"""Fixtures of the page tests: a world made once per test process and copied for each test, clients logged in by role."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, session
from flask.testing import FlaskClient

from app import sessions
from app.current import EXTENSION
from app.web import create_app
from tests import databases
from tests.web.world import PASSWORD, StandingContext, make_context, make_world, write_letter_file
from tracker.store import people

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@pytest.fixture(scope="session")
def world_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the world lies that is copied."""
    return tmp_path_factory.mktemp("world")


@pytest.fixture(scope="session")
def made_world(world_folder: Path) -> str:
    """The database of a world, closed and ready to be copied."""
    context = make_world(world_folder)
    context.store.close()
    return context.config.database_url


@pytest.fixture
def context(made_world: str, world_folder: Path, tmp_path: Path) -> Iterator[StandingContext]:
    """A context on a copy of the world of its own."""
    write_letter_file(world_folder)
    context = make_context(tmp_path, databases.chosen().copy(made_world, tmp_path))
    yield context
    context.store.close()


class Client(FlaskClient):
    """A client that reads every answer to its end, so that files are closed."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """As Flask's, read at once."""
        return super().open(*args, **{"buffered": True, **kwargs})


@pytest.fixture
def app(context: StandingContext) -> Flask:
    """The application as it runs, but for the limit on log-ins a minute."""
    return _unlimited(context)


def _unlimited(context: StandingContext) -> Flask:
    app = create_app(context, RATELIMIT_ENABLED=False)
    app.test_client_class = Client
    return app


@pytest.fixture(scope="module")
def shared_context(made_world: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandingContext]:
    """A context on one copy of the world for all tests of a file that only look."""
    folder = tmp_path_factory.mktemp("shared")
    context = make_context(folder, databases.chosen().copy(made_world, folder))
    yield context
    context.store.close()


@pytest.fixture(scope="module")
def shared_app(shared_context: StandingContext) -> Flask:
    """One application for all tests of a file that only look: what asks every page costs a page then, not a world."""
    return _unlimited(shared_context)


@pytest.fixture(scope="module")
def shared_role(shared_app: Flask) -> Callable[[str], FlaskClient]:
    """The client of a role for all tests of a file that only look, logged in when it is first asked for."""
    return cache(_entering(shared_app))


def token(client: FlaskClient, address: str = "/dang-nhap") -> str:
    """The CSRF token of the form on a page."""
    found = TOKEN.search(client.get(address).text)
    assert found
    return found[1]


def log_in(client: FlaskClient, login: str, password: str = PASSWORD, address: str = "/dang-nhap"):
    """Fill in the log-in form as a browser does."""
    form = {"login": login, "password": password, "csrf_token": token(client)}
    return client.post(address, data=form)


def enter(app: Flask, client: FlaskClient, login: str) -> None:
    """Give a client the session that a log-in by password begins, without the page and its password."""
    context: StandingContext = app.extensions[EXTENSION]
    with context.store.read() as db:
        account = people.find_login(db, login)
    assert account
    with app.test_request_context():
        sessions.begin(account)
        begun = dict(session)
    with client.session_transaction() as own:
        own.update(begun)
        own.permanent = True


@pytest.fixture
def as_role(app: Flask) -> Callable[[str], FlaskClient]:
    """A client logged in with the account of a role."""
    return _entering(app)


def _entering(app: Flask) -> Callable[[str], FlaskClient]:
    def make(role: str) -> FlaskClient:
        client = app.test_client()
        enter(app, client, role)
        return client

    return make
