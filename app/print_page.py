"""What the pages of printing show: how many letters there are to print, what was printed lately, whom a desk was told of."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from app.letter_prints import PrintFilters
from app.works.printing import told_ids
from letters.print_batch import MOST_LETTERS
from tracker.store import letter_moves, letter_prints, work
from tracker.store.letter_prints import PrintCount
from tracker.store.session import Session
from tracker.types.work import WorkRow

KIND = "print_letters"
LATELY, LOOKED_AT = 5, 100


@dataclass(frozen=True, slots=True)
class UnitLine:
    """What one unit would print; `files` of letters, without those that were signed as PDF."""

    unit: str
    letters: int
    signed: int
    without_address: int
    to_tell: int

    @property
    def files(self) -> int:
        """At least so many files of letters: one look of letters a file, and no more than an office program opens."""
        return -(-self.letters // MOST_LETTERS)


def unit_lines(session: Session, filters: PrintFilters, unit_ids: frozenset[int] | None) -> list[UnitLine]:
    """The letters of a choice by unit."""
    counts = letter_prints.print_counts(session, filters.choice(unit_ids))
    return [_line(list(group)) for _, group in groupby(counts, key=lambda each: each.unit_id)]


def _line(counts: Sequence[PrintCount]) -> UnitLine:
    return UnitLine(
        counts[0].unit,
        sum(each.letters for each in counts),
        sum(each.signed for each in counts),
        sum(each.without_address for each in counts),
        sum(each.to_tell for each in counts),
    )


def total_of(lines: Sequence[UnitLine]) -> UnitLine:
    """All units together."""
    return UnitLine(
        "", sum(each.letters for each in lines), sum(each.signed for each in lines),
        sum(each.without_address for each in lines), sum(each.to_tell for each in lines),
    )  # fmt: skip


def last_prints(session: Session, login: str) -> list[WorkRow]:
    """What somebody printed lately, newest first."""
    rows = work.list_work(session, kinds=(), asked_by=login, limit=LOOKED_AT)
    return [row for row in rows if row.kind == KIND][:LATELY]


@dataclass(frozen=True, slots=True)
class Told:
    """The letters that the notices of a print tell of: all, and those that the register says no desk was told of yet."""

    count: int
    waiting: tuple[int, ...]


def told_of(session: Session, row: WorkRow, unit_ids: frozenset[int] | None) -> Told:
    """Who a desk has been told of since."""
    ids = told_ids(row.result)
    letters = letter_moves.letters_to_move(session, ids, unit_ids)
    return Told(len(ids), tuple(each.letter_id for each in letters if each.desk_told_at is None))
