"""One snapshot for all that a thread reads, until it lets go or writes; what it told once is not asked for again."""

import threading
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tracker.store import people
from tracker.store.models import Source, Unit
from tracker.store.people import NewAccount
from tracker.store.session import Session, Store, once, open_store
from tracker.types import VN

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=VN)


def _add(store: Store, number: int) -> None:
    with store.transaction() as session:
        session.add(Source(id=900 + number, key=f"nguon-{number}", name=f"Nguồn {number}", priority=1))


def _add_elsewhere(store: Store, number: int) -> None:
    other = threading.Thread(target=_add, args=(store, number))
    other.start()
    other.join()


def _count(session: Session) -> int:
    return session.scalar(select(func.count()).where(Source.id > 900)) or 0


def _there(store: Store) -> int:
    with store.read() as session:
        return _count(session)


def test_two_reads_of_one_who_holds_see_the_same_whatever_others_write(store: Store):
    store.hold()
    assert _there(store) == 0
    _add_elsewhere(store, 1)
    assert _there(store) == 0
    store.let_go()
    assert _there(store) == 1


def test_who_writes_reads_what_it_wrote(store: Store):
    store.hold()
    assert _there(store) == 0
    _add(store, 1)
    assert _there(store) == 1
    store.let_go()


def test_what_is_being_read_stays_as_it_is_until_its_end_though_its_reader_writes(store: Store):
    store.hold()
    with store.read() as session:
        assert _count(session) == 0
        _add(store, 1)
        assert _count(session) == 0
    assert _there(store) == 1
    store.let_go()


def test_a_download_that_is_sent_after_the_page_goes_on_to_its_end(store: Store):
    store.hold()
    with store.read() as session:
        store.let_go()
        assert _count(session) == 0
    assert _there(store) == 0


def _fail_while_reading(store: Store) -> None:
    with store.read() as session:
        assert _count(session) == 0
        raise ZeroDivisionError


def test_after_a_fault_the_next_read_is_a_fresh_one(store: Store):
    store.hold()
    with pytest.raises(ZeroDivisionError):
        _fail_while_reading(store)
    _add_elsewhere(store, 1)
    assert _there(store) == 1
    store.let_go()


def test_a_snapshot_is_asked_once_and_one_that_writes_each_time(store: Store):
    asked: list[str] = []

    def answer() -> str:
        asked.append("?")
        return "!"

    with store.read() as session:
        assert [once(session, "key", answer), once(session, "key", answer)] == ["!", "!"]
    assert len(asked) == 1
    with store.read() as session:
        once(session, "key", answer)
    assert len(asked) == 2
    with store.transaction() as session:
        once(session, "key", answer)
        once(session, "key", answer)
    assert len(asked) == 4


def test_a_reader_comes_with_the_units_below_its_own_and_one_of_the_province_with_all(store: Store):
    with store.transaction() as session:
        for number, above in ((901, None), (902, 901), (903, 902), (904, None)):
            session.add(
                Unit(
                    id=number, code=f"M{number}", name=f"Đơn vị {number}", abbreviation="", kind="", level="commune",
                    parent_id=above, valid_from=None, valid_to=None, successor_id=None, place="", signer_title="", commune_class="",
                )
            )  # fmt: skip
            session.flush()
        below, whole = (
            people.add_account(session, NewAccount(f"tk-{unit}", "Tài khoản", "desk", unit, "", ""), NOW)
            for unit in (902, None)
        )
    with store.read() as session:
        found = {number: people.find_reader(session, number, cap=100) for number in (below, whole, 99)}
        account = people.find_account(session, below)
    assert (found[99], found[whole] and found[whole].unit_ids) == (None, None)
    reader = found[below]
    assert reader is not None
    assert (reader.account, reader.unit_ids, reader.unread) == (account, frozenset({902, 903}), 0)


@pytest.mark.both_databases
def test_connections_keep_as_many_pages_as_their_process_says(tmp_path: Path):
    store = open_store(f"sqlite:///{tmp_path}/a.sqlite3")
    try:
        with store.read() as session:
            assert session.connection().exec_driver_sql("PRAGMA cache_size").scalar_one() == -65_536
        store.keep_pages(16_384)
        for way in (store.read, store.transaction):
            with way() as session:
                assert session.connection().exec_driver_sql("PRAGMA cache_size").scalar_one() == -16_384
    finally:
        store.close()
