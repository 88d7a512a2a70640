"""Dossiers: the desk's board, the late list on three bases, one by its code, search by code. As the pages, by the same functions."""

from collections.abc import Mapping
from datetime import date, datetime, time
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from werkzeug.exceptions import abort

from app import board as boards
from app import current, presenters
from app.access import OFFICE, OVERVIEW
from app.api.asking import check_text
from app.api.scopes import Scope
from app.api.table import Answer, Asked, Call, Limit, Operation, Page, Paged, RowId, free, person
from app.board import Slot
from app.dossier_page import timeline
from app.works.case_exporting import MOST_COUNTED
from tracker.pipeline import calendar_changes
from tracker.pipeline.late_cases import case_page, count_cases, nothing_known
from tracker.pipeline.proofs import DossierProof, dossier_proof
from tracker.store import board, catalogue
from tracker.store.board import Order
from tracker.store.board_filters import Narrowing
from tracker.store.session import Session
from tracker.text import normal_code
from tracker.types import VN, Basis, Channel, Lateness, State, SuspensionKind
from tracker.types.late_cases import CaseQuestion, CaseSpot, CaseState, LateCase

END_OF_DAY = time(23, 59, 59)
Word = Annotated[str, Meta(max_length=200)]


def end_of(day: date | None, now: datetime) -> datetime:
    """The end of the day asked for, or now."""
    return now if day is None else datetime.combine(day, END_OF_DAY, VN)


class Verdict(Answer, frozen=True):
    """How a dossier stands at the moment asked for; days and minutes are working time."""

    state: State
    late: bool
    late_days: int | None
    late_minutes: int | None
    remaining_minutes: int | None


def verdict_of(lateness: Lateness) -> Verdict:
    """A verdict of the domain."""
    return Verdict(
        lateness.state,
        lateness.is_late,
        lateness.late_days,
        lateness.late_minutes,
        lateness.remaining_minutes,
    )


# ---------------------------------------------------------------- the board


class Standing(StrEnum):
    """A group of the board."""

    FILED = "filed"
    TODAY = "today"
    SOON = "soon"
    OVERDUE = "overdue"
    PAUSED = "paused"
    UNACCEPTED = "unaccepted"
    ON_TRACK = "on_track"
    NO_DUE = "no_due"


class ListOrder(StrEnum):
    """In which order."""

    URGENT = "urgent"
    FARTHEST = "farthest"
    NEWEST = "newest"
    OLDEST = "oldest"


_SLOTS = {each: Slot[each.name] for each in Standing}
_ORDERS = {each: Order[each.name] for each in ListOrder}


class BoardAsked(Paged, frozen=True):
    """Which open dossiers; all that is named holds at once."""

    stand: Annotated[Standing | None, Meta(description="Bỏ trống: mọi hồ sơ đang chạy hạn.")] = None
    order: ListOrder = ListOrder.URGENT
    unit: RowId | None = None
    field: Word | None = None
    channel: Channel | None = None
    mine: Annotated[bool, Meta(description="Chỉ hồ sơ tài khoản này đã nhận hoặc được giao.")] = False
    noted: Annotated[bool, Meta(description="Chỉ hồ sơ có ghi chú.")] = False


class BoardLine(Answer, frozen=True):
    """One open dossier."""

    id: int
    code: str
    procedure: str
    field: str
    unit: str
    applicant: str | None
    received_at: datetime | None
    due_at: datetime | None
    verdict: Verdict


def open_list(call: Call) -> Page[BoardLine]:
    """The board's list, in the order asked for."""
    context, query = current.context(), call.query
    after, judge = call.after(int, int), boards.judge_at(context, current.now())
    with context.store.read() as db:
        asked = boards.BoardQuestion(
            _SLOTS[query.stand] if query.stand else None, current.units_asked(query.unit), _narrowing(db, query),
            _ORDERS[query.order],
        )  # fmt: skip
        cursor = board.Cursor(*after) if after else None
        found = boards.page(db, judge, asked, after=cursor, size=call.limit)
    items = [_board_line(line) for line in found.lines]
    call.saw("list", ids=[line.id for line in items])
    last = found.next_cursor
    return call.page(items, None if last is None else (last.at, last.dossier_id))


