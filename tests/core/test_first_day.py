"""The ten steps of the first day: what each rule makes of the facts, one boundary a row."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from app.first_day_words import STATES as STATE_WORDS
from app.first_day_words import STEPS as STEP_WORDS
from tracker.measures.first_day import (
    NEEDED,
    STEPS,
    Facts,
    Gap,
    Loads,
    People,
    Said,
    StepState,
    Years,
    covered,
    first_day,
)
from tracker.types import VN

NOW = datetime(2026, 8, 24, 9, 30, tzinfo=VN)
SAID = Said("lan", NOW - timedelta(hours=1))
ROLES = {"admin": 1, "desk": 2, "head": 1, "reform": 1, "auditor": 1}
READY = Facts(
    people=People(1, 0, 0, ROLES, 3),
    units=20, office="UBND phường Thử", units_said=SAID,
    years=Years("Thứ Hai: 07:00–11:30", (), 20, 2, (), "lich-1"), calendar_said=Said("lan", NOW, "lich-1"),
    loads=Loads(1, 100, 98, 2, 0, True, 0, NOW), dossiers=100,
    start=date(2026, 8, 1), start_said=SAID,
    mail_host="thu.vi-du.vn", mail_mark="thu-1", mail_said=Said("lan", NOW, "thu-1"),
    backup=NOW - timedelta(hours=3), backup_folder="/sao-luu", is_backup_encrypted=True,
    scheduler=NOW, worker=NOW, late=7, ready=SAID,
)  # fmt: skip
TODO, DONE, UNUSED = StepState.TODO, StepState.DONE, StepState.UNUSED


def state(facts: Facts, key: str) -> StepState:
    """How a step stands."""
    return next(step.state for step in first_day(facts, NOW).steps if step.key == key)


def test_where_everything_is_done_nothing_is_open_and_each_step_says_what_it_found() -> None:
    found = first_day(READY, NOW)
    assert [step.state for step in found.steps] == [DONE] * 10
    assert (found.open, found.done, found.ready) == ((), 10, SAID)
    assert all(step.found and not step.todo for step in found.steps)


def test_the_empty_program_has_every_step_open_but_mail_which_it_does_not_use() -> None:
    found = first_day(Facts(), NOW)
    assert {step.key for step in found.steps if step.state is not TODO} == {"mail"}
    assert all(step.todo for step in found.open)
    assert {step.key for step in found.hinders} == NEEDED


@pytest.mark.parametrize(
    ("key", "changes", "wanted"),
    [
        ("accounts", {"people": People(1, 1, 0, ROLES, 3)}, TODO),
        ("accounts", {"people": People(1, 0, 1, ROLES, 3)}, TODO),
        ("accounts", {"people": People(0, 0, 0, ROLES, 3)}, TODO),
        ("office", {"units_said": None}, TODO),
        ("office", {"people": People(1, 0, 0, {**ROLES, "head": 0}, 3)}, TODO),
        ("office", {"people": People(1, 0, 0, {"desk": 1, "head": 1}, 3)}, DONE),
        ("calendar", {"calendar_said": None}, TODO),
        ("calendar", {"calendar_said": Said("lan", NOW, "lich-0")}, TODO),
        ("calendar", {"years": replace(READY.years, missing=(2027,))}, TODO),
        ("loads", {"loads": replace(READY.loads, balances=False)}, TODO),
        ("loads", {"loads": replace(READY.loads, still_rejected=2)}, DONE),
        ("loads", {"dossiers": 0}, TODO),
        ("catalogue", {"without_limit": Gap(3, 5, ("Cấp đổi",))}, DONE),
        ("catalogue", {"without_limit": Gap(3, 6, ("Cấp đổi",))}, TODO),
        ("catalogue", {"strange_units": Gap(1, 5)}, DONE),
        ("catalogue", {"strange_units": Gap(1, 6)}, TODO),
        ("start", {"start_said": None, "start": None}, TODO),
        ("start", {"start": None}, DONE),
        ("start", {"start_said": None, "is_start_configured": True}, DONE),
        ("mail", {"mail_host": ""}, UNUSED),
        ("mail", {"mail_said": None}, TODO),
        ("mail", {"mail_mark": "thu-2"}, TODO),
        ("backup", {"backup": None}, TODO),
        ("backup", {"backup": NOW - timedelta(days=2)}, TODO),
        ("backup", {"backup": NOW - timedelta(days=2) + timedelta(seconds=1)}, DONE),
        ("backup", {"backup_fault": "Khóa nằm cùng chỗ."}, TODO),
        ("services", {"worker": NOW - timedelta(minutes=5)}, DONE),
        ("services", {"worker": NOW - timedelta(minutes=5, seconds=1)}, TODO),
        ("services", {"scheduler": None}, TODO),
        ("late_list", {"late": None}, TODO),
        ("late_list", {"ready": None}, TODO),
        ("late_list", {"late": 0}, DONE),
    ],
)  # fmt: skip
def test_a_step_is_open_exactly_where_something_is_missing(key, changes, wanted) -> None:
    found = replace(READY, **changes)
    assert state(found, key) is wanted
    others = {step.key for step in first_day(found, NOW).open} - {key}
    assert others <= ({"catalogue", "loads"} if "dossiers" in changes else set())


def test_a_share_of_nothing_is_whole() -> None:
    assert covered(Gap(3, 5), 0) == 100
    assert covered(Gap(3, 5), 20) == 75


def test_every_step_and_state_has_its_words() -> None:
    assert list(STEP_WORDS) == list(STEPS)
    assert set(STATE_WORDS) == set(StepState)
    assert set(STEPS) > NEEDED
