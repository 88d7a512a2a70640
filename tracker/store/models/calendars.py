"""What the office itself says of its working time, over the shipped calendars, and how it came to say so.

Nothing is deleted: a row is known in [known_from, known_until), so that any earlier calendar can be had again.
"""

from datetime import date

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from tracker.store.models.base import At, Base, Id, MaybeAt


class CalendarDay(Base):
    """A date of one calendar: off, worked in place of another, or worked for other sessions than its weekday's."""

    __tablename__ = "calendar_day"
    __table_args__ = (Index("ix_calendar_day_calendar_day", "calendar", "day"),)

    id: Mapped[Id]
    calendar: Mapped[str]
    day: Mapped[date]
    replaces: Mapped[date | None]  # worked with the sessions of that date's weekday
    sessions: Mapped[str]  # worked for these, "07:00-11:30 13:30-15:00"; with neither: a day off
    name: Mapped[str]
    notice: Mapped[str]
    provisional: Mapped[bool]
    change_id: Mapped[int | None] = mapped_column(ForeignKey("calendar_change.id"))
    known_from: Mapped[At]
    known_until: Mapped[MaybeAt]


class OfficeCalendar(Base):
    """A calendar of the office's own: its base with other working sessions, another standard day, days of its own."""

    __tablename__ = "office_calendar"
    __table_args__ = (Index("ix_office_calendar_key", "key"),)

    id: Mapped[Id]
    key: Mapped[str]
    name: Mapped[str]
    base: Mapped[str]  # key of a shipped calendar or of another of the office's
    weekdays: Mapped[str]  # JSON {"1": "07:00-11:30 13:30-17:00", ...}, 1 = Monday; empty: those of the base
    day_minutes: Mapped[int | None]  # None: that of the base
    source: Mapped[str]
    change_id: Mapped[int | None] = mapped_column(ForeignKey("calendar_change.id"))
    known_from: Mapped[At]
    known_until: Mapped[MaybeAt]


class UnitCalendar(Base):
    """Which calendar a unit, with all below it, works by, for dossiers received from one day to another."""

    __tablename__ = "unit_calendar"
    __table_args__ = (Index("ix_unit_calendar_unit_id", "unit_id"),)

    id: Mapped[Id]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    calendar: Mapped[str]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    source: Mapped[str]
    change_id: Mapped[int | None] = mapped_column(ForeignKey("calendar_change.id"))
    known_from: Mapped[At]
    known_until: Mapped[MaybeAt]


class CalendarChange(Base):
    """A change of working time that one person asks for and a second one decides on."""

    __tablename__ = "calendar_change"

    id: Mapped[Id]
    state: Mapped[str]  # proposed, applied, rejected, withdrawn
    operations: Mapped[str]  # JSON list
    reason: Mapped[str]
    preview: Mapped[str]  # JSON: what it was said to move, as the decision saw it
    proposed_by: Mapped[str]
    proposed_at: Mapped[At]
    decided_by: Mapped[str | None]
    decided_at: Mapped[MaybeAt]
    note: Mapped[str]
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("calendar_change.id"))


class CalendarJournal(Base):
    """What one applied change did to one dossier's documented due date. Append-only."""

    __tablename__ = "calendar_journal"
    __table_args__ = (Index("ix_calendar_journal_dossier_id", "dossier_id"),)

    change_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    dossier_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[At]
    old_due_at: Mapped[MaybeAt]
    new_due_at: Mapped[MaybeAt]
    was_late: Mapped[bool]
    is_late: Mapped[bool]
    reason: Mapped[str]
