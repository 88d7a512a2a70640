"""The only module that reads the clock; everything below takes `now`, `as_of` or `day` as an argument."""

from datetime import datetime

from tracker.types import VN


def now() -> datetime:
    """The present instant, aware, in the office's zone, to the second."""
    return datetime.now(VN).replace(microsecond=0)
