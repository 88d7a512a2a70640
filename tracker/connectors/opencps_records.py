"""A dossier as OpenCPS v2 lists it -> an element spelt like the national portal's. Pure.

Sources: formats note 2.1-2.3 (fields, when dates are set), 5.2 (fields), 5.3 (statuses). `dossierOverdue`, `stepOverdue`
and `timeOverdueText` are made for display and never read; `extendDate` marks an early end and is no extension; identity
numbers (`applicantIdNo`, `delegateIdNo`) are never taken.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from tracker.connectors.moments import moment, plain

FILED, PROCESSING, WAITING, PAUSED = "Mới đăng ký", "Đang xử lý", "Chờ bổ sung", "Tạm dừng xử lý"
NOT_ACCEPTED, WITHDRAWN = "Không được tiếp nhận", "Công dân yêu cầu rút hồ sơ"
DONE, REFUSED, RETURNED = "Đã xử lý xong", "Từ chối giải quyết", "Đã trả kết quả"
# `dossierStatus` -> a status as the portal words it.
STATUSES = {
    "new": FILED,
    "receiving": FILED,
    "waiting": WAITING,
    "processing": PROCESSING,
    "interoperating": PROCESSING,
    "posting": PROCESSING,
    "correcting": PROCESSING,
    "cancelling": PROCESSING,
    "pausing": PAUSED,
    "releasing": DONE,
    "unresolved": REFUSED,
    "denied": NOT_ACCEPTED,
    "cancelled": WITHDRAWN,
    "done": RETURNED,
}
OPEN = frozenset({PROCESSING, WAITING})
PAUSE_LOCKS = frozenset({"PAUSE", "PAUSE_OVERDUE"})
APPLICANTS = {"citizen": "1", "business": "2"}
COUNTER, ONLINE, POSTAL = "1", "2", "3"
TRUE = frozenset({"true", "1"})
UNITS = {0: "ngày làm việc", 1: "giờ làm việc"}
# Field of ours as the portal spells it <- field of OpenCPS; texts as they are.
TEXTS = {
    "MaTTHC": "serviceCode",
    "TenTTHC": "serviceName",
    "TenLinhVuc": "domainName",
    "DonViXuLy": "govAgencyName",
    "ChuHoSo": "applicantName",
    "DiaChi": "address",
    "SoDienThoai": "contactTelNo",
    "CanBoXuLy": "currentActionUser",
}
DATES = {
    "NgayNopHoSo": "submitDate",
    "NgayTiepNhan": "receiveDate",
    "NgayHenTra": "dueDate",
    "NgayCapNhat": "modifiedDate",
}
Record = Mapping[str, Any]


def is_numbered(record: Record) -> bool:
    """Is it a dossier that can be told by its number?

    What its citizen has not handed in yet has no status (formats note 5.3), and what waits for its reception no number.
    To keep it by its reference would make two dossiers of it once it has one.
    """
    if "dossierStatus" not in record:
        return True  # it is no dossier at all, and is rejected where that can be seen
    status = plain(record["dossierStatus"])
    return bool(status) and (status_of(record) != FILED or bool(plain(record.get("dossierNo"))))


def element_of(record: Record) -> dict[str, str]:
    """The element. Fields that the list does not have are left out, so that they stay as they were known."""
    status = status_of(record)
    return {
        **_codes(record),
        **{ours: plain(record[theirs]) for ours, theirs in TEXTS.items() if theirs in record},
        **{ours: moment(record[theirs]) for ours, theirs in DATES.items() if theirs in record},
        "LoaiDoiTuong": APPLICANTS.get(plain(record.get("applicantIdType")).lower(), ""),
        "KenhThucHien": _channel(record),
        "TrangThaiHoSo": status,
        **_ends(record, status),
        **({"ThoiHanGiaiQuyet": limit} if (limit := limit_of(record)) else {}),
    }


def status_of(record: Record) -> str:
    """The status in the portal's words; one that nobody knows stays as it is and is flagged when it is read."""
    told = plain(record.get("dossierStatus"))
    status = STATUSES.get(told.lower(), told)
    if told.lower() == "receiving" and plain(record.get("receiveDate")):
        status = WAITING  # it was received before: what was supplemented is being looked at
    if status in OPEN and plain(record.get("lockState")).upper() in PAUSE_LOCKS:
        status = PAUSED
    return status


def limit_of(record: Record) -> str:
    """The limit in words; empty where there is none."""
    try:
        count = Decimal(plain(record.get("durationCount")) or "0")
        unit = UNITS.get(int(Decimal(plain(record.get("durationUnit")) or "0")))
    except (InvalidOperation, ValueError, OverflowError):
        return ""
    if unit is None or not count.is_finite() or not 0 < count < 10_000:
        return ""
    number = f"{count:f}"
    if "." in number:
        number = number.rstrip("0").rstrip(".")
    return f"{number.replace('.', ',')} {unit}"


def _codes(record: Record) -> dict[str, str]:
    """The number, and the reference by which other systems may name the dossier."""
    reference = plain(record.get("referenceUid"))
    return {"MaHoSo": plain(record.get("dossierNo")), **({"MaHoSoKhac": reference} if reference else {})}


def _channel(record: Record) -> str:
    if _is_true(record.get("online")):
        return ONLINE
    if _is_true(record.get("fromViaPostal")):
        return POSTAL
    return COUNTER if "online" in record else ""


def _is_true(value: object) -> bool:
    return value is True or plain(value).lower() in TRUE


def _ends(record: Record, status: str) -> dict[str, str]:
    """Which end its release and finish are: both are set together by a refusal, a withdrawal and a jump to `done`."""
    released, finished = moment(record.get("releaseDate")), moment(record.get("finishDate"))
    over = released or finished or moment(record.get("cancellingDate"))
    ends = {"NgayKetThucXuLy": released, "NgayTra": finished, "NgayTuChoi": "", "NgayRut": ""}
    if status == WITHDRAWN:
        return {**ends, "NgayKetThucXuLy": "", "NgayTra": "", "NgayRut": over}
    if status == NOT_ACCEPTED:
        ends = {**ends, "NgayKetThucXuLy": "", "NgayTra": "", "NgayTuChoi": over}
        return {**ends, "LyDoTuChoi": plain(record.get("lastActionNote"))}
    if status == REFUSED:
        return {**ends, "NgayTuChoi": over}
    return ends
