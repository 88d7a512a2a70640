"""How open dossiers stand in SQL is how `classify` judges them, on random dossiers; lists hold what the counts say."""

import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.board import (
    BoardQuestion,
    Judge,
    Line,
    Slot,
    Standpoint,
    belongs,
    counts,
    page,
    total_of,
)
from tests.letter_world import add_catalogue, add_dossiers, dossier
from tracker.store import board
from tracker.store.board import Order
from tracker.store.board_filters import Narrowing
from tracker.store.calendars import load_history
from tracker.store.models import AlertAck, Assignment, Dossier, DossierNote, User
from tracker.store.session import Store
from tracker.timekeeping.due_soon import DueSoon
from tracker.types import VN

NOW = datetime(2026, 8, 24, 9, 30, tzinfo=VN)
SINCE = datetime(2026, 8, 22, 9, 30, tzinfo=VN)
STATUSES = (
    "processing", "filed", "accepted", "awaiting_supplement", "awaiting_fee", "stopped", "done", "returned", "refused",
    "withdrawn", "deleted", "unknown",
)  # fmt: skip
LIMITS = ("15 ngày làm việc", "4 giờ", "3 ngày", "", "Không quy định", "2 ngày làm việc")
MANY = 1_500


def _moment(chance: random.Random, days: int, *, missing: float) -> datetime | None:
    """About now, in the past and the future, sometimes none; often on the edges of days."""
    if chance.random() < missing:
        return None
    at = NOW + timedelta(days=round(chance.gauss(0, days / 3)))
    hour = chance.choice((0, 7, 9, 11, 17, 23))
    return at.replace(hour=hour, minute=chance.choice((0, 30, 59)))


def _row(chance: random.Random, number: int) -> dict[str, Any]:
    due = _moment(chance, 12, missing=0.2)
    return dossier(
        number, code=f"T.1-260801-{number:05}", received_at=_moment(chance, 12, missing=0.25), filed_at=_moment(chance, 12, missing=0.4),
        source_due_at=due, suspended_from=_moment(chance, 8, missing=0.7), status=chance.choice(STATUSES),
        limit_text=chance.choice(LIMITS), channel=chance.choice(("counter", "online", "postal", "unknown")),
        intake_due_at=_moment(chance, 3, missing=0.6), post_received_at=_moment(chance, 5, missing=0.8),
        resolving_unit_id=chance.choice((900_001, 900_002, 900_002)), officer_name=chance.choice(("Trần Văn An", "Lê Thị Bình", "")),
        status_text=chance.choice(("Đang thẩm định", "Trình ký", "")),
    )  # fmt: skip


@pytest.fixture
def crowd(store: Store) -> Store:
    """Some hundred dossiers of every kind, most of them strange."""
    chance = random.Random(10)
    add_catalogue(store)
    add_dossiers(store, *(_row(chance, number) for number in range(1, MANY + 1)))
    return store


def judge(store: Store, as_of: datetime) -> Judge:
    with store.read() as session:
        return Judge(load_history(session, "A").present, DueSoon(), as_of)


def lines_by_hand(store: Store, judged: Judge) -> dict[int, Any]:
    """Every open dossier with its verdict, by `classify` alone."""
    with store.read() as session:
        found = board.open_by_id(session, list(range(1, MANY + 1)), None)
    return {
        one.cursor.dossier_id: (one, judged(one.facts, one.limit_text, one.working_unit_id)) for one in found
    }


def members(by_hand: dict[int, Any], slot: Slot | None) -> set[int]:
    return {number for number, (one, verdict) in by_hand.items() if belongs(slot, Line(one, verdict), NOW)}


def whole_list(store: Store, judged: Judge, asked: BoardQuestion) -> list[int]:
    """A list page by page."""
    found: list[int] = []
    after = None
    with store.read() as session:
        while True:
            part = page(session, judged, asked, after=after, size=37)
            found += [line.dossier.cursor.dossier_id for line in part.lines]
            after = part.next_cursor
            if after is None:
                return found


