"""Numbers as addresses and forms carry them: of rows and of pages, none larger than a database can hold."""

import re
from collections.abc import Mapping

LARGEST = 2**63 - 1
LAST_PAGE = 100_000
_NUMBER = re.compile(r"[0-9]{1,19}")


def row_number(text: str) -> int | None:
    """The number of a row; None for a text that no row could have for its number."""
    number = int(text) if _NUMBER.fullmatch(text) else LARGEST + 1
    return number if number <= LARGEST else None


def row_asked(given: Mapping[str, str], key: str) -> int | None:
    """The number of a row that an address or a form names; None where it names none that can be."""
    return row_number(given.get(key, ""))


def page_asked(address: Mapping[str, str]) -> int:
    """Which page of a list (`trang`); the first where the address names none."""
    return min(max(row_asked(address, "trang") or 1, 1), LAST_PAGE)
