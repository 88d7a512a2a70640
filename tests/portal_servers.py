"""Made-up one-stop systems on this machine that speak OpenCPS REST and the iGate-style connector, and can be made to fail.

`troubles` are taken one a call of the list, before it is answered; the calls are kept as they came.
"""

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

USER, PASSWORD = "nguoi-doc", "mat-khau:bia"
SECRET = f"{USER}:{PASSWORD}"
GROUP = "55301"
Record = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """What is answered; `cut` leaves out so many bytes of what was announced, `silent` answers nothing at all."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int = 0
    silent: bool = False
    drip: bool = False


@dataclass(frozen=True)
class Call:
    """A call as it came."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass
class PortalServer:
    """One system: its records, its troubles to come, what it was asked."""

    records: list[Record] = field(default_factory=list)
    troubles: list[Reply | Callable[["PortalServer"], None]] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    expires_in: Any = 3600
    in_envelope: bool = False
    largest_page: int = 10_000
    port: int = 0
    ended: Event = field(default_factory=Event)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://localhost:{self.port}"

    @property
    def opencps(self) -> str:
        """Its entry of the configuration as an OpenCPS system."""
        return f"motcua opencps {self.url}/o/rest/v2 main {GROUP}"

    @property
    def igate(self) -> str:
        """Its entry of the configuration as a system with the iGate-style connector."""
        return f"cong igate {self.url} main"

    def starts(self) -> list[int]:
        """Where the pages began that were asked for."""
        return [int(call.query["start"]) for call in self.calls if "start" in call.query]

    # ------------------------------------------------------------ answers

    def answer(self, call: Call) -> Reply:
        """To one call."""
        self.calls.append(call)
        if call.path == "/o/rest/v2/dossiers":
            return self._troubled() or self._dossiers(call)
        if call.path == "/connector/connector/v1/login":
            return self._login(call)
        if call.path == "/connector/connector/v1/laydanhsachhoso":
            return self._troubled() or self._listing(call)
        return Reply(404)

    def _troubled(self) -> Reply | None:
        if not self.troubles:
            return None
        trouble = self.troubles.pop(0)
        if isinstance(trouble, Reply):
            return trouble
        trouble(self)
        return None

    def _dossiers(self, call: Call) -> Reply:
        """As OpenCPS: who is not known gets 203, `order=true` is descending, `end` is not included."""
        told = base64.b64encode(SECRET.encode()).decode()
        if call.headers.get("authorization") != f"Basic {told}" or call.headers.get("groupid") != GROUP:
            return Reply(203, b'{"message":"Non-Authoritative Information."}')
        assert (call.query["sort"], call.query["order"]) == ("modified", "true")
        ordered = sorted(self.records, key=lambda one: sortable(one.get("modifiedDate") or ""), reverse=True)
        start = int(call.query["start"])
        end = min(int(call.query["end"]), start + self.largest_page)
        return as_json({"total": len(ordered), "data": ordered[start:end]})

    def _login(self, call: Call) -> Reply:
        told = json.loads(call.body)
        if told != {"client_id": USER, "client_secret": PASSWORD}:
            return Reply(401, b'{"error":"invalid_client"}')
        self.tokens.append(f"ma-{len(self.tokens) + 1}")
        return as_json(
            {"access_token": self.tokens[-1], "expires_in": self.expires_in, "token_type": "Bearer"}
        )

    def _listing(self, call: Call) -> Reply:
        if not self.tokens or call.headers.get("authorization") != f"Bearer {self.tokens[-1]}":
            return Reply(401, b'{"error":"invalid_token"}')
        assert json.loads(call.body) == {"TrangThaiHoSo": "", "MaTTHC": "", "HinhThucTiepNhan": ""}
        if self.in_envelope:
            return as_json({"Total": len(self.records), "Data": self.records})
        return as_json(self.records)


