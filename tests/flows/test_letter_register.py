"""The ledger counted, balanced and listed; its figures recomputed from the steps alone."""

import random
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import insert, select, update

from letters.balance import balance
from letters.compliance import Share, compliance, of_unit
from letters.deciding import waive
from letters.issue import draft
from letters.keeping import keep_ledger
from letters.ledger import Held, LedgerState, ledger_state
from letters.ledger_cases import ComplianceQuestion, Period, case_of, counted
from letters.ledger_lists import ListKey, ListQuestion, ledger_list
from letters.moving import Asker, Told, approve, deliver
from letters.path import LetterState, Promise, Step
from letters.register import LetterFolder
from letters.reissue import LetterScope
from letters.signers import sign
from tests.letter_world import (
    AS_OF,
    BRANCH,
    DEPARTMENT,
    DESK,
    PROVINCE,
    add_catalogue,
    add_dossiers,
    at,
    dossier,
    ended,
    policy,
)
from tracker.store.letter_cases import CaseFilter, CaseRow, case_rows, register_lines
from tracker.store.letter_moves import Move, letters_to_move, move
from tracker.store.letter_register import LedgerFilter, ledger_counts, ledger_page
from tracker.store.letter_store import lock_register
from tracker.store.models import (
    Dossier,
    Letter,
    LetterNotice,
    LetterStep,
    Obligation,
    ObligationStep,
    Signer,
)
from tracker.store.session import Session, Store
from tracker.types import VN

NOW = datetime(2023, 1, 2, 9, tzinfo=VN)


@pytest.fixture
def world(store: Store) -> Store:
    """A store with an invented catalogue."""
    add_catalogue(store)
    return store


# ---------------------------------------------------------------- the ledger, counted


def obligation(number: int, **more: Any) -> dict[str, Any]:
    usual = {"dossier_id": number, "opened_at": AS_OF, "state": "owed", "reason": "late", "unit_id": BRANCH}
    return {**usual, "due_at": at(15), "judged_at": AS_OF, "steps": 1, "escalated_at": None, **more}


def letter(letter_id: int, dossier_id: int, **more: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "id": letter_id, "dossier_id": dossier_id, "seq": 1, "kind": "overdue", "form": "phieu-2018", "state": "drafted",
        "unit_id": BRANCH, "as_of": AS_OF, "due_at": at(15), "new_due_at": None, "reason": "lý do",
        "short_code": f"C{letter_id}", "file": "x.docx", "number": None, "issued_on": None, "promise": "",
    }  # fmt: skip
    return {**usual, **more}


def odd_ledger(store: Store, count: int) -> dict[int, LedgerState]:
    """Obligations with up to three letters each in any state; the state of each by the scalar rule."""
    chosen = random.Random(7)
    rows, letters, expected = [], [], {}
    for number in range(1, count + 1):
        held = chosen.choice([*Held, Held.OWED, Held.OWED])
        newest, promise = None, ""
        for seq in range(1, chosen.randrange(4) + 1):
            state = chosen.choice([*LetterState, LetterState.DELIVERED])
            is_judged = state == LetterState.DELIVERED and chosen.random() < 0.8
            told = chosen.choice(list(Promise)) if is_judged else Promise.NONE
            letters.append(letter(number * 10 + seq, number, seq=seq, state=state.value, promise=told.value))
            if state != LetterState.VOID:
                newest, promise = state.value, told.value
        unit = chosen.choice([BRANCH, DEPARTMENT, None])
        rows.append(obligation(number, state=held.value, unit_id=unit))
        expected[number] = ledger_state(held, newest, promise)
    with store.transaction() as session:
        session.execute(insert(Obligation), rows)
        session.execute(insert(Letter), letters)
    return expected


def test_the_database_gives_every_dossier_the_state_that_the_rule_gives_it(world: Store) -> None:
    expected = odd_ledger(world, 600)
    assert len(set(expected.values())) == len(LedgerState)
    with world.read() as session:
        found = {row.dossier_id: row.state for row in ledger_page(session, LedgerFilter(), limit=1000)}
        counts = ledger_counts(session)
    assert found == expected
    for state in LedgerState:
        assert sum(row.dossiers for row in counts if row.state == state) == list(expected.values()).count(
            state
        )


