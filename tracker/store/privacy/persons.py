"""The dossiers of a person, and those whose time is over; what the people of some dossiers are called."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, and_, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from tracker.measures.mentions import Person
from tracker.search_text import name_words, phone_numbers
from tracker.store.models import CodeAlias, Dossier, DossierRevision, Letter, Source, Telling, WaitingEvent
from tracker.types import VN

SLICE = 5_000
READ_AT_ONCE = 20_000


class Found(NamedTuple):
    """A dossier and its code."""

    dossier_id: int
    code: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom one asks for: each that is given must fit (a name as the same words, a telephone by one of its numbers)."""

    name: str = ""
    phone: str = ""
    code: str = ""


def dossiers_of(session: Session, wanted: Wanted, told: Callable[[int], None]) -> list[Found]:
    """The dossiers whose present or earlier version names that person, in order; `told` hears how many were read.

    Every version is read: no index knows earlier names, and such a question is rare.
    """
    words, phones = name_words(wanted.name), set(phone_numbers(wanted.phone))
    ids: set[int] = set()
    for model in (Dossier, DossierRevision):
        query = select(model.id, model.applicant_name, model.phone)
        if wanted.code:
            query = query.where(model.id.in_(_ids_of_code(session, wanted.code)))
        for number, (dossier_id, name, phone) in enumerate(_streamed(session, query), 1):
            is_named = not wanted.name or name_words(name) == words
            if is_named and (not wanted.phone or not phones.isdisjoint(phone_numbers(phone))):
                ids.add(dossier_id)
            if number % READ_AT_ONCE == 0:
                told(number)
    return [found for part in sliced(sorted(ids)) for found in _named(session, part)]


def _ids_of_code(session: Session, code: str) -> list[int]:
    aliases = select(CodeAlias.code).where(CodeAlias.alias == code)
    return list(
        session.scalars(select(Dossier.id).where(or_(Dossier.code == code, Dossier.code.in_(aliases))))
    )


def _named(session: Session, ids: Sequence[int]) -> list[Found]:
    query = select(Dossier.id, Dossier.code).where(Dossier.id.in_(ids)).order_by(Dossier.id)
    return [Found(number, code) for number, code in session.execute(query)]


def _streamed(session: Session, query: Any) -> Iterator[Any]:
    yield from session.execute(query.execution_options(yield_per=READ_AT_ONCE))


def sliced(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Numbers in pieces that one statement takes."""
    for start in range(0, len(ids), SLICE):
        yield ids[start : start + SLICE]


# ---------------------------------------------------------------- whose time is over


def spans_past(rules: Sequence[tuple[date, int]], today: date) -> list[tuple[datetime, datetime]]:
    """The ends, from (inclusive) and until (exclusive), after which so many years have passed; rules by their first day."""
    spans = []
    for place, (first, years) in enumerate(rules):
        until = years_before(today, years) + timedelta(days=1)
        if place + 1 < len(rules):
            until = min(until, rules[place + 1][0])
        if first < until:
            spans.append((_midnight(first), _midnight(until)))
    return spans


def years_before(day: date, years: int) -> date:
    """The same day so many years ago; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), VN)


def past(session: Session, spans: Sequence[tuple[datetime, datetime]]) -> list[int]:
    """The dossiers that ended in one of the spans; one that ended without a day counts by when it was told so."""
    if not spans:
        return []
    known = func.coalesce(Dossier.updated_at, Dossier.known_from)
    query = select(Dossier.id).where(
        or_(
            _within(Dossier.ended_at, spans),
            and_(Dossier.ended_at.is_(None), Dossier.end_kind.is_not(None), _within(known, spans)),
        )
    )
    return list(session.scalars(query.order_by(Dossier.id)))


def _within(column: Any, spans: Sequence[tuple[datetime, datetime]]) -> ColumnElement[bool]:
    seconds = type_coerce(column, BigInteger)
    return or_(
        *(and_(seconds >= int(first.timestamp()), seconds < int(until.timestamp())) for first, until in spans)
    )


