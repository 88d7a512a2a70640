"""Findings as files: a short list at once, a long one by a worker; no names of applicants, whoever asks."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

from app import finding_words, presenters
from app.context import AppContext
from app.finding_filters import FindingFilters, read_filters
from app.grip import Grip
from app.hidden_page import HiddenFilters, HiddenShown
from app.works.case_exporting import CSV, XLSX_ENDING, in_memory
from app.works.exporting import View, Watch, keep_file, view_of
from tracker.reports import finding_list
from tracker.reports.finding_list import FindingListed
from tracker.store import catalogue, finding_lists, finding_said
from tracker.store.session import Session
from tracker.types.finding_lists import FindingRow, FindingSaid

__all__ = ["CSV", "XLSX_ENDING", "at_once", "counted", "finding_export", "hidden_workbook"]

MOST_COUNTED = 1_000_000
TOGETHER = 1_000


def counted(context: AppContext, chosen: FindingFilters, view: View, cap: int) -> int:
    """How many findings the file will hold, counted no further than one above `cap`."""
    with context.store.read() as session:
        return finding_lists.count_findings(session, chosen.question(view.unit_ids), cap=cap)


def at_once(context: AppContext, chosen: FindingFilters, view: View, ending: str) -> tuple[str, bytes]:
    """Name and content of the file of a short list."""
    name = file_name(view.now, ending)
    with context.store.read() as session:
        rows = list(_rows(session, chosen, view))
        title = _title(session, chosen, view.now)
    return name, in_memory(context, name, lambda path: _write(path, rows, title))


def finding_export(grip: Grip) -> Mapping[str, Any]:
    """The list of the params, as its asker was allowed to see it when asking."""
    chosen, view = read_filters(grip.params["filters"]), view_of(grip.params["view"])
    ending = grip.params["filters"].get("tep", XLSX_ENDING)
    grip.progress(0, None, "Đang đếm dấu hiệu")
    total = counted(grip.context, chosen, view, MOST_COUNTED)

    def write(target: Path, watch: Watch) -> str:
        beside = target.with_suffix(ending)
        with grip.context.store.read() as session:
            _write(beside, watch(_rows(session, chosen, view)), _title(session, chosen, view.now))
        beside.replace(target)
        return file_name(view.now, ending)

    return keep_file(grip, total, write)


def file_name(now: datetime, ending: str) -> str:
    """What a file of the list is called."""
    return f"dau-hieu-can-giai-trinh-{now:%Y%m%d}{ending}"


def _write(path: Path, rows: Iterable[FindingListed], title: str) -> int:
    if path.suffix == CSV:
        return finding_list.write_csv(path, rows)
    return finding_list.write_xlsx(path, rows, title)


def _title(session: Session, chosen: FindingFilters, now: datetime) -> str:
    unit = catalogue.units(session).get(chosen.unit_id) if chosen.unit_id is not None else None
    asked = finding_words.asked_words(chosen, unit.name if unit else "mọi đơn vị")
    return f"Dấu hiệu cần giải trình (không phải kết luận) – {asked} – lập lúc {presenters.moment(now)}"


def _rows(session: Session, chosen: FindingFilters, view: View) -> Iterator[FindingListed]:
    stream = finding_lists.all_findings(session, chosen.question(view.unit_ids))
    while rows := tuple(islice(stream, TOGETHER)):
        said = finding_said.latest_said(session, [row.finding_id for row in rows])
        yield from (_listed(row, said.get(row.finding_id)) for row in rows)


def _listed(row: FindingRow, said: FindingSaid | None) -> FindingListed:
    before, after = row.evidence.before, row.evidence.after
    facts = "; ".join(f"{word}: {value}" for word, value in finding_words.facts(row.evidence))
    return FindingListed(
        row.code, row.procedure, row.unit, finding_words.kind_words(row.kind), row.at,
        finding_words.side_words(before), before.told_at, before.batch_id,
        finding_words.side_words(after), after.told_at, after.batch_id, facts,
        _state(row),
        said.reason if said else "", said.document if said else "", said.by if said else "", said.at if said else None,
    )  # fmt: skip


def _state(row: FindingRow) -> str:
    state = finding_words.state_chip(row).word
    return f"{state}, không còn thấy từ {presenters.day(row.gone_at)}" if row.gone_at else state


# ---------------------------------------------------------------- hidden lateness


def hidden_workbook(shown: HiddenShown, chosen: HiddenFilters, now: datetime) -> tuple[str, bytes]:
    """Name and content of the workbook of hidden lateness."""
    title = (
        f"Độ trễ bị che, hồ sơ kết thúc năm {chosen.year}, chỉ tính hồ sơ đủ dữ liệu – "
        f"lập lúc {presenters.moment(now)}"
    )
    target = BytesIO()
    total = ("Tổng cộng", shown.total)
    units = [(each.name, each.count) for each in shown.units]
    months = [(each.name, each.count) for each in shown.months]
    finding_list.write_hidden(target, [*units, total], [*months, total], title)
    return f"do-tre-bi-che-{chosen.year}.xlsx", target.getvalue()
