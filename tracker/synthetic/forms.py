"""In which form dossiers are written: the kinds of file and, of some kinds, layouts or wire variants."""

from dataclasses import dataclass
from datetime import date
from typing import TypedDict

from tracker.errors import UsageError
from tracker.synthetic.annex_writer import AnnexWriter, late_annex, overdue_annex
from tracker.synthetic.csv_writer import CsvWriter
from tracker.synthetic.portal_wire import WIRES
from tracker.synthetic.portal_writer import PortalWriter
from tracker.synthetic.register_layout import RegisterLayout
from tracker.synthetic.workbook_writer import FullLayout, WorkbookWriter
from tracker.synthetic.writer import Export, Writer

KINDS = ("csv", "xlsx", "dvcqg")
LAYOUTS = ("day-du", "so-theo-doi", "phu-luc-1", "phu-luc-2")


class FormOptions(TypedDict, total=False):
    """The options of a form; layout belongs to xlsx, wire to dvcqg."""

    kind: str
    layout: str | None
    wire: str | None


@dataclass(frozen=True, slots=True)
class Form:
    """A kind with its layout or wire; None = the first one. UsageError for what does not go together."""

    kind: str = "csv"
    layout: str | None = None
    wire: str | None = None

    def __post_init__(self) -> None:
        _known("dạng tệp", self.kind, KINDS)
        _known("bố cục", self.layout, LAYOUTS)
        _known("dạng gói tin", self.wire, WIRES)
        if self.layout is not None and self.kind != "xlsx":
            raise UsageError("--layout chỉ dùng với --format xlsx")
        if self.wire is not None and self.kind != "dvcqg":
            raise UsageError("--wire chỉ dùng với --format dvcqg")


def _known(what: str, given: str | None, choices: tuple[str, ...]) -> None:
    if given is not None and given not in choices:
        raise UsageError(f"không có {what} {given}; có: {', '.join(choices)}")


def make_writer(form: Form, export: Export, as_of: date) -> Writer:
    """The writer of a form for what a preset made."""
    if form.kind == "dvcqg":
        return PortalWriter(export.pools, form.wire or WIRES[0])
    if form.kind == "xlsx":
        return _workbook_writer(form.layout or LAYOUTS[0], export, as_of)
    return CsvWriter(export.pools)


def _workbook_writer(layout: str, export: Export, as_of: date) -> Writer:
    pools, period = export.pools, export.period
    if layout == "phu-luc-1":
        return AnnexWriter(pools, late_annex(period), as_of)
    if layout == "phu-luc-2":
        return AnnexWriter(pools, overdue_annex(as_of), as_of)
    register = layout == "so-theo-doi"
    return WorkbookWriter((RegisterLayout if register else FullLayout)(pools, period), as_of)
