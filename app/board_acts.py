"""What can be done with dossiers picked on the board: what was picked, where to go back to, what a letter act would do."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import url_for
from werkzeug.datastructures import MultiDict

from app.board_filters import BoardFilters, carried, read_filters, read_text
from app.notes import AT_ONCE
from app.typed_numbers import row_number
from tracker.store import letter_rows
from tracker.store.session import Session

PICKED, FROM = "chon", "ban"


@dataclass(frozen=True, slots=True)
class BoardPick:
    """Dossiers that were ticked, and the board on which: `text` is its address as one text."""

    ids: tuple[int, ...]
    filters: BoardFilters
    text: str

    def back(self, first: int | None = None) -> str:
        """The address of the board as it was, at the row of a dossier."""
        return board_address(self.text, first)


def read_pick(typed: "MultiDict[str, str]") -> BoardPick:
    """From an address or a form. The filters come as one text of a form, or as they stand in the board's address."""
    numbers = (row_number(text) for text in typed.getlist(PICKED)[:AT_ONCE])
    ids = tuple(dict.fromkeys(number for number in numbers if number is not None))
    text = typed.get(FROM)
    filters = read_filters(typed) if text is None else read_text(text)
    return BoardPick(ids, filters, filters.as_text() if text is None else urlencode(carried(text)))


def board_address(text: str, first: int | None = None) -> str:
    """The board's own address again: of what the text says only what the board itself reads."""
    return url_for("desk.board", _anchor=None if first is None else f"hs-{first}", **carried(text))


@dataclass(frozen=True, slots=True)
class LettersToDraft:
    """Of picked dossiers: `owed` are to be drafted; the others have a letter, wait for a decision, or owe none."""

    owed: tuple[int, ...]
    lettered: int
    to_check: int
    none: int


def letters_to_draft(
    session: Session, dossier_ids: Sequence[int], unit_ids: frozenset[int] | None
) -> LettersToDraft:
    """By the ledger as it was last kept; drafting brings it up to date first."""
    steps = {row.dossier_id: row.step for row in letter_rows.duties_by_id(session, dossier_ids, unit_ids)}
    owed = tuple(number for number in dossier_ids if steps.get(number) == "owed")
    to_check = sum(step == "to_check" for step in steps.values())
    none = sum(steps.get(number) in (None, "waived", "closed", "before_start") for number in dossier_ids)
    return LettersToDraft(owed, len(dossier_ids) - len(owed) - to_check - none, to_check, none)
