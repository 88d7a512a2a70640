"""Forecasts that were made, the newest governs, and the chances of open dossiers, written anew with each."""

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select
from sqlalchemy.orm import Session

from tracker.store.ids import next_id
from tracker.store.locks import Lock, hold
from tracker.store.models import Batch, Dossier, DossierRisk, Field, ForecastRun, Procedure, Unit, User
from tracker.store.versions import is_accepted

WHOLE = 10_000
"""Chances are kept in ten-thousandths."""
_D: Any = Dossier.__table__


@dataclass(frozen=True, slots=True)
class NewRun:
    """A forecast as it is kept. `model` None: that of an earlier run, which `report` names, goes on."""

    made_at: datetime
    as_of: datetime
    is_on: bool
    why_off: str
    is_invented: bool
    report: dict[str, Any]
    model: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Run:
    """A forecast that was made, without its model."""

    run_id: int
    made_at: datetime
    as_of: datetime
    is_on: bool
    why_off: str
    is_invented: bool
    report: dict[str, Any]


class Risk(NamedTuple):
    """The chance of one open dossier to end late, in ten-thousandths."""

    dossier_id: int
    unit_id: int
    chance: int
    due_on: date | None


class RiskLine(NamedTuple):
    """The same for a list; no person in it."""

    dossier_id: int
    code: str
    procedure: str
    field: str
    unit: str
    due_at: datetime
    chance: int


@dataclass(frozen=True, slots=True)
class RiskAsked:
    """Of which units (None = all), on which day; of a list those after (chance, dossier), at most `limit`."""

    unit_ids: frozenset[int] | None
    today: date
    least: int = 0
    after: tuple[int, int] | None = None
    limit: int = 50


def newest_run(session: Session) -> Run | None:
    """The forecast that governs; None where none was made."""
    r = ForecastRun
    query = select(r.id, r.made_at, r.as_of, r.is_on, r.why_off, r.is_invented, r.report)
    row = session.execute(query.order_by(r.id.desc()).limit(1)).first()
    return None if row is None else Run(*row[:6], json.loads(row[6]))


def model_of(session: Session, run_id: int) -> dict[str, Any] | None:
    """What the model of a run learned; None where it has none of its own."""
    body = session.scalar(select(ForecastRun.model).where(ForecastRun.id == run_id))
    return json.loads(zlib.decompress(body)) if body else None


def keep_run(session: Session, new: NewRun, risks: Sequence[Risk]) -> int:
    """Keep a forecast with the chances of all open dossiers, which take the place of those before; its number."""
    hold(session, Lock.RATES)
    run_id = next_id(session, ForecastRun.id)
    body = b"" if new.model is None else zlib.compress(json.dumps(new.model).encode())
    session.add(
        ForecastRun(
            id=run_id,
            made_at=new.made_at,
            as_of=new.as_of,
            is_on=new.is_on,
            why_off=new.why_off,
            is_invented=new.is_invented,
            report=json.dumps(new.report, ensure_ascii=False),
            model=body,
        )
    )
    session.flush()
    session.execute(delete(DossierRisk))
    rows = [{**risk._asdict(), "run_id": run_id} for risk in risks]
    if rows:
        session.execute(insert(DossierRisk), rows)
    return run_id


def risk_lines(session: Session, asked: RiskAsked) -> list[RiskLine]:
    """Open dossiers that are not late yet, the likeliest to be late first."""
    r = DossierRisk
    query = (
        select(
            r.dossier_id, _D.c.code, func.coalesce(Procedure.name, ""), func.coalesce(Field.name, ""),
            func.coalesce(Unit.name, ""), _D.c.source_due_at, r.chance,
        )
        .select_from(r)
        .join(_D, _D.c.id == r.dossier_id)
        .outerjoin(Procedure, Procedure.id == _D.c.procedure_id)
        .outerjoin(Field, Field.id == _D.c.field_id)
        .outerjoin(Unit, Unit.id == _D.c.resolving_unit_id)
        .where(*_tests(asked))
    )  # fmt: skip
    if asked.after is not None:
        chance, dossier_id = asked.after
        query = query.where(or_(r.chance < chance, and_(r.chance == chance, r.dossier_id > dossier_id)))
    rows = session.execute(query.order_by(r.chance.desc(), r.dossier_id).limit(asked.limit))
    return [RiskLine(*row) for row in rows]


def risk_counts(session: Session, asked: RiskAsked) -> tuple[int, float]:
    """How many open dossiers stand in the list, and how many of them are to be expected late."""
    r = DossierRisk
    query = select(func.count(), func.coalesce(func.sum(r.chance), 0)).select_from(r)
    count, chance = session.execute(query.join(_D, _D.c.id == r.dossier_id).where(*_tests(asked))).one()
    return int(count), int(chance) / WHOLE


def _tests(asked: RiskAsked) -> list[ColumnElement[bool]]:
    """What has ended since, what fell due since, and what is of other units by now is on no list."""
    r = DossierRisk
    still = (_D.c.ended_at.is_(None), _D.c.end_kind.is_(None), is_accepted(_D))
    return [
        *_within(asked),
        r.due_on >= asked.today,
        r.chance >= asked.least,
        _D.c.source_due_at.is_not(None),
        *still,
    ]


def _within(asked: RiskAsked) -> list[ColumnElement[bool]]:
    """Of these units when the chance was told, which is what the table's index stands by, and still of them now."""
    if asked.unit_ids is None:
        return []
    ids = sorted(asked.unit_ids)
    return [DossierRisk.unit_id.in_(ids), _D.c.resolving_unit_id.in_(ids)]


def holds_invented(session: Session, stems: Sequence[str]) -> bool:
    """Does the store hold generated data: accounts of the demonstration, or files that bear the names of the generator's?"""
    if session.scalar(select(User.id).where(User.is_demo).limit(1)) is not None:
        return True
    named = or_(*(Batch.files.like(f"%{before}{stem}%") for stem in stems for before in ('"', "/", "\\\\")))
    return session.scalar(select(Batch.id).where(named).limit(1)) is not None
