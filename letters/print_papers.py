"""Letters about to leave -> the papers that go with them, by unit and desk: post list, hand-over note, notice to the desk.

Pure. What goes out lists signed letters; the notice asks for new dates of approved ones too, since both are signed at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from letters.case import Names
from letters.issuer import Issuer
from letters.number_lists import number_key
from letters.paper_texts import PaperTexts
from letters.papers import (
    DelayedDossier,
    DeskNotice,
    HandOver,
    LackingDossiers,
    LetterLine,
    PaperContent,
    desk_notice,
    hand_over_note,
)
from letters.path import SIGNED_STATES, LetterState
from letters.signers import signature_of
from tracker.store.letter_prints import PrintRow
from tracker.store.signer_store import SignerRow
from tracker.types import VN

TO_TELL = SIGNED_STATES | {LetterState.APPROVED}
OWN_DESK = "Bộ phận Tiếp nhận và Trả kết quả {unit}"
NO_ISSUER = "không rõ đơn vị ban hành"
# A letter without number comes last of its unit.
_LAST = (1, date.max, (0, "", ""))


@dataclass(frozen=True, slots=True)
class Omitted:
    """A letter that is not printed, or not told of in a paper, and why, in the user's words."""

    code: str
    why: str


@dataclass(frozen=True, slots=True)
class Desk:
    """What one unit hands to or asks of one desk."""

    unit_id: int
    unit_code: str
    unit: str
    desk: str
    rows: tuple[PrintRow, ...]


@dataclass(frozen=True, slots=True)
class DeskPaper:
    """A notice to a desk with the letters it tells of; `paper` is None where none of them can be told."""

    paper: PaperContent | None
    letter_ids: tuple[int, ...]
    left_out: tuple[Omitted, ...]


@dataclass(frozen=True, slots=True)
class PaperDesk:
    """What papers are made with: words, names, signers by id, and the day that chooses wording and legal basis."""

    texts: PaperTexts
    names: Names
    signers: Mapping[int, SignerRow]
    day: date

    def hand_over(self, desk: Desk) -> PaperContent | None:
        """The hand-over note; None where no unit writes it."""
        issuer = self.names.issuer(desk.unit_id, self.day)
        if issuer is None:
            return None
        lines = tuple(letter_line(row) for row in desk.rows)
        return hand_over_note(HandOver(issuer, desk.desk, self.day, lines), self.texts)

    def notice(self, desk: Desk) -> DeskPaper:
        """The notice of those dossiers that can be told of, and why the others cannot."""
        issuer = self.names.issuer(desk.unit_id, self.day)
        if issuer is None:
            return DeskPaper(None, (), tuple(Omitted(row.code, NO_ISSUER) for row in desk.rows))
        left_out = self._lacking(issuer, desk)
        missing = {line.code for line in left_out}
        rows = [row for row in desk.rows if row.code not in missing]
        if not rows:
            return DeskPaper(None, (), left_out)
        paper = desk_notice(self._facts(issuer, desk, rows), self.texts)
        assert isinstance(paper, PaperContent)
        return DeskPaper(paper, tuple(row.letter_id for row in rows), left_out)

    def _lacking(self, issuer: Issuer, desk: Desk) -> tuple[Omitted, ...]:
        told = desk_notice(self._facts(issuer, desk, desk.rows), self.texts)
        if not isinstance(told, LackingDossiers):
            return ()
        return tuple(
            Omitted(code, f"không ghi vào thông báo cho Một cửa: thiếu {missing}")
            for code, missing in told.missing
        )

    def _facts(self, issuer: Issuer, desk: Desk, rows: Sequence[PrintRow]) -> DeskNotice:
        signers = {row.signer_id for row in rows}
        # Letters of several signers, or of none that is named: the title of the catalogue stands there.
        one = self.signers.get(next(iter(signers)) or 0) if len(signers) == 1 else None
        signature = signature_of(one) if one else None
        return DeskNotice(issuer, desk.desk, self.day, tuple(map(_delayed, rows)), signature)


# ---------------------------------------------------------------- rows


def in_order(rows: Iterable[PrintRow]) -> list[PrintRow]:
    """By unit, date, number and code: the order in which letters are printed and entered."""

    def place(row: PrintRow) -> tuple[object, ...]:
        dated = (0, row.issued_on, number_key(row.number)) if row.number and row.issued_on else _LAST
        return row.unit_code, *dated, row.code, row.letter_id

    return sorted(rows, key=place)


def outgoing(rows: Iterable[PrintRow]) -> list[PrintRow]:
    """The letters that may go out."""
    return [row for row in rows if row.state in SIGNED_STATES]


def to_tell(rows: Iterable[PrintRow], *, again: bool = False) -> list[PrintRow]:
    """The letters whose new date a desk has to be asked for; `again`: also those of which it was told."""
    return [
        row
        for row in rows
        if row.new_due_at is not None and row.state in TO_TELL and (again or row.desk_told_at is None)
    ]


def by_desk(rows: Iterable[PrintRow]) -> list[Desk]:
    """The letters of each unit for each desk, in their order."""
    ordered = sorted(in_order(rows), key=_desk_key)
    found = []
    for (code, desk), group in groupby(ordered, key=_desk_key):
        lines = tuple(group)
        found.append(Desk(lines[0].unit_id, code, lines[0].unit, desk, lines))
    return found


def _desk_key(row: PrintRow) -> tuple[str, str]:
    is_own = row.desk_id is None or row.desk_id == row.unit_id
    return row.unit_code, OWN_DESK.format(unit=row.unit) if is_own else row.desk


def letter_line(row: PrintRow) -> LetterLine:
    """One letter as lists tell of it."""
    return LetterLine(row.number or "", row.issued_on, row.code, row.applicant, row.address, row.phone)


def _delayed(row: PrintRow) -> DelayedDossier:
    return DelayedDossier(
        row.code, row.procedure, _day(row.received_at), _day(row.due_at), row.reason, _day(row.new_due_at)
    )


def _day(moment: datetime | None) -> date | None:
    return moment.astimezone(VN).date() if moment else None
