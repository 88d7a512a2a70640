"""The morning's jobs of the ledger: what is owed is opened, what stands still is told to the head of its unit, once."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.accounts import hash_password
from app.scheduler import Scheduler
from app.worker import Worker
from letters.issue import draft
from letters.moving import Asker, Told, approve, deliver
from letters.path import Step
from letters.register import LetterFolder
from letters.reissue import LetterScope
from letters.signers import sign
from tests.flows.office import Office, StandingContext
from tests.letter_world import BRANCH, DEPARTMENT, add_catalogue, add_dossiers, at, dossier, policy
from tracker.config import load_config
from tracker.store import letter_moves, letter_store, people
from tracker.store.letter_moves import Move
from tracker.store.people import NewAccount

THURSDAY = at(16, hour=9)  # 16/06/2022; every dossier was due the day before


@pytest.fixture
def context(office: Office) -> Iterator[StandingContext]:
    """A context on Thursday morning, with three late dossiers, two heads and a desk."""
    context = StandingContext(office.config, instant=THURSDAY)
    told = {name: value for name, value in office.environment.items() if value}
    context.__dict__["config"] = load_config(office.config, told)
    add_catalogue(context.store)
    add_dossiers(context.store, dossier(1), dossier(2), dossier(3, documented_due_at=at(30)))
    for login, role, unit in (
        ("thutruong", "head", BRANCH),
        ("so", "head", DEPARTMENT),
        ("mot-cua", "desk", None),
    ):
        with context.store.transaction() as session:
            secret = hash_password("Mat-khau-2022")
            people.add_account(session, NewAccount(login, login, role, unit, secret, "s"), THURSDAY)
    yield context
    context.store.close()


def morning(context: StandingContext, day: date) -> None:
    """The jobs of one day, done at nine."""
    context.instant = THURSDAY + (day - THURSDAY.date())
    Scheduler(context, "s").turn(context.instant)
    Worker(context, "w").run_until_idle()


def inbox(context: StandingContext) -> list[tuple[str, str]]:
    """What was told in the program: to whom, and its subject."""
    with context.store.read() as session:
        rows = session.connection().exec_driver_sql(
            "SELECT u.login, m.subject, m.kind FROM outbox_message m JOIN user_account u ON m.recipient = 'user:' || u.id"
            " WHERE m.channel = 'in_app' ORDER BY m.id"
        )
        return [(login, subject) for login, subject, kind in rows if kind.startswith("letter_")]


def obligations(context: StandingContext) -> dict[int, str]:
    with context.store.read() as session:
        return dict(session.connection().exec_driver_sql("SELECT dossier_id, state FROM obligation").all())


def written(context: StandingContext, moment: datetime) -> None:
    folder = LetterFolder(context.data_dir / "letters" / "2022", context.data_dir)
    draft(context.store, LetterScope(moment), policy(), folder, now=moment, actor="soan")


def delivered(context: StandingContext, number: int, moment: datetime) -> None:
    asker = Asker("thutruong", moment)
    approve(context.store, [number], asker)
    sign(context.store, [number], moment.date(), asker)
    with context.store.transaction() as session:
        letter_store.lock_register(session)
        values: dict[str, Any] = {"state": "numbered", "number": "1/PXL", "issued_on": moment.date()}
        moves = [
            Move(each, Step.NUMBERED, values) for each in letter_moves.letters_to_move(session, [number])
        ]
        letter_moves.move(session, moves, actor="vanthu", at=moment)
    assert deliver(context.store, [number], Told("in_person", moment, ""), asker).moved == (number,)


def test_the_morning_opens_what_is_owed(context: StandingContext) -> None:
    morning(context, date(2022, 6, 16))
    assert obligations(context) == {1: "owed", 2: "owed", 3: "to_check"}
    assert inbox(context) == [], "nothing stands still yet"


def test_what_stands_still_is_told_once_a_working_day_to_the_heads_of_its_unit(
    context: StandingContext,
) -> None:
    morning(context, date(2022, 6, 16))
    for day in (17, 18, 19, 20, 21):  # Friday to Tuesday
        morning(context, date(2022, 6, day))
    assert inbox(context) == []
    morning(context, date(2022, 6, 22))  # the fourth working day after
    # The branch lies below the department, whose head is told as well; a desk is not told.
    assert inbox(context) == [(login, "Thư xin lỗi: 3 việc đang chờ") for login in ("so", "thutruong")]
    Worker(context, "w").run_until_idle()
    morning(context, date(2022, 6, 22))
    assert len(inbox(context)) == 2


def test_a_missed_new_date_is_told_to_the_heads_and_never_moved_again(
    context: StandingContext, tmp_path: Path
) -> None:
    morning(context, date(2022, 6, 16))
    written(context, THURSDAY)
    delivered(context, 1, THURSDAY + timedelta(hours=1))
    morning(context, date(2022, 6, 30))  # the new date itself
    assert [subject for _, subject in inbox(context) if "lỡ hẹn" in subject] == []
    morning(context, date(2022, 7, 1))
    assert [line for line in inbox(context) if "lỡ hẹn" in line[1]] == [
        (login, "1 hồ sơ lỡ hẹn lần thứ hai") for login in ("so", "thutruong")
    ]
    morning(context, date(2022, 7, 5))
    assert len([line for line in inbox(context) if "lỡ hẹn" in line[1]]) == 2
