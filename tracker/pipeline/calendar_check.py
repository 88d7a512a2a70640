"""Can a change of the calendar be at all? Said at once, before anybody reckons what it would move."""

from collections.abc import Sequence

from tracker.pipeline.calendar_operations import plan
from tracker.store import catalogue
from tracker.store.calendars import load_history
from tracker.store.session import Store
from tracker.types.calendars import Operation


def check(store: Store, operations: Sequence[Operation], *, calendar_key: str) -> None:
    """Look at declarations only; whether an applied change can be taken back, `calendar_changes` says.

    Raises:
        UsageError: an operation that cannot be.
    """
    with store.read() as session:
        history = load_history(session, calendar_key)
        units = {unit_id: unit.parent_id for unit_id, unit in catalogue.units(session).items()}
    plan(operations, history, units=units, applied={})
