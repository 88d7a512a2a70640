"""One dossier, told by several sources: whose values stand, what the others fill in, and where they say something else.

Pure. The source placed first governs: what it tells stands, even where it tells an empty cell. The others fill only the
columns that it has never told. Nothing is averaged or guessed; a difference is flagged and shown, never settled here.
"""

import json
from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

from tracker.ingest.columns import told_columns
from tracker.ingest.dates import VN_OFFSET
from tracker.ingest.partial import FILLS, FLAGGED_COLUMN, completed
from tracker.types import Channel, DossierVersion

SOURCES_DISAGREE = "SOURCES_DISAGREE"
CODE_CONFLICT = "CODE_CONFLICT"
DAY = 86_400
# Field of a version -> the column that tells it: dates are compared by their local day, since sources round times.
COMPARED_DAYS = {
    "received_at": "received_at",
    "source_due_at": "due_at",
    "finished_at": "finished_at",
    "returned_at": "returned_at",
    "withdrawn_at": "withdrawn_at",
    "refused_at": "refused_at",
}
COMPARED_WORDS = {
    "procedure_id": "procedure_code",
    "resolving_unit_id": "resolving_unit",
    "channel": "channel",
}
SAYS_NOTHING = (None, "", Channel.UNKNOWN.value)


@dataclass(frozen=True, slots=True)
class Body:
    """What a source that does not govern tells: its columns, and the values that they fill by the names of a version."""

    columns: frozenset[str]
    values: Mapping[str, Any]

    def as_json(self) -> str:
        """As the store keeps it."""
        told = {"columns": sorted(self.columns), "values": dict(self.values)}
        return json.dumps(told, ensure_ascii=False, sort_keys=True)


def body_of(version: DossierVersion, columns: Set[str]) -> Body:
    """What a version tells by some columns."""
    names = {name for column in columns for name in FILLS.get(column, (column,))}
    values = {name: getattr(version, name) for name in DossierVersion._fields if name in names}
    return Body(frozenset(columns), values)


def read_body(text: str) -> Body:
    """A body as the store keeps it."""
    told = json.loads(text)
    return Body(frozenset(told["columns"]), told["values"])


def disagreements(version: DossierVersion, other: Body) -> tuple[str, ...]:
    """The fields that both tell and that say something else, in order; one that has no value for words disagrees with none."""
    both = told_columns(version.told) & other.columns
    found = [
        name
        for name, column in COMPARED_DAYS.items()
        if column in both and _day(getattr(version, name)) != _day(other.values.get(name))
    ]
    for name, column in COMPARED_WORDS.items():
        mine, theirs = getattr(version, name), other.values.get(name)
        if column in both and mine not in SAYS_NOTHING and theirs not in SAYS_NOTHING and mine != theirs:
            found.append(name)
    return tuple(found)


def filled_in(current: DossierVersion, told: DossierVersion, columns: Set[str]) -> DossierVersion:
    """The governing version with what only another source tells; derived values come after."""
    free = frozenset(columns) - told_columns(current.told)
    if not free:
        return current
    version = completed(current, told, free)
    flags = set(current.flags.split())
    flags |= {flag for flag in told.flags.split() if FLAGGED_COLUMN.get(flag) in free}
    flags -= {flag for flag in flags if FLAGGED_COLUMN.get(flag) in free and flag not in told.flags.split()}
    return version._replace(
        source_id=current.source_id,
        row_hash=current.row_hash,
        promised_at=current.promised_at if current.promised_at is not None else told.promised_at,
        updated_at=current.updated_at,
        told=current.told,
        flags=" ".join(sorted(flags)),
    )


def with_disagreement(version: DossierVersion, *, disagrees: bool) -> DossierVersion:
    """The version with the flag, or without it."""
    flags = set(version.flags.split()) - {SOURCES_DISAGREE}
    if disagrees:
        flags.add(SOURCES_DISAGREE)
    return version._replace(flags=" ".join(sorted(flags)))


def is_another_dossier(stored: tuple[int | None, int | None], told: tuple[int | None, int | None]) -> bool:
    """Do a code's (procedure, reception) differ in both? Then two dossiers bear one code, and a person decides."""
    return all(a is not None and b is not None for a, b in zip(stored, told, strict=True)) and (
        stored[0] != told[0] and _day(stored[1]) != _day(told[1])
    )


def _day(at: Any) -> int | None:
    return None if at is None else (int(at) + VN_OFFSET) // DAY
