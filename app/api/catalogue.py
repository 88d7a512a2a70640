"""The catalogues: units with their successors, procedures with their limits of all times."""

from datetime import date
from typing import Annotated, TypeVar

from msgspec import Meta

from app import catalogue_page, current
from app.access import ALL
from app.api.scopes import Scope
from app.api.table import Answer, Call, Operation, Page, Paged
from tracker.store import catalogue_edits
from tracker.timekeeping.limits import parse_limit
from tracker.types import Limit, LimitUnit
from tracker.types.catalogue import KeptProcedure, KeptUnit

T = TypeVar("T")
Query = Annotated[
    str, Meta(max_length=catalogue_page.MOST_QUERY, description="Chữ trong mã hoặc tên, không cần dấu.")
]


class CatalogueAsked(Paged, frozen=True):
    """Which entries; none named: all."""

    q: Query | None = None


class Unit(Answer, frozen=True):
    """A unit of the catalogue; codes of its parent and of what it became part of."""

    id: int
    code: str
    name: str
    kind: str
    level: str
    parent_code: str | None
    successor_code: str | None
    valid_from: date | None
    valid_to: date | None


class UnderstoodLimit(Answer, frozen=True):
    """A limit as it is reckoned with; null units where its text cannot be computed."""

    value: str
    unit: LimitUnit


class PublishedLimit(Answer, frozen=True):
    """A published limit and when it holds; `channel` null: of every way of filing."""

    channel: str | None
    case_name: str | None
    text: str
    understood: UnderstoodLimit | None
    statutory_text: str | None
    day_kind: str | None
    valid_from: date | None
    valid_to: date | None
    source: str


class Procedure(Answer, frozen=True):
    """A procedure with its limits."""

    id: int
    code: str
    name: str
    field: str
    level: str
    limits: list[PublishedLimit]


def units(call: Call) -> Page[Unit]:
    """Units of the catalogue, by their number."""
    with current.context().store.read() as session:
        kept = catalogue_edits.kept_units(session)
    found = catalogue_page.find_units(kept.values(), call.query.q or "", page=1, size=len(kept) or 1)
    rows = sorted((each for each in found.rows if isinstance(each, KeptUnit)), key=lambda each: each.unit_id)
    shown, key = _part(call, [(each.unit_id, each) for each in rows])
    return call.page([_unit(each) for each in shown], key)


def _unit(row: KeptUnit) -> Unit:
    told = row.told
    return Unit(
        row.unit_id, told.code, told.name, told.kind, told.level, told.parent_code or None, told.successor_code or None,
        told.valid_from, told.valid_to,
    )  # fmt: skip


def procedures(call: Call) -> Page[Procedure]:
    """Procedures of the catalogue, by their number."""
    with current.context().store.read() as session:
        kept = catalogue_edits.kept_procedures(session)
    found = catalogue_page.find_procedures(kept.values(), call.query.q or "", page=1, size=len(kept) or 1)
    rows = sorted(
        (each for each in found.rows if isinstance(each, KeptProcedure)), key=lambda each: each.procedure_id
    )
    shown, key = _part(call, [(each.procedure_id, each) for each in rows])
    return call.page([_procedure(each) for each in shown], key)


def _part(call: Call, rows: list[tuple[int, T]]) -> tuple[list[T], tuple[int] | None]:
    after = call.after(int)
    rest = [each for each in rows if after is None or each[0] > after[0]]
    shown = rest[: call.limit]
    call.is_logged = False
    return [each for _, each in shown], (shown[-1][0],) if len(rest) > len(shown) else None


def _procedure(row: KeptProcedure) -> Procedure:
    limits = [
        PublishedLimit(
            told.channel or None, told.case_name or None, told.limit_text, _understood(told.limit_text),
            told.statutory_text or None, told.day_kind or None, told.valid_from, told.valid_to, told.source,
        )
        for told in (each.limit for each in row.limits)
    ]  # fmt: skip
    return Procedure(row.procedure_id, row.code, row.name, row.field, row.level, limits)


def _understood(text: str) -> UnderstoodLimit | None:
    read = parse_limit(text)
    return UnderstoodLimit(str(read.value), read.unit) if isinstance(read, Limit) else None


OPERATIONS = (
    Operation(
        "units", "GET", "/units", Scope.CATALOGUE_READ, ALL, units, Page[Unit], "Đơn vị, cùng đơn vị kế thừa",
        query=CatalogueAsked, is_scoped=False, kept=True,
    ),
    Operation(
        "procedures", "GET", "/procedures", Scope.CATALOGUE_READ, ALL, procedures, Page[Procedure],
        "Thủ tục với thời hạn của mọi lúc", query=CatalogueAsked, is_scoped=False, kept=True,
    ),
)  # fmt: skip
