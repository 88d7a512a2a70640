"""The ledger of apologies: what is foreseen, opened, decided and closed, on a real store, and that it balances."""

import random
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from letters.deciding import make_owed, set_fault_unit, set_reason, waive
from letters.issue import draft, due
from letters.keeping import keep_ledger
from letters.moving import (
    Asker,
)
from letters.obligations import LetterKind
from letters.register import LetterFolder
from letters.reissue import LetterScope
from tests.ledger_steps import (
    POLICY,
    THURSDAY,
    TUESDAY,
    all_the_way,
    asker,
    change,
    keep,
    letters,
    standing,
    states,
    written,
)
from tests.letter_world import (
    BRANCH,
    DEPARTMENT,
    OLD_BRANCH,
    add_catalogue,
    add_dossiers,
    at,
    dossier,
    ended,
    policy,
    suspend,
)
from tracker.store import obligation_store
from tracker.store.delay_reasons import NewReason, add_reason
from tracker.store.models import Obligation
from tracker.store.session import Store


@pytest.fixture
def world(store: Store) -> Store:
    """A store with an invented catalogue."""
    add_catalogue(store)
    return store


# ---------------------------------------------------------------- opening and closing


def test_lateness_is_foreseen_on_the_last_working_day_before_the_due_date(world: Store) -> None:
    add_dossiers(world, dossier(1))
    assert keep(world, at(13)).total == 0
    keep(world, TUESDAY)
    assert states(world) == {1: ("owed", "foreseen")}
    keep(world, THURSDAY)
    assert states(world) == {1: ("owed", "late")}
    with world.read() as session:
        told = [(step.state, step.reason) for step in obligation_store.steps_of(session, 1)]
    assert told == [("owed", "foreseen"), ("owed", "late")]


OPENED = [
    ({}, ("owed", "late")),
    ({"source_due_at": None}, ("owed", "no_source_date")),
    ({"documented_due_at": None}, ("owed", "not_computable")),
    ({"documented_due_at": at(30)}, ("to_check", "source_only")),
    ({"source_due_at": at(30)}, ("to_check", "documented_only")),
    ({"source_due_at": at(30), "documented_due_at": at(30)}, ("to_check", "promised_only")),
    ({"source_due_at": at(30), "documented_due_at": at(30), "promised_at": at(30)}, None),
    ({"status": "filed"}, None),
    ({"status": "deleted"}, None),
]


@pytest.mark.parametrize(("facts", "wanted"), OPENED)
def test_what_is_late_on_any_basis_stands_in_the_ledger(
    world: Store, facts: dict[str, Any], wanted: tuple[str, str] | None
) -> None:
    add_dossiers(
        world, dossier(1, **facts), ended(2, at(20), **{k: v for k, v in facts.items() if k != "status"})
    )
    keep(world, at(20, hour=23))
    found = states(world)
    assert found.get(1) == wanted
    assert found.get(2) == (wanted if "status" not in facts else ("owed", "late"))


def test_a_dossier_taken_back_late_is_shown_and_owes_nothing(world: Store) -> None:
    add_dossiers(world, ended(1, at(20), "withdrawn"), ended(2, at(15), "withdrawn"))
    change(world, 1, status="withdrawn")
    keep(world, at(30))
    assert states(world) == {1: ("waived", "withdrawn")}


def test_what_is_suspended_before_its_due_date_owes_nothing(world: Store) -> None:
    add_dossiers(world, dossier(1), dossier(2))
    suspend(world, 1, at(10), None)
    suspend(world, 2, at(20), None)
    keep(world, at(30))
    assert states(world) == {2: ("owed", "late")}


CLOSED = [
    ({"ended_at": at(15, hour=9), "end_kind": "finished", "status": "done"}, "finished_in_time"),
    ({"source_due_at": at(30), "documented_due_at": at(30), "promised_at": at(30)}, "no_longer_late"),
    ({"status": "deleted"}, "gone"),
]


@pytest.mark.parametrize(("facts", "reason"), CLOSED)
def test_what_is_late_no_longer_is_closed_with_the_reason_and_its_draft_voided(
    world: Store, tmp_path: Path, facts: dict[str, Any], reason: str
) -> None:
    add_dossiers(world, dossier(1))
    assert [letter.kind for letter in written(world, tmp_path, TUESDAY)] == ["advance"]
    change(world, 1, **facts)
    report = keep(world, at(15, hour=18))
    assert (states(world)[1], report.voided) == (("closed", reason), 1)
    assert [letter.state for letter in letters(world)] == ["void"]


