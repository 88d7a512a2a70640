"""The proposed new date of a unit whose late dossiers took their time, from the store to the command's answer."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from letters.case import Names
from letters.experience import FEWEST
from letters.experience_book import experience_on, proposed_new_due
from letters.issue import due
from letters.obligations import LetterKind
from letters.reissue import LetterScope
from tests.core import oracle
from tests.flows.test_letters_flow import command
from tests.letter_world import (
    AS_OF,
    BRANCH,
    DEPARTMENT,
    OLD_BRANCH,
    PROCEDURE,
    add_catalogue,
    add_dossiers,
    at,
    dossier,
    ended,
    policy,
)
from tracker.store.letter_candidates import late_candidates, load_catalogue
from tracker.store.session import Store

KNOWING = replace(policy(), by_experience=True)
LAST_DAY = date(2022, 12, 31)
LONG_AGO = at(30, month=12, year=2021)


@pytest.fixture
def world(store: Store) -> Store:
    """An open dossier, due on 15/06/2022."""
    add_catalogue(store)
    add_dossiers(store, dossier(1))
    return store


def proposed(store: Store) -> tuple[date | None, int | None]:
    (line,) = [
        line for line in due(store, LetterScope(AS_OF), KNOWING).owed if line.facts.code.endswith("0001")
    ]
    return line.facts.new_due_on, line.rests_on.days if line.rests_on else None


@pytest.mark.parametrize(
    ("changed", "count", "days"),
    [
        ({}, FEWEST, 4),
        ({}, FEWEST - 1, None),
        ({"resolving_unit_id": DEPARTMENT}, FEWEST, None),
        ({"procedure_id": None}, FEWEST, 4),  # then by the unit
        ({"status": "deleted"}, FEWEST, None),
        ({"source_due_at": LONG_AGO, "ended_at": at(31, month=12, hour=23, year=2021)}, FEWEST, None),
        ({"source_due_at": LONG_AGO, "ended_at": at(1, month=1, hour=0)}, FEWEST, 1),  # twelve months ago
        ({"ended_at": at(1, month=1, hour=0, year=2023)}, FEWEST, None),  # of the letter's own day
    ],
)
def test_who_is_counted(world: Store, changed: dict[str, Any], count: int, days: int | None):
    rows = [{**ended(number, at(21)), **changed} for number in range(2, 2 + count)]
    add_dossiers(world, *rows)
    assert proposed(world)[1] == days


def test_dossiers_of_a_unit_that_was_merged_teach_the_one_that_answers_now(world: Store):
    rows = [ended(number, at(21)) for number in range(2, 2 + FEWEST)]
    dates = {"source_due_at": at(3, month=3, year=2025), "ended_at": at(10, month=3, year=2025)}
    later = [{**ended(number, at(21)), **dates} for number in range(102, 102 + FEWEST)]
    add_dossiers(world, *rows, *later)
    with world.read() as session:
        names = Names(load_catalogue(session))
        merged = date(2025, 7, 1)
        in_2022 = experience_on(session, KNOWING, names, date(2022, 12, 1))
        in_2025 = experience_on(session, KNOWING, names, merged)
        of_new = experience_on(session, KNOWING, names, merged, unit_id=BRANCH)
    assert in_2022
    assert in_2022.find(OLD_BRANCH, PROCEDURE)
    assert in_2022.find(BRANCH, PROCEDURE) is None
    for book in (in_2025, of_new):
        assert book
        assert book.find(BRANCH, PROCEDURE)


def test_random_dossiers_teach_what_a_slow_count_finds(world: Store):
    random = Random(7)
    ends = [at(16) + timedelta(days=random.randrange(260)) for _ in range(300)]
    add_dossiers(world, *(ended(number, end) for number, end in enumerate(ends, 2)))
    days = sorted(
        oracle.workdays_between(date(2022, 6, 15), end.date()) for end in ends if end.date() <= LAST_DAY
    )
    expected = next(days[place] for place in range(len(days)) if (len(days) - place - 1) * 4 <= len(days))
    new_due, known = proposed(world)
    assert known == expected
    left = max(10, expected - oracle.workdays_between(date(2022, 6, 15), AS_OF.date()))
    day = AS_OF.date()
    while left:
        day += timedelta(days=1)
        left -= oracle.worked(day)
    assert new_due == day
    with world.read() as session:
        (found,) = [
            each
            for chunk in late_candidates(session, as_of_epoch=int(AS_OF.timestamp()))
            for each in chunk
            if each.dossier_id == 1
        ]
        alone = proposed_new_due(session, KNOWING, found, LetterKind.OVERDUE, AS_OF.date())
    assert alone
    assert alone.rests_on
    assert (alone.day, alone.rests_on.days) == (new_due, known)


def test_without_the_switch_nothing_is_asked_and_the_usual_days_stand(world: Store):
    add_dossiers(world, *(ended(number, at(21)) for number in range(2, 2 + FEWEST)))
    (line,) = [
        line for line in due(world, LetterScope(AS_OF), policy()).owed if line.facts.code.endswith("0001")
    ]
    assert line.rests_on is None


def test_the_command_says_on_what_the_new_date_rests(world: Store, tmp_path: Path):
    add_dossiers(world, *(ended(number, at(21)) for number in range(2, 2 + FEWEST)))
    _, answer = command(tmp_path, world, "due", "--as-of", "2023-01-01")
    told = {row["code"]: row["new_due_rests_on"] for row in answer["rows"]}
    assert told["T.18-220601-0001"] == {
        "dossiers": 20,
        "days": 4,
        "of_procedure": True,
        "words": "theo 20 hồ sơ quá hạn cùng thủ tục đã xong trong 12 tháng, "
        "75 % xong trong 4 ngày làm việc sau ngày hẹn",
    }
    assert told["T.18-220601-0002"] is None  # it has ended: nothing is promised
