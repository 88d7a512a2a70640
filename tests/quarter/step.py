"""One step of a quarter as a process of its own, which is killed at a statement: `python -m tests.quarter.step ...`.

Arguments: configuration, moment (ISO), "work" or "send", words of the statement, which one of them. SIGKILL comes before the
statement reaches the database, so its transaction is never committed.
"""

import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from app.dispatching import Dispatching
from app.worker import Worker
from tests.flows.office import StandingContext

OWNER = "bi-giet"


def kill_at(words: str, number: int) -> None:
    """End this process at the statement of that number which begins with these words."""
    seen = 0

    def before(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        nonlocal seen
        seen += statement.startswith(words)
        if seen == number:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", before)


def main() -> None:
    """Work or send until killed; status 3 where nothing was left to be killed at."""
    config, instant, what, words, number = sys.argv[1:]
    context = StandingContext(Path(config), instant=datetime.fromisoformat(instant))
    kill_at(words, int(number))
    if what == "work":
        Worker(context, OWNER).run_until_idle()
    else:
        Dispatching(context, OWNER).run_until_idle()
    sys.exit(3)


if __name__ == "__main__":
    main()
