"""Queries that are compiled once answer as SQLAlchemy's own way of asking them does, on both databases."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import bindparam, select
from sqlalchemy.exc import SQLAlchemyError

from tests.letter_world import add_catalogue, add_dossiers, dossier
from tracker.store.models import Dossier
from tracker.store.ready import Ready, as_day, as_moment
from tracker.store.session import Store
from tracker.types import VN

NOON = datetime(2026, 8, 3, 12, tzinfo=VN)
IDS = bindparam("ids", expanding=True)


@pytest.fixture
def eight(store: Store) -> Store:
    add_catalogue(store)
    rows = (
        dossier(n, code=f"T.1-260801-{n:05}", officer_name="Thử 100% 'x'", received_at=NOON + timedelta(hours=n))
        for n in range(1, 9)
    )  # fmt: skip
    add_dossiers(store, *rows)
    return store


@pytest.mark.parametrize("ids", [[], [3], [1, 2], [2, 5, 7], [8, 1, 2, 3, 9], list(range(1, 9))])
def test_a_list_of_any_length_means_its_values_and_no_other(eight: Store, ids: list[int]):
    query = select(Dossier.id).where(Dossier.id.in_(IDS)).order_by(Dossier.id)
    ready = Ready(query)
    with eight.read() as session:
        for _twice in range(2):
            assert ready.rows(session, {"ids": ids}) == [(n,) for n in sorted(ids) if n < 9]


def test_moments_and_texts_are_made_values_of_the_database_each_time(eight: Store):
    query = select(Dossier.id, Dossier.received_at, Dossier.officer_name).where(
        Dossier.received_at > bindparam("since", type_=Dossier.received_at.type),
        Dossier.officer_name == bindparam("who", type_=Dossier.officer_name.type),
        Dossier.officer_name.like("%100%"),
        Dossier.id.in_(IDS),
        Dossier.status.in_(["processing", "done"]),
    )
    ready = Ready(query.order_by(Dossier.id).limit(bindparam("at_most")))
    given = {"who": "Thử 100% 'x'", "ids": [4, 5, 6], "at_most": 2}
    with eight.read() as session:
        for since, wanted in (
            (NOON + timedelta(hours=4), [5, 6]),
            (NOON, [4, 5]),
            (NOON + timedelta(days=1), []),
        ):
            found = ready.rows(session, {**given, "since": since})
            assert [number for number, _, _ in found] == wanted
            assert [as_moment(at) for _, at, _ in found] == [NOON + timedelta(hours=n) for n in wanted]
        assert ready.rows(session, {**given, "since": NOON, "who": "x\0"}) == []


def test_a_value_that_is_not_given_is_a_fault(eight: Store):
    ready = Ready(select(Dossier.id).where(Dossier.id == bindparam("one")))
    with eight.read() as session, pytest.raises((KeyError, SQLAlchemyError)):
        ready.rows(session, {})


def test_days_and_moments_of_either_database():
    assert as_day("2026-08-24") == as_day(date(2026, 8, 24)) == date(2026, 8, 24)
    assert as_day(None) is as_moment(None) is None
    assert as_moment(0) == datetime(1970, 1, 1, 7, tzinfo=VN)
