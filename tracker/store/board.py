"""The open dossiers for the desk board: candidates in SQL, by index and page by page; no verdict is given here.

Whether a candidate is late, due soon or suspended says `timekeeping.lateness.classify`, for every row.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Integer, Select, bindparam, func, select, tuple_
from sqlalchemy.orm import Session

from tracker.store import batches, notes
from tracker.store.board_filters import Narrowing, conditions, last_department, letter_step
from tracker.store.models import (
    AlertAck,
    Assignment,
    Dossier,
    Field,
    Letter,
    Procedure,
    Suspension,
    Unit,
    User,
)
from tracker.store.open_states import OpenState, at, open_state
from tracker.store.rate_reading import REMEMBERED, mark_of_batches
from tracker.store.ready import Ready, as_day, as_moment
from tracker.store.remembered import Mark
from tracker.store.versions import number, working_unit
from tracker.timekeeping.limits import parse_limit
from tracker.types import VN, Channel, Facts, Limit, SourceStatus, SuspensionKind
from tracker.types import Suspension as Pause

# What the databases can hold as a whole number; nothing has a larger id or instant.
LARGEST = 2**63 - 1
# A database takes only so many parameters in one statement (SQLite: 32,766).
SLICE = 4_000
# So many dossiers are kept as they were read: about 12 MB in each process.
MOST_KEPT = 8_192


class Order(StrEnum):
    """In which order; the value stands in the address."""

    URGENT = "gap-nhat"
    FARTHEST = "han-xa"
    NEWEST = "moi-nhan"
    OLDEST = "nhan-lau"


FALLING = frozenset({Order.FARTHEST, Order.NEWEST})


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended: the ordering instant (epoch seconds) and the dossier's id; an address may name any number."""

    at: int
    dossier_id: int


@dataclass(frozen=True, slots=True)
class Selection:
    """Open dossiers of some units (None = all) that stand so at a moment, due in [due_from, due_until), after a cursor.

    `as_of` None: a query is made of it whose moments, units and cursor are given when it is asked.
    """

    as_of: datetime | None
    states: frozenset[OpenState]
    unit_ids: frozenset[int] | None = None
    narrowing: Narrowing = field(default_factory=Narrowing)
    order: Order = Order.URGENT
    due_from: datetime | None = None
    due_until: datetime | None = None
    after: Cursor | None = None


# Stand for what a selection is made of before it is known, and for its values in the query.
ANY_UNITS: frozenset[int] = frozenset()
ANY_PLACE = Cursor(0, 0)
ANY_MOMENT = datetime(1970, 1, 1, tzinfo=VN)
UNITS: Any = bindparam("unit_ids", expanding=True)
DUE_FROM: Any = bindparam("due_from", type_=Dossier.source_due_at.type)
DUE_UNTIL: Any = bindparam("due_until", type_=Dossier.source_due_at.type)
AFTER_AT: Any = bindparam("after_at", type_=BigInteger)
AFTER_ID: Any = bindparam("after_id", type_=BigInteger)
AT_MOST: Any = bindparam("at_most", type_=Integer)
IDS: Any = bindparam("ids", expanding=True)


class Held(NamedTuple):
    """Who has a dossier in hand by the office's own word: given to, taken on by, and until when; empty: nobody."""

    given_to: str = ""
    taken_by: str = ""
    promised_on: date | None = None


@dataclass(frozen=True, slots=True, eq=False)
class OpenDossier:
    """One candidate of the board; personal data unmasked (mask at the edge). `step`: where it stands by the source.

    Made once of the same row (`_open_dossier`), and equal to itself alone: what is kept of it is found by it at once.
    """

    cursor: Cursor
    code: str
    procedure: str
    field: str
    unit: str
    officer: str
    step: str
    applicant: str
    limit_text: str
    letter: str | None
    facts: Facts
    working_unit_id: int | None
    is_noted: bool
    held: Held


