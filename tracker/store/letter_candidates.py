"""Dossiers that may be owed an apology: every one that is late on any basis at a moment, or some of these, streamed.

SQL only chooses the candidates, by the partial indexes, so that the cost follows the answer; whether one is owed a
letter decides `letters.obligations` on the bases, late or not by `tracker.timekeeping.lateness.is_late_epoch`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session

from tracker.store.models import Field, Procedure, Unit
from tracker.store.models.dossiers import LOCAL_DAY
from tracker.store.session import kept

VN_OFFSET, SECONDS_A_DAY = 25_200, 86_400
CHUNK = 2_000
SIGNED = ("signed", "numbered", "delivered")
LIVE = ("drafted", "approved", *SIGNED)
NO_STATE = "-"  # PostgreSQL takes an empty list for one of numbers


class Candidate(NamedTuple):
    """A dossier as of the moment asked for; instants in UTC epoch seconds; an end after that moment is None."""

    dossier_id: int
    code: str
    procedure_id: int | None
    field_id: int | None
    resolving_unit_id: int | None
    receiving_unit_id: int | None
    applicant_kind: str
    applicant_name: str
    address: str
    received_at: int | None
    promised_at: int | None
    source_due_at: int | None
    documented_due_at: int | None
    ended_at: int | None
    end_kind: str | None
    suspended_since: int | None
    late_reason: str
    letters: int  # of any state, void ones too: the next one's seq depends on it


@dataclass(frozen=True, slots=True)
class CatalogueUnit:
    """A unit as letters need it."""

    unit_id: int
    code: str
    name: str
    abbreviation: str
    place: str
    signer_title: str
    parent_id: int | None
    valid_to: date | None
    successor_id: int | None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The names that dossiers point to, loaded once for a whole run."""

    units: Mapping[int, CatalogueUnit]
    procedures: Mapping[int, tuple[str, int | None]]  # name, field id
    fields: Mapping[int, str]

    def in_charge(self, unit_id: int, day: date) -> CatalogueUnit | None:
        """The unit that answers on `day` for what `unit_id` resolved: itself or its last successor."""
        unit = self.units.get(unit_id)
        for _step in range(len(self.units)):
            if unit is None or unit.valid_to is None or unit.valid_to >= day or unit.successor_id is None:
                return unit
            unit = self.units.get(unit.successor_id)
        return unit


def load_catalogue(session: Session) -> Catalogue:
    """Units, procedures and fields: small tables, kept by a process that only reads until they change."""
    return kept(session, "catalogue of letters", lambda: _catalogue(session))


def _catalogue(session: Session) -> Catalogue:
    columns = (
        Unit.id,
        Unit.code,
        Unit.name,
        Unit.abbreviation,
        Unit.place,
        Unit.signer_title,
        Unit.parent_id,
    )
    rows = session.execute(select(*columns, Unit.valid_to, Unit.successor_id))
    units = {row[0]: CatalogueUnit(*row) for row in rows}
    procedures = session.execute(select(Procedure.id, Procedure.name, Procedure.field_id))
    fields = session.execute(select(Field.id, Field.name))
    return Catalogue(
        units,
        {key: (name, field_id) for key, name, field_id in procedures},
        dict(fields.all()),
    )


def _day(column: str) -> str:
    return LOCAL_DAY.format(column)


_ENDED_LATE_SOURCE = f"{_day('ended_at')} > {_day('source_due_at')}"
# The same expression may carry a partial index ("ended late on another basis"); without one these rows are scanned.
ENDED_LATE_ELSEWHERE = (
    f"({_day('ended_at')} > {_day('documented_due_at')} OR {_day('ended_at')} > {_day('promised_at')})"
)
_NOT_ENDED_LATE_SOURCE = f"(source_due_at IS NULL OR {_day('ended_at')} <= {_day('source_due_at')})"
_SOURCE_NOT_PASSED = "(source_due_at IS NULL OR source_due_at >= :midnight)"
_ENDED = (
    "ended_at <= :as_of AND (end_kind = 'finished' OR (end_kind = 'refused' AND received_at IS NOT NULL))"
)
_WITHDRAWN = "ended_at <= :as_of AND end_kind = 'withdrawn' AND received_at IS NOT NULL"
_REOPENED = "ended_at > :as_of AND received_at <= :as_of"  # it ended later: at as-of it was open
_OPEN = "ended_at IS NULL AND received_at <= :as_of"

