"""`dunghen letters signer` and `dunghen letters series`: the registers of who signs, and of numbers that a unit has itself."""

from datetime import date
from typing import Any

import click

from app.commands.shared import OPERATOR, note_act, unit_scope
from app.context import AppContext, finish
from app.letter_number_acts import NumberDesk
from app.options import DAY, common_options
from letters.issuer import Authority
from letters.moving import Asker
from letters.series import series_check
from letters.signers import AUTHORITIES
from tracker.errors import UsageError
from tracker.store import catalogue, letter_choice, number_store, signer_store
from tracker.store.number_store import NewSeries, SeriesRow
from tracker.store.signer_store import NewSigner, SignerRow

SHOWN = 20
UNIT = click.option("--unit", required=True, help="Mã hoặc tên đơn vị.")
MAYBE_UNIT = click.option("--unit", help="Mã hoặc tên đơn vị (gồm các đơn vị trực thuộc).")


def _desk(context: AppContext) -> NumberDesk:
    return NumberDesk(context, Asker(OPERATOR, context.now()))


def _unit_id(context: AppContext, unit: str) -> int:
    with context.store.read() as session:
        found = catalogue.find_unit(session, unit)
    if found is None:
        raise UsageError(f"không có đơn vị nào tên hoặc mã {unit!r}")
    return found


def _span(start: date | None, end: date | None) -> str:
    words = (f"từ {start:%d/%m/%Y}" if start else "", f"đến {end:%d/%m/%Y}" if end else "")
    return " ".join(word for word in words if word)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


# ---------------------------------------------------------------- signers


@click.group("signer")
def signer() -> None:
    """Người được ký văn bản xin lỗi của từng đơn vị (Nghị định 30/2020/NĐ-CP Điều 13)."""


@signer.command("add")
@UNIT
@click.option("--name", "full_name", required=True, help="Họ và tên.")
@click.option(
    "--authority", type=click.Choice([each.value for each in Authority]), required=True, help="Quyền hạn ký."
)
@click.option("--title", required=True, help="Chức danh của người ký.")
@click.option("--head-title", default="", help="Chức danh của người đứng đầu, khi ký KT., TL., TUQ.")
@click.option("--from", "valid_from", type=DAY, help="Từ ngày.")
@click.option("--to", "valid_to", type=DAY, help="Đến hết ngày.")
@click.option("--basis", default="", help="Văn bản cho phép ký.")
@common_options
@click.pass_obj
def signer_add(context: AppContext, unit: str, **told: Any) -> None:
    """Thêm người được ký."""
    number = _desk(context).add_signer(NewSigner(_unit_id(context, unit), **told))
    context.answer({"signer": number}, f"Đã thêm người ký số {number}.")


@signer.command("list")
@MAYBE_UNIT
@click.option("--on", "day", type=DAY, help="Chỉ người được ký vào ngày này.")
@common_options
@click.pass_obj
def signer_list(context: AppContext, unit: str | None, day: date | None) -> None:
    """Những người được ký."""
    units = unit_scope(context, unit)
    with context.store.read() as session:
        rows = signer_store.signers_of(session, units)
    rows = [row for row in rows if day is None or row.is_valid(day)]
    note_act(context, "view", "signers", {"rows": len(rows)})
    context.answer(
        {"signers": [_signer_json(row) for row in rows]},
        "\n".join(map(_signer_line, rows)) or "Chưa có người ký nào.",
    )


def _signer_json(row: SignerRow) -> dict[str, Any]:
    days = {"valid_from": _iso(row.valid_from), "valid_to": _iso(row.valid_to)}
    return {**row._asdict(), **days}


def _signer_line(row: SignerRow) -> str:
    authority = AUTHORITIES[Authority(row.authority)]
    told = f"{row.signer_id:>5}  {row.full_name}, {row.title}, {authority}, {row.unit}"
    return ", ".join(word for word in (told, _span(row.valid_from, row.valid_to), row.basis) if word)


@signer.command("end")
@click.argument("signer_id", type=int, metavar="SỐ")
@click.option("--to", "last_day", type=DAY, required=True, help="Ngày cuối cùng được ký.")
@common_options
@click.pass_obj
def signer_end(context: AppContext, signer_id: int, last_day: date) -> None:
    """Kết thúc quyền ký."""
    _desk(context).end_signer(signer_id, last_day)
    context.answer(
        {"signer": signer_id, "valid_to": _iso(last_day)},
        f"Quyền ký số {signer_id} kết thúc hết ngày {last_day:%d/%m/%Y}.",
    )


