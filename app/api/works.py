"""Long work that was asked for: how far it is, the file it made; reports and lists asked for as files."""

from datetime import date, datetime
from typing import Annotated

from msgspec import Meta
from werkzeug.exceptions import abort

from app import current, work_page
from app.access import ALL, OVERVIEW, Role
from app.api.asking import faulty
from app.api.dossiers import Word
from app.api.faults import PREFIX, ApiFault, FieldFault
from app.api.scopes import Scope
from app.api.table import Answer, Asked, Call, File, Operation, Page, Paged, RowId
from app.late_filters import LateFilters
from app.report_kinds import REPORTS, ReportKind
from app.report_question import ReportQuestion
from app.views.work import still_allowed
from app.work_page import title_of
from app.works.asked import ask_export
from app.works.exporting import TYPES, View, made_file
from app.works.reporting import ReportAsked, ask_report, checked
from tracker.store import catalogue, work
from tracker.types import Basis
from tracker.types.late_cases import CaseState
from tracker.types.work import WorkRow, WorkState


class WorkAsked(Answer, frozen=True):
    """Work that was asked for; ask its address how far it is."""

    work_id: int
    address: str

    @classmethod
    def of(cls, work_id: int) -> "WorkAsked":
        """By its number."""
        return cls(work_id, f"{PREFIX}/tasks/{work_id}")


class WorksAsked(Paged, frozen=True):
    """Which work."""

    state: WorkState | None = None


class WorkLine(Answer, frozen=True):
    """A piece of work. `done` of `total` (null: not known); `result`: counts; `file`: its address where it made one."""

    id: int
    kind: str
    title: str
    state: WorkState
    asked_by: str
    asked_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    done: int
    total: int | None
    told: str
    fault: str | None
    fault_code: str | None
    result: dict[str, int]
    file: str | None


def works(call: Call) -> Page[WorkLine]:
    """Own work, and that of kinds which the role looks after; newest first."""
    account, after = current.account(), call.after(int)
    kinds = work_page.kinds_seen_by(account.role)
    with current.context().store.read() as session:
        found = work.list_work(
            session, states=(call.query.state,) if call.query.state else (), kinds=kinds,
            asked_by=None if kinds is None else account.login, before=after[0] if after else None, limit=call.limit + 1,
        )  # fmt: skip
    shown = found[: call.limit]
    call.saw("work", ids=[row.work_id for row in shown])
    return call.page([_line(row) for row in shown], (shown[-1].work_id,) if len(found) > len(shown) else None)


def one(call: Call) -> WorkLine:
    """One piece of work: one's own, or of a kind that the role looks after."""
    row = _found(call.path["work_id"])
    call.saw(f"work:{row.work_id}")
    return _line(row)


def _found(work_id: int) -> WorkRow:
    with current.context().store.read() as session:
        row = work.find_work(session, work_id)
    if row is None or not work_page.rights(current.account(), row).see:
        abort(404)
    return row


def _line(row: WorkRow) -> WorkLine:
    own = row.asked_by == current.account().login
    path = made_file(current.context(), row) if own and still_allowed(row) else None
    numbers = {key: value for key, value in row.result.items() if type(value) is int}
    return WorkLine(
        row.work_id, row.kind, title_of(row), row.state, row.asked_by, row.asked_at, row.started_at, row.ended_at,
        row.progress.done, row.progress.total, row.progress.told, row.fault or None, row.fault_code or None, numbers,
        f"{PREFIX}/tasks/{row.work_id}/file" if path else None,
    )  # fmt: skip


def file(call: Call) -> File:
    """What the work made: to its asker alone, and only while account and token may see as much as when it was asked."""
    row = _found(call.path["work_id"])
    if row.asked_by != current.account().login or not still_allowed(row):
        raise ApiFault("ROLE_NOT_ALLOWED", "Tệp chỉ giao cho người đã yêu cầu, khi quyền vẫn như lúc yêu cầu")
    path = made_file(current.context(), row)
    if path is None:
        abort(404)
    call.saw(f"work:{row.work_id}", kind=row.kind, rows=row.result.get("rows"))
    return File(path, TYPES[path.suffix], path.name)


# ---------------------------------------------------------------- reports


class ReportLine(Answer, frozen=True):
    """A report that the account may take."""

    key: str
    title: str
    about: str
    endings: list[str]
    by_unit: bool


