"""Catalogue look-ups: names as sources write them -> ids; unknown ones get a row of their own and are counted."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from tracker.store.ids import next_id
from tracker.store.models import (
    Field,
    LimitExtra,
    Procedure,
    ProcedureAlias,
    ProcedureLimit,
    Source,
    Unit,
    UnitAlias,
)
from tracker.store.session import kept
from tracker.text import fold, storable
from tracker.types import Level, UnitRef

# No name is longer; and PostgreSQL takes keys of an index up to 2,700 bytes only.
MAX_NAME = 400


def source_id(session: Session, key: str) -> int:
    """The id of a source; a new key becomes a new source after the others."""
    key = _key(key)
    found = session.scalar(select(Source.id).where(Source.key == key))
    if found is not None:
        return found
    number = next_id(session, Source.id)
    session.execute(insert(Source), [{"id": number, "key": key, "name": key, "priority": number}])
    return number


def _key(text: str) -> str:
    return storable(text)[:MAX_NAME]


class Resolver:
    """Names -> ids for one batch, cached; creates what the catalogue does not hold.

    A unit nobody knows has level `unknown`: it is left out of every score, which says how many such dossiers.
    """

    def __init__(self, session: Session, before_writing: Callable[[], None]) -> None:
        """`before_writing` is called before a row is made: somebody else may be at work on the connection."""
        self._session, self._before_writing = session, before_writing
        self._units: dict[str, int] = {
            folded: unit_id
            for folded, unit_id in session.execute(select(UnitAlias.folded, UnitAlias.unit_id))
        }
        self._fields = {folded: n for folded, n in session.execute(select(Field.folded, Field.id))}
        self._procedures: dict[str, tuple[int, int | None]] = {
            code: (n, field_id)
            for code, n, field_id in session.execute(select(Procedure.code, Procedure.id, Procedure.field_id))
        }
        self._procedure_aliases = procedure_aliases(session)
        self._by_id = {found[0]: found for found in self._procedures.values()}
        self._codes: dict[int | None, str] = {None: ""}
        self._codes.update({found[0]: code for code, found in self._procedures.items()})
        if self._procedure_aliases:
            # A code that a person says is another procedure's goes there, also where it once had a row of its own.
            self._procedures = {code: self._owner(code) or found for code, found in self._procedures.items()}
        self._unit_cells: dict[str, int | None] = {"": None}
        self._field_cells: dict[str, int | None] = {"": None}
        self._unknown = {
            unit_id
            for (unit_id,) in session.execute(select(Unit.id).where(Unit.level == Level.UNKNOWN.value))
        }

    def units(self, names: Sequence[str]) -> list[int | None]:
        """The unit of each cell."""
        for name in set(names) - self._unit_cells.keys():
            self.unit(name)
        return [self._unit_cells[name] for name in names]

    def fields(self, names: Sequence[str]) -> list[int | None]:
        """The field of each cell."""
        for name in set(names) - self._field_cells.keys():
            self.field(name)
        return [self._field_cells[name] for name in names]

    def procedures(
        self, codes: Sequence[str], names: Sequence[str], field_ids: Sequence[int | None]
    ) -> tuple[list[int | None], list[int | None]]:
        """The procedure and its own field of each row."""
        pairs = [
            self._procedures.get(code) or self.procedure(code, name, field_id)
            for code, name, field_id in zip(codes, names, field_ids, strict=True)
        ]
        return [pair[0] for pair in pairs], [pair[1] for pair in pairs]

    def unit(self, name: str) -> int | None:
        """The unit of a cell; None for an empty one."""
        if name not in self._unit_cells:
            folded = _key(fold(name))
            if folded not in self._units:
                self._units[folded] = self._new_unit(name, folded)
            self._unit_cells[name] = self._units[folded]
        return self._unit_cells[name]

    def knows_unknown_units(self) -> bool:
        """Is there any unit that no catalogue holds?"""
        return bool(self._unknown)

    def is_unknown(self, unit_id: int | None) -> bool:
        """Is this a unit that no catalogue holds?"""
        return unit_id is not None and unit_id in self._unknown

    def _new_unit(self, name: str, folded: str) -> int:
        self._before_writing()
        number = next_id(self._session, Unit.id)
        row = {"id": number, "code": f"?{number}", "name": name[:MAX_NAME], "level": Level.UNKNOWN.value}
        empty = {"abbreviation": "", "kind": "unknown", "place": "", "signer_title": ""}
        self._session.execute(insert(Unit), [row | empty])
        self._session.execute(insert(UnitAlias), [{"folded": folded, "unit_id": number}])
        self._unknown.add(number)
        return number

    def field(self, name: str) -> int | None:
        """The field of a cell; None for an empty one."""
        if name not in self._field_cells:
            folded = _key(fold(name))
            if folded not in self._fields:
                self._before_writing()
                number = next_id(self._session, Field.id)
                self._session.execute(
                    insert(Field), [{"id": number, "folded": folded, "name": name[:MAX_NAME]}]
                )
                self._fields[folded] = number
            self._field_cells[name] = self._fields[folded]
        return self._field_cells[name]

    def procedure(self, code: str, name: str, field_id: int | None) -> tuple[int | None, int | None]:
        """(procedure, its field); by code, without one by name."""
        key = _key(code or (f"?{fold(name)}" if name else ""))
        if not key:
            return None, None
        if key not in self._procedures and (owner := self._owner(key)) is not None:
            self._procedures[key] = owner
        if key not in self._procedures:
            self._before_writing()
            number = next_id(self._session, Procedure.id)
            row = {"id": number, "code": key, "name": (name or code)[:MAX_NAME], "field_id": field_id}
            self._session.execute(insert(Procedure), [row])
            self._procedures[key] = (number, field_id)
            self._codes[number] = key
        return self._procedures[key]

    def codes(self, procedure_ids: Sequence[int | None]) -> list[str]:
        """The code of each procedure in the catalogue, under which its limits are; empty for none."""
        codes = self._codes
        return [codes[number] for number in procedure_ids]

    def _owner(self, key: str) -> tuple[int, int | None] | None:
        """The procedure whose other code or name this is."""
        number = self._procedure_aliases.get(alias_key(key.removeprefix("?")))
        return None if number is None else self._by_id.get(number)


def alias_key(text: str) -> str:
    """A code or name as aliases of procedures are kept: folded, and no longer than a key may be."""
    return _key(f"?{fold(text)}")[1:]


def procedure_aliases(session: Session) -> dict[str, int]:
    """Folded codes and names -> the procedure that they belong to."""
    query = select(ProcedureAlias.folded, ProcedureAlias.procedure_id)
    return {folded: number for folded, number in session.execute(query)}


class LimitRow(NamedTuple):
    """A published limit as the catalogue holds it; `channel` "" = every channel without one of its own."""

    procedure: str
    channel: str
    limit_text: str
    day_kind: str
    valid_from: date
    valid_to: date | None
    case_name: str
    statutory_text: str
    source: str


def published_limits(session: Session, procedure: str | None = None) -> list[LimitRow]:
    """All published limits of the whole catalogue or of one procedure, in the order in which they were entered."""
    query = select(
        Procedure.code,
        ProcedureLimit.channel,
        ProcedureLimit.limit_text,
        ProcedureLimit.day_kind,
        ProcedureLimit.valid_from,
        ProcedureLimit.valid_to,
        ProcedureLimit.case_name,
        ProcedureLimit.statutory_text,
        ProcedureLimit.source,
    ).join(Procedure, Procedure.id == ProcedureLimit.procedure_id)
    if procedure is not None:
        query = query.where(Procedure.code == procedure)
    return [LimitRow(*row) for row in session.execute(query.order_by(ProcedureLimit.id))]


class ExtraRow(NamedTuple):
    """What is added to limits in communes of a class; `procedure` "" = of all procedures of the field."""

    procedure: str
    field_id: int | None
    commune_class: str
    extra_text: str
    day_kind: str
    valid_from: date
    valid_to: date | None
    source: str


def limit_extras(session: Session) -> list[ExtraRow]:
    """All extras of the catalogue, in the order in which they were entered."""
    e = LimitExtra
    query = (
        select(
            func.coalesce(Procedure.code, ""), e.field_id, e.commune_class, e.extra_text, e.day_kind,
            e.valid_from, e.valid_to, e.source,
        )
        .outerjoin(Procedure, Procedure.id == e.procedure_id)
        .order_by(e.id)
    )  # fmt: skip
    return [ExtraRow(*row) for row in session.execute(query)]


def commune_classes(session: Session) -> dict[int, str]:
    """The class of the commune of each unit that has one."""
    query = select(Unit.id, Unit.commune_class).where(Unit.commune_class != "")
    return {unit_id: word for unit_id, word in session.execute(query)}


def units(session: Session) -> dict[int, UnitRef]:
    """All units by id."""
    return kept(session, "units", lambda: _units(session))


def unit_names(session: Session) -> Mapping[int, str]:
    """The names of all units by id."""
    return kept(session, "names of units", lambda: {key: unit.name for key, unit in units(session).items()})


def _units(session: Session) -> dict[int, UnitRef]:
    u = Unit
    columns = (u.id, u.code, u.name, u.level, u.kind, u.parent_id, u.valid_from, u.valid_to, u.successor_id)
    return {row[0]: unit_ref(*row) for row in session.execute(select(*columns).order_by(u.id))}


@lru_cache(10_000)
def unit_ref(number: int, code: str, name: str, level: str, *more: Any) -> UnitRef:
    """A unit as it stands in its row; made once a process, since lists of units are asked for by most pages."""
    return UnitRef(number, code, name, Level(level), *more)


def unit_subtree(session: Session, unit_id: int) -> frozenset[int]:
    """A unit, all below it, and those whose successor one of them is: what its people may see."""
    belonging = kept(session, "units belonging to others", lambda: _belonging(units(session).values()))
    inside, fresh = {unit_id}, [unit_id]
    while fresh:
        found = belonging.get(fresh.pop(), frozenset()) - inside
        inside |= found
        fresh.extend(found)
    return frozenset(inside)


def _belonging(every: Iterable[UnitRef]) -> dict[int, frozenset[int]]:
    """By unit: those right below it, and those whose successor it is."""
    belonging: dict[int, set[int]] = {}
    for unit in every:
        for owner in (unit.parent_id, unit.successor_id):
            if owner is not None:
                belonging.setdefault(owner, set()).add(unit.unit_id)
    return {owner: frozenset(found) for owner, found in belonging.items()}


def find_unit(session: Session, text: str) -> int | None:
    """A unit by code, name or alias."""
    return session.scalar(select(UnitAlias.unit_id).where(UnitAlias.folded == fold(text)))


def units_by_alias(session: Session) -> Mapping[str, int]:
    """All names and codes of units, folded, and whose they are."""
    query = select(UnitAlias.folded, UnitAlias.unit_id)
    return kept(session, "units by alias", lambda: {folded: key for folded, key in session.execute(query)})


def fields(session: Session) -> Mapping[int, str]:
    """All fields by id, in order of name."""
    query = select(Field.id, Field.name).order_by(Field.folded)
    return kept(session, "fields", lambda: {number: name for number, name in session.execute(query)})
