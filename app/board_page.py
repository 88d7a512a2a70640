"""What the board's page, its prints and its files show: gathered in few statements, with the filters in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app import board_filters, presenters
from app.access import Role
from app.board import (
    BoardQuestion,
    Count,
    Counts,
    Judge,
    Line,
    Page,
    Standpoint,
    counts,
    day_before,
    judge_at,
    page,
    picked,
    total_of,
)
from app.board_filters import BoardFilters, FilterChip, Meant, question_of
from app.context import AppContext
from tracker.store import board, catalogue
from tracker.store.board import Cursor
from tracker.store.board_filters import handlers_meant, procedures_meant
from tracker.store.session import Session, kept

# Letters that say nothing of what is to be done now.
_SETTLED = frozenset({"closed", "before_start"})


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whose board it is: the account, its units (None = all) and those of the unit that it asked for."""

    account_id: int
    role: Role
    own: frozenset[int] | None
    asked: frozenset[int] | None


@dataclass(frozen=True, slots=True, eq=False)
class Choices:
    """What the form of filters offers by name: units of the account, fields. The same while these are (`_choices`)."""

    units: Mapping[int, str]
    fields: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class BoardSheet:
    """Everything that the page of the board shows."""

    listed: Page
    counts: Counts
    total: Count
    ingested_at: datetime
    as_of: datetime
    since: datetime
    day_minutes: int
    choices: Choices
    chips: Sequence[FilterChip]


@dataclass(frozen=True, slots=True)
class BoardList:
    """A list to be printed or kept as a file: its lines, the filters in words; `is_cut`: there are more."""

    lines: tuple[Line, ...]
    words: str
    as_of: datetime
    day_minutes: int
    is_cut: bool = False
    is_picked: bool = False


def board_sheet(
    context: AppContext, filters: BoardFilters, viewer: Viewer, *, as_of: datetime, after: Cursor | None
) -> BoardSheet | None:
    """The board of a viewer; None where nothing was ever ingested."""
    calendars = context.calendars.present
    since = day_before(context, as_of, calendars.default)
    now = Standpoint(as_of, judge_at(context, as_of, calendars))
    before = Standpoint(since, judge_at(context, since, calendars))
    with context.store.read() as db:
        ingested_at = board.last_ingest(db)
        if ingested_at is None:
            return None
        asked = _question(db, filters, viewer)
        listed = page(db, now.judge, asked, after=after)
        counted = counts(db, now, before, asked)
        choices = _choices(db, viewer)
    return BoardSheet(
        listed, counted, total_of(counted, filters.slot), ingested_at, as_of, since,
        calendars.default.day_minutes, choices, board_filters.chips(filters, choices.units, choices.fields),
    )  # fmt: skip


def board_list(
    context: AppContext, filters: BoardFilters, viewer: Viewer, *, as_of: datetime, at_most: int
) -> BoardList:
    """The whole list of the filters, no longer than `at_most`."""
    judge = judge_at(context, as_of)
    with context.store.read() as db:
        found = page(db, judge, _question(db, filters, viewer), after=None, size=at_most)
        words = _in_words(db, filters, viewer)
    return BoardList(found.lines, words, as_of, _day_minutes(judge), found.next_cursor is not None)


def picked_list(
    context: AppContext, dossier_ids: Sequence[int], viewer: Viewer, *, as_of: datetime
) -> BoardList:
    """The dossiers that were picked, as far as they are open and of the viewer's units."""
    judge = judge_at(context, as_of)
    with context.store.read() as db:
        lines = picked(db, judge, list(dossier_ids), viewer.own)
    return BoardList(lines, "Hồ sơ đã chọn", as_of, _day_minutes(judge), is_picked=True)


def rows_of(sheet: BoardSheet, *, visible: bool) -> list[tuple[Any, ...]]:
    """The rows as their macro takes them; `visible`: are names shown?"""
    return [row_of(line, sheet.day_minutes, visible=visible) for line in sheet.listed.lines]


def row_of(line: Line, day_minutes: int, *, visible: bool) -> tuple[Any, ...]:
    """All that a row shows, as values that stay the same while it does."""
    one, verdict = line.dossier, line.verdict
    left, applicant = (
        presenters.time_left(verdict, day_minutes),
        presenters.name(one.applicant, visible=visible),
    )
    return one, verdict.state, left, line.used, applicant, letter_shown(one.letter)


def letter_shown(state: str | None) -> str | None:
    """The step of a dossier's apology as the board shows it; None where nothing is to be told."""
    return None if state in _SETTLED else state


def _day_minutes(judge: Judge) -> int:
    return judge.calendars.default.day_minutes


def _question(session: Session, filters: BoardFilters, viewer: Viewer) -> BoardQuestion:
    meant = Meant(
        procedures_meant(session, filters.procedure) if filters.procedure else None,
        handlers_meant(session, filters.who, viewer.asked) if filters.who else None,
    )
    return question_of(filters, meant, viewer.asked, viewer.account_id)


def _choices(session: Session, viewer: Viewer) -> Choices:
    """By name; kept for the units of an account, of which there are as many as units at most."""

    def made() -> Choices:
        names = {unit.unit_id: unit.name for unit in catalogue.units(session).values()}
        own = (
            names if viewer.own is None else {each: names[each] for each in sorted(viewer.own & names.keys())}
        )
        return Choices(own, catalogue.fields(session))

    return kept(session, ("choices of the board", viewer.own), made)


def _in_words(session: Session, filters: BoardFilters, viewer: Viewer) -> str:
    choices = _choices(session, viewer)
    return board_filters.in_words(filters, board_filters.chips(filters, choices.units, choices.fields))
