"""What may be told twice: one applicant's dossiers under several codes, sources that differ, codes in conflict.

Suggestions only: nothing is joined here. Dossiers of one unit and one source with codes of their own are no doubles, since
people file several dossiers in a day.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from tracker.ingest.several import CODE_CONFLICT, read_body
from tracker.store import catalogue, differing, reported
from tracker.store.differing import DifferingTelling, ReceivedRow
from tracker.store.session import Session, Store
from tracker.store.versions import DAY, VN_OFFSET
from tracker.text import PROVISIONAL, fold
from tracker.types import VN, UnitRef
from tracker.types.reconciling import Disagreement, DoubleGroup, DoubleRow, Doubles

Key = tuple[int, int, str]
UNIT_COLUMN, PROCEDURE_COLUMN = "resolving_unit_id", "procedure_id"


def doubles(store: Store, start: date, end: date, *, unit_ids: frozenset[int] | None = None) -> Doubles:
    """Of dossiers received in a period (both ends included); of some units only what lies in them alone."""
    with store.read() as session:
        groups, looked_at = _groups(session, start, end)
        units = catalogue.units(session)
        procedures = differing.names_of(session, PROCEDURE_COLUMN)
        sources = {number: key for key, number in reported.source_ids(session).items()}
        told = [
            one
            for telling in differing.differing(session)
            if unit_ids is None or telling.unit_id in unit_ids
            for one in _disagreements(session, telling, units, procedures)
        ]
        conflicts = differing.conflicts(session, CODE_CONFLICT) if unit_ids is None else []
    seen = [rows for rows in groups if unit_ids is None or {row.unit_id for row in rows} <= unit_ids]
    return Doubles(
        start,
        end,
        looked_at,
        tuple(sorted((_group(rows, units, procedures, sources) for rows in seen), key=_most_units_first)),
        tuple(told),
        tuple(conflicts),
    )


def differences(session: Session, told: Sequence[DifferingTelling]) -> list[Disagreement]:
    """Where the sources of one dossier say different things, with both values; `told`: by its other sources."""
    if not told:
        return []
    units, procedures = catalogue.units(session), differing.names_of(session, PROCEDURE_COLUMN)
    return [one for telling in told for one in _disagreements(session, telling, units, procedures)]


# ---------------------------------------------------------------- one applicant, several codes


def _groups(session: Session, start: date, end: date) -> tuple[list[list[ReceivedRow]], int]:
    """The groups that may be one dossier, and how many dossiers were looked at.

    Names are compared folded, so they have to be read; of each only its group is kept at first.
    """
    first, last = _opening(start), _opening(end) + DAY - 1
    counted: Counter[Key] = Counter(_key(row) for row in differing.received(session, first, last))
    several = {key for key, count in counted.items() if count > 1}
    rows: dict[Key, list[ReceivedRow]] = {}
    for row in differing.received(session, first, last) if several else ():
        if (key := _key(row)) in several:
            rows.setdefault(key, []).append(row)
    return [group for group in rows.values() if may_be_one(group)], counted.total()


def _key(row: ReceivedRow) -> Key:
    return row.procedure_id, (row.received_at + VN_OFFSET) // DAY, fold(row.applicant)


def may_be_one(rows: Sequence[ReceivedRow]) -> bool:
    """Do these dossiers of one applicant, procedure and day come from several units or sources, or without a code?"""
    units, sources = {row.unit_id for row in rows}, {row.source_id for row in rows}
    return len(units) > 1 or len(sources) > 1 or any(row.code.startswith(PROVISIONAL) for row in rows)


def _group(
    rows: Sequence[ReceivedRow],
    units: Mapping[int, UnitRef],
    procedures: Mapping[int, str],
    sources: Mapping[int, str],
) -> DoubleGroup:
    ordered = sorted(rows, key=lambda row: row.code)
    first = ordered[0]
    return DoubleGroup(
        first.applicant,
        procedures.get(first.procedure_id, ""),
        datetime.fromtimestamp(first.received_at, VN).date(),
        tuple(
            DoubleRow(
                row.dossier_id,
                row.code,
                sources.get(row.source_id, ""),
                _unit_name(units, row.unit_id),
                row.unit_id,
                datetime.fromtimestamp(row.received_at, VN),
                bool(row.is_open),
            )
            for row in ordered
        ),
    )


def _most_units_first(group: DoubleGroup) -> tuple[int, int, date, str]:
    return (
        -len({row.source for row in group.rows}),
        -len({row.unit_id for row in group.rows}),
        group.day,
        group.rows[0].code,
    )


def _opening(day: date) -> int:
    return int(datetime.combine(day, time.min, VN).timestamp())


# ---------------------------------------------------------------- sources that differ


def _disagreements(
    session: Session, telling: DifferingTelling, units: Mapping[int, UnitRef], procedures: Mapping[int, str]
) -> Iterator[Disagreement]:
    """Each field with both values."""
    fields = telling.fields.split()
    ours, theirs = differing.values_of(session, telling.dossier_id, fields), read_body(telling.body).values
    for field in fields:
        yield Disagreement(
            telling.dossier_id,
            telling.code,
            telling.unit,
            telling.unit_id,
            field,
            telling.source,
            _value(field, ours[field], units, procedures),
            telling.other,
            _value(field, theirs.get(field), units, procedures),
        )


def _value(
    field: str, value: Any, units: Mapping[int, UnitRef], procedures: Mapping[int, str]
) -> datetime | str | None:
    if value is None:
        return None
    if field.endswith("_at"):
        return datetime.fromtimestamp(int(value), VN)
    if field == PROCEDURE_COLUMN:
        return procedures.get(int(value), str(value))
    if field == UNIT_COLUMN:
        return _unit_name(units, int(value)) or str(value)
    return str(value)


def _unit_name(units: Mapping[int, UnitRef], unit_id: int | None) -> str:
    unit = None if unit_id is None else units.get(unit_id)
    return unit.name if unit else ""
