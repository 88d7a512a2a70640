"""Secret links to due dates: made, listed, revoked, found by their secret; and the due dates that one of them shows.

Of a secret its SHA-256 alone is kept: 256 random bits cannot be guessed, so no slow hash is needed, and looking a hash
up tells nobody how much of a guess was right. No applicant is read; an officer's name is compared, never handed out.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, Select, and_, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from tracker.store.ids import next_id
from tracker.store.letter_check import catalogued_procedure, catalogued_unit
from tracker.store.locks import Lock, hold
from tracker.store.models import Assignment, DueSeen, Feed, Procedure, Unit, User
from tracker.store.versions import DUE_COLUMNS, is_accepted, known_dossiers, number, open_branches
from tracker.text import fold
from tracker.types import Basis

PERSON, UNIT = "person", "unit"
SCOPES = (PERSON, UNIT)


@dataclass(frozen=True, slots=True)
class NewFeed:
    """What is needed to make a link; `unit_id` None = the whole province."""

    account_id: int
    scope: str
    unit_id: int | None
    name: str
    token: str = field(repr=False)


class FeedRow(NamedTuple):
    """A link as lists show it; its secret is not to be had. `unit_id` None = the whole province."""

    feed_id: int
    account_id: int
    login: str
    owner: str
    scope: str
    unit_id: int | None
    unit: str | None
    name: str
    created_at: datetime
    revoked_at: datetime | None
    revoked_by: str
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class DueScope:
    """Whose due dates: of these units (None = all), with `account_id` only what is the work of this account.

    That is what was assigned to it, and what a source gives to somebody of its name and nobody assigned to another.
    """

    unit_ids: frozenset[int] | None
    account_id: int | None = None
    full_name: str = ""


@dataclass(frozen=True, slots=True)
class DueSpan:
    """Due dates from `start` to `end` on a basis, of what is open at `as_of`; the `limit` nearest to it."""

    basis: Basis
    as_of: datetime
    start: datetime
    end: datetime
    limit: int


class DueLine(NamedTuple):
    """An open dossier's due date. `moves`: how often its source changed it; `known_from`: since when it stands so."""

    dossier_id: int
    code: str
    due_at: datetime
    procedure: str
    unit: str
    known_from: datetime
    moves: int


class DueLines(NamedTuple):
    """Due dates in order of date, and whether there are more than were asked for."""

    lines: tuple[DueLine, ...]
    is_cut: bool


# ---------------------------------------------------------------- links