def has_data(session: Session) -> bool:
    """Was anything ever ingested?"""
    return batches.first_known(session) is not None


def last_ingest(session: Session) -> datetime | None:
    """When the newest batch came in; None: nothing was ever ingested."""
    return batches.last_known(session)


def end_years(session: Session) -> list[int]:
    """The years in which dossiers ended, newest first; looked for once a batch."""
    mark = mark_of_batches(session)
    found: list[int] | None = None if mark is None else REMEMBERED.get(Mark("years of ends", mark))
    if found is None:
        found = _end_years(session)
        if mark is not None:
            REMEMBERED.keep(Mark("years of ends", mark), found)
    return list(found)


def _end_years(session: Session) -> list[int]:
    # Each by its own question, in the words of the index: else every dossier is read for the two ends of it.
    ended = Dossier.ended_at
    ends = (select(of(ended)).where(ended.is_not(None)).scalar_subquery() for of in (func.min, func.max))
    first, last = tuple(session.execute(select(*ends)).one())
    return [] if first is None or last is None else list(range(last.year, first.year - 1, -1))


def open_dossiers(session: Session, chosen: Selection, *, limit: int) -> list[OpenDossier]:
    """Up to `limit` candidates in the chosen order, with everything a line of the board shows."""
    shape, values = shape_of(chosen)
    found = _ordered_lines(shape).rows(session, {**values, AT_MOST.key: limit})
    return [_open_dossier(row) for row in found]


@lru_cache(200)
def _ordered_lines(chosen: Selection) -> Ready:
    """Made once a shape, since making it takes longer than asking it."""
    key = _order_key(chosen)
    falling = chosen.order in FALLING
    ordered = (key.desc(), Dossier.id.desc()) if falling else (key, Dossier.id)
    query: Select[Any] = _filtered(_lines(key), chosen, key).order_by(*ordered)
    return Ready(query.limit(AT_MOST))


def shape_of(chosen: Selection) -> tuple[Selection, dict[str, Any]]:
    """A selection without what differs from call to call, and that as the values of the query that is made of it."""
    if chosen.as_of is None:
        return chosen, {}
    values = at(chosen.as_of)
    if chosen.unit_ids is not None:
        values[UNITS.key] = sorted(chosen.unit_ids)
    if chosen.due_from is not None:
        values[DUE_FROM.key] = chosen.due_from
    if chosen.due_until is not None:
        values[DUE_UNTIL.key] = chosen.due_until
    if chosen.after is not None:
        values[AFTER_AT.key] = min(chosen.after.at, LARGEST)
        values[AFTER_ID.key] = min(chosen.after.dossier_id, LARGEST)
    shape = replace(
        chosen, as_of=None, unit_ids=None if chosen.unit_ids is None else ANY_UNITS,
        due_from=chosen.due_from and ANY_MOMENT, due_until=chosen.due_until and ANY_MOMENT,
        after=chosen.after and ANY_PLACE,
    )  # fmt: skip
    return shape, values


def open_by_id(
    session: Session, dossier_ids: list[int], unit_ids: frozenset[int] | None
) -> list[OpenDossier]:
    """These dossiers that have not ended and are resolved by these units (None = all), most urgent first."""
    values: dict[str, Any] = {IDS.key: dossier_ids[:SLICE]}
    if unit_ids is not None:
        values[UNITS.key] = sorted(unit_ids)
    found = _lines_by_id(is_narrowed=unit_ids is not None).rows(session, values)
    return [_open_dossier(row) for row in found]


@cache
def _lines_by_id(*, is_narrowed: bool) -> Ready:
    key = func.coalesce(number(Dossier.source_due_at.expression), LARGEST)
    query = _lines(key).where(Dossier.ended_at.is_(None), Dossier.id.in_(IDS)).order_by(key, Dossier.id)
    return Ready(query.where(Dossier.resolving_unit_id.in_(UNITS)) if is_narrowed else query)


