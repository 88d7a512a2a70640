"""Looking for dossiers: by the beginning of their code, or by the beginning of one of their keys. No verdict is given here.

Keys are read by range, unit by unit, so that a search costs what it finds; no further than a cap. What is found is only a
candidate: `search_text.Asked.fits` says of the dossier itself whether it is meant.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Select, Subquery, bindparam, case, func, literal_column, select, union_all
from sqlalchemy.orm import Session

from tracker.search_text import Asked
from tracker.store import catalogue
from tracker.store.models import Dossier, Procedure, SearchKey, Suspension, Unit
from tracker.store.models.base import Text
from tracker.store.ready import Ready, as_moment
from tracker.store.search_marks import NOWHERE, waiting_count
from tracker.store.versions import number, working_unit
from tracker.timekeeping.limits import parse_limit
from tracker.types import Channel, Facts, Limit, SourceStatus, SuspensionKind
from tracker.types import Suspension as Pause

Units = frozenset[int] | None
END = "\U0010ffff"
# So many codes from the one typed on are looked at whatever their unit.
FRESH = 400
# So many hits are kept as they were read.
MOST_KEPT = 4_096
UNITS: Any = bindparam("unit_ids", expanding=True)
LOOKED_AT: Any = bindparam("looked_at", type_=BigInteger)
IDS: Any = bindparam("ids", expanding=True)


class Candidate(NamedTuple):
    """A dossier that may be meant, with what it is found by (`search_text.Named`).

    `began`: epoch seconds of reception or filing, 0 where unknown; `part`: by which of the beginnings asked for.
    """

    part: int
    dossier_id: int
    is_open: bool
    began: int
    code: str
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class Candidates:
    """What may be meant, in no order; `is_cut`: there are more that were not looked at.

    `waiting`: at most so many dossiers cannot be found by their keys yet (`search_marks.waiting`).
    """

    found: tuple[Candidate, ...]
    is_cut: bool
    waiting: int


@dataclass(frozen=True, slots=True, eq=False)
class Hit:
    """A dossier of a list of hits; personal data unmasked (mask at the edge).

    Made once of the same rows (`_hit`), and equal to itself alone: what is kept of it is found by it at once.
    """

    dossier_id: int
    code: str
    applicant: str
    procedure: str
    unit: str
    limit_text: str
    facts: Facts
    working_unit_id: int | None
    ended_known_at: datetime | None


# ---------------------------------------------------------------- candidates


def candidates(session: Session, asked: Asked, unit_ids: Units, *, limit: int) -> Candidates:
    """Dossiers of some units (None = all) whose code or key begins as asked, up to `limit` for each beginning."""
    # Who sees all units finds by the codes themselves whatever the keys of codes would: these are for one unit's own.
    codes, beginnings = asked.codes, asked.key_beginnings(by_code=unit_ids is not None)
    values: dict[str, Any] = {f"code{at}": code for at, code in enumerate(codes)}
    values |= {f"code{at}_end": code + END for at, code in enumerate(codes)}
    if beginnings:
        values |= {f"key{at}": key for at, key in enumerate(beginnings)}
        values |= {f"key{at}_end": key + END for at, key in enumerate(beginnings)}
        values[LOOKED_AT.key] = limit
    is_narrowed = unit_ids is not None and bool(codes or beginnings)
    if unit_ids is not None and is_narrowed:
        values[UNITS.key] = sorted(unit_ids)
    elif beginnings:
        values[UNITS.key] = [NOWHERE, *catalogue.units(session)]
    rows = _told(len(codes), len(beginnings), is_narrowed=is_narrowed).rows(session, values)
    counts = [0] * (len(codes) + 2 * len(beginnings))
    found: dict[int, Candidate] = {}
    waiting = 0
    for one in map(Candidate._make, rows):
        if one.part == _WAITING:
            waiting = int(one.began)
        else:
            counts[one.part] += 1
            found[one.dossier_id] = one
    is_cut = any(count >= limit for count in counts[len(codes) :])
    is_cut |= unit_ids is None and any(count >= FRESH for count in counts[: len(codes)])
    return Candidates(tuple(found.values()), is_cut, waiting)


@lru_cache(50)
def _told(codes: int, beginnings: int, *, is_narrowed: bool) -> Ready:
    """The dossiers themselves: a key may be behind, and a dossier have gone to another unit since. And how many wait."""
    found = [_by_code(at) for at in range(codes)]
    for at in range(beginnings):
        # Whole keys first: who typed a name to its end means those that are called so, the newest of them.
        found += [_by_key(_whole(at)), _by_key(_begun(at))]
    parts = [_part(place, one.subquery(), is_narrowed=is_narrowed) for place, one in enumerate(found)]
    return Ready(union_all(_waiting(), *parts) if parts else _waiting())


_WAITING = -1


def _waiting() -> Select[Any]:
    """A row like those of the dossiers, with the number where theirs have their beginning."""
    number_of: Any = literal_column(str(_WAITING))
    zero: Any = literal_column("0")
    text: Any = literal_column("''")
    return select(number_of, zero, zero, waiting_count(), text, text, text)


def _part(place: int, found: Subquery, *, is_narrowed: bool) -> Select[Any]:
    """In the order of `Candidate`."""
    c = found.c
    query = select(literal_column(str(place)), c.id, c.is_open, c.began, c.code, c.applicant_name, c.phone)
    return query.where(c.resolving_unit_id.in_(UNITS)) if is_narrowed else query


def _dossiers() -> Select[Any]:
    d = Dossier.__table__.c
    is_open = case((d.ended_at.is_(None) & d.end_kind.is_(None), 1), else_=0)
    began = func.coalesce(number(d.received_at), number(d.filed_at), 0)
    told = d.code, d.applicant_name, d.phone, d.resolving_unit_id
    return select(d.id, is_open.label("is_open"), began.label("began"), *told)


def _typed(name: str) -> Any:
    return bindparam(name, type_=Text())


def _by_code(at: int) -> Select[Any]:
    """Whatever its unit, so that a dossier is found as soon as it is loaded; of many, the keys find those of the unit."""
    code = Dossier.code
    query = _dossiers().where(code >= _typed(f"code{at}"), code < _typed(f"code{at}_end"))
    return query.order_by(code).limit(FRESH)


def _by_key(keys: Select[Any]) -> Select[Any]:
    found = keys.subquery()
    return _dossiers().join(found, found.c.id == Dossier.id)


def _whole(at: int) -> Select[Any]:
    backwards = SearchKey.unit_id.desc(), SearchKey.key.desc(), SearchKey.dossier_id.desc()
    return _keys().where(SearchKey.key == _typed(f"key{at}")).order_by(*backwards)


def _begun(at: int) -> Select[Any]:
    forwards = SearchKey.unit_id, SearchKey.key, SearchKey.dossier_id
    key = SearchKey.key
    return _keys().where(key > _typed(f"key{at}"), key < _typed(f"key{at}_end")).order_by(*forwards)


def _keys() -> Select[Any]:
    return select(SearchKey.dossier_id.label("id")).where(SearchKey.unit_id.in_(UNITS)).limit(LOOKED_AT)


# ---------------------------------------------------------------- hits


def hits(session: Session, dossier_ids: Sequence[int]) -> list[Hit]:
    """These dossiers with everything a line shows, in the order given."""
    if not dossier_ids:
        return []
    rows = _lines().rows(session, {IDS.key: list(dossier_ids)})
    found = {}
    for dossier_id, told in groupby(rows, key=lambda row: row[0]):
        each = list(told)
        pauses = tuple(row[_PAUSE:] for row in each if row[_PAUSE] is not None)
        found[dossier_id] = _hit(each[0][:_PAUSE], pauses)
    return [found[dossier_id] for dossier_id in dossier_ids if dossier_id in found]


class _Row(NamedTuple):
    """A dossier as the database gives it, in the order of `_LINE`; instants in epoch seconds."""

    id: int
    code: str
    applicant_name: str
    limit_text: str
    resolving_unit_id: int | None
    receiving_unit_id: int | None
    ended_known_at: int | None
    received_at: int | None
    filed_at: int | None
    source_due_at: int | None
    finished_at: int | None
    returned_at: int | None
    withdrawn_at: int | None
    refused_at: int | None
    status: str
    channel: str
    post_received_at: int | None
    intake_due_at: int | None
    refusal_reason: str | None
    procedure: str | None
    unit: str | None


_LINE = _Row._fields[:-2]
_PAUSE = len(_Row._fields)


@cache
def _lines() -> Ready:
    """A dossier's line, once for each of its suspensions, these in order."""
    s = Suspension
    query = (
        select(
            *(getattr(Dossier, name) for name in _LINE), Procedure.name, Unit.name.label("unit"),
            s.start_at, s.end_at, s.kind,
        )
        .outerjoin(Procedure, Procedure.id == Dossier.procedure_id)
        .outerjoin(Unit, Unit.id == Dossier.resolving_unit_id)
        .outerjoin(s, s.dossier_id == Dossier.id)
        .where(Dossier.id.in_(IDS))
        .order_by(Dossier.id, s.seq)
    )  # fmt: skip
    return Ready(query)


