"""A web process that is killed before any statement of a bulk act: every chosen letter took the step or none, each told once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.web import create_app
from tests.flows.office import Office, StandingContext, row
from tests.flows.test_killed_acts import FEW, MOMENTS, acting, succeeded
from tests.web.conftest import log_in, token
from tests.web.world import PASSWORD

__all__ = ["acting"]

COUNT = 12
LATE = {"received_at": "03/08/2026 08:00:00", "due_at": "17/08/2026 17:00:00", "late_reason": "Chờ đo đạc"}
APPROVE = "/thu-xin-loi/quyet-dinh/duyet"


@pytest.fixture
def model(tmp_path: Path) -> Office:
    """Letters that the desk drafted, and a head who has not approved any."""
    (tmp_path / "model").mkdir()
    office = Office(tmp_path / "model").furnished()
    office.ingest([row(number, **LATE) for number in range(1, COUNT + 1)])
    succeeded(
        office, "user", "add", "thu.truong", "--role", "head", "--name", "Thủ Trưởng", typed=f"{PASSWORD}\n"
    )
    succeeded(office, "letters", "draft", "--out", str(tmp_path / "thu"))
    assert letters(office) == [("drafted", COUNT)]
    return office


def letters(office: Office) -> Any:
    return office.query("SELECT state, count(*) FROM letter GROUP BY state ORDER BY state")


def approve_all(office: Office) -> None:
    """As a browser does it: log in, send the form of what was ticked."""
    chosen = [str(number) for (number,) in office.query("SELECT id FROM letter WHERE state = 'drafted'")]
    with pytest.MonkeyPatch.context() as here:
        for name, value in office.environment.items():
            here.setenv(name, value) if value is not None else here.delenv(name, raising=False)
        context = StandingContext(office.config, instant=office.now)
        head = create_app(context, RATELIMIT_ENABLED=False).test_client()
        assert log_in(head, "thu.truong").status_code == 302
        form = {"csrf_token": token(head, "/tai-khoan"), "chon": chosen}
        answer = head.post(APPROVE, data=form)
        assert answer.status_code in (200, 302), answer.text
        context.store.close()


@pytest.mark.parametrize("number", MOMENTS)
def test_letters_that_were_approved_together_are_all_approved_or_none(
    model: Office, acting: Callable[[Office], Any], number: int
):
    def look(office: Office) -> Any:
        told = "SELECT action, detail FROM audit_entry WHERE action = 'letter_approve'"
        steps = "SELECT letter_id, step, actor FROM letter_step ORDER BY letter_id, seq"
        return letters(office), office.query(told), office.query(steps)

    assert acting(model).killed(approve_all, look, number) >= min(number, FEW)
    assert letters(model) == [("drafted", COUNT)]
