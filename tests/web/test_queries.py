"""How many questions a page puts to the database: none may grow by the way. What it may cost, it may cost for any row."""

from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from tests.web.browsing import add_overdue
from tests.web.world import FINISHED_LATE, NOW, OVERDUE_A, StandingContext
from tracker.pipeline.summaries import refresh

# How PostgreSQL's writers to the log wait for each other; SQLite's do by beginning to write.
LOCK = "SELECT pg_advisory_xact_lock"
# All of them, those of the session and of the log among them (one for the account with its units, unread messages and the
# marks of the calendars; two of the log). The aim is six a page; where it stands higher, docs/progress.md says so.
MOST = {
    ("desk", "/ban-theo-doi"): 5,
    ("desk", "/tim?q=T01-2608"): 5,
    ("desk", "/tim?q=nguyen thi"): 5,
    ("desk", "/qua-han"): 9,
    ("auditor", "/qua-han"): 9,
    ("desk", f"/ho-so/{OVERDUE_A}"): 5,
    ("desk", f"/ho-so/{FINISHED_LATE}"): 5,  # with a letter
    ("auditor", f"/ho-so/{OVERDUE_A}"): 6,  # has the name been shown?
    ("desk", f"/ho-so/{OVERDUE_A}/phieu-tinh-han"): 4,
    ("desk", "/thu-xin-loi/1"): 6,
    ("desk", "/thu-xin-loi/nghia-vu/7"): 6,
    ("desk", "/canh-bao/1"): 13,
    ("reform", "/tieu-chi/3.4.1"): 4,
    ("reform", "/tieu-chi/mo-phong?xong=4&dat=98&gio=40"): 6,
    ("head", "/tieu-chi/mo-phong?xong=4&dat=98&gio=40"): 6,
    ("auditor", "/nguyen-nhan/?nam=2026"): 6,
    ("head", "/nguyen-nhan/?nam=2026"): 6,
    ("head", "/don-vi"): 6,
    ("reform", "/don-vi"): 6,
    ("auditor", "/don-vi"): 6,
    (
        "admin",
        "/bat-dau/",
    ): 15,  # ten steps are looked at; once the office is ready nobody opens it each morning
}


@pytest.fixture
def asked(context: StandingContext) -> Iterator[list[str]]:
    """What the database is asked while a test runs, without the marks of transactions; the tables of counts are made."""
    refresh(context.store, NOW)
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA synchronous", "SET LOCAL", LOCK)):
            said.append(statement)

    event.listen(context.store.engine, "before_cursor_execute", note)
    yield said
    event.remove(context.store.engine, "before_cursor_execute", note)


@pytest.mark.parametrize(("role", "address"), MOST)
def test_a_page_asks_no_more_than_it_did(
    as_role: Callable[[str], FlaskClient], asked: list[str], role: str, address: str
):
    client = as_role(role)
    assert client.get(address).status_code == 200
    asked.clear()
    assert client.get(address).status_code == 200
    assert len(asked) <= MOST[role, address], "\n".join(asked)


@pytest.mark.parametrize("address", ["/ban-theo-doi", "/qua-han", "/tim?q=T01-2608"])
def test_sixty_more_rows_are_no_more_questions(
    context: StandingContext, as_role: Callable[[str], FlaskClient], asked: list[str], address: str
):
    client = as_role("desk")
    client.get(address)
    asked.clear()
    client.get(address)
    before = len(asked)
    add_overdue(context.store, 60)
    asked.clear()
    assert client.get(address).status_code == 200
    assert len(asked) <= before, "\n".join(asked)
