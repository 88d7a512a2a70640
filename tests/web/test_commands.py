"""`dunghen user` and `dunghen serve`: accounts by hand, demonstration accounts only on this machine."""

import json
import socket
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.accounts import DEMO_FILE, create_demo_accounts, log_in
from app.commands.serve_command import check_address, serve
from app.commands.user_command import user
from tests.web.world import BRANCH_A, NOW, StandingContext
from tracker.errors import UsageError
from tracker.store import audit, people

pytestmark = pytest.mark.sqlite_only(
    "every page by every role is asked for on both databases in test_access and test_pages; here once is enough"
)

GOOD = "mot cau de nho 2026\n"


def run(context: StandingContext, *arguments: str, given: str = ""):
    return CliRunner().invoke(user, list(arguments), obj=context, input=given)


def test_an_account_is_added_and_can_log_in(context: StandingContext):
    code = f"T{BRANCH_A}"
    done = run(context, "add", "Lan.An", "--role", "desk", "--unit", code, "--json", given=GOOD)
    assert json.loads(done.output) == {"login": "lan.an", "role": "desk", "unit": code}
    attempt = log_in(context.store, context.config.web, login="lan.an", password=GOOD.strip(), now=NOW)
    assert attempt.account
    assert attempt.account.unit_id == BRANCH_A


@pytest.mark.parametrize(
    ("arguments", "given", "told"),
    [
        (["add", "head", "--role", "desk"], GOOD, "đã có tài khoản"),
        (["add", "moi", "--role", "desk", "--unit", "X"], GOOD, "không có đơn vị"),
        (["add", "moi", "--role", "desk"], "ngan\n", "ít nhất 10 ký tự"),
        (["add", "Tên Có Dấu", "--role", "desk"], GOOD, "tên đăng nhập"),
        (["passwd", "khong-co"], GOOD, "không có tài khoản"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(context: StandingContext, arguments, given, told):
    with context.store.read() as session:
        before = people.list_accounts(session)
    done = run(context, *arguments, given=given)
    assert isinstance(done.exception, UsageError)
    assert told in str(done.exception)
    with context.store.read() as session:
        assert people.list_accounts(session) == before


def test_a_new_password_replaces_the_old_one(context: StandingContext):
    assert run(context, "passwd", "head", given=GOOD).exit_code == 0
    attempt = log_in(context.store, context.config.web, login="head", password=GOOD.strip(), now=NOW)
    assert attempt.account


def test_a_disabled_account_is_listed_as_such_and_logged(context: StandingContext):
    assert run(context, "disable", "head").exit_code == 0
    listed = json.loads(run(context, "list", "--json").output)["users"]
    assert [entry["login"] for entry in listed if entry["disabled"]] == ["head"]
    with context.store.read() as session:
        assert audit.recent_acts(session, 1)[0].action == "user_disable"


def test_demonstration_accounts_have_random_passwords_kept_in_a_private_file(context: StandingContext):
    with context.store.transaction() as session:
        for account in people.list_accounts(session):
            session.get_one(people.User, account.account_id).is_demo = True  # to be replaced
    first = create_demo_accounts(context.store, NOW, context.data_dir)
    second = create_demo_accounts(context.store, NOW, context.data_dir)
    assert {login for login, *_ in first} == {"desk", "head", "auditor", "reform", "admin"}
    assert not {password for _, password, *_ in first} & {password for _, password, *_ in second}
    path = Path(context.data_dir / DEMO_FILE)
    assert all(password in path.read_text("utf-8") for _, password, *_ in second)
    if sys.platform != "win32":
        assert path.stat().st_mode & 0o077 == 0
    login, password, *_ = second[0]
    assert log_in(context.store, context.config.web, login=login, password=password, now=NOW).account


def test_the_server_refuses_other_machines_while_demonstration_accounts_are_usable(context: StandingContext):
    with context.store.transaction() as session:
        for account in people.list_accounts(session):
            session.get_one(people.User, account.account_id).is_demo = account.login == "desk"
    # On a port that is taken a server that nobody refused ends as well, instead of serving all the world.
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = CliRunner().invoke(serve, ["--host", "0.0.0.0", "--port", port], obj=context)
    assert isinstance(done.exception, UsageError)
    check_address(context, "127.0.0.1")
    run(context, "disable", "desk")
    check_address(context, "0.0.0.0")
