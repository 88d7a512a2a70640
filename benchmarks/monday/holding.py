"""Who keeps others from writing, and for how long: each transaction of a process that writes, with the line that began it.

On SQLite from taking the write lock to the commit; on PostgreSQL from the first advisory lock. Seconds that passed, and of
them those in which this thread had a processor: the difference is waiting for the disk, the server, or the machine.
"""

import json
import os
import time
import traceback
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import event

from tracker.store.session import Store

FOLDER = "DUNGHEN_BENCH_HOLDING"
LEAST_SECONDS = 0.02
OURS = ("/app/", "/letters/", "/notifications/", "/tracker/pipeline/", "/tracker/store/")
BEGINS = ("BEGIN IMMEDIATE", "SELECT pg_advisory_xact_lock")


def record(store: Store, kind: str) -> None:
    """From here on; into a file of this process, where the environment names a folder."""
    if FOLDER not in os.environ:
        return
    out = (Path(os.environ[FOLDER]) / f"{kind}-{os.getpid()}.jsonl").open("a", buffering=1, encoding="utf-8")

    def began(connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith(BEGINS) and "held" not in connection.info:
            connection.info["held"] = (time.monotonic(), time.thread_time(), _where())

    def ended(connection: Any) -> None:
        if told := connection.info.pop("held", None):
            seconds = time.monotonic() - told[0]
            if seconds >= LEAST_SECONDS:
                line = {"seconds": seconds, "processor": time.thread_time() - told[1], "where": told[2]}
                out.write(json.dumps(line) + "\n")

    event.listen(store.engine, "after_cursor_execute", began)
    event.listen(store.engine, "commit", ended)
    event.listen(store.engine, "rollback", ended)


def _where() -> str:
    frames = [
        f"{Path(frame.filename).stem}.{frame.name}"
        for frame in traceback.extract_stack()
        if any(part in frame.filename for part in OURS) and "session.py" not in frame.filename
    ]
    return " < ".join(
        reversed([each for each in frames if not each.startswith(("turns.", "locks.", "worker."))][-3:])
    )


def held(folder: Path, most: int = 12) -> dict[str, Mapping[str, float]]:
    """The places that held longest in sum: how often, seconds in sum and at most, and of those with a processor."""
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for path in folder.glob("*.jsonl"):
        for line in path.read_text("utf-8").splitlines():
            told = json.loads(line)
            found[f"{path.stem.partition('-')[0]}: {told['where']}"].append(
                (told["seconds"], told["processor"])
            )
    ordered = sorted(found.items(), key=lambda item: -sum(seconds for seconds, _own in item[1]))
    return {
        where: {
            "times": len(each), "seconds": round(sum(s for s, _p in each), 2), "longest": round(max(s for s, _p in each), 2),
            "processor": round(sum(p for _s, p in each), 2), "longest processor": round(max(p for _s, p in each), 2),
        }
        for where, each in ordered[:most]
    }  # fmt: skip