@lru_cache(MOST_KEPT)
def _hit(told: tuple[Any, ...], pauses: tuple[Any, ...]) -> Hit:
    row = _Row._make(told)
    limit = parse_limit(row.limit_text)
    return Hit(
        dossier_id=row.id,
        code=row.code,
        applicant=row.applicant_name,
        procedure=row.procedure or "",
        unit=row.unit or "",
        limit_text=row.limit_text,
        facts=Facts(
            received_at=as_moment(row.received_at),
            due_at=as_moment(row.source_due_at),
            finished_at=as_moment(row.finished_at),
            returned_at=as_moment(row.returned_at),
            withdrawn_at=as_moment(row.withdrawn_at),
            refused_at=as_moment(row.refused_at),
            filed_at=as_moment(row.filed_at),
            intake_due_at=as_moment(row.intake_due_at),
            status=SourceStatus(row.status),
            suspensions=tuple(_pause(*each) for each in pauses),
            channel=Channel(row.channel),
            post_received_at=as_moment(row.post_received_at),
            refusal_reason=row.refusal_reason,
            limit=limit if isinstance(limit, Limit) else None,
        ),
        working_unit_id=working_unit(row.resolving_unit_id, row.receiving_unit_id),
        ended_known_at=as_moment(row.ended_known_at),
    )


def _pause(start: int, end: int | None, kind: str) -> Pause:
    begun = as_moment(start)
    assert begun is not None
    return Pause(begun, as_moment(end), SuspensionKind(kind))
