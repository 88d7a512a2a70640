"""`dunghen proof`: the *phiếu tính hạn* of a dossier as a sheet or a file, and the check of such a file."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from app.commands.shared import moment_text, note_act
from app.context import AppContext, finish
from app.options import common_options, time_options
from letters.proof_sheet_file import sheet_docx
from letters.register import replace_file
from tracker.errors import UnusableFile, UsageError
from tracker.machine import unwritable, why
from tracker.pipeline.proofs import DossierProof, dossier_proof
from tracker.timekeeping.proof_file import SHORT_HASH, Difference, Proof, Verification, verify
from tracker.timekeeping.proof_lines import for_paper
from tracker.timekeeping.proof_words import flag_text, reason_text

KINDS = (".json", ".docx")


@click.command("proof")
@common_options
@time_options
@click.argument("code", required=False)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Ghi ra tệp .json hoặc .docx.")
@click.option("--mask", is_flag=True, help="Nhận như các lệnh khác; phiếu không bao giờ ghi người nộp.")
@click.option(
    "--verify",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Tính lại một tệp .json và so từng byte.",
)
@click.pass_obj
def proof_command(
    context: AppContext,
    as_of: datetime | None,
    known: datetime | None,
    code: str | None,
    out: Path | None,
    mask: bool,
    file: Path | None,
) -> None:
    """Phiếu tính hạn của một hồ sơ; hoặc kiểm tra một tệp phiếu."""
    if (code is None) == (file is None):
        raise UsageError("cần hoặc mã hồ sơ, hoặc --verify TỆP.json")
    if file is not None:
        _verify(context, file)
        return
    if out is not None and out.suffix.lower() not in KINDS:
        raise UsageError(f"--out {out}: cần tệp .json hoặc .docx")
    found = dossier_proof(
        context.store, context.calendars, code or "", as_of=as_of or context.now(), known=known
    )
    if found is None:
        context.answer({"error": {"code": "NOT_FOUND", "message": code}}, f"Không có hồ sơ {code}.")
        finish(1)
    else:
        _answer(context, found, out, mask)


def _answer(context: AppContext, found: DossierProof, out: Path | None, mask: bool) -> None:
    subject, proof = f"dossier:{found.answer.row.dossier_id}", found.proof
    if proof is None:
        why = reason_text(found.reason)
        note_act(context, "view", subject, {"masked": mask})
        context.answer({"error": {"code": found.reason, "message": why}}, f"Không lập được phiếu: {why}.")
        finish(1)
        return
    if out is not None:
        body = proof.body if out.suffix.lower() == ".json" else sheet_docx(context.store, found, proof)
        _write(out, body)
        context.progress(f"Đã ghi {out}")
    act = "view" if out is None else "export"
    note_act(context, act, subject, {"masked": mask, "proof": proof.input_hash})
    if context.json_output:
        click.echo(proof.body.decode())
    elif out is None:
        click.echo(_text(proof))


def _write(out: Path, body: bytes) -> None:
    try:
        replace_file(str(out), body)
    except OSError as error:
        raise unwritable(out, error) from error


def _text(proof: Proof) -> str:
    deadline = proof.deadline
    due = f"{deadline.due_at:%H:%M %d/%m/%Y}" if deadline.due_at else reason_text(deadline.reason)
    return "\n".join(
        [
            f"Hồ sơ {proof.inputs.code}: {due}",
            *(f"  {line.when}: {line.what}  [{line.source}]" for line in for_paper(deadline)),
            *(f"  {flag_text(flag)}" for flag in deadline.flags),
            f"Quy tắc {deadline.rule}, lịch {proof.inputs.calendar.key} phiên bản {deadline.calendar_version}, "
            f"xét tại {moment_text(proof.inputs.as_of)}",
            f"Mã kiểm tra {proof.check_code} (SHA-256 {proof.input_hash})",
        ]
    )


# ---------------------------------------------------------------- check


def _verify(context: AppContext, file: Path) -> None:
    """Status 0: the file says what follows from its inputs; 1: it does not; 3 (WorkFailed): unreadable."""
    found = verify(_read(file))
    document = {
        "ok": found.is_equal,
        "code": found.code,
        "input_hash": found.input_hash,
        "differences": [_difference_json(each) for each in found.differences],
    }
    context.answer(document, _verified_text(found))
    finish(0 if found.is_equal else 1)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UnusableFile(str(file), why(error)) from error


def _difference_json(each: Difference) -> dict[str, Any]:
    return {"place": each.place, "stated": each.stated, "recomputed": each.recomputed}


def _verified_text(found: Verification) -> str:
    told = f"hồ sơ {found.code}, mã kiểm tra {found.input_hash[:SHORT_HASH]}"
    if found.is_equal:
        return f"Khớp từng byte: {told}."
    lines = [
        f"  {each.place}: tệp ghi {each.stated}; tính lại {each.recomputed}" for each in found.differences
    ]
    return "\n".join([f"KHÔNG khớp: {told}, {len(found.differences)} chỗ khác.", *lines])


COMMANDS = [proof_command]
