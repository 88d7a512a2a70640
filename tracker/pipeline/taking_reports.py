"""Reports of sources come in: a file of totals, or figures that somebody types. Each keeps its number; nothing is changed."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from tracker.errors import UnusableFile, UsageError
from tracker.ingest.readers.opening import open_file
from tracker.reconciling_data import form_of
from tracker.store import audit, catalogue, reported
from tracker.store.audit import Act
from tracker.store.reported import NewFigure
from tracker.store.session import Session, Store
from tracker.types.reconciling import ReportedFigure, ReportPlace
from tracker.types.reported import ReportedRow, ReportedTotals, RowKind


@dataclass(frozen=True, slots=True)
class ReportGiven:
    """What is said beside a file: of which source, for which period where the file names none, of one unit alone."""

    source: str
    start: date | None = None
    end: date | None = None
    unit_id: int | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class TakenReport:
    """What came of a report: its number (that of the same one before, if it `is_new` not), and what a person should know."""

    report_id: int
    place: ReportPlace
    is_new: bool
    rows: int
    figures: int
    unknown_units: tuple[str, ...]
    faults: tuple[str, ...]


def import_file(
    store: Store, path: Path, given: ReportGiven, *, max_file_mib: int, actor: str, now: datetime
) -> tuple[TakenReport, ...]:
    """Take in every table of totals of a file, all or none; tables of one form and period are one report.

    Raises:
        UnusableFile: it holds no totals, or its period is told neither by the file nor beside it.
        UsageError: there is no such source.
    """
    name = given.name or path.name
    tables = _totals(path, name, max_file_mib)
    by_place: dict[ReportPlace, list[ReportedTotals]] = {}
    for table in tables:
        by_place.setdefault(_place(name, table, given), []).append(table)
    with store.transaction() as session:
        _check_source(session, given.source)
        taken = tuple(
            _take(session, place, found, name, actor=actor, now=now) for place, found in by_place.items()
        )
        acts = [_act("report_import", one, actor, now) for one in taken]
        audit.append_acts(session, acts)
    return taken


def _totals(path: Path, name: str, max_file_mib: int) -> list[ReportedTotals]:
    try:
        with ExitStack() as stack:
            tables = open_file(stack, path, max_mib=max_file_mib).totals
    except UnusableFile as fault:
        raise UnusableFile(name, fault.reason) from fault
    if not any(table.rows for table in tables):
        raise UnusableFile(
            name, "không có bảng tổng hợp số liệu (biểu 06, 766, tổng hợp theo đơn vị hoặc lĩnh vực) nào"
        )
    return tables


def enter(
    store: Store, place: ReportPlace, figures: Sequence[NewFigure], *, actor: str, now: datetime
) -> TakenReport:
    """Keep figures that somebody typed in; each replaces only itself.

    Raises:
        UsageError: there is no such source or form, the period ends before it begins, or nothing was typed.
    """
    form_of(place.form, place.start)
    if place.start > place.end:
        raise UsageError(f"kỳ báo cáo bắt đầu {place.start:%d/%m/%Y} sau khi kết thúc {place.end:%d/%m/%Y}")
    if not figures:
        raise UsageError("chưa có số liệu nào được nhập")
    with store.transaction() as session:
        _check_source(session, place.source)
        number = reported.add_report(session, place, figures, file="", entered_by=actor, at=now)
        rows = len({(one.kind, one.name) for one in figures})
        taken = TakenReport(number, place, True, rows, len(figures), (), ())
        audit.append_acts(session, [_act("report_enter", taken, actor, now)])
    return taken


def _check_source(session: Session, source: str) -> None:
    known = reported.source_ids(session)
    if source not in known:
        raise UsageError(f"chưa có nguồn nào tên {source!r}; có: {', '.join(known) or 'chưa nạp nguồn nào'}")


def _place(name: str, table: ReportedTotals, given: ReportGiven) -> ReportPlace:
    start, end = given.start or table.period_from, given.end or table.period_to
    if start is None or end is None:
        raise UnusableFile(
            name, "bảng không ghi kỳ báo cáo (Từ ngày … đến ngày …); hãy cho biết kỳ của số liệu"
        )
    if start > end:
        raise UnusableFile(name, f"kỳ báo cáo bắt đầu {start:%d/%m/%Y} sau khi kết thúc {end:%d/%m/%Y}")
    return ReportPlace(given.source, table.form, start, end, given.unit_id)


def _take(
    session: Session,
    place: ReportPlace,
    tables: Sequence[ReportedTotals],
    name: str,
    *,
    actor: str,
    now: datetime,
) -> TakenReport:
    rows = [row for table in tables for row in table.rows]
    figures = list(_figures(session, place, rows))
    unknown = {one.name for one in figures if one.kind == "unit" and one.unit_id is None}
    same = _same(reported.figures(session, place), figures)
    number = same or reported.add_report(session, place, figures, file=name, entered_by=actor, at=now)
    faults = tuple(fault for table in tables for fault in table.faults)
    return TakenReport(number, place, same is None, len(rows), len(figures), tuple(sorted(unknown)), faults)


def _figures(session: Session, place: ReportPlace, rows: Iterable[ReportedRow]) -> Iterator[NewFigure]:
    """Rows as the store keeps them; a name that stands twice says in which line it stood the second time."""
    seen: set[tuple[RowKind, str]] = set()
    for row in rows:
        name = row.name if (row.kind, row.name) not in seen else f"{row.name} (dòng {row.row})"
        while (row.kind, name) in seen:
            name = f"{name} (dòng {row.row})"
        seen.add((row.kind, name))
        unit_id = catalogue.find_unit(session, row.name) if row.kind == "unit" else place.unit_id
        for measure, value in row.measures.items():
            yield NewFigure(row.kind, name, unit_id, measure, value, row.row)


def _same(before: Sequence[ReportedFigure], figures: Sequence[NewFigure]) -> int | None:
    """The number of the newest report of the place, if that is a file which says the very same."""
    if not before or not before[-1].file:
        return None
    newest = before[-1].report_id
    told = {(one.kind, one.name, one.measure, one.value) for one in before if one.report_id == newest}
    return newest if told == {(one.kind, one.name, one.measure, one.value) for one in figures} else None


def _act(action: str, taken: TakenReport, actor: str, now: datetime) -> Act:
    place = taken.place
    detail = {
        "source": place.source,
        "form": place.form,
        "start": place.start.isoformat(),
        "end": place.end.isoformat(),
        "unit": place.unit_id,
        "figures": taken.figures,
        "new": taken.is_new,
    }
    return Act(now, actor, action, f"report:{taken.report_id}", detail)
