"""Receipts of a gateway: believed with their signature only, noted once, never more than a receipt."""

import json
from dataclasses import replace

import pytest
from flask import Flask

from notifications.channels.signing import signed_headers
from tests.web.messages import SENT, UNSURE
from tests.web.world import NOW, StandingContext
from tracker.store import outbox_queries

pytestmark = pytest.mark.sqlite_only(
    "every page by every role is asked for on both databases in test_access and test_pages; here once is enough"
)

ADDRESS = "/bien-nhan/gateway"
SECRET = "mot bi mat cua cong nhan tin"
REF = {SENT: "<3@vi-du.vn>", UNSURE: "<1@vi-du.vn>"}


@pytest.fixture(autouse=True)
def with_secret(context: StandingContext) -> None:
    """The gateway's secret, as the environment would give it."""
    gateway = replace(context.config.gateway, receipt_secret=SECRET)
    context.__dict__["config"] = replace(context.config, gateway=gateway)


def call(app: Flask, told: object, *, call_id: str = "msg_1", secret: str = SECRET, **change: str) -> int:
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    headers = {**signed_headers(call_id, body, secret, NOW), **change}
    return app.test_client().post(ADDRESS, data=body, headers=headers).status_code


def steps(context: StandingContext, number: int) -> tuple[str, list[str]]:
    with context.store.read() as session:
        row = outbox_queries.find_message(session, number)
        assert row is not None
        return row.state, [event.kind for event in outbox_queries.events_of(session, number)]


def receipt(number: int, status: str = "delivered") -> dict[str, str]:
    return {"ref": REF[number], "status": status}


@pytest.mark.parametrize(
    ("number", "status", "state", "step"),
    [
        (SENT, "delivered", "delivered", "delivered"),
        (SENT, "failed", "dead", "bounced"),
        (UNSURE, "delivered", "delivered", "delivered"),
        (UNSURE, "failed", "dead", "bounced"),
    ],
)
def test_a_receipt_is_a_step_of_its_message(
    app: Flask, context: StandingContext, number: int, status: str, state: str, step: str
):
    assert call(app, receipt(number, status)) == 204
    now, told = steps(context, number)
    assert (now, told[-1]) == (state, step)


def test_the_same_receipt_twice_is_noted_once_and_a_late_one_turns_nothing_back(
    app: Flask, context: StandingContext
):
    for _ in range(3):
        assert call(app, receipt(SENT)) == 204
    assert steps(context, SENT)[1].count("delivered") == 1
    assert call(app, receipt(SENT, "failed"), call_id="msg_2") == 204
    assert call(app, receipt(SENT), call_id="msg_3") == 204
    assert steps(context, SENT)[0] == "dead"


@pytest.mark.parametrize(
    "change",
    [
        {"secret": "khac"},
        {"webhook-signature": "v1,AAAA"},
        {"webhook-id": "msg_9"},
        {"webhook-timestamp": str(int(NOW.timestamp()) + 1)},
    ],
    ids=str,
)
def test_a_call_that_is_not_signed_is_refused(app: Flask, context: StandingContext, change: dict[str, str]):
    before = steps(context, SENT)
    assert call(app, receipt(SENT), **change) == 403
    assert steps(context, SENT) == before


def test_an_old_call_that_somebody_kept_is_refused(app: Flask, context: StandingContext):
    body = json.dumps(receipt(SENT)).encode()
    headers = signed_headers("msg_1", body, SECRET, NOW)
    context.instant = NOW.replace(minute=59)
    assert app.test_client().post(ADDRESS, data=body, headers=headers).status_code == 403


def test_without_a_secret_in_the_environment_nobody_is_believed(app: Flask, context: StandingContext):
    gateway = replace(context.config.gateway, receipt_secret="")
    context.__dict__["config"] = replace(context.config, gateway=gateway)
    assert call(app, receipt(SENT), secret="") == 403


@pytest.mark.parametrize(
    ("told", "status"),
    [
        (b"{", 400),
        ({"ref": REF[SENT]}, 400),
        ({"ref": "la", "status": "failed"}, 404),
        ({"ref": "", "status": "failed"}, 404),
    ],
)
def test_what_is_no_receipt_of_ours_changes_nothing(
    app: Flask, context: StandingContext, told: object, status: int
):
    before = steps(context, SENT)
    assert call(app, told) == status
    assert steps(context, SENT) == before


def test_a_body_that_is_too_large_is_not_even_read(app: Flask):
    assert call(app, b"x" * 17_000) == 413


def test_it_is_no_page(app: Flask):
    assert app.test_client().get(ADDRESS).status_code == 405
