"""Tells the mutation run that every test rests on the compiled calendars, although the tests compile them on loading.

Which tests a change concerns is found by watching one run; what is called while a test module is loaded would be put
down to whichever test comes first. It also sees to it that the copy under change is what is tested.
"""

import os

import pytest

from tracker.calendar_data import load_calendar
from tracker.timekeeping import deadlines


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Compile a calendar inside the test, while the run is being watched."""
    assert "mutants" in deadlines.__file__
    if os.environ.get("MUTANT_UNDER_TEST") == "stats":
        load_calendar.cache_clear()
        load_calendar()
