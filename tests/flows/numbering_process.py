"""A process that numbers signed letters out of their unit's series, some at a time.

`python -m tests.flows.numbering_process URL STEP MOST [dies]`: STEP letters a transaction, from the end of the list where it
is negative, in MOST transactions at most. It says that it is there, begins when it is told a line, says a line for each
transaction, and ends when its input does. With `dies` it ends itself in a transaction, after all is written and before the
commit.
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
    say("there")
    sys.stdin.readline()
    for _ in range(int(sys.argv[3])):
        left = signed(store)
        if not left:
            break
        number_own(
            store, left[:step] if step > 0 else left[step:], NOW.date(), Asker(f"may{step}", NOW), at_end
        )
        say(str(len(left)))
    sys.stdin.read()
    store.close()


if __name__ == "__main__":
    main()
