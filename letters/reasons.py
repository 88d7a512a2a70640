"""Reasons for lateness that an office sets beforehand: entered, taken back, and how many letters one would serve.

Which reason a letter gives decides `letters.delay`; wordings to choose from are suggestions, a person answers for the text.
"""

import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from letters.case import Names, date_of_day
from letters.deciding import checked_words
from letters.delay import ReasonBook
from letters.moving import Asker
from tracker.errors import ConfigurationError, UsageError
from tracker.store import delay_reasons
from tracker.store.delay_reasons import KnownReason, NewReason
from tracker.store.letter_store import lock_register
from tracker.store.reason_gaps import ReasonGap
from tracker.store.session import Session, Store

SUGGESTIONS = Path(__file__).parent / "data" / "delay_texts.toml"
InSameStep = Callable[[Session, int], None]


def _nothing(_session: Session, _reason_id: int) -> None:
    return None


# ---------------------------------------------------------------- entered, taken back


def add_reason(store: Store, new: NewReason, asker: Asker, in_same_step: InSameStep = _nothing) -> int:
    """Set a reason for dossiers of a unit, a procedure and a span of due dates; its id.

    `in_same_step` writes into the same transaction, last.

    Raises:
        UsageError: the words are missing, the span ends before it begins, the unit is another one, or it is there already.
    """
    told = checked_reason(new, asker)
    with store.transaction() as session:
        lock_register(session)
        if any(_new(row) == told for row in delay_reasons.known_reasons(session)):
            raise UsageError("lý do này đã có cho đúng đơn vị, thủ tục và khoảng ngày đó")
        reason_id = delay_reasons.add_reason(session, told, by=asker.login, at=asker.now)
        in_same_step(session, reason_id)
    return reason_id


def checked_reason(new: NewReason, asker: Asker) -> NewReason:
    """A reason as it would be kept.

    Raises:
        UsageError: as `add_reason`, but for what is there already.
    """
    if new.due_to < new.due_from:
        raise UsageError("khoảng ngày hẹn kết thúc trước khi bắt đầu")
    if asker.unit_ids is not None and new.unit_id not in asker.unit_ids:
        raise UsageError("chỉ đặt được lý do cho đơn vị thuộc phạm vi của bạn")
    # The form ends the sentence itself: "Lý do: ...".
    words = checked_words(new.text, "lý do quá hạn").rstrip(" .;,:")
    return NewReason(
        new.unit_id, new.procedure_id, new.due_from, new.due_to, checked_words(words, "lý do quá hạn")
    )


def _new(row: KnownReason) -> NewReason:
    return NewReason(row.unit_id, row.procedure_id, row.due_from, row.due_to, row.text)


def end_reason(store: Store, reason_id: int, asker: Asker, in_same_step: InSameStep = _nothing) -> None:
    """Take a reason back: no further letter gives it; letters that do keep their words.

    Raises:
        UsageError: there is none that stands, or it is another unit's.
    """
    with store.transaction() as session:
        lock_register(session)
        own = asker.unit_ids
        standing = {row.reason_id: row for row in delay_reasons.known_reasons(session)}
        row = standing.get(reason_id)
        if row is None or (own is not None and row.unit_id not in own):
            raise UsageError(f"không có lý do số {reason_id} đang dùng; xem: dunghen letters reasons list")
        delay_reasons.end_reasons(session, [reason_id], by=asker.login, at=asker.now)
        in_same_step(session, reason_id)


# ---------------------------------------------------------------- whom one would serve


def lacking(
    gaps: Iterable[ReasonGap], known: Iterable[KnownReason], names: Names, day: date
) -> list[ReasonGap]:
    """Of the dossiers that say no reason those for which nobody has set one either."""
    book = ReasonBook(known)
    return [gap for gap in gaps if not _found(book, gap, names, day)]


def served(new: NewReason, gaps: Iterable[ReasonGap], names: Names, day: date) -> int:
    """How many dossiers of some gaps a new reason would serve."""
    book = ReasonBook([new])
    return sum(gap.dossiers for gap in gaps if _found(book, gap, names, day))


def _found(book: ReasonBook, gap: ReasonGap, names: Names, day: date) -> str:
    issuer = names.issuer(gap.resolving_unit_id, day)
    units = (gap.resolving_unit_id, issuer.unit_id if issuer else None)
    return book.find(units, gap.procedure_id, date_of_day(gap.due_day))


# ---------------------------------------------------------------- wordings to choose from


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A common wording; no official list of reasons was found (law.md 4.2), so none of them is one."""

    text: str
    note: str


@cache
def load_suggestions(path: Path = SUGGESTIONS) -> tuple[Suggestion, ...]:
    """Read the wordings; ConfigurationError if the file cannot be used."""
    try:
        tree = tomllib.loads(path.read_text("utf-8"))
        return tuple(Suggestion(entry["text"], entry.get("note", "")) for entry in tree["suggestion"])
    except (OSError, tomllib.TOMLDecodeError, KeyError) as error:
        raise ConfigurationError([f"{path.name}: {error}"]) from error