def test_pages_follow_each_other_without_a_gap_and_keep_to_what_was_asked_for(world: Store) -> None:
    expected = odd_ledger(world, 600)
    chosen = LedgerFilter(frozenset({BRANCH}), LedgerState.OWED)
    pages, after = [], None
    with world.read() as session:
        whole = ledger_page(session, chosen, limit=1000)
        while page := ledger_page(session, chosen, after=after, limit=7):
            pages += page
            after = page[-1].dossier_id
        (counted,) = [row for row in ledger_counts(session, chosen.unit_ids) if row.state == LedgerState.OWED]
        assert ledger_page(session, LedgerFilter(reason="source_only")) == []
    assert pages == whole
    assert len(whole) == counted.dossiers > 14
    assert {row.unit_id for row in whole} == {BRANCH}
    assert {expected[row.dossier_id] for row in whole} == {LedgerState.OWED}


# ---------------------------------------------------------------- balance


def late_world(store: Store) -> None:
    add_dossiers(
        store,
        ended(1, at(20)),
        dossier(2),
        ended(3, at(20), documented_due_at=at(30)),
        ended(4, at(20), "withdrawn"),
        ended(5, at(15)),
        dossier(
            6, source_due_at=at(3, 1, year=2023), documented_due_at=at(3, 1, year=2023), promised_at=None
        ),
    )


def test_a_ledger_that_was_kept_balances(world: Store) -> None:
    late_world(world)
    keep_ledger(world, AS_OF, policy(), now=NOW)
    found = balance(world, AS_OF, policy())
    assert found.ok
    assert (found.late, found.foreseen, found.others) == (4, 1, 0)
    assert found.states == {LedgerState.OWED: 2, LedgerState.TO_CHECK: 1, LedgerState.WAIVED: 1}


def test_a_late_dossier_that_the_ledger_lacks_or_has_closed_is_named(world: Store) -> None:
    late_world(world)
    keep_ledger(world, AS_OF, policy(), now=NOW)
    add_dossiers(world, dossier(7))
    with world.transaction() as session:
        session.execute(
            Obligation.__table__.update().where(Obligation.dossier_id == 2).values(state="closed")
        )
    found = balance(world, AS_OF, policy())
    assert not found.ok
    assert (found.missing, found.closed_late) == (("T.18-220601-0007",), ("T.18-220601-0002",))


# ---------------------------------------------------------------- letters on their way

DRAFTED_AT, LATER = datetime(2022, 6, 14, 8, tzinfo=VN), datetime(2022, 7, 29, 17, tzinfo=VN)
OPERATOR, HEAD = Asker("operator", DRAFTED_AT), Asker("head", DRAFTED_AT)


def number(store: Store, letter_ids: list[int], issued_on: date) -> None:
    with store.transaction() as session:
        lock_register(session)
        letters = letters_to_move(session, letter_ids)
        changes = {"state": "numbered", "issued_on": issued_on}
        moves = [
            Move(each, Step.NUMBERED, {**changes, "number": f"{each.letter_id}/PXL-MAU"}) for each in letters
        ]
        move(session, moves, actor="operator", at=DRAFTED_AT)


def by_dossier(store: Store) -> dict[int, int]:
    with store.read() as session:
        query = select(Letter.dossier_id, Letter.id).where(Letter.state != "void")
        return {dossier_id: letter_id for dossier_id, letter_id in session.execute(query)}


