"""What a person sees before files are loaded: how their columns are understood, and what a load would do, then undone.

Samples never show what may name a person: of a column that nobody has looked at only the shape of its cells is told.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tracker.errors import UnusableFile
from tracker.ingest.columns import DATE_FIELDS
from tracker.ingest.headings import NOT_TAKEN, field_names
from tracker.ingest.layout import Layout, Table
from tracker.ingest.readers.opening import first_rows, open_tables
from tracker.ingest.redaction import redact
from tracker.pipeline.ingesting import IngestPlan, ingest
from tracker.pipeline.layouts import own_headings
from tracker.pipeline.mended_file import shown_value
from tracker.store import batches, loads, rejections
from tracker.store.loads import Span
from tracker.store.session import Session, Store
from tracker.text import clean, fold_header
from tracker.types import Rejection
from tracker.types.field_words import PERSONAL
from tracker.types.preview import ColumnSeen, Preview, TableSeen
from tracker.types.reconciling import SeenBatch, SeenChange

SAMPLE_ROWS, SAMPLES, LONGEST = 60, 3, 40
FIRST_ROWS = 30
SHOWN_REJECTIONS = 20
# Of a file that nobody recognises; one with more different tables than that is no list.
MOST_TABLES = 10
# A gap between two exports that is longer than a week of days off is no holiday.
GAP = timedelta(days=10)
DATE_LIKE = re.compile(r"[0-9/.:\-T ]{6,19}")
Progress = Callable[[str], None]


def preview(store: Store, calendar_key: str, plan: IngestPlan, progress: Progress) -> Preview:
    """How the files of a plan are understood, and what loading them would do; nothing is kept.

    A file that cannot be loaded is no error here: its fault and its columns are told, so that somebody can say what
    they mean.
    """
    tables: list[TableSeen] = []
    fault = ""
    for path in plan.paths:
        try:
            tables += _tables(path, plan.max_file_mib, plan.mapping)
        except UnusableFile as error:
            tables += _unrecognised(path, plan.max_file_mib, plan.mapping, error)
            fault = fault or error.reason
    if fault:
        return Preview(tuple(tables), None, fault)
    return _with_report(store, calendar_key, plan, progress, tables)


def _with_report(
    store: Store, calendar_key: str, plan: IngestPlan, progress: Progress, tables: Sequence[TableSeen]
) -> Preview:
    seen: list[Preview] = []

    def look(session: Session) -> None:
        batch_id, _ = batches.newest(session)
        found = rejections.listed(session, batch_id=batch_id, limit=SHOWN_REJECTIONS)
        counted = {one.code: one.total for one in rejections.count_by_code(session, batch_id)}
        told = tuple(
            Rejection(
                one.file,
                one.sheet,
                one.row,
                redact(one.column),
                shown_value(one.value),
                one.code,
                one.message,
            )
            for one in found
        )
        warnings = tuple(_doubts(session, plan, batch_id))
        seen.append(Preview(tuple(tables), None, "", warnings, told, counted))

    try:
        report = ingest(store, calendar_key, replace(plan, dry_run=True), progress, in_same_step=look)
    except UnusableFile as error:
        return Preview(tuple(tables), None, error.reason)
    told = tuple(each.message for each in report.warnings)
    return replace(seen[0], report=report, warnings=(*told, *seen[0].warnings))


# ---------------------------------------------------------------- doubts


def _doubts(session: Session, plan: IngestPlan, batch_id: int) -> Iterable[str]:
    """What speaks against these being the right files, beside what their cells say."""
    own = loads.span_of(session, batch_id)
    before = loads.spans_before(session, plan.source, batch_id)
    if own is None or not before:
        return
    if plan.is_full:
        yield from _fewer_open(session, plan, batch_id, own)
    elif (gap := _gap(own, before)) is not None:
        yield gap


def _fewer_open(session: Session, plan: IngestPlan, batch_id: int, own: Span) -> Iterable[str]:
    last = loads.last_full_before(session, plan.source, batch_id)
    if last is None:
        return
    change = SeenChange(
        SeenBatch(last.batch_id, plan.now, True, last.dossiers, last.open_dossiers),
        own.dossiers,
        own.open_dossiers,
    )
    if change.is_suspicious:
        yield (
            f"Lần này có {own.open_dossiers} hồ sơ chưa xong, ít hơn {change.fewer_open} so với lần nạp toàn bộ trước "
            f"(lô {last.batch_id}: {last.open_dossiers}): tệp có đủ mọi đơn vị và mọi trạng thái không?"
        )


def _gap(own: Span, before: Sequence[Span]) -> str | None:
    """A period of receptions between what was loaded before and these files, of which nobody told."""
    first = own.first_received_at
    lasts = [one.last_received_at for one in before if one.last_received_at is not None]
    firsts = [one.first_received_at for one in before if one.first_received_at is not None]
    if first is None or not lasts or min(firsts) > first:
        return None
    last = max(lasts)
    if first - last <= GAP:
        return None
    return (
        f"Chưa có tệp nào cho hồ sơ tiếp nhận từ {last:%d/%m/%Y} đến {first:%d/%m/%Y}: có thiếu một kỳ không?"
    )


# ---------------------------------------------------------------- tables and columns


def _tables(path: Path, max_mib: int, mapping: Mapping[str, str] | None) -> list[TableSeen]:
    with ExitStack() as stack:
        return [_table(table) for table in open_tables(stack, path, max_mib=max_mib, mapping=mapping)]


def _table(table: Table) -> TableSeen:
    first = next(iter(table.chunks(SAMPLE_ROWS)), None)
    told = TableSeen(table.path.name, table.sheet, table.kind, (), tuple(table.notes))
    if first is None or not hasattr(table, "layout"):
        return told
    return replace(told, columns=_columns(first.layout, first.rows))


def _columns(layout: Layout, rows: Sequence[Sequence[str]]) -> tuple[ColumnSeen, ...]:
    fields: dict[int, list[str]] = {}
    for name, at in layout.columns.items():
        fields.setdefault(at, []).append(name)
    unknown = Counter(layout.unknown)
    found = []
    for at, heading in enumerate(own_headings(layout)):
        if heading.strip():
            own = tuple(fields.get(at, ()))
            cells = [row[at] for row in rows if at < len(row)]
            found.append(_column(heading, own, cells, is_known=bool(own) or not unknown[heading]))
    return tuple(found)


def _column(heading: str, fields: tuple[str, ...], cells: Sequence[str], *, is_known: bool) -> ColumnSeen:
    usual = field_names().get(fold_header(heading), "")
    given = [text for cell in cells if (text := clean(cell))]
    samples = tuple(dict.fromkeys(_masked(text, usual, fields) for text in given))[:SAMPLES]
    return ColumnSeen(redact(clean(heading))[: LONGEST * 2], fold_header(heading), fields, is_known, samples)


def _masked(text: str, usual: str, fields: Sequence[str]) -> str:
    """A cell as it may be shown: in full only where its heading says by itself that it names nobody, or as a date."""
    is_harmless = usual and usual not in PERSONAL and PERSONAL.isdisjoint(fields)
    shown = redact(text)
    if usual in DATE_FIELDS:
        shown = shown_value(shown)  # a column that has slipped
    if not is_harmless and not (DATE_LIKE.fullmatch(shown) and any(mark in shown for mark in "/-.:")):
        shown = "".join(_shape(sign) for sign in text)
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"


def _shape(sign: str) -> str:
    if sign.isalpha():
        return "X" if sign.isupper() else "x"
    return "0" if sign.isdigit() else sign


# ---------------------------------------------------------------- files that nobody recognises


def _unrecognised(
    path: Path, max_mib: int, mapping: Mapping[str, str] | None, error: UnusableFile
) -> list[TableSeen]:
    """The columns of tables without a header that we know, in any kind of file, so that somebody can say what they mean."""
    told = TableSeen(path.name, "", "", (), (), error.reason)
    try:
        sheets = first_rows(path, max_mib=max_mib)
    except UnusableFile:
        return [told]
    seen: dict[tuple[str, ...], TableSeen] = {}
    for sheet, rows in sheets:
        columns = _unknown_columns(rows[: SAMPLE_ROWS + FIRST_ROWS], mapping or {})
        headings = tuple(column.folded for column in columns)
        if headings in seen:  # a heading means the same in every sheet, so it is asked for once
            sheet = f"{seen[headings].sheet}, {sheet}"
        if columns:
            seen[headings] = replace(told, sheet=sheet, columns=columns)
    return [*seen.values()][:MOST_TABLES] or [told]


def _unknown_columns(rows: Sequence[Sequence[str]], mapping: Mapping[str, str]) -> tuple[ColumnSeen, ...]:
    """The columns below what looks most like a header, each with what was said of it or what we know of its heading."""
    header = _header(rows[:FIRST_ROWS])
    if header is None:
        return ()
    below = rows[header + 1 :]
    found = []
    for at, heading in enumerate(rows[header]):
        if heading.strip():
            usual = field_names().get(fold_header(heading), "")
            meant = mapping.get(fold_header(heading), "" if usual in NOT_TAKEN else usual)
            cells = [row[at] for row in below if at < len(row)]
            found.append(_column(heading, (meant,) if meant else (), cells, is_known=bool(usual)))
    return tuple(found)


def _header(rows: Sequence[Sequence[str]]) -> int | None:
    """The row that looks most like headings: most different words, none of them a date or a number."""
    scores = [len({fold_header(cell) for cell in row if _is_word(cell)}) for row in rows]
    best = max(scores, default=0)
    return scores.index(best) if best >= FEWEST_HEADINGS else None


FEWEST_HEADINGS = 3


def _is_word(cell: str) -> bool:
    return any(sign.isalpha() for sign in cell) and not any(sign.isdigit() for sign in cell)
