"""The shipped letter as a .docx with placeholders: what an office begins with when it makes a template of its own.

The same blocks as in every letter (`letters.render`); filled, it prints the same text.
"""

from letters import layout
from letters.content import LetterContent
from letters.forms import PARAGRAPH, LetterForm
from letters.issuer import LetterHead
from letters.layout import Paper
from letters.obligations import LetterKind
from letters.render import saved
from letters.template_text import BODY, OF_WORDING

# The line below the agency stays as long as it is; this is right for a name of usual length (mm).
USUAL_NAME = 48.0


def default_template(form: LetterForm, kind: LetterKind | None, paper: Paper = Paper.A4) -> bytes:
    """One kind of letter in one edition of the form; None: all kinds, whose words come with each letter."""
    title, subject, body = _words(form, kind)
    content = LetterContent(
        head=LetterHead(
            parent=("{{dau_chu_quan}}",),
            issuer=("{{dau_co_quan}}",),
            rule_indent=layout.rule_indent(USUAL_NAME, layout.ISSUER_CELL, layout.AGENCY_RULE_SHARE),
            number="Số:{{so_ky_hieu}}",
            place="{{dia_danh_ngay}}",
        ),
        title=title,
        subject=subject,
        subject_rule=layout.rule_under(subject) if kind else 0,
        addressee="Kính gửi: {{kinh_gui}}",
        address="Địa chỉ: {{dia_chi}}",
        body=body,
        signer=("{{chuc_danh_ky}}",),
        recipients=("{{noi_nhan}}",),
        short_code="Mã tra cứu: {{ma_tra_cuu}}",
        signer_name="{{ho_ten_ky}}",
    )
    return saved(content, paper)


def _words(form: LetterForm, kind: LetterKind | None) -> tuple[str, str, tuple[str, ...]]:
    """Title, subject and body."""
    if kind is None:
        return "{{ten_van_ban}}", "{{trich_yeu}}", (f"{{{{{BODY}}}}}",)
    wording = form.wordings[kind]
    braced = {word: f"{{{{{name}}}}}" for word, name in OF_WORDING.items()}
    return wording.title, wording.subject, tuple(wording.body.format_map(braced).split(PARAGRAPH))