def lived_through(store: Store, tmp_path: Path) -> None:
    """Six dossiers foreseen late on 14/06; three are told in time, one late, one not at all; a year's quarter passes.

    1 keeps its new date, 2 breaks it, 3 is told late and taken back, 4 is only signed, 5 waits, 6 is waived, 7 is to
    be checked, 8 finishes in time although its letter was delivered.
    """
    add_dossiers(store, *(dossier(number) for number in range(1, 9)))
    with store.transaction() as session:
        later = {"documented_due_at": at(30, month=8)}
        session.execute(update(Dossier).where(Dossier.id == 7).values(**later))
    folder = LetterFolder(tmp_path / "letters", tmp_path)
    draft(store, LetterScope(DRAFTED_AT), policy(), folder, now=DRAFTED_AT, actor="operator")
    ids = by_dossier(store)
    moved = [ids[dossier_id] for dossier_id in (1, 2, 3, 4, 8)]
    assert len(approve(store, moved, HEAD).moved) == 5
    assert len(sign(store, moved, DRAFTED_AT.date(), OPERATOR).moved) == 5
    number(store, [ids[dossier_id] for dossier_id in (1, 2, 3, 8)], DRAFTED_AT.date())
    in_time = deliver(store, [ids[1], ids[2], ids[8]], Told("post", DRAFTED_AT, "Bưu tá"), OPERATOR)
    assert len(in_time.moved) == 3
    told_at = datetime(2022, 6, 17, 8, tzinfo=VN)
    late = Asker("operator", told_at)
    assert len(deliver(store, [ids[3]], Told("in_person", told_at, "Cán bộ"), late).moved) == 1
    waive(store, [6], "Hồ sơ trùng với hồ sơ khác", late)
    ends = {1: at(20), 2: at(20, month=7), 8: at(15)}
    with store.transaction() as session:
        for dossier_id, end in ends.items():
            told = {"ended_at": end, "end_kind": "finished", "finished_at": end, "status": "done"}
            session.execute(update(Dossier).where(Dossier.id == dossier_id).values(**told))
        taken = {"ended_at": at(22), "end_kind": "withdrawn", "withdrawn_at": at(22), "status": "withdrawn"}
        session.execute(update(Dossier).where(Dossier.id == 3).values(**taken))
    keep_ledger(store, LATER, policy(), now=LATER)


QUARTER = ComplianceQuestion(Period(date(2022, 4, 1), date(2022, 6, 30)), LATER.date())


def test_the_figures_of_a_quarter_that_was_lived_through(world: Store, tmp_path: Path) -> None:
    lived_through(world, tmp_path)
    found = counted(world, QUARTER, policy()).total
    assert (found.late, found.apologised, found.by_law_day, found.by_due_day) == (
        5, Share(3, 5), Share(2, 5), Share(2, 5),
    )  # fmt: skip
    # Delivered a working day before the date twice, two after it once; the others are 32 working days late.
    assert (found.median_days, found.median_age, found.oldest_age) == (-1, 32, 32)
    assert found.waiting == {LedgerState.SIGNED: 1, LedgerState.OWED: 1}
    assert (found.promises, found.kept, found.broken, found.open) == (3, 1, 1, 0)
    assert (found.to_check, found.waived, found.before_start) == (1, 1, 0)
    assert balance(world, LATER, policy()).ok
    for start, end, late in ((16, 30, 0), (1, 14, 0), (15, 15, 5)):
        asked = replace(QUARTER, period=Period(date(2022, 6, start), date(2022, 6, end)))
        assert counted(world, asked, policy()).total.late == late


def test_a_letter_stands_in_the_register_on_its_own_date_and_until_it_has_one_on_that_of_its_draft(
    world: Store,
) -> None:
    may, june = {"as_of": at(31, month=5)}, {"as_of": at(14)}
    letters = [
        letter(1, 1, **june, number="02/PXL", issued_on=date(2022, 6, 30), state="numbered"),
        letter(2, 2, **june, number="03/PXL", issued_on=date(2022, 7, 1), state="numbered"),
        letter(3, 3, **june, state="void"),
        letter(4, 4, **may),
        letter(5, 5, **may, number="01/PXL", issued_on=date(2022, 6, 1), state="numbered"),
    ]
    with world.transaction() as session:
        session.execute(insert(Letter), letters)
    first, last = QUARTER.period.first.replace(month=6), QUARTER.period.last
    with world.read() as session:
        lines = [line for lines in register_lines(session, first, last) for line in lines]
        assert list(register_lines(session, first, last, frozenset({DEPARTMENT}))) == []
    assert [line.letter_id for line in lines] == [5, 1, 3]


class Replayed(NamedTuple):
    """A letter as its steps and notices tell it."""

    state: str
    promise: str
    delivered_at: datetime | None


STATE_AFTER = {
    "drafted": "drafted", "approved": "approved", "returned": "drafted", "signed": "signed", "numbered": "numbered",
    "delivered": "delivered", "voided": "void",
}  # fmt: skip
PROMISE_AFTER = {
    "promise_kept": "kept",
    "promise_broken": "broken",
    "promise_open": "open",
    "promise_ended": "",
}