def ended(session: Session, ids: Sequence[int]) -> set[int]:
    """Which of some dossiers have ended."""
    query = select(Dossier.id).where(Dossier.id.in_(ids), Dossier.end_kind.is_not(None))
    return set(session.scalars(query))


def still_named(session: Session, ids: Sequence[int], limit: int = 0) -> list[str]:
    """The codes of those of some dossiers that still name somebody, at most `limit` (0: all)."""
    columns = (Dossier.applicant_name, Dossier.address, Dossier.phone, Dossier.officer_name, Dossier.note)
    found: list[str] = []
    for part in sliced(ids):
        query = select(Dossier.code).where(Dossier.id.in_(part), or_(*(column != "" for column in columns)))
        found += session.scalars(query.order_by(Dossier.id))
        if limit and len(found) >= limit:
            return found[:limit]
    return found


# ---------------------------------------------------------------- what they are called


@dataclass(frozen=True, slots=True)
class Called:
    """Everything by which some dossiers and their people are named elsewhere."""

    codes: frozenset[str]
    places: frozenset[tuple[int, int]]  # (batch, row) that told of them
    letters: frozenset[int]
    people: tuple[Person, ...]
    by_dossier: Mapping[int, tuple[Person, ...]]


def called(session: Session, ids: Sequence[int]) -> Called:
    """Codes and aliases, rows of files, letters, and the people in every version of some dossiers."""
    codes: set[str] = set()
    places: set[tuple[int, int]] = set()
    letters: set[int] = set()
    people: dict[int, set[Person]] = {}
    for part in sliced(ids):
        for model in (Dossier, DossierRevision):
            columns = (
                model.id,
                model.code,
                model.applicant_name,
                model.address,
                model.phone,
                model.batch_id,
                model.row_no,
            )
            for number, code, name, address, phone, batch, row in session.execute(
                select(*columns).where(model.id.in_(part))
            ):
                codes.add(code)
                places.add((batch, row))
                if name or address or phone:
                    people.setdefault(number, set()).add(Person(name, address, phone))
        told = select(Telling.batch_id, Telling.row_no).where(Telling.dossier_id.in_(part))
        places.update((batch, row) for batch, row in session.execute(told))
        letters.update(session.scalars(select(Letter.id).where(Letter.dossier_id.in_(part))))
    codes |= _aliases(session, codes)
    everybody = tuple(sorted({one for some in people.values() for one in some}, key=repr))
    by_dossier = {number: tuple(some) for number, some in people.items()}
    return Called(frozenset(codes), frozenset(places), frozenset(letters), everybody, by_dossier)


def tellings(session: Session, dossier_id: int) -> list[tuple[str, str]]:
    """(key of the source, JSON) of what other sources tell of a dossier."""
    query = select(Source.key, Telling.body).join(Source, Source.id == Telling.source_id)
    return [(key, body) for key, body in session.execute(query.where(Telling.dossier_id == dossier_id))]


def _aliases(session: Session, codes: Collection[str]) -> set[str]:
    found: set[str] = set()
    ordered = sorted(codes)
    for start in range(0, len(ordered), SLICE):
        part = ordered[start : start + SLICE]
        found.update(session.scalars(select(CodeAlias.alias).where(CodeAlias.code.in_(part))))
    return found


def waiting_ids(session: Session, codes: Collection[str], before: datetime | None) -> list[int]:
    """Waiting events of some codes, and those that came before a moment and that no dossier has ever taken."""
    ordered = sorted(codes)
    found: list[int] = []
    for start in range(0, len(ordered), SLICE):
        query = select(WaitingEvent.id).where(WaitingEvent.code.in_(ordered[start : start + SLICE]))
        found += session.scalars(query)
    if before is not None:
        lost = (WaitingEvent.known_from < before, WaitingEvent.taken_batch_id.is_(None))
        found += session.scalars(select(WaitingEvent.id).where(*lost))
    return sorted({*found})
