"""The iGate-style connector (formats note 1.5): log in for a token, then one list of all dossiers.

The list is a bare array or stands in `Data`; names of properties come in any case. It has no pages of its own: it is
read whole, checked whole, and handed on in pages of ours. A list with the same bytes as the last one is not loaded again,
and one that was cut off is gone on with where it stood, if it is still the same.
"""

import json
import re
import time
from collections.abc import Iterator, Mapping
from hashlib import sha256
from io import BytesIO, TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import Any

from tracker.connectors.calling import Caller, Passing, Request
from tracker.connectors.moments import moment, plain
from tracker.connectors.pages import Mark, Page
from tracker.errors import SourceRefused, UnusableFile
from tracker.ingest.readers.json_stream import JsonStream

LOGIN = "/connector/connector/v1/login"
LIST = "/connector/connector/v1/laydanhsachhoso"
# All states, procedures and channels.
EVERYTHING = {"TrangThaiHoSo": "", "MaTTHC": "", "HinhThucTiepNhan": ""}
JSON = {"Content-Type": "application/json"}
# A token that ends within so many seconds is not begun with.
MARGIN_SECONDS = 30.0
TOKEN = re.compile(r"[\x21-\x7e]{1,8192}")
# Property, folded -> field as the portal spells it. Identity numbers (SoGiayTo), e-mail and attachments are never taken.
TEXTS = {
    "mahoso": "MaHoSo",
    "mahosokhac": "MaHoSoKhac",
    "tenchuhoso": "ChuHoSo",
    "chuhoso": "ChuHoSo",
    "dienthoai": "SoDienThoai",
    "sodienthoai": "SoDienThoai",
    "matthc": "MaTTHC",
    "tentthc": "TenTTHC",
    "tenlinhvuc": "TenLinhVuc",
    "donvixuly": "DonViXuLy",
    "trangthaihoso": "TrangThaiHoSo",
    "hinhthuctiepnhan": "KenhThucHien",
    "kenhthuchien": "KenhThucHien",
}
DATES = {
    "ngaynophoso": "NgayNopHoSo",
    "ngaytiepnhan": "NgayTiepNhan",
    "ngayhentra": "NgayHenTra",
    "ngayketthucxuly": "NgayKetThucXuLy",
    "ngaytra": "NgayTra",
    "ngaytuchoi": "NgayTuChoi",
}


class Igate:
    """Asks one system that has such a connector."""

    def __init__(self, caller: Caller, secret: str, page_size: int) -> None:
        self._caller, self._page_size = caller, page_size
        self._client, _, self._secret = secret.partition(":")
        self._token, self._ends_at = "", float("-inf")

    def pages(self, mark: Mark) -> Iterator[Page]:
        """All dossiers, in pages of ours; none where the list is the one that was loaded last."""
        body, total = self._listed()
        digest = sha256(body).hexdigest()
        if mark.get("whole") == digest:
            return
        begun = mark.get("begun", {})
        done = int(begun.get("done", 0)) if begun.get("sha256") == digest else 0
        records = islice(_records(self._caller.name, body), done, None)
        while elements := tuple(map(element_of, islice(records, self._page_size))):
            first, done = done + 1, done + len(elements)
            whole = {"whole": digest} if done >= total else {"begun": {"sha256": digest, "done": done}}
            yield Page(f"{self._caller.name}: hồ sơ {first}-{done}", elements, digest, whole, done, total)

    # ------------------------------------------------------------ calls

    def _listed(self) -> tuple[bytes, int]:
        """The list as it came, and how many records it holds; with a new token where the old one is over."""
        try:
            return self._list()
        except SourceRefused:
            self._token = ""
            return self._list()

    def _list(self) -> tuple[bytes, int]:
        if not self._token or time.monotonic() >= self._ends_at:
            self._log_in()
        headers = {**JSON, "Authorization": f"Bearer {self._token}"}
        request = Request("POST", LIST, headers, json.dumps(EVERYTHING).encode())
        return self._caller.ask(request, self._counted)

    def _log_in(self) -> None:
        told = json.dumps({"client_id": self._client, "client_secret": self._secret})
        reply = self._caller.ask(Request("POST", LOGIN, JSON, told.encode()), _object)
        token = plain(reply.get("access_token"))
        if not TOKEN.fullmatch(token):
            raise SourceRefused(self._caller.name, "đăng nhập không cho mã truy cập (access_token)")
        seconds = plain(reply.get("expires_in"))
        lasts = float(seconds) if re.fullmatch(r"\d{1,9}", seconds) else float("inf")
        self._token, self._ends_at = token, time.monotonic() + lasts - MARGIN_SECONDS

    def _counted(self, body: bytes) -> tuple[bytes, int]:
        """The list, once all of it has been looked at: what is cut or broken is noticed before anything is loaded."""
        total = named = 0
        try:
            for record in _records(self._caller.name, body):
                total += 1
                named += "mahoso" in record
        except UnusableFile as fault:
            raise Passing(f"trả lời không phải JSON trọn vẹn ({fault.reason})") from fault
        if total and not named:
            raise self._caller.failed("trả lời không phải danh sách hồ sơ (không có MaHoSo)")
        return body, total


def element_of(record: Mapping[str, Any]) -> dict[str, str]:
    """A record (property names folded) as an element; what the system does not tell stays as it was known. Pure."""
    texts = {ours: plain(record[theirs]) for theirs, ours in TEXTS.items() if theirs in record}
    return texts | {ours: moment(record[theirs]) for theirs, ours in DATES.items() if theirs in record}


def _records(name: str, body: bytes) -> Iterator[dict[str, Any]]:
    """The records with their property names folded; what is no object has none, and is rejected where it can be seen."""
    stream = TextIOWrapper(BytesIO(body), encoding="utf-8-sig")
    for record in JsonStream(Path(name), stream).elements():
        yield _folded(record)


def _folded(record: object) -> dict[str, Any]:
    return {str(name).lower(): value for name, value in record.items()} if isinstance(record, dict) else {}


def _object(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except RecursionError:
        told = None
    except ValueError as error:
        raise Passing("trả lời không phải JSON trọn vẹn") from error
    return _folded(told)