def _narrowing(db: Session, query: BoardAsked) -> Narrowing:
    fields = {name: number for number, name in catalogue.fields(db).items()}
    if query.field is not None and query.field not in fields:
        abort(404)
    return Narrowing(
        field_id=fields[query.field] if query.field else None,
        channel=query.channel.value if query.channel else "",
        mine=current.account().account_id if query.mine else None,
        noted=query.noted,
    )


def _board_line(line: boards.Line) -> BoardLine:
    found = line.dossier
    return BoardLine(
        found.cursor.dossier_id, found.code, found.procedure, found.field, found.unit, person(found.applicant),
        found.facts.received_at, found.facts.due_at, verdict_of(line.verdict),
    )  # fmt: skip


# ---------------------------------------------------------------- the late list


class LateAsked(Paged, frozen=True):
    """Which late dossiers. Days include both ends; `as_of` is judged at the end of its day."""

    as_of: Annotated[date | None, Meta(description="Xét tại cuối ngày này; bỏ trống: bây giờ.")] = None
    known: Annotated[date | None, Meta(description="Chỉ theo dữ liệu đã biết đến hết ngày này.")] = None
    basis: Basis = Basis.SOURCE
    state: CaseState = CaseState.OPEN
    unit: RowId | None = None
    field: Word | None = None
    ended_from: date | None = None
    ended_to: date | None = None


class OnBasis(Answer, frozen=True):
    """One due date of a dossier and the verdict on it; null: there is no such date."""

    due_at: datetime | None
    late: bool | None
    late_days: int | None


class LateLine(Answer, frozen=True):
    """One late dossier with all three due dates."""

    id: int
    code: str
    procedure_code: str
    procedure: str
    field: str
    unit: str
    unit_id: int | None
    channel: Channel
    applicant: str | None
    received_at: datetime | None
    ended_at: datetime | None
    state: State
    bases: dict[Basis, OnBasis]
    letter_state: str | None
    reason: str | None
    flags: list[str]


class LateList(Answer, frozen=True):
    """A page of the late list; `count` null: nothing was known by then, `unknown` says why. Counted to 10,000."""

    as_of: datetime
    basis: Basis
    count: int | None
    count_is_capped: bool
    unknown: str | None
    items: list[LateLine]
    next_cursor: str | None
    next: str | None


def late_list(call: Call) -> LateList:
    """Dossiers late on a basis at a moment, by what was known at another."""
    context, asked = current.context(), _question(call.query)
    after = call.after(bool, int, int)
    unknown = nothing_known(context.store, asked)
    if unknown is not None:
        return LateList(asked.as_of, asked.basis, None, False, unknown, [], None, None)
    spot = CaseSpot(*after) if after else None
    found = case_page(context.store, context.calendars, asked, after=spot, limit=call.limit)
    counted = count_cases(context.store, context.calendars, asked, cap=MOST_COUNTED)
    items = [_late_line(case) for case in found.cases]
    call.saw("list", ids=[line.id for line in items], basis=asked.basis.value, state=asked.state.value)
    page = call.page(items, found.after)
    return LateList(
        asked.as_of, asked.basis, counted.found, counted.is_more, None, items, page.next_cursor, page.next
    )


def _question(query: LateAsked) -> CaseQuestion:
    with current.context().store.read() as db:
        fields = frozenset(catalogue.fields(db).values())
    if query.field is not None and query.field not in fields:
        abort(404)
    now = current.now()
    return CaseQuestion(
        as_of=end_of(query.as_of, now),
        basis=query.basis,
        state=query.state,
        start=query.ended_from,
        end=query.ended_to,
        unit_ids=current.units_asked(query.unit),
        field=query.field,
        known=None if query.known is None else end_of(query.known, now),
    )


