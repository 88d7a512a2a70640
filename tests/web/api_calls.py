"""What the tests of the API share: a token of each role with everything that it may have, calls, addresses of operations."""

import re
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from app.api.faults import PREFIX
from app.api.routes import OPERATIONS, scopes_of
from app.api.table import Operation
from app.token_acts import TokenWanted, make_token
from tests.web.world import NOW, OVERDUE_A, StandingContext
from tracker.store import people
from tracker.store.models import Letter

BY_NAME: Mapping[str, Operation] = {operation.name: operation for operation in OPERATIONS}
# What stands in the address of an operation, in the world of the tests: things of the desk's own unit.
OWN: Mapping[str, Any] = {
    "code": OVERDUE_A, "letter_id": 1, "dossier_id": 7, "alert_id": 1, "batch_id": 1, "work_id": 1, "note_id": 1, "finding_id": 1,
}  # fmt: skip
# What has to be asked.
QUERIES: Mapping[str, Mapping[str, str]] = {
    "rates": {"start": "2026-06-01", "end": "2026-08-31"},
    "dossiers_search": {"code": "T01"},
    "calendar_days": {"start": "2026-08-01", "end": "2026-08-31"},
    "source_file": {"name": "thu.csv"},
}
_PART = re.compile(r"<(?:\w+:)?(\w+)>")


def address_of(name: str, **own: Any) -> str:
    """Where an operation is called."""
    return PREFIX + _PART.sub(lambda part: str({**OWN, **own}[part[1]]), BY_NAME[name].path)


def a_token(
    context: StandingContext, login: str, scopes: Collection[str] | None = None, days: int = 30
) -> str:
    """A new token of an account; `scopes` None: all that its role may have."""
    with context.store.read() as session:
        account = people.find_login(session, login)
    assert account
    wanted = TokenWanted(
        "Chương trình thử", tuple(scopes_of(account.role) if scopes is None else scopes), days
    )
    return make_token(context.store, account, wanted, now=NOW).text


def bearer(token: str) -> dict[str, str]:
    """The header that says who calls."""
    return {"Authorization": f"Bearer {token}"}


def own_letter_file(context: StandingContext, folder: Path) -> None:
    """The letter of the world with a file of this test's own: whoever moves it on writes it anew and lets the old one go."""
    path = folder / "thu-rieng.docx"
    path.write_bytes(b"PK\x03\x04 thu")
    with context.store.transaction() as session:
        letter = session.get_one(Letter, 1)
        letter.file = letter.signed_file = str(path)


Ask = Callable[..., Any]


def asking(app: Flask, context: StandingContext, login: str, scopes: Collection[str] | None = None) -> Ask:
    """A way to call operations by their name, as a program of an account."""
    client: FlaskClient = app.test_client()
    headers = bearer(a_token(context, login, scopes))

    def ask(name: str, *, own: Mapping[str, Any] | None = None, **given: Any) -> Any:
        query = given.pop("query", QUERIES.get(name, {}))
        return client.open(
            address_of(name, **(own or {})), method=BY_NAME[name].method, query_string=query,
            headers={**headers, **given.pop("headers", {})}, **given,
        )  # fmt: skip

    return ask
