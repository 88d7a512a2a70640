"""The stages of the ingest benchmark, each run in a process of its own so that its peak memory is its own.

`python -m benchmarks.ingest_stages STAGE ARGUMENTS…` prints one JSON line: seconds, peak MiB, what the stage counted.
"""

import gc
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.stages import command, main
from tracker.types import VN

NOW = datetime(2023, 1, 1, tzinfo=VN)
CHUNK = 6_000
# What an ingest fills; catalogues are there before it.
TABLES = ("batch", "dossier", "due_seen", "suspension", "event", "progress_event", "raw_block")


def floor(source: str, target: str) -> dict[str, Any]:
    """The least that must happen: the rows that our ingest stored, put raw into the same empty tables.

    executemany in one transaction on SQLite, COPY on PostgreSQL; the rows lie ready in memory, a table at a time.
    """
    rows = seconds = processor = 0.0
    for table in TABLES:
        ready = _stored(source, table)
        started, used = time.perf_counter(), time.process_time()
        (_copy if target.startswith("postgresql") else _many)(target, table, ready)
        seconds += time.perf_counter() - started
        processor += time.process_time() - used
        rows += len(ready[1])
    return {"seconds": seconds, "processor": processor, "rows": rows}


def _stored(url: str, table: str) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    if url.startswith("postgresql"):
        import psycopg

        with psycopg.connect(url) as connection:
            cursor = connection.execute(f"SELECT * FROM {table}")
            return tuple(column.name for column in cursor.description or ()), cursor.fetchall()
    import sqlite3

    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        found = connection.execute(f"SELECT * FROM {table}")
        return tuple(column[0] for column in found.description), found.fetchall()


def _many(url: str, table: str, ready: tuple[tuple[str, ...], list[tuple[Any, ...]]]) -> None:
    import sqlite3

    names, rows = ready
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "cache_size=-65536"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN")
    columns = ", ".join(f'"{name}"' for name in names)
    connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({', '.join('?' * len(names))})", rows)
    connection.execute("COMMIT")
    connection.close()


def _copy(url: str, table: str, ready: tuple[tuple[str, ...], list[tuple[Any, ...]]]) -> None:
    import psycopg

    names, rows = ready
    columns = ", ".join(f'"{name}"' for name in names)
    statement = f"COPY {table} ({columns}) FROM STDIN"
    with psycopg.connect(url) as connection, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def read(path: str) -> dict[str, Any]:
    """Reading alone, as the program's own reading process does: the header recognised, every cell typed, every faulty row
    named; nothing sent or stored.
    """
    from tracker.calendar_data import load_calendar
    from tracker.ingest.normalize import Circumstances
    from tracker.ingest.readers.opening import open_tables
    from tracker.ingest.reading import Closings, HowToRead, LocalReading, Midnights
    from tracker.ingest.reading_process import YOUNG_OBJECTS

    calendar = load_calendar()
    ends = {
        day: int(calendar.day_end(day).timestamp()) for day in map(calendar.date_of, range(calendar.size))
    }
    gc.set_threshold(YOUNG_OBJECTS, 10, 10)
    started = time.perf_counter()
    rows = rejected = 0
    with ExitStack() as stack:
        reading = LocalReading(list(open_tables(stack, Path(path), max_mib=4096)), HowToRead(CHUNK))
        reading.begin(Circumstances(int(NOW.timestamp()), NOW.year + 5, Midnights(), Closings(ends)))
        for chunk, piece in reading.pieces():
            columns = piece.columns(range(len(chunk.codes)))
            rows += len(columns.codes)
            rejected += len(columns.rejected)
    return {"seconds": time.perf_counter() - started, "rows": rows, "rejected": rejected}


def bare(path: str) -> dict[str, Any]:
    """The floor of reading: the bytes; inflated where they are deflated; untyped values where they are JSON."""
    started = time.perf_counter()
    size = 0
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                with archive.open(member) as stream:
                    size += sum(map(len, _blocks(stream.read)))
    elif path.endswith(".json"):
        size = len(json.loads(Path(path).read_bytes())["data"])
    else:
        size = Path(path).read_bytes().count(b"\n")
    return {"seconds": time.perf_counter() - started, "size": size}


def _blocks(take: Callable[[int], bytes]) -> Iterator[bytes]:
    while block := take(1 << 20):
        yield block


def peer(path: str, database: str) -> dict[str, Any]:
    """What a clerk's script would be: pandas reads the file, its strings go into one table by `to_sql`."""
    import sqlite3

    import pandas as pd

    started = time.perf_counter()
    if path.endswith(".csv"):
        frame = pd.read_csv(path, dtype=str, encoding="utf-8-sig")
    elif path.endswith(".xlsx"):
        frame = pd.read_excel(path, engine="calamine", header=_header_row(path))
    else:
        frame = pd.DataFrame(json.loads(Path(path).read_bytes())["data"]).astype(str)
    with sqlite3.connect(database) as connection:
        frame.to_sql("dossier", connection, index=False, chunksize=5000)
    return {"seconds": time.perf_counter() - started, "rows": len(frame)}


def _header_row(path: str) -> int:
    import python_calamine

    sheet = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0)
    first = islice(sheet.iter_rows(), 30)
    return next(number for number, row in enumerate(first) if "Mã hồ sơ" in row)


STAGES: dict[str, Callable[..., dict[str, Any]]] = {
    "command": command,
    "floor": floor,
    "read": read,
    "bare": bare,
    "peer": peer,
}


if __name__ == "__main__":
    main(STAGES)