def test_a_suspension_closes_what_was_foreseen(world: Store) -> None:
    add_dossiers(world, dossier(1))
    keep(world, TUESDAY)
    suspend(world, 1, at(14, hour=18), None)
    keep(world, THURSDAY)
    assert states(world)[1] == ("closed", "suspended")


def test_before_the_first_day_of_letters_nothing_is_owed_until_a_person_opens_it(
    world: Store, tmp_path: Path
) -> None:
    add_dossiers(world, ended(1, at(20)), ended(2, at(1, month=7)), dossier(3))
    begun = {"letters_from": date(2022, 7, 1)}
    keep(world, at(5, month=7), **begun)
    assert {number: state for number, (state, _) in states(world).items()} == {
        1: "before_start", 2: "owed", 3: "owed",
    }  # fmt: skip
    folder = LetterFolder(tmp_path / "letters" / "2022", tmp_path)
    run = {"now": at(5, month=7), "actor": "soan"}
    draft(world, LetterScope(at(5, month=7)), policy(**begun), folder, **run)
    assert [letter.dossier_id for letter in letters(world)] == [2, 3]
    make_owed(world, [1], "theo chỉ đạo", asker(at(6, month=7)))
    draft(world, LetterScope(at(6, month=7)), policy(**begun), folder, **run)
    assert [letter.dossier_id for letter in letters(world)] == [2, 3, 1]


def test_an_earlier_moment_leaves_alone_what_was_judged_for_a_later_one(world: Store) -> None:
    add_dossiers(world, dossier(1))
    keep(world, THURSDAY)
    assert keep_ledger(world, TUESDAY, POLICY, now=THURSDAY).total == 0
    assert states(world) == {1: ("owed", "late")}


def test_what_is_not_late_yet_and_has_no_reason_is_told_apart_from_what_is_lacking(
    world: Store, tmp_path: Path
) -> None:
    add_dossiers(
        world,
        dossier(1, late_reason=""),
        dossier(2, late_reason="", source_due_at=at(10), documented_due_at=at(10)),
    )
    folder = LetterFolder(tmp_path / "letters" / "2022", tmp_path)
    report = draft(world, LetterScope(TUESDAY), POLICY, folder, now=TUESDAY, actor="soan")
    assert (report.written, report.foreseen, [line.code for line in report.lacking]) == (
        0,
        1,
        ["T.18-220601-0002"],
    )
    listed, asked = (
        due(world, LetterScope(TUESDAY), POLICY),
        due(world, LetterScope(TUESDAY), POLICY, foreseen=True),
    )
    assert (listed.foreseen, [line.dossier_id for line in listed.owed]) == (1, [2])
    assert sorted(line.dossier_id for line in asked.owed) == [1, 2]


# ---------------------------------------------------------------- decisions


def test_what_is_to_be_checked_gets_no_draft_before_a_person_decides(world: Store, tmp_path: Path) -> None:
    add_dossiers(world, *(dossier(n, documented_due_at=at(30)) for n in (1, 2, 3)))
    assert written(world, tmp_path, at(20)) == []
    assert make_owed(world, [1], "hẹn trên giấy là 15/6", asker(at(20))).decided == (1,)
    assert waive(world, [2], "người nộp đồng ý lùi ngày", asker(at(20))).decided == (2,)
    found = written(world, tmp_path, at(21))
    assert [(letter.dossier_id, letter.due_at) for letter in found] == [(1, at(15))]
    assert {number: state for number, (state, _) in states(world).items()} == {
        1: "owed",
        2: "waived",
        3: "to_check",
    }
    # Late on both dates now: the waiver rested on doubt that is gone.
    keep(world, at(1, month=7))
    assert {n: s for n, (s, _) in states(world).items()} == {1: "owed", 2: "to_check", 3: "owed"}


def test_waiving_voids_the_draft_and_a_foreign_unit_decides_nothing(world: Store, tmp_path: Path) -> None:
    add_dossiers(world, dossier(1))
    written(world, tmp_path, at(20))
    stranger = Asker("nguoi-la", at(20), frozenset({DEPARTMENT}))
    assert [each.dossier_id for each in waive(world, [1], "nhầm", stranger).refused] == [1]
    assert waive(world, [1], "hồ sơ trùng", asker(at(20))).voided == 1
    assert standing(world) == {1: "waived"}
    assert due(world, LetterScope(at(21)), POLICY).owed == ()


