"""Systems that push: a real HTTP client, senders that behave as the real ones do, and what they send (all made up)."""

import base64
import http.client
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask

from app.receiver_keys import new_secret
from app.web import create_app
from tests import databases
from tests.passwords import cheap_hash
from tests.web.world import StandingContext, make_context
from tracker.store import source_keys
from tracker.store.source_keys import NewKey

ENVELOPE, LOGIN = "/lien-thong", "/lien-thong/dang-nhap"
DOSSIERS, EVENTS, LOOKUP = "DongBoHoSoMC", "CapNhatTienDoHoSoMC", "TraCuuHoSo"
CODE = "000.15.28.H99-260810-00412"
SOURCE = "mot-cua"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def document(self) -> dict[str, Any]:
        """As JSON."""
        found = json.loads(self.text)
        assert isinstance(found, dict)
        return found

    @property
    def code(self) -> str:
        """`error_code`, read as senders do: number or text."""
        return str(self.document["error_code"])

    @property
    def message(self) -> str:
        """The words."""
        return str(self.document["message"])


Wire = Callable[[str, bytes, Mapping[str, str]], Answer]


def over_http(address: str) -> Wire:
    """A real connection for each call."""

    def post(path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        place = urlsplit(address)
        connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=20)
        try:
            connection.request("POST", path, body=body, headers=dict(headers))
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read().decode())
        finally:
            connection.close()

    return post


