"""Who reads no names reads none anywhere: the applicant's own words and those about him, on every page, in every file, by every call.

The world's free texts all name somebody; whatever a masked role or a token without `names` is handed is searched for it.
"""

import io
import json
from collections.abc import Iterator
from zipfile import ZipFile, is_zipfile

import pytest
from flask import Flask

from app.api.routes import scopes_of
from app.api.scopes import Scope
from app.web import create_app
from tests import databases
from tests.web.api_calls import BY_NAME, asking, own_letter_file
from tests.web.conftest import Client, log_in
from tests.web.test_access import EXPECTED
from tests.web.test_every_file import MORE
from tests.web.world import StandingContext, make_context
from tracker.store import audit
from tracker.store.models import (
    AlertAck,
    Assignment,
    Dossier,
    DossierNote,
    Event,
    Letter,
    LetterStep,
    ObligationStep,
    OfficeEvent,
    OutboxMessage,
)

pytestmark = pytest.mark.sqlite_only(
    "what is masked is masked after it was read, and that is the same on both"
)

PERSON, PHONE, PLACE = "Quàng Thị Lọt Lưới", "0908070605", "Ngõ Không Ai Biết"
SECRETS = (PERSON, PHONE, PLACE)
MASKED = ("auditor", "reform", "admin")


@pytest.fixture(scope="module")
def named(made_world: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandingContext]:
    """A world in which every text that somebody wrote names the applicant."""
    folder = tmp_path_factory.mktemp("named")
    context = make_context(folder, databases.chosen().copy(made_world, folder))
    own_letter_file(context, folder)
    with context.store.transaction() as session:
        for row in session.query(Dossier):
            row.applicant_name, row.phone, row.address = PERSON, PHONE, PLACE
            row.late_reason = row.note = row.status_text = f"Ông {PERSON} gọi từ {PHONE}"
        for row in session.query(Letter):
            row.reason = f"Do {PERSON}"
        for kind in (LetterStep, ObligationStep):
            for row in session.query(kind):
                row.note = f"Báo {PERSON}"
        for row in session.query(AlertAck):
            row.note = f"{PERSON} đã hẹn"
        told_at = context.now()
        session.add(
            AlertAck(
                id=90, dossier_id=1, promised_on=told_at.date(), by_account=1, at=told_at, note=f"Gọi {PHONE}"
            )
        )
        session.add(
            Assignment(id=90, dossier_id=3, account_id=2, by_account=1, at=told_at, note=f"Của {PERSON}")
        )
        session.add(
            Event(dossier_id=1, seq=90, at=told_at, kind="status_changed", text=f"Chờ {PERSON}", batch_id=1)
        )
        session.add(
            DossierNote(
                id=1, dossier_id=1, account_id=1, text=f"{PERSON} hẹn lại", written_at=context.now(), withdrawn_at=None,
                withdrawn_by="",
            )
        )  # fmt: skip
    yield context
    context.store.close()


@pytest.fixture(scope="module")
def named_app(named: StandingContext) -> Flask:
    """Its application."""
    app = create_app(named, RATELIMIT_ENABLED=False)
    app.test_client_class = Client
    return app


def told(body: bytes) -> set[str]:
    """Which of the secrets stand in an answer or in a file of it."""
    if is_zipfile(io.BytesIO(body)):
        with ZipFile(io.BytesIO(body)) as archive:
            return set().union(*(told(archive.read(each)) for each in archive.namelist()))
    return {each for each in SECRETS if each.encode() in body or json.dumps(each)[1:-1].encode() in body}


@pytest.mark.parametrize("role", MASKED)
def test_no_page_and_no_file_names_an_applicant_to_who_reads_no_names(named_app: Flask, role: str):
    client, faults = named_app.test_client(), {}
    assert log_in(client, role).status_code == 302
    for address in (*EXPECTED, *MORE):
        if role in EXPECTED.get(address, {"reform"}) and (
            found := told(client.get(address, follow_redirects=True).data)
        ):
            faults[address] = found
    assert faults == {}


@pytest.mark.parametrize("role", [*MASKED, "desk", "head"])
def test_no_call_names_an_applicant_to_a_token_without_names(
    named_app: Flask, named: StandingContext, role: str
):
    scopes = [scope for scope in scopes_of(role) if scope != Scope.NAMES]
    ask = asking(named_app, named, role, scopes)
    reads = [name for name, each in BY_NAME.items() if each.method == "GET" and role in each.roles]
    assert {name: found for name in reads if (found := told(ask(name).data))} == {}


def test_the_same_is_told_to_who_works_with_the_applicant(named_app: Flask, named: StandingContext):
    ask = asking(named_app, named, "desk")
    assert told(ask("dossier").data) == set(SECRETS)
    assert told(ask("notes").data) == {PERSON}


def test_nothing_that_was_read_or_told_left_a_name_in_the_log_or_on_the_way_out(
    named_app: Flask, named: StandingContext
):
    client = named_app.test_client()
    assert log_in(client, "desk").status_code == 302
    for address, roles in EXPECTED.items():
        if "desk" in roles:
            client.get(address)
    client.get("/tim", query_string={"q": PERSON})
    client.get("/tim/goi-y", query_string={"q": PHONE})
    with named.store.read() as session:
        acts = [
            (entry.act.subject, str(entry.act.detail))
            for entry in audit.find_acts(session, audit.ActFilter(), limit=9_999)
        ]
        events = [row.body for row in session.query(OfficeEvent)]
        messages = [row.text for row in session.query(OutboxMessage) if row.channel == "webhook"]
    assert len(acts) > 40
    assert told(str((acts, events, messages)).encode()) == set()