def hash_of(token: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(token.encode()).hexdigest()


def add_feed(session: Session, new: NewFeed, now: datetime) -> int:
    """Keep a new link; its number."""
    hold(session, Lock.ACCOUNTS)
    feed_id = next_id(session, Feed.id)
    row = {
        "id": feed_id, "account_id": new.account_id, "unit_id": new.unit_id, "scope": new.scope, "name": new.name,
        "token_sha256": hash_of(new.token), "created_at": now,
    }  # fmt: skip
    session.execute(insert(Feed), [row])
    return feed_id


def list_feeds(session: Session, account_id: int | None = None) -> list[FeedRow]:
    """The links of an account (None: of all), those that count first, then the newest first."""
    query = _feeds().order_by(Feed.revoked_at.is_not(None), Feed.id.desc())
    if account_id is not None:
        query = query.where(Feed.account_id == account_id)
    return [FeedRow._make(row) for row in session.execute(query)]


def find_feed(session: Session, feed_id: int) -> FeedRow | None:
    """The link of a number, revoked or not."""
    row = session.execute(_feeds().where(Feed.id == feed_id)).one_or_none()
    return None if row is None else FeedRow._make(row)


def find_by_token(session: Session, token: str) -> FeedRow | None:
    """The link of a secret that still counts."""
    query = _feeds().where(Feed.token_sha256 == hash_of(token), Feed.revoked_at.is_(None))
    row = session.execute(query).one_or_none()
    return None if row is None else FeedRow._make(row)


def count_open(session: Session, account_id: int) -> int:
    """How many links of an account count."""
    query = select(func.count()).where(Feed.account_id == account_id, Feed.revoked_at.is_(None))
    return int(session.scalar(query) or 0)


def revoke(session: Session, feed_id: int, by: str, now: datetime) -> bool:
    """The link opens nothing any more. False: it was revoked before; that moment stays."""
    still_open = (Feed.id == feed_id) & Feed.revoked_at.is_(None)
    done: Any = session.execute(update(Feed).where(still_open).values(revoked_at=now, revoked_by=by))
    return bool(done.rowcount)


def note_use(session: Session, feed_id: int, now: datetime, since: datetime) -> bool:
    """Note that a link was used, unless it was used since then already (False)."""
    not_yet = or_(Feed.used_at.is_(None), Feed.used_at < since)
    done: Any = session.execute(update(Feed).where(Feed.id == feed_id, not_yet).values(used_at=now))
    return bool(done.rowcount)


def forget_demo_feeds(session: Session) -> None:
    """Remove the links of demonstration accounts, before the accounts go."""
    demo = select(User.id).where(User.is_demo)
    session.execute(delete(Feed).where(Feed.account_id.in_(demo)))


def _feeds() -> Any:
    return (
        select(
            Feed.id, Feed.account_id, User.login, User.full_name, Feed.scope, Feed.unit_id, Unit.name, Feed.name,
            Feed.created_at, Feed.revoked_at, Feed.revoked_by, Feed.used_at,
        )
        .join(User, User.id == Feed.account_id)
        .outerjoin(Unit, Unit.id == Feed.unit_id)
    )  # fmt: skip


# ---------------------------------------------------------------- due dates


def due_lines(session: Session, scope: DueScope, span: DueSpan) -> DueLines:
    """The due dates nearest to the moment, in order of date. Whether one is late says `lateness.classify` alone."""
    dossiers = known_dossiers(None)
    moment, due = int(span.as_of.timestamp()), dossiers.c[DUE_COLUMNS[span.basis]]
    tests = [is_accepted(dossiers), number(due).between(*_epochs(span)), *_within(dossiers, scope)]
    if scope.account_id is not None:
        named = _names_like(session, dossiers, tests, scope.full_name)
        tests.append(_is_work_of(dossiers, scope.account_id, named))
    distance = func.abs(number(due) - moment)
    rows = [
        row
        for still_open in open_branches(dossiers, moment)
        for row in session.execute(
            _lines(dossiers, due, distance)
            .where(*still_open, *tests)
            .order_by(distance, dossiers.c.id)
            .limit(span.limit + 1)
        )
    ]
    nearest = sorted(rows, key=lambda row: (row.distance, row.id))[: span.limit]
    moves = _moves(session, [row.id for row in nearest])
    lines = [
        DueLine(row.id, row.code, row.due_at, row.procedure, row.unit, row.known_from, moves.get(row.id, 0))
        for row in nearest
    ]
    return DueLines(tuple(sorted(lines, key=lambda line: (line.due_at, line.code))), len(rows) > span.limit)


def _epochs(span: DueSpan) -> tuple[int, int]:
    return int(span.start.timestamp()), int(span.end.timestamp())


def _within(dossiers: FromClause, scope: DueScope) -> list[ColumnElement[bool]]:
    return [] if scope.unit_ids is None else [dossiers.c.resolving_unit_id.in_(sorted(scope.unit_ids))]


def _lines(dossiers: FromClause, due: ColumnElement[Any], distance: ColumnElement[int]) -> Select[Any]:
    c = dossiers.c
    return (
        select(
            c.id, c.code, due.label("due_at"), c.known_from, distance.label("distance"),
            catalogued_procedure.label("procedure"), catalogued_unit.label("unit"),
        )
        .select_from(dossiers)
        .outerjoin(Procedure, Procedure.id == c.procedure_id)
        .outerjoin(Unit, Unit.id == c.resolving_unit_id)
    )  # fmt: skip


def _names_like(
    session: Session, dossiers: FromClause, tests: list[ColumnElement[bool]], full_name: str
) -> list[str]:
    """The spellings of a person's name among the officers of such dossiers."""
    wanted = fold(full_name)
    if not wanted:
        return []
    query = select(dossiers.c.officer_name).where(dossiers.c.ended_at.is_(None), *tests).distinct()
    return [name for name in session.scalars(query) if fold(name) == wanted]


def _is_work_of(dossiers: FromClause, account_id: int, names: list[str]) -> ColumnElement[bool]:
    """The newest assignment counts; where there is none, or it was taken back, the name that the source gives."""
    assigned = (
        select(Assignment.account_id)
        .where(Assignment.dossier_id == dossiers.c.id)
        .order_by(Assignment.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return or_(assigned == account_id, and_(assigned.is_(None), dossiers.c.officer_name.in_(names)))


def _moves(session: Session, dossier_ids: list[int]) -> dict[int, int]:
    query = (
        select(DueSeen.dossier_id, func.count() - 1)
        .where(DueSeen.dossier_id.in_(dossier_ids), DueSeen.kind == "source")
        .group_by(DueSeen.dossier_id)
    )
    return {dossier_id: count for dossier_id, count in session.execute(query)}
