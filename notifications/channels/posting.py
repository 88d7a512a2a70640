"""One careful POST: no redirects, time-outs, an answer read only so far, and the hand-over before the body leaves."""

import http.client
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from notifications.channels.outcomes import Hold, Later, Unclear
from tracker.trusted import trusted

ANSWER_BYTES = 64 * 1024
UNREACHABLE = Later("HTTP_CONNECTION", "Không nối được với hệ thống nhận.", is_channel_fault=True)
TLS_FAULT = Later(
    "HTTP_TLS", "Hệ thống nhận không có kết nối mã hóa tin cậy (TLS).", is_channel_fault=True, slowly=True
)
UNUSABLE = Later(
    "HTTP_ADDRESS",
    "Địa chỉ của hệ thống nhận trong cấu hình không dùng được.",
    is_channel_fault=True,
    slowly=True,
)
NO_ANSWER = Unclear("HTTP_ANSWER_MISSING", "Hệ thống nhận không trả lời sau khi đã nhận nội dung.")
# Others are told "not now" by these, whatever was in the body.
NOT_NOW = {408, 425, 429}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, and the beginning of the body."""

    status: int
    body: bytes


class Poster:
    """Posts to one address."""

    def __init__(self, url: str, timeout_seconds: int, tls: ssl.SSLContext | None = None) -> None:
        self._url = urlsplit(url)
        self._timeout = timeout_seconds
        self._tls = tls or trusted()

    def post(
        self, body: bytes, headers: Mapping[str, str], reference: str, hold: Hold
    ) -> Answer | Later | Unclear:
        """Post it once; a redirect is an answer like any other and is not followed."""
        try:
            connection = self._connection()
        except ValueError:
            return UNUSABLE
        try:
            return self._posted(connection, body, headers, lambda: hold.hand_over(reference))
        finally:
            connection.close()

    def _posted(
        self,
        connection: http.client.HTTPConnection,
        body: bytes,
        headers: Mapping[str, str],
        hand_over: Callable[[], None],
    ) -> Answer | Later | Unclear:
        try:
            connection.putrequest("POST", self._target())
            for name, value in {
                **headers,
                "Content-Type": "application/json",
                "Content-Length": str(len(body)),
            }.items():
                connection.putheader(name, value)
            connection.endheaders()
        except ssl.SSLError:
            return TLS_FAULT
        except (ValueError, http.client.InvalidURL):
            return UNUSABLE
        except OSError:
            return UNREACHABLE
        hand_over()
        try:
            connection.send(body)
            answer = connection.getresponse()
            return Answer(answer.status, answer.read1(ANSWER_BYTES))
        except (OSError, http.client.HTTPException):
            return NO_ANSWER

    def _target(self) -> str:
        return (self._url.path or "/") + (f"?{self._url.query}" if self._url.query else "")

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._url.hostname, self._url.port
        if not host:
            raise ValueError("no host")
        if self._url.scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=self._timeout, context=self._tls)
        return http.client.HTTPConnection(host, port, timeout=self._timeout)
