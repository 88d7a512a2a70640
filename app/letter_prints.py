"""Letters printed, for pages, workers and the command line alike: what is chosen, what with, and its entry of the log."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from app import presenters
from app.context import AppContext
from app.letter_acts import NAMED
from app.typed_numbers import row_asked, row_number
from letters.case import Names
from letters.paper_texts import load_papers
from letters.path import LetterState
from letters.pdf import OfficeProgram, find_office
from letters.print_papers import PaperDesk
from letters.printing import ALL_PARTS, PrintPart, PrintReport, PrintWish, Watch, print_letters
from tracker.store import letter_prints, signer_store
from tracker.store.audit import Act
from tracker.store.letter_candidates import load_catalogue
from tracker.store.letter_prints import PrintChoice
from tracker.types import VN

ACTION = "letter_print"
# What nobody approved is printed only where somebody asks for drafts.
USUAL_STATES = (LetterState.APPROVED, LetterState.SIGNED, LetterState.NUMBERED)
STATES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "chua-gui": ("Đã duyệt, đã ký, đã vào sổ (chưa gửi)", USUAL_STATES),
    "approved": ("Đã duyệt: in để ký", (LetterState.APPROVED,)),
    "signed": ("Đã ký", (LetterState.SIGNED,)),
    "numbered": ("Đã vào sổ: in để gửi", (LetterState.NUMBERED,)),
    "delivered": ("Đã gửi: in lại", (LetterState.DELIVERED,)),
    "drafted": ("Đã soạn, chưa duyệt: bản để xem", (LetterState.DRAFTED,)),
}
USUAL = "chua-gui"
# So many letters may be named one by one; an entry of the log tells them all.
MOST_CHOSEN = NAMED
# Chosen letters of which none is usable: never the same as all letters.
NOBODY = "0"


@dataclass(frozen=True, slots=True)
class PrintFilters:
    """What is to be printed, as a page asks for it; the unit's own units and those below are added by whoever asks."""

    unit_id: int | None = None
    state: str = USUAL
    kind: str = ""
    letter_ids: tuple[int, ...] | None = None
    parts: frozenset[PrintPart] = ALL_PARTS
    is_pdf: bool = False

    def choice(self, unit_ids: frozenset[int] | None) -> PrintChoice:
        """Which letters of these units."""
        return PrintChoice(STATES[self.state][1], unit_ids, self.kind, self.letter_ids)

    def as_address(self) -> dict[str, str]:
        """The parts of the address that differ from the usual print."""
        parts = ",".join(sorted(self.parts))
        given = {
            "don-vi": "" if self.unit_id is None else str(self.unit_id),
            "trang-thai": "" if self.state == USUAL else self.state,
            "loai": self.kind,
            "thu": "" if self.letter_ids is None else ",".join(map(str, self.letter_ids)) or NOBODY,
            "giay": "" if self.parts == ALL_PARTS else parts,
            "pdf": "1" if self.is_pdf else "",
        }
        return {key: value for key, value in given.items() if value}


def read_filters(address: Mapping[str, str]) -> PrintFilters:
    """From the query string or the params of work; what cannot be used is left out."""
    state, kind = address.get("trang-thai", ""), address.get("loai", "")
    parts = frozenset(
        PrintPart(name) for name in address.get("giay", "").split(",") if name in set(PrintPart)
    )
    return PrintFilters(
        unit_id=row_asked(address, "don-vi"),
        state=state if state in STATES else USUAL,
        kind=kind if kind in presenters.LETTER_KINDS else "",
        letter_ids=_ids(address["thu"]) if address.get("thu") else None,
        parts=parts or ALL_PARTS,
        is_pdf=address.get("pdf", "") == "1",
    )


def _ids(text: str) -> tuple[int, ...]:
    numbers = (row_number(each) for each in text.split(","))
    return tuple(dict.fromkeys(each for each in numbers if each is not None))[:MOST_CHOSEN]


def office_of(context: AppContext) -> OfficeProgram | None:
    """LibreOffice as it is set, or as the machine has it."""
    return find_office(context.config.letters.office_program)


def paper_desk(context: AppContext, now: datetime) -> PaperDesk:
    """What papers of today are made with."""
    with context.store.read() as session:
        names = Names(load_catalogue(session))
        signers = {row.signer_id: row for row in signer_store.signers_of(session)}
    return PaperDesk(load_papers(), names, signers, _today(now))


def print_into(
    context: AppContext, target: Path, choice: PrintChoice, wish: PrintWish, *, now: datetime, watch: Watch
) -> PrintReport:
    """Write everything of a choice below a folder."""
    with context.store.read() as session:
        rows = letter_prints.rows_to_print(session, choice)
    desk = paper_desk(context, now)
    return print_letters(rows, target, context.data_dir, desk=desk, wish=wish, watch=watch)


def print_act(report: PrintReport, actor: str, now: datetime, **more: Any) -> Act:
    """The entry of the log: names and addresses left, so whose letters it were."""
    return Act(now, actor, ACTION, "letters", logged_ids(report.letters) | more)


def logged_ids(ids: Iterable[int]) -> dict[str, Any]:
    """Letters in an entry of the log."""
    listed = list(ids)
    return {"letters": listed[:NAMED], "count": len(listed)}


def _today(now: datetime) -> date:
    return now.astimezone(VN).date()
