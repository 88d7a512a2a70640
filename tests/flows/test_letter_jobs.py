"""The morning's jobs of the ledger: what is owed is opened, what stands still is claimed for the head of its unit, once."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.scheduler import Scheduler
from app.worker import Worker
from letters.issue import draft
from letters.moving import Asker, Told, approve, deliver
from letters.path import Step
from letters.register import LetterFolder
from letters.reissue import LetterScope
from letters.signers import sign
from notifications.alerts.standing_letters import WORDS, letters_standing
from tests.flows.office import Office, StandingContext
from tests.letter_world import BRANCH, DEPARTMENT, DESK, add_catalogue, add_dossiers, at, dossier, policy
from tests.passwords import cheap_hash
from tracker.config import load_config
from tracker.store import catalogue, letter_moves, letter_store, people
from tracker.store.letter_moves import Move
from tracker.store.people import NewAccount

OFF = ("backup", "clean_exports", "optimize", "pull_sources", "calendar_check", "seal")
THURSDAY = at(16, hour=9)  # 16/06/2022; every dossier was due the day before


@pytest.fixture
def context(office: Office) -> Iterator[StandingContext]:
    """A context on Thursday morning, with three late dossiers, two heads and a desk; what keeps house rests."""
    office.configure(times="[" + ", ".join(f'"{job} off"' for job in OFF) + "]")
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
        add_account(context, login, role, unit)
    yield context
    context.store.close()


def add_account(context: StandingContext, login: str, role: str, unit: int | None) -> None:
    """An account of this role and unit."""
    with context.store.transaction() as session:
        secret = cheap_hash("Mat-khau-2022")
        people.add_account(session, NewAccount(login, login, role, unit, secret, "s"), THURSDAY)


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


def claimed(context: StandingContext) -> list[tuple[Any, ...]]:
    """What was claimed of letters, and whom it tells."""
    with context.store.read() as session:
        rows = session.connection().exec_driver_sql(
            "SELECT a.subject_id, a.measure, a.threshold, a.measured, a.fate, u.login FROM alert a"
            " LEFT JOIN alert_told t ON t.alert_id = a.id LEFT JOIN user_account u ON u.id = t.account_id"
            " WHERE a.subject_kind = 'letter' ORDER BY a.id, u.login"
        )
        return [tuple(row) for row in rows]


def test_a_letter_that_stands_still_is_claimed_once_for_the_head_of_its_unit(
    context: StandingContext,
) -> None:
    morning(context, date(2022, 6, 16))
    written(context, THURSDAY)
    for day in (17, 18, 19, 20):  # Friday to Monday
        morning(context, date(2022, 6, day))
    assert claimed(context) == []
    morning(context, date(2022, 6, 21))  # the third working day after
    first = [(number, "letter_stuck", 3, 3, "told", "thutruong") for number in (1, 2)]
    assert claimed(context) == first
    Worker(context, "w").run_until_idle()
    morning(context, date(2022, 6, 22))
    assert claimed(context) == first
    approve(context.store, [1], Asker("thutruong", context.instant))
    morning(context, date(2022, 6, 28))
    # The one that moved begins anew; of the other the next rung tells the head above.
    assert claimed(context)[2:] == [
        (1, "letter_stuck", 3, 4, "told", "thutruong"),
        (2, "letter_stuck", 8, 8, "told", "so"),
    ]
    assert inbox(context) == [], "the digests tell of it, not the job"


def test_what_a_demonstration_account_was_told_goes_with_it_and_is_told_to_its_successor(
    context: StandingContext,
) -> None:
    morning(context, date(2022, 6, 16))
    written(context, THURSDAY)
    morning(context, date(2022, 6, 21))
    first = claimed(context)
    with context.store.transaction() as session:
        account = people.find_login(session, "thutruong")
        assert account is not None
        session.get_one(people.User, account.account_id).is_demo = True
        people.remove_demo_accounts(session)
    assert claimed(context) == []
    add_account(context, "thutruong", "head", BRANCH)
    morning(context, date(2022, 6, 22))
    assert [line[:3] + line[4:] for line in claimed(context)] == [line[:3] + line[4:] for line in first]


def test_a_new_date_that_is_near_is_claimed_for_the_head_before_it_is_missed(
    context: StandingContext,
) -> None:
    morning(context, date(2022, 6, 16))
    written(context, THURSDAY)
    delivered(context, 1, THURSDAY + timedelta(hours=1))
    morning(context, date(2022, 6, 27))
    near = [line for line in claimed(context) if line[1] == "letter_promise"]
    assert near == []
    morning(context, date(2022, 6, 28))
    morning(context, date(2022, 6, 30))
    near = [line for line in claimed(context) if line[1] == "letter_promise"]
    assert near == [
        (1, "letter_promise", 2, 2, "told", "thutruong"),
        (1, "letter_promise", 0, 0, "told", "so"),
        (1, "letter_promise", 0, 0, "told", "thutruong"),
    ]


def test_the_words_of_the_digest_count_what_waits_in_the_units_of_a_head(context: StandingContext) -> None:
    def standing(day: date, unit: int | None) -> dict[str, int]:
        with context.store.read() as session:
            units = None if unit is None else catalogue.unit_subtree(session, unit)
            told = letters_standing(session, units, calendar=context.calendar, day=day, stuck_days=3)
        return {next(what for what, words in WORDS.items() if words == each): count for each, count in told}

    morning(context, date(2022, 6, 16))
    assert standing(date(2022, 6, 21), None) == {}
    wednesday = date(2022, 6, 22)  # since before Friday: the fourth working day after
    assert standing(wednesday, None) == {"to_check": 1, "owed": 2}
    assert standing(wednesday, DEPARTMENT) == {"to_check": 1, "owed": 2}
    assert standing(wednesday, DESK) == {}
    written(context, THURSDAY)
    delivered(context, 1, THURSDAY + timedelta(hours=1))
    assert standing(wednesday, BRANCH) == {"to_check": 1, "drafted": 1, "desk": 1}
    assert standing(date(2022, 6, 29), None)["promise_near"] == 1


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
