"""E-mail by the office's own server, stage by stage, so that the moment of no return can be committed before it.

RFC 5321: until the final dot of DATA the server has taken nothing; between the dot and its answer nobody knows; its
answer decides. TLS is checked by the system's certificates and never given up for plain text.
"""

import re
import smtplib
import ssl
from collections.abc import Callable
from email.utils import parseaddr
from typing import Any

from notifications.channels.mail import composed, domain_of, message_id
from notifications.channels.outcomes import Hold, Later, Outcome, Outgoing, Refused, Taken, Unclear
from tracker.config import MailConfig
from tracker.trusted import trusted

LINE_DOT = re.compile(rb"(?m)^\.")
DOT = b".\r\n"
ENHANCED = re.compile(rb"\s*([245]\.\d{1,3}\.\d{1,3})\b")  # RFC 3463
# Who we are is not believed, or not asked in time: RFC 4954 section 6.
LOGIN_CODES = {432, 454, 530, 534, 535, 538}
SERVICE_GOES = 421
TOO_LARGE = 552
UNREACHABLE = Later("MAIL_CONNECTION", "Không nối được với máy chủ thư.", is_channel_fault=True)
TLS_FAULT = Later(
    "MAIL_TLS",
    "Máy chủ thư không có kết nối mã hóa tin cậy (TLS).",
    is_channel_fault=True,
    slowly=True,
)
# By then the server had taken the envelope, so it may be this mail that it does not bear.
CUT_OFF = Later("MAIL_CUT_OFF", "Máy chủ thư ngắt kết nối khi đang nhận thư.")
# How it parts after its answer is of no interest.
PARTING_SECONDS = 2
NO_ANSWER = Unclear("MAIL_ANSWER_MISSING", "Máy chủ thư không trả lời sau khi đã nhận hết thư.")


class _Holding(smtplib.SMTP):
    """A connection that asks before each command whether the message is still ours; if it is not, it hangs up.

    An answer may be waited for as long as the time-out, and there are up to a dozen of them.
    """

    def __init__(self, still_mine: Callable[[], None], *given: Any, **named: Any) -> None:
        self._still_mine = still_mine
        super().__init__(*given, **named)

    def putcmd(self, cmd: str, args: str = "") -> None:
        try:
            self._still_mine()
        except BaseException:
            self.close()
            raise
        super().putcmd(cmd, args)


