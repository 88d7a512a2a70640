"""Secret links to due dates by the command line: made for an account, listed without their secret, revoked."""

import json
from datetime import datetime
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from app.commands.alert_feed_commands import feed as feed_command
from app.commands.alert_feed_commands import feeds as feeds_command
from tests.web.test_feed_pages import OPEN_A, acts, titles
from tests.web.world import BRANCH_A, BRANCH_B, NOW, StandingContext


def run(context: StandingContext, command: Any, *words: str) -> Any:
    done = CliRunner().invoke(command, [*words, "--json"], obj=context)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_the_operator_makes_lists_and_revokes_links(app: Flask, context: StandingContext):
    made = run(
        context, feed_command, "new", "head", "--scope", "unit", "--unit", f"T{BRANCH_A}", "--name", "Lịch"
    )
    address = "/lich-hen" + made["ics"].rpartition("/lich-hen")[2]
    assert titles(app.test_client(), address) == OPEN_A
    listed = run(context, feeds_command)["feeds"]
    assert next((each["feed"], each["login"], each["name"]) for each in listed) == (2, "head", "Lịch")
    assert made["ics"].split("/")[-1] not in str(listed)
    assert datetime.fromisoformat(listed[0]["used_at"]) == NOW
    assert run(context, feed_command, "revoke", "2") == {"feed": 2, "revoked": True}
    assert run(context, feed_command, "revoke", "2") == {"feed": 2, "revoked": False}
    assert app.test_client().get(address).status_code == 404
    assert [act.actor for act in (*acts(context, "feed_made"), *acts(context, "feed_revoked"))] == [
        "operator"
    ] * 2


@pytest.mark.parametrize(
    "words",
    [
        ("new", "khong-co", "--scope", "unit"),
        ("new", "admin", "--scope", "person"),
        ("new", "desk", "--scope", "unit", "--unit", f"T{BRANCH_B}"),
        ("new", "desk", "--scope", "person", "--unit", f"T{BRANCH_A}"),
        ("new", "desk"),
        ("revoke", "99"),
    ],
)
def test_a_link_that_cannot_be_is_wrong_use(context: StandingContext, words: tuple[str, ...]):
    done = CliRunner().invoke(feed_command, words, obj=context)
    assert getattr(done.exception, "exit_status", done.exit_code) == 2
    assert acts(context, "feed_made") == acts(context, "feed_revoked") == []
