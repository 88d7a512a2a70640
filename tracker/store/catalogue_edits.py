"""The catalogues as they stand, and what persons and their files write into them.

Ids are assigned here: whoever makes procedures, units or fields holds `Lock.INGEST` (an ingest makes them too), whoever
writes limits, extras or aliases `Lock.ACCOUNTS`. Decides nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from tracker.store import cause_marks
from tracker.store.catalogue import MAX_NAME, alias_key
from tracker.store.ids import next_id
from tracker.store.models import (
    Field,
    LimitExtra,
    Procedure,
    ProcedureAlias,
    ProcedureLimit,
    Unit,
    UnitAlias,
)
from tracker.text import fold, storable
from tracker.types import Level
from tracker.types.catalogue import (
    ExtraTold,
    KeptExtra,
    KeptLimit,
    KeptProcedure,
    KeptUnit,
    LimitTold,
    UnitTold,
)

# Codes of rows that were made for a name or code that no catalogue holds begin with it.
MADE_UP = "?"


# ---------------------------------------------------------------- as it stands


def kept_procedures(session: Session) -> dict[str, KeptProcedure]:
    """All procedures with their limits and aliases, by code, in order of code."""
    aliases: dict[int, list[str]] = {}
    for folded, number in session.execute(
        select(ProcedureAlias.folded, ProcedureAlias.procedure_id).order_by(ProcedureAlias.folded)
    ):
        aliases.setdefault(number, []).append(folded)
    limits = _limits(session)
    query = (
        select(Procedure.id, Procedure.code, Procedure.name, func.coalesce(Field.name, ""), Procedure.level)
        .outerjoin(Field, Field.id == Procedure.field_id)
        .order_by(Procedure.code)
    )
    return {
        code: KeptProcedure(
            number, code, name, field, level, tuple(aliases.get(number, ())), tuple(limits.get(number, ()))
        )
        for number, code, name, field, level in session.execute(query)
    }


def _limits(session: Session) -> dict[int, list[KeptLimit]]:
    found: dict[int, list[KeptLimit]] = {}
    table = ProcedureLimit
    order = (table.procedure_id, table.channel, table.case_name, table.valid_from)
    for row in session.scalars(select(table).order_by(*order)):
        limit = LimitTold(
            row.channel, row.case_name, row.limit_text, row.statutory_text, row.day_kind, row.valid_from,
            row.valid_to, row.source,
        )  # fmt: skip
        found.setdefault(row.procedure_id, []).append(KeptLimit(row.id, limit))
    return found


def kept_extras(session: Session) -> list[KeptExtra]:
    """All extras, in the order in which they were entered."""
    query = (
        select(LimitExtra, func.coalesce(Procedure.code, ""), func.coalesce(Field.name, ""))
        .outerjoin(Procedure, Procedure.id == LimitExtra.procedure_id)
        .outerjoin(Field, Field.id == LimitExtra.field_id)
        .order_by(LimitExtra.id)
    )
    return [
        KeptExtra(
            row.id,
            code,
            field,
            ExtraTold(
                row.commune_class, row.extra_text, row.day_kind, row.valid_from, row.valid_to, row.source
            ),
        )
        for row, code, field in session.execute(query)
    ]


def kept_units(session: Session) -> dict[str, KeptUnit]:
    """All units by code, in the order in which they were entered, the made-up ones among them."""
    rows = list(session.scalars(select(Unit).order_by(Unit.id)))
    codes = {row.id: row.code for row in rows}
    aliases: dict[int, list[str]] = {}
    for folded, number in unit_aliases(session).items():
        aliases.setdefault(number, []).append(folded)
    return {row.code: _unit(row, codes, aliases.get(row.id, ())) for row in rows}


def _unit(row: Unit, codes: Mapping[int, str], aliases: Sequence[str]) -> KeptUnit:
    own = {fold(row.code), fold(row.name)}
    told = UnitTold(
        row=0,
        code=row.code,
        name=row.name,
        abbreviation=row.abbreviation,
        kind=row.kind,
        level="" if row.level == Level.UNKNOWN.value else row.level,
        parent_code=codes.get(row.parent_id or 0, ""),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        successor_code=codes.get(row.successor_id or 0, ""),
        place=row.place,
        signer_title=row.signer_title,
        commune_class=row.commune_class,
        aliases=tuple(folded for folded in aliases if folded not in own),
    )
    return KeptUnit(row.id, told, is_known=not row.code.startswith(MADE_UP))


def unit_aliases(session: Session) -> dict[str, int]:
    """Folded spellings -> the unit that they mean, in order."""
    query = select(UnitAlias.folded, UnitAlias.unit_id).order_by(UnitAlias.folded)
    return {folded: number for folded, number in session.execute(query)}


# ---------------------------------------------------------------- procedures


class ProcedureEntry(NamedTuple):
    """A procedure to be written; `procedure_id` 0 = a new one, `field` "" = none."""

    procedure_id: int
    code: str
    name: str
    field: str
    level: str


def put_procedures(session: Session, entries: Sequence[ProcedureEntry]) -> dict[str, int]:
    """Write procedures; code -> id. Call within `Lock.INGEST`."""
    fields = _fields(session, [entry.field for entry in entries])
    ids: dict[str, int] = {}
    number = next_id(session, Procedure.id)
    for entry in entries:
        values = {
            "name": storable(entry.name)[:MAX_NAME],
            "field_id": fields.get(fold(entry.field)),
            "level": entry.level,
        }
        if entry.procedure_id:
            session.execute(update(Procedure).where(Procedure.id == entry.procedure_id).values(values))
        else:
            session.execute(insert(Procedure), [{"id": number, "code": entry.code, **values}])
        ids[entry.code] = entry.procedure_id or number
        number += not entry.procedure_id
    return ids


def _fields(session: Session, names: Iterable[str]) -> dict[str, int]:
    """Folded name -> field; those that are not there yet are made."""
    known = {folded: number for folded, number in session.execute(select(Field.folded, Field.id))}
    number = next_id(session, Field.id)
    for name in names:
        folded = fold(name)
        if folded and folded not in known:
            session.execute(insert(Field), [{"id": number, "folded": folded, "name": name[:MAX_NAME]}])
            known[folded] = number
            number += 1
    return known


def put_limits(session: Session, procedure_id: int, limits: Iterable[KeptLimit]) -> None:
    """Write limits of a procedure, those with `limit_id` 0 as new ones. Call within `Lock.ACCOUNTS`."""
    # Known ones first: they end before new ones begin.
    for kept in sorted(limits, key=lambda each: not each.limit_id):
        values = _dated(kept.limit) | {
            "channel": kept.limit.channel,
            "case_name": kept.limit.case_name,
            "limit_text": kept.limit.limit_text,
            "statutory_text": kept.limit.statutory_text,
        }
        if kept.limit_id:
            session.execute(update(ProcedureLimit).where(ProcedureLimit.id == kept.limit_id).values(values))
        else:
            row = {"id": next_id(session, ProcedureLimit.id), "procedure_id": procedure_id, **values}
            session.execute(insert(ProcedureLimit), [row])


def _dated(told: LimitTold | ExtraTold) -> dict[str, Any]:
    return {
        "day_kind": told.day_kind,
        "valid_from": told.valid_from,
        "valid_to": told.valid_to,
        "source": told.source,
    }


def put_extra(session: Session, kept: KeptExtra) -> None:
    """Write an extra, as a new one where `extra_id` is 0. Call within `Lock.ACCOUNTS` and `Lock.INGEST`."""
    fields = _fields(session, [kept.field]) if kept.field else {}
    procedure = select(Procedure.id).where(Procedure.code == kept.procedure)
    values = _dated(kept.extra) | {
        "procedure_id": session.scalar(procedure) if kept.procedure else None,
        "field_id": None if kept.procedure else fields.get(fold(kept.field)),
        "commune_class": kept.extra.commune_class,
        "extra_text": kept.extra.extra_text,
    }
    if kept.extra_id:
        session.execute(update(LimitExtra).where(LimitExtra.id == kept.extra_id).values(values))
    else:
        session.execute(insert(LimitExtra), [{"id": next_id(session, LimitExtra.id), **values}])


def put_procedure_aliases(session: Session, aliases: Mapping[str, int]) -> None:
    """Say that codes or names belong to procedures, whatever was said before. Call within `Lock.ACCOUNTS`."""
    rows = {alias_key(text): number for text, number in aliases.items() if text.strip()}
    session.execute(delete(ProcedureAlias).where(ProcedureAlias.folded.in_(rows)))
    if rows:
        session.execute(
            insert(ProcedureAlias), [{"folded": key, "procedure_id": number} for key, number in rows.items()]
        )


# ---------------------------------------------------------------- units


class UnitEntry(NamedTuple):
    """A unit to be written; `unit_id` 0 = a new one. Parent and successor are told by their codes."""

    unit_id: int
    told: UnitTold


def put_units(session: Session, entries: Sequence[UnitEntry]) -> dict[str, int]:
    """Write units, then their parents and successors, which may stand anywhere among them; code -> id.

    Call within `Lock.INGEST`.
    """
    number = next_id(session, Unit.id)
    ids: dict[str, int] = {}
    for entry in entries:
        if entry.unit_id:
            session.execute(update(Unit).where(Unit.id == entry.unit_id).values(_values(entry.told)))
        else:
            empty = {"parent_id": None, "successor_id": None}
            session.execute(insert(Unit), [{"id": number, **_values(entry.told), **empty}])
        ids[entry.told.code] = entry.unit_id or number
        number += not entry.unit_id
    known = {code: unit_id for code, unit_id in session.execute(select(Unit.code, Unit.id))}
    for entry in entries:
        links = {
            "parent_id": known.get(entry.told.parent_code),
            "successor_id": known.get(entry.told.successor_code),
        }
        session.execute(update(Unit).where(Unit.id == ids[entry.told.code]).values(links))
    return ids


def _values(told: UnitTold) -> dict[str, Any]:
    return {
        "code": told.code,
        "name": told.name[:MAX_NAME],
        "abbreviation": told.abbreviation,
        "kind": told.kind,
        "level": told.level or Level.UNKNOWN.value,
        "valid_from": told.valid_from,
        "valid_to": told.valid_to,
        "place": told.place,
        "signer_title": told.signer_title,
        "commune_class": told.commune_class,
    }


def put_unit_aliases(session: Session, aliases: Mapping[str, int]) -> None:
    """Say which unit spellings mean, whatever was said before. Call within `Lock.INGEST` or for known spellings alone."""
    rows = {storable(fold(text))[:MAX_NAME]: number for text, number in aliases.items() if text.strip()}
    standing = unit_aliases(session)
    cause_marks.mark_renamed(session, {key for key, number in rows.items() if standing.get(key) != number})
    session.execute(delete(UnitAlias).where(UnitAlias.folded.in_(rows)))
    if rows:
        session.execute(
            insert(UnitAlias), [{"folded": key, "unit_id": number} for key, number in rows.items()]
        )


def close_moved(session: Session, moved: Mapping[int, int], old: Iterable[int]) -> None:
    """`close_unit` for each of the old units, by where they moved."""
    for unit_id in old:
        close_unit(session, unit_id, moved[unit_id])


def field_ids(session: Session, names: Iterable[str]) -> frozenset[int]:
    """The fields of these names."""
    folded = [fold(name) for name in names]
    return frozenset(session.scalars(select(Field.id).where(Field.folded.in_(folded))))


def has_extras(session: Session) -> bool:
    """Do any limits depend on the commune?"""
    return session.scalar(select(LimitExtra.id).limit(1)) is not None


def close_unit(session: Session, unit_id: int, successor_id: int) -> None:
    """A made-up unit turned out to be another one: whoever may see that one sees what was told under the old name."""
    session.execute(update(Unit).where(Unit.id == unit_id).values(successor_id=successor_id))


def named_alone(session: Session, names: Iterable[str]) -> dict[str, int]:
    """Names that exactly one procedure of the catalogue bears -> that procedure."""
    by_name: dict[str, list[int]] = {}
    query = select(Procedure.name, Procedure.id).where(~Procedure.code.startswith(MADE_UP))
    for name, number in session.execute(query):
        by_name.setdefault(fold(name), []).append(number)
    return {name: owners[0] for name in names if len(owners := by_name.get(fold(name), [])) == 1}
