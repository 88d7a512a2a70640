"""`dunghen audit pack`, `dunghen audit key` and the check of a pack: evidence that others can check without us."""

import os
import shutil
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from app import pack_check, pack_keys, packs
from app.commands.shared import OPERATOR, moment_text
from app.context import AppContext, finish
from app.options import DAY, common_options, time_options
from app.packs import MadePack, PackAsked
from tracker.errors import UsageError, WorkFailed
from tracker.machine import why
from tracker.measures.log_chain import Seal
from tracker.measures.pack_check import Expected
from tracker.measures.pack_format import grouped
from tracker.store import catalogue, pack_store
from tracker.store.pack_store import KeyRow
from tracker.types import Basis

PRIVATE = 0o600
PERSONAL = "Gói chứa thông tin cá nhân (họ tên, văn bản xin lỗi): giữ kín; dùng --mask để có bản che tên."


@click.command("pack")
@common_options
@time_options
@click.option("--from", "start", type=DAY, required=True, help="Kết thúc từ ngày.")
@click.option(
    "--to", "end", type=DAY, required=True, help="Kết thúc đến ngày; hồ sơ đang mở xét tại cuối ngày này."
)
@click.option("--unit", help="Mã hoặc tên đơn vị; tính cả các đơn vị bên dưới.")
@click.option("--basis", type=click.Choice([b.value for b in Basis]), default="source", show_default=True)
@click.option("--title", default="", help="Tên gói, in trên tờ bìa.")
@click.option("--mask", is_flag=True, help="Che họ tên và lý do ghi tự do; không kèm tệp văn bản xin lỗi.")
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="FILE.zip")
@click.pass_obj
def pack_command(
    context: AppContext,
    as_of: datetime | None,
    known: datetime | None,
    start: date,
    end: date,
    unit: str | None,
    basis: str,
    title: str,
    mask: bool,
    out: Path,
) -> None:
    """Làm gói chứng cứ của một kỳ: danh sách, phiếu tính hạn, thư, nhật ký, lịch, quy định, ký bằng khóa của cơ quan."""
    if out.suffix.lower() != packs.ENDING:
        raise UsageError(f"--out {out}: cần tệp .zip")
    if not out.resolve().parent.is_dir():
        raise UsageError(f"--out {out}: không có thư mục {out.resolve().parent}")
    asked = PackAsked(start, end, as_of or context.now(), title, Basis(basis), known=known, names=not mask)
    asked = replace(asked, unit_id=_unit(context, unit))
    made = context.from_reports(lambda: packs.make_pack(context, asked, by=OPERATOR, watch=_telling(context)))
    _hand_out(made, out)
    context.answer(_document(made, out), _text(made, out, mask))


def _unit(context: AppContext, unit: str | None) -> int | None:
    if unit is None:
        return None
    with context.store.read() as session:
        found = catalogue.find_unit(session, unit)
    if found is None:
        raise UsageError(f"không có đơn vị nào tên hoặc mã {unit!r}")
    return found


def _hand_out(made: MadePack, out: Path) -> None:
    """A copy for the operator, whole or not at all; the registered file stays in the data folder for its time."""
    beside = out.with_name(f"{out.name}.part")
    try:
        with made.path.open("rb") as source:
            target = os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE), "wb")
            with target:
                shutil.copyfileobj(source, target, 1 << 20)
        beside.replace(out)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise WorkFailed(
            f"Gói {made.new.number} đã làm và ghi sổ, nằm ở {made.path}, nhưng không chép được ra {out}: {why(error)}"
        ) from error


def _document(made: MadePack, out: Path) -> dict[str, Any]:
    new = made.new
    return {
        "file": str(out),
        "number": new.number,
        "size": new.size,
        "sha256": new.sha256,
        "manifest_sha256": new.manifest_sha256,
        "fingerprint": new.fingerprint,
        "signature": new.signature,
        "counts": dict(new.counts),
        "masked": new.question["masked"],
    }


def _text(made: MadePack, out: Path, mask: bool) -> str:
    new, counts = made.new, made.new.counts
    lines = [
        f"Gói chứng cứ {new.number}: {counts['dossiers']} hồ sơ quá hạn, {counts['proofs']} phiếu tính hạn, "
        f"{counts['letters']} văn bản xin lỗi ({counts['letter_files']} tệp), {counts['log_entries']} mục nhật ký.",
        f"  {out} ({new.size / 2**20:.1f} MiB)",
        f"SHA-256 của tệp: {new.sha256}",
        f"Dấu vân tay của khóa: {grouped(new.fingerprint)}",
        "Hãy công bố dấu vân tay này ở nơi người nhận tìm được mà không qua gói (văn bản, trang thông tin).",
    ]
    return "\n".join(lines if mask else [*lines, PERSONAL])


