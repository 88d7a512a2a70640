"""The log of acts: appended to, each entry chained with the one before; its head is sealed day by day.

Who changes, cuts or rewrites it afterwards is seen; how, stands in `tracker.measures.log_chain`.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import BigInteger, Connection, insert, select, type_coerce
from sqlalchemy.orm import Session

from tracker.errors import UsageError
from tracker.measures.log_chain import (
    BEGINNING,
    Break,
    ChainReport,
    Entry,
    Seal,
    after_id,
    chained,
    check_chain,
    seal_line,
)
from tracker.store.act_reach import belongs_to
from tracker.store.bound import changed_decisions, unfounded_editions, unfounded_words
from tracker.store.driver_rows import answered
from tracker.store.locks import SPACE, Lock, hold
from tracker.store.models import AuditEntry, AuditSeal
from tracker.store.pack_store import changed_packs
from tracker.store.session import Store
from tracker.text import storable
from tracker.types import VN

# Entries read at a time, and after how many of them a check says how far it is.
AT_A_TIME = 5_000
TELL_EVERY = 50_000


@dataclass(frozen=True, slots=True)
class Act:
    """One line for the log: who did what to which thing; `detail` holds ids, counts and filters, never names."""

    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Logged:
    """An entry of the log as it is read."""

    entry_id: int
    act: Act


@dataclass(frozen=True, slots=True)
class SealRow:
    """A seal of the store, with the line that was sent and printed."""

    seal: Seal
    sealed_at: datetime
    line: str
    is_new: bool = False


def append_acts(session: Session, acts: Sequence[Act]) -> None:
    """Write acts to the log, in order. Last in its transaction: others wait for the lock until that ends."""
    hold(session, Lock.AUDIT)
    last, chain = _head(session)
    entries = []
    for number, act in enumerate(acts, last + 1):
        told = _as_kept(act)
        chain = chained(chain, (number, *told))
        entries.append({"id": number, **dict(zip(_TOLD, told, strict=True)), "chain": chain})
    if entries:
        session.connection().execute(_INSERTED, entries)


def append_alone(store: Store, act: Act, *, lasting: bool = True) -> None:
    """Write one act to the log, in a transaction of its own; `lasting` as there. Nearly every page does.

    On PostgreSQL one statement takes the lock, finds the head and chains. It sees the head as it was before it had the lock:
    where somebody else wrote an entry just then, that one has its number, and it is tried once more, then done the long way.
    """
    if store.works_elsewhere and any(_is_appended(store, act, lasting=lasting) for _twice in range(2)):
        return
    with store.transaction(lasting=lasting) as session:
        if store.works_elsewhere:
            append_acts(session, [act])
        else:  # who begins to write to SQLite writes alone
            _append_to_file(session.connection(), act)


def _append_to_file(connection: Connection, act: Act) -> None:
    """As `append_acts` does for one; SQLite answers sooner than a statement is made ready for it."""
    head = answered(connection, _LAST, ())
    last, chain = head[0] if head else (0, BEGINNING)
    told = (last + 1, *_as_kept(act))
    answered(connection, _PUT, (*told, chained(chain, told)))


def _is_appended(store: Store, act: Act, *, lasting: bool) -> bool:
    told = _as_kept(act)
    values: dict[str, Any] = {**dict(zip(_TOLD, told, strict=True)), "after_id": after_id(told)}
    values |= {"revision": store.revision}
    return bool(store.at_once(_ALONE if lasting else _PASSING, values))


_TOLD = ("at", "actor", "action", "subject", "detail")


def _as_kept(act: Act) -> tuple[int, str, str, str, str]:
    """As the database will hold it: the chain is over what is read back."""
    detail = json.dumps(act.detail, ensure_ascii=False, sort_keys=True)
    told = (storable(text) for text in (act.actor, act.action, act.subject, detail))
    return (int(act.at.timestamp()), *told)  # type: ignore[return-value]


# Made once: nearly every page writes to the log.
_HEAD = select(AuditEntry.id, AuditEntry.chain).order_by(AuditEntry.id.desc()).limit(1)
_LAST = "SELECT id, chain FROM audit_entry ORDER BY id DESC LIMIT 1"
_PUT = "INSERT INTO audit_entry (id, at, actor, action, subject, detail, chain) VALUES (?, ?, ?, ?, ?, ?, ?)"
_INSERTED = insert(AuditEntry.__table__)  # type: ignore[arg-type]
# The twin of `chained` in SQL; a test holds the two equal.
_ALONE = f"""
INSERT INTO audit_entry (id, at, actor, action, subject, detail, chain)
SELECT coalesce(head.id, 0) + 1, %(at)s, %(actor)s, %(action)s, %(subject)s, %(detail)s, encode(sha256(convert_to(
  coalesce(head.chain, '{BEGINNING}') || chr(10) || '[' || (coalesce(head.id, 0) + 1) || %(after_id)s, 'UTF8')), 'hex')
