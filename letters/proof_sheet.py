"""A proof and its dossier -> the blocks of the printed *phiếu tính hạn*. Pure; no applicant stands on it."""

from dataclasses import dataclass, replace
from datetime import datetime

from letters import layout
from letters.content import clean
from letters.issuer import Issuer, LetterHead, head_of
from tracker.timekeeping.proof_file import Proof
from tracker.timekeeping.proof_lines import ProofLine, for_paper
from tracker.timekeeping.proof_words import flag_text, reason_text

TITLE = "PHIẾU TÍNH HẠN GIẢI QUYẾT HỒ SƠ"
NO_ISSUER = "Chưa rõ cơ quan giải quyết"
UNKNOWN = "Chưa rõ"
UNVERIFIED = " (chưa đối chiếu văn bản)"
HOW_TO_CHECK = (
    "Mã kiểm tra là phần đầu của mã băm SHA-256 trên mọi dữ liệu đầu vào. Tệp kiểm tra (.json) của hồ sơ có cùng mã thì tính "
    "lại được phiếu này, không cần dữ liệu nào khác: dunghen proof --verify TỆP.json."
)
STEP_COLUMNS = ("Thời điểm", "Diễn giải", "Căn cứ")


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """What the sheet tells of a dossier besides its proof; "" or None = unknown."""

    proof: Proof
    issuer: Issuer | None
    procedure: str
    field: str
    unit: str
    promised_at: datetime | None
    source_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One row of the table of steps; `decides` = it bears a due date."""

    when: str
    what: str
    source: str
    decides: bool


@dataclass(frozen=True, slots=True)
class SheetContent:
    """The sheet block by block in the order in which it is printed; facts and grounds are label and value."""

    head: LetterHead
    title: str
    subject: str
    subject_rule: int
    facts: tuple[tuple[str, str], ...]
    lines: tuple[SheetLine, ...]
    grounds: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    full_hash: str


def sheet_of(facts: SheetFacts) -> SheetContent:
    """The sheet; the same facts give the same blocks."""
    subject = f"Hồ sơ {clean(facts.proof.inputs.code)}"
    return SheetContent(
        head=_head(facts),
        title=TITLE,
        subject=subject,
        subject_rule=layout.rule_under(subject),
        facts=tuple(_facts(facts)),
        lines=tuple(map(_line, for_paper(facts.proof.deadline))),
        grounds=(*grounds_of(facts.proof), ("Mã kiểm tra", facts.proof.check_code)),
        notes=(*(flag_text(flag) for flag in facts.proof.deadline.flags), HOW_TO_CHECK),
        full_hash=f"SHA-256: {facts.proof.input_hash}",
    )


def _head(facts: SheetFacts) -> LetterHead:
    """As a letter's, without number and date: the sheet is no document that is issued."""
    issuer = facts.issuer or Issuer(0, "", NO_ISSUER, "", "", "", "")
    century = facts.proof.inputs.as_of.year // 100
    return replace(head_of(issuer, "", century), number="", place="")


def _facts(facts: SheetFacts) -> list[tuple[str, str]]:
    inputs, deadline = facts.proof.inputs, facts.proof.deadline
    due = (
        full_moment(deadline.due_at)
        if deadline.due_at
        else f"Không tính được: {reason_text(deadline.reason)}"
    )
    return [
        ("Thủ tục", clean(facts.procedure) or UNKNOWN),
        ("Lĩnh vực", clean(facts.field) or UNKNOWN),
        ("Đơn vị giải quyết", clean(facts.unit) or UNKNOWN),
        ("Tiếp nhận", full_moment(inputs.received)),
        ("Thời hạn giải quyết", clean(inputs.limit.text) or UNKNOWN),
        ("Hạn tính theo quy định", due),
        ("Ngày hẹn ban đầu", _maybe(facts.promised_at)),
        ("Ngày hẹn theo hệ thống nguồn", _maybe(facts.source_due_at)),
    ]


def _line(line: ProofLine) -> SheetLine:
    return SheetLine(clean(line.when), clean(line.what), clean(line.source), line.due_at is not None)


def grounds_of(proof: Proof) -> list[tuple[str, str]]:
    """What the date rests on, as label and value: moment of judging, rule, regime, calendar."""
    inputs, rule = proof.inputs, proof.inputs.policy.asked[0]
    regimes = [(clean(each.decree), "" if each.verified else UNVERIFIED) for each in inputs.policy.regimes]
    return [
        ("Xét tại", full_moment(inputs.as_of)),
        ("Quy tắc tính", f"{clean(rule.name) or rule.key} ({rule.key})"),
        *(("Chế độ áp dụng", decree + doubt) for decree, doubt in regimes),
        ("Lịch làm việc", f"{inputs.calendar.key}, phiên bản {inputs.calendar.version}"),
    ]


def _maybe(moment: datetime | None) -> str:
    return full_moment(moment) if moment else "Không có"


def full_moment(moment: datetime) -> str:
    """17:00 ngày 07/06/2022."""
    return f"{moment:%H:%M} ngày {moment:%d/%m/%Y}"
