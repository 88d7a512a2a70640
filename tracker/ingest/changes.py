"""What a new telling of a dossier changes: a pure decision over the stored version and the one just read."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from tracker.types import DossierVersion, EndKind, SourceStatus


class Verdict(StrEnum):
    """What became of a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    STALE = "stale"


class NewEvent(NamedTuple):
    """Something that happened, as far as two tellings show it; `at` in UTC epoch seconds."""

    at: int
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """The version to store instead, and what to append to the history."""

    version: DossierVersion
    events: tuple[NewEvent, ...]
    new_due: int | None
    due_changed: bool


class Ending(NamedTuple):
    """How a dossier stands, as far as events show it; `ended_at` in UTC epoch seconds."""

    ended_at: int | None
    end_kind: str | None
    status: str


REGRESSION = "STATUS_REGRESSION"
# Where a dossier stands on its way; going back is a regression that keeps its history.
RANK: Mapping[str, int] = {
    SourceStatus.FILED: 0,
    SourceStatus.ACCEPTED: 1,
    SourceStatus.PROCESSING: 2,
    SourceStatus.AWAITING_SUPPLEMENT: 2,
    SourceStatus.AWAITING_FEE: 2,
    SourceStatus.STOPPED: 2,
    SourceStatus.DONE: 3,
    SourceStatus.RETURNED: 4,
}


def is_stale(stored_updated: int | None, new_updated: int | None) -> bool:
    """Does the row tell an older state than the one known? Only a source that dates its rows can say."""
    return stored_updated is not None and new_updated is not None and new_updated < stored_updated


def decide(stored: DossierVersion, told: DossierVersion, *, told_at: int) -> Change:
    """The change from the stored version to the one told at `told_at` (UTC epoch seconds).

    The promised date is the first ever known and stays. Ends that the new telling no longer has are undone by a
    `reopened` event, not deleted from the history.
    """
    promised = stored.promised_at if stored.promised_at is not None else told.promised_at
    flags = set(told.flags.split())
    if _regresses(stored, told):
        flags.add(REGRESSION)
    due_changed = told.source_due_at != stored.source_due_at
    # Another source that takes over has its own date: nobody has moved one.
    if due_changed and stored.source_due_at is not None and stored.source_id == told.source_id:
        flags.add("DUE_CHANGED")
    version = told._replace(promised_at=promised, flags=" ".join(sorted(flags)))
    events = _events(stored, told, told.updated_at or told_at, due_changed=due_changed)
    return Change(version, events, told.source_due_at, due_changed)


def moved_on(before: Ending, told: DossierVersion, *, told_at: int) -> tuple[str, tuple[NewEvent, ...]]:
    """`decide` where nothing but how the dossier stands may differ: the flags and the events."""
    flags = told.flags
    if _regresses(before, told):
        flags = " ".join(sorted({*flags.split(), REGRESSION}))
    return flags, _events(before, told, told.updated_at or told_at, due_changed=False)


def _regresses(stored: DossierVersion | Ending, told: DossierVersion) -> bool:
    before, after = RANK.get(stored.status), RANK.get(told.status)
    return before is not None and after is not None and after < before


def _events(
    stored: DossierVersion | Ending, told: DossierVersion, at: int, *, due_changed: bool
) -> tuple[NewEvent, ...]:
    events = []
    if stored.ended_at is not None and told.ended_at is None:
        events.append(NewEvent(at, "reopened", told.status_text))
    if due_changed:
        events.append(NewEvent(at, "due_changed", ""))
    if told.ended_at is not None and (told.ended_at, told.end_kind) != (stored.ended_at, stored.end_kind):
        events.append(NewEvent(told.ended_at, told.end_kind or EndKind.FINISHED.value, ""))
    elif told.status != stored.status and not events:
        events.append(NewEvent(at, "status_changed", told.status_text))
    return tuple(events)