FROM (SELECT pg_advisory_xact_lock({SPACE}, {Lock.AUDIT:d})) AS held
  LEFT JOIN (SELECT id, chain FROM audit_entry ORDER BY id DESC LIMIT 1) AS head ON true
WHERE %(revision)s::text IS NULL OR EXISTS (SELECT FROM alembic_version WHERE version_num = %(revision)s::text)
ON CONFLICT (id) DO NOTHING RETURNING id
"""
_PASSING = _ALONE.replace("SELECT pg", "SELECT set_config('synchronous_commit', 'off', true), pg")


def _head(session: Session) -> tuple[int, str]:
    """The last entry and its chain; by the primary key, whatever the length of the log."""
    found = session.connection().execute(_HEAD).one_or_none()
    return (found[0], found[1]) if found else (0, BEGINNING)


# ---------------------------------------------------------------- reading


def recent_acts(session: Session, limit: int = 50) -> list[Act]:
    """The newest acts, newest first."""
    return [each.act for each in find_acts(session, ActFilter(), limit=limit)]


@dataclass(frozen=True, slots=True)
class ActFilter:
    """Which acts to look at; empty = all. `subject` is a beginning ("dossier:", "user:12"); days include both ends.

    `units`: those of whom the reader may be told (`act_reach`), None = the whole log.
    """

    actor: str = ""
    action: str = ""
    subject: str = ""
    first: date | None = None
    last: date | None = None
    units: frozenset[int] | None = None


def find_acts(
    session: Session, wanted: ActFilter, *, limit: int = 50, before: int | None = None
) -> list[Logged]:
    """Acts, newest first; `before`: only entries with a smaller id (pages by key)."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    if wanted.actor:
        query = query.where(AuditEntry.actor == wanted.actor)
    if wanted.action:
        query = query.where(AuditEntry.action == wanted.action)
    if wanted.subject:
        query = query.where(AuditEntry.subject.startswith(wanted.subject, autoescape=True))
    if wanted.first:
        query = query.where(AuditEntry.at >= _midnight(wanted.first))
    if wanted.last:
        query = query.where(AuditEntry.at < _midnight(wanted.last + timedelta(days=1)))
    if wanted.units is not None:
        query = query.where(belongs_to(wanted.units))
    return [Logged(e.id, act_of(e)) for e in session.scalars(query)]


def act_of(entry: AuditEntry) -> Act:
    """An entry of the log as the act that it is."""
    return Act(entry.at, entry.actor, entry.action, entry.subject, read_detail(entry.detail))


def read_detail(text: Any) -> Mapping[str, Any]:
    """What an entry tells; one that somebody spoilt past the program is shown as it is, and must not blind the page."""
    try:
        found = json.loads(text)
    except (TypeError, ValueError):
        found = None
    return found if isinstance(found, dict) else {"?": str(text)}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), VN)


# ---------------------------------------------------------------- sealing


