"""Rounds between the day's jobs: asked for in office hours only, once a slot whoever asks, and what they do."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from app.worker import Worker
from app.works.alerting import Rounds
from tests import databases
from tests.letter_world import dossier
from tests.web.world import (
    BRANCH_A,
    NOW,
    StandingContext,
    add_dossiers,
    add_people,
    add_units,
    at,
    make_context,
)
from tracker.store.models import Alert, Dossier, OutboxMessage, WorkItem
from tracker.store.schedule import RunRequest, ask_run
from tracker.timekeeping.schedule import Cause


@pytest.fixture
def context(tmp_path: Path) -> StandingContext:
    """An office whose morning's jobs of 24/08/2026 have been done."""
    context = make_context(tmp_path, databases.chosen().furnished(tmp_path / "store"))
    for add in (add_units, add_people, add_dossiers):
        add(context.store)
    context.instant = at(24, 7, 0)
    for job in ("evaluate", "digests"):
        with context.store.transaction() as session:
            ask_run(session, RunRequest(job, NOW.date(), Cause.CLOCK, "scheduler"), context.now())
        Worker(context, "w").run_until_idle()
    return context


def rounds(context: StandingContext) -> list[str]:
    with context.store.read() as session:
        return list(
            session.scalars(
                select(WorkItem.state).where(WorkItem.kind == "alert_round").order_by(WorkItem.id)
            )
        )


@pytest.mark.parametrize(
    ("moment", "count"),
    [
        pytest.param(at(24, 7, 20), 0, id="the morning's digests come first"),
        pytest.param(at(24, 7, 31), 1, id="then rounds"),
        pytest.param(at(24, 12, 0), 1, id="at noon as well"),
        pytest.param(at(24, 17, 0), 0, id="the office has closed"),
        pytest.param(at(23, 10, 0), 0, id="a Sunday"),
        pytest.param(at(22, 10, 0), 1, id="a Saturday that is worked"),
        pytest.param(at(2, 10, 0, month=9), 0, id="a holiday"),
    ],
)
def test_a_round_is_asked_for_in_office_hours(context: StandingContext, moment: datetime, count: int):
    Rounds().ask(context, moment)
    assert len(rounds(context)) == count


def test_a_slot_has_one_round_whoever_asks_how_often(context: StandingContext):
    for moment in (at(24, 10, 0), at(24, 10, 1), at(24, 10, 29), at(24, 10, 30)):
        Rounds().ask(context, moment)
        Rounds().ask(context, moment)
    assert len(rounds(context)) == 2


def test_what_is_loaded_in_the_course_of_a_day_and_due_on_it_is_told_by_the_next_round(
    context: StandingContext,
):
    row = dossier(
        500, code="T01-260824-0500", resolving_unit_id=BRANCH_A, receiving_unit_id=BRANCH_A, procedure_id=None
    )
    own = {
        "received_at": at(20, 8),
        "source_due_at": at(24),
        "promised_at": at(24),
        "documented_due_at": at(24),
    }
    with context.store.transaction() as session:
        session.execute(insert(Dossier), [{**row, **own}])
    context.instant = at(24, 10, 0)
    Rounds().ask(context, context.now())
    Worker(context, "w").run_until_idle()
    with context.store.read() as session:
        told = session.scalars(
            select(Alert.measure).where(Alert.subject_id == 500, Alert.fate == "told")
        ).all()
        sent = session.scalars(
            select(OutboxMessage.subject).where(OutboxMessage.kind == "alert_urgent")
        ).all()
    assert told == ["days_left"]
    assert set(sent) == {"Cảnh báo khẩn: 1 đến hạn hôm nay"}
    assert rounds(context) == ["done"]
