"""Creating and migrating the database by Alembic, and filling a new one with the shipped catalogues."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError

import migrations
from tracker.errors import WorkFailed
from tracker.store.faults import one_line, told_plainly
from tracker.store.seed import is_seeded, seed_catalogues
from tracker.store.session import Store


def _config(store: Store) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["engine"] = store.engine
    return config


def upgrade(store: Store) -> str:
    """Bring the database to the newest revision, fill an empty catalogue, and return the revision."""
    create_tables(store)
    with store.transaction() as session:
        seed_catalogues(session)
    return revision(store) or ""


def create_tables(store: Store) -> None:
    """Bring the tables to the newest revision and put nothing into them."""
    with told_plainly(store.engine):
        command.upgrade(_config(store), "head")


def revision(store: Store) -> str | None:
    """The revision the database is at; None for an empty one."""
    try:
        with told_plainly(store.engine), store.engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except DBAPIError as error:
        address = store.engine.url.render_as_string(hide_password=True)
        raise WorkFailed(f"Không mở được cơ sở dữ liệu {address}: {one_line(error.orig)}") from error


def newest_revision(store: Store) -> str:
    """The revision this program wants."""
    return ScriptDirectory.from_config(_config(store)).get_current_head() or ""


def is_known(store: Store, revision: str) -> bool:
    """Is it a revision of this program or of an earlier one?"""
    try:
        return ScriptDirectory.from_config(_config(store)).get_revision(revision) is not None
    except CommandError:
        return False


def ensure_current(store: Store) -> None:
    """Make an empty database ready; refuse one of another revision, since it may hold data to be backed up first.

    Raises:
        WorkFailed: the database belongs to another version of the program.
    """
    is_empty = _is_empty(store)  # asked before the revision: another process may be making both just now
    present = revision(store)
    if present == newest_revision(store):
        _seed_if_killed_before(store)
        return
    if present is None and is_empty:
        upgrade(store)
        return
    raise WorkFailed(
        f"Cơ sở dữ liệu ở phiên bản {present or 'lạ'}, chương trình cần {newest_revision(store)}. "
        "Sao lưu rồi chạy: dunghen db upgrade"
    )


def _is_empty(store: Store) -> bool:
    with told_plainly(store.engine):
        return not inspect(store.engine).get_table_names()


def _seed_if_killed_before(store: Store) -> None:
    """A first run killed between its tables and its catalogues left an office without units: fill them in now."""
    with store.read() as session:
        seeded = is_seeded(session)
    if not seeded:
        with store.transaction() as session:
            seed_catalogues(session)
