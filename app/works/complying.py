"""Files about apologies: the register, a list, the quarterly report. Written at once where they are short, else by a worker."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

from app.compliance_page import SHORT_LISTS, ComplianceFilters, read_filters
from app.context import AppContext
from app.grip import Grip
from app.works.drafting import letter_policy
from app.works.exporting import XLSX, View, Watch, keep_file, view_of
from letters.case import Names
from letters.issuer import Issuer
from letters.ledger_cases import ComplianceQuestion, counted, office_day
from letters.ledger_lists import ListQuestion, ledger_list
from letters.quarterly import ReportFacts, load_bases, report_of
from letters.quarterly_book import figures_sheet, list_sheets
from letters.quarterly_render import render
from letters.register_book import Sheet, list_sheet, register_sheet, write_book
from tracker.store.letter_candidates import load_catalogue
from tracker.store.letter_register import ledger_counts
from tracker.types.work import WorkRow

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class ComplianceFile(StrEnum):
    """What can be taken away."""

    REGISTER = "so-theo-doi"
    LIST = "danh-sach"
    REPORT = "bao-cao"
    FIGURES = "so-lieu"


TITLES: Mapping[ComplianceFile, str] = {
    ComplianceFile.REGISTER: "sổ theo dõi văn bản xin lỗi",
    ComplianceFile.LIST: "danh sách",
    ComplianceFile.REPORT: "báo cáo tình hình xin lỗi",
    ComplianceFile.FIGURES: "số liệu và danh sách",
}


@dataclass(frozen=True, slots=True)
class FileAsked:
    """A file, of which dossiers, as who sees it."""

    what: ComplianceFile
    chosen: ComplianceFilters
    view: View

    @property
    def name(self) -> str:
        """What the file is called."""
        period = self.chosen.period
        which = f"-{self.chosen.key}" if self.what is ComplianceFile.LIST else ""
        ending = "docx" if self.what is ComplianceFile.REPORT else "xlsx"
        return f"xin-loi-{self.what}{which}-{period.start:%Y%m%d}-{period.end:%Y%m%d}.{ending}"

    @property
    def mime(self) -> str:
        """Its kind for a browser."""
        return DOCX if self.what is ComplianceFile.REPORT else XLSX


def size_of(context: AppContext, view: View) -> int:
    """How many dossiers of the ledger a file may have to look at."""
    with context.store.read() as session:
        return sum(each.dossiers for each in ledger_counts(session, view.unit_ids))


def write_file(context: AppContext, asked: FileAsked, target: Path | BinaryIO, watch: Watch = iter) -> None:
    """Write the file; names and typed texts of the register only for who reads names."""
    if asked.what is ComplianceFile.REPORT:
        _put(target, _report(context, asked))
    elif asked.what is ComplianceFile.REGISTER:
        with context.store.read() as session:
            sheet = register_sheet(
                session,
                asked.chosen.period,
                asked.view.unit_ids,
                names=asked.view.names,
                unit=_unit_name(context, asked),
            )
            write_book(target, [_watched(sheet, watch)])
    else:
        write_book(target, (_watched(sheet, watch) for sheet in _sheets(context, asked)))


def _watched(sheet: Sheet, watch: Watch) -> Sheet:
    return replace(sheet, lines=watch(sheet.lines))


def _put(target: Path | BinaryIO, body: bytes) -> None:
    if isinstance(target, Path):
        target.write_bytes(body)
    else:
        target.write(body)


def _sheets(context: AppContext, asked: FileAsked) -> Iterator[Sheet]:
    policy, view, period = letter_policy(context), asked.view, asked.chosen.period
    question = ListQuestion(asked.chosen.key, view.now, view.unit_ids, period)
    if asked.what is ComplianceFile.LIST:
        yield list_sheet(ledger_list(context.store, question, policy), office_day(view.now))
        return
    day = office_day(view.now)
    figures = counted(context.store, ComplianceQuestion(period, day, view.unit_ids), policy)
    yield figures_sheet(figures, period, f"{day:%d/%m/%Y}", _unit_name(context, asked))
    yield from list_sheets(context.store, question, policy)


def _report(context: AppContext, asked: FileAsked) -> bytes:
    day, period = office_day(asked.view.now), asked.chosen.period
    question = ComplianceQuestion(period, day, asked.view.unit_ids)
    figures = counted(context.store, question, letter_policy(context))
    return render(report_of(ReportFacts(_issuer(context, asked), period, day, figures), load_bases()))


def _issuer(context: AppContext, asked: FileAsked) -> Issuer | None:
    """The unit that reports, or its successor; None where all are looked at: the name is left blank."""
    if asked.chosen.unit_id is None:
        return None
    with context.store.read() as session:
        return Names(load_catalogue(session)).issuer(asked.chosen.unit_id, office_day(asked.view.now))


def _unit_name(context: AppContext, asked: FileAsked) -> str:
    issuer = _issuer(context, asked)
    return issuer.name if issuer else ""


# ---------------------------------------------------------------- by a worker


def compliance_export(grip: Grip) -> Mapping[str, Any]:
    """The file of the params, as its asker was allowed to see it when asking."""
    asked = asked_of(grip.params["filters"], view_of(grip.params["view"]))
    total = size_of(grip.context, asked.view)
    grip.progress(0, None, "Đang đếm hồ sơ trong sổ theo dõi")

    def write(target: Path, watch: Watch) -> str:
        write_file(grip.context, asked, target, watch)
        return asked.name

    return keep_file(grip, total, write)


def asked_of(filters: Mapping[str, str], view: View) -> FileAsked:
    """The file from an address: `tep` says which."""
    what = filters.get("tep", "")
    known = ComplianceFile(what) if what in set(ComplianceFile) else ComplianceFile.REGISTER
    return FileAsked(known, read_filters(filters, office_day(view.now)), view)


def file_title(row: WorkRow) -> str:
    """Which file a piece of work makes."""
    asked = asked_of(row.params["filters"], view_of(row.params["view"]))
    which = f" “{SHORT_LISTS[asked.chosen.key]}”" if asked.what is ComplianceFile.LIST else ""
    return TITLES[asked.what] + which
