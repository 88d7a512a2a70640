"""Rates and the points of a criterion, each figure with its parts. As the pages, by the same functions."""

from datetime import date, datetime
from fractions import Fraction
from typing import Annotated

import msgspec
from msgspec import Meta
from werkzeug.exceptions import abort

from app import current
from app import rates_page as tables
from app.access import ALL, OVERVIEW, Role
from app.api.asking import faulty
from app.api.dossiers import Word
from app.api.faults import FieldFault
from app.api.scopes import Scope
from app.api.table import Answer, Asked, Call, Operation, RowId, Share, share
from app.rates_page import GROUPS, MOST_GROUPS, Narrowing, RateLine, RatesFilters, RateTable
from tracker.pipeline import ScoreQuestion
from tracker.pipeline.budget import BudgetAnswer, budget
from tracker.store import catalogue
from tracker.types import Basis, BasisRate

Group = Annotated[str, Meta(pattern="^(level|unit|field|procedure|month|channel)$")]


class RatesAsked(Asked, frozen=True):
    """Of which period, by which groups, on which basis. Days include both ends."""

    start: Annotated[date, Meta(description="Từ ngày.")]
    end: Annotated[date, Meta(description="Đến ngày.")]
    by: Annotated[list[Group], Meta(max_length=3, description="Chia theo, nhiều nhất 3 mục.")] = (
        msgspec.field(default_factory=list)
    )
    basis: Basis = Basis.SOURCE
    unit: RowId | None = None
    field: Word | None = None
    as_of: Annotated[date | None, Meta(description="Xét tại cuối ngày này; bỏ trống: bây giờ.")] = None
    known: Annotated[date | None, Meta(description="Chỉ theo dữ liệu đã biết đến hết ngày này.")] = None


class OnBasisRate(Answer, frozen=True):
    """The share in time on one basis; `computed` of `total` finished dossiers have a due date on it. Null: not known."""

    rate: Share | None
    computed: int | None
    total: int | None


class RateCounts(Answer, frozen=True):
    """carried_over + received = finished + withdrawn + no_due + open."""

    received: int
    carried_over: int
    finished: int
    early: int
    on_time: int
    late: int
    open: int
    open_late: int
    open_no_due: int
    suspended: int
    withdrawn: int
    refused: int
    no_due: int


class RateGroup(Answer, frozen=True):
    """One row: its groups, its counts, its share in time. `small`: too few dossiers for a share to say much."""

    keys: dict[str, str]
    counts: RateCounts
    rate: Share
    bases: dict[Basis, OnBasisRate]
    small: bool
    balanced: bool


class Rates(Answer, frozen=True):
    """A table of rates; without rows and with a reason in `unknown` where nothing was known."""

    start: date
    end: date
    as_of: datetime
    basis: Basis
    unknown: str | None
    rows: list[RateGroup]
    total: RateGroup | None
    excluded: dict[str, int] | None


def rates(call: Call) -> Rates:
    """The table of the question, as far as the account sees: of its own units alone, and of those asked for."""
    query: RatesAsked = call.query
    if query.end < query.start:
        raise faulty([FieldFault("end", "đứng trước start")])
    chosen, now = _filters(query), current.now()
    table = _table(query, chosen)
    call.saw("rates", rows=len(table.lines), basis=query.basis.value)
    if table.unknown is not None:
        return Rates(query.start, query.end, chosen.as_of(now), query.basis, table.unknown, [], None, None)
    rows = [_group(chosen.by, line) for line in table.lines]
    whole = _group((), table.total)
    excluded = None if table.excluded is None else dict(table.excluded)
    return Rates(query.start, query.end, chosen.as_of(now), query.basis, None, rows, whole, excluded)


def _filters(query: RatesAsked) -> RatesFilters:
    by = tuple(name for name in GROUPS if name in query.by)[:MOST_GROUPS] or ("unit",)
    return RatesFilters(
        query.start, query.end, "", by, query.basis, query.unit, query.field, query.as_of, query.known,
        "ten" if tables.MONTH in by else "tre",
    )  # fmt: skip