def is_letter_of(session: Session, letter_id: int, unit_ids: frozenset[int] | None) -> bool:
    """Is there such a letter, and is it one of these units (None = all)?"""
    query = select(Letter.id).where(Letter.id == min(letter_id, LARGEST))
    if unit_ids is not None:
        query = query.where(Letter.unit_id.in_(unit_ids))
    return session.execute(query).first() is not None


def codes_like(
    session: Session, text: str, unit_ids: frozenset[int] | None, *, limit: int
) -> list[tuple[str, str, str]]:
    """Dossiers whose code begins with `text`: (code, procedure, unit); the exact code comes first."""
    query = (
        select(Dossier.code, func.coalesce(Procedure.name, ""), func.coalesce(Unit.name, ""))
        .outerjoin(Procedure, Procedure.id == Dossier.procedure_id)
        .outerjoin(Unit, Unit.id == Dossier.resolving_unit_id)
        .where(Dossier.code >= text, Dossier.code < text + "\U0010ffff")
        .order_by(Dossier.code)
        .limit(limit)
    )
    if unit_ids is not None:
        query = query.where(Dossier.resolving_unit_id.in_(unit_ids))
    return [(code, procedure, unit) for code, procedure, unit in session.execute(query)]


_FACTS: tuple[Any, ...] = (
    Dossier.id,
    Dossier.filed_at,
    Dossier.received_at,
    Dossier.source_due_at,
    Dossier.suspended_from,
    Dossier.status,
    Dossier.limit_text,
    Dossier.resolving_unit_id,
    Dossier.receiving_unit_id,
    Dossier.channel,
    Dossier.post_received_at,
    Dossier.intake_due_at,
)
_WITH_DUE = frozenset({OpenState.OVERDUE, OpenState.RUNNING})


def _order_key(chosen: Selection) -> ColumnElement[int]:
    """By what a list is ordered: an instant as a number, never NULL, so that a page can go on after it."""
    received, filed = number(Dossier.received_at.expression), number(Dossier.filed_at.expression)
    if chosen.order in (Order.NEWEST, Order.OLDEST) or chosen.states == {OpenState.NO_DUE}:
        return func.coalesce(received, filed, 0)
    if chosen.states == {OpenState.FILED}:
        return func.coalesce(filed, 0)
    if chosen.states == {OpenState.SUSPENDED}:
        return func.coalesce(number(Dossier.suspended_from.expression), received, 0)
    return number(Dossier.source_due_at.expression)


class _Row(NamedTuple):
    """A line as the database gives it: `_FACTS`, then what `_lines` adds; instants in epoch seconds."""

    id: int
    filed_at: int | None
    received_at: int | None
    source_due_at: int | None
    suspended_from: int | None
    status: str
    limit_text: str
    resolving_unit_id: int | None
    receiving_unit_id: int | None
    channel: str
    post_received_at: int | None
    intake_due_at: int | None
    ordered_by: int
    code: str
    officer_name: str
    status_text: str
    applicant_name: str
    procedure: str | None
    field: str | None
    unit: str | None
    letter: str | None
    department: str | None
    pause: str | None
    is_noted: bool
    given_to: str | None
    taken_by: str | None
    promised_on: date | str | None


def _lines(key: ColumnElement[Any]) -> Select[Any]:
    return (
        select(
            *_FACTS,
            key.label("ordered_by"),
            Dossier.code,
            Dossier.officer_name,
            Dossier.status_text,
            Dossier.applicant_name,
            Procedure.name.label("procedure"),
            Field.name.label("field"),
            Unit.name.label("unit"),
            letter_step().label("letter"),
            last_department().label("department"),
            _open_pause().label("pause"),
            notes.has_note(Dossier.id.expression).label("is_noted"),
            *_held(),
        )
        .outerjoin(Procedure, Procedure.id == Dossier.procedure_id)
        .outerjoin(Field, Field.id == Dossier.field_id)
        .outerjoin(Unit, Unit.id == Dossier.resolving_unit_id)
    )