_OPEN_BRANCHES = (
    (True, f"{_OPEN} AND source_due_at < :midnight"),
    (True, f"{_OPEN} AND documented_due_at < :midnight AND {_SOURCE_NOT_PASSED}"),
    (
        True,
        f"{_OPEN} AND promised_at < :midnight AND {_SOURCE_NOT_PASSED}"
        " AND (documented_due_at IS NULL OR documented_due_at >= :midnight)",
    ),
)
# What is late on the day of as-of and ends later, ends late as well: the index of ended rows serves both.
_ENDED_BRANCHES = (
    (False, f"{_ENDED_LATE_SOURCE} AND {_ENDED}"),
    (False, f"{ENDED_LATE_ELSEWHERE} AND {_NOT_ENDED_LATE_SOURCE} AND {_ENDED}"),
    (True, f"{_ENDED_LATE_SOURCE} AND {_REOPENED} AND source_due_at < :midnight"),
    (
        True,
        f"{ENDED_LATE_ELSEWHERE} AND {_SOURCE_NOT_PASSED} AND {_REOPENED}"
        " AND (documented_due_at < :midnight OR promised_at < :midnight)",
    ),
)
_BRANCHES = (*_ENDED_BRANCHES, *_OPEN_BRANCHES)
# Taken back after the due date: nothing is owed, and the ledger shows it.
_WITHDRAWN_BRANCHES = (
    f"{_ENDED_LATE_SOURCE} AND {_WITHDRAWN}",
    f"{ENDED_LATE_ELSEWHERE} AND {_NOT_ENDED_LATE_SOURCE} AND {_WITHDRAWN}",
)
# The earliest suspension that stands at as-of; a status that says "suspended" without a date stands since ever.
_SUSPENDED_SINCE = (
    "COALESCE((SELECT MIN(s.start_at) FROM suspension s WHERE s.dossier_id = dossier.id AND s.kind <> 'none'"
    " AND s.start_at <= :as_of AND (s.end_at IS NULL OR s.end_at > :as_of)),"
    " CASE WHEN suspended_from <= :as_of THEN suspended_from END,"
    " CASE WHEN status IN ('awaiting_supplement', 'awaiting_fee', 'stopped') THEN 0 END)"
)
# PostgreSQL wants to know what kind of nothing stands in the branches of a union.
_NO_INSTANT, _NO_TEXT = "CAST(NULL AS BIGINT)", "CAST(NULL AS VARCHAR)"
_COLUMNS = (
    "id, code, procedure_id, field_id, resolving_unit_id, receiving_unit_id, applicant_kind, applicant_name, address,"
    " received_at, promised_at, source_due_at, documented_due_at"
)
# Never accepted, withdrawn or deleted dossiers are judged by their status first (lateness.classify).
_COUNTED = "status NOT IN ('deleted', 'refused', 'withdrawn')"
_COUNTED_WITHDRAWN = "status NOT IN ('deleted', 'refused')"


def _branch(is_open: bool, condition: str, counted: str, more: str) -> str:
    ended = (
        f"{_NO_INSTANT}, {_NO_TEXT}, {_SUSPENDED_SINCE}" if is_open else f"ended_at, end_kind, {_NO_INSTANT}"
    )
    accepted = " AND status <> 'filed'" if is_open else ""
    return (
        f"SELECT {_COLUMNS}, {ended}, late_reason,"
        " (SELECT COUNT(*) FROM letter l WHERE l.dossier_id = dossier.id)"
        f" FROM dossier WHERE {condition} AND {counted}{accepted}{more}"
        # A bare l.state would tempt SQLite to search by state, through every draft there is, for each dossier.
        " AND NOT EXISTS (SELECT 1 FROM letter l"
        " WHERE l.dossier_id = dossier.id AND COALESCE(l.state, '') IN :having AND l.promise <> 'renewed')"
    )


def late_candidates(
    session: Session,
    *,
    as_of_epoch: int,
    unit_ids: frozenset[int] | None = None,
    having: tuple[str, ...] = LIVE,
    open_until_epoch: int | None = None,
    withdrawn: bool = False,
) -> Iterator[list[Candidate]]:
    """Chunks of dossiers late on any basis at as-of, without those that have a letter in one of the states `having`.

    `unit_ids` are resolving units (None = all). Suspended dossiers are among them, with the start of the suspension.
    `open_until_epoch`: also open dossiers that are due before that instant's date, and so will be late; `withdrawn`: also
    those that were taken back late.
    """
    asked = _Asked(as_of_epoch, _local_midnight(max(as_of_epoch, open_until_epoch or 0)), having)
    units = None if unit_ids is None else sorted(unit_ids)
    yield from _found(session, asked, _kinds(_BRANCHES, withdrawn=withdrawn), unit_ids=units)


