"""What two persons decide stands in rows that can be changed; the log holds their fingerprints, by which that is seen."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.measures.log_chain import Break, fingerprint
from tracker.store import calendar_changes, edition_store, two_person
from tracker.store.models import AuditEntry
from tracker.store.two_person import TwoPersonRow
from tracker.types.calendars import ChangeState
from tracker.types.editions import EditionEntryRow, EditionKind, NewEntry

DIGEST = "digest"
EDITION = "edition"  # the kind of change that enters editions
ASKING = frozenset({"change_propose", "calendar_propose", "calendar_undo"})
DECIDING = frozenset(
    f"{what}_{how}" for what in ("change", "calendar") for how in ("approve", "reject", "withdraw")
)
# Every act that leaves a word of the first day; its entry holds the fingerprint of that word.
FIRST_DAY_SAYING = frozenset(
    f"first_day_{what}" for what in ("start", "confirm", "withdraw", "ready", "mail")
)
TOLD = {"change": "Đề nghị số {}", "calendar_change": "Thay đổi lịch số {}"}


@dataclass(frozen=True, slots=True)
class Standing:
    """A change as it stands: the fingerprint of what was asked for, and that of the whole with its decision."""

    asked: str
    decided: str
    state: ChangeState


def changed_decisions(session: Session) -> list[Break]:
    """Changes that are not what the log says was asked for or decided, or were decided without it."""
    standing, broken, asked = dict(_standing(session)), list[Break](), dict[str, int]()
    logged = select(AuditEntry.id, AuditEntry.action, AuditEntry.subject, AuditEntry.detail)
    logged = logged.where(AuditEntry.action.in_(ASKING | DECIDING)).order_by(AuditEntry.id)
    for entry_id, action, subject, detail in session.execute(logged):
        digest = _digest(detail)
        if digest is None:  # of an earlier version of the program, or spoilt: then the chain says so
            continue
        if why := _why_not(standing.get(subject), action, digest):
            broken.append(_break(subject, entry_id, why))
        if action in ASKING:
            asked[subject] = entry_id
        else:
            asked.pop(subject, None)
    return broken + [
        _break(subject, entry_id, "đã được quyết định mà nhật ký không ghi ai quyết định")
        for subject, entry_id in asked.items()
        if subject in standing and standing[subject].state is not ChangeState.PROPOSED
    ]


def unfounded_editions(session: Session) -> list[Break]:
    """Entered editions that no applied change asked for as they stand, and applied changes whose edition is gone.

    The changes themselves are bound by the log (`changed_decisions`).
    """
    entered = {
        _entry_mark(row.new, row.entered_at): row.entry_id
        for row in edition_store.all_entries(session)
        if row.new.kind is not EditionKind.FIRST_DAY
    }
    asked = {
        _change_mark(row): row.change_id
        for row in two_person.list_changes(session, limit=None)
        if row.asked.kind == EDITION and row.state is ChangeState.APPLIED
    }
    told = [
        f"Phiên bản nhập số {entered[mark]} không phải như đề nghị nào đã duyệt."
        for mark in entered.keys() - asked
    ]
    told += [
        f"Phiên bản của đề nghị số {asked[mark]} không còn như đã duyệt." for mark in asked.keys() - entered
    ]
    return [Break("edition_changed", None, None, each) for each in sorted(told)]


def unfounded_words(session: Session) -> list[Break]:
    """Words of the first day that the log does not tell as they stand, and told ones that are gone."""
    standing = {
        _entry_mark(row.new, row.entered_at): row.entry_id
        for row in edition_store.all_entries(session)
        if row.new.kind is EditionKind.FIRST_DAY
    }
    logged = select(AuditEntry.id, AuditEntry.detail).where(AuditEntry.action.in_(FIRST_DAY_SAYING))
    told = {digest: entry_id for entry_id, detail in session.execute(logged) if (digest := _digest(detail))}
    return [
        Break(
            "word_changed", None, None, f"Lời ghi ngày đầu số {standing[mark]} không phải như nhật ký đã ghi."
        )
        for mark in sorted(standing.keys() - told)
    ] + [
        Break("word_changed", told[mark], None, f"Lời ghi ngày đầu của mục {told[mark]} không còn.")
        for mark in sorted(told.keys() - standing)
    ]


def word_mark(row: EditionEntryRow) -> str:
    """The fingerprint by which the log binds a word of the first day."""
    return _entry_mark(row.new, row.entered_at)


def _entry_mark(new: NewEntry, entered_at: datetime) -> str:
    told = (new.kind.value, new.subject, new.key, new.body, new.reason, new.asked_by, new.decided_by)
    return fingerprint([*told, int(entered_at.timestamp())])


def _change_mark(row: TwoPersonRow) -> str:
    """What the entry of an applied change must be."""
    wanted, asked = row.asked.payload, row.asked
    of = (wanted["kind"], wanted["subject"], wanted["key"], wanted["body"])
    at = int(row.decided_at.timestamp()) if row.decided_at else None
    return fingerprint([*of, asked.reason, asked.proposed_by, row.decided_by, at])


def _standing(session: Session) -> Iterator[tuple[str, Standing]]:
    """Every change by its subject in the log."""
    for row in two_person.list_changes(session, limit=None):
        yield f"change:{row.change_id}", Standing(*two_person.fingerprints_of(row), row.state)
    for change in calendar_changes.list_changes(session):
        told = Standing(*calendar_changes.fingerprints_of(change), change.state)
        yield f"calendar_change:{change.change_id}", told


def _digest(detail: str) -> str | None:
    try:
        found = json.loads(detail)
    except (TypeError, ValueError):
        return None
    digest = found.get(DIGEST) if isinstance(found, dict) else None
    return digest if isinstance(digest, str) else None


def _why_not(now: Standing | None, action: str, digest: str) -> str | None:
    if now is None:
        return "không còn trong cơ sở dữ liệu"
    if action in ASKING:
        return None if digest == now.asked else "nay khác với nội dung lúc đề nghị"
    return None if digest == now.decided else "nay khác với nội dung lúc quyết định"


def _break(subject: str, entry_id: int, why: str) -> Break:
    what, _, number = subject.partition(":")
    return Break("decision_changed", entry_id, None, f"{TOLD[what].format(number)} {why} (mục {entry_id}).")