def _table(query: RatesAsked, chosen: RatesFilters) -> RateTable:
    context, codes = current.context(), None
    unit_ids = current.units_asked(query.unit)
    with context.store.read() as db:
        if query.field is not None and query.field not in catalogue.fields(db).values():
            abort(404)
        if unit_ids is not None:
            codes = frozenset(unit.code for key, unit in catalogue.units(db).items() if key in unit_ids)
    narrow = Narrowing(codes, query.field)
    return tables.rate_table(
        context.store, chosen, narrow, now=current.now(), small=context.config.small_denominator
    )


def _group(by: tuple[str, ...], line: RateLine) -> RateGroup:
    counts = line.counts
    return RateGroup(
        dict(zip(by, line.keys, strict=True)) if by else {},
        RateCounts(**{name: getattr(counts, name) for name in RateCounts.__struct_fields__}),
        share(counts.numerator, counts.finished),
        {basis: _on_basis(rate) for basis, rate in line.bases.items()},
        line.is_small,
        line.is_balanced,
    )


def _on_basis(rate: BasisRate) -> OnBasisRate:
    known = rate.numerator is not None and rate.denominator is not None
    return OnBasisRate(
        share(rate.numerator or 0, rate.denominator or 0) if known else None, rate.computed, rate.total
    )


# ---------------------------------------------------------------- criterion 3.4.1


class ScoreAsked(Asked, frozen=True):
    """Of which year, on which basis."""

    year: Annotated[int, Meta(ge=2012, le=2199)] | None = None
    basis: Basis = Basis.SOURCE


class Exact(Answer, frozen=True):
    """A number as its fraction, and rounded for people."""

    numerator: int
    denominator: int
    value: float


class ScorePart(Answer, frozen=True):
    """One unit's and field's part."""

    unit: str
    field: str
    rate: Share
    late: int


class Score(Answer, frozen=True):
    """The points of a criterion with all that makes them; null where they cannot be told, with the reason."""

    criterion: str
    edition: str
    edition_name: str
    edition_verified: bool
    edition_source: str
    formula: str
    year: int
    basis: Basis
    as_of: datetime
    rate: Share | None
    points: Exact | None
    max_points: Exact | None
    threshold: Exact | None
    late: int | None
    budget_late: int | None
    headroom: int | None
    open_keepable: int | None
    one_more_late_costs: Exact | None
    parts: list[ScorePart]
    unknown: str | None
    points_unknown: str | None


def score(call: Call) -> Score:
    """Criterion 3.4.1 of a year, and how many late dossiers it still allows."""
    context, now = current.context(), current.now()
    year = min(call.query.year or now.year, now.year)
    question = ScoreQuestion("3.4.1", year, now, context.config.score_edition, call.query.basis)
    found = budget(context.store, question)
    call.saw("criterion:3.4.1", year=year, basis=question.basis.value)
    return _score(found)


def _score(found: BudgetAnswer) -> Score:
    told = found.score
    known = told.numerator is not None and told.denominator is not None
    return Score(
        criterion=told.criterion, edition=told.edition, edition_name=told.edition_name,
        edition_verified=told.edition_verified, edition_source=told.edition_source, formula=told.formula, year=told.year,
        basis=told.basis, as_of=told.as_of,
        rate=share(told.numerator or 0, told.denominator or 0) if known else None,
        points=exact(told.points), max_points=exact(told.max_points), threshold=exact(told.threshold or None),
        late=told.late, budget_late=told.budget_late, headroom=told.headroom,
        open_keepable=found.open.keepable if found.open else None,
        one_more_late_costs=exact(found.cost.points_lost) if found.cost else None,
        parts=[ScorePart(each.unit, each.field, share(each.numerator, each.denominator), each.late) for each in told.lines],
        unknown=told.unknown, points_unknown=told.points_unknown,
    )  # fmt: skip


def exact(value: Fraction | None) -> Exact | None:
    """A fraction of the domain."""
    return None if value is None else Exact(value.numerator, value.denominator, float(value))


OPERATIONS = (
    Operation(
        "rates", "GET", "/rates", Scope.FIGURES_READ, ALL, rates, Rates,
        "Tỷ lệ giải quyết của một kỳ, chia theo nhóm, kèm tử số và mẫu số", query=RatesAsked,
    ),
    Operation(
        "criterion", "GET", "/criteria/3.4.1", Scope.FIGURES_READ, OVERVIEW | {Role.ADMIN}, score, Score,
        "Điểm tiêu chí 3.4.1 và số hồ sơ trễ còn được phép", query=ScoreAsked,
    ),
)  # fmt: skip
