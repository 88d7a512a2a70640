"""An invented letter of each kind, to look at a template with; nobody in it exists. Pure."""

from datetime import date

from letters.content import Lacking, LetterFacts, write
from letters.forms import LetterForm, LetterForms
from letters.issuer import Authority, Issuer, Signature
from letters.obligations import PROMISING, LetterKind
from letters.template_text import TemplateValues, values_of
from tracker.types import ApplicantKind

ISSUER = Issuer(
    unit_id=0,
    code="MAU",
    name="Sở Nông nghiệp và Môi trường tỉnh Mẫu",
    abbreviation="SNNMT",
    parent="UBND tỉnh Mẫu",
    place="Mẫu",
    signer_title="Giám đốc",
)
SIGNATURE = Signature(Authority.DEPUTY, "Phó Giám đốc", "Giám đốc", "Lê Văn Ví Dụ")


def sample_values(forms: LetterForms, form: LetterForm, kind: LetterKind) -> TemplateValues:
    """The values of a letter that lacks nothing, in the words of an edition of the form."""
    day = form.valid_from or form.valid_to or date(2026, 1, 5)
    facts = LetterFacts(
        kind=kind,
        day=day,
        code="H00.00-250105-0012",
        procedure="Đăng ký biến động quyền sử dụng đất",
        field="Đất đai",
        applicant_kind=ApplicantKind.CITIZEN,
        applicant_name="Nguyễn Thị Mẫu",
        address="Thôn 3, xã Ea Mẫu, tỉnh Mẫu",
        issuer=ISSUER,
        receiver="Bộ phận Một cửa tỉnh Mẫu",
        predecessor="",
        received_on=date(day.year, 1, 5),
        due_on=date(day.year, 1, 26),
        is_due_appointed=True,
        ended_on=None if kind in PROMISING else date(day.year, 2, 10),
        new_due_on=date(day.year + 1, 1, 15) if kind in PROMISING else None,
        reason="Chờ xác minh thực địa",
        short_code="7KQ2-M9XD-4TRA",
        signature=SIGNATURE,
    )
    content = write(facts, forms, form)
    if isinstance(content, Lacking):
        raise AssertionError(f"a sample lacks nothing: {content.missing}")
    return values_of(facts, content, forms)
