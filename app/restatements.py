"""A kept month beside what is counted now: what was kept, the recount, the dossiers in between; for command and page alike."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

from app.commands.time_inputs import moment_text
from app.presenters import BASES, LEVELS, moment
from app.snapshots import gone, unsealed
from tracker.measures.restating import Count, Move
from tracker.pipeline import RatesQuestion, rates
from tracker.pipeline.restating import Restatement, RestatingQuestion, restatement
from tracker.reports import restatement_list
from tracker.store import audit, snapshot_store
from tracker.store.session import Session, Store
from tracker.store.snapshot_store import Snapshot, SnapshotHead
from tracker.types import VN, Basis, Level

__all__ = [
    "Explained", "counted_now", "explained", "gone", "level_rows", "month_rows", "restatement_json", "seal_of", "write_moves",
]  # fmt: skip

# Codes that an answer shows; all of them are in the file.
MOST_CODES = 50


@dataclass(frozen=True, slots=True)
class KeptFigures:
    """Numerator and denominator of each level as they were kept; levels without any finished dossier are not there."""

    levels: Mapping[str, Count]

    @property
    def all(self) -> Count:
        """All levels."""
        counts = self.levels.values()
        return Count(sum(each.numerator for each in counts), sum(each.denominator for each in counts))


def kept_figures(snapshot: Snapshot, basis: Basis) -> KeptFigures | None:
    """Out of the kept text; None where it cannot be read any more."""
    try:
        rows = json.loads(snapshot.body)["rates"][basis.value]["rows"]
        return KeptFigures(_summed(rows))
    except (ValueError, KeyError, TypeError):
        return None


def _summed(rows: list[dict[str, Any]]) -> Mapping[str, Count]:
    sums: dict[str, Count] = {}
    for row in rows:
        have = sums.get(row["level"], Count(0, 0))
        sums[row["level"]] = Count(have.numerator + row["numerator"], have.denominator + row["denominator"])
    return {level.value: sums[level.value] for level in Level if level.value in sums}


@dataclass(frozen=True, slots=True)
class Explained:
    """A kept month with what became of it. `kept`: None where the text cannot be read."""

    snapshot: Snapshot
    kept: KeptFigures | None
    found: Restatement

    @property
    def is_as_kept(self) -> bool:
        """Does a recount by what was known then give what was kept? Else levels of units changed, or somebody the text."""
        if self.kept is None or self.found.unknown is not None:
            return False
        then = {each.level: each.then for each in self.found.levels if each.then.denominator}
        return then == {level: count for level, count in self.kept.levels.items() if count.denominator}


def explained(store: Store, snapshot: Snapshot, basis: Basis, known: datetime | None = None) -> Explained:
    """What was kept of a month against what is known of it now, or at `known`."""
    first = date.fromisoformat(f"{snapshot.month}-01")
    question = RestatingQuestion(first, snapshot.as_of.date(), basis, snapshot.taken_at, known)
    return Explained(snapshot, kept_figures(snapshot, basis), restatement(store, question))


def write_moves(target: Path | BinaryIO, month: Explained) -> int:
    """All dossiers that count otherwise, as a file; the number of rows."""
    found = month.found
    title = f"Hồ sơ làm đổi tỷ lệ tháng {month.snapshot.month} – {BASES[found.question.basis].lower()} – chốt lúc {moment(month.snapshot.taken_at)}"
    return restatement_list.write(target, found.moves, title, (found.units, found.fields))


# ---------------------------------------------------------------- on pages


@dataclass(frozen=True, slots=True)
class MonthRow:
    """A kept month of the list: when, what (None: the text cannot be read), and is it what the log says?"""

    head: SnapshotHead
    kept: Count | None
    is_sealed: bool


def month_rows(session: Session, heads: Iterable[SnapshotHead], basis: Basis) -> list[MonthRow]:
    """The months in the order given."""
    found = (snapshot_store.find(session, head.month) for head in heads)
    return [_month_row(session, each, basis) for each in found if each is not None]


def _month_row(session: Session, snapshot: Snapshot, basis: Basis) -> MonthRow:
    kept = kept_figures(snapshot, basis)
    head = SnapshotHead(snapshot.month, snapshot.as_of, snapshot.taken_at, snapshot.sha256)
    return MonthRow(head, kept.all if kept else None, not any(unsealed(session, snapshot)))


def counted_now(store: Store, year: int, basis: Basis, now: datetime) -> Mapping[str, Count]:
    """What is counted now of each month of a year."""
    answer = rates(store, RatesQuestion(date(year, 1, 1), date(year, 12, 31), now, ("month",), basis))
    return {row.keys["month"]: Count(row.counts.numerator, row.counts.finished) for row in answer.rows}


@dataclass(frozen=True, slots=True)
class Seal:
    """Is the kept text what the log says, and since when is that sealed (None: not yet)?"""

    is_whole: bool
    sealed_on: date | None


def seal_of(session: Session, snapshot: Snapshot) -> Seal:
    """The seal of the log on the day on which a month was kept."""
    day = snapshot.taken_at.astimezone(VN).date()
    return Seal(not any(unsealed(session, snapshot)), day if audit.is_sealed(session, day) else None)


@dataclass(frozen=True, slots=True)
class LevelRow:
    """A level in words; what was kept of it (None: cannot be read) and what is counted now."""

    name: str
    kept: Count | None
    now: Count


def level_rows(month: Explained) -> list[LevelRow]:
    """All levels that were kept or are counted, and their sum."""
    kept, now = month.kept, {each.level: each.now for each in month.found.levels}
    names = [level for level in Level if level.value in now or (kept and level.value in kept.levels)]
    nothing = Count(0, 0)
    rows = [
        LevelRow(
            LEVELS[level],
            kept.levels.get(level.value, nothing) if kept else None,
            now.get(level.value, nothing),
        )
        for level in names
    ]
    return [*rows, LevelRow("Tất cả các cấp", kept.all if kept else None, month.found.now)]


# ---------------------------------------------------------------- as a document


def restatement_json(month: Explained) -> dict[str, Any]:
    """The answer of `snapshots explain`; figures are null where nothing was known."""
    found = month.found
    known = found.unknown is None
    return {
        "month": month.snapshot.month,
        "basis": found.question.basis.value,
        "taken_at": moment_text(month.snapshot.taken_at),
        "known": moment_text(found.question.known),
        "kept": _count_json(month.kept.all) if month.kept else None,
        "as_kept": month.is_as_kept,
        "then": _count_json(found.then) if known else None,
        "now": _count_json(found.now) if known else None,
        "levels": [
            {"level": each.level, "then": _count_json(each.then), "now": _count_json(each.now)}
            for each in found.levels
        ],
        "exact": found.is_exact,
        "reasons": [
            {
                "reason": each.reason.value,
                "dossiers": each.dossiers,
                "numerator": each.numerator,
                "denominator": each.denominator,
            }
            for each in found.reasons
        ],
        "count": len(found.moves),
        "dossiers": [_move_json(move) for move in found.moves[:MOST_CODES]],
        "unknown": found.unknown,
    }


def _count_json(count: Count) -> dict[str, Any]:
    rate = count.numerator / count.denominator if count.denominator else None
    return {"numerator": count.numerator, "denominator": count.denominator, "rate": rate}


def _move_json(move: Move) -> dict[str, Any]:
    return {
        "code": move.told.code,
        "reason": move.reason.value,
        "then": restatement_list.standing(move.told.then, move.then),
        "now": restatement_list.standing(move.told.now, move.now),
    }
