"""`dunghen letters template`: the shipped letter to begin with, and an office's own templates, version by version."""

from pathlib import Path
from typing import Any

import click

from app.commands.shared import OPERATOR, moment_text, unit_scope
from app.context import AppContext, finish
from app.letter_settings_acts import SettingsDesk
from app.options import Command, common_options
from letters.forms import load_forms
from letters.layout import Paper
from letters.moving import Asker
from letters.obligations import LetterKind
from letters.register import replace_file
from letters.template_package import MAX_FILE
from letters.templates import (
    TemplatePlace,
    TemplateTrial,
    Upload,
    checked_form,
    default_file,
    own_file,
    try_template,
)
from tracker.errors import UsageError
from tracker.machine import unwritable, why
from tracker.store import catalogue, template_store
from tracker.store.template_store import ACTIVE, TemplateRow

FILE = click.argument("path", type=click.Path(dir_okay=False, path_type=Path), metavar="TỆP")


def _place_options(command: Command) -> Command:
    """--form and --kind."""
    kinds = click.Choice([kind.value for kind in LetterKind])
    command = click.option("--kind", type=kinds, help="Loại văn bản (bỏ trống: mọi loại).")(command)
    return click.option("--form", required=True, help="Mẫu theo ngày, ví dụ phieu-2018.")(command)


def _place(form: str, kind: str | None, unit_id: int | None = None) -> TemplatePlace:
    return TemplatePlace(unit_id, checked_form(load_forms(), form).key, LetterKind(kind) if kind else None)


def _desk(context: AppContext) -> SettingsDesk:
    return SettingsDesk(context, Asker(OPERATOR, context.now()))


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_FILE + 1)
    except OSError as error:
        raise UsageError(f"không đọc được tệp {path}: {why(error)}") from error


@click.group("template")
def template() -> None:
    """Mẫu thư riêng của cơ quan: tệp .docx có các chỗ thay chữ như {{ma_ho_so}}."""


@template.command("list")
@click.option("--unit", help="Mã hoặc tên đơn vị (gồm các đơn vị trực thuộc).")
@common_options
@click.pass_obj
def list_command(context: AppContext, unit: str | None) -> None:
    """Các mẫu riêng, bản mới trước."""
    units = unit_scope(context, unit)
    with context.store.read() as session:
        names = {key: each.name for key, each in catalogue.units(session).items()}
        rows = [row for row in template_store.templates(session) if units is None or row.unit_id in units]
    lines = [_line(row, names.get(row.unit_id or 0, "mọi đơn vị")) for row in rows]
    context.answer(
        {"templates": [_json(row) for row in rows]},
        "\n".join(lines) or "Chưa có mẫu riêng nào; thư được soạn theo mẫu mặc định.",
    )


def _json(row: TemplateRow) -> dict[str, Any]:
    return {**row._asdict(), "uploaded_at": moment_text(row.uploaded_at)}


def _line(row: TemplateRow, unit: str) -> str:
    state = "đang dùng" if row.state == ACTIVE else "thôi dùng"
    return (
        f"{row.template_id:>5}  {row.form}, {row.kind or 'mọi loại'}, {unit}, bản {row.version}, {state}, "
        f"{row.name}, {row.uploaded_by}"
    )


@template.command("default")
@_place_options
@click.option("--own", type=int, help="Số của một mẫu riêng, để sửa tiếp từ mẫu đó.")
@click.option("--paper", type=click.Choice([paper.value for paper in Paper]), default=Paper.A4.value)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Ghi ra tệp .docx."
)
@common_options
@click.pass_obj
def default_command(
    context: AppContext, form: str, kind: str | None, own: int | None, paper: str, out: Path
) -> None:
    """Ghi mẫu mặc định (hoặc một mẫu riêng) ra tệp để sửa."""
    place = _place(form, kind)
    body = (
        default_file(load_forms(), place.form, place.kind, Paper(paper))
        if own is None
        else own_file(context.store, own)
    )
    try:
        replace_file(str(out), body)
    except OSError as error:
        raise unwritable(out, error) from error
    context.answer({"out": str(out), "bytes": len(body)}, f"Đã ghi {out}.")


@template.command("check")
@FILE
@_place_options
@common_options
@click.pass_obj
def check_command(context: AppContext, path: Path, form: str, kind: str | None) -> None:
    """Kiểm tra một tệp mẫu mà chưa dùng; kết thúc với 1 nếu không dùng được."""
    place = _place(form, kind)
    trial = try_template(_read(path), place)
    report = trial.report
    document = {
        "ok": report.is_usable,
        "placeholders": dict(report.placeholders),
        "faults": list(report.faults),
        "warnings": list(report.warnings),
        "lines": list(trial.lines),
    }
    context.answer(document, _told(trial))
    finish(0 if report.is_usable else 1)


def _told(trial: TemplateTrial) -> str:
    report = trial.report
    lines = ["Mẫu dùng được." if report.is_usable else "Không dùng được tệp mẫu này:"]
    lines += [f"  - {fault}" for fault in report.faults]
    lines += [f"  Lưu ý: {warning}" for warning in report.warnings]
    lines += [f"  | {line}" for line in trial.lines]
    return "\n".join(lines)


@template.command("add")
@FILE
@_place_options
@click.option("--unit", help="Mã hoặc tên đơn vị (bỏ trống: mọi đơn vị chưa có mẫu riêng).")
@click.option("--note", default="", help="Ghi chú về bản này.")
@common_options
@click.pass_obj
def add_command(context: AppContext, path: Path, form: str, kind: str | None, **told: Any) -> None:
    """Kiểm tra một tệp mẫu và dùng nó cho các thư soạn từ nay."""
    place = _place(form, kind, _unit_id(context, told["unit"]))
    number = _desk(context).use_template(place, Upload(path.name, _read(path), told["note"]))
    context.answer({"template": number}, f"Đã dùng mẫu số {number}. Thư đã soạn giữ mẫu cũ.")


def _unit_id(context: AppContext, unit: str | None) -> int | None:
    if unit is None:
        return None
    with context.store.read() as session:
        found = catalogue.find_unit(session, unit)
    if found is None:
        raise UsageError(f"không có đơn vị nào tên hoặc mã {unit!r}")
    return found


@template.command("retire")
@click.argument("template_id", type=int, metavar="SỐ")
@common_options
@click.pass_obj
def retire_command(context: AppContext, template_id: int) -> None:
    """Thôi dùng một mẫu; thư đã soạn bằng mẫu đó giữ nguyên."""
    _desk(context).retire_template(template_id)
    context.answer({"template": template_id}, f"Thôi dùng mẫu số {template_id}.")


TEMPLATE_COMMANDS = [template]
