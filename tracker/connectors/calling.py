"""One careful call of another system: bounded in time and size, TLS verified, no redirects; passing faults are tried again.

Words of an answer never enter a message: they may hold personal data. Private certificate authorities are named to
Python's TLS by the environment (SSL_CERT_FILE).
"""

import http.client
import re
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from threading import Event, Timer
from typing import TypeVar
from urllib.parse import urlsplit

from tracker.config import PullConfig
from tracker.errors import SourceFailed, SourceRefused
from tracker.trusted import trusted

MIB = 1024 * 1024
PIECE = 256 * 1024
# Silence that is no slow answer any more, however long the whole may take.
SILENCE_SECONDS = 30
# Who asks us to wait longer is asked again by the next run.
LONGEST_WAIT = 120.0
NOT_NOW = {408, 425, 429}
NOT_ALLOWED = {401, 403}
TOO_SLOW = "không trả lời kịp"
CUT = "trả lời bị cắt giữa chừng"
T = TypeVar("T")
Wait = Callable[[float], None]


class Passing(Exception):
    """A fault that may be gone when one asks again; `wait`: seconds that the system asked for."""

    def __init__(self, told: str, wait: float | None = None) -> None:
        super().__init__(told)
        self.told, self.wait = told, wait


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked; `path` is behind the system's address. Headers and body may hold secrets."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)


class Caller:
    """Calls one system. `wait` is called with seconds before a call is repeated; it may end the work by an exception."""

    def __init__(self, name: str, url: str, bounds: PullConfig, wait: Wait) -> None:
        self.name = name
        self._url = urlsplit(url)
        self._bounds, self._wait = bounds, wait
        self._tls = trusted()

    def ask(self, request: Request, read: Callable[[bytes], T]) -> T:
        """What `read` makes of the answer; `read` raises Passing for one that was cut.

        Raises:
            SourceRefused: the system does not let us in.
            SourceFailed: it cannot be asked, also not after some tries.
        """
        for turn in range(1, self._bounds.tries + 1):
            try:
                return read(self._once(request))
            except Passing as fault:
                asked = fault.wait or 0.0
                if turn == self._bounds.tries or asked > LONGEST_WAIT:
                    raise self.failed(f"{fault.told} (đã thử {turn} lần)") from fault
                self._wait(max(asked, self._bounds.wait_seconds * 2.0 ** (turn - 1)))
        raise AssertionError("at least one try")

    def failed(self, what: str) -> SourceFailed:
        """The error that tells so of this system."""
        return SourceFailed(self.name, what)

    # ------------------------------------------------------------ one call

    def _once(self, request: Request) -> bytes:
        connection = self._connection()
        out_of_time = Event()
        try:
            return self._exchange(connection, request, out_of_time)
        except ssl.SSLCertVerificationError as error:
            raise self.failed("chứng thư TLS không được tin cậy; chưa gửi gì đi") from error
        except (OSError, http.client.HTTPException) as error:
            slow = out_of_time.is_set() or isinstance(error, TimeoutError)
            raise Passing(TOO_SLOW if slow else "không nối được, hoặc đứt kết nối") from error
        finally:
            connection.close()

    def _exchange(
        self, connection: http.client.HTTPConnection, request: Request, out_of_time: Event
    ) -> bytes:
        connection.connect()
        line = connection.sock
        watch = Timer(self._bounds.answer_seconds, _hang_up, (line, out_of_time))
        watch.daemon = True
        watch.start()
        try:
            headers = {"Accept": "application/json", "Accept-Encoding": "identity", **request.headers}
            connection.request(
                request.method, self._url.path.rstrip("/") + request.path, request.body, headers
            )
            with connection.getresponse() as answer:
                self._check(answer)
                return self._body(answer, out_of_time)
        finally:
            watch.cancel()

    def _check(self, answer: http.client.HTTPResponse) -> None:
        status = answer.status
        if status in NOT_ALLOWED or status == HTTPStatus.NON_AUTHORITATIVE_INFORMATION:
            # OpenCPS says 203 to whoever is not logged in.
            raise SourceRefused(self.name, f"từ chối đăng nhập (mã {status})")
        if status in NOT_NOW or status >= 500:
            raise Passing(f"đang bận hoặc có lỗi (mã {status})", _asked_wait(answer))
        if 300 <= status < 400:
            raise self.failed(
                f"chuyển hướng sang địa chỉ khác (mã {status}); hãy ghi đúng địa chỉ trong cấu hình"
            )
        if status not in (200, 201):
            raise self.failed(f"không hiểu lời gọi (mã {status}); hãy xem lại địa chỉ trong cấu hình")
        if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise self.failed("trả lời đã nén dù không được yêu cầu")

    def _body(self, answer: http.client.HTTPResponse, out_of_time: Event) -> bytes:
        most = self._bounds.max_answer_mib * MIB
        pieces: list[bytes] = []
        size = answer.length or 0
        read = 0
        while size <= most and read <= most and (piece := answer.read(PIECE)):
            pieces.append(piece)
            read += len(piece)
        if size > most or read > most:
            raise self.failed(
                f"trả lời lớn hơn {self._bounds.max_answer_mib} MiB, mức cho phép trong cấu hình"
            )
        if out_of_time.is_set():
            raise Passing(TOO_SLOW)
        if answer.length:
            raise Passing(CUT)
        return b"".join(pieces)

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self._url.hostname or "", self._url.port
        silence = min(SILENCE_SECONDS, self._bounds.answer_seconds)
        if self._url.scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=silence, context=self._tls)
        return http.client.HTTPConnection(host, port, timeout=silence)


def _hang_up(line: socket.socket, out_of_time: Event) -> None:
    """End a call that takes too long, wherever it stands."""
    out_of_time.set()
    try:
        line.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it has ended by itself


def _asked_wait(answer: http.client.HTTPResponse) -> float | None:
    """Seconds that the system asks us to wait: told as such, or as a date beside its own."""
    told = answer.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,9}", told):
        return float(told)
    try:
        until, now = parsedate_to_datetime(told), parsedate_to_datetime(answer.headers.get("Date", ""))
        return max(0.0, (until - now).total_seconds())
    except (ValueError, TypeError):
        return None