def _late_line(case: LateCase) -> LateLine:
    bases = {
        basis: OnBasis(due, case.late[basis].is_late if due else None, case.late[basis].late_days)
        for basis, due in case.dues.items()
    }
    return LateLine(
        case.dossier_id, case.code, case.procedure_code, case.procedure, case.field, case.unit, case.unit_id, case.channel,
        person(case.applicant), case.received_at, case.ended_at, case.state, bases, case.letter.state or None,
        free(case.reason), list(case.flags),
    )  # fmt: skip


# ---------------------------------------------------------------- search


class SearchAsked(Asked, frozen=True):
    """The beginning of a code."""

    code: Annotated[str, Meta(min_length=1, max_length=100)]
    limit: Limit = 20


class FoundDossier(Answer, frozen=True):
    """A dossier by its code."""

    code: str
    procedure: str
    unit: str


class Found(Answer, frozen=True):
    """What begins with the code; the exact one first."""

    items: list[FoundDossier]


def search(call: Call) -> Found:
    """By code, or its beginning."""
    limit = min(call.query.limit, current.context().config.api.max_page)
    with current.context().store.read() as db:
        found = board.codes_like(db, normal_code(call.query.code), current.scope(), limit=limit)
    call.saw("search", count=len(found))
    return Found([FoundDossier(*each) for each in found])


# ---------------------------------------------------------------- one dossier


class DossierAsked(Asked, frozen=True):
    """When it is judged."""

    as_of: Annotated[date | None, Meta(description="Xét tại cuối ngày này; bỏ trống: bây giờ.")] = None


class Applicant(Answer, frozen=True):
    """Who applies, as the token may read it."""

    kind: str
    name: str | None
    address: str | None
    phone: str | None


class Pause(Answer, frozen=True):
    """One stretch in which the clock stands; `end` null: still."""

    kind: SuspensionKind
    start: datetime
    end: datetime | None


class DueTold(Answer, frozen=True):
    """A due date that was once told."""

    kind: str
    due_at: datetime | None
    seen_at: datetime
    batch_id: int


class TimelineEntry(Answer, frozen=True):
    """One line of what happened, in words."""

    at: datetime | None
    text: str
    detail: str


class ProofStep(Answer, frozen=True):
    """One step of the reckoning of the documented due date."""

    at: datetime | None
    rule: str
    source: str
    text: str
    due_at: datetime | None


class Dossier(Answer, frozen=True):
    """A dossier with its verdict on each basis, what happened to it, and how its documented due date comes about."""

    id: int
    code: str
    source: str
    as_of: datetime
    procedure_code: str
    procedure: str
    field: str
    limit_text: str
    channel: Channel
    unit: str
    unit_id: int | None
    receiving_unit: str
    returning_unit: str
    officer: str
    applicant: Applicant
    filed_at: datetime | None
    received_at: datetime | None
    due: dict[Basis, datetime | None]
    documented_reason: str | None
    finished_at: datetime | None
    returned_at: datetime | None
    withdrawn_at: datetime | None
    refused_at: datetime | None
    status: str
    late_reason: str | None
    flags: list[str]
    verdicts: dict[Basis, Verdict]
    suspensions: list[Pause]
    dues_seen: list[DueTold]
    timeline: list[TimelineEntry]
    proof_steps: list[ProofStep]
    proof_hash: str | None


def one(call: Call) -> Dossier:
    """One dossier by its code; 404 for those of other units."""
    found = _found(call)
    with current.context().store.read() as db:
        journal = calendar_changes.journal_of_dossier(db, found.answer.row.dossier_id)
    call.saw(f"dossier:{found.answer.row.dossier_id}")
    events = timeline(found.answer, journal, names_visible=current.names_visible())
    return _dossier(found, [TimelineEntry(each.at, each.text, each.detail) for each in events])


def _found(call: Call) -> DossierProof:
    code, context = call.path["code"], current.context()
    check_text("code", code)
    found = dossier_proof(
        context.store,
        context.calendars,
        code,
        as_of=end_of(call.query.as_of if call.query else None, current.now()),
        unit_ids=current.scope(),
        due_soon=context.due_soon,
    )
    if found is None:
        abort(404)
    return found


