"""The shipped rules of what is an unusual amount of looking at dossiers (`tracker/data/unusual.toml`)."""

from functools import lru_cache
from pathlib import Path

from tracker.measures.unusual import UnusualRule
from tracker.tables import bad_table, read_table


@lru_cache(maxsize=4)
def load_unusual(path: Path | None = None) -> tuple[UnusualRule, ...]:
    """The rules, in the order of the table.

    Raises:
        ConfigurationError: the table cannot be used.
    """
    try:
        return tuple(UnusualRule(**entry) for entry in read_table("unusual.toml", path)["rule"])
    except (KeyError, ValueError, TypeError) as fault:
        raise bad_table("unusual.toml", path, fault) from fault
