"""What names people and hangs on no dossier: kept raw blocks, rejected rows, waiting events, messages. Read and emptied."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, delete, select, type_coerce, update
from sqlalchemy.orm import Session

from tracker.store.models import (
    Batch,
    CauseMonth,
    CodeAlias,
    InboxMessage,
    KeptFile,
    OutboxEvent,
    OutboxMessage,
    RawBlock,
    Rejection,
    WaitingEvent,
)
from tracker.store.outbox import MessageState
from tracker.store.privacy.places import ERASED
from tracker.store.rejections import SLICE

LOOSE = {"synchronize_session": False}
READ_AT_ONCE = 500
# What still goes out is not emptied: it would be sent blank.
OVER = (
    MessageState.SENT, MessageState.DELIVERED, MessageState.UNSURE, MessageState.DEAD, MessageState.CANCELLED,
)  # fmt: skip
OF_LETTER = "letter:"


class Block(NamedTuple):
    """A raw block, and when its batch came (UTC epoch seconds)."""

    batch_id: int
    block: int
    file: str
    body: bytes
    ingested_at: int


class RejectedCells(NamedTuple):
    """A rejected row with what it held (JSON), and when its batch came."""

    rejection_id: int
    batch_id: int
    file: str
    row: int
    value: str
    message: str
    cells: str
    fields: str
    ingested_at: int


@dataclass(frozen=True, slots=True)
class Message:
    """A message that went out, or in the inbox of the program: all that may name somebody."""

    message_id: int
    cause: str
    state: str
    created_at: int
    channel: str
    recipient: str
    subject: str
    text: str
    html: str
    attachments: str

    @property
    def whole(self) -> str:
        """Everything that was said, and of what."""
        return "\n".join((self.cause, self.subject, self.text, self.html, self.attachments))


def block_keys(session: Session) -> list[tuple[int, int]]:
    """All raw blocks."""
    query = select(RawBlock.batch_id, RawBlock.block).order_by(RawBlock.batch_id, RawBlock.block)
    return [(batch, block) for batch, block in session.execute(query)]


def block(session: Session, batch_id: int, number: int) -> Block:
    """One raw block."""
    query = (
        select(
            RawBlock.batch_id,
            RawBlock.block,
            RawBlock.file,
            RawBlock.body,
            type_coerce(Batch.ingested_at, BigInteger),
        )
        .join(Batch, Batch.id == RawBlock.batch_id)
        .where(RawBlock.batch_id == batch_id, RawBlock.block == number)
    )
    return Block(*session.execute(query).one())


def put_block(session: Session, batch_id: int, number: int, body: bytes) -> None:
    """Write a raw block anew."""
    is_it = (RawBlock.batch_id == batch_id, RawBlock.block == number)
    session.execute(update(RawBlock).where(*is_it).values(body=body).execution_options(**LOOSE))


def rejected(session: Session) -> Iterator[RejectedCells]:
    """All rejected rows."""
    columns = (
        Rejection.id, Rejection.batch_id, Rejection.file, Rejection.row, Rejection.value, Rejection.message,
        Rejection.cells, Rejection.fields, type_coerce(Batch.ingested_at, BigInteger),
    )  # fmt: skip
    query = select(*columns).join(Batch, Batch.id == Rejection.batch_id).order_by(Rejection.id)
    for row in session.execute(query.execution_options(yield_per=READ_AT_ONCE)):
        yield RejectedCells(*row)


def put_rejected(session: Session, rejection_id: int, values: Mapping[str, str]) -> None:
    """Write cells, value and message of a rejected row anew."""
    change = update(Rejection).where(Rejection.id == rejection_id).values(values)
    session.execute(change.execution_options(**LOOSE))


def waiting(session: Session, ids: Sequence[int]) -> list[Mapping[str, Any]]:
    """What waiting events say, by their columns."""
    columns = (
        WaitingEvent.code,
        WaitingEvent.at,
        WaitingEvent.officer_name,
        WaitingEvent.department,
        WaitingEvent.text,
    )
    found: list[Mapping[str, Any]] = []
    for start in range(0, len(ids), SLICE):
        query = select(*columns).where(WaitingEvent.id.in_(ids[start : start + SLICE]))
        found += [dict(row._mapping) for row in session.execute(query.order_by(WaitingEvent.id))]
    return found


def waiting_codes(session: Session, ids: Sequence[int]) -> set[str]:
    """The codes that waiting events name."""
    found: set[str] = set()
    for start in range(0, len(ids), SLICE):
        found.update(
            session.scalars(select(WaitingEvent.code).where(WaitingEvent.id.in_(ids[start : start + SLICE])))
        )
    return found


def empty_waiting(session: Session, ids: Sequence[int]) -> int:
    """Empty waiting events of names and words; how many had any."""
    changed = 0
    for start in range(0, len(ids), SLICE):
        some = WaitingEvent.id.in_(ids[start : start + SLICE])
        change = update(WaitingEvent).where(
            some, (WaitingEvent.officer_name != "") | (WaitingEvent.text != "")
        )
        done: Any = session.execute(change.values(officer_name="", text="").execution_options(**LOOSE))
        changed += done.rowcount
    return changed


def messages(session: Session) -> Iterator[Message]:
    """All messages of the outbox; those of the inbox are copies of them."""
    m = OutboxMessage
    columns = (
        m.id, m.cause, m.state, type_coerce(m.created_at, BigInteger), m.channel, m.recipient, m.subject, m.text, m.html,
        m.attachments,
    )  # fmt: skip
    query = select(*columns).order_by(m.id).execution_options(yield_per=READ_AT_ONCE)
    for row in session.execute(query):
        told: tuple[Any, ...] = tuple(row)
        yield Message(*told)


def empty_messages(session: Session, ids: Collection[int]) -> int:
    """Empty messages that are over, their steps and their copies in the inbox; how many had anything."""
    ordered, changed = sorted(ids), 0
    for start in range(0, len(ordered), SLICE):
        part = ordered[start : start + SLICE]
        is_over = (OutboxMessage.id.in_(part), OutboxMessage.state.in_(OVER), OutboxMessage.text != ERASED)
        blank = {"subject": ERASED, "text": ERASED, "html": "", "attachments": "[]", "fault": ""}
        done: Any = session.execute(
            update(OutboxMessage).where(*is_over).values(blank).execution_options(**LOOSE)
        )
        changed += done.rowcount
        emptied = select(OutboxMessage.id).where(OutboxMessage.id.in_(part), OutboxMessage.text == ERASED)
        for change in (
            update(OutboxMessage).where(OutboxMessage.id.in_(emptied), OutboxMessage.cause.startswith(OF_LETTER))
            .values(recipient=""),
            update(OutboxEvent).where(OutboxEvent.message_id.in_(emptied)).values(detail=""),
            update(InboxMessage).where(InboxMessage.message_id.in_(emptied)).values(subject=ERASED, text=ERASED),
        ):  # fmt: skip
            session.execute(change.execution_options(**LOOSE))
    return changed


class FileThere(NamedTuple):
    """A kept file that is still on the disk."""

    file_id: int
    kind: str
    path: str
    name: str
    sha256: str
    size: int
    expires_at: datetime


def empty_aliases(session: Session, codes: Collection[str]) -> int:
    """Empty the reasons for which codes were joined; how many had one."""
    ordered, changed = sorted(codes), 0
    for start in range(0, len(ordered), SLICE):
        change = update(CodeAlias).where(
            CodeAlias.code.in_(ordered[start : start + SLICE]), CodeAlias.reason != ""
        )
        done: Any = session.execute(change.values(reason="").execution_options(**LOOSE))
        changed += done.rowcount
    return changed


def forget_reasons(session: Session, names_somebody: Callable[[str], bool]) -> int:
    """Take reasons that name somebody out of the causes by month, which are counted anew afterwards; how many rows went."""
    is_reason = CauseMonth.part == "reason"
    names = [
        name
        for name in session.scalars(select(CauseMonth.name).where(is_reason).distinct())
        if names_somebody(name)
    ]
    gone = 0
    for start in range(0, len(names), SLICE):
        these = delete(CauseMonth).where(is_reason, CauseMonth.name.in_(names[start : start + SLICE]))
        done: Any = session.execute(these.execution_options(**LOOSE))
        gone += done.rowcount
    return gone


def file_names(session: Session) -> list[tuple[int, str]]:
    """(number, name as a person gave it) of all kept files, also of those that are gone."""
    query = select(KeptFile.id, KeptFile.name).where(KeptFile.name != ERASED).order_by(KeptFile.id)
    return [(number, name) for number, name in session.execute(query)]


def empty_file_names(session: Session, ids: Sequence[int]) -> int:
    """Empty the names of kept files; how many there were."""
    for start in range(0, len(ids), SLICE):
        change = update(KeptFile).where(KeptFile.id.in_(ids[start : start + SLICE])).values(name=ERASED)
        session.execute(change.execution_options(**LOOSE))
    return len(ids)


def files_there(session: Session) -> list[FileThere]:
    """Uploads, exports, lists of rejected rows and watched files that nobody has deleted."""
    f = KeptFile
    query = select(f.id, f.kind, f.path, f.name, f.sha256, f.size, f.expires_at).where(f.deleted_at.is_(None))
    return [FileThere(*row) for row in session.execute(query.order_by(f.id))]
