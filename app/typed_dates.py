"""Dates as people type them into a page: 31/12/2022, or as a browser's own date field gives them."""

from collections.abc import Mapping
from datetime import date

# Days before and after these are slips of typing, and a month more or less of them may be no date at all.
FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)


def typed_day(text: str) -> date:
    """The date; ValueError for anything that is not one."""
    text = text.strip()
    if "-" in text:
        return date.fromisoformat(text)
    day, month, year = (int(part) for part in text.split("/"))
    return date(year, month, day)


def day_asked(address: Mapping[str, str], key: str, label: str, faults: list[str]) -> date | None:
    """A date of the address; one that cannot be read or meant is left out and told in `faults`."""
    text = address.get(key, "").strip()
    if not text:
        return None
    try:
        day = typed_day(text)
    except ValueError:
        day = None
    if day is None or not FIRST <= day <= LAST:
        faults.append(f"{label}: “{text[:20]}” không phải là ngày; hãy viết như 31/12/2022.")
        return None
    return day
