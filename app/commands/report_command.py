"""`dunghen report`: official forms, late lists and reports as files."""

from datetime import date, datetime
from pathlib import Path

import click

from app.commands.shared import OPERATOR, note_act
from app.context import AppContext
from app.options import DAY, common_options, time_options
from app.report_kinds import REPORTS
from app.report_question import ReportQuestion
from app.works.reporting import kind_of, told, write_whole
from tracker.errors import UsageError
from tracker.store import catalogue
from tracker.types import Basis, UnitRef


@click.command("report")
@common_options
@time_options
@click.argument("key", required=False)
@click.option("--list", "listed", is_flag=True, help="Các báo cáo lập được.")
@click.option("--from", "start", type=DAY, help="Từ ngày.")
@click.option("--to", "end", type=DAY, help="Đến ngày (tính cả ngày này).")
@click.option("--unit", help="Mã hoặc tên đơn vị; tính cả các đơn vị bên dưới.")
@click.option("--basis", type=click.Choice([b.value for b in Basis]), default="source", show_default=True)
@click.option("--edition", help="Phiên bản biểu mẫu hoặc công thức (mặc định: của kỳ báo cáo).")
@click.option("--mask", is_flag=True, help="Che họ tên và lý do ghi tự do.")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Tệp sẽ ghi; đuôi tệp chọn dạng."
)
@click.pass_obj
def report_command(
    context: AppContext,
    as_of: datetime | None,
    known: datetime | None,
    key: str | None,
    listed: bool,
    start: date | None,
    end: date | None,
    unit: str | None,
    basis: str,
    edition: str | None,
    mask: bool,
    out: Path | None,
) -> None:
    """Biểu mẫu thống kê, danh sách và báo cáo của một kỳ, ghi ra tệp .xlsx, .docx hoặc .csv."""
    if listed:
        _list(context)
        return
    if key is None or start is None or end is None or out is None:
        raise UsageError("cần KEY, --from, --to và --out (dunghen report --list: các báo cáo lập được)")
    kind = kind_of(key)
    found = _unit(context, unit)
    question = ReportQuestion(
        start, end, as_of or context.now(), *found, Basis(basis), known, edition, not mask, OPERATOR
    )
    written = context.from_reports(lambda: write_whole(context, kind, question, out))
    detail = {**told(kind, question, out.suffix.lower()), "rows": written.rows, "sha256": written.sha256}
    note_act(context, "export", f"report:{kind.key}", detail)
    answer = {"file": str(written.path), "rows": written.rows, "sha256": written.sha256}
    context.answer(answer, f"Đã ghi {written.path}: {kind.title}, {written.rows} dòng.")


def _unit(context: AppContext, text: str | None) -> tuple[int | None, frozenset[int] | None, str]:
    """A unit's id, the ids of it and all below it, and its name; of everything: no id, None, no name."""
    if text is None:
        return None, None, ""
    with context.store.read() as session:
        unit_id = catalogue.find_unit(session, text)
        if unit_id is None:
            raise UsageError(f"không có đơn vị nào tên hoặc mã {text!r}")
        unit: UnitRef = catalogue.units(session)[unit_id]
        return unit_id, catalogue.unit_subtree(session, unit_id), unit.name


def _list(context: AppContext) -> None:
    kinds = [
        {"key": kind.key, "title": kind.title, "endings": list(kind.endings), "units": kind.units}
        for kind in REPORTS.values()
    ]
    lines = [f"  {kind.key}: {kind.title} ({', '.join(kind.endings)})" for kind in REPORTS.values()]
    context.answer({"reports": kinds}, "\n".join(["Các báo cáo lập được:", *lines]))


COMMANDS = [report_command]