@signer.command("choose")
@click.argument("signer_id", type=int, metavar="SỐ")
@click.argument("codes", nargs=-1, required=True, metavar="MÃ...")
@common_options
@click.pass_obj
def signer_choose(context: AppContext, signer_id: int, codes: tuple[str, ...]) -> None:
    """Chọn người ký cho văn bản chưa ký, nêu bằng mã tra cứu hoặc mã hồ sơ."""
    with context.store.read() as session:
        ids, unknown = letter_choice.by_codes(session, codes)
    if unknown:
        raise UsageError("không có văn bản xin lỗi nào của: " + ", ".join(unknown))
    report = _desk(context).choose_signer(ids, signer_id)
    refused = [{"letter": line.letter_id, "code": line.code, "reason": line.why} for line in report.refused]
    lines = [f"{len(report.moved)} văn bản đã chọn người ký; {len(refused)} không chọn được."]
    lines += [f"  {line.code}: {line.why}" for line in report.refused[:SHOWN]]
    document = {"chosen": len(report.moved), "letters": list(report.moved), "refused": refused}
    context.answer(document, "\n".join(lines))
    finish(1 if refused else 0)


# ---------------------------------------------------------------- series


@click.group("series")
def series() -> None:
    """Dãy số riêng của đơn vị được phép lấy số văn bản xin lỗi riêng."""


@series.command("add")
@UNIT
@click.option("--symbol", required=True, help="Ký hiệu đứng sau số, ví dụ PXL-STNMT.")
@click.option("--decision", required=True, help="Văn bản cho phép lấy số riêng.")
@click.option(
    "--first", "first_number", type=int, default=1, show_default=True, help="Số bắt đầu trong năm đầu."
)
@click.option("--from", "valid_from", type=DAY, required=True, help="Từ ngày.")
@common_options
@click.pass_obj
def series_add(context: AppContext, unit: str, **told: Any) -> None:
    """Đăng ký dãy số riêng."""
    number = _desk(context).register_series(NewSeries(_unit_id(context, unit), **told))
    context.answer({"series": number}, f"Đã đăng ký dãy số {number}.")


@series.command("list")
@MAYBE_UNIT
@common_options
@click.pass_obj
def series_list(context: AppContext, unit: str | None) -> None:
    """Các dãy số riêng đã đăng ký."""
    units = unit_scope(context, unit)
    with context.store.read() as session:
        rows = number_store.series_of(session, units)
    context.answer(
        {"series": [_series_json(row) for row in rows]},
        "\n".join(map(_series_line, rows)) or "Chưa có dãy số riêng nào.",
    )


def _series_json(row: SeriesRow) -> dict[str, Any]:
    return {**row._asdict(), "valid_from": _iso(row.valid_from), "valid_to": _iso(row.valid_to)}


def _series_line(row: SeriesRow) -> str:
    return (
        f"{row.series_id:>5}  {row.symbol}, {row.unit}, {_span(row.valid_from, row.valid_to)}, {row.decision}"
    )


@series.command("close")
@click.argument("series_id", type=int, metavar="SỐ")
@click.option("--to", "last_day", type=DAY, required=True, help="Ngày cuối cùng lấy số từ dãy này.")
@common_options
@click.pass_obj
def series_close(context: AppContext, series_id: int, last_day: date) -> None:
    """Đóng một dãy số riêng."""
    _desk(context).close_series(series_id, last_day)
    context.answer(
        {"series": series_id, "valid_to": _iso(last_day)},
        f"Dãy số {series_id} đóng hết ngày {last_day:%d/%m/%Y}.",
    )


@series.command("check")
@MAYBE_UNIT
@common_options
@click.pass_obj
def series_check_command(context: AppContext, unit: str | None) -> None:
    """Số thiếu, số trùng, số mà văn bản ghi khác; kết thúc với 1 nếu có."""
    units = unit_scope(context, unit)
    with context.store.read() as session:
        faults = series_check(session, units)
    told = [
        {"kind": f.kind, "series": f.series_id, "year": f.year, "number": f.number, "reason": f.why}
        for f in faults
    ]
    lines = [f"dãy số {f.series_id}, năm {f.year}, số {f.number}: {f.why}" for f in faults]
    context.answer(
        {"ok": not faults, "faults": told},
        "\n".join(lines) or "Các dãy số liên tục, không thiếu, không trùng.",
    )
    finish(1 if faults else 0)
