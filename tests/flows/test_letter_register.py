"""The ledger counted, balanced and listed; its figures recomputed from the steps alone."""

import random
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import insert

from letters.balance import balance
from letters.keeping import keep_ledger
from letters.ledger import Held, LedgerState, ledger_state
from letters.path import LetterState, Promise
from tests.letter_world import (
    AS_OF,
    BRANCH,
    DEPARTMENT,
    add_catalogue,
    add_dossiers,
    at,
    dossier,
    ended,
    policy,
)
from tracker.store.letter_register import LedgerFilter, ledger_counts, ledger_page
from tracker.store.models import Letter, Obligation
from tracker.store.session import Store
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


def letter(number: int, dossier_id: int, **more: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "id": number, "dossier_id": dossier_id, "seq": 1, "kind": "overdue", "form": "phieu-2018", "state": "drafted",
        "unit_id": BRANCH, "as_of": AS_OF, "due_at": at(15), "new_due_at": None, "reason": "lý do",
        "short_code": f"C{number}", "file": "x.docx", "number": None, "issued_on": None, "promise": "",
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
