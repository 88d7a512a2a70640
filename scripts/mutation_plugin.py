"""Tells the mutation run that every test rests on the compiled calendars, although the tests compile them on loading.

Which tests a change concerns is found by watching one run; what is called while a test module is loaded would be put
down to whichever test comes first. It also sees to it that the copy under change is what is tested, and that the quick
tests come first, since the first failure ends the run of a mutant.
"""

import os

import pytest

from tracker.calendar_data import DEFAULT_CALENDAR, shipped_calendars
from tracker.timekeeping import deadlines
from tracker.timekeeping.working_calendar import WorkingCalendar

SLOW = ("test_vectors", "test_deadline_array", "test_deadline_laws")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the random and the large tests behind the tables."""
    items.sort(key=lambda item: SLOW.index(item.path.stem) + 1 if item.path.stem in SLOW else 0)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Compile a calendar inside the test, while the run is being watched."""
    assert "mutants" in deadlines.__file__
    if os.environ.get("MUTANT_UNDER_TEST") == "stats":
        WorkingCalendar(shipped_calendars.__wrapped__()[DEFAULT_CALENDAR])
