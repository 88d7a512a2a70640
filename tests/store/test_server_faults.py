"""When the database cannot be had: said in the user's words, without the password, and nothing is left half-done."""

import gc
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import URL, func, select, text

from tests.databases import chosen
from tests.letter_world import add_dossiers, dossier
from tests.store.test_locks import NOW, note
from tracker.errors import ConfigurationError, MachineFault, WorkFailed
from tracker.store import audit
from tracker.store.copying import copy_store
from tracker.store.migrate import ensure_current, revision
from tracker.store.models import AuditEntry, Dossier
from tracker.store.session import Store, open_store

SECRET = "bi-mat-lam"
on_a_server = pytest.mark.postgresql_only("a server's faults; those of a file stand in test_ingest_faults.py")


@pytest.mark.parametrize(
    "url",
    [
        "đây không phải địa chỉ",
        "",
        f"postgres://dh:{SECRET}@may/co_so",
        f"postgresql+psycopg2://dh:{SECRET}@may/co_so",
        f"mysql://dh:{SECRET}@may/co_so",
        f"postgresql://dh:{SECRET}",
        f"postgresql://dh:{SECRET}@may:cong/co_so",
        f"postgresql://dh:a@{SECRET}@may/co_so",
    ],
)
def test_an_address_that_is_none_is_refused_without_being_repeated(url: str):
    with pytest.raises(ConfigurationError) as refused:
        open_store(url)
    assert "cơ sở dữ liệu" in str(refused.value)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("work", [Store.read, Store.transaction], ids=["read", "transaction"])
def test_a_server_that_is_not_there_is_named_without_the_password(work: Callable):
    store = open_store(f"postgresql://dh:{SECRET}@127.0.0.1:1/co_so")
    with pytest.raises(WorkFailed) as failed, work(store) as session:
        session.execute(select(1))
    assert_told(failed.value, "127.0.0.1")
    for ask in (ensure_current, revision):
        with pytest.raises(WorkFailed) as failed:
            ask(store)
        assert_told(failed.value, "127.0.0.1")


def assert_told(error: WorkFailed, word: str) -> None:
    assert "Không kết nối được" in str(error)
    assert word in str(error)
    assert SECRET not in str(error)
    assert "\n" not in str(error)


def changed(store: Store, **parts: str) -> Store:
    url: URL = store.engine.url.set(**parts)
    return open_store(url.render_as_string(hide_password=False))


@on_a_server
@pytest.mark.parametrize(
    "parts", [{"password": SECRET}, {"username": "khong-ai"}, {"database": "khong_co"}], ids=repr
)
def test_a_wrong_password_name_or_database_is_told_as_such(store: Store, parts: dict[str, str]):
    other = changed(store, **parts)
    with pytest.raises(WorkFailed) as failed, other.read() as session:
        session.execute(select(1))
    told = str(failed.value)
    assert "Không kết nối được" in told
    assert SECRET not in told
    assert str(store.engine.url.password) not in told


def cut_off(store: Store) -> None:
    """End every connection to the store's database, as a restarted server or a pulled cable does."""
    others = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = ? AND pid <> pg_backend_pid()"
    url = store.engine.url
    chosen().query(url.render_as_string(hide_password=False), others, [url.database])


def note_while_cut_off(store: Store, *, more: bool) -> None:
    act = audit.Act(NOW, "desk", "export", "", {})
    with store.transaction() as session:
        audit.append_acts(session, [act])
        cut_off(store)
        if more:
            audit.append_acts(session, [act])


@on_a_server
def test_a_connection_lost_in_the_middle_leaves_nothing_and_the_next_one_works(store: Store):
    with pytest.raises(WorkFailed, match="Mất kết nối"):
        note_while_cut_off(store, more=True)
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == 0


