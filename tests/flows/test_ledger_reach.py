"""The ledger's narrow run finds what a run over everything finds, and is whole wherever that cannot be known."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from letters import reach
from letters.deciding import waive
from letters.keeping import keep_ledger
from letters.moving import void
from letters.signers import sign
from tests.flows.office import Office, csv_text, row
from tests.ledger_histories import BEGUN, World, acts
from tests.ledger_steps import asker, change, finish, states
from tests.letter_world import BRANCH, DEPARTMENT, add_catalogue, add_dossiers, at, dossier, ended, policy
from tracker.store import ledger_marks, obligation_store
from tracker.store.models import CalendarDay, Unit
from tracker.store.session import Store

HOLIDAY = {
    "id": 1, "calendar": "B", "day": at(29).date(), "replaces": None, "sessions": "", "name": "Nghỉ", "notice": "1/TB",
    "provisional": False, "change_id": None, "known_from": at(1), "known_until": None,
}  # fmt: skip
STEPS = st.lists(st.tuples(acts, st.sampled_from((True, True, False))), min_size=1, max_size=16)


def begun(store: Store, folder: Path) -> World:
    world = World(store, folder, at(16), policy())
    world.begin()
    world.keep(whole=True)
    return world


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(begins=st.booleans(), steps=STEPS)
def test_a_narrow_run_leaves_what_a_whole_one_would_have_left(
    store: Store, tmp_path: Path, begins: bool, steps: list
) -> None:
    with store.read() as session:
        is_new = (
            session.connection().exec_driver_sql("SELECT count(*) FROM unit WHERE id = 900001").scalar() == 0
        )
    if is_new:
        add_catalogue(store)
    world = begun(store, tmp_path)
    for act in BEGUN if begins else ():
        act(world)
    for act, is_kept in steps:
        act(world)
        if is_kept:
            expected = world.would_stand()
            world.keep(whole=False)
            assert world.now_stands() == expected
    world.now += timedelta(hours=1)
    expected = world.would_stand()
    world.keep(whole=False)
    assert world.now_stands() == expected


@pytest.fixture
def world(store: Store, tmp_path: Path) -> World:
    add_catalogue(store)
    return World(store, tmp_path, at(18), policy())


def marked(world: World) -> list[int]:
    with world.store.read() as session:
        return ledger_marks.marked(session).dossiers.tolist()


def state_of(world: World, number: int) -> tuple[str, str]:
    return states(world.store)[number]


def test_a_second_run_looks_only_at_what_may_have_changed(world: World) -> None:
    add_dossiers(world.store, dossier(1), ended(2, at(17)))
    assert world.keep(whole=False).is_whole, "nobody had kept it before"
    add_dossiers(world.store, ended(3, at(17)), ended(4, at(17)))
    with world.store.transaction() as session:
        ledger_marks.mark(session, [3])
    assert not world.keep(whole=False).is_whole
    assert 3 in states(world.store)
    assert 4 not in states(world.store), "nothing was said of it"
    assert world.keep(whole=True).opened == {"owed": 1}
    assert 4 in states(world.store)


def test_two_marks_of_one_second_are_both_looked_at(world: World) -> None:
    world.keep(whole=False)
    add_dossiers(world.store, ended(1, at(17)), ended(2, at(17)))
    for number in (1, 2):
        with world.store.transaction() as session:
            ledger_marks.mark(session, [number])
    world.keep(whole=False)
    assert (sorted(states(world.store)), marked(world)) == ([1, 2], [])


def test_a_run_that_breaks_off_leaves_everything_to_the_next(world: World) -> None:
    add_dossiers(world.store, ended(1, at(17)))
    world.keep(whole=False)
    finish(world.store, 1, at(15))

    def broken(_session: Session, _report: object) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        keep_ledger(world.store, world.now, world.policy, now=world.now, in_same_step=broken)
    assert (state_of(world, 1)[0], marked(world)) == ("owed", [1])
    world.keep(whole=False)
    assert (state_of(world, 1), marked(world)) == (("closed", "finished_in_time"), [])


def test_what_is_marked_while_a_run_is_under_way_waits_for_the_next(world: World) -> None:
    add_dossiers(world.store, ended(1, at(17)))
    world.keep(whole=False)

    def told(session: Session, _report: object) -> None:
        ledger_marks.mark(session, [1])

    keep_ledger(world.store, world.now, world.policy, now=world.now, in_same_step=told)
    assert marked(world) == [1]


def test_who_was_overtaken_by_another_run_leaves_a_whole_one_to_be_made(world: World) -> None:
    world.keep(whole=False)
    with world.store.read() as session:
        before = ledger_marks.kept_until(session)
    world.keep(whole=False)
    with world.store.transaction() as session:
        assert not ledger_marks.put_kept(session, before=before, as_of=world.now, rules="x")
        ledger_marks.forget(session)
    assert world.keep(whole=False).is_whole


def test_other_rules_another_start_and_another_calendar_are_looked_at_in_everything(world: World) -> None:
    world.keep(whole=False)
    for other in (policy(max_reappointments=2), policy(letters_from=at(1).date())):
        world.policy = other
        assert world.keep(whole=False).is_whole
        assert not world.keep(whole=False).is_whole
    with world.store.transaction() as session:
        session.execute(insert(CalendarDay), [HOLIDAY])
    assert world.keep(whole=False).is_whole


def test_a_unit_that_hands_over_by_the_clock_alone_is_seen(world: World) -> None:
    with world.store.transaction() as session:
        values = {"valid_to": at(20).date(), "successor_id": BRANCH}
        session.execute(update(Unit).where(Unit.id == DEPARTMENT).values(**values))
    add_dossiers(world.store, ended(1, at(17), resolving_unit_id=DEPARTMENT))
    world.keep(whole=False)
    world.now = at(24)
    assert world.keep(whole=False).is_whole
    with world.store.read() as session:
        assert obligation_store.units_of(session, [1]) == [BRANCH]


def test_what_was_judged_for_a_later_moment_is_looked_at_when_that_has_come(world: World) -> None:
    add_dossiers(world.store, ended(1, at(17)))
    world.now = at(28)
    world.keep(whole=False)
    finish(world.store, 1, at(15))
    for day in (18, 19, 20):
        world.keep(whole=False, as_of=at(day))
    assert state_of(world, 1)[0] == "owed"
    world.now = at(29)
    assert not world.keep(whole=False).is_whole
    assert state_of(world, 1) == ("closed", "finished_in_time")


def test_what_was_judged_for_a_day_that_has_not_come_is_judged_anew(world: World) -> None:
    add_dossiers(world.store, ended(1, at(17)))
    world.now = at(28)
    world.keep(whole=False)
    finish(world.store, 1, at(15))
    world.now = at(20)
    world.keep(whole=False)
    assert state_of(world, 1) == ("closed", "finished_in_time")


def test_a_waiver_that_the_dates_contradict_is_seen_without_a_word_of_any_source(world: World) -> None:
    add_dossiers(world.store, ended(1, at(17), documented_due_at=at(20)))
    world.keep(whole=False)
    waive(world.store, [1], "chưa rõ", asker(world.now))
    change(world.store, 1, documented_due_at=at(15))
    world.keep(whole=False)
    assert state_of(world, 1) == ("to_check", "after_waiver")
    waive(world.store, [1], "vẫn chưa rõ", asker(world.now))
    assert not world.keep(whole=False).is_whole
    assert state_of(world, 1) == ("to_check", "after_waiver")


def test_a_signed_letter_that_is_voided_lets_the_first_day_count_again(world: World) -> None:
    add_dossiers(world.store, ended(1, at(17)))
    for act in BEGUN[:2]:
        act(world)
    sign(world.store, world.letters("approved"), world.now.date(), asker(world.now))
    world.policy = policy(letters_from=at(18).date())
    for _ in range(2):
        world.keep(whole=False)
    assert state_of(world, 1)[0] == "owed"
    void(world.store, world.letters("signed"), "ký nhầm", asker(world.now))
    assert not world.keep(whole=False).is_whole
    assert state_of(world, 1)[0] == "before_start"


def test_more_marks_than_are_worth_looking_at_one_by_one_are_a_whole_run(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.keep(whole=False)
    monkeypatch.setattr(reach, "MOST", 1)
    with world.store.transaction() as session:
        ledger_marks.mark(session, [1, 2])
    assert world.keep(whole=False).is_whole


# ---------------------------------------------------------------- who puts marks down

LATE = row(1, finished_at="21/03/2022 09:00:00", status="Đã trả kết quả")


def kept(office: Office, *more: str) -> dict[str, Any]:
    return dict(office.ask("letters", "keep", *more))


def test_loads_mark_what_they_bring_and_change(office: Office) -> None:
    office.ingest(office.write("1.csv", csv_text([row(1), row(2)])))
    assert kept(office)["whole"]
    office.ingest(
        office.write(
            "2.csv", csv_text([LATE, row(2), row(3, **dict(LATE, dossier_code="H15.03-220301-0003"))])
        )
    )
    found = kept(office)
    assert (found["whole"], found["missed"]) == (False, None)
    whole = kept(office, "--all")
    assert (whole["whole"], whole["missed"]) == (True, 0)
    assert [
        action for (action,) in office.query("SELECT action FROM audit_entry WHERE action = 'ledger_check'")
    ]
