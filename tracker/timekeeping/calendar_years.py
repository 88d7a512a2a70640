"""Which years a working calendar lacks: this one, and from October the next, whose dossiers are being received. Pure."""

from datetime import date

from tracker.timekeeping.working_calendar import WorkingCalendar

NEXT_YEAR_FROM = 10  # the notice of a year's public holidays comes in the autumn before


def holds_year(table: WorkingCalendar, year: int) -> bool:
    """Does the calendar hold every day of the year?"""
    return table.first <= date(year, 1, 1) and date(year, 12, 31) <= table.last


def missing_years(table: WorkingCalendar, today: date) -> list[int]:
    """The years that have to be there on a day and are not."""
    years = (today.year, today.year + 1) if today.month >= NEXT_YEAR_FROM else (today.year,)
    return [year for year in years if not holds_year(table, year)]
