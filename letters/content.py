"""LetterFacts -> LetterContent, or Lacking with what is missing. Pure: every word of a letter is put together here.

Nothing is invented and no empty field is printed: a missing address drops its line, a missing reason stops the letter.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache

from letters import layout
from letters.forms import PARAGRAPH, LetterForm, LetterForms
from letters.issuer import Issuer, LetterHead, Signature, head_of
from letters.layout import Paper
from letters.obligations import PROMISING, LetterKind
from tracker.types import ApplicantKind

# Control, surrogate and direction-changing characters: not allowed in XML, or able to disguise a text.
UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
CHECK_PAGE = "/kiem-tra-thu"  # the page that anybody may check a letter on, below the office's public address
SPACES = re.compile(r"\s\s+|[\t\n\r\v\f\x85\u2028\u2029]+")


class Missing(StrEnum):
    """What a letter lacks, in the words of the list that is shown."""

    UNIT = "đơn vị giải quyết"
    APPLICANT = "tên người nộp hồ sơ"
    PROCEDURE = "tên thủ tục hành chính"
    RECEIVED = "ngày tiếp nhận"
    DUE = "ngày hẹn trả"
    ENDED = "ngày giải quyết xong"
    REASON = "lý do quá hạn"
    NEW_DUE = "ngày hẹn trả mới"
    SIGNER = "chức danh người ký"
    TEMPLATE = "tệp mẫu dùng được"


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """All that a letter rests on. `day` is the letter's day; it chooses the form and is not printed."""

    kind: LetterKind
    day: date
    code: str
    procedure: str
    field: str
    applicant_kind: ApplicantKind
    applicant_name: str
    address: str
    issuer: Issuer | None
    receiver: str
    predecessor: str
    received_on: date | None
    due_on: date | None
    is_due_appointed: bool  # False: no appointment is known, the date follows from the rules
    ended_on: date | None
    new_due_on: date | None
    reason: str
    short_code: str
    signature: Signature | None = None  # None: the title that the catalogue gives, and no name
    recipients_extra: tuple[str, ...] = ()  # who else is told, as the lead unit's desk of a joint procedure
    number: str = ""  # as it was given, with or without its symbol; "" and None: not yet, so they stay blank
    issued_on: date | None = None


@dataclass(frozen=True, slots=True)
class LetterContent:
    """A letter block by block in the order in which it is printed; every text is one line or one paragraph.

    `check_url`: what the code to scan beside the short code leads to, `check_line` tells where to type it; "" = neither.
    """

    head: LetterHead
    title: str
    subject: str
    subject_rule: int
    addressee: str
    address: str
    body: tuple[str, ...]
    signer: tuple[str, ...]
    recipients: tuple[str, ...]
    short_code: str
    signer_name: str = ""
    check_line: str = ""
    check_url: str = ""


@dataclass(frozen=True, slots=True)
class Lacking:
    """A letter that cannot be written, and why."""

    missing: tuple[Missing, ...]


def clean(text: str) -> str:
    """One line of printable text in NFC."""
    if text.isprintable() and "  " not in text:
        return unicodedata.normalize("NFC", text).strip()
    printable = UNPRINTABLE.sub("", text)
    return unicodedata.normalize("NFC", SPACES.sub(" ", printable)).strip()


# Names of offices and procedures come again and again; names of persons are not kept.
_clean_name = lru_cache(maxsize=4096)(clean)


def missing_in(facts: LetterFacts) -> tuple[Missing, ...]:
    """What is missing for a correct letter of this kind; () = it can be written."""
    is_open = facts.kind in PROMISING
    # A new date before the letter's own day would be no promise (issue of Decree 61/2018 art. 19.9).
    has_new_due = facts.new_due_on is not None and facts.new_due_on >= facts.day
    present = (
        (Missing.UNIT, facts.issuer is not None),
        (Missing.APPLICANT, bool(facts.applicant_name.strip())),
        (Missing.PROCEDURE, bool(facts.procedure or facts.field)),
        (Missing.RECEIVED, facts.received_on is not None),
        (Missing.DUE, facts.due_on is not None),
        (Missing.ENDED, is_open or facts.ended_on is not None),
        (Missing.REASON, bool(facts.reason.strip(" \t\n.;:,-"))),
        (Missing.NEW_DUE, not is_open or has_new_due),
        (Missing.SIGNER, facts.signature is None or facts.signature.is_complete),
    )
    return tuple(what for what, is_there in present if not is_there)


def write(
    facts: LetterFacts, forms: LetterForms, form: LetterForm | None = None, *, check_address: str = ""
) -> LetterContent | Lacking:
    """The letter by the form of its day (or by the one it was first written by).

    `check_address`: where the public reaches this office's pages; "" = nowhere, so the letter bears no code to scan.
    """
    missing = missing_in(facts)
    if missing or facts.issuer is None:
        return Lacking(missing)
    form = form or forms.on(facts.day)
    wording = form.wordings[facts.kind]
    issuer = facts.issuer
    body = wording.body.format_map(wording_values(facts, issuer, forms))
    return LetterContent(
        head=_head(facts, issuer, form.symbol),
        title=wording.title,
        subject=wording.subject,
        subject_rule=layout.rule_under(wording.subject),
        addressee=f"Kính gửi: {addressee_of(facts)}",
        address=f"Địa chỉ: {address}" if (address := clean(facts.address)) else "",
        body=tuple(body.split(PARAGRAPH)),
        signer=tuple(map(_clean_name, issuer.signed_by(facts.signature))),
        recipients=_recipients(issuer.name, _clean_name(facts.receiver), facts.recipients_extra),
        short_code=f"Mã tra cứu: {facts.short_code}",
        signer_name=_clean_name(facts.signature.name) if facts.signature else "",
        check_line=_check_line(check_address),
        check_url=f"{check_address}{CHECK_PAGE}?ma={facts.short_code}" if check_address else "",
    )


