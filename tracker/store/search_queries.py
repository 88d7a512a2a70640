"""Looking for dossiers: by the beginning of their code, or by the beginning of one of their keys. No verdict is given here.

Keys are read by range, unit by unit, so that a search costs what it finds; no further than a cap. What is found is only a
candidate: `search_text.Asked.fits` says of the dossier itself whether it is meant.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, literal_column, select, union_all
from sqlalchemy.orm import Session

from tracker.search_text import Asked, Findable
from tracker.store.late_queries import suspensions_of
from tracker.store.models import Dossier, Procedure, SearchKey, Unit
from tracker.store.search_marks import NOWHERE
from tracker.store.versions import number, working_unit
from tracker.types import Channel, Facts, SourceStatus

Units = frozenset[int] | None
END = "\U0010ffff"
# So many codes from the one typed on are looked at whatever their unit.
FRESH = 400


@dataclass(frozen=True, slots=True)
class Candidate:
    """A dossier that may be meant."""

    dossier_id: int
    is_open: bool
    began: int  # epoch seconds of reception or filing; 0: unknown
    findable: Findable


@dataclass(frozen=True, slots=True)
class Candidates:
    """What may be meant, in no order; `is_cut`: there are more that were not looked at."""

    found: tuple[Candidate, ...]
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """A dossier of a list of hits; personal data unmasked (mask at the edge)."""

    dossier_id: int
    code: str
    applicant: str
    procedure: str
    unit: str
    limit_text: str
    facts: Facts
    working_unit_id: int | None
    ended_known_at: datetime | None


def candidates(session: Session, asked: Asked, unit_ids: Units, *, limit: int) -> Candidates:
    """Dossiers of some units (None = all) whose code or key begins as asked, up to `limit` for each beginning."""
    parts = [_by_code(code) for code in asked.codes]
    fresh = len(parts)
    if beginnings := asked.key_beginnings():
        units = _every_unit(session) if unit_ids is None else sorted(unit_ids)
        for beginning in beginnings:
            # Whole keys first: who typed a name to its end means those that are called so, the newest of them.
            parts += [_whole(beginning, units, limit), _begun(beginning, units, limit)]
    if not parts:
        return Candidates((), is_cut=False)
    counts = [0] * len(parts)
    found: dict[int, Candidate] = {}
    for row in session.execute(_told(parts, unit_ids)):
        counts[row.part] += 1
        found[row.id] = _candidate(row)
    return Candidates(tuple(found.values()), is_cut=any(count >= limit for count in counts[fresh:]))


def _by_code(code: str) -> Select[Any]:
    """Whatever its unit, so that a dossier is found as soon as it is loaded; of many, the keys find those of the unit."""
    query = select(Dossier.id).where(Dossier.code >= code, Dossier.code < code + END)
    return query.order_by(Dossier.code).limit(FRESH)


def _every_unit(session: Session) -> list[int]:
    return [NOWHERE, *session.scalars(select(Unit.id))]


def _whole(key: str, units: Sequence[int], limit: int) -> Select[Any]:
    backwards = SearchKey.unit_id.desc(), SearchKey.key.desc(), SearchKey.dossier_id.desc()
    return _keys(units, limit).where(SearchKey.key == key).order_by(*backwards)


def _begun(key: str, units: Sequence[int], limit: int) -> Select[Any]:
    forwards = SearchKey.unit_id, SearchKey.key, SearchKey.dossier_id
    return _keys(units, limit).where(SearchKey.key > key, SearchKey.key < key + END).order_by(*forwards)


def _keys(units: Sequence[int], limit: int) -> Select[Any]:
    return select(SearchKey.dossier_id.label("id")).where(SearchKey.unit_id.in_(units)).limit(limit)


def _told(parts: Sequence[Select[Any]], unit_ids: Units) -> Select[Any]:
    """The dossiers themselves: a key may be behind, and a dossier have gone to another unit since."""
    numbered = (
        select(one.c.id, literal_column(str(place)).label("part"))
        for place, one in enumerate(part.subquery() for part in parts)
    )
    keys = union_all(*numbered).subquery("keys")
    d = Dossier.__table__.c
    # Numbers: a moment of every candidate made aware would cost more than finding it.
    query = select(
        keys.c.part, d.id, (d.ended_at.is_(None) & d.end_kind.is_(None)).label("is_open"),
        func.coalesce(number(d.received_at), number(d.filed_at), 0).label("began"), d.code, d.applicant_name, d.phone,
    ).join(keys, keys.c.id == d.id)  # fmt: skip
    return query if unit_ids is None else query.where(Dossier.resolving_unit_id.in_(sorted(unit_ids)))


def _candidate(row: Any) -> Candidate:
    return Candidate(
        row.id, bool(row.is_open), int(row.began), Findable(row.code, row.applicant_name, row.phone)
    )


def hits(session: Session, dossier_ids: Sequence[int]) -> list[Hit]:
    """These dossiers with everything a line shows, in the order given."""
    query = (
        select(
            *(getattr(Dossier, name) for name in _LINE),
            Procedure.name.label("procedure"),
            Unit.name.label("unit"),
        )
        .outerjoin(Procedure, Procedure.id == Dossier.procedure_id)
        .outerjoin(Unit, Unit.id == Dossier.resolving_unit_id)
        .where(Dossier.id.in_(dossier_ids))
    )
    rows = {row.id: row for row in session.execute(query)}
    pauses = suspensions_of(session, list(rows))
    return [_hit(rows[number], pauses.get(number, ())) for number in dossier_ids if number in rows]


_LINE = (
    "id", "code", "applicant_name", "limit_text", "resolving_unit_id", "receiving_unit_id", "ended_known_at",
    "received_at", "filed_at", "source_due_at", "finished_at", "returned_at", "withdrawn_at", "refused_at", "status",
    "channel", "post_received_at", "intake_due_at", "refusal_reason",
)  # fmt: skip


def _hit(row: Any, pauses: tuple[Any, ...]) -> Hit:
    return Hit(
        dossier_id=row.id,
        code=row.code,
        applicant=row.applicant_name,
        procedure=row.procedure or "",
        unit=row.unit or "",
        limit_text=row.limit_text,
        facts=Facts(
            received_at=row.received_at,
            due_at=row.source_due_at,
            finished_at=row.finished_at,
            returned_at=row.returned_at,
            withdrawn_at=row.withdrawn_at,
            refused_at=row.refused_at,
            filed_at=row.filed_at,
            intake_due_at=row.intake_due_at,
            status=SourceStatus(row.status),
            suspensions=pauses,
            channel=Channel(row.channel),
            post_received_at=row.post_received_at,
            refusal_reason=row.refusal_reason,
        ),
        working_unit_id=working_unit(row.resolving_unit_id, row.receiving_unit_id),
        ended_known_at=row.ended_known_at,
    )
