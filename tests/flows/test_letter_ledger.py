"""The ledger of apologies from the first foreseen lateness to the new date that is kept or missed, on a real store."""

import random
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text, update

from letters.correcting import Correction, correct
from letters.deciding import make_owed, set_fault_unit, set_reason, waive
from letters.delivery import delivery_of
from letters.issue import draft, due
from letters.keeping import LedgerReport, keep_ledger
from letters.ledger import ledger_state
from letters.moving import (
    Asker,
    MoveReport,
    Told,
    approve,
    deliver,
    desk_did,
    give_back,
    note_told,
    tell_desk,
    void,
)
from letters.obligations import LetterKind
from letters.path import Step
from letters.register import LetterFolder, located
from letters.reissue import LetterScope
from letters.signers import sign
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
from tracker.errors import UsageError
from tracker.store import letter_moves, letter_store, obligation_store
from tracker.store.delay_reasons import NewReason, add_reason
from tracker.store.letter_moves import Move
from tracker.store.models import Dossier, Letter, LetterNotice, Obligation
from tracker.store.session import Store

POLICY = policy()
TUESDAY, WEDNESDAY, THURSDAY = (
    at(14),
    at(15),
    at(16),
)  # every dossier of the world is due on Wednesday 15/06/2022


@pytest.fixture
def world(store: Store) -> Store:
    """A store with an invented catalogue."""
    add_catalogue(store)
    return store


def keep(store: Store, moment: datetime, **more: Any) -> LedgerReport:
    return keep_ledger(store, moment, policy(**more) if more else POLICY, now=moment)


def states(store: Store) -> dict[int, tuple[str, str]]:
    with store.read() as session:
        rows = session.execute(select(Obligation.dossier_id, Obligation.state, Obligation.reason))
        return {number: (state, reason) for number, state, reason in rows}


def standing(store: Store) -> dict[int, str]:
    with store.read() as session:
        kept = obligation_store.kept_rows(session)
    return {number: ledger_state(row.state, row.letter_state, row.promise) for number, row in kept.items()}


def change(store: Store, number: int, **values: Any) -> None:
    with store.transaction() as session:
        session.execute(update(Dossier).where(Dossier.id == number).values(**values))


def finish(store: Store, number: int, end: datetime) -> None:
    change(store, number, ended_at=end, finished_at=end, end_kind="finished", status="done")


def written(store: Store, tmp_path: Path, moment: datetime, **more: Any) -> list[Any]:
    folder = LetterFolder(tmp_path / "letters" / "2022", tmp_path)
    draft(store, LetterScope(moment, **more), POLICY, folder, now=moment, actor="soan")
    return letters(store)


def letters(store: Store) -> list[Any]:
    with store.read() as session:
        return list(session.execute(select(*Letter.__table__.columns).order_by(Letter.id)))


def asker(moment: datetime, login: str = "thutruong") -> Asker:
    return Asker(login, moment)


def numbered(store: Store, ids: list[int], moment: datetime) -> None:
    with store.transaction() as session:
        letter_store.lock_register(session)
        moves = [
            Move(
                letter,
                Step.NUMBERED,
                {"state": "numbered", "number": f"{letter.letter_id}/PXL", "issued_on": moment.date()},
            )
            for letter in letter_moves.letters_to_move(session, ids)
        ]
        letter_moves.move(session, moves, actor="vanthu", at=moment)


def all_the_way(store: Store, ids: list[int], moment: datetime) -> MoveReport:
    """Approved, signed, numbered and delivered at one moment."""
    assert approve(store, ids, asker(moment)).refused == ()
    assert sign(store, ids, moment.date(), asker(moment)).refused == ()
    numbered(store, ids, moment)
    return deliver(store, ids, Told("in_person", moment, "Lê Thị Bịa"), asker(moment))


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
    assert keep(world, TUESDAY).total == 0
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


# ---------------------------------------------------------------- the way of a letter


def test_nobody_approves_what_he_wrote_or_corrected(world: Store, tmp_path: Path) -> None:
    add_dossiers(world, dossier(1), dossier(2))
    written(world, tmp_path, at(20))
    assert [each.letter_id for each in approve(world, [1, 2], asker(at(20), "soan")).refused] == [1, 2]
    correct(
        world,
        [2],
        Correction(reason="lý do khác"),
        POLICY,
        tmp_path,
        asker(at(20), "phophong"),
        lambda *_: None,
    )
    report = approve(world, [1, 2], asker(at(20), "phophong"))
    assert (report.moved, [each.letter_id for each in report.refused]) == ((1,), [2])


