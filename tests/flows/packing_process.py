"""A process that makes evidence packs and dies where it is told to.

`python -m tests.flows.packing_process CONFIG WHERE`: WHERE is "writing" (members are half written), "commit" (all is written,
the file is in its place, nothing committed), "after" (committed, nothing handed out), or "never". Ended by SIGKILL: no
block of the program is left in order.
"""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from app.packs import PackAsked, make_pack
from tests.flows.office import NOW, StandingContext
from tracker.store.session import Session, Store, open_store


def die() -> None:
    """At once, as by a power cut."""
    os.kill(os.getpid(), signal.SIGKILL)


class DyingStore(Store):
    """Dies before the commit of a transaction that has put a pack in its place."""

    place: Path

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        before = set(self.place.glob("*.zip"))
        with super().transaction() as session:
            yield session
            if set(self.place.glob("*.zip")) - before:
                die()


def main() -> None:
    """Make one pack."""
    context, where = StandingContext(Path(sys.argv[1])), sys.argv[2]
    if where == "commit":
        DyingStore.place = context.data_dir / "packs"
        context.store = DyingStore(open_store(context.config.database_url).engine)

    def watch(_done: int, _total: int | None, words: str) -> None:
        if where == "writing" and words == "Ghi nhật ký":
            die()

    asked = PackAsked(date(2022, 1, 1), date(2022, 12, 31), NOW)
    if where == "writing":
        context.store = _with_long_log(context.store)
    made = make_pack(context, asked, by="operator", watch=watch)
    if where == "after":
        die()
    sys.stdout.write(made.new.number)


def _with_long_log(store: Store) -> Store:
    """So many entries that their writing is told of."""
    from tracker.store import audit

    acts = [audit.Act(NOW, "operator", "view", f"dossier:{number}", {}) for number in range(300)]
    with store.transaction() as session:
        audit.append_acts(session, acts)
    return store


if __name__ == "__main__":
    main()
