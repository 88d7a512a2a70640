"""The way of a letter from its draft to the new date that is kept or missed, on a real store."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from letters.correcting import Correction, correct
from letters.delivery import delivery_of
from letters.issue import due
from letters.keeping import keep_ledger
from letters.moving import (
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
from letters.register import located
from letters.reissue import LetterScope
from letters.signers import sign
from tests.ledger_steps import (
    POLICY,
    TUESDAY,
    WEDNESDAY,
    all_the_way,
    asker,
    change,
    finish,
    keep,
    letters,
    standing,
    written,
)
from tests.letter_world import (
    add_catalogue,
    add_dossiers,
    at,
    dossier,
    ended,
    policy,
)
from tracker.errors import UsageError
from tracker.store import letter_moves, obligation_store
from tracker.store.models import LetterNotice, Obligation
from tracker.store.session import Store


@pytest.fixture
def world(store: Store) -> Store:
    """A store with an invented catalogue."""
    add_catalogue(store)
    return store


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
    monkeypatch.setattr("tests.ledger_steps.POLICY", twice)
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
