"""What one source told of dossiers, and whose units these are: what a system that pushes may know and may write."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.store import tellings
from tracker.store.bulk import LOOKUP_SLICE
from tracker.store.models import CodeAlias, Dossier
from tracker.types import VN


class ToldDossier(NamedTuple):
    """A dossier as one source told it: code, status in its own words, dates; nothing of any person."""

    dossier_id: int
    code: str
    status_text: str
    received_at: datetime | None
    due_at: datetime | None
    finished_at: datetime | None
    returned_at: datetime | None


_COLUMNS = (
    Dossier.id, Dossier.code, Dossier.status_text, Dossier.received_at, Dossier.source_due_at, Dossier.finished_at,
    Dossier.returned_at,
)  # fmt: skip


def told_by(
    session: Session, source_id: int, codes: Sequence[str], units: frozenset[int] | None
) -> dict[str, ToldDossier]:
    """Code as it was asked -> what this source told of its dossier; those of other units, and of other sources, are not
    there. `codes` are normal codes.
    """
    kept = kept_as(session, source_id, codes)
    found: dict[str, ToldDossier] = {}
    foreign: dict[str, int] = {}
    for code, row, source, own in _rows(session, sorted(set(kept.values()))):
        if units is not None and not is_within(own, units):
            continue
        if source == source_id:
            found[code] = row
        else:
            foreign[code] = row.dossier_id
    beside = tellings.tellings(session, sorted(foreign.values()))
    for code, dossier_id in foreign.items():
        told = beside.get(dossier_id, {}).get(source_id)
        if told is not None:
            found[code] = _told(dossier_id, code, json.loads(told.body)["values"])
    return {code: found[kept[code]] for code in codes if kept[code] in found}


def kept_as(session: Session, source_id: int, codes: Sequence[str]) -> dict[str, str]:
    """Code of the source -> the code under which its dossier is kept."""
    kept = {code: code for code in codes}
    for part in _slices(codes):
        query = select(CodeAlias.alias, CodeAlias.code)
        for alias, code in session.execute(
            query.where(CodeAlias.source_id == source_id, CodeAlias.alias.in_(part))
        ):
            kept[alias] = code
    return kept


def units_of(session: Session, codes: Sequence[str]) -> dict[str, frozenset[int]]:
    """Code under which a dossier is kept -> the units that resolve and receive it, as far as they are known."""
    return {code: own for code, _, _, own in _rows(session, codes)}


def is_within(own: frozenset[int], units: frozenset[int]) -> bool:
    """Is a dossier of these units within reach? One that nobody has given a unit is."""
    return not own or not own.isdisjoint(units)


def _rows(session: Session, codes: Sequence[str]) -> list[tuple[str, ToldDossier, int, frozenset[int]]]:
    units = (Dossier.source_id, Dossier.resolving_unit_id, Dossier.receiving_unit_id)
    found = []
    for part in _slices(codes):
        for *told, source, resolving, receiving in session.execute(
            select(*_COLUMNS, *units).where(Dossier.code.in_(part))
        ):
            own = frozenset(unit for unit in (resolving, receiving) if unit is not None)
            row = ToldDossier(*told)
            found.append((row.code, row, source, own))
    return found


def _told(dossier_id: int, code: str, values: Mapping[str, Any]) -> ToldDossier:
    names = ("received_at", "source_due_at", "finished_at", "returned_at")
    dates = (None if (at := values.get(name)) is None else datetime.fromtimestamp(at, VN) for name in names)
    return ToldDossier(dossier_id, code, str(values.get("status_text", "")), *dates)


def _slices(values: Sequence[str]) -> list[Sequence[str]]:
    return [values[start : start + LOOKUP_SLICE] for start in range(0, len(values), LOOKUP_SLICE)]
