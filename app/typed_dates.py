"""Dates as people type them into a page: 31/12/2022, or as a browser's own date field gives them."""

from datetime import date


def typed_day(text: str) -> date:
    """The date; ValueError for anything that is not one."""
    text = text.strip()
    if "-" in text:
        return date.fromisoformat(text)
    day, month, year = (int(part) for part in text.split("/"))
    return date(year, month, day)
