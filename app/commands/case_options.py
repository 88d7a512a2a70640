"""What `dunghen audit cases` and `dunghen audit sample` are asked about: the options, and the question that they make."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeVar

import click

from app.audit_query import CaseFilters
from app.audit_query_flags import CHOICES
from app.context import AppContext
from app.options import DAY, time_options
from app.works.case_exporting import CasesAsked, asked_of, filters_of
from app.works.exporting import View
from tracker.errors import UsageError
from tracker.store import catalogue, late_case_queries, saved_query_store
from tracker.store.saved_query_store import SavedRow
from tracker.types import Basis, Channel
from tracker.types.late_cases import CaseState, LetterWish

Command = TypeVar("Command", bound=Callable[..., Any])
EVER = "moi-luc"

_OPTIONS = (
    click.option("--from", "start", type=DAY, help="Kết thúc từ ngày (hồ sơ đã giải quyết)."),
    click.option("--to", "end", type=DAY, help="Kết thúc đến ngày."),
    click.option("--state", type=click.Choice([s.value for s in CaseState]), help="Mặc định: all."),
    click.option("--basis", type=click.Choice([b.value for b in Basis]), help="Mặc định: source."),
    click.option("--unit", help="Mã hoặc tên đơn vị; tính cả các đơn vị bên dưới."),
    click.option("--field", help="Tên lĩnh vực."),
    click.option("--procedure", help="Mã thủ tục."),
    click.option("--channel", type=click.Choice([c.value for c in Channel])),
    click.option("--days-from", type=click.IntRange(0), help="Quá hạn từ bao nhiêu ngày làm việc."),
    click.option("--days-to", type=click.IntRange(0), help="Quá hạn đến bao nhiêu ngày làm việc."),
    click.option("--letter", type=click.Choice([w.value for w in LetterWish if w]), help="Thư xin lỗi."),
    click.option("--no-letter", is_flag=True, help="Như --letter without."),
    click.option("--flag", metavar="CỜ", help="Chỉ hồ sơ có lưu ý này, ví dụ DUE_CHANGED."),
    click.option("--no-reason", is_flag=True, help="Chỉ hồ sơ chưa ghi lý do quá hạn."),
    click.option("--hidden", is_flag=True, help="Quá hạn theo quy định mà nguồn không coi là quá hạn."),
    click.option(
        "--query", metavar="TÊN|SỐ", help="Lấy điều kiện của một truy vấn đã lưu; lựa chọn khác đè lên."
    ),
    click.option("--mask", is_flag=True, help="Che họ tên và lý do ghi tự do."),
)


def case_options(command: Command) -> Command:
    """The filters, --as-of, --known and --mask."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return time_options(command)


@dataclass(frozen=True, slots=True)
class GivenCases:
    """What was typed; all by name as the options are called."""

    as_of: datetime | None
    known: datetime | None
    start: date | None
    end: date | None
    state: str | None
    basis: str | None
    unit: str | None
    field: str | None
    procedure: str | None
    channel: str | None
    days_from: int | None
    days_to: int | None
    letter: str | None
    no_letter: bool
    flag: str | None
    no_reason: bool
    hidden: bool
    query: str | None
    mask: bool


def asked_cases(context: AppContext, given: GivenCases) -> CasesAsked:
    """The question of the options, over that of a saved query.

    Raises:
        UsageError: a unit, field, procedure, flag or saved query that there is not.
    """
    now = given.as_of or context.now()
    chosen = replace(_saved(context, given.query), **_typed(context, given))
    with context.store.read() as session:
        units = None if chosen.unit_id is None else catalogue.unit_subtree(session, chosen.unit_id)
    asked = asked_of(context, chosen, View(now, units, not given.mask))
    return replace(asked, question=replace(asked.question, known=given.known))


def _saved(context: AppContext, query: str | None) -> CaseFilters:
    """The filters to begin with; without a saved query there is no bound of days."""
    if query is None:
        return CaseFilters(period=EVER)
    row = found_query(context, query)
    with context.store.read() as session:
        return filters_of(session, json.loads(row.body))


def found_query(context: AppContext, query: str) -> SavedRow:
    """A saved query by number or name.

    Raises:
        UsageError: there is none, or several of this name.
    """
    with context.store.read() as session:
        rows = saved_query_store.list_queries(session)
    found = [row for row in rows if str(row.query_id) == query] or [row for row in rows if row.name == query]
    if not found:
        raise UsageError(f"không có truy vấn đã lưu nào là {query!r}; xem: dunghen audit queries")
    if len(found) > 1:
        numbers = ", ".join(str(row.query_id) for row in found)
        raise UsageError(f"có nhiều truy vấn tên {query!r}: hãy dùng số ({numbers})")
    return found[0]


def _typed(context: AppContext, given: GivenCases) -> Mapping[str, Any]:
    wish = given.letter or (LetterWish.WITHOUT.value if given.no_letter else None)
    typed: dict[str, Any] = {
        "unit_id": _checked(context, given),
        "field": given.field,
        "procedure": given.procedure,
        "channel": Channel(given.channel) if given.channel else None,
        "basis": Basis(given.basis) if given.basis else None,
        "state": CaseState(given.state) if given.state else None,
        "start": given.start,
        "end": given.end,
        "days_from": given.days_from,
        "days_to": given.days_to,
        "letter": LetterWish(wish) if wish else None,
        "flag": given.flag,
        "is_reason_missing": given.no_reason or None,
        "is_hidden": given.hidden or None,
        # The as-of is a moment here, not the end of a day that was saved.
        "day": None,
    }
    return {name: value for name, value in typed.items() if value is not None or name == "day"}


def _checked(context: AppContext, given: GivenCases) -> int | None:
    """The unit that is meant; everything else that was typed is there as well."""
    with context.store.read() as session:
        unit_id = catalogue.find_unit(session, given.unit) if given.unit else None
        if given.unit and unit_id is None:
            raise UsageError(f"không có đơn vị nào tên hoặc mã {given.unit!r}")
        if given.field and given.field not in set(catalogue.fields(session).values()):
            raise UsageError(f"không có lĩnh vực {given.field!r}")
        if given.procedure and not late_case_queries.has_procedure(session, given.procedure):
            raise UsageError(f"không có thủ tục mã {given.procedure!r}")
    if given.flag and given.flag not in CHOICES:
        raise UsageError(f"không có lưu ý {given.flag!r}; có: {', '.join(sorted(CHOICES))}")
    return unit_id