@pytest.mark.parametrize("slot", [None, *Slot])
def test_a_list_and_its_count_hold_what_classify_says(crowd: Store, slot: Slot | None):
    judged = judge(crowd, NOW)
    wanted = members(lines_by_hand(crowd, judged), slot)
    assert len(wanted) > 5
    listed = whole_list(crowd, judged, BoardQuestion(slot))
    assert len(listed) == len(set(listed))
    assert set(listed) == wanted
    with crowd.read() as session:
        found = counts(
            session, Standpoint(NOW, judged), Standpoint(SINCE, judge(crowd, SINCE)), BoardQuestion()
        )
    assert total_of(found, slot).total == len(wanted)
    if slot is Slot.FILED:
        assert found[slot].unaccepted == found[Slot.UNACCEPTED].total


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("slot", [None, Slot.PAUSED, Slot.FILED, Slot.NO_DUE])
def test_every_order_pages_through_the_same_dossiers(crowd: Store, slot: Slot | None, order: Order):
    judged = judge(crowd, NOW)
    usual = whole_list(crowd, judged, BoardQuestion(slot))
    ordered = whole_list(crowd, judged, BoardQuestion(slot, order=order))
    assert sorted(ordered) == sorted(usual)
    with crowd.read() as session:
        told = session.execute(
            select(Dossier.id, Dossier.source_due_at, Dossier.received_at, Dossier.filed_at)
        )
        facts = {row.id: row for row in told}
    if order is Order.FARTHEST and slot is None:
        dues = [facts[number].source_due_at for number in ordered]
        assert dues == sorted(dues, reverse=True)
    if order is Order.OLDEST:
        begun = [facts[number].received_at or facts[number].filed_at for number in ordered]
        assert [each for each in begun if each] == sorted(each for each in begun if each)


@pytest.mark.parametrize(
    "narrowing",
    [
        Narrowing(channel="online"),
        Narrowing(procedure_ids=frozenset()),
        Narrowing(noted=True),
        Narrowing(mine=1),
        Narrowing(letter="none"),
        Narrowing(due_from=NOW, due_until=NOW + timedelta(days=4)),
    ],
    ids=lambda narrowing: next(
        name for name in narrowing.__slots__ if getattr(narrowing, name) not in (None, "", False)
    ),
)
def test_counts_are_those_of_the_lists_under_every_filter(crowd: Store, narrowing: Narrowing):
    add_deeds(crowd)
    judged = judge(crowd, NOW)
    asked = BoardQuestion(unit_ids=frozenset({900_001, 900_002}), narrowing=narrowing)
    with crowd.read() as session:
        found = counts(session, Standpoint(NOW, judged), Standpoint(SINCE, judge(crowd, SINCE)), asked)
    for slot in Slot:
        listed = whole_list(crowd, judged, BoardQuestion(slot, asked.unit_ids, narrowing))
        assert found[slot].total == len(listed), slot


def add_deeds(store: Store) -> None:
    """Notes, assignments and words of two accounts; the newest word of a dossier counts."""
    with store.transaction() as session:
        for number, login in ((1, "an"), (2, "binh")):
            session.add(
                User(
                    id=number, login=login, full_name=login.title(), email="", role="desk", unit_id=None, password_hash="",
                    is_demo=False, created_at=NOW, failed_logins=0, session_salt="", must_change_password=False,
                )
            )  # fmt: skip
        session.flush()
        for number in range(1, 400):
            taken_back = NOW if number % 3 else None
            session.add(
                DossierNote(
                    id=number, dossier_id=number, account_id=1, text="Đã gọi", written_at=NOW, withdrawn_at=taken_back,
                    withdrawn_by="an" if taken_back else "",
                )
            )  # fmt: skip
            session.add(Assignment(id=number, dossier_id=number, account_id=1, by_account=2, at=NOW, note=""))
            session.add(
                Assignment(
                    id=1000 + number,
                    dossier_id=number,
                    account_id=1 + number % 2,
                    by_account=2,
                    at=NOW,
                    note="",
                )
            )
            session.add(
                AlertAck(id=number, dossier_id=number + 400, promised_on=NOW.date(), by_account=1 + number % 2, at=NOW, note="")
            )  # fmt: skip


def test_mine_is_what_was_given_to_me_last_or_what_i_took_on_last(crowd: Store):
    add_deeds(crowd)
    judged = judge(crowd, NOW)
    mine = whole_list(crowd, judged, BoardQuestion(narrowing=Narrowing(mine=2)))
    running = members(lines_by_hand(crowd, judged), None)
    wanted = {n for n in running if (n < 400 and n % 2) or (400 < n < 800 and (n - 400) % 2)}
    assert set(mine) == wanted
    assert wanted