# No cursor of a server can be closed when the connection is gone.
@pytest.mark.filterwarnings(
    "ignore:Exception ignored in.*ServerCursor:pytest.PytestUnraisableExceptionWarning"
)
@on_a_server
@pytest.mark.both_databases("a copy is a SQLite file")
def test_a_connection_lost_while_a_table_is_copied_is_no_fault_of_that_table(store: Store, tmp_path: Path):
    def say(words: str) -> None:
        if "batch_seen" in words:
            cut_off(store)

    source, target = store.engine.url.render_as_string(hide_password=False), tmp_path / "ban-sao.sqlite3"
    with pytest.raises(WorkFailed, match="Mất kết nối"):
        copy_store(source, target.as_posix(), say)
    gc.collect()  # the cursor complains here, where that is expected


@on_a_server
def test_a_connection_lost_at_the_commit_itself_is_told_too(store: Store):
    with pytest.raises(WorkFailed, match="Mất kết nối"):
        note_while_cut_off(store, more=False)


def copy_while_cut_off(store: Store) -> None:
    with store.transaction() as session:
        driver = session.connection().connection.driver_connection
        assert driver is not None
        with driver.cursor() as cursor, cursor.copy("COPY unit_alias (folded, unit_id) FROM STDIN") as copy:
            copy.write_row(("mot", 1))
            cut_off(store)
            for number in range(100_000):
                copy.write_row((f"hai {number}", 1))


@on_a_server
def test_a_connection_lost_in_the_drivers_own_bulk_path_is_told_too(store: Store):
    with pytest.raises(WorkFailed, match="Mất kết nối"):
        copy_while_cut_off(store)
    with store.read() as session:
        assert session.scalar(text("SELECT count(*) FROM unit_alias WHERE folded = 'mot'")) == 0


@on_a_server
def test_a_server_without_room_for_another_connection_says_so_and_not_that_the_password_is_wrong(
    store: Store,
):
    role = f"chat_{store.engine.url.database}"
    with store.transaction() as session:
        session.execute(text(f"CREATE ROLE {role} LOGIN PASSWORD '{SECRET}' CONNECTION LIMIT 0"))
    try:
        other = changed(store, username=role, password=SECRET)
        with pytest.raises(MachineFault, match="hết chỗ kết nối") as failed, other.read() as session:
            session.execute(select(1))
        assert SECRET not in str(failed.value)
        assert "Xem lại địa chỉ" not in str(failed.value)
    finally:
        with store.transaction() as session:
            session.execute(text(f"DROP ROLE {role}"))


@on_a_server
def test_connections_that_died_while_idle_are_replaced_unseen(store: Store):
    note(store, 1, 1)
    cut_off(store)
    note(store, 1, 2)
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == 4


@on_a_server
def test_a_database_that_may_only_be_read_is_told_as_such(store: Store):
    with store.transaction() as session:
        session.execute(
            text(f"ALTER DATABASE {store.engine.url.database} SET default_transaction_read_only = on")
        )
    store.engine.dispose()
    with pytest.raises(WorkFailed, match="không đủ quyền"):
        note(store, 1, 1)


@on_a_server
def test_a_session_that_reads_cannot_write(store: Store):
    with pytest.raises(WorkFailed, match="không đủ quyền"), store.read() as session:
        audit.append_acts(session, [audit.Act(NOW, "desk", "export", "", {})])


@on_a_server
def test_a_database_of_another_encoding_is_refused():
    url = chosen().empty_of_encoding("SQL_ASCII")
    with pytest.raises(ConfigurationError, match="UTF8"):
        ensure_current(open_store(url))


def test_what_is_read_in_one_go_is_one_snapshot(store: Store):
    with store.read() as session:
        counting = select(func.count()).select_from(AuditEntry)
        assert session.scalar(counting) == 0
        note(store, 1, 1)
        assert session.scalar(counting) == 0
    with store.read() as session:
        assert session.scalar(counting) == 2


def test_an_unexpected_error_shows_no_data_of_people(store: Store):
    twice = [dossier(1), dossier(1, code="KHAC")]
    with pytest.raises(Exception, match="dossier") as failed:
        add_dossiers(store, *twice)
    assert "Nguyễn Văn Bịa" not in str(failed.value)
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(Dossier)) == 0


@on_a_server
def test_a_connection_lost_after_the_last_question_of_a_page_harms_nobody(store: Store):
    store.hold()
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == 0
    cut_off(store)
    store.let_go()
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == 0
