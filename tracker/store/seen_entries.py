"""Entries of the log about looking at dossiers and taking them out: by whom, in which span of days, of which dossier."""

from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import BigInteger, ColumnElement, and_, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from tracker.store.audit import Act, Logged, read_detail
from tracker.store.models import Alert, AuditEntry, Dossier, Letter
from tracker.types import VN

DAY_SECONDS, VN_SECONDS = 86_400, 7 * 3600
EPOCH = date(1970, 1, 1)
AT_A_TIME = 2_000


@dataclass(frozen=True, slots=True)
class DossierTrace:
    """A dossier as the log names it: itself, its letters, its alerts, and in the lists that name dossiers by their ids."""

    dossier_id: int
    code: str
    letter_ids: tuple[int, ...]
    alert_ids: tuple[int, ...]

    @property
    def subjects(self) -> tuple[str, ...]:
        """The subjects of acts on it."""
        letters = (f"letter:{number}" for number in self.letter_ids)
        alerts = (f"alert:{number}" for number in self.alert_ids)
        return (f"dossier:{self.dossier_id}", *letters, *alerts)


@dataclass(frozen=True, slots=True)
class SeenWanted:
    """Which entries: days include both ends; `actors` None = everybody; `listing`: acts whose ids are of dossiers."""

    actions: frozenset[str]
    first: date
    last: date
    actors: frozenset[str] | None = None
    trace: DossierTrace | None = None
    listing: frozenset[str] = frozenset()


class DailyCount(NamedTuple):
    """How often somebody did an act on a day."""

    actor: str
    day: date
    action: str
    times: int


def trace_of(session: Session, dossier_id: int, code: str) -> DossierTrace:
    """What the log may call a dossier by."""
    letters = session.scalars(select(Letter.id).where(Letter.dossier_id == dossier_id)).all()
    of_dossier = (Alert.subject_kind == "dossier", Alert.subject_id == dossier_id)
    alerts = session.scalars(select(Alert.id).where(*of_dossier)).all()
    return DossierTrace(dossier_id, code, tuple(letters), tuple(alerts))


def daily_counts(session: Session, wanted: SeenWanted) -> list[DailyCount]:
    """Acts by person, day and act; the trace is left out of account."""
    seconds = type_coerce(AuditEntry.at, BigInteger)
    day = ((seconds + VN_SECONDS) // DAY_SECONDS).label("day")
    query = (
        select(AuditEntry.actor, day, AuditEntry.action, func.count())
        .where(*_conditions(wanted))
        .group_by(AuditEntry.actor, day, AuditEntry.action)
    )
    return [
        DailyCount(actor, EPOCH + timedelta(days=int(number)), action, count)
        for actor, number, action, count in session.execute(query)
    ]


def seen(session: Session, wanted: SeenWanted, *, limit: int, before: int | None = None) -> Iterator[Logged]:
    """The entries, newest first, at most `limit`; `before`: only those with a smaller id."""
    query = select(AuditEntry).where(*_conditions(wanted)).order_by(AuditEntry.id.desc())
    if before is not None:
        query = query.where(AuditEntry.id < before)
    if wanted.trace is not None:
        query = query.where(_touches(wanted, wanted.trace))
    left = limit
    # Closed where it is left early: PostgreSQL reads on from where it was.
    with closing(session.scalars(query.execution_options(yield_per=AT_A_TIME))) as rows:
        for row in rows:
            entry = Logged(row.id, Act(row.at, row.actor, row.action, row.subject, read_detail(row.detail)))
            if wanted.trace is not None and not shows(entry, wanted.trace):
                continue
            yield entry
            left -= 1
            if not left:
                return


def shows(entry: Logged, trace: DossierTrace) -> bool:
    """Was the dossier itself opened, or among the rows that a list showed?"""
    return entry.act.subject in trace.subjects or trace.dossier_id in _ids(entry)


def _ids(entry: Logged) -> Collection[object]:
    ids = entry.act.detail.get("ids")
    return ids if isinstance(ids, list) else ()


def _touches(wanted: SeenWanted, trace: DossierTrace) -> ColumnElement[bool]:
    """The database looks for the number as text, which finds too much and never too little; `shows` tells exactly."""
    listed = and_(
        AuditEntry.action.in_(sorted(wanted.listing)), AuditEntry.detail.contains(str(trace.dossier_id))
    )
    return or_(AuditEntry.subject.in_(trace.subjects), listed)


def _conditions(wanted: SeenWanted) -> list[ColumnElement[bool]]:
    told: list[ColumnElement[bool]] = [
        AuditEntry.at >= _midnight(wanted.first),
        AuditEntry.at < _midnight(wanted.last + timedelta(days=1)),
        AuditEntry.action.in_(sorted(wanted.actions)),
    ]
    if wanted.actors is not None:
        told.append(AuditEntry.actor.in_(sorted(wanted.actors)))
    return told


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), VN)


def codes_of(
    session: Session, dossier_ids: Collection[int], unit_ids: frozenset[int] | None
) -> dict[int, str]:
    """Dossier id -> code, of those that these units resolve (None: of all)."""
    query = select(Dossier.id, Dossier.code).where(Dossier.id.in_(sorted(dossier_ids)))
    if unit_ids is not None:
        query = query.where(Dossier.resolving_unit_id.in_(sorted(unit_ids)))
    return {number: code for number, code in session.execute(query)}
