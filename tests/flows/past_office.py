"""An office as an earlier program left it: its frozen database of invented dossiers, in either kind of database."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import text

from tests.databases import SQLITE
from tests.flows.office import Office
from tests.store.past_revisions import frozen
from tracker.store.copying import copy_store
from tracker.store.migrate import revision
from tracker.store.session import open_store
from tracker.types import VN

# An hour after the newest of the frozen databases was filled; the loads of all are of the same day.
LATER = datetime(2026, 11, 30, 18, 0, tzinfo=VN)
# PostgreSQL came with this one.
FIRST_OF_POSTGRESQL = "0003"


def past(folder: Path, before: str) -> Office:
    """The office that the program of this revision left behind."""
    office = Office(folder)
    office.now = LATER
    if office.databases.name == SQLITE:
        frozen(before, Path(office.url.removeprefix("sqlite:///")))
        return office
    file = folder / "frozen.sqlite3"
    frozen(before, file)
    copy_store(file.as_posix(), office.url, lambda _words: None, as_it_is=True)
    return office


def revision_of(office: Office) -> str | None:
    """Where its database stands."""
    store = open_store(office.url)
    found = revision(store)
    store.close()
    return found


def newer_than_this_program(office: Office) -> None:
    """As a later program would leave it."""
    store = open_store(office.url)
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