def in_process(app: Flask) -> Wire:
    """The application itself, without a connection."""

    def post(path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        answer = app.test_client().post(path, data=body, headers=dict(headers))
        return Answer(answer.status_code, dict(answer.headers), answer.text)

    return post


@dataclass
class Sender:
    """A system with a key, and its way to the receiver."""

    wire: Wire
    login: str = ""
    secret: str = ""
    session: str = ""
    heard: list[Answer] = field(default_factory=list)

    def post(self, path: str, body: object, **headers: str) -> Answer:
        """One POST; a body that is no bytes goes as JSON."""
        sent = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        told = {"Content-Type": "application/json; charset=utf-8", "dstcode": "VN:GOV:H99"}
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        read = self.wire(path, sent, {**told, **given})
        self.heard.append(read)
        return read

    def log_in(self) -> Answer:
        """Name and secret -> a session for the calls that follow."""
        answer = self.post(LOGIN, {"username": self.login, "password": self.secret})
        self.session = str(answer.document.get("session", ""))
        return answer

    def call(self, service: str, data: object = None, **more: Any) -> Answer:
        """Variant A: everything in one envelope."""
        told = {"session": self.session, "madonvi": "000.00.00.H99", "service": service, **more}
        return self.post(ENVELOPE, told if data is None else {**told, "data": data})

    @property
    def basic(self) -> dict[str, str]:
        """The head of a call without a session."""
        pair = base64.b64encode(f"{self.login}:{self.secret}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}


# ---------------------------------------------------------------- senders as the real ones


def opencps(sender: Sender, dossier: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> list[str]:
    """Logs in, looks up, tells the dossier as new or not by what it found, and events only after success."""
    sender.log_in()
    found = sender.call(LOOKUP, mahoso=dossier["MaHoSo"]).document.get("result")
    told = sender.call(DOSSIERS, [dossier], isUpdating="True" if found else "False")
    if int(told.document["error_code"]) == 0:
        sender.call(EVENTS, list(events))
    return [each.code for each in sender.heard]


def dichvucong(sender: Sender, dossier: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> list[str]:
    """An address an operation, one dossier a call; reads the words of an answer, and tells events ten at a time."""

    def went_well(answer: Answer) -> bool:
        return answer.code in ("0", "3", "-3") and "thành công" in answer.message.lower()

    told = sender.post("/lien-thong/ThemMoi", [dossier], **sender.basic)
    if "đã tồn tại" in told.message.lower():
        told = sender.post("/lien-thong/CapNhat", [dossier], **sender.basic)
    if went_well(told):
        for start in range(0, len(events), 10):
            part = events[start : start + 10]
            sender.post("/lien-thong/DongBoTienTrinh", list(part), **sender.basic)
    return [each.code for each in sender.heard]


def school(sender: Sender, dossier: Mapping[str, Any]) -> list[str]:
    """A bare list, options in the address; new with status 1, at once again as changed with status 2."""
    unit = "MaDinhDanhDV=000.00.00.H99"
    for is_updating, status in (("False", "1"), ("True", "2")):
        path = f"/lien-thong/DongBoHoSoMC?{unit}&isUpdating={is_updating}"
        sender.post(path, [{**dossier, "TrangThaiHoSo": status}], **sender.basic)
    return [each.code for each in sender.heard]


# ---------------------------------------------------------------- what they send


def dossier(**change: Any) -> dict[str, Any]:
    """The first example of the formats note: a new paper dossier, accepted."""
    told = {
        "MaHoSo": CODE, "MaTTHC": "1.009999", "TenTTHC": "Cấp giấy phép xây dựng nhà ở riêng lẻ", "MaLinhVuc": "G17-XD09",
        "TenLinhVuc": "Hoạt động xây dựng", "KenhThucHien": "1", "ChuHoSo": "Công dân Thử Nghiệm A", "LoaiDoiTuong": "1",
        "MaDoiTuong": "", "ThongTinKhac": "", "Email": "", "Fax": "", "SoDienThoai": "",
        "TrichYeuHoSo": "Xin cấp phép xây dựng nhà 2 tầng", "NgayTiepNhan": "20260810092000",
        "NgayHenTra": "20260828092000", "TrangThaiHoSo": "2", "NgayTra": "", "ThongTinTra": "", "HinhThuc": "0",
        "NgayKetThucXuLy": "", "DonViXuLy": "UBND phường Ví Dụ", "GhiChu": "",
        "TaiLieuNop": [{"TepDinhKemId": "9001", "TenTepDinhKem": "Đơn đề nghị.pdf", "IsDeleted": "False",
                        "MaThanhPhanHoSo": "", "DuongDanTaiTepTin": "https://mc.example.vn/f/9001"}],
        "DanhSachLePhi": [], "DanhSachTepDinhKemKhac": [], "DanhSachHoSoBoSung": [], "DanhSachGiayToKetQua": [],
        "NoiNopHoSo": "2", "HoSoCoThanhPhanSoHoa": "1", "TaiKhoanDuocXacThucVoiVNeID": "0",
        "DuocThanhToanTrucTuyen": "0", "NgayNopHoSo": "20260810092000", "DinhDanhCHS": [],
        "DSKetNoiCSDL": [{"MaCSDL": "7"}],
    }  # fmt: skip
    return {**told, **change}


def event(at: str, status: str, text: str, **change: Any) -> dict[str, Any]:
    """A step of the second example."""
    told = {
        "MaHoSo": CODE, "NguoiXuLy": "Chuyên viên B", "ChucDanh": "", "ThoiDiemXuLy": at, "PhongBanXuLy": "",
        "NoiDungXuLy": text, "TrangThai": status, "NgayBatDau": "", "NgayKetThucTheoQuyDinh": "",
    }  # fmt: skip
    return {**told, **change}


def events() -> list[dict[str, Any]]:
    """The second example: accepted, paused, resumed, finished late."""
    return [
        event("20260810092000", "2", "Tiếp nhận hồ sơ", NguoiXuLy="Cán bộ một cửa"),
        event("20260813160000", "5", "Yêu cầu bổ sung bản vẽ", NgayKetThucTheoQuyDinh="20260817170000"),
        event("20260817080000", "4", "Đã nhận bổ sung, tiếp tục xử lý"),
        event("20260904103000", "9", "Kết thúc xử lý"),
    ]


def with_holes() -> dict[str, Any]:
    """The third example: no due date, a status that nobody mapped, a null."""
    return {
        "MaHoSo": "H99-DN-2026-77", "MaTTHC": "2.001999.000.00.00.H99", "TenTTHC": "", "MaLinhVuc": "",
        "TenLinhVuc": "", "SoBienNhan": "", "ChuHoSo": "CÔNG TY TNHH VÍ DỤ", "LoaiDoiTuong": "2", "MaDoiTuong": None,
        "NgayTiepNhan": "20260901080000", "NgayHenTra": "", "TrangThaiHoSo": "", "NgayTra": "20260908151500",
        "HinhThuc": "1", "NgayKetThucXuLy": "", "DonViXuLy": "Sở Công Thương", "TaiLieuNop": [],
        "DanhSachGiayToKetQua": [],
    }  # fmt: skip


# ---------------------------------------------------------------- the receiver


def receiving_context(folder: Path, **change: Any) -> StandingContext:
    """An empty office with the shipped catalogue whose receiver is on."""
    context = make_context(folder, databases.chosen().furnished(folder))
    receiver = replace(context.config.receiver, **{"is_on": True, **change})
    context.__dict__["config"] = replace(context.config, receiver=receiver)
    return context


def give_key(context: StandingContext, login: str, *units: str, source: str = SOURCE) -> str:
    """A key for these units (none: all); its secret."""
    secret = new_secret()
    new = NewKey(source, login, cheap_hash(secret), units, "operator")
    source_keys.make_key(context.store, new, context.now(), log=lambda _session, _number: None)
    return secret


def application(context: StandingContext, *, limits: bool = False) -> Flask:
    """The application as it runs; `limits`: those on calls count."""
    return create_app(context, RATELIMIT_ENABLED=limits)