def _telling(context: AppContext) -> packs.Watch:
    told = ""

    def watch(_done: int, _total: int | None, words: str) -> None:
        nonlocal told
        if words != told:
            told = words
            context.progress(f"{words}…")

    return watch


# ---------------------------------------------------------------- checking


def verify_pack(context: AppContext, file: Path, lines: tuple[Seal, ...], key: str | None) -> None:
    """Check a pack: 0 whole and by a known key; 1 something is wrong, or nobody knows the key; 3 (WorkFailed) no file."""
    keys, told_by = (
        (pack_check.known_keys(context), "register") if key is None else (pack_check.key_given(key), "given")
    )
    report = pack_check.check_file(file, Expected(keys, told_by, lines), _telling(context))
    in_register = None
    if key is None and keys:
        with context.store.read() as session:
            in_register = pack_check.said_by_register(session, report)
    found = pack_check.document(report, in_register)
    context.answer(found, "\n".join(pack_check.told(found)))
    finish(0 if found["ok"] else 1)


# ---------------------------------------------------------------- keys


@click.group("key")
def key_group() -> None:
    """Khóa ký gói chứng cứ: tạo, xem, thôi dùng, nhận vào."""


@key_group.command("show")
@common_options
@click.pass_obj
def show_keys(context: AppContext) -> None:
    """Các khóa đã biết với dấu vân tay và khóa công khai; khóa đang dùng đứng đầu."""
    with context.store.read() as session:
        found = pack_store.keys(session)
    found.sort(key=lambda row: row.retired_at is not None)
    document = {"keys": [_key_json(row) for row in found], "file": str(context.config.pack_key.file)}
    context.answer(
        document, "\n".join(map(_key_text, found)) or "Chưa có khóa nào; khóa được tạo khi làm gói đầu tiên."
    )
    finish(0 if found else 1)


def _key_json(row: KeyRow) -> dict[str, Any]:
    return {
        "fingerprint": row.fingerprint,
        "public_key": row.public_key,
        "pem": pack_keys.public_pem(bytes.fromhex(row.public_key)).decode(),
        "made_at": moment_text(row.made_at),
        "made_by": row.made_by,
        "retired_at": moment_text(row.retired_at),
    }


def _key_text(row: KeyRow) -> str:
    state = f"thôi dùng từ {row.retired_at:%d/%m/%Y %H:%M}" if row.retired_at else "đang dùng"
    pem = pack_keys.public_pem(bytes.fromhex(row.public_key)).decode()
    return (
        f"{grouped(row.fingerprint)}\n  {state}, ghi sổ {row.made_at:%d/%m/%Y %H:%M} bởi {row.made_by}\n{pem}"
    )


@key_group.command("new")
@common_options
@click.pass_obj
def new_key(context: AppContext) -> None:
    """Tạo khóa mới, khi không có khóa nào đang dùng."""
    key = pack_keys.new_key(context, OPERATOR)
    _told(context, key.fingerprint)


@key_group.command("retire")
@common_options
@click.argument("fingerprint", metavar="DẤU_VÂN_TAY")
@click.pass_obj
def retire_key(context: AppContext, fingerprint: str) -> None:
    """Thôi dùng một khóa (ít nhất 8 chữ số đầu của dấu vân tay); gói nó đã ký vẫn kiểm tra được."""
    row = pack_keys.retire(context, fingerprint, OPERATOR)
    text = f"Đã thôi dùng khóa {grouped(row.fingerprint)}. Tệp khóa bí mật được đổi tên, không bị xóa."
    context.answer({"fingerprint": row.fingerprint, "retired": True}, text)


@key_group.command("import")
@common_options
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def import_key(context: AppContext, file: Path) -> None:
    """Nhận một khóa: khóa bí mật (khi chuyển máy) thành khóa đang dùng; khóa công khai của nơi khác chỉ để kiểm tra."""
    _told(context, pack_keys.import_key(context, file, OPERATOR))


def _told(context: AppContext, fingerprint: str) -> None:
    context.answer({"fingerprint": fingerprint}, f"Dấu vân tay của khóa: {grouped(fingerprint)}")


PACK_COMMANDS = [pack_command, key_group]