def open_candidates(
    session: Session, *, as_of_epoch: int, open_until_epoch: int
) -> Iterator[list[Candidate]]:
    """Of `late_candidates`, whatever letters they have, those without an end: found by what is open, however many ended."""
    asked = _Asked(as_of_epoch, _local_midnight(max(as_of_epoch, open_until_epoch)), ())
    yield from _found(session, asked, _kinds(_OPEN_BRANCHES))


def ended_among(
    session: Session, dossier_ids: Sequence[int], *, as_of_epoch: int, open_until_epoch: int
) -> Iterator[list[Candidate]]:
    """Of `late_candidates`, those taken back and whatever letters they have, the ones among these that have an end."""
    asked = _Asked(as_of_epoch, _local_midnight(max(as_of_epoch, open_until_epoch)), ())
    yield from _among(session, asked, _kinds(_ENDED_BRANCHES, withdrawn=True), dossier_ids)


def candidates_among(
    session: Session,
    dossier_ids: Sequence[int],
    *,
    as_of_epoch: int,
    open_until_epoch: int,
    having: tuple[str, ...] = LIVE,
) -> Iterator[list[Candidate]]:
    """Of `late_candidates` those among these dossiers."""
    asked = _Asked(as_of_epoch, _local_midnight(max(as_of_epoch, open_until_epoch)), having)
    yield from _among(session, asked, _kinds(_BRANCHES), dossier_ids)


def _among(
    session: Session, asked: "_Asked", kinds: Sequence["_Kind"], dossier_ids: Sequence[int]
) -> Iterator[list[Candidate]]:
    for start in range(0, len(dossier_ids), CHUNK):
        yield from _found(session, asked, kinds, among=dossier_ids[start : start + CHUNK])


class _Asked(NamedTuple):
    """Of which moment, due before which one, and without those that have a letter in which state."""

    as_of: int
    midnight: int
    having: tuple[str, ...]


_Kind = tuple[bool, str, str]
"""Is it open at as-of, by what is it found, how is its status counted."""


def _kinds(branches: Iterable[tuple[bool, str]], *, withdrawn: bool = False) -> list[_Kind]:
    late = [(is_open, condition, _COUNTED) for is_open, condition in branches]
    taken_back = [(False, condition, _COUNTED_WITHDRAWN) for condition in _WITHDRAWN_BRANCHES]
    return late + (taken_back if withdrawn else [])


def _found(
    session: Session,
    asked: _Asked,
    kinds: Iterable[_Kind],
    *,
    unit_ids: Sequence[int] | None = None,
    among: Sequence[int] | None = None,
) -> Iterator[list[Candidate]]:
    more = "" if unit_ids is None else " AND resolving_unit_id IN :unit_ids"
    if among is not None:
        more += f" AND id IN ({', '.join(str(int(number)) for number in among)})"
    branches = [_branch(is_open, condition, counted, more) for is_open, condition, counted in kinds]
    query = text(" UNION ALL ".join(branches)).bindparams(bindparam("having", expanding=True))
    values: dict[str, object] = {
        "as_of": asked.as_of,
        "midnight": asked.midnight,
        "having": list(asked.having) or [NO_STATE],
    }
    if unit_ids is not None:
        query = query.bindparams(bindparam("unit_ids", expanding=True))
        values["unit_ids"] = unit_ids
    found = session.execute(query, values, execution_options={"stream_results": True})
    for rows in found.partitions(CHUNK):
        yield [Candidate._make(row) for row in rows]


def dossiers_ended_after(session: Session, epoch: int) -> Iterator[int]:
    """The dossiers that ended, or are said to end, after an instant."""
    query = text("SELECT id FROM dossier WHERE ended_at > :epoch")
    return iter(session.scalars(query, {"epoch": epoch}))


def _local_midnight(epoch: int) -> int:
    """The instant at which the local date of `epoch` begins: what was due before it, was due on an earlier date."""
    return (epoch + VN_OFFSET) // SECONDS_A_DAY * SECONDS_A_DAY - VN_OFFSET