def test_what_is_owed_no_longer_is_neither_approved_nor_sent(world: Store, tmp_path: Path) -> None:
    add_dossiers(world, dossier(1), dossier(2))
    written(world, tmp_path, TUESDAY)
    approve(world, [2], asker(TUESDAY))
    sign(world, [2], TUESDAY.date(), asker(TUESDAY))
    for number in (1, 2):
        finish(world, number, at(14, hour=19))
    with world.transaction() as session:  # as where the ledger was kept and the draft was written meanwhile
        session.execute(update(Obligation).values(state="closed", reason="finished_in_time"))
    assert [each.letter_id for each in approve(world, [1], asker(WEDNESDAY)).refused] == [1]
    with world.read() as session, pytest.raises(UsageError, match="không còn phải xin lỗi"):
        delivery_of(session, tmp_path, 2, "email")


def test_a_correction_changes_register_and_file_together(world: Store, tmp_path: Path) -> None:
    add_dossiers(world, dossier(1))
    before = written(world, tmp_path, at(20))[0]
    day = date(2022, 7, 15)
    report = correct(
        world, [1], Correction("chờ trích đo", day), POLICY, tmp_path, asker(at(20)), lambda *_: None
    )
    after = letters(world)[0]
    assert report.moved == (1,)
    assert (after.reason, after.new_due_at.date(), after.state) == ("chờ trích đo", day, "drafted")
    assert not located(tmp_path, before.file).exists()
    assert located(tmp_path, after.file).read_bytes()[:2] == b"PK"
    for wrong in (at(19).date(), date(2022, 7, 16)):  # passed; a Saturday
        refused = correct(
            world, [1], Correction(None, wrong), POLICY, tmp_path, asker(at(20)), lambda *_: None
        )
        assert refused.moved == ()


def test_a_letter_goes_step_by_step_and_opens_its_promise_when_delivered(
    world: Store, tmp_path: Path
) -> None:
    add_dossiers(world, dossier(1), ended(2, at(20)))
    written(world, tmp_path, at(20, hour=18), kind=LetterKind.OVERDUE)
    written(world, tmp_path, at(20, hour=18))
    moment = at(21)
    assert deliver(world, [1], Told("post", moment, ""), asker(moment)).moved == ()
    assert all_the_way(world, [1, 2], moment).moved == (1, 2)
    tell_desk(world, [1, 2], Told("handover", moment, "Lê Thị Bịa"), asker(moment))
    assert desk_did(world, [1, 2], asker(moment)).moved == (1,)  # the other one names no new date
    note_told(world, [1], Told("zalo", moment, "Lê Thị Bịa", "đã xem"), asker(moment))
    first, second = letters(world)
    assert (first.promise, second.promise) == ("open", "")
    assert first.desk_told_at == first.desk_done_at == moment
    with world.read() as session:
        notices = session.execute(
            select(LetterNotice.letter_id, LetterNotice.purpose, LetterNotice.channel)
        ).all()
        steps = [step for step, *_ in letter_moves.steps_of(session, [1])[1]]
    assert {(1, "notice", "zalo"), (2, "desk", "handover")} <= {tuple(each) for each in notices}
    assert steps == [
        "drafted", "approved", "signed", "numbered", "delivered", "desk_told", "desk_done", "notice",
    ]  # fmt: skip
    assert standing(world) == {1: "delivered", 2: "delivered"}


def test_an_approved_letter_is_returned_and_a_voided_one_is_owed_again(world: Store, tmp_path: Path) -> None:
    add_dossiers(world, dossier(1))
    written(world, tmp_path, at(20))
    approve(world, [1], asker(at(20)))
    assert give_back(world, [1], "sai ngày", asker(at(20))).moved == (1,)
    assert void(world, [1], "soạn nhầm", asker(at(20))).moved == (1,)
    assert standing(world) == {1: "owed"}
    assert [(letter.seq, letter.state) for letter in written(world, tmp_path, at(21))] == [
        (1, "void"),
        (2, "drafted"),
    ]


PROMISES = [
    (at(5, month=7), "promise_kept"),  # the new date itself
    (at(6, month=7, hour=8), "promise_broken"),
    (None, "promise_broken"),
]


