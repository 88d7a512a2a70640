"""The stages of the main job, each run in a process of its own so that its peak memory is its own.

`python -m benchmarks.stages STAGE ARGUMENTS…` prints one JSON line: seconds, peak MiB, and what the stage counted.
"""

import hashlib
import json
import sqlite3
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from tracker.types import VN

TABLES = (
    "batch", "dossier", "due_seen", "suspension", "event", "raw_block", "obligation", "letter", "letter_step",
)  # fmt: skip
PEER_LETTERS = 200
AS_OF = datetime(2023, 1, 1, 23, 59, 59, tzinfo=VN)


def peak_mib() -> float:
    """Peak resident memory of this process so far; what its parent once held, which getrusage counts in, left out."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def command(database: str, *arguments: str) -> dict[str, Any]:
    """One command of the program, imports and start included."""
    import os
    from contextlib import redirect_stdout
    from io import StringIO

    os.environ["DUNGHEN_DATABASE_URL"] = database if "://" in database else f"sqlite:///{database}"
    said = StringIO()
    started = time.perf_counter()
    with redirect_stdout(said):
        from app.cli import main

        try:
            main([*arguments, "--json"])
        except SystemExit as end:
            if end.code not in (0, None):
                raise
    document = json.loads(said.getvalue())
    brief = {key: value for key, value in document.items() if isinstance(value, int | float | str | bool)}
    return {"seconds": time.perf_counter() - started, **brief}


def floor(database: str, csv: str, letters: str, folder: str) -> dict[str, Any]:
    """The least that must happen: read the bytes, raw inserts of the same rows, write the ready letters."""
    rows, schema = _stored(database)
    ready = [(path.name, path.read_bytes()) for path in Path(letters).rglob("*.docx")]
    base = peak_mib()
    out = Path(folder)
    out.mkdir(parents=True)
    started = time.perf_counter()
    Path(csv).read_bytes()
    read = time.perf_counter()
    _insert(out / "floor.sqlite3", schema, rows)
    inserted = time.perf_counter()
    for number, (name, body) in enumerate(ready):
        shard = out / str(number % 64)
        shard.mkdir(exist_ok=True)
        (shard / name).write_bytes(body)
    ended = time.perf_counter()
    return {
        "seconds": ended - started,
        "read": read - started,
        "insert": inserted - read,
        "write": ended - inserted,
        "letters": len(ready),
        "input_mib": base,
    }


def _stored(database: str) -> tuple[dict[str, list[tuple[Any, ...]]], list[str]]:
    connection = sqlite3.connect(database)
    schema = [
        sql
        for (sql,) in connection.execute(
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rootpage"
        )
        if any(f" {table} " in sql or f'"{table}"' in sql or f" {table}(" in sql for table in TABLES)
    ]
    rows = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}
    connection.close()
    return rows, schema


def _insert(path: Path, schema: list[str], rows: dict[str, list[tuple[Any, ...]]]) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "cache_size=-65536"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN")
    for sql in schema:
        connection.execute(sql)
    for table, content in rows.items():
        if content:
            marks = ", ".join("?" * len(content[0]))
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", content)
    connection.execute("COMMIT")
    connection.close()


def hash_floor(csv: str) -> dict[str, Any]:
    """The floor of reading a file again: hash its rows."""
    started = time.perf_counter()
    count = 0
    with Path(csv).open("rb") as stream:
        for count, line in enumerate(stream, 1):  # noqa: B007 -- the number of rows is part of the answer
            hashlib.blake2b(line, digest_size=16).digest()
    return {"seconds": time.perf_counter() - started, "rows": count}


def peer(csv: str, folder: str) -> dict[str, Any]:
    """What a clerk's script would be: pandas into SQLite, python-docx letters (some, the rest extrapolated)."""
    import pandas as pd
    from docx import Document

    out = Path(folder)
    out.mkdir(parents=True)
    started = time.perf_counter()
    frame = pd.read_csv(csv, dtype=str, encoding="utf-8-sig")
    for column in ("Ngày tiếp nhận", "Ngày hẹn trả", "Ngày kết thúc xử lý"):
        frame[column] = pd.to_datetime(frame[column], format="%d/%m/%Y %H:%M:%S")
    with sqlite3.connect(out / "peer.sqlite3") as connection:
        frame.to_sql("dossier", connection, index=False, chunksize=5000)
    late = frame[frame["Ngày kết thúc xử lý"].dt.normalize() > frame["Ngày hẹn trả"].dt.normalize()]
    stored = time.perf_counter()
    for number, row in enumerate(late.head(PEER_LETTERS).itertuples(index=False)):
        document = Document()
        for text in map(str, row):
            document.add_paragraph(text)
        document.save(str(out / f"{number}.docx"))
    per_letter = (time.perf_counter() - stored) / min(PEER_LETTERS, len(late))
    return {
        "seconds": stored - started + per_letter * len(late),
        "store": stored - started,
        "letters_per_second": 1 / per_letter,
        "extrapolated_letters": len(late),
    }


STAGES: dict[str, Callable[..., dict[str, Any]]] = {
    "command": command,
    "floor": floor,
    "hash": hash_floor,
    "peer": peer,
}


def main(stages: dict[str, Callable[..., dict[str, Any]]]) -> None:
    """Run one stage and print what it measured."""
    answer = stages[sys.argv[1]](*sys.argv[2:])
    print(json.dumps({**answer, "peak_mib": round(peak_mib())}))


if __name__ == "__main__":
    main(STAGES)
