"""`dunghen letters number|signed|signer|series`: numbers and dates, files that came back signed, who signs."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from app.commands.letter_series_commands import series, signer
from app.commands.shared import OPERATOR, unit_scope
from app.context import AppContext, finish
from app.letter_number_acts import NumberDesk
from app.options import DAY, common_options
from letters.moving import Asker, MoveReport
from letters.number_lists import ListFault, NumberList, numbers_in_file, pasted_numbers
from letters.numbering import NotNumbered
from letters.path import LetterState
from letters.signed_files import LARGEST, SignedReport, TakenFile
from tracker.errors import UnusableFile, UsageError
from tracker.machine import why
from tracker.store import letter_choice

SHOWN = 20  # lines of a list in the text answer; --json gives all
FILES_AT_ONCE = 20  # of 20 MiB at most
UNIT_HELP = "Mã hoặc tên đơn vị (gồm các đơn vị trực thuộc)."


@click.command("number")
@click.option("--file", "path", type=click.Path(path_type=Path), help="Danh sách số văn bản (.xlsx, .csv).")
@click.option("--paste", type=click.File(encoding="utf-8"), help="Danh sách dán vào; - là bàn phím.")
@click.option("--own", is_flag=True, help="Lấy số từ dãy số riêng của đơn vị.")
@click.option("--date", "issued_on", type=DAY, help="Ngày văn bản khi lấy số riêng (mặc định: hôm nay).")
@click.option("--letters", "codes", multiple=True, help="Mã tra cứu hoặc mã hồ sơ, theo thứ tự lấy số.")
@click.option("--all", "every", is_flag=True, help="Mọi văn bản đã ký chưa có số.")
@click.option("--unit", help=UNIT_HELP)
@common_options
@click.pass_obj
def number_command(context: AppContext, unit: str | None, own: bool, **given: Any) -> None:
    """Vào số, ngày văn bản: theo danh sách của hệ thống quản lý văn bản, hoặc từ dãy số riêng.

    Mỗi dòng dán vào: mã tra cứu; số; ngày[; người ký][; ngày ký].
    """
    desk = NumberDesk(context, Asker(OPERATOR, context.now(), unit_scope(context, unit)))
    if sum((given["path"] is not None, given["paste"] is not None, own)) != 1:
        raise UsageError("nêu đúng một cách: --file, --paste hoặc --own")
    if not own and (given["codes"] or given["every"] or given["issued_on"]):
        raise UsageError("--letters, --all và --date chỉ dùng với --own")
    if own:
        ids = _letters_of(desk, given["codes"], given["every"])
        _answer_own(context, desk.number_own(ids, given["issued_on"] or desk.asker.today))
        return
    told = _list_of(context, given["path"], given["paste"])
    _answer_given(context, told, desk.give(told.given))


def _list_of(context: AppContext, path: Path | None, paste: Any) -> NumberList:
    if path is not None:
        return numbers_in_file(path, max_mib=context.config.ingest.max_file_mib)
    try:
        return pasted_numbers(paste.read())
    except UnicodeDecodeError:
        raise UsageError("danh sách dán vào không phải chữ UTF-8") from None


def _letters_of(desk: NumberDesk, codes: Sequence[str], every: bool) -> list[int]:
    named = [code.strip() for each in codes for code in each.split(",") if code.strip()]
    if bool(named) == every:
        raise UsageError("nêu văn bản bằng --letters, hoặc dùng --all")
    with desk.context.store.read() as session:
        if every:
            return letter_choice.in_states(session, (LetterState.SIGNED,), unit_ids=desk.asker.unit_ids)
        found, unknown = letter_choice.by_codes(session, named)
    if unknown:
        raise UsageError("không có văn bản xin lỗi nào của: " + ", ".join(unknown))
    return found


def _answer_own(context: AppContext, report: MoveReport) -> None:
    refused = [{"letter": line.letter_id, "code": line.code, "reason": line.why} for line in report.refused]
    lines = [f"{len(report.moved)} văn bản đã vào số; {len(refused)} chưa vào số."]
    lines += [f"  {line.code}: {line.why}" for line in report.refused[:SHOWN]]
    document = {"numbered": len(report.moved), "letters": list(report.moved), "refused": refused}
    context.answer(document, "\n".join(lines))
    finish(1 if refused else 0)


def _answer_given(context: AppContext, told: NumberList, report: MoveReport) -> None:
    faults = sorted([*told.faults, *_list_faults(told, report)], key=lambda fault: fault.row)
    already = len(told.given) - len(report.moved) - len(report.refused)
    lines = [
        f"Đọc {told.read} dòng: {len(report.moved)} văn bản đã vào số, {already} đã có đúng số ngày này, "
        f"{told.read - len(report.moved) - already} không dùng được."
    ]
    lines += [
        f"  {fault.file} dòng {fault.row}, cột “{fault.column}”, giá trị “{fault.value}”: {fault.reason}"
        for fault in faults[:SHOWN]
    ]
    if len(faults) > SHOWN:
        lines.append(f"… và {len(faults) - SHOWN} chỗ nữa (--json để có tất cả)")
    document = {
        "read": told.read, "numbered": len(report.moved), "already": already, "letters": list(report.moved),
        "refused": [
            {"file": f.file, "row": f.row, "column": f.column, "value": f.value, "reason": f.reason} for f in faults
        ],
    }  # fmt: skip
    context.answer(document, "\n".join(lines))
    finish(1 if faults else 0)


def _list_faults(told: NumberList, report: MoveReport) -> list[ListFault]:
    """What the register refused, as the places of the list that it stood in."""
    refused = [each for each in report.refused if isinstance(each, NotNumbered)]
    return [ListFault(told.file, each.given.row, each.column, each.value, each.why) for each in refused]


# ---------------------------------------------------------------- signed files


@click.command("signed")
@click.argument(
    "paths",
    nargs=-1,
    required=True,
    metavar="TỆP...",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--unit", help=UNIT_HELP)
@common_options
@click.pass_obj
def signed_command(context: AppContext, paths: tuple[Path, ...], unit: str | None) -> None:
    """Nhận bản đã ký (PDF, .docx): ghép với văn bản theo mã tra cứu trong tệp, hoặc theo tên tệp."""
    desk = NumberDesk(context, Asker(OPERATOR, context.now(), unit_scope(context, unit)))
    some = (paths[start : start + FILES_AT_ONCE] for start in range(0, len(paths), FILES_AT_ONCE))
    reports = [desk.take_signed([_file(path) for path in each]) for each in some]
    _answer_signed(
        context,
        SignedReport(
            tuple(file for report in reports for file in report.taken),
            tuple(file for report in reports for file in report.known),
            tuple(file for report in reports for file in report.refused),
        ),
    )


def _file(path: Path) -> tuple[str, bytes]:
    try:
        with path.open("rb") as stream:
            return path.name, stream.read(LARGEST + 1)
    except OSError as error:
        raise UnusableFile(str(path), why(error)) from error


def _answer_signed(context: AppContext, report: SignedReport) -> None:
    proposals = [_proposed(file) for file in report.taken if file.proposal]
    document = {
        "taken": [_taken(file) for file in report.taken],
        "known": [_taken(file) for file in report.known],
        "refused": [{"file": file.name, "reason": file.why} for file in report.refused],
        "proposals": proposals,
    }
    lines = [
        f"{len(report.taken)} bản đã ký được nhận, {len(report.known)} đã có, {len(report.refused)} không nhận."
    ]
    lines += [f"  {file.name}: {file.why}" for file in report.refused]
    if proposals:
        lines.append("Số và ngày đọc được; kiểm tra rồi dán vào: dunghen letters number --paste -")
        lines += ["; ".join(each.values()) for each in proposals]
    context.answer(document, "\n".join(lines))
    finish(1 if report.refused else 0)


def _taken(file: TakenFile) -> dict[str, Any]:
    return {
        "file": file.name, "letter": file.letter_id, "code": file.code, "short_code": file.short_code,
        "sha256": file.sha256, "by_name": file.by_name, "replaced": file.replaced,
    }  # fmt: skip


def _proposed(file: TakenFile) -> dict[str, str]:
    """A line as `letters number --paste` reads it; the date stays empty where it could not be read."""
    number, day = (file.proposal.number, file.proposal.issued_on) if file.proposal else ("", None)
    return {"short_code": file.short_code, "number": number, "date": _day(day)}


def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


NUMBER_COMMANDS = [number_command, signed_command, signer, series]