def replayed_letters(session: Session) -> dict[int, Replayed]:
    """Every letter from its steps alone; when it reached its addressee says the notice of the delivery."""
    told = {
        letter_id: moment
        for letter_id, moment in session.execute(
            select(LetterNotice.letter_id, LetterNotice.at).where(LetterNotice.purpose == "delivery")
        )
    }
    steps = select(LetterStep.letter_id, LetterStep.step).order_by(LetterStep.letter_id, LetterStep.seq)
    letters: dict[int, Replayed] = {}
    for letter_id, step in session.execute(steps):
        before = letters.get(letter_id, Replayed("", "", None))
        delivered_at = told[letter_id] if step == "delivered" else before.delivered_at
        letters[letter_id] = Replayed(
            STATE_AFTER.get(step, before.state), PROMISE_AFTER.get(step, before.promise), delivered_at
        )
    return letters


def from_events(session: Session, as_stored: list[CaseRow]) -> list[CaseRow]:
    """The rows that figures are made from, with everything that changes taken from the steps."""
    steps = select(ObligationStep.dossier_id, ObligationStep.state, ObligationStep.reason)
    steps = steps.order_by(ObligationStep.dossier_id, ObligationStep.seq)
    held = {dossier_id: (state, reason) for dossier_id, state, reason in session.execute(steps)}
    of_letter = replayed_letters(session)
    fixed = select(Letter.id, Letter.dossier_id, Letter.new_due_at).order_by(Letter.dossier_id, Letter.seq)
    letters: dict[int, list[tuple[Replayed, bool]]] = {}
    for letter_id, dossier_id, new_due_at in session.execute(fixed):
        letters.setdefault(dossier_id, []).append((of_letter[letter_id], new_due_at is not None))
    made = []
    for row in as_stored:
        state, reason = held[row.dossier_id]
        live = [each for each in letters.get(row.dossier_id, []) if each[0].state != "void"]
        sent = [each for each in live if each[0].state == "delivered"]
        promises = [letter.promise for letter, promises in sent if promises]
        newest = live[-1][0] if live else Replayed("", "", None)
        judged = newest.promise if newest.promise in ("kept", "broken") else ""
        made.append(
            row._replace(
                held=state,
                reason=reason,
                state=ledger_state(state, newest.state or None, judged).value,
                delivered_at=sent[0][0].delivered_at if sent else None,
                signed=sum(letter.state in ("signed", "numbered", "delivered") for letter, _ in live),
                promises=len(promises),
                kept=promises.count("kept"),
                broken=promises.count("broken"),
            )
        )
    return made


def test_the_figures_can_be_counted_again_from_the_steps_alone(world: Store, tmp_path: Path) -> None:
    """But for one thing: that a promise was set aside leaves the step of one that is open again."""
    lived_through(world, tmp_path)
    with world.read() as session:
        stored = [row for rows in case_rows(session, CaseFilter()) for row in rows]
        again = from_events(session, stored)
    assert again == stored
    figures = [
        compliance(
            (found for row in rows if (found := case_of(row, policy(), LATER.date()))), LATER.date(), of_unit
        )
        for rows in (stored, again)
    ]
    assert figures[0] == figures[1]
    assert figures[0].total.late == 5


def listed(store: Store, key: ListKey) -> tuple[list[int], int, list[int]]:
    found = ledger_list(store, ListQuestion(key, LATER), policy())
    return [line.dossier_id for line in found.lines], found.of, [line.dossier_id for line in found.unknown]


def test_the_lists_of_a_quarter_that_was_lived_through(world: Store, tmp_path: Path) -> None:
    lived_through(world, tmp_path)
    signers = [
        {"id": number, "unit_id": unit, "full_name": "Trần Thị Mẫu", "authority": "head", "title": "Giám đốc"}
        | {
            "head_title": "",
            "valid_from": None,
            "valid_to": None,
            "basis": "",
            "entered_by": "a",
            "entered_at": NOW,
        }
        for number, unit in ((1, PROVINCE), (2, DESK))
    ]
    with world.transaction() as session:
        session.execute(insert(Signer), signers)
        for signer, dossier_id in ((1, 1), (2, 2)):
            session.execute(update(Letter).where(Letter.dossier_id == dossier_id).values(signer_id=signer))
    assert listed(world, ListKey.NO_LETTER) == ([5], 5, [])
    assert listed(world, ListKey.NO_LATENESS) == ([8], 5, [])
    assert listed(world, ListKey.SECOND) == ([], 5, [])
    assert listed(world, ListKey.WRONG_SIGNER) == ([2], 2, [3, 4, 8])
    assert listed(world, ListKey.DELIVERED_LATE) == ([3], 4, [])
