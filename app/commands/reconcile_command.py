"""`dunghen reconcile`: a source's own report beside our counts, what vanished from it, what may be told twice."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from app import reconciling_words as words
from app.commands.reconcile_answers import (
    compared_json,
    compared_text,
    doubles_json,
    doubles_text,
    reports_json,
    reports_text,
    taken_json,
    taken_text,
    vanished_json,
    vanished_text,
)
from app.commands.shared import OPERATOR, note_act
from app.context import AppContext, finish
from app.options import DAY, Command, common_options, time_options
from app.reconciling_files import write_comparison, write_doubles, write_vanished
from tracker.errors import UsageError
from tracker.machine import unwritable
from tracker.pipeline import reconciling
from tracker.pipeline.doubles import doubles
from tracker.pipeline.reconciling import CompareQuestion
from tracker.pipeline.taking_reports import ReportGiven, enter, import_file
from tracker.pipeline.vanished import VanishedQuestion, vanished
from tracker.reconciling_data import load_forms
from tracker.store import catalogue
from tracker.store.reported import NewFigure
from tracker.types.reconciling import ReportPlace

FORMS = list(dict.fromkeys(form.key for form in load_forms()))


@click.group("reconcile")
def reconcile() -> None:
    """Đối chiếu: số liệu nguồn tự báo cáo, hồ sơ biến mất, hồ sơ có thể bị kể hai lần."""


def _source(command: Command) -> Command:
    return click.option("--source", default="main", show_default=True, help="Nguồn nào.")(command)


def _unit(command: Command) -> Command:
    return click.option("--unit", help="Báo cáo của riêng đơn vị này (mã hoặc tên).")(command)


def _unit_id(context: AppContext, unit: str | None) -> int | None:
    if unit is None:
        return None
    with context.store.read() as session:
        found = catalogue.find_unit(session, unit)
    if found is None:
        raise UsageError(f"không có đơn vị nào tên hoặc mã {unit!r}")
    return found


# ---------------------------------------------------------------- reports come in


@reconcile.command("import")
@common_options
@_source
@_unit
@click.option("--from", "start", type=DAY, help="Kỳ báo cáo từ ngày (nếu tệp không ghi).")
@click.option("--to", "end", type=DAY, help="Đến hết ngày.")
@click.argument("file", metavar="TỆP", type=click.Path(path_type=Path))
@click.pass_obj
def import_command(
    context: AppContext, source: str, unit: str | None, start: date | None, end: date | None, file: Path
) -> None:
    """Đọc bảng số liệu tổng hợp của nguồn (biểu 06, 766, tổng hợp theo đơn vị, lĩnh vực)."""
    given = ReportGiven(source, start, end, _unit_id(context, unit))
    taken = import_file(
        context.store, file, given,
        max_file_mib=context.config.ingest.max_file_mib, actor=OPERATOR, now=context.now(),
    )  # fmt: skip
    context.answer({"reports": [taken_json(one) for one in taken]}, "\n".join(map(taken_text, taken)))
    finish(1 if any(one.faults or one.unknown_units for one in taken) else 0)


@reconcile.command("enter")
@common_options
@_source
@_unit
@click.option(
    "--form", type=click.Choice(FORMS), default="own", show_default=True, help="Số liệu theo biểu nào."
)
@click.option("--from", "start", type=DAY, required=True, help="Kỳ báo cáo từ ngày.")
@click.option("--to", "end", type=DAY, required=True, help="Đến hết ngày.")
@click.option("--of", "row", help="Đơn vị mà số liệu nói đến; không ghi là tổng cộng.")
@click.option("--field", help="Lĩnh vực mà số liệu nói đến.")
@click.argument("figures", metavar="CỘT=SỐ", nargs=-1, required=True)
@click.pass_obj
def enter_command(
    context: AppContext,
    source: str,
    unit: str | None,
    form: str,
    start: date,
    end: date,
    row: str | None,
    field: str | None,
    figures: tuple[str, ...],
) -> None:
    """Nhập tay số liệu báo cáo của nguồn, ví dụ: late=12 open=340."""
    if row and field:
        raise UsageError("--of và --field không dùng cùng lúc")
    place = ReportPlace(source, form, start, end, _unit_id(context, unit))
    kind, name = ("unit", row) if row else ("field", field) if field else ("total", "")
    named = _unit_id(context, row) if row else place.unit_id
    told = [NewFigure(kind, name or "", named, measure, value, 0) for measure, value in map(_figure, figures)]  # type: ignore[arg-type]
    taken = enter(context.store, place, told, actor=OPERATOR, now=context.now())
    context.answer({"reports": [taken_json(taken)]}, taken_text(taken))


def _figure(text: str) -> tuple[str, int]:
    measure, _, value = text.partition("=")
    if measure not in words.MEASURES or not value.isdecimal():
        raise UsageError(f"{text!r}: cần CỘT=SỐ, cột là một trong {', '.join(words.MEASURES)}")
    return measure, int(value)


@reconcile.command("list")
@common_options
@click.pass_obj
def list_command(context: AppContext) -> None:
    """Các báo cáo đã có, mới nhất trước."""
    _, entries = reconciling.places(context.store)
    context.answer({"reports": [reports_json(one) for one in entries]}, reports_text(entries))


# ---------------------------------------------------------------- answers


def _file(command: Command) -> Command:
    return click.option("--out", type=click.Path(path_type=Path), help="Ghi ra tệp .xlsx.")(command)


@reconcile.command("compare")
@common_options
@time_options
@_source
@_unit
@click.option("--form", type=click.Choice(FORMS), help="Biểu nào (mặc định: báo cáo có kỳ muộn nhất).")
@click.option("--from", "start", type=DAY, help="Kỳ báo cáo từ ngày.")
@click.option("--to", "end", type=DAY, help="Đến hết ngày.")
@_file
@click.pass_obj
def compare_command(
    context: AppContext,
    as_of: datetime | None,
    known: datetime | None,
    source: str,
    unit: str | None,
    form: str | None,
    start: date | None,
    end: date | None,
    out: Path | None,
) -> None:
    """Số liệu của báo cáo bên cạnh số liệu của phần mềm, chênh lệch và nguyên nhân biết được."""
    unit_id = _unit_id(context, unit)
    found = [
        place
        for place in reconciling.places(context.store)[0]
        if place.source == source and place.unit_id == unit_id
        and form in (None, place.form) and start in (None, place.start) and end in (None, place.end)
    ]  # fmt: skip
    if not found:
        raise UsageError(f"nguồn {source} chưa có báo cáo nào như vậy; xem: dunghen reconcile list")
    question = CompareQuestion(found[0], context.now(), as_of, known)
    answer = reconciling.compared(context.store, question)
    if out is not None:
        _write(context, out, "reconcile", len(answer.rows), lambda: write_comparison(out, answer))
    context.answer(compared_json(answer), compared_text(answer))
    finish(1 if answer.unknown or any(row.differs for row in answer.rows) else 0)


@reconcile.command("vanished")
@common_options
@time_options
@_source
@click.option("--mask", is_flag=True, help="Che họ tên trong tệp.")
@_file
@click.pass_obj
def vanished_command(
    context: AppContext,
    as_of: datetime | None,
    known: datetime | None,
    source: str,
    mask: bool,
    out: Path | None,
) -> None:
    """Hồ sơ mà bản xuất toàn bộ gần nhất của nguồn không còn kể; hồ sơ quá hạn trước."""
    question = VanishedQuestion(source, as_of or context.now(), known)
    answer = vanished(context.store, context.calendars, question)
    if out is not None:
        _write(
            context, out, "vanished", len(answer.rows), lambda: write_vanished(out, answer, names=not mask)
        )
    else:
        note_act(context, "view", "vanished", {"source": source, "rows": len(answer.rows)})
    context.answer(vanished_json(answer), vanished_text(answer))
    finish(1 if answer.rows else 0)


@reconcile.command("duplicates")
@common_options
@click.option("--from", "start", type=DAY, required=True, help="Tiếp nhận từ ngày.")
@click.option("--to", "end", type=DAY, required=True, help="Đến hết ngày.")
@click.option("--mask", is_flag=True, help="Che họ tên.")
@_file
@click.pass_obj
def duplicates_command(context: AppContext, start: date, end: date, mask: bool, out: Path | None) -> None:
    """Hồ sơ có thể bị kể hai lần, chỗ các nguồn nói khác nhau, mã trùng. Không tự gộp gì cả."""
    if start > end:
        raise UsageError(f"--from {start} sau --to {end}")
    answer = doubles(context.store, start, end)
    title = f"Hồ sơ có thể bị kể hai lần, tiếp nhận {start:%d/%m/%Y} – {end:%d/%m/%Y}"
    if out is not None:
        _write(
            context, out, "duplicates", len(answer.groups),
            lambda: write_doubles(out, answer.groups, title=title, names=not mask),
        )  # fmt: skip
    else:
        note_act(context, "view", "duplicates", {"groups": len(answer.groups), "masked": mask})
    context.answer(doubles_json(answer, mask=mask), doubles_text(answer))
    finish(1 if answer.groups or answer.disagreements or answer.conflicts else 0)


def _write(context: AppContext, out: Path, subject: str, rows: int, write: Callable[[], Any]) -> None:
    if out.suffix.lower() != ".xlsx":
        raise UsageError(f"--out {out}: cần tệp .xlsx")
    try:
        write()
    except OSError as error:
        raise unwritable(out, error) from error
    note_act(context, "export", subject, {"rows": rows})
    context.progress(f"Đã ghi {out}")


COMMANDS: Iterable[click.Command] = [reconcile]
