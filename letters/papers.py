"""The papers around the letter: hand-over note and notice to the one-stop desk, block by block. Pure.

Beside the letter to the person the resolving agency tells the desk in writing, and the desk changes the date in its
system (Decree 61/2018 art. 19.9). No applicant stands in the notice: codes suffice. Numbers and dates are left blank.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from letters import layout
from letters.content import clean
from letters.issuer import Issuer, LetterHead, Signature, head_of
from letters.layout import Align
from letters.paper_texts import PaperTexts
from letters.spoken_numbers import spoken
from tracker.errors import UsageError

NO_LETTERS = "Không có văn bản nào để bàn giao; chọn văn bản rồi lập lại phiếu."
NO_DOSSIERS = "Không có hồ sơ nào để thông báo; chọn hồ sơ rồi lập lại thông báo."


@dataclass(frozen=True, slots=True)
class LetterLine:
    """One letter as lists tell of it; number "" and date None where the document system has not given them yet."""

    number: str
    issued_on: date | None
    code: str
    recipient: str
    address: str = ""
    phone: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class HandOver:
    """Letters that a unit hands to a desk; `day` chooses the wording and is not printed."""

    issuer: Issuer
    desk: str
    day: date
    letters: tuple[LetterLine, ...]


@dataclass(frozen=True, slots=True)
class DelayedDossier:
    """A dossier whose return date shall be changed; None or "" = not known."""

    code: str
    procedure: str
    received_on: date | None
    due_on: date | None
    reason: str
    new_due_on: date | None


@dataclass(frozen=True, slots=True)
class DeskNotice:
    """What one resolving unit tells one desk; `day` chooses the legal basis and is not printed."""

    issuer: Issuer
    desk: str
    day: date
    dossiers: tuple[DelayedDossier, ...]
    signature: Signature | None = None


@dataclass(frozen=True, slots=True)
class LackingDossiers:
    """Dossiers that cannot be told of: by code, what each lacks in the user's words."""

    missing: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a paper's table: heading, width in millimetres, alignment."""

    heading: str
    width: float
    align: Align = Align.LEFT


@dataclass(frozen=True, slots=True)
class Foot:
    """Below the text, left and right: recipients or a second signer | signer. `name` stands below the signature."""

    recipients: tuple[str, ...]
    left: tuple[str, ...]
    right: tuple[str, ...]
    sign_here: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Slip:
    """What the other side fills in and sends back."""

    title: str
    lines: tuple[str, ...]
    signer: str
    sign_here: str


@dataclass(frozen=True, slots=True)
class PaperContent:
    """A paper block by block in the order in which it is printed; rows have as many texts as there are columns."""

    head: LetterHead
    title: str
    subject: str
    subject_rule: int
    addressee: str
    basis: str
    opening: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    closing: tuple[str, ...]
    foot: Foot
    slip: Slip | None


# Widths add up to that of the text; dates of ten digits stay on one line.
HAND_OVER_COLUMNS = (
    Column("STT", 10, Align.CENTRE),
    Column("Số văn bản", 30),
    Column("Ngày", 20.5, Align.CENTRE),
    Column("Mã hồ sơ", 38),
    Column("Người nhận", 42),
    Column("Ghi chú", 24.5),
)
NOTICE_COLUMNS = (
    Column("STT", 10, Align.CENTRE),
    Column("Mã hồ sơ", 29),
    Column("Thủ tục hành chính", 35),
    Column("Ngày tiếp nhận", 20.5, Align.CENTRE),
    Column("Ngày đã hẹn", 20.5, Align.CENTRE),
    Column("Lý do", 29.5),
    Column("Ngày đề nghị trả", 20.5, Align.CENTRE),
)


