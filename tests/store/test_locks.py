"""Many writers at once: every id is given once, nothing is lost, and nobody waits for work of another purpose."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from threading import Barrier, Event, Thread

import pytest
from sqlalchemy import event, select, text

from tests.databases import SQLITE, chosen
from tests.letter_world import add_catalogue, add_dossiers, dossier
from tests.store.test_letter_store import enter
from tests.store.test_letter_store import row as draft_row
from tracker.errors import OutdatedProgram, UsageError, WorkFailed
from tracker.store import audit, people
from tracker.store.audit import Act
from tracker.store.locks import Lock, hold
from tracker.store.models import AuditEntry, Letter, User
from tracker.store.people import NewAccount
from tracker.store.session import Store, open_store
from tracker.store.turns import Turn, staged_turn
from tracker.store.turns import turn as turn_of
from tracker.types import VN

Taking = Callable[[Store, Lock], AbstractContextManager[Turn]]

NOW = datetime(2026, 8, 24, 9, 30, tzinfo=VN)
WRITERS = 8


def all_at_once(work: Sequence[Callable[[], object]]) -> list[object]:
    """Run everything in threads that begin together; what each gave, or the error it ended with."""
    together = Barrier(len(work))

    def begin(one: Callable[[], object]) -> object:
        together.wait()
        try:
            return one()
        except (UsageError, WorkFailed) as error:
            return error

    with ThreadPoolExecutor(len(work)) as threads:
        return list(threads.map(begin, work))


def note(store: Store, writer: int, number: int) -> None:
    with store.transaction() as session:
        act = Act(NOW, f"w{writer}", "export", f"{number}", {})
        audit.append_acts(session, [act, act])


def open_account(store: Store, login: str) -> int:
    with store.transaction() as session:
        return people.add_account(session, NewAccount(login, login, "desk", None, "hash", "salt"), NOW)


def test_acts_noted_at_once_all_stand_in_the_log_with_ids_that_follow_each_other(store: Store):
    def writer(number: int) -> Callable[[], None]:
        return lambda: [note(store, number, turn) for turn in range(10)] and None

    assert all_at_once([writer(number) for number in range(WRITERS)]) == [None] * WRITERS
    with store.read() as session:
        found = session.execute(select(AuditEntry.id, AuditEntry.actor).order_by(AuditEntry.id)).all()
    assert [number for number, _ in found] == list(range(1, WRITERS * 20 + 1))
    assert {actor: sum(1 for _, each in found if each == actor) for _, actor in found} == {
        f"w{number}": 20 for number in range(WRITERS)
    }


def test_accounts_opened_at_once_have_ids_of_their_own(store: Store):
    ids = all_at_once([lambda n=n: open_account(store, f"can-bo-{n}") for n in range(WRITERS)])
    assert sorted(ids, key=repr) == list(range(1, WRITERS + 1))


def test_a_login_name_opened_twice_at_once_is_given_once(store: Store):
    results = all_at_once([lambda: open_account(store, "can-bo") for _ in range(WRITERS)])
    assert [each for each in results if not isinstance(each, UsageError)] == [1]
    with store.read() as session:
        assert session.scalars(select(User.login)).all() == ["can-bo"]


def test_wrong_passwords_that_come_in_at_once_are_all_counted(store: Store):
    account_id = open_account(store, "can-bo")

    def guess() -> None:
        with store.transaction() as session:
            people.record_failure(session, account_id, now=NOW, lock_after=WRITERS, lock_minutes=15)

    assert all_at_once([guess] * WRITERS) == [None] * WRITERS
    with store.read() as session:
        account = people.find_account(session, account_id)
    assert account
    assert account.locked_until


def test_letters_entered_at_once_have_ids_that_follow_each_other(store: Store):
    add_catalogue(store)
    add_dossiers(store, *(dossier(number) for number in range(1, WRITERS + 1)))
    work = [lambda n=n: enter(store, draft_row(n, code=f"C{n}")) for n in range(1, WRITERS + 1)]
    assert all_at_once(work) == [None] * WRITERS
    with store.read() as session:
        assert sorted(session.scalars(select(Letter.id))) == list(range(1, WRITERS + 1))


@contextmanager
def held_elsewhere(store: Store, lock: Lock) -> Iterator[None]:
    """Another process, or as good as one, holds the lock meanwhile."""
    other = open_store(store.engine.url.render_as_string(hide_password=False))
    taken, enough = Event(), Event()

    def work() -> None:
        with other.transaction() as session:
            hold(session, lock)
            taken.set()
            enough.wait(60)

    thread = Thread(target=work)
    thread.start()
    assert taken.wait(60)
    try:
        yield
    finally:
        enough.set()
        thread.join()
        other.close()


def be_impatient(store: Store) -> None:
    """Wait a tenth of a second for others where the program waits half a minute."""

    def ask(connection, _record) -> None:
        if chosen().name == SQLITE:
            connection.execute("PRAGMA busy_timeout = 100")
        else:
            connection.execute("SET lock_timeout = 100")
            connection.commit()

    store.engine.dispose()
    event.listen(store.engine, "connect", ask)


def test_who_waits_too_long_for_a_writer_is_told_so_and_can_try_again(store: Store):
    be_impatient(store)
    with held_elsewhere(store, Lock.AUDIT), pytest.raises(WorkFailed, match="đang bận"):
        note(store, 1, 1)
    note(store, 1, 2)
    with store.read() as session:
        assert session.scalars(select(AuditEntry.id)).all() == [1, 2]


@pytest.mark.postgresql_only("SQLite has one writer at a time, whatever it writes")
def test_a_long_ingest_keeps_no_log_in_act_or_letter_waiting(store: Store):
    add_catalogue(store)
    add_dossiers(store, dossier(1))
    be_impatient(store)
    with held_elsewhere(store, Lock.INGEST):
        account_id = open_account(store, "can-bo")
        with store.transaction() as session:
            people.record_failure(session, account_id, now=NOW, lock_after=5, lock_minutes=15)
        note(store, 1, 1)
        enter(store, draft_row(1))
        with pytest.raises(WorkFailed, match="đang bận"), store.transaction() as session:
            hold(session, Lock.INGEST)


@pytest.mark.postgresql_only("advisory locks")
def test_a_lock_goes_with_its_transaction_whatever_its_end(store: Store):
    be_impatient(store)
    with store.transaction() as session:
        hold(session, Lock.INGEST)
        hold(session, Lock.INGEST)  # once more is no harm
        session.rollback()
    with store.transaction() as session:
        hold(session, Lock.INGEST)
    with store.read() as session:
        held = text(
            "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
            " WHERE l.locktype = 'advisory' AND d.datname = current_database()"
        )
        assert session.scalar(held) == 0


@pytest.mark.postgresql_only("advisory locks")
def test_locks_of_another_database_on_the_server_are_none_of_ours(store: Store, empty_store: Store):
    be_impatient(store)
    with held_elsewhere(empty_store, Lock.INGEST), store.transaction() as session:
        hold(session, Lock.INGEST)


@pytest.mark.parametrize("turn", [turn_of, staged_turn])
def test_a_process_from_before_an_upgrade_writes_nothing_in_its_turn(store: Store, turn: Taking):
    def write() -> None:
        with turn(store, Lock.ALERTS) as held:
            held.begin_writing()
            people.add_account(held.session, NewAccount("moi", "Mới", "desk", None, "hash", "salt"), NOW)

    store.stay_at("another revision")
    with pytest.raises(OutdatedProgram):
        write()
    with store.read() as session:
        assert people.find_login(session, "moi") is None
