"""Rates of a month kept as they were known on a day: what is counted, how it is written down, and how a recount differs."""

import calendar as months
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from hashlib import sha256
from typing import Any

from app.figure_json import rates_json, score_json
from tracker.measures.scoring import CRITERION
from tracker.pipeline import RatesQuestion, ScoreQuestion, rates, score
from tracker.store import audit, snapshot_store
from tracker.store.audit import Act, ActFilter
from tracker.store.session import Session, Store
from tracker.store.snapshot_store import Snapshot
from tracker.types import VN, Basis

ACTOR, ACTION, SUBJECT = "snapshots", "snapshot_keep", "month:"
MOST_MONTHS = 1_200  # a hundred years of the log
GROUPS = ("level", "unit", "field")
LAST_SECOND = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class SnapshotQuestion:
    """Which month, by which edition of the score, as known when (None: now)."""

    first: date
    edition: str
    known: datetime | None = None

    @property
    def month(self) -> str:
        """YYYY-MM."""
        return f"{self.first:%Y-%m}"

    @property
    def last(self) -> date:
        """The last day of the month."""
        return self.first.replace(day=months.monthrange(self.first.year, self.first.month)[1])

    @property
    def as_of(self) -> datetime:
        """The moment by which it is judged: the end of the month."""
        return datetime.combine(self.last, LAST_SECOND, VN)


def month_before(day: date) -> date:
    """The first day of the month before that of a date."""
    return date(day.year - (day.month == 1), (day.month - 2) % 12 + 1, 1)


def counted(store: Store, question: SnapshotQuestion) -> dict[str, Any] | None:
    """The figures of a month: rates on every basis, and the year's score up to its end; None where nothing was known."""
    tables = {}
    for basis in Basis:
        asked = RatesQuestion(question.first, question.last, question.as_of, GROUPS, basis, question.known)
        answer = rates(store, asked)
        if answer.unknown is not None:
            return None
        tables[basis.value] = rates_json(answer)
    year = ScoreQuestion(
        CRITERION, question.first.year, question.as_of, question.edition, known=question.known
    )
    return {"month": question.month, "rates": tables, "score": score_json(score(store, year))}


def body_of(figures: Mapping[str, Any], last_batch: int) -> str:
    """The figures as they are kept: one text for equal figures. `last_batch`: the newest load that they rest on."""
    whole = {**figures, "last_batch": last_batch}
    return json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest_of(body: str) -> str:
    """Its SHA-256."""
    return sha256(body.encode()).hexdigest()


def act_of(snapshot: Snapshot) -> Act:
    """The entry of the log that binds a snapshot to it."""
    detail = {"sha256": snapshot.sha256, "as_of": snapshot.as_of.isoformat()}
    return Act(snapshot.taken_at, ACTOR, ACTION, subject_of(snapshot.month), detail)


def subject_of(month: str) -> str:
    """What the log calls a month."""
    return f"{SUBJECT}{month}"


# ---------------------------------------------------------------- checking


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where a recount, or the log, says something else than what was kept; None: not there."""

    place: str
    kept: Any
    now: Any


def differences(store: Store, session: Session, snapshot: Snapshot) -> list[Difference]:
    """What speaks against a snapshot: its own SHA-256, that of the log, and a recount by what was known when it was taken."""
    found = list(unsealed(session, snapshot))
    try:
        body = json.loads(snapshot.body)
        first = date.fromisoformat(f"{body['month']}-01")
        question = SnapshotQuestion(first, body["score"]["edition"], snapshot.taken_at)
    except (ValueError, KeyError, TypeError):
        return [*found, Difference("body", "không đọc được", None)]
    kept = {name: value for name, value in body.items() if name != "last_batch"}
    now = json.loads(json.dumps(counted(store, question)))
    return [*found, *compared("", kept, now)]


def gone(session: Session) -> list[str]:
    """Months that the log tells of and that are not kept any more."""
    kept = {subject_of(each.month) for each in snapshot_store.heads(session)}
    acts = audit.find_acts(session, ActFilter(ACTOR, ACTION), limit=MOST_MONTHS)
    told = dict.fromkeys(each.act.subject for each in acts)
    return [subject.removeprefix(SUBJECT) for subject in told if subject not in kept]


def unsealed(session: Session, snapshot: Snapshot) -> Iterator[Difference]:
    """What speaks against the text as it lies there: its own SHA-256, and that of the log."""
    real = digest_of(snapshot.body)
    if real != snapshot.sha256:
        yield Difference("sha256", snapshot.sha256, real)
    entries = audit.find_acts(
        session, ActFilter(ACTOR, ACTION, subject_of(snapshot.month)), limit=MOST_MONTHS
    )
    logged = entries[-1].act.detail.get("sha256") if entries else None
    if logged != real:
        yield Difference("log", real, logged)


# Counts by reason: a reason that was not there when the month was kept is a difference.
BY_REASON = ("excluded", "left_out")


def compared(place: str, kept: Any, now: Any) -> Iterator[Difference]:
    """Where two documents differ; rows of a list are told apart by what they are of, not by where they stand.

    Answers grow with the program: a figure that was not kept cannot be held against anything, and is none.
    """
    has_any = place.rpartition(".")[2] in BY_REASON
    if isinstance(kept, list) and isinstance(now, list):
        kept, now, has_any = _by_name(kept), _by_name(now), True
    if isinstance(kept, dict) and isinstance(now, dict):
        for name in {**kept, **now} if has_any else kept:
            inside = f"{place}.{name}" if place else str(name)
            yield from compared(inside, kept.get(name), now.get(name))
    elif kept != now:
        yield Difference(place, _short(kept), _short(now))


def _by_name(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {" / ".join(str(row[name]) for name in GROUPS if name in row): row for row in rows}


def _short(value: Any) -> Any:
    """A row that is there only once is told by its counts."""
    if not isinstance(value, dict):
        return value
    return {name: value[name] for name in ("numerator", "denominator") if name in value}