class Reports(Answer, frozen=True):
    """All of them."""

    items: list[ReportLine]


def reports(call: Call) -> Reports:
    """The reports that the role may take."""
    call.is_logged = False
    return Reports(
        [ReportLine(each.key, each.title, each.about, list(each.endings), each.units) for each in _kinds()]
    )


def _kinds() -> list[ReportKind]:
    role, is_scoped = Role(current.account().role), current.scope() is not None
    return [kind for kind in REPORTS.values() if role in kind.roles and (kind.units or not is_scoped)]


class ReportWanted(Asked, frozen=True):
    """A report of a period as a kind of file; without a unit that of the account."""

    report: Annotated[str, Meta(max_length=40)]
    ending: Annotated[str, Meta(pattern=r"^\.(xlsx|docx|csv)$")]
    start: date
    end: date
    unit: RowId | None = None
    basis: Basis = Basis.SOURCE


def ask_for_report(call: Call) -> WorkAsked:
    """Have a report made by a worker."""
    asked: ReportWanted = call.body
    kind = next((each for each in _kinds() if each.key == asked.report), None)
    if kind is None:
        raise faulty([FieldFault("report", "không có báo cáo này, hoặc vai trò không được lấy")])
    unit_id = asked.unit or current.account().unit_id
    unit_ids = current.units_asked(unit_id)
    with current.context().store.read() as db:
        unit = catalogue.units(db).get(unit_id) if unit_id else None
    question = ReportQuestion(
        asked.start, asked.end, current.now(), unit_id, unit_ids, unit.name if unit else "", asked.basis,
        names=current.names_visible(), asked_by=current.account().login,
    )  # fmt: skip
    checked(kind, question, asked.ending)
    filters = {"tu": str(asked.start), "den": str(asked.end)}
    work_id = ask_report(
        current.context(), ReportAsked(kind, question, asked.ending, filters), current.account()
    )
    call.saw(f"work:{work_id}", report=kind.key)
    return WorkAsked.of(work_id)


class LateWanted(Asked, frozen=True):
    """The late list as a workbook."""

    basis: Basis = Basis.SOURCE
    state: CaseState = CaseState.OPEN
    unit: RowId | None = None
    field: Word | None = None
    ended_from: date | None = None
    ended_to: date | None = None
    as_of: date | None = None


def ask_for_late(call: Call) -> WorkAsked:
    """Have the late list made as a workbook by a worker."""
    asked: LateWanted = call.body
    with current.context().store.read() as db:
        if asked.field is not None and asked.field not in catalogue.fields(db).values():
            abort(404)
    chosen = LateFilters(
        asked.unit,
        asked.field,
        asked.basis,
        asked.state.value,
        asked.ended_from,
        asked.ended_to,
        asked.as_of,
        (),
    )
    view = View(current.now(), current.units_asked(asked.unit), current.names_visible())
    work_id = ask_export(current.context(), "late_export", chosen.as_address(), view, current.account())
    call.saw(f"work:{work_id}")
    return WorkAsked.of(work_id)


OPERATIONS = (
    Operation(
        "works", "GET", "/tasks", Scope.WORK_READ, ALL, works, Page[WorkLine], "Việc lâu đã yêu cầu", query=WorksAsked,
        is_scoped=False,
    ),
    Operation(
        "work", "GET", "/tasks/<int:work_id>", Scope.WORK_READ, ALL, one, WorkLine, "Một việc: đến đâu, kết quả, tệp",
        is_scoped=False,
    ),
    Operation(
        "work_file", "GET", "/tasks/<int:work_id>/file", Scope.WORK_READ, ALL, file, None, "Tệp mà việc đã làm ra",
        is_scoped=False,
    ),
    Operation(
        "reports", "GET", "/reports", Scope.REPORTS_WRITE, OVERVIEW, reports, Reports, "Các báo cáo lấy được",
    ),
    Operation(
        "report_ask", "POST", "/reports", Scope.REPORTS_WRITE, OVERVIEW, ask_for_report, WorkAsked,
        "Yêu cầu một báo cáo thành tệp", body=ReportWanted, status=202,
    ),
    Operation(
        "late_export", "POST", "/exports/late", Scope.REPORTS_WRITE, OVERVIEW, ask_for_late, WorkAsked,
        "Yêu cầu danh sách quá hạn thành tệp .xlsx", body=LateWanted, status=202,
    ),
)  # fmt: skip
