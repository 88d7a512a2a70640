"""Invented letters for the tests: one dossier returned late, one open and overdue, two agencies."""

from dataclasses import replace
from datetime import date

from letters.content import LetterFacts
from letters.forms import load_forms
from letters.issuer import Issuer
from letters.obligations import LetterKind
from tracker.types import ApplicantKind

FORMS = load_forms()
DEPARTMENT = Issuer(
    unit_id=1,
    code="H15.18",
    name="Sở Tài nguyên và Môi trường tỉnh Đắk Lắk",
    abbreviation="STNMT",
    parent="UBND tỉnh Đắk Lắk",
    place="Đắk Lắk",
    signer_title="GIÁM ĐỐC",
)
WARD = replace(DEPARTMENT, name="UBND phường Tân Lập", abbreviation="UBND", signer_title="CHỦ TỊCH")
RETURNED = LetterFacts(
    kind=LetterKind.RETURNED_LATE,
    day=date(2023, 1, 1),
    code="000.00.18.H15-220524-0012",
    procedure="Đăng ký biến động quyền sử dụng đất",
    field="Đất đai",
    applicant_kind=ApplicantKind.CITIZEN,
    applicant_name="Nguyễn Thị Mẫu",
    address="Thôn 3, xã Ea Kao",
    issuer=DEPARTMENT,
    receiver="Bộ phận Một cửa",
    predecessor="",
    received_on=date(2022, 5, 24),
    due_on=date(2022, 6, 14),
    is_due_appointed=True,
    ended_on=date(2022, 7, 5),
    new_due_on=None,
    reason="chờ xác minh thực địa.",
    short_code="7KQ2-M9XD-4TRA",
)
OVERDUE = replace(RETURNED, kind=LetterKind.OVERDUE, ended_on=None, new_due_on=date(2023, 2, 3))
