"""Who is told by a notice: open accounts of its roles, addresses, and the systems that the configuration names."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from app.access import Role
from app.notices import Notice, tell
from tracker.config import Config, OutboxConfig, WebhookTarget, load_config
from tracker.store import people
from tracker.store.models import OutboxMessage
from tracker.store.people import NewAccount
from tracker.store.session import Store
from tracker.types import VN

NOW = datetime(2026, 8, 24, 9, 30, tzinfo=VN)
SHIPPED = load_config(Path(__file__).parents[2] / "config.toml", {})
SYSTEMS = replace(
    SHIPPED,
    outbox=OutboxConfig(
        8, (WebhookTarget("ioc", "https://ioc.vi-du.vn/nhan", "s"),), {"truc": "json://vi-du.vn"}
    ),
)
WITH_MAIL = replace(SHIPPED, mail=replace(SHIPPED.mail, host="mail.vi-du.vn", sender="dh@vi-du.vn"))
SEAL = Notice("audit_seal", "audit_seal:2026-08-24", "Niêm phong", "Dòng niêm phong", "/nhat-ky/niem-phong")


@pytest.fixture
def office(store: Store) -> Store:
    """An administrator with an address, one that is closed, and somebody at the desk."""
    with store.transaction() as session:
        for login, role in (("an", "admin"), ("binh", "admin"), ("chi", "desk")):
            new = NewAccount(login, login, role, None, "hash", "salt", email=f"{login}@vi-du.vn")
            account_id = people.add_account(session, new, NOW)
            if login == "binh":
                people.disable(session, account_id, now=NOW)
    return store


def told(store: Store, config: Config, **given: tuple[str, ...]) -> list[tuple[str, str]]:
    with store.transaction() as session:
        count = tell(session, config, SEAL, NOW, roles={Role.ADMIN}, **given)
    with store.read() as session:
        found = session.execute(
            select(OutboxMessage.channel, OutboxMessage.recipient).order_by(OutboxMessage.id)
        )
        rows = [(channel, recipient) for channel, recipient in found]
    assert count == len(rows)
    return rows


def test_open_accounts_of_the_role_are_told_in_the_program(office: Store):
    assert told(office, SHIPPED) == [("in_app", "user:1")]


def test_and_by_mail_where_there_is_a_mail_server(office: Store):
    assert told(office, WITH_MAIL) == [("in_app", "user:1"), ("email", "an@vi-du.vn")]


def test_an_address_that_is_an_account_as_well_gets_one_mail(office: Store):
    expected = [("in_app", "user:1"), ("email", "an@vi-du.vn"), ("email", "so@vi-du.vn")]
    assert told(office, WITH_MAIL, addresses=("an@vi-du.vn", "so@vi-du.vn")) == expected


def test_every_webhook_and_service_of_the_configuration_is_told(office: Store):
    assert told(office, SYSTEMS) == [("in_app", "user:1"), ("webhook", "ioc"), ("apprise", "truc")]


def test_a_cause_is_told_once_however_often_it_is_told(office: Store):
    told(office, SYSTEMS)
    assert len(told(office, SYSTEMS)) == 3
