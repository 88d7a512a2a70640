"""Creating and migrating the database by Alembic, and filling a new one with the shipped catalogues.

Every command asks whether the database is at the newest revision; Alembic itself is loaded by those that migrate only.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

import migrations
from tracker.errors import WorkFailed
from tracker.store.faults import one_line, told_plainly
from tracker.store.partitioning import empty_whole_tables
from tracker.store.partitions import own_tables
from tracker.store.seed import is_seeded, seed_catalogues
from tracker.store.session import Store

if TYPE_CHECKING:
    from alembic.config import Config

VERSION_TABLE = "alembic_version"
Tell = Callable[[str, bool], None]


def alembic_config(store: Store | None) -> "Config":
    """What Alembic works by: our revisions, on the engine of this store."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["engine"] = store.engine if store else None
    return config


def upgrade(store: Store, tell: Tell | None = None) -> str:
    """Bring the database to the newest revision, fill an empty catalogue, and return the revision.

    `tell` learns of each revision that was applied, and whether upward. Killed at any moment it leaves the revision from
    which it came or the newest one, never one in between.
    """
    create_tables(store, tell=tell)
    with store.transaction() as session:
        seed_catalogues(session)
    return revision(store) or ""


def create_tables(store: Store, wanted: str = "head", *, tell: Tell | None = None) -> None:
    """Bring the tables to the newest revision, or as far as `wanted`, and put nothing into them."""
    from alembic import command

    config = alembic_config(store)
    config.attributes["tell"] = tell
    with told_plainly(store.engine):
        command.upgrade(config, wanted)


def rebuild_tables(connection: Connection, wanted: str) -> None:
    """All tables taken away and made anew, empty, as an earlier revision had them; within the transaction of the caller."""
    from alembic import command

    # Revisions go back through indexes that tables in partitions cannot have.
    empty_whole_tables(connection)
    config = alembic_config(None)
    config.attributes["connection"] = connection
    command.downgrade(config, "base")
    command.upgrade(config, wanted)


def revision(store: Store) -> str | None:
    """The revision the database is at; None for an empty one."""
    try:
        with told_plainly(store.engine), store.engine.connect() as connection:
            if not inspect(connection).has_table(VERSION_TABLE):
                return None
            return connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()
    except DBAPIError as error:
        address = store.engine.url.render_as_string(hide_password=True)
        raise WorkFailed(f"Không mở được cơ sở dữ liệu {address}: {one_line(error.orig)}") from error


def rows_of_tables(store: Store) -> dict[str, int]:
    """How many rows each table has, whatever the revision."""
    with told_plainly(store.engine), store.engine.connect() as connection:
        names = set(inspect(connection).get_table_names()) - own_tables(connection) - {VERSION_TABLE}
        return {
            name: connection.scalar(text(f'SELECT count(*) FROM "{name}"')) or 0 for name in sorted(names)
        }


@cache
def revisions() -> tuple[str, ...]:
    """All revisions that this program knows, oldest first: each is told by the number that its file begins with."""
    folder = Path(migrations.__file__).parent / "versions"
    return tuple(sorted(path.name.partition("_")[0] for path in folder.glob("[0-9]*_*.py")))


def newest_revision() -> str:
    """The revision this program wants."""
    return revisions()[-1]


def is_known(revision: str) -> bool:
    """Is it a revision of this program or of an earlier one?"""
    return revision in revisions()


def ensure_current(store: Store) -> None:
    """Make an empty database ready; refuse one of another revision, since it may hold data to be backed up first.

    Raises:
        WorkFailed: the database belongs to another version of the program.
    """
    present, is_empty = revision(store), False
    if present != newest_revision():
        is_empty = _is_empty(store)  # asked before the revision: another process may be making both just now
        present = revision(store)
    if present == newest_revision():
        _seed_if_killed_before(store)
    elif present is None and is_empty:
        upgrade(store)
    else:
        raise WorkFailed(_other_revision(present))
    store.stay_at(newest_revision())


def _other_revision(present: str | None) -> str:
    if present is not None and not is_known(present):
        return (
            f"Cơ sở dữ liệu ở phiên bản {present} của một chương trình mới hơn; chương trình này chỉ biết đến "
            f"{newest_revision()}. Hãy chạy bản chương trình mới, hoặc khôi phục bản sao lưu trước khi nâng cấp."
        )
    return (
        f"Cơ sở dữ liệu ở phiên bản {present or 'lạ'}, chương trình cần {newest_revision()}. "
        "Dừng các tiến trình rồi chạy (lệnh tự sao lưu trước): dunghen db upgrade"
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
