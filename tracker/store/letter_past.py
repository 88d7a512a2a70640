"""What happened to one letter, for its page: its steps, who was told, what came back signed; one question."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, bindparam, select
from sqlalchemy.orm import Session

from tracker.store.calendar_moves import MARK
from tracker.store.gathered import Row, Together
from tracker.store.letter_moves import NoticeRow
from tracker.store.models import Letter, LetterNotice, LetterStep

StepTold = tuple[str, datetime, str, str]  # step, at, actor, note


class LetterPast(NamedTuple):
    """Steps and notices in their order; `overtaken`: the newest change of the calendar that moved the dossier's date since."""

    steps: Sequence[StepTold]
    notices: tuple[NoticeRow, ...]
    has_signed_file: bool
    overtaken: int | None


def past_of(session: Session, letter_id: int) -> LetterPast:
    """The past of a letter; of a number that is none nothing."""
    found = _asked(session.get_bind().dialect.name).ask(session, {"letter_id": letter_id})
    steps: list[StepTold] = [
        (step, at, actor, note) for _, step, at, actor, note in sorted(found["steps"], key=_first)
    ]
    marks = [int(note) for step, _, _, note in steps if step == MARK]
    return LetterPast(
        steps=steps,
        notices=tuple(NoticeRow(*row[1:]) for row in sorted(found["notices"], key=_first)),
        has_signed_file=any(digest for (digest,) in found["signed"]),
        overtaken=marks[-1] if marks else None,
    )


@cache
def _asked(dialect: str) -> Together:
    """Made once: making it costs more than asking it."""
    number: Any = bindparam("letter_id", type_=BigInteger)
    s, n = LetterStep, LetterNotice
    steps: tuple[Any, ...] = (s.seq, s.step, s.at, s.actor, s.note)
    notices: tuple[Any, ...] = (
        n.id, n.letter_id, n.purpose, n.channel, n.at, n.actor, n.person, n.note, n.message_id,
    )  # fmt: skip
    signed: Any = select(Letter.signed_sha256).select_from(Letter)
    queries = {
        "steps": select(*steps).select_from(s).where(s.letter_id == number),
        "notices": select(*notices).select_from(n).where(n.letter_id == number),
        "signed": signed.where(Letter.id == number),
    }
    return Together(dialect, queries)


def _first(row: Row) -> Any:
    return row[0]