def sortable(told: str) -> str:
    """A date of OpenCPS in an order that text can have."""
    return told[6:10] + told[3:5] + told[:2] + told[10:] if "/" in told else told


def as_json(document: Any) -> Reply:
    """A document as the body of an answer."""
    return Reply(200, json.dumps(document, ensure_ascii=False).encode())


@contextmanager
def serving(server: PortalServer) -> Iterator[PortalServer]:
    """The system, listening."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])))

        def _answer(self, body: bytes) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = server.answer(Call(self.command, parts.path, query, headers, body))
            self.close_connection = True
            if reply.silent:
                server.ended.wait()
                return
            self.send_response(reply.status)
            for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if reply.drip:
                self._drip(reply.body)
            else:
                self.wfile.write(reply.body[: len(reply.body) - reply.cut])

        def _drip(self, body: bytes) -> None:
            """A byte now and then: never silent, never done."""
            for at in range(len(body)):
                if server.ended.wait(0.1):
                    return
                try:
                    self.wfile.write(body[at : at + 1])
                except OSError:
                    return

        def log_message(self, *_arguments: Any) -> None:
            """Nothing."""

    listening = ThreadingHTTPServer(("localhost", 0), Handler)
    server.port = listening.server_address[1]
    thread = Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.ended.set()
        listening.shutdown()
        listening.server_close()
        thread.join()


# ---------------------------------------------------------------- records


def opencps_record(number: int, **given: Any) -> Record:
    """A dossier as OpenCPS lists it; the higher its number, the later it was changed."""
    hour, minute = 8 + number // 3600 % 8, number // 60 % 60
    return {
        "dossierId": 120_000 + number,
        "referenceUid": f"8f0c-bia-{number:06d}",
        "dossierNo": f"000.15.28.H15-220301-{number:05d}",
        "serviceCode": "1.090102",
        "serviceName": "Thủ tục thử nghiệm",
        "govAgencyCode": "H15.18",
        "govAgencyName": "Sở Công Thương tỉnh Đắk Lắk",
        "applicantName": "Nguyễn Văn Bịa",
        "applicantIdType": "citizen",
        "applicantIdNo": "001099999999",
        "address": "Thôn 1, xã Ea Bịa",
        "contactTelNo": "0912345678",
        "domainName": "Đất đai",
        "online": "false",
        "viaPostal": "0",
        "submitDate": "01/03/2022 07:58:02",
        "receiveDate": "01/03/2022 08:00:00",
        "dueDate": "15/03/2022 17:00:00",
        "extendDate": "",
        "releaseDate": "",
        "finishDate": "",
        "modifiedDate": f"{1 + number // 28_800:02d}/04/2022 {hour:02d}:{minute:02d}:{number % 60:02d}",
        "durationCount": 10.0,
        "durationUnit": 0,
        "dossierStatus": "processing",
        "lockState": "",
        "dossierOverdue": "Quá 3.25 ngày",
        "stepOverdue": "Quá 2 giờ",
        **given,
    }


def igate_record(number: int, **given: Any) -> Record:
    """A dossier as the iGate-style connector lists it."""
    return {
        "MaHoSo": f"000.15.28.H15-220301-{number:05d}",
        "TenChuHoSo": "Nguyễn Văn Bịa",
        "SoGiayTo": "001099999999",
        "Email": "bia@example.vn",
        "DienThoai": "0912345678",
        "NgayTiepNhan": "2022-03-01T08:00:00.000",
        "NgayHenTra": "2022-03-15T17:00:00.000",
        "TrangThaiHoSo": "4",
        "MaTTHC": "1.090102",
        "EformId": "",
        **given,
    }


def configured(*servers: str) -> str:
    """The value of `[pull] connectors` for entries of servers."""
    return json.dumps(list(servers))


def codes(records: Sequence[Record]) -> set[str]:
    """The codes of the records as the store keeps them."""
    return {str(one.get("dossierNo") or one.get("MaHoSo")) for one in records}
