"""`dunghen procedures` and `dunghen units`: the catalogues, imported, listed and checked."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

import click

from app.commands.shared import OPERATOR, note_act
from app.context import AppContext, finish
from app.options import common_options
from app.works.recomputing import recompute_all
from tracker.errors import UsageError
from tracker.ingest.catalogue_files import read_units
from tracker.ingest.procedure_payload import read_procedures
from tracker.machine import unwritable
from tracker.pipeline import catalogues
from tracker.pipeline.catalogue_check import check_procedures, check_units
from tracker.pipeline.catalogues import Imported, Importing
from tracker.reports import catalogue_list
from tracker.store import catalogue, catalogue_edits
from tracker.store.session import Store
from tracker.types.catalogue import CatalogueFinding, CatalogueReport

FILE = click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
DRY_RUN = click.option("--dry-run", is_flag=True, help="Đọc và đếm, không ghi gì.")
OUT = click.option("--out", type=click.Path(path_type=Path), help="Ghi ra tệp .xlsx hoặc .csv, nạp lại được.")
SHOWN_FAULTS = 50


@click.group("procedures")
def procedures() -> None:
    """Danh mục thủ tục hành chính và thời hạn."""


@procedures.command("import")
@common_options
@FILE
@click.option(
    "--from", "start", type=click.DateTime(["%Y-%m-%d"]), help="Áp dụng từ ngày này, khi tệp không ghi."
)
@DRY_RUN
@click.pass_obj
def procedures_import(context: AppContext, path: Path, start: Any, dry_run: bool) -> None:
    """Nạp danh mục thủ tục (.xlsx, .csv, JSON của LayThuTuc), rồi tính lại hạn của hồ sơ liên quan."""
    valid_from: date | None = start.date() if start else None
    read = read_procedures(path, max_mib=context.config.ingest.max_file_mib, valid_from=valid_from)
    _import(context, path, dry_run, lambda store, how: catalogues.import_procedures(store, read, how))


@procedures.command("list")
@common_options
@OUT
@click.pass_obj
def procedures_list(context: AppContext, out: Path | None) -> None:
    """Các thủ tục với thời hạn công bố, thời hạn theo luật, thời gian áp dụng."""
    with context.store.read() as session:
        kept = [
            each for each in catalogue_edits.kept_procedures(session).values() if not _is_made_up(each.code)
        ]
        extras = catalogue_edits.kept_extras(session)
    rows = catalogue_list.procedure_rows(kept, extras)
    if out is not None:
        _write(context, out, catalogue_list.PROCEDURES, rows, "Danh mục thủ tục hành chính")
    told = [
        {**asdict(each), "limits": [_plain(asdict(limit.limit)) for limit in each.limits]} for each in kept
    ]
    more = [_plain({"procedure": e.procedure, "field": e.field, **asdict(e.extra)}) for e in extras]
    text = "\n".join(f"{row[0]:<14}{row[6]:<24}{row[1]}" for row in rows)
    context.answer({"procedures": told, "extras": more, "file": str(out) if out else None}, text)


@procedures.command("check")
@common_options
@click.pass_obj
def procedures_check(context: AppContext) -> None:
    """Điều còn thiếu: thủ tục có hồ sơ mà không có thời hạn, thời hạn chồng nhau, đứt quãng, không đọc được."""
    _tell_findings(context, check_procedures(context.store))


@click.group("units")
def units() -> None:
    """Danh mục đơn vị."""


@units.command("import")
@common_options
@FILE
@DRY_RUN
@click.pass_obj
def units_import(context: AppContext, path: Path, dry_run: bool) -> None:
    """Nạp danh mục đơn vị (.xlsx, .csv), rồi đưa hồ sơ ghi tên khác về đúng đơn vị."""
    read = read_units(path, max_mib=context.config.ingest.max_file_mib)
    _import(context, path, dry_run, lambda store, how: catalogues.import_units(store, read, how))


@units.command("list")
@common_options
@OUT
@click.pass_obj
def units_list(context: AppContext, out: Path | None) -> None:
    """Các đơn vị: mã, tên, cấp, thời gian tồn tại, đơn vị kế thừa."""
    with context.store.read() as session:
        found = catalogue.units(session)
        kept = [each.told for each in catalogue_edits.kept_units(session).values() if each.is_known]
    if out is not None:
        _write(context, out, catalogue_list.UNITS, catalogue_list.unit_rows(kept), "Danh mục đơn vị")
    rows = [
        {
            "code": unit.code,
            "name": unit.name,
            "level": unit.level.value,
            "kind": unit.kind,
            "valid_from": unit.valid_from.isoformat() if unit.valid_from else None,
            "valid_to": unit.valid_to.isoformat() if unit.valid_to else None,
            "successor": found[unit.successor_id].code if unit.successor_id else None,
        }
        for unit in found.values()
    ]
    text = "\n".join(f"{row['code']:<18}{row['level']:<10}{row['name']}" for row in rows)
    context.answer({"units": rows, "file": str(out) if out else None}, text)


@units.command("check")
@common_options
@click.pass_obj
def units_check(context: AppContext) -> None:
    """Điều còn thiếu: đơn vị chưa có trong danh mục, chưa có cấp, chưa có đơn vị kế thừa."""
    _tell_findings(context, check_units(context.store, context.now().date()))


# ---------------------------------------------------------------- what they share


def _import(
    context: AppContext, path: Path, dry_run: bool, take: Callable[[Store, Importing], Imported]
) -> None:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    imported = take(context.store, Importing(path, digest, OPERATOR, context.now(), dry_run))
    report = imported.report
    if not dry_run:

        def told(done: int, total: int) -> None:
            context.progress(f"Tính lại hạn: {done:,}/{total:,} hồ sơ".replace(",", "."))

        moved = recompute_all(context, imported.scope, actor=OPERATOR, told=told)
        report = replace(report, recomputed=moved)
    context.answer(asdict(report), _told(report, dry_run))
    finish(1 if report.rejected else 0)


def _told(report: CatalogueReport, dry_run: bool) -> str:
    lines = [
        f"{'Thử, không ghi: ' if dry_run else ''}đọc {report.read} = mới {report.new} + đổi {report.changed}"
        f" + không đổi {report.unchanged} + không dùng được {report.rejected}"
    ]
    if report.closed:
        lines.append(f"  {report.closed} thời hạn cũ kết thúc vì có thời hạn mới")
    if report.recomputed:
        lines.append(f"  {report.recomputed} hồ sơ có hạn, đơn vị hoặc thủ tục khác trước")
    lines += [f"  {note}" for note in report.notes]
    lines += [
        f"{fault.file} dòng {fault.row}, cột “{fault.column}”, giá trị “{fault.value}”: {fault.message}"
        for fault in report.faults[:SHOWN_FAULTS]
    ]
    if len(report.faults) > SHOWN_FAULTS:
        lines.append(f"… và {len(report.faults) - SHOWN_FAULTS} chỗ nữa (--json để có tất cả)")
    return "\n".join(lines)


def _tell_findings(context: AppContext, findings: Sequence[CatalogueFinding]) -> None:
    lines = [
        f"{each.subject}: {each.message}" + (f" ({each.dossiers} hồ sơ)" if each.dossiers else "")
        for each in findings
    ] or ["Danh mục đủ và khớp."]
    context.answer({"ok": not findings, "findings": [asdict(each) for each in findings]}, "\n".join(lines))
    finish(1 if findings else 0)


def _write(
    context: AppContext, out: Path, columns: Sequence[Any], rows: Sequence[Sequence[Any]], title: str
) -> None:
    if out.suffix.lower() not in (".xlsx", ".csv"):
        raise UsageError(f"--out {out}: cần tệp .xlsx hoặc .csv")
    try:
        catalogue_list.write(out, columns, rows, title)
    except OSError as error:
        raise unwritable(out, error) from error
    note_act(context, "export", "catalogue", {"rows": len(rows)})
    context.progress(f"Đã ghi {len(rows)} dòng vào {out}")


def _is_made_up(code: str) -> bool:
    return code.startswith(catalogue_edits.MADE_UP)


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in values.items()}


COMMANDS = [procedures, units]
