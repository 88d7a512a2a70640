"""Fills an empty store with the shipped catalogues: units, and procedures with their limits.

Shipped data are a beginning; the office's own changes are never overwritten: a table that has rows is left alone.
"""

import csv
from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from itertools import count
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from tracker.store.catalogue_edits import named_alone, put_procedure_aliases
from tracker.store.locks import Lock, hold
from tracker.store.models import Field, LimitExtra, Procedure, ProcedureLimit, Source, Unit, UnitAlias
from tracker.text import fold

MAIN_SOURCE = ("main", "Hệ thống một cửa")
Row = Mapping[str, str]


def seed_catalogues(session: Session) -> None:
    """Fill what is empty: the main source, units, procedures."""
    hold(session, Lock.SEED)
    if _is_empty(session, Source):
        key, name = MAIN_SOURCE
        session.execute(insert(Source), [{"id": 1, "key": key, "name": name, "priority": 1}])
    if _is_empty(session, Unit):
        _seed_units(session, _table("units.csv"))
    if _is_empty(session, Procedure):
        _seed_procedures(session, _table("procedures.csv"))


def is_seeded(session: Session) -> bool:
    """Have the catalogues been filled? All of them are in one transaction."""
    return not _is_empty(session, Source)


def _is_empty(session: Session, model: type) -> bool:
    return session.scalar(select(func.count()).select_from(model)) == 0


def _table(name: str) -> list[Row]:
    text = files("tracker.data").joinpath(name).read_text("utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _seed_units(session: Session, rows: list[Row]) -> None:
    ids = {row["code"]: number for number, row in enumerate(rows, 1)}
    session.execute(
        insert(Unit), [_unit(row, ids) | {"parent_id": None, "successor_id": None} for row in rows]
    )
    # Second pass: parents and successors may stand anywhere in the list.
    for row in rows:
        parent, successor = ids.get(row["parent_code"]), ids.get(row["successor_code"])
        if parent or successor:
            unit = session.get_one(Unit, ids[row["code"]])
            unit.parent_id, unit.successor_id = parent, successor
    session.flush()
    session.execute(insert(UnitAlias), _aliases(rows, ids))


def _unit(row: Row, ids: Mapping[str, int]) -> dict[str, Any]:
    return {
        "id": ids[row["code"]],
        "code": row["code"],
        "name": row["name"],
        "abbreviation": row["abbreviation"],
        "kind": row["kind"],
        "level": row["level"],
        "valid_from": _day(row["valid_from"]),
        "valid_to": _day(row["valid_to"]),
        "place": row["place"],
        "signer_title": row["signer_title"],
    }


def _aliases(rows: list[Row], ids: Mapping[str, int]) -> list[dict[str, Any]]:
    """Every spelling of every unit; where two units share one, the unit still in being wins."""
    spellings: dict[str, int] = {}
    for row in sorted(rows, key=lambda row: not row["valid_to"]):
        for spelling in (row["code"], row["name"], *row["aliases"].split("|")):
            if spelling.strip():
                spellings[fold(spelling)] = ids[row["code"]]
    return [{"folded": folded, "unit_id": unit_id} for folded, unit_id in spellings.items()]


def _seed_procedures(session: Session, rows: list[Row]) -> None:
    names = dict.fromkeys(row["field"] for row in rows)
    fields = {name: number for number, name in enumerate(names, 1)}
    session.execute(
        insert(Field), [{"id": n, "folded": fold(name), "name": name} for name, n in fields.items()]
    )
    ids: dict[str, int] = {}
    for row in rows:
        ids.setdefault(row["code"], len(ids) + 1)
    first = {row["code"]: row for row in reversed(rows)}
    session.execute(
        insert(Procedure),
        [
            {
                "id": ids[code],
                "code": code,
                "name": row["name"],
                "field_id": fields[row["field"]],
                "level": row["level"],
            }
            for code, row in first.items()
        ],
    )
    put_procedure_aliases(session, named_alone(session, [row["name"] for row in first.values()]))
    numbers = count(1)
    session.execute(insert(ProcedureLimit), [_limit(row, next(numbers), ids) for row in rows])
    extras = _table("limit_extras.csv")
    session.execute(insert(LimitExtra), [_extra(row, number, fields) for number, row in enumerate(extras, 1)])


def _extra(row: Row, number: int, fields: Mapping[str, int]) -> dict[str, Any]:
    return {
        "id": number,
        "procedure_id": None,
        "field_id": fields[row["field"]],
        "commune_class": row["commune_class"],
        "extra_text": row["extra_text"],
        "day_kind": row["day_kind"],
        "valid_from": _day(row["valid_from"]),
        "valid_to": _day(row["valid_to"]),
        "source": row["source"],
    }


def _limit(row: Row, number: int, ids: Mapping[str, int]) -> dict[str, Any]:
    return {
        "id": number,
        "procedure_id": ids[row["code"]],
        "channel": row["channel"],
        "limit_text": row["limit_text"],
        "day_kind": row["day_kind"],
        "valid_from": _day(row["valid_from"]) or date(2018, 1, 1),
        "valid_to": _day(row["valid_to"]),
        "source": row["source"],
    }
