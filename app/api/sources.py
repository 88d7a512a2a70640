"""Where the data comes from: sources, loads and what could not be used of them; a file brought in to be loaded."""

from datetime import datetime
from typing import Annotated, Any

from flask import request
from msgspec import Meta
from werkzeug.exceptions import abort

from app import current, sources_page
from app.access import IMPORTERS, SOURCES_READERS
from app.api.faults import ApiFault
from app.api.scopes import Scope
from app.api.table import Answer, Asked, Call, Operation, Page, Paged, RowId
from app.api.works import WorkAsked
from app.import_page import SOURCE_KEY, code_word
from app.importing import ask_about, new_import, store_files
from tracker.errors import UsageError
from tracker.ingest.redaction import redact
from tracker.store import loads, rejections
from tracker.store.loads import LoadRow
from tracker.types.rejections import KeptRejection, RejectionState

MIB = 1024 * 1024
# How a file may be called what it is; what it is, its content says.
FILE_TYPES = frozenset({"application/octet-stream", "text/csv", "application/json", "application/zip", "application/xml",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/vnd.ms-excel"})  # fmt: skip


class LoadedFile(Answer, frozen=True):
    """A file of a load, and what proves its bytes."""

    name: str
    sha256: str


class Load(Answer, frozen=True):
    """One load: read = new + changed + unchanged + stale + rejected; `open_rejections` are still to be looked at."""

    id: int
    source: str
    at: datetime
    origin: str
    actor: str | None
    files: list[LoadedFile]
    read: int
    new: int
    changed: int
    unchanged: int
    stale: int
    rejected: int
    open_rejections: int
    warnings: list[str]


class Source(Answer, frozen=True):
    """A source with its last load."""

    key: str
    name: str
    loads: int
    open_rejections: int
    last: Load | None


class Sources(Answer, frozen=True):
    """All of them."""

    items: list[Source]


def _whole_province() -> None:
    """What a source tells is of all units: an account of one unit is shown none of it."""
    if current.scope() is not None:
        abort(403)


def sources(call: Call) -> Sources:
    """The sources with their last load."""
    _whole_province()
    with current.context().store.read() as session:
        found = loads.sources(session)
    call.saw("sources", count=len(found))
    return Sources(
        [
            Source(each.key, each.name, each.loads, each.open, _load(each.last) if each.last else None)
            for each in found
        ]
    )


class LoadsAsked(Paged, frozen=True):
    """Which loads."""

    source: Annotated[str, Meta(max_length=40)] | None = None


def batches(call: Call) -> Page[Load]:
    """Loads, newest first."""
    _whole_province()
    after = call.after(int)
    with current.context().store.read() as session:
        found = loads.listed(
            session, source=call.query.source, before=after[0] if after else None, limit=call.limit + 1
        )
    shown = found[: call.limit]
    call.saw("batches", ids=[each.batch_id for each in shown])
    return call.page(
        [_load(each) for each in shown], (shown[-1].batch_id,) if len(found) > len(shown) else None
    )


class ReasonCount(Answer, frozen=True):
    """How many rows were refused for one reason."""

    code: str
    word: str
    total: int
    open: int


class Batch(Answer, frozen=True):
    """One load with the reasons of what could not be used."""

    load: Load
    rejections: list[ReasonCount]


def batch(call: Call) -> Batch:
    """One load."""
    _whole_province()
    batch_id = call.path["batch_id"]
    with current.context().store.read() as session:
        found, counts = loads.find(session, batch_id), rejections.count_by_code(session, batch_id)
    if found is None:
        abort(404)
    call.saw(f"batch:{batch_id}")
    return Batch(
        _load(found), [ReasonCount(each.code, code_word(each.code), each.total, each.open) for each in counts]
    )


def _load(row: LoadRow) -> Load:
    read, new, changed, unchanged, stale, rejected = row.figures
    return Load(
        row.batch_id, row.source, row.ingested_at, row.origin, row.actor or None,
        [LoadedFile(redact(each.name), each.sha256) for each in row.files], read, new, changed, unchanged, stale, rejected,
        row.open, list(row.warnings),
    )  # fmt: skip


class RejectionsAsked(Paged, frozen=True):
    """Which rejected rows; none named: those that are open."""

    batch: RowId | None = None
    state: RejectionState = RejectionState.OPEN


class Rejection(Answer, frozen=True):
    """A row that could not be used: where it stood and why. What it held may name people, so that stands on its page alone."""

    id: int
    batch_id: int
    source: str
    file: str
    sheet: str
    row: int
    column: str
    code: str
    word: str
    value: str | None


def rejected(call: Call) -> Page[Rejection]:
    """Rejected rows in order of their numbers."""
    _whole_province()
    after, query = call.after(int), call.query
    with current.context().store.read() as session:
        found = rejections.listed(
            session,
            batch_id=query.batch,
            state=query.state,
            after=after[0] if after else 0,
            limit=call.limit + 1,
        )
    shown = found[: call.limit]
    call.saw("rejections", ids=[each.rejection_id for each in shown])
    return call.page(
        [_rejection(each) for each in shown], (shown[-1].rejection_id,) if len(found) > len(shown) else None
    )


def _rejection(row: KeptRejection) -> Rejection:
    value = sources_page.value_word(row, names=current.names_visible())
    return Rejection(
        row.rejection_id, row.batch_id, row.source, redact(row.file), row.sheet or "", row.row or 0, row.column or "",
        row.code, code_word(row.code), value or None,
    )  # fmt: skip


# ---------------------------------------------------------------- bringing a file in


class FileAsked(Asked, frozen=True):
    """Of which source the file is, what it is called, and what is to be done with it."""

    name: Annotated[str, Meta(min_length=1, max_length=120, description="Tên tệp, như người ta biết.")]
    source: Annotated[str, Meta(pattern=r"^[^\s:=]{1,40}$")] = "main"
    is_full: Annotated[bool, Meta(description="Tệp là toàn bộ hồ sơ của nguồn.")] = False
    preview: Annotated[bool, Meta(description="Chỉ xem trước, không nạp.")] = False


class _Given:
    """The body of a call as a form hands a file over."""

    def __init__(self, name: str, stream: Any) -> None:
        self.filename: str | None = name
        self.stream = stream


def take_file(call: Call) -> WorkAsked:
    """Take a file in as it streams, within the bounds of an upload; a worker loads it."""
    _whole_province()
    asked: FileAsked = call.query
    if request.mimetype not in FILE_TYPES or request.content_encoding:
        raise ApiFault(
            "WRONG_TYPE", f"Cần thân là tệp, Content-Type một trong: {', '.join(sorted(FILE_TYPES))}"
        )
    if not SOURCE_KEY.fullmatch(asked.source):
        raise UsageError("source: cần một khóa không dấu cách, không có dấu hai chấm hay dấu bằng")
    context, account = current.context(), current.account()
    request.max_content_length = context.config.ingest.max_upload_mib * MIB
    if not request.content_length:
        raise ApiFault("BAD_REQUEST", "Cần Content-Length lớn hơn 0: thân của lời gọi là tệp")
    stored = store_files(context, [_Given(asked.name, request.stream)])
    kind = "import_preview" if asked.preview else "ingest"
    params = {**new_import(stored, asked.source).as_params(), "is_full": asked.is_full}
    work_id = ask_about(context, kind, stored, params=params, account=account, now=current.now())
    call.saw(f"work:{work_id}", kind=kind, sha256=[each.new.sha256 for each in stored])
    return WorkAsked.of(work_id)


OPERATIONS = (
    Operation(
        "sources", "GET", "/sources", Scope.SOURCES_READ, SOURCES_READERS, sources, Sources, "Nguồn dữ liệu và lần nạp cuối",
        is_scoped=False,
    ),
    Operation(
        "source_file", "POST", "/sources/files", Scope.SOURCES_WRITE, IMPORTERS, take_file, WorkAsked,
        "Gửi một tệp để nạp; thân của lời gọi là tệp", query=FileAsked, status=202, is_scoped=False, takes_file=True,
    ),
    Operation(
        "batches", "GET", "/batches", Scope.SOURCES_READ, SOURCES_READERS, batches, Page[Load], "Các lần nạp, mới nhất trước",
        query=LoadsAsked, is_scoped=False,
    ),
    Operation(
        "batch", "GET", "/batches/<int:batch_id>", Scope.SOURCES_READ, SOURCES_READERS, batch, Batch,
        "Một lần nạp với số đếm và lý do từ chối", is_scoped=False,
    ),
    Operation(
        "rejections", "GET", "/rejections", Scope.SOURCES_READ, IMPORTERS, rejected, Page[Rejection],
        "Dòng không dùng được", query=RejectionsAsked, is_scoped=False,
    ),
)  # fmt: skip
