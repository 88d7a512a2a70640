"""Invented papers for the tests: hand-over notes and notices to the desk, short and long."""

from dataclasses import replace
from datetime import date

from letters.issuer import Authority, Signature
from letters.papers import DelayedDossier, DeskNotice, HandOver, LetterLine
from tests.letter_samples import DEPARTMENT, WARD

DESK = "Trung tâm Phục vụ hành chính công phường Tân Lập"
LETTER = LetterLine(
    number="12/PXL-STNMT",
    issued_on=date(2023, 1, 3),
    code="000.00.18.H15-220524-0012",
    recipient="Nguyễn Thị Mẫu",
    address="Thôn 3, xã Ea Kao",
    phone="0900 000 000",
)
UNNUMBERED = replace(
    LETTER, number="", issued_on=None, address="", phone="", note="Người nhận đến lấy tại quầy"
)
COMPANY = "Công ty TNHH một thành viên đầu tư xây dựng và phát triển nông thôn Mẫu & <Con> 100%"
DOSSIER = DelayedDossier(
    code="000.00.18.H15-220524-0012",
    procedure="Đăng ký biến động quyền sử dụng đất",
    received_on=date(2022, 5, 24),
    due_on=date(2022, 6, 14),
    reason="Chờ xác minh thực địa.",
    new_due_on=date(2023, 2, 3),
)
LONG_DOSSIER = replace(
    DOSSIER,
    procedure="Đăng ký biến động quyền sử dụng đất, quyền sở hữu tài sản gắn liền với đất trong các trường hợp chuyển "
    "nhượng, cho thuê, thừa kế, tặng cho",
    reason="Số lượng hồ sơ trích đo trên địa bàn tăng đột biến, dẫn đến quá tải trong công tác kiểm tra thực địa",
)
HAND_OVER = HandOver(
    DEPARTMENT, DESK, date(2023, 1, 3), (LETTER, UNNUMBERED, replace(LETTER, recipient=COMPANY))
)
NOTICE = DeskNotice(DEPARTMENT, DESK, date(2023, 1, 3), (DOSSIER, LONG_DOSSIER))
DEPUTY = Signature(Authority.DEPUTY, "Phó Giám đốc", "Giám đốc", "Trần Văn Thử")
NEW_NOTICE = replace(
    NOTICE,
    issuer=WARD,
    day=date(2026, 3, 2),
    dossiers=(replace(DOSSIER, new_due_on=date(2026, 3, 20)),),
)


def hand_over(count: int) -> HandOver:
    """A note of so many letters."""
    letters = (
        replace(LETTER, number=f"{n}/PXL-STNMT", code=f"H15.18-220524-{n:04}") for n in range(1, count + 1)
    )
    return replace(HAND_OVER, letters=tuple(letters))


def notice(count: int) -> DeskNotice:
    """A notice of so many dossiers, short and long ones in turn."""
    kinds = (DOSSIER, LONG_DOSSIER)
    dossiers = (replace(kinds[n % 2], code=f"H15.18-220524-{n:04}") for n in range(1, count + 1))
    return replace(NOTICE, dossiers=tuple(dossiers), signature=DEPUTY)
