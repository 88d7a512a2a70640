"""The register of evidence packs and of the keys that sign them. Rows are added and never taken away."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tracker.measures.log_chain import Break
from tracker.store.ids import next_id
from tracker.store.models import AuditEntry, EvidencePack, PackKey


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key that signs, or signed, evidence packs: its public half."""

    fingerprint: str
    public_key: str
    made_by: str
    made_at: datetime
    retired_at: datetime | None
    retired_by: str


class NewPack(NamedTuple):
    """A finished pack on its way into the register; hashes and signature hexadecimal."""

    number: str
    title: str
    question: Mapping[str, Any]
    counts: Mapping[str, Any]
    file_name: str
    size: int
    sha256: str
    manifest_sha256: str
    signature: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class PackRow:
    """A pack of the register."""

    pack_id: int
    new: NewPack
    made_by: str
    made_at: datetime


# ---------------------------------------------------------------- keys


def keys(session: Session) -> list[KeyRow]:
    """All keys, the newest first, retired ones too."""
    query = select(PackKey).order_by(PackKey.made_at.desc(), PackKey.fingerprint)
    return [_key(row) for row in session.scalars(query)]


def find_key(session: Session, fingerprint: str) -> KeyRow | None:
    """A key by its fingerprint."""
    row = session.get(PackKey, fingerprint)
    return _key(row) if row else None


def add_key(session: Session, fingerprint: str, public_key: str, *, by: str, now: datetime) -> None:
    """Write down a key."""
    session.add(
        PackKey(
            fingerprint=fingerprint, public_key=public_key, made_by=by, made_at=now, retired_at=None, retired_by=""
        )
    )  # fmt: skip
    session.flush()


def retire_key(session: Session, fingerprint: str, *, by: str, now: datetime) -> bool:
    """The key signs nothing more; what it signed stays valid. False if it was retired before."""
    change = update(PackKey).where(PackKey.fingerprint == fingerprint, PackKey.retired_at.is_(None))
    found = session.execute(change.values(retired_at=now, retired_by=by).returning(PackKey.fingerprint))
    return found.one_or_none() is not None


def _key(row: PackKey) -> KeyRow:
    return KeyRow(row.fingerprint, row.public_key, row.made_by, row.made_at, row.retired_at, row.retired_by)


# ---------------------------------------------------------------- packs


def next_number(session: Session, year: int) -> str:
    """The number after the last of a year, like 2026-0001. Under the lock of whoever registers, and in one transaction."""
    query = select(EvidencePack.number).where(EvidencePack.number.startswith(f"{year}-", autoescape=True))
    last = session.scalar(query.order_by(EvidencePack.id.desc()).limit(1))
    return f"{year}-{int(last.partition('-')[2]) + 1 if last else 1:04}"


def add_pack(session: Session, new: NewPack, *, by: str, now: datetime) -> int:
    """Write a pack into the register; its id."""
    number = next_id(session, EvidencePack.id)
    told = new._asdict() | {"question": _json(new.question), "counts": _json(new.counts)}
    session.add(EvidencePack(id=number, **told, made_by=by, made_at=now))
    session.flush()
    return number


def find_pack(session: Session, pack_id: int) -> PackRow | None:
    """One pack."""
    row = session.get(EvidencePack, pack_id)
    return _pack(row) if row else None


def find_number(session: Session, number: str) -> PackRow | None:
    """The pack of a number."""
    row = session.scalar(select(EvidencePack).where(EvidencePack.number == number))
    return _pack(row) if row else None


def list_packs(session: Session, *, before: int | None = None, limit: int = 50) -> list[PackRow]:
    """The register, newest first."""
    query = select(EvidencePack).order_by(EvidencePack.id.desc()).limit(limit)
    if before is not None:
        query = query.where(EvidencePack.id < before)
    return [_pack(row) for row in session.scalars(query)]


# ---------------------------------------------------------------- what the log binds

MADE, SUBJECT = "pack_made", "pack:"


def changed_packs(session: Session) -> list[Break]:
    """Packs of the register that are not what the log says was made, and packs that the log tells of and that are gone."""
    rows = {f"{SUBJECT}{row.number}": row for row in session.scalars(select(EvidencePack))}
    logged = select(AuditEntry.id, AuditEntry.subject, AuditEntry.detail).where(AuditEntry.action == MADE)
    broken = []
    for entry_id, subject, detail in session.execute(logged.order_by(AuditEntry.id)):
        told, row = _told(detail), rows.pop(subject, None)
        if told is None:  # spoilt: then the chain says so
            continue
        if row is None:
            broken.append(_break(entry_id, subject, "không còn trong sổ gói"))
        elif (row.sha256, row.manifest_sha256) != told:
            broken.append(_break(entry_id, subject, "trong sổ gói khác với lúc làm"))
    return broken + [_break(None, subject, "không có mục nhật ký nào về việc làm gói") for subject in rows]


def _told(detail: str) -> tuple[str, str] | None:
    try:
        found = json.loads(detail)
        return str(found["sha256"]), str(found["manifest"])
    except (ValueError, TypeError, KeyError):
        return None


def _break(entry_id: int | None, subject: str, why: str) -> Break:
    return Break("pack_changed", entry_id, None, f"Gói chứng cứ {subject.removeprefix(SUBJECT)} {why}.")


def _json(values: Mapping[str, Any]) -> str:
    return json.dumps(dict(values), ensure_ascii=False, sort_keys=True)


def _pack(row: EvidencePack) -> PackRow:
    new = NewPack(
        row.number, row.title, json.loads(row.question), json.loads(row.counts), row.file_name, row.size,
        row.sha256, row.manifest_sha256, row.signature, row.fingerprint,
    )  # fmt: skip
    return PackRow(row.id, new, row.made_by, row.made_at)
