"""Seal lines out of what offices keep: a text file, a mail, a mailbox, or a folder of them."""

import html
import mailbox
import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from tracker.errors import UsageError
from tracker.machine import why
from tracker.measures.log_chain import Seal, read_seal_lines

LARGEST_BYTES = 64 * 1024 * 1024


def seals_in(path: Path) -> tuple[Seal, ...]:
    """All seals of a file or folder, each once.

    Raises:
        UsageError: it cannot be read, is too large, holds no seal line, or one that was copied wrongly.
    """
    files = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
    found = dict.fromkeys(seal for file in files for text in _texts(file) for seal in read_seal_lines(text))
    if not found:
        raise UsageError(f"không có dòng niêm phong nào trong {path}")
    return tuple(found)


def _texts(file: Path) -> Iterator[str]:
    try:
        if file.stat().st_size > LARGEST_BYTES:
            raise UsageError(f"tệp {file} quá lớn để là thư hay danh sách niêm phong")
        raw = file.read_bytes()
    except OSError as error:
        raise UsageError(f"không đọc được {file}: {why(error)}") from error
    if raw.startswith(b"From "):
        box = mailbox.mbox(file, create=False)
        yield from (text for message in box for text in _of_mail(message.as_bytes()))
        box.close()
    elif re.match(rb"[A-Za-z][A-Za-z0-9-]*:[ \t]", raw) and b"\nSubject:" in b"\n" + raw:
        yield from _of_mail(raw)
    else:
        yield raw.decode("utf-8-sig", "replace")


def _of_mail(raw: bytes) -> list[str]:
    """The words of a mail, and of mails that it carries; of one without plain text, those of its HTML."""
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    parts = [part for part in message.walk() if part.get_content_maintype() == "text"]
    plain = [str(part.get_content()) for part in parts if part.get_content_subtype() == "plain"]
    return plain or [html.unescape(re.sub(r"<[^>]*>", " ", str(part.get_content()))) for part in parts]
