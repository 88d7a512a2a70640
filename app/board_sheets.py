"""The board's list as a workbook, and the notes that lists on paper and in files carry; masked as the page masks."""

from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO

from app import presenters
from app.board import Line
from app.board_page import BoardList, letter_shown
from tracker.reports import board_list as board_report
from tracker.reports.board_list import BoardRow
from tracker.store import notes
from tracker.store.session import Session

# A longer list is no list for a meeting, and a browser takes long to lay it out.
PRINT_MOST = 500
EXPORT_MOST = 20_000


def newest_notes(session: Session, dossier_ids: Sequence[int], *, visible: bool) -> Mapping[int, str]:
    """The newest note of each dossier that has one; what somebody wrote may name people, so it is masked by role."""
    found = notes.newest_of(session, dossier_ids)
    return {key: presenters.free_text(text, visible=visible) for key, text in found.items()}


def write_board(session: Session, target: BinaryIO, listed: BoardList, *, visible: bool) -> str:
    """Write the list as a workbook; the name it should have."""
    ids = [line.dossier.cursor.dossier_id for line in listed.lines]
    written = newest_notes(session, ids, visible=visible)
    cut = f" – {presenters.number(len(ids))} hồ sơ đầu của danh sách" if listed.is_cut else ""
    title = f"Bàn theo dõi – {listed.words} – lúc {presenters.moment(listed.as_of)}{cut}"
    board_report.write_xlsx(target, _rows(listed, written, visible=visible), title)
    return f"ban-theo-doi-{listed.as_of:%Y%m%d-%H%M}.xlsx"


def _rows(listed: BoardList, written: Mapping[int, str], *, visible: bool) -> Iterator[BoardRow]:
    for line in listed.lines:
        note = written.get(line.dossier.cursor.dossier_id, "")
        yield _row(line, listed.day_minutes, note, visible=visible)


def _row(line: Line, day_minutes: int, note: str, *, visible: bool) -> BoardRow:
    d = line.dossier
    letter = letter_shown(d.letter)
    return BoardRow(
        code=d.code,
        procedure=d.procedure,
        field=d.field,
        unit=d.unit,
        officer=d.officer,
        step=d.step,
        applicant=presenters.name(d.applicant, visible=visible),
        received_at=d.facts.received_at or d.facts.filed_at,
        due_at=d.facts.due_at,
        state=presenters.CHIPS[line.verdict.state].word,
        time_left=presenters.time_left(line.verdict, day_minutes),
        letter=presenters.LETTER_STATES.get(letter or "", ""),
        held=held_words(line),
        note=note,
    )


def held_words(line: Line) -> str:
    """Who has it in hand by the office's own word; empty: nobody in particular."""
    held = line.dossier.held
    taken = f"{held.taken_by} nhận, hẹn {held.promised_on:%d/%m}" if held.promised_on else ""
    given = f"giao {held.given_to}" if held.given_to else ""
    return " · ".join(part for part in (taken, given) if part)