class _HoldingTls(_Holding, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""


class SmtpChannel:
    """Sends by one connection a message. A mail server does not recognise a mail that comes twice."""

    recognises_repeats = False

    def __init__(self, mail: MailConfig, public_url: str, tls: ssl.SSLContext | None = None) -> None:
        self._mail = mail
        self._public_url = public_url
        self._tls = tls or trusted()

    def send(self, message: Outgoing, hold: Hold) -> Outcome:
        """Send one mail."""
        try:
            body = composed(message, self._mail.sender, self._public_url)
        except ValueError:
            return Refused("MESSAGE_UNUSABLE", "Không dựng được thư từ nội dung này.")
        opened = self._open(hold)
        if not isinstance(opened, smtplib.SMTP):
            return opened
        try:
            return self._transfer(opened, message, body, hold)
        finally:
            opened.close()  # without QUIT: whatever was not dotted is forgotten by the server

    # ------------------------------------------------------------ up to the envelope

    def _open(self, hold: Hold) -> smtplib.SMTP | Later:
        smtp: smtplib.SMTP | None = None
        try:
            smtp = self._connected(hold)
            smtp.ehlo_or_helo_if_needed()
            fault = self._secure(smtp) or self._log_in(smtp)
        except ssl.SSLError:
            fault = TLS_FAULT
        except OSError:  # smtplib's own faults are such, too
            fault = UNREACHABLE
        if fault is None and smtp is not None:
            return smtp
        if smtp is not None:
            smtp.close()
        return fault or UNREACHABLE

    def _connected(self, hold: Hold) -> smtplib.SMTP:
        mail, name = self._mail, domain_of(self._mail.sender)
        place, patience = (hold.still_mine, mail.host, mail.port, name), mail.timeout_seconds
        if mail.security == "tls":
            return _HoldingTls(*place, timeout=patience, context=self._tls)
        return _Holding(*place, timeout=patience)

    def _secure(self, smtp: smtplib.SMTP) -> Later | None:
        if self._mail.security != "starttls":
            return None
        try:
            smtp.starttls(context=self._tls)
            smtp.ehlo_or_helo_if_needed()
        except (smtplib.SMTPNotSupportedError, smtplib.SMTPResponseException):
            return TLS_FAULT
        return None

    def _log_in(self, smtp: smtplib.SMTP) -> Later | None:
        if not self._mail.user:
            return None
        try:
            smtp.login(self._mail.user, self._mail.password)
        except smtplib.SMTPServerDisconnected:
            return UNREACHABLE
        except smtplib.SMTPException as error:
            return _login_fault(getattr(error, "smtp_code", 0))
        return None

    # ------------------------------------------------------------ the mail itself

    def _transfer(self, smtp: smtplib.SMTP, message: Outgoing, body: bytes, hold: Hold) -> Outcome:
        try:
            refused = self._envelope(smtp, message.row.recipient, len(body))
        except OSError:
            return UNREACHABLE
        if refused is not None:
            return refused
        try:
            code, told = smtp.docmd("DATA")
            if code != 354:
                return _fault(code, told, is_of_mail=True) or CUT_OFF
            smtp.send(LINE_DOT.sub(b"..", body))
        except OSError:
            return CUT_OFF
        reference = message_id(message.row.key, self._mail.sender)
        hold.hand_over(reference)
        try:
            smtp.send(DOT)
            code, told = smtp.getreply()
        except OSError:
            return NO_ANSWER
        if code < 200:
            return NO_ANSWER
        _part(smtp)
        return _fault(code, told, is_of_mail=True) or Taken(reference)

    def _envelope(self, smtp: smtplib.SMTP, recipient: str, size: int) -> Outcome | None:
        can_report = smtp.has_extn("dsn")  # RFC 3461: tell us when it has arrived, and when it has not
        options = [f"size={size}"] if smtp.has_extn("size") else []
        code, told = smtp.mail(parseaddr(self._mail.sender)[1], options + ["RET=HDRS"] * can_report)
        if code >= 500 and code not in (*LOGIN_CODES, TOO_LARGE):
            # Our own address is not accepted: no fault of this message.
            return Later("MAIL_SENDER", _told(code, told), is_channel_fault=True, slowly=True)
        fault = _fault(code, told)
        return fault or _fault(*smtp.rcpt(recipient, ["NOTIFY=SUCCESS,FAILURE"] * can_report))


def _part(smtp: smtplib.SMTP) -> None:
    try:
        if smtp.sock is not None:
            smtp.sock.settimeout(PARTING_SECONDS)
        smtp.quit()
    except OSError:
        return


def _fault(code: int, told: bytes, *, is_of_mail: bool = False) -> Later | Refused | None:
    """What a reply means for the message; None where it is a yes. `is_of_mail`: the envelope had been taken before."""
    if 200 <= code < 300:
        return None
    if code in LOGIN_CODES:
        return _login_fault(code)
    if code >= 500:
        return Refused(f"SMTP_{code}", _told(code, told))
    # 4xx: greylisting, a full disk, too many at once; 421: the whole server goes, or is driven away by this very mail.
    return Later(f"SMTP_{code}", _told(code, told), is_channel_fault=code == SERVICE_GOES and not is_of_mail)


def _login_fault(code: int) -> Later:
    return Later(
        "MAIL_LOGIN",
        f"Máy chủ thư không chấp nhận đăng nhập ({code or 'không hỗ trợ'}).",
        is_channel_fault=True,
        slowly=True,
    )


def _told(code: int, told: bytes) -> str:
    # The words of a server may hold addresses: only its numbers are kept.
    found = ENHANCED.match(told)
    return f"Máy chủ thư trả lời {code}{' ' + found[1].decode() if found else ''}."
