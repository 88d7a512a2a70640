"""What it takes to deliver one letter: the file by reference and hash, code and date. Nothing is sent from here.

Who it goes to is no part of a request: whoever asks for the delivery names the recipient, and the outbox keeps him.
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from letters.register import located
from tracker.errors import UsageError, WorkFailed
from tracker.store import letter_deliveries
from tracker.store.session import Session, Store

REF = "letter:"


@dataclass(frozen=True, slots=True)
class DeliveryRequest:
    """One letter that shall reach its addressee by a channel.

    `file_ref` names the file, `sha256` what it held when this was asked; `new_due_on` is the date that it promises.
    """

    letter_id: int
    dossier_id: int
    channel: str
    file_ref: str
    file_name: str
    sha256: str
    code: str
    new_due_on: date | None
    unit_id: int | None


def delivery_of(session: Session, data_dir: Path, letter_id: int, channel: str) -> DeliveryRequest:
    """The request to deliver a letter as its file is now.

    Raises:
        UsageError: there is no such letter, it is not signed yet, it is void, or no apology is owed any more.
        WorkFailed: its file is not there.
    """
    letter = letter_deliveries.find_sendable(session, letter_id)
    if letter is None:
        raise UsageError(f"không có thư số {letter_id}")
    if not letter.may_be_sent:
        raise UsageError(
            f"thư số {letter_id} chưa ký, đã hủy, hoặc hồ sơ không còn phải xin lỗi: không gửi được"
        )
    path = located(data_dir, letter.file)
    if not path.is_file():
        raise WorkFailed(f"không tìm thấy tệp của thư số {letter_id}")
    return DeliveryRequest(
        letter_id=letter_id,
        dossier_id=letter.dossier_id,
        channel=channel,
        file_ref=f"{REF}{letter_id}",
        file_name=path.name,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        code=letter.code,
        new_due_on=letter.new_due_at.date() if letter.new_due_at else None,
        unit_id=letter.unit_id,
    )


def letter_bytes(store: Store, data_dir: Path, ref: str) -> bytes | None:
    """The file of "letter:ID" as the register finds it now; None where it is not there."""
    number = ref.removeprefix(REF)
    if not number.isdecimal():
        return None
    with store.read() as session:
        letter = letter_deliveries.find_sendable(session, int(number))
    path = located(data_dir, letter.file) if letter is not None and letter.file else None
    return path.read_bytes() if path is not None and path.is_file() else None
