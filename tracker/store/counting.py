"""How many statements a thread sent to the database: what a request cost, without asking anybody."""

import threading
from typing import Any

from sqlalchemy import event

from tracker.store.session import Store

_here = threading.local()
# Marks of transactions are no questions.
_MARKS = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "SET ")


def count_questions(store: Store) -> None:
    """From here on the store's statements are counted; a second call changes nothing."""
    if not event.contains(store.engine, "before_cursor_execute", _note):
        event.listen(store.engine, "before_cursor_execute", _note)


def questions() -> int:
    """The statements of this thread so far; of two readings the difference counts."""
    count: int = getattr(_here, "count", 0)
    return count


def _note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
    if not statement.startswith(_MARKS):
        _here.count = getattr(_here, "count", 0) + 1