@pytest.mark.parametrize(("end", "state"), PROMISES)
def test_the_new_date_is_kept_or_missed(
    world: Store, tmp_path: Path, end: datetime | None, state: str
) -> None:
    add_dossiers(world, dossier(1))
    written(world, tmp_path, at(20, hour=18))
    assert letters(world)[0].new_due_at.date() == date(2022, 7, 4)
    correct(
        world, [1], Correction(None, date(2022, 7, 5)), POLICY, tmp_path, asker(at(21), "b"), lambda *_: None
    )
    all_the_way(world, [1], at(21))
    keep(world, at(5, month=7))
    assert standing(world) == {1: "delivered"}
    if end is not None:
        finish(world, 1, end)
    report = keep(world, at(7, month=7))
    assert standing(world) == {1: state}
    assert report.escalated == ((1,) if end is None else ())
    assert written(world, tmp_path, at(8, month=7))[-1].seq == 1, "a date is moved once only"
    assert keep(world, at(9, month=7)).total == 0
    with world.read() as session:
        told = [step.note for step in obligation_store.steps_of(session, 1)]
    assert told.count("escalated") == (end is None)


def test_a_dossier_taken_back_neither_keeps_nor_misses_its_new_date(world: Store, tmp_path: Path) -> None:
    add_dossiers(world, dossier(1))
    written(world, tmp_path, at(20, hour=18))
    all_the_way(world, [1], at(21))
    change(world, 1, ended_at=at(25), withdrawn_at=at(25), end_kind="withdrawn", status="withdrawn")
    keep(world, at(8, month=7))
    assert (standing(world), letters(world)[0].promise) == ({1: "delivered"}, "")
    with world.read() as session:
        assert letter_moves.steps_of(session, [1])[1][-1][0] == "promise_ended"


def test_where_the_rule_allows_two_dates_the_second_is_the_last(
    world: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_dossiers(world, dossier(1))
    twice = policy(max_reappointments=2)
    monkeypatch.setattr("tests.flows.test_letter_ledger.POLICY", twice)
    moment = at(21)
    for seq in (1, 2):
        found = written(world, tmp_path, moment)
        assert [letter.seq for letter in found] == list(range(1, seq + 1))
        all_the_way(world, [seq], moment)
        moment = moment + timedelta(days=30)
        escalated = keep_ledger(world, moment, twice, now=moment).escalated
        assert escalated == ((1,) if seq == 2 else ())
    assert standing(world) == {1: "promise_broken"}
    assert len(written(world, tmp_path, moment + timedelta(days=1))) == 2


def test_an_advance_letter_that_was_not_signed_in_time_gives_way_to_another_kind(
    world: Store, tmp_path: Path
) -> None:
    add_dossiers(world, dossier(1), dossier(2))
    assert [letter.kind for letter in written(world, tmp_path, TUESDAY)] == ["advance", "advance"]
    approve(world, [1, 2], asker(TUESDAY))
    sign(world, [2], TUESDAY.date(), asker(TUESDAY))
    finish(world, 1, at(20))
    found = written(world, tmp_path, at(20, hour=18))
    assert [(letter.dossier_id, letter.kind, letter.state) for letter in found] == [
        (1, "advance", "void"), (2, "advance", "signed"), (1, "returned_late", "drafted"),
    ]  # fmt: skip


def test_a_draft_whose_new_date_passed_unsigned_is_written_anew(world: Store, tmp_path: Path) -> None:
    add_dossiers(world, dossier(1))
    written(world, tmp_path, at(20))
    found = written(world, tmp_path, at(20, month=7))
    assert [(letter.state, letter.new_due_at.date()) for letter in found] == [
        ("void", date(2022, 7, 4)), ("drafted", date(2022, 8, 3)),
    ]  # fmt: skip


def test_an_advance_letter_promises_a_day_after_the_one_that_will_be_missed(
    world: Store, tmp_path: Path
) -> None:
    add_dossiers(world, dossier(1))
    letter = written(world, tmp_path, TUESDAY)[0]
    assert (letter.due_at, letter.new_due_at.date()) == (
        at(15),
        date(2022, 6, 29),
    )  # ten working days after the 15th
    scope = LetterScope(TUESDAY, kind=LetterKind.ADVANCE)
    assert [line.facts.kind for line in due(world, scope, POLICY).owed] == [LetterKind.ADVANCE]


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
