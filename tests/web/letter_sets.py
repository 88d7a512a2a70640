"""What the world's office has set for its letters: of years past or of another branch, so that no letter changes by it."""

from datetime import date, datetime
from functools import cache
from pathlib import Path

from app.letter_trials import LETTER, PDF, TrialShelf
from letters.forms import load_forms
from letters.obligations import LetterKind
from letters.template_check import TemplateReport
from letters.templates import TemplatePlace, TemplateTrial, Upload, default_file
from tracker.store import delay_reasons, number_store, signer_store, template_store
from tracker.store.delay_reasons import NewReason
from tracker.store.number_store import NewSeries
from tracker.store.session import Store
from tracker.store.signer_store import NewSigner
from tracker.store.template_store import NewTemplate

FORM = "phieu-2018"
PLACE = TemplatePlace(None, FORM, LetterKind.OVERDUE)
KEY = "0123456789abcdef0123456789abcdef"
TRIAL = f"/thu-xin-loi/mau/thu/{KEY}"


@cache
def template() -> bytes:
    """A file that can be used."""
    return default_file(load_forms(), FORM, LetterKind.OVERDUE)


def add_letter_sets(store: Store, office: int, branch: int, now: datetime) -> None:
    """A template, a signer of old, a series of the office, a reason for dossiers of long ago."""
    with store.transaction() as session:
        new = NewTemplate(None, FORM, "overdue", "mau-cu.docx", "ab" * 32, template(), "Bản đầu (thử nghiệm)")
        template_store.add_template(session, new, by="reform", at=now)
        signer = NewSigner(
            branch, "Lê Văn Ví Dụ", "deputy", "Phó Giám đốc", "Giám đốc", date(2019, 1, 1), date(2020, 12, 31)
        )
        signer_store.add_signer(session, signer, by="reform", at=now)
        series = NewSeries(office, "PXL-THU", "Quyết định số 1 (thử nghiệm)", 1, date(2026, 1, 1))
        number_store.add_series(session, series, by="reform", at=now)
        reason = NewReason(branch, None, date(2020, 1, 1), date(2020, 12, 31), "Chờ xác minh thực địa")
        delay_reasons.add_reason(session, reason, by="reform", at=now)


def put_trial(data_dir: Path, now: datetime) -> None:
    """A template that `reform` tried; the letter made from it is none that a program could open."""
    report = TemplateReport({"ly_do": 1, "ma_ho_so": 1}, (), ("Mẫu không có {{noi_nhan}}: nơi nhận.",))
    lines = ("PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ", "Kính gửi: Ông/Bà Nguyễn Thị Mẫu")
    key = TrialShelf(data_dir).keep(
        PLACE,
        Upload("mau-moi.docx", template()),
        TemplateTrial(report, lines, b"PK\x03\x04 thu"),
        login="reform",
        now=now,
    )
    root = data_dir / "letters" / "trials"
    (root / key).rename(root / KEY)
    (root / KEY / PDF).write_bytes((root / KEY / LETTER).read_bytes())
