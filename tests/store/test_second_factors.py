"""What of a second factor may be used once is given to one, also where two ask at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest

from tests import databases
from tracker.errors import UsageError
from tracker.store import people, second_factors
from tracker.store.people import NewAccount
from tracker.store.session import Store, open_store
from tracker.types import VN

NOW = datetime(2026, 8, 24, 9, 30, tzinfo=VN)
AT_ONCE = 8


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store with two accounts, the first with a second factor at step 100 and two recovery codes."""
    opened = open_store(databases.chosen().furnished(tmp_path))
    with opened.transaction() as session:
        for login in ("an", "binh"):
            people.add_account(session, NewAccount(login, login, "desk", None, "hash", "salt"), NOW)
        assert second_factors.set_factor(session, 1, "sealed", step=100, now=NOW)
        second_factors.replace_codes(session, 1, ["first", "second"], NOW)
    yield opened
    opened.close()


def test_a_factor_is_given_only_to_an_account_without_one(store: Store):
    with store.transaction() as session:
        assert not second_factors.set_factor(session, 1, "other", step=101, now=NOW)
        found = people.find_account(session, 1)
    assert found
    assert (found.second_factor, found.second_factor_step) == ("sealed", 100)


@pytest.mark.parametrize(
    ("before", "step", "taken"), [(100, 101, True), (100, 100, False), (100, 99, False), (99, 101, False)]
)
def test_a_step_is_taken_only_if_it_is_newer_and_none_was_taken_since(
    store: Store, before: int, step: int, taken: bool
):
    with store.transaction() as session:
        assert second_factors.take_step(session, 1, before=before, step=step) is taken


def test_of_many_who_bring_the_same_code_at_once_one_gets_in(store: Store):
    def bring(_turn: int) -> tuple[bool, bool]:
        with store.transaction() as session:
            step = second_factors.take_step(session, 1, before=100, step=101)
        with store.transaction() as session:
            return step, second_factors.take_code(session, 1, "first", NOW)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        got = list(pool.map(bring, range(AT_ONCE)))
    assert [sum(each) for each in zip(*got, strict=True)] == [1, 1]


def test_a_recovery_code_is_good_once_and_for_its_own_account(store: Store):
    with store.transaction() as session:
        assert not second_factors.take_code(session, 2, "first", NOW)
        assert second_factors.take_code(session, 1, "first", NOW)
        assert not second_factors.take_code(session, 1, "first", NOW)
        assert second_factors.codes_left(session, 1) == 1


def test_taking_the_factor_away_takes_its_codes_and_keeps_the_step(store: Store):
    with store.transaction() as session:
        second_factors.clear_factor(session, 1)
        assert second_factors.codes_left(session, 1) == 0
        found = people.find_account(session, 1)
    assert found
    assert (found.second_factor, found.second_factor_since, found.second_factor_step) == ("", None, 100)


def test_nobody_at_the_provider_is_two_accounts_here(store: Store):
    with store.transaction() as session:
        second_factors.set_subject(session, 1, "https://id.vi-du.vn an")
        second_factors.set_subject(session, 1, "https://id.vi-du.vn an")
        assert second_factors.find_subject(session, "https://id.vi-du.vn an") == 1
        assert second_factors.find_subject(session, "") is None
        with pytest.raises(UsageError, match="đã gắn"):
            second_factors.set_subject(session, 2, "https://id.vi-du.vn an")
