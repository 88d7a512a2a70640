"""What a search finds, as its page and the box of every page show it: judged by the one definition, open dossiers first.

Who reads no names finds by code alone: a list of hits for a name would say whose dossiers there are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app import presenters
from app.board import Judge, judge_at
from app.context import AppContext
from app.english.pages import said
from tracker.search_text import Asked, asked
from tracker.store import search_queries
from tracker.store.search_queries import Candidate, Hit, Units
from tracker.types import Lateness, State

LISTED, SUGGESTED = 50, 8
# So many are looked at for each way a text may be meant, of which the open and the newest ones are listed.
LOOKED_AT, LOOKED_AT_WHILE_TYPING = 200, 40
LEAST_TYPED = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One hit with its verdict."""

    hit: Hit
    verdict: Lateness


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found; `only`: the one dossier whose code was meant, which is opened at once.

    `has_more`: more fit than are listed. `waiting`: at most so many dossiers cannot be found by name yet.
    """

    asked: Asked
    lines: tuple[Line, ...]
    has_more: bool = False
    only: str = ""
    waiting: int = 0

    def as_logged(self) -> Mapping[str, Any]:
        """What the log keeps: never what was typed, which may be anybody's name or telephone."""
        ids = [line.hit.dossier_id for line in self.lines]
        return {"kind": self.asked.kind, "hits": len(ids), "more": self.has_more, "ids": ids}


@dataclass(frozen=True, slots=True)
class Seeker:
    """Who looks: units (None = all), and whether they read names."""

    units: Units
    sees_names: bool
    now: datetime


def find(context: AppContext, typed: str, seeker: Seeker) -> Found:
    """The page's list."""
    return _find(context, typed, seeker, listed=LISTED, looked_at=LOOKED_AT)


def suggest(context: AppContext, typed: str, seeker: Seeker) -> Found:
    """The few of the box, while somebody types."""
    if len(typed.strip()) < LEAST_TYPED:
        return Found(asked(""), ())
    return _find(context, typed, seeker, listed=SUGGESTED, looked_at=LOOKED_AT_WHILE_TYPING)


def _find(context: AppContext, typed: str, seeker: Seeker, *, listed: int, looked_at: int) -> Found:
    meant = asked(typed)
    if not seeker.sees_names:
        meant = meant.by_code_only()
    with context.store.read() as session:
        found = search_queries.candidates(session, meant, seeker.units, limit=looked_at)
        fitting = sorted(filter(meant.fits, found.found), key=_order(meant))
        shown = search_queries.hits(session, [one.dossier_id for one in fitting[:listed]])
    has_more = len(fitting) > listed or found.is_cut
    return Found(
        meant,
        _judged(context, shown, seeker.now),
        has_more=has_more,
        only=_only(meant, fitting, has_more=has_more),
        waiting=found.waiting if seeker.sees_names else 0,
    )


def _order(meant: Asked) -> Any:
    """The dossier whose code was typed whole first, then open ones, then the newest."""

    def key(one: Candidate) -> tuple[bool, bool, int, int]:
        return one.code not in meant.codes, not one.is_open, -one.began, -one.dossier_id

    return key


def _only(meant: Asked, fitting: Sequence[Candidate], *, has_more: bool) -> str:
    exact = [one.code for one in fitting if one.code in meant.codes]
    if len(exact) == 1:
        return exact[0]
    by_code = meant.by_code_only()
    if len(fitting) == 1 and not has_more and by_code.fits(fitting[0]):
        return fitting[0].code
    return ""


def _judged(context: AppContext, hits: Sequence[Hit], now: datetime) -> tuple[Line, ...]:
    """Open dossiers by the calendars of the present, as on the board; ended ones by those that were known at their end."""
    history = context.calendars
    judges: dict[int, Judge] = {}
    lines = []
    for hit in hits:
        calendars = history.at(hit.ended_known_at)
        judge = judges.setdefault(id(calendars), judge_at(context, now, calendars))
        lines.append(Line(hit, judge(hit.facts, hit.limit_text, hit.working_unit_id)))
    return tuple(lines)


def rows_of(found: Found, day_minutes: int, *, visible: bool) -> list[tuple[Any, ...]]:
    """All that each row of the page shows, as values that stay the same while it does; `visible`: are names shown?"""
    return [
        (
            line.hit, line.verdict.state, presenters.time_left(line.verdict, day_minutes),
            presenters.name(line.hit.applicant, visible=visible),
        )
        for line in found.lines
    ]  # fmt: skip


# ---------------------------------------------------------------- the box of every page


def as_suggestions(found: Found, addresses: Mapping[str, str], *, sees_names: bool, day_minutes: int) -> Any:
    """The hits as the script of the box takes them: texts alone, which it puts in as texts."""
    return {
        "hits": [
            {
                "address": addresses[line.hit.code],
                "code": line.hit.code,
                "applicant": presenters.name(line.hit.applicant, visible=sees_names),
                "procedure": line.hit.procedure,
                "state": said(presenters.CHIPS[line.verdict.state].word),
                "tone": presenters.CHIPS[line.verdict.state].tone,
                "left": said(_left(line.verdict, day_minutes)),
            }
            for line in found.lines
        ],
        "more": found.has_more,
    }


def _left(verdict: Lateness, day_minutes: int) -> str:
    """The time that a state alone does not tell; of what waits for acceptance the state tells everything."""
    return "" if verdict.state is State.FILED else presenters.time_left(verdict, day_minutes)
