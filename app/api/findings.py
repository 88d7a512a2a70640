"""Signs that lateness was made to disappear, one by one, and hidden lateness by unit and month. Read only: people explain on pages."""

from datetime import date, datetime
from typing import Annotated

from msgspec import Meta
from werkzeug.exceptions import abort

from app import current, finding_words, hidden_page
from app.access import FINDING_READERS
from app.api.scopes import Scope
from app.api.table import Answer, Asked, Call, Operation, Page, Paged, RowId, Share, share
from app.hidden_page import HiddenFilters, HiddenLine
from tracker.store import finding_lists, finding_said
from tracker.types.finding_lists import FindingQuestion, FindingRow, FindingSaid, FindingSpot, HiddenCount
from tracker.types.findings import EvidenceSide, FindingKind, FindingState, Seen


class FindingsAsked(Paged, frozen=True):
    """Which signs. Days are those on which it happened, both included."""

    kind: FindingKind | None = None
    state: Annotated[FindingState | None, Meta(description="Bỏ trống: mọi tình trạng.")] = None
    unit: RowId | None = None
    start: date | None = None
    end: date | None = None
    gone: Annotated[bool, Meta(description="Những dấu hiệu lần xét sau không còn thấy.")] = False


class SignSide(Answer, frozen=True):
    """One side of the pair: what the source told, and by which load we learnt of it."""

    seen: Seen
    words: str
    at: datetime | None
    until: datetime | None
    told_at: datetime | None
    batch_id: int | None
    last_told_at: datetime | None
    last_batch_id: int | None


class SignLine(Answer, frozen=True):
    """One sign with the pair that shows it; a sign asks for an explanation and accuses nobody."""

    id: int
    code: str
    procedure: str
    unit: str
    unit_id: int | None
    kind: FindingKind
    kind_words: str
    at: datetime
    before: SignSide
    after: SignSide
    facts: dict[str, int]
    state: FindingState
    found_at: datetime
    gone_at: datetime | None


class SignSaid(Answer, frozen=True):
    """What somebody said of it; `by` is a login."""

    state: FindingState
    reason: str
    document: str | None
    by: str
    at: datetime


class Sign(Answer, frozen=True):
    """One sign with everything that was said of it, the newest first."""

    finding: SignLine
    explained_by: str
    also: list[FindingKind]
    history: list[SignSaid]


def findings(call: Call) -> Page[SignLine]:
    """Signs of the own units, the newest first."""
    query, after = call.query, call.after(int, int)
    asked = FindingQuestion(
        unit_ids=current.units_asked(query.unit), kind=query.kind, state=query.state, start=query.start, end=query.end,
        is_gone=query.gone,
    )  # fmt: skip
    spot = FindingSpot(*after) if after else None
    with current.context().store.read() as db:
        found = finding_lists.find_page(db, asked, after=spot, limit=call.limit + 1)
    shown = found[: call.limit]
    call.saw("findings", ids=[each.finding_id for each in shown])
    return call.page([_line(each) for each in shown], shown[-1].spot if len(found) > len(shown) else None)


def finding(call: Call) -> Sign:
    """One sign; 404 for those of other units."""
    finding_id = call.path["finding_id"]
    with current.context().store.read() as db:
        row = finding_lists.find_finding(db, finding_id, current.scope())
        said = finding_said.said_of(db, finding_id) if row else []
    if row is None:
        abort(404)
    call.saw(f"finding:{finding_id}")
    return Sign(
        _line(row),
        finding_words.explained_by(row.kind),
        list(row.evidence.also),
        [_said(each) for each in said],
    )


def _line(row: FindingRow) -> SignLine:
    return SignLine(
        row.finding_id, row.code, row.procedure, row.unit, row.unit_id or None, row.kind, finding_words.kind_words(row.kind),
        row.at, _side(row.evidence.before), _side(row.evidence.after), dict(row.evidence.facts), row.state, row.found_at,
        row.gone_at,
    )  # fmt: skip


def _side(side: EvidenceSide) -> SignSide:
    return SignSide(
        side.seen, finding_words.side_words(side), side.at, side.until, side.told_at, side.batch_id, side.last_told_at,
        side.last_batch_id,
    )  # fmt: skip


def _said(each: FindingSaid) -> SignSaid:
    return SignSaid(each.state, each.reason, each.document or None, each.by, each.at)


# ---------------------------------------------------------------- hidden lateness


class HiddenAsked(Asked, frozen=True):
    """Of which year of ends, of which unit with all below it."""

    year: Annotated[int, Meta(ge=2000, le=2199)] | None = None
    unit: RowId | None = None


class Hidden(Answer, frozen=True):
    """Counts of a unit or month. All but `ended` are of dossiers with complete data; of the rest nobody can say anything."""

    name: str
    unit_id: int | None
    ended: int
    complete: int
    late_by_source: int
    hidden_documented: int
    hidden_promised: int
    hidden: Share
    late_with_hidden: Share


class HiddenLateness(Answer, frozen=True):
    """Hidden lateness of a year: the whole, by unit (the most hidden first), by month of the end ("07/2026")."""

    year: int
    total: Hidden
    units: list[Hidden]
    months: list[Hidden]


def hidden_lateness(call: Call) -> HiddenLateness:
    """In time by the source, late by the documented or the first promised date; over dossiers with complete data."""
    chosen = HiddenFilters(call.query.year or current.now().year, call.query.unit)
    unit_ids = current.units_asked(chosen.unit_id)
    with current.context().store.read() as db:
        shown = hidden_page.shown(db, chosen, unit_ids)
    call.saw("hidden", year=chosen.year)
    return HiddenLateness(
        chosen.year,
        _counted("", shown.total),
        [_hidden(each) for each in shown.units],
        [_hidden(each) for each in shown.months],
    )


def _hidden(line: HiddenLine) -> Hidden:
    return _counted(line.name, line.count, line.unit_id or None)


def _counted(name: str, count: HiddenCount, unit_id: int | None = None) -> Hidden:
    return Hidden(
        name, unit_id, count.ended, count.complete, count.late, count.documented, count.promised,
        share(count.hidden, count.complete), share(count.truly_late, count.complete),
    )  # fmt: skip


OPERATIONS = (
    Operation(
        "findings", "GET", "/findings", Scope.DOSSIERS_READ, FINDING_READERS, findings, Page[SignLine],
        "Dấu hiệu cần giải trình, mới nhất trước, mỗi dấu hiệu một cặp chứng cứ", query=FindingsAsked,
    ),
    Operation(
        "finding", "GET", "/findings/<int:finding_id>", Scope.DOSSIERS_READ, FINDING_READERS, finding, Sign,
        "Một dấu hiệu và những gì đã được ghi về nó",
    ),
    Operation(
        "hidden_lateness", "GET", "/hidden-lateness", Scope.FIGURES_READ, FINDING_READERS, hidden_lateness, HiddenLateness,
        "Độ trễ bị che của một năm, theo đơn vị và tháng, chỉ tính hồ sơ đủ dữ liệu", query=HiddenAsked,
    ),
)  # fmt: skip
