"""The shipped thresholds of the signs of hidden lateness (`tracker/data/integrity.toml`)."""

from functools import lru_cache
from pathlib import Path

from tracker.measures.integrity_rules import IntegrityRules
from tracker.tables import bad_table, day_of, read_table


@lru_cache(maxsize=4)
def load_integrity(path: Path | None = None) -> tuple[IntegrityRules, ...]:
    """All editions, in the order of the table.

    Raises:
        ConfigurationError: the table cannot be used.
    """
    try:
        entries = read_table("integrity.toml", path)["rules"]
        return tuple(_edition(entry) for entry in entries)
    except (KeyError, ValueError, TypeError) as fault:
        raise bad_table("integrity.toml", path, fault) from fault


def _edition(entry: dict[str, object]) -> IntegrityRules:
    told = {name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()}
    told["valid_from"] = day_of(entry["valid_from"])
    return IntegrityRules(**told)  # type: ignore[arg-type]  # a name too many or too few is told as a fault
