"""An act and its entry in the log are one: where the log cannot be written, nothing was done, and nobody is logged in."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.conftest import log_in, token
from tests.web.world import PASSWORD, StandingContext
from tracker.pipeline import calendar_changes
from tracker.store import people
from tracker.types.calendars import ChangeState

CHANGE = "/lich-lam-viec/thay-doi/1"
NEW = "mat-khau-moi-cua-toi-2"


def without_log(context: StandingContext) -> None:
    """From here on no entry can be written."""
    with context.store.transaction() as session:
        session.connection().exec_driver_sql("ALTER TABLE audit_entry RENAME TO audit_entry_away")


def account(context: StandingContext, login: str) -> people.Account:
    with context.store.read() as session:
        found = people.find_login(session, login)
    assert found
    return found


def test_a_log_in_that_nobody_wrote_down_is_none(app: Flask, context: StandingContext):
    client = app.test_client()
    token(client)
    without_log(context)
    assert log_in(client, "reform").status_code == 500
    assert client.get("/tai-khoan").location.startswith("/dang-nhap")


def change_password(client: FlaskClient, form: dict[str, str]):
    return client.post("/tai-khoan", data={**form, "present": PASSWORD, "new": NEW, "again": NEW})


def log_out(client: FlaskClient, form: dict[str, str]):
    return client.post("/dang-xuat", data=form)


def reject(client: FlaskClient, form: dict[str, str]):
    return client.post(f"{CHANGE}/tu-choi", data={**form, "note": "không"})


def withdraw(client: FlaskClient, form: dict[str, str]):
    return client.post(f"{CHANGE}/rut", data=form)


@pytest.mark.parametrize(
    ("login", "act"), [("desk", change_password), ("desk", log_out), ("admin", reject), ("reform", withdraw)]
)
def test_what_cannot_be_logged_is_not_done(
    as_role, context: StandingContext, login: str, act: Callable[[FlaskClient, dict[str, str]], object]
):
    client = as_role(login)
    form = {"csrf_token": token(client, "/tai-khoan")}
    before = account(context, login)
    without_log(context)
    assert act(client, form).status_code == 500  # type: ignore[attr-defined]
    assert account(context, login) == before
    assert calendar_changes.change(context.store, 1).state is ChangeState.PROPOSED


@pytest.mark.sqlite_only("a database that is away looks the same to the pages, whichever it is")
@pytest.mark.parametrize("role", ["head", "admin"])
def test_who_is_logged_in_reads_that_the_database_is_away(as_role, context: StandingContext, role: str):
    client = as_role(role)
    context.store.close()
    for file in (context.data_dir).glob("dunghen.sqlite3*"):
        file.unlink()
    (context.data_dir / "dunghen.sqlite3").mkdir()
    answer = client.get("/tai-khoan")
    assert answer.status_code == 503
    assert "Cơ sở dữ liệu đang bận hoặc mất kết nối" in answer.text
    assert answer.headers["Content-Security-Policy"]