def _open_pause() -> Any:
    """The kind of the suspension that is open."""
    return (
        select(Suspension.kind)
        .where(Suspension.dossier_id == Dossier.id, Suspension.end_at.is_(None))
        .order_by(Suspension.seq.desc())
        .limit(1)
        .correlate(Dossier)
        .scalar_subquery()
    )


def _held() -> tuple[ColumnElement[Any], ...]:
    """Given to, taken on by, promised on: of the newest assignment and the newest word that took the dossier on."""
    return (
        _name(_newest(Assignment, Assignment.account_id)).label("given_to"),
        _name(_newest(AlertAck, AlertAck.by_account)).label("taken_by"),
        _newest(AlertAck, AlertAck.promised_on).label("promised_on"),
    )


def _newest(model: Any, column: Any) -> Any:
    query = select(column).where(model.dossier_id == Dossier.id).order_by(model.id.desc()).limit(1)
    return query.correlate(Dossier).scalar_subquery()


def _name(account_id: Any) -> Any:
    return select(User.full_name).where(User.id == account_id).correlate(Dossier).scalar_subquery()


def _filtered(query: Any, chosen: Selection, key: ColumnElement[Any]) -> Any:
    query = open_query(query, chosen)
    if chosen.states <= _WITH_DUE:  # so that the index by due date is taken
        query = query.where(Dossier.source_due_at.is_not(None))
    query = query.where(open_state(chosen.as_of).in_(sorted(chosen.states)))
    if chosen.after is not None:
        here, place = tuple_(key, Dossier.id), tuple_(AFTER_AT, AFTER_ID)
        query = query.where(here < place if chosen.order in FALLING else here > place)
    return query


def open_query(query: Any, chosen: Selection) -> Any:
    """The conditions of a selection but for how dossiers stand and where a page begins."""
    query = query.where(Dossier.ended_at.is_(None), *conditions(chosen.narrowing))
    if chosen.due_from is not None:
        query = query.where(Dossier.source_due_at >= DUE_FROM)
    if chosen.due_until is not None:
        query = query.where(Dossier.source_due_at < DUE_UNTIL)
    if chosen.unit_ids is not None:
        query = query.where(Dossier.resolving_unit_id.in_(UNITS))
    return query


@lru_cache(MOST_KEPT)
def _open_dossier(row: tuple[Any, ...]) -> OpenDossier:
    """Of the same row the same dossier: most rows of a board are those of a minute ago."""
    told = _Row._make(row)
    return OpenDossier(
        cursor=Cursor(told.ordered_by, told.id),
        code=told.code,
        procedure=told.procedure or "",
        field=told.field or "",
        unit=told.unit or "",
        officer=told.officer_name,
        step=told.department or told.status_text,
        applicant=told.applicant_name,
        limit_text=told.limit_text,
        letter=told.letter,
        facts=_facts(told),
        working_unit_id=working_unit(told.resolving_unit_id, told.receiving_unit_id),
        is_noted=bool(told.is_noted),
        held=Held(
            told.given_to or "", (told.taken_by or "") if told.promised_on else "", as_day(told.promised_on)
        ),
    )


def _facts(row: _Row) -> Facts:
    kind = SuspensionKind(row.pause) if row.pause else SuspensionKind.PAUSE
    limit = parse_limit(row.limit_text)
    return Facts(
        received_at=as_moment(row.received_at),
        due_at=as_moment(row.source_due_at),
        filed_at=as_moment(row.filed_at),
        status=SourceStatus(row.status),
        suspensions=(Pause(begun, None, kind),) if (begun := as_moment(row.suspended_from)) else (),
        channel=Channel(row.channel),
        post_received_at=as_moment(row.post_received_at),
        intake_due_at=as_moment(row.intake_due_at),
        limit=limit if isinstance(limit, Limit) else None,
    )