def hand_over_note(facts: HandOver, texts: PaperTexts) -> PaperContent:
    """The *phiếu bàn giao*, for both sides to sign.

    Raises:
        UsageError: there is no letter in it.
    """
    if not facts.letters:
        raise UsageError(NO_LETTERS)
    text = texts.hand_over_on(facts.day)
    values = _values(facts.issuer, facts.desk, len(facts.letters))
    return PaperContent(
        # No number: it stays between the two, whoever hands over writes the day by hand.
        head=replace(head_of(facts.issuer, "", facts.day.year // 100), number="", place=""),
        title=text.title,
        subject="",
        subject_rule=0,
        addressee="",
        basis="",
        opening=_filled(text.opening, values),
        columns=HAND_OVER_COLUMNS,
        rows=_numbered(_letter_cells(letter) for letter in facts.letters),
        closing=_filled(text.closing, values),
        foot=Foot((), (text.giver,), (text.receiver,), text.sign_here),
        slip=None,
    )


def desk_notice(facts: DeskNotice, texts: PaperTexts) -> PaperContent | LackingDossiers:
    """The notice with reason and proposed date of each dossier, and the slip by which the desk confirms.

    Raises:
        UsageError: there is no dossier in it.
    """
    if not facts.dossiers:
        raise UsageError(NO_DOSSIERS)
    found = ((clean(dossier.code), _missing(dossier, facts.day)) for dossier in facts.dossiers)
    if lacking := tuple((code, missing) for code, missing in found if missing):
        return LackingDossiers(lacking)
    text = texts.notice_on(facts.day)
    values = _values(facts.issuer, facts.desk, len(facts.dossiers))
    return PaperContent(
        head=head_of(facts.issuer, text.symbol, facts.day.year // 100),
        title=text.title,
        subject=text.subject,
        subject_rule=layout.rule_under(text.subject),
        addressee=f"Kính gửi: {values['desk']}",
        basis=text.basis,
        opening=_filled(text.opening, values),
        columns=NOTICE_COLUMNS,
        rows=_numbered(_dossier_cells(dossier) for dossier in facts.dossiers),
        closing=_filled(text.closing, values),
        foot=Foot(
            recipients=("- Như trên;", "- Lưu: VT."),
            left=(),
            right=facts.issuer.signed_by(facts.signature),
            sign_here="",
            name=facts.signature.name if facts.signature else "",
        ),
        slip=Slip(text.slip_title, _filled(text.slip, values), text.confirmer, text.sign_here),
    )


def _missing(dossier: DelayedDossier, day: date) -> str:
    """The clause asks for reason and new date; a date before the notice's own would be no proposal."""
    present = (
        ("mã hồ sơ", bool(clean(dossier.code))),
        ("ngày đã hẹn", dossier.due_on is not None),
        ("lý do", bool(dossier.reason.strip(" \t\n.;:,-"))),
        ("ngày đề nghị trả", dossier.new_due_on is not None and dossier.new_due_on >= day),
    )
    return ", ".join(name for name, is_there in present if not is_there)


def _values(issuer: Issuer, desk: str, count: int) -> dict[str, str]:
    return {
        "unit": issuer.name,
        "desk": clean(desk),
        "count": f"{count:02}",  # numbers below 10 get a leading 0 (Decree 30/2020 app. I, II.3)
        "count_words": spoken(count),
    }


def _filled(paragraphs: Iterable[str], values: dict[str, str]) -> tuple[str, ...]:
    return tuple(paragraph.format_map(values) for paragraph in paragraphs)


def _numbered(rows: Iterable[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    return tuple((str(number), *row) for number, row in enumerate(rows, 1))


def _letter_cells(letter: LetterLine) -> tuple[str, ...]:
    texts = (letter.code, letter.recipient, letter.note)
    return clean(letter.number), short_date(letter.issued_on), *map(clean, texts)


def _dossier_cells(dossier: DelayedDossier) -> tuple[str, ...]:
    return (
        clean(dossier.code),
        clean(dossier.procedure),
        short_date(dossier.received_on),
        short_date(dossier.due_on),
        clean(dossier.reason).rstrip(" .;,"),
        short_date(dossier.new_due_on),
    )


def short_date(day: date | None) -> str:
    """24/05/2022, "" where there is none."""
    return f"{day:%d/%m/%Y}" if day else ""
