"""The folder in which a backup is written, or unpacked, until it is whole: beside its target, removed by whoever comes next.

A killed process leaves such a folder. It is known by its name and by nobody holding its lock; files that a killed
restoration had moved aside are put back before it goes.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid4

ENDING = ".dunghen-writing"
LOCK, PENDING = "lock", "pending"


@contextmanager
def workplace(folder: Path) -> Iterator[Path]:
    """A new folder below this one, for its owner only; gone at the end, and with it what killed processes left there."""
    folder.mkdir(parents=True, exist_ok=True)
    sweep(folder)
    place = folder / f"{uuid4().hex}{ENDING}"
    place.mkdir(mode=0o700)
    try:
        with closing(_locked(place)):
            yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def sweep(folder: Path) -> None:
    """Remove what killed processes left; what is at work is left alone."""
    for place in sorted(folder.glob(f"*{ENDING}")):
        try:
            with closing(_locked(place)):
                put_back(place)
        except sqlite3.OperationalError:  # somebody is at work there, or has just gone
            continue
        shutil.rmtree(place, ignore_errors=True)


def put_back(place: Path) -> None:
    """Undo moves of files that were to belong to a store which has not been put in place."""
    pending = place / PENDING
    if not pending.is_file():
        return
    store, home, aside = (Path(line) for line in pending.read_text("utf-8").splitlines())
    if not store.exists():  # it was put in place: the files belong to it
        return
    for path in sorted(each for each in aside.rglob("*") if each.is_file()):
        target = home / path.relative_to(aside)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(path, target)
    shutil.rmtree(aside, ignore_errors=True)


def _locked(place: Path) -> sqlite3.Connection:
    """SQLite's own lock on an empty file: it goes with its process, on every system."""
    connection = sqlite3.connect(place / LOCK, timeout=0, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = OFF")  # nothing is written
        connection.execute("BEGIN EXCLUSIVE")
    except BaseException:
        connection.close()
        raise
    return connection
