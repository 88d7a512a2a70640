"""Series of exports with planted signs, loaded as they would have been: each with the moment of its evening; and what was found
held against what was planted.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select

from tracker.pipeline.ingesting import IngestPlan, ingest
from tracker.store import finding_lists
from tracker.store.ids import next_id
from tracker.store.models import Dossier, Letter, LetterStep
from tracker.store.session import Store
from tracker.synthetic.sign_exports import SignSeries
from tracker.synthetic.sign_lives import Life
from tracker.types.finding_lists import FindingQuestion
from tracker.types.findings import FindingKind


def load_series(
    store: Store,
    series: SignSeries,
    calendar_key: str = "B",
    after_each: Callable[[datetime], object] | None = None,
) -> datetime:
    """All exports, one batch after the other, and the apologies; the moment after the last."""
    for export in series.exports:
        ingest(store, calendar_key, IngestPlan((export.table,), export.at, is_full=True), lambda told: None)
        if export.steps is not None:
            later = export.at + timedelta(minutes=5)
            ingest(store, calendar_key, IngestPlan((export.steps,), later), lambda told: None)
        if after_each is not None:
            after_each(export.at + timedelta(minutes=10))
    now = series.exports[-1].at + timedelta(hours=4)
    write_letters(store, series.lives, now)
    return now


def write_letters(store: Store, lives: Iterable[Life], now: datetime) -> None:
    """The apologies of lives that have one, approved."""
    with store.transaction() as session:
        ids = {code: number for code, number in session.execute(select(Dossier.code, Dossier.id))}
        first = next_id(session, Letter.id)
        apologies = [(life, *life.letter) for life in lives if life.letter is not None]
        rows = [
            {
                "id": number, "dossier_id": ids[life.code], "seq": 1, "kind": "overdue", "form": "thử", "state": "approved",
                "unit_id": None, "as_of": written, "due_at": life.due, "new_due_at": new_due, "reason": "",
                "short_code": f"S{number}", "file": "", "number": None, "issued_on": None,
            }
            for number, (life, written, new_due) in enumerate(apologies, first)
        ]  # fmt: skip
        steps = [
            {"letter_id": row["id"], "seq": 1, "step": "approved", "at": now, "actor": "", "note": ""}
            for row in rows
        ]
        if rows:
            session.execute(insert(Letter), rows)
            session.execute(insert(LetterStep), steps)


@dataclass(frozen=True)
class Score:
    """Of a kind: planted and found, found though not planted, planted and not found; by code and sort of dossier."""

    hits: int
    false: tuple[tuple[str, str], ...]
    missed: tuple[tuple[str, str], ...]

    @property
    def found(self) -> int:
        return self.hits + len(self.false)

    @property
    def planted(self) -> int:
        return self.hits + len(self.missed)


def scores(store: Store, lives: Sequence[Life]) -> dict[FindingKind, Score]:
    """What was found of each kind beside what was planted."""
    with store.read() as session:
        rows = list(finding_lists.all_findings(session, FindingQuestion()))
    found = {(row.code, row.kind) for row in rows}
    sorts = {life.code: life.sort for life in lives}
    planted = {(life.code, kind) for life in lives for kind in life.kinds}
    return {
        kind: Score(
            sum(1 for one in found & planted if one[1] is kind),
            tuple(sorted((code, sorts[code]) for code, one in found - planted if one is kind)),
            tuple(sorted((code, sorts[code]) for code, one in planted - found if one is kind)),
        )
        for kind in FindingKind
    }


def sorts_of(pairs: Iterable[tuple[str, str]]) -> dict[str, int]:
    """How many of each sort of dossier."""
    return dict(Counter(sort for _, sort in pairs))