def seal(session: Session, day: date, now: datetime) -> SealRow:
    """Seal the head of the log at the end of a day (of today: as it is now), once; later calls give the same seal.

    A day that was missed is sealed with the last entry of that day, never behind an earlier seal or past a later one.

    Raises:
        UsageError: the day has not come yet.
    """
    if day > now.date():
        raise UsageError(f"ngày {day:%d/%m/%Y} chưa đến, chưa thể niêm phong")
    hold(session, Lock.AUDIT)
    known = session.get(AuditSeal, day)
    if known is not None:
        return _seal_row(known)
    entry_id, chain = _head_of_day(session, day, now)
    sealed = Seal(day, entry_id, chain)
    row = AuditSeal(day=day, entry_id=entry_id, chain=chain, sealed_at=now, line=seal_line(sealed))
    session.add(row)
    session.flush()
    return SealRow(sealed, now, row.line, is_new=True)


def _head_of_day(session: Session, day: date, now: datetime) -> tuple[int, str]:
    """The last entry of a day, in line with the seals about it; a log that was cut is sealed as it is, and found out."""
    last, chain = _head(session)
    if day == now.date():
        return last, chain
    earlier = _neighbour(session, AuditSeal.day < day, AuditSeal.day.desc())
    later = _neighbour(session, AuditSeal.day > day, AuditSeal.day.asc())
    until = AuditEntry.at < _midnight(day + timedelta(days=1))
    of_day = session.scalar(select(AuditEntry.id).where(until).order_by(AuditEntry.id.desc()).limit(1))
    head = min(max(of_day or 0, earlier or 0), last if later is None else later, last)
    found = session.scalar(select(AuditEntry.chain).where(AuditEntry.id == head))
    return head, found or BEGINNING


def _neighbour(session: Session, condition: Any, order: Any) -> int | None:
    return session.scalar(select(AuditSeal.entry_id).where(condition).order_by(order).limit(1))


def seals(session: Session, limit: int | None = None) -> list[SealRow]:
    """The seals, newest first."""
    return [
        _seal_row(row)
        for row in session.scalars(select(AuditSeal).order_by(AuditSeal.day.desc()).limit(limit))
    ]


def newest_at(session: Session) -> datetime | None:
    """When the newest entry was written, by the clock of whoever wrote it."""
    return session.scalar(select(AuditEntry.at).order_by(AuditEntry.id.desc()).limit(1))


def last_seal_day(session: Session) -> date | None:
    """The day of the newest seal."""
    return session.scalar(select(AuditSeal.day).order_by(AuditSeal.day.desc()).limit(1))


def is_sealed(session: Session, day: date) -> bool:
    """Has this day its seal?"""
    return session.get(AuditSeal, day) is not None


def _seal_row(row: AuditSeal) -> SealRow:
    return SealRow(Seal(row.day, row.entry_id, row.chain), row.sealed_at, row.line)


# ---------------------------------------------------------------- checking


def verify(
    session: Session, outside: Sequence[Seal] = (), told: Callable[[int], None] = lambda _: None
) -> ChainReport:
    """Check the whole log, its seals and the decisions that it binds, and compare with lines kept outside.

    `told` is called with the number of entries read, now and then.
    """
    kept = seals(session)[::-1]
    report = check_chain(entries(session, told), [row.seal for row in kept], outside)
    changed = tuple(
        Break(
            "seal_changed",
            row.seal.entry_id,
            row.seal.day,
            f"Dòng niêm phong đã lưu của ngày {row.seal.day:%d/%m/%Y} đã bị sửa.",
        )
        for row in kept
        if row.line != seal_line(row.seal)
    )
    bound = (*changed_decisions(session), *unfounded_editions(session), *unfounded_words(session))
    broken = (*report.broken, *changed, *bound, *changed_packs(session))
    return ChainReport(report.checked, report.seals, report.lines, broken)


def entries(session: Session, told: Callable[[int], None] = lambda _: None) -> Iterator[Entry]:
    """All entries by id, as plain rows: making a datetime of each instant would take longer than the check."""
    columns = (
        AuditEntry.id, type_coerce(AuditEntry.at, BigInteger), AuditEntry.actor, AuditEntry.action, AuditEntry.subject,
        AuditEntry.detail, AuditEntry.chain,
    )  # fmt: skip
    query = select(*columns).order_by(AuditEntry.id).execution_options(yield_per=AT_A_TIME)
    for number, row in enumerate(session.execute(query), 1):
        yield row
        if number % TELL_EVERY == 0:
            told(number)