def test_a_persons_reason_goes_before_the_sources_and_a_wider_one_only_fills_in(
    world: Store, tmp_path: Path
) -> None:
    add_dossiers(world, *(dossier(n, late_reason="" if n > 2 else "nguồn ghi") for n in (1, 2, 3, 4)))
    keep(world, at(16))
    set_reason(world, [1, 3], "do người phụ trách ghi", asker(at(16)))
    with world.transaction() as session:
        for text_, unit in (("chung", None), ("của chi nhánh", OLD_BRANCH)):
            add_reason(session, NewReason(unit, None, at(1).date(), at(15).date(), text_), by="x", at=at(16))
        add_reason(
            session, NewReason(OLD_BRANCH, None, at(16).date(), at(30).date(), "kỳ sau"), by="x", at=at(16)
        )
    found = {letter.dossier_id: letter.reason for letter in written(world, tmp_path, at(20))}
    assert found == {
        1: "do người phụ trách ghi",
        2: "nguồn ghi",
        3: "do người phụ trách ghi",
        4: "của chi nhánh",
    }


def test_the_unit_at_fault_drafts_in_place_of_the_resolving_one(world: Store, tmp_path: Path) -> None:
    add_dossiers(world, dossier(1))
    written(world, tmp_path, at(20))
    set_fault_unit(world, [1], DEPARTMENT, "chậm ở khâu thẩm định", asker(at(20)))
    assert written(world, tmp_path, at(21), unit_ids=frozenset({BRANCH}))[0].state == "void"
    assert len(letters(world)) == 1
    found = written(world, tmp_path, at(21), unit_ids=frozenset({DEPARTMENT}))
    assert [(letter.state, letter.unit_id) for letter in found] == [
        ("void", OLD_BRANCH),
        ("drafted", DEPARTMENT),
    ]


# ---------------------------------------------------------------- the whole


@pytest.mark.parametrize("seed", range(6))
def test_the_ledger_balances_after_every_day_and_a_second_run_changes_nothing(
    world: Store, seed: int
) -> None:
    rolled = random.Random(seed)
    days = [at(d) for d in (13, 14, 15, 16, 20, 28)]

    def due_day() -> datetime | None:
        return rolled.choice([None, at(14), at(15), at(16), at(22)])

    rows = []
    for number in range(1, 60):
        dates = {"source_due_at": due_day(), "documented_due_at": due_day(), "promised_at": due_day()}
        kind = rolled.choice(["finished", "refused", "withdrawn"])
        if rolled.random() < 0.4:
            rows.append(dossier(number, **dates))
        else:
            row = ended(number, rolled.choice([at(14), at(15), at(18), at(25)]), kind, **dates)
            rows.append({**row, "status": "withdrawn"} if kind == "withdrawn" else row)
    add_dossiers(world, *rows)
    for day in days:
        keep(world, day)
        with world.read() as session:
            held = {n: s for n, s in session.execute(select(Obligation.dossier_id, Obligation.state))}
        wanted = {row["id"] for row in rows if _late_on_any(row, day)}
        counted = Counter(state for number, state in held.items() if number in wanted)
        assert sum(counted.values()) == len(wanted), f"{wanted - held.keys()} are late and stand nowhere"
        assert counted["closed"] == 0
        assert keep(world, day).total == 0


def _late_on_any(row: dict[str, Any], day: datetime) -> bool:
    """Slowly and by itself: is the dossier late on any basis at the end of this day, counting calendar dates?"""
    end = row["ended_at"] if row["ended_at"] and row["ended_at"] <= day else day
    dues = (row["source_due_at"], row["documented_due_at"], row["promised_at"])
    if row["end_kind"] == "withdrawn" and row["ended_at"] > day:
        return False  # its status says withdrawn from the start: what it was before is not told
    return any(due and end.date() > due.date() for due in dues)


def test_the_columns_of_letters_follow_from_their_steps(world: Store, tmp_path: Path) -> None:
    add_dossiers(world, dossier(1), ended(2, at(20)))
    written(world, tmp_path, at(20, hour=18), kind=LetterKind.OVERDUE)
    written(world, tmp_path, at(20, hour=18))
    all_the_way(world, [1, 2], at(21))
    keep(world, at(30, month=8))
    with world.read() as session:
        last = session.execute(
            text(
                "SELECT letter_id, step FROM letter_step s WHERE seq ="
                " (SELECT MAX(seq) FROM letter_step WHERE letter_id = s.letter_id) ORDER BY 1"
            )
        ).all()
    assert last == [(1, "promise_broken"), (2, "delivered")]
    assert [(letter.state, letter.promise) for letter in letters(world)] == [
        ("delivered", "broken"),
        ("delivered", ""),
    ]
