"""Where reports are read from: a replica of the database, if there is one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

REPORTS_URL_VARIABLE = "DUNGHEN_REPORTS_URL"


@dataclass(frozen=True, slots=True)
class ReportsConfig:
    """The replica that reports are read from (empty: none); how long it is waited for, how far behind it may be."""

    url: str = field(repr=False)  # may hold a password
    wait_seconds: int
    max_lag_seconds: int


def reports_of(values: Mapping[str, Any], env: Mapping[str, str]) -> ReportsConfig:
    """The replica; the address of the environment goes before the file's."""
    return ReportsConfig(
        env.get(REPORTS_URL_VARIABLE) or values["store.reports_url"],
        values["store.reports_wait_seconds"],
        values["store.reports_max_lag_seconds"],
    )
