"""A process that numbers signed letters out of their unit's series, some at a time, until none is left.

`python -m tests.flows.numbering_process URL STEP [dies]`: STEP letters a transaction, from the end of the list where it is
negative. It says a line for each. With `dies` it ends itself in the transaction, after all is written and before the commit.
"""

import os
import sys
from datetime import datetime

from sqlalchemy import select

from letters.moving import Asker
from letters.numbering import number_own
from tracker.store.models import Letter
from tracker.store.session import Store, open_store
from tracker.types import VN

NOW = datetime(2023, 1, 5, 9, tzinfo=VN)


def signed(store: Store) -> list[int]:
    """Letters that wait for a number."""
    with store.read() as session:
        return list(session.scalars(select(Letter.id).where(Letter.state == "signed").order_by(Letter.id)))


def say(line: str) -> None:
    """Tell whoever watches, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Number what there is."""
    store, step = open_store(sys.argv[1]), int(sys.argv[2])
    at_end = (lambda *_of: os._exit(9)) if "dies" in sys.argv else (lambda *_of: None)
    say("begins")
    while left := signed(store):
        chosen = left[:step] if step > 0 else left[step:]
        number_own(store, chosen, NOW.date(), Asker(f"may-{step}", NOW), at_end)
        say(str(len(left)))
    store.close()


if __name__ == "__main__":
    main()