def _head(facts: LetterFacts, issuer: Issuer, symbol: str) -> LetterHead:
    """With number and date once they were given (Decree 30/2020 art. 15), else with the blanks for them."""
    blank = head_of(issuer, symbol, facts.day.year // 100)
    if not facts.number or facts.issued_on is None:
        return blank
    number = clean(facts.number)
    number = number if "/" in number else number + blank.number[blank.number.index("/") :]
    day = in_words(facts.issued_on)
    place = f"{issuer.place}, {day}" if issuer.place else day[:1].upper() + day[1:]
    return replace(blank, number=f"Số: {number}", place=place)


@lru_cache(maxsize=8)
def _check_line(check_address: str) -> str:
    """Where the code is typed by who has nothing to scan with."""
    place = check_address.partition("://")[2] or check_address
    return f"Kiểm tra văn bản này tại {place}{CHECK_PAGE}" if place else ""


def on_paper(content: LetterContent, paper: Paper) -> LetterContent:
    """The content with the indents of its two lines, which are computed for A4, as they are on a paper."""
    if paper is Paper.A4:
        return content
    indent = layout.indent_on(paper, content.head.rule_indent, layout.ISSUER_CELL)
    return replace(
        content,
        head=replace(content.head, rule_indent=indent),
        subject_rule=layout.indent_on(paper, content.subject_rule, layout.TEXT_WIDTH),
    )


def wording_values(facts: LetterFacts, issuer: Issuer, forms: LetterForms) -> dict[str, str]:
    """What stands for the placeholders of a form's wording; `due_line` may be several paragraphs."""
    due = in_words(facts.due_on)
    received = in_words(facts.received_on)
    due_line = forms.sentences["appointed" if facts.is_due_appointed else "lawful"].format(due=due)
    if facts.predecessor:
        told = forms.sentences["succeeded"].format(predecessor=clean(facts.predecessor), unit=issuer.name)
        due_line = f"{due_line}{PARAGRAPH}{told}"
    return {
        "received": received,
        "received_cap": "N" + received[1:],
        "receiver": _clean_name(facts.receiver) or issuer.name,
        "dossier": _dossier(_clean_name(facts.procedure), _clean_name(facts.field)),
        "code": clean(facts.code),
        "you": pronoun(facts.applicant_kind, facts.applicant_name),
        "unit": issuer.name,
        "due_line": due_line,
        "due": due,
        "ended": in_words(facts.ended_on),
        "new_due": in_words(facts.new_due_on),
        "reason": _reason(facts.reason),
    }


@lru_cache(maxsize=4096)
def in_words(day: date | None) -> str:
    """ "ngày 05 tháng 02 năm 2022": a leading 0 for days below 10 and months 1, 2 (Decree 30/2020 app. I, II.4)."""
    if day is None:
        return ""
    month = f"{day.month:02}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02} tháng {month} năm {day.year}"


@lru_cache(maxsize=4096)
def _dossier(procedure: str, field: str) -> str:
    if not procedure:
        return f"hồ sơ thuộc lĩnh vực {field}"
    return f"hồ sơ thủ tục hành chính “{procedure}”" + (f" (lĩnh vực {field})" if field else "")


def _reason(text: str) -> str:
    reason = clean(text).rstrip(" .;,")
    return reason[:1].upper() + reason[1:]


# ---------------------------------------------------------------- persons

PERSON_TITLES = ("ông ", "bà ", "hộ ", "anh ", "chị ", "ông/bà ")
POLITE = {
    ApplicantKind.CITIZEN: "Ông/Bà",
    ApplicantKind.BUSINESS: "Quý doanh nghiệp",
    ApplicantKind.AGENCY: "Quý cơ quan",
    ApplicantKind.ORGANISATION: "Quý tổ chức",
    ApplicantKind.UNKNOWN: "Ông/Bà/Tổ chức",  # the form's own words
}


def pronoun(kind: ApplicantKind, name: str) -> str:
    """How the letter addresses the applicant in the text."""
    if kind is ApplicantKind.BUSINESS and clean(name).lower().startswith("công ty"):
        return "Quý công ty"
    return POLITE[kind]


def addressee_of(facts: LetterFacts) -> str:
    """Whom the letter is sent to: a person with Ông/Bà unless the name says so already."""
    name = clean(facts.applicant_name)
    is_person = facts.applicant_kind is ApplicantKind.CITIZEN
    return f"Ông/Bà {name}" if is_person and not name.lower().startswith(PERSON_TITLES) else name


@lru_cache(maxsize=4096)
def _recipients(issuer: str, receiver: str, extra: tuple[str, ...]) -> tuple[str, ...]:
    """ "Như trên" first, "Lưu" last; the desk is told as well (Decree 61/2018 art. 19.9). Nobody is named twice."""
    told = (receiver, *(clean(name).lstrip("- ").rstrip(" ;.") for name in extra))
    others = tuple(f"- {name};" for name in dict.fromkeys(told) if name and name != issuer)
    return ("- Như trên;", *others, "- Lưu: VT.")