def _dossier(found: DossierProof, events: list[TimelineEntry]) -> Dossier:
    answer, row, visible = found.answer, found.answer.row, current.names_visible()
    steps = answer.proof.steps if answer.proof else ()
    applicant = Applicant(
        row.applicant_kind.value, person(row.applicant_name),
        presenters.address(row.address, visible=visible) if row.address else None,
        presenters.phone(row.phone, visible=visible) if row.phone else None,
    )  # fmt: skip
    due: Mapping[Basis, datetime | None] = {
        Basis.SOURCE: row.source_due_at, Basis.PROMISED: row.promised_at, Basis.DOCUMENTED: row.documented_due_at,
    }  # fmt: skip
    unit = row.resolving_unit
    return Dossier(
        id=row.dossier_id, code=row.code, source=row.source, as_of=answer.as_of, procedure_code=row.procedure_code,
        procedure=row.procedure, field=row.field, limit_text=row.limit_text, channel=row.channel,
        unit=unit.name if unit else "", unit_id=unit.unit_id if unit else None, receiving_unit=row.receiving_unit,
        returning_unit=row.returning_unit, officer=row.officer_name, applicant=applicant, filed_at=row.filed_at,
        received_at=row.received_at, due=dict(due), documented_reason=row.documented_reason, finished_at=row.finished_at,
        returned_at=row.returned_at, withdrawn_at=row.withdrawn_at, refused_at=row.refused_at, status=row.status.value,
        late_reason=free(row.late_reason), flags=list(row.flags),
        verdicts={basis: verdict_of(each) for basis, each in answer.verdicts.items()},
        suspensions=[Pause(each.kind, each.start, each.end) for each in row.suspensions],
        dues_seen=[DueTold(each.kind, each.due_at, each.seen_at, each.batch_id) for each in row.dues_seen],
        timeline=events, proof_steps=[ProofStep(s.at, s.rule, s.source, s.text, s.due_at) for s in steps],
        proof_hash=found.proof.input_hash if found.proof else None,
    )  # fmt: skip


def proof(call: Call) -> msgspec.Raw:
    """The file from which the *phiếu tính hạn* can be computed again; 404 where there is none."""
    found = _found(call)
    if found.proof is None:
        abort(404)
    call.saw(f"dossier:{found.answer.row.dossier_id}", proof=found.proof.input_hash)
    return msgspec.Raw(found.proof.body)


OPERATIONS = (
    Operation(
        "dossiers", "GET", "/dossiers", Scope.DOSSIERS_READ, OFFICE, open_list, Page[BoardLine],
        "Hồ sơ đang mở của bàn theo dõi, gấp nhất trước", query=BoardAsked,
    ),
    Operation(
        "dossiers_late", "GET", "/dossiers/late", Scope.DOSSIERS_READ, OVERVIEW, late_list, LateList,
        "Hồ sơ quá hạn, theo một trong ba căn cứ, tại một thời điểm", query=LateAsked,
    ),
    Operation(
        "dossiers_search", "GET", "/dossiers/search", Scope.DOSSIERS_READ, OVERVIEW, search, Found,
        "Tìm hồ sơ theo mã hoặc phần đầu của mã", query=SearchAsked,
    ),
    Operation(
        "dossier_proof", "GET", "/dossiers/<path:code>/proof", Scope.DOSSIERS_READ, OVERVIEW, proof, dict[str, Any],
        "Phiếu tính hạn dạng tệp, tính lại được ở máy khác", query=DossierAsked,
    ),
    Operation(
        "dossier", "GET", "/dossiers/<path:code>", Scope.DOSSIERS_READ, OVERVIEW, one, Dossier,
        "Một hồ sơ: ba ngày hẹn, kết luận theo từng căn cứ, quá trình, tạm dừng, cách tính hạn", query=DossierAsked,
    ),
)  # fmt: skip
