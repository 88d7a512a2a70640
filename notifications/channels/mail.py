"""One message -> the bytes of an e-mail: text, HTML beside it, files; headers that nobody can inject into.

RFC 5322; automatic by RFC 3834 (`Auto-Submitted`). The Message-ID follows from the key of the message: sent again in
doubt it is the same mail, and a delivery report finds its message by it.
"""

import hashlib
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from html import escape

from notifications.channels.outcomes import Outgoing

# 7-bit: nothing depends on what the servers on the way understand.
POLICY = SMTP.clone(cte_type="7bit")
DOCX = ("application", "vnd.openxmlformats-officedocument.wordprocessingml.document")
TYPES = {".docx": DOCX, ".pdf": ("application", "pdf"), ".zip": ("application", "zip")}


def message_id(key: str, sender: str) -> str:
    """The Message-ID of the message with this key."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain_of(sender)}>"


def domain_of(sender: str) -> str:
    """The part after the @ of the sender's address."""
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"


def composed(message: Outgoing, sender: str, public_url: str) -> bytes:
    """The mail, with CRLF line ends.

    Raises:
        ValueError: a header that cannot be, such as one with a line break.
    """
    row = message.row
    mail = EmailMessage(policy=POLICY)
    mail["From"], mail["To"], mail["Subject"] = sender, row.recipient, row.subject
    mail["Date"] = format_datetime(message.at)
    mail["Message-ID"] = message_id(row.key, sender)
    mail["Auto-Submitted"] = "auto-generated"
    link = public_url + row.link if public_url and row.link else ""
    mail.set_content(row.text.rstrip("\n") + (f"\n\nXem: {link}\n" if link else "\n"))
    if row.html:
        seen = f'<p><a href="{escape(link)}">Xem trên Đúng Hẹn</a></p>' if link else ""
        mail.add_alternative(row.html + seen, subtype="html")
    for file in message.files:
        main, sub = TYPES.get(_ending(file.name), ("application", "octet-stream"))
        mail.add_attachment(file.body, maintype=main, subtype=sub, filename=file.name)
    return mail.as_bytes()


def _ending(name: str) -> str:
    return "." + name.rpartition(".")[2].lower()
