"""`dunghen letters check|list|compliance|register|report`: does the ledger balance, what went wrong, how the duty was met."""

import os
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date, datetime
from hashlib import file_digest
from pathlib import Path
from typing import Any, BinaryIO

import click

from app.commands.shared import moment_text, note_act, reads_reports, unit_scope
from app.context import AppContext, finish
from app.options import AS_OF, DAY, common_options
from app.works.drafting import letter_policy
from letters.balance import Balance, balance
from letters.case import Names
from letters.compliance import Compliance, Figures, Share
from letters.issuer import Issuer
from letters.ledger_cases import ComplianceQuestion, Grouping, Period, counted, office_day
from letters.ledger_lists import LedgerList, ListKey, ListLine, ListQuestion, ledger_list
from letters.quarterly import ReportFacts, load_bases, quarter_of, report_of, share_words
from letters.quarterly_book import figures_sheet, list_sheets
from letters.quarterly_render import render
from letters.register import WRITING
from letters.register_book import list_sheet, register_sheet, write_book
from letters.register_words import LISTS, WHOLES, WHYS
from tracker.errors import UsageError
from tracker.machine import unwritable
from tracker.store import catalogue
from tracker.store.letter_candidates import load_catalogue

SHOWN = 20  # lines of a list in the text answer; --json gives all
UNIT_HELP = "Mã hoặc tên đơn vị (gồm các đơn vị trực thuộc)."

as_of_option = click.option(
    "--as-of", type=AS_OF, help="Xét tại thời điểm nào (mặc định: bây giờ; ngày = hết ngày đó)."
)
unit_option = click.option("--unit", help=UNIT_HELP)


@click.command("check")
@as_of_option
@common_options
@click.pass_obj
def check_command(context: AppContext, as_of: datetime | None) -> None:
    """Sổ theo dõi có đủ mọi hồ sơ quá hạn không; kết thúc với 1 nếu thiếu."""
    found = balance(context.store, as_of or context.now(), letter_policy(context))
    note_act(context, "view", "letters_check", {"late": found.late, "missing": len(found.missing)})
    document = {
        "as_of": moment_text(found.as_of),
        "ok": found.ok,
        "late": found.late,
        "states": {state.value: number for state, number in sorted(found.states.items())},
        "missing": list(found.missing),
        "closed_late": list(found.closed_late),
        "foreseen": found.foreseen,
        "others": found.others,
    }
    context.answer(document, _balance_text(found))
    finish(0 if found.ok else 1)


@click.command("list")
@click.argument("key", type=click.Choice([key.value for key in ListKey]))
@as_of_option
@unit_option
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Ghi ra tệp .xlsx.")
@common_options
@click.pass_obj
@reads_reports
def list_command(
    context: AppContext, key: str, as_of: datetime | None, unit: str | None, out: Path | None
) -> None:
    """Danh sách những việc xin lỗi cần xem lại."""
    moment = as_of or context.now()
    question = ListQuestion(ListKey(key), moment, unit_scope(context, unit))
    found = ledger_list(context.store, question, letter_policy(context))
    if out is not None:
        _check_ending(out, ".xlsx")
        _write(out, lambda stream: write_book(stream, [list_sheet(found, office_day(moment))]))
        context.progress(f"Đã ghi {len(found.lines)} dòng vào {out}")
    act = "view" if out is None else "export"
    note_act(context, act, "letters_list", {"list": key, "rows": len(found.lines)})
    document = {
        "key": key,
        "as_of": moment_text(moment),
        "count": len(found.lines),
        **_share_json(found.share),
        "rows": [_line_json(line) for line in found.lines],
        "unknown": [_line_json(line) for line in found.unknown],
    }
    context.answer(document, _list_text(found))


@click.command("compliance")
@click.option("--from", "start", type=DAY, required=True, help="Ngày hẹn bị lỡ từ ngày.")
@click.option("--to", "end", type=DAY, required=True, help="Ngày hẹn bị lỡ đến ngày (tính cả ngày đó).")
@unit_option
@click.option("--by", type=click.Choice([by.value for by in Grouping]), default="unit", show_default=True)
@common_options
@click.pass_obj
@reads_reports
def compliance_command(context: AppContext, start: date, end: date, unit: str | None, by: str) -> None:
    """Tỷ lệ hồ sơ quá hạn được xin lỗi đúng thời gian và giữ đúng hẹn mới, luôn kèm tử số và mẫu số."""
    question = ComplianceQuestion(
        _period(start, end), office_day(context.now()), unit_scope(context, unit), Grouping(by)
    )
    found = counted(context.store, question, letter_policy(context))
    note_act(context, "view", "letters_compliance", {"by": by, "rows": len(found.groups)})
    document = {
        "from": start.isoformat(),
        "to": end.isoformat(),
        "as_of": question.day.isoformat(),
        "by": by,
        "rows": [{by: name, **_figures_json(each)} for name, each in found.groups.items()],
        "total": _figures_json(found.total),
    }
    context.answer(document, _compliance_text(found))


@click.command("register")
@click.option("--from", "start", type=DAY, required=True, help="Ngày văn bản từ ngày.")
@click.option("--to", "end", type=DAY, required=True, help="Ngày văn bản đến ngày (tính cả ngày đó).")
@unit_option
@click.option("--mask", is_flag=True, help="Che tên người nhận.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Tệp .xlsx.")
@common_options
@click.pass_obj
@reads_reports
def register_command(
    context: AppContext, start: date, end: date, unit: str | None, mask: bool, out: Path
) -> None:
    """Sổ theo dõi văn bản xin lỗi, cả văn bản đã hủy."""
    _check_ending(out, ".xlsx")
    period, unit_ids = _period(start, end), unit_scope(context, unit)
    with context.store.read() as session:
        sheet = register_sheet(session, period, unit_ids, names=not mask, unit=unit or "")
        (rows,) = _write(out, lambda stream: write_book(stream, [sheet]))
    note_act(context, "export", "letters_register", {"rows": rows, "masked": mask})
    context.answer(_file_json(out, rows), f"Đã ghi {rows} văn bản vào {out}")


@click.command("report")
@click.option("--quarter", help="Quý, dạng 2022-Q4; hoặc dùng --from và --to.")
@click.option("--from", "start", type=DAY, help="Ngày hẹn bị lỡ từ ngày.")
@click.option("--to", "end", type=DAY, help="Ngày hẹn bị lỡ đến ngày (tính cả ngày đó).")
@click.option("--unit", help="Mã hoặc tên đơn vị báo cáo (gồm các đơn vị trực thuộc).")
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Tệp .docx hoặc .xlsx."
)
@common_options
@click.pass_obj
@reads_reports
def report_command(
    context: AppContext,
    quarter: str | None,
    start: date | None,
    end: date | None,
    unit: str | None,
    out: Path,
) -> None:
    """Báo cáo tình hình thực hiện việc xin lỗi bằng văn bản của một quý hoặc một khoảng thời gian."""
    _check_ending(out, ".docx", ".xlsx")
    period, unit_ids, moment = _reported(quarter, start, end), unit_scope(context, unit), context.now()
    policy, day = letter_policy(context), office_day(moment)
    figures = counted(context.store, ComplianceQuestion(period, day, unit_ids), policy)
    if out.suffix.lower() == ".docx":
        body = render(report_of(ReportFacts(_issuer(context, unit, day), period, day, figures), load_bases()))
        _write(out, lambda stream: stream.write(body))
    else:
        sheets = [figures_sheet(figures, period, f"{day:%d/%m/%Y}", unit or "")]
        lists = list_sheets(context.store, ListQuestion(ListKey.NO_LETTER, moment, unit_ids, period), policy)
        _write(out, lambda stream: write_book(stream, _one_after_other(sheets, lists)))
    rows = len(figures.groups)
    note_act(context, "export", "letters_report", {"rows": rows, "format": out.suffix.lower()})
    unverified = [
        basis.note for basis in load_bases() if basis.holds_on(period.end) and not basis.is_verified
    ]
    document = {**_file_json(out, rows), "late": figures.total.late, "unverified": unverified}
    context.answer(document, "\n".join([f"Đã ghi báo cáo vào {out}", *(f"  {note}" for note in unverified)]))


# ---------------------------------------------------------------- inputs


def _period(start: date, end: date) -> Period:
    if end < start:
        raise UsageError(f"--to {end} đứng trước --from {start}")
    return Period(start, end)


def _reported(quarter: str | None, start: date | None, end: date | None) -> Period:
    if quarter is not None:
        if start or end:
            raise UsageError("dùng --quarter, hoặc --from và --to, không dùng cả hai")
        if (found := quarter_of(quarter)) is None:
            raise UsageError(f"--quarter {quarter!r}: cần dạng 2022-Q4")
        return found
    if start is None or end is None:
        raise UsageError("cần --quarter, hoặc cả --from và --to")
    return _period(start, end)


def _check_ending(out: Path, *endings: str) -> None:
    if out.suffix.lower() not in endings:
        raise UsageError(f"--out {out}: cần tệp {' hoặc '.join(endings)}")


def _issuer(context: AppContext, unit: str | None, day: date) -> Issuer | None:
    """The unit that reports, or its successor; None where none was chosen: the name is left blank."""
    if unit is None:
        return None
    with context.store.read() as session:
        return Names(load_catalogue(session)).issuer(catalogue.find_unit(session, unit), day)


# ---------------------------------------------------------------- files


def _one_after_other(first: list[Any], others: Iterator[Any]) -> Iterator[Any]:
    yield from first
    yield from others


def _write(out: Path, write: Callable[[BinaryIO], Any]) -> Any:
    """A file whole or not at all.

    Raises:
        WorkFailed: it cannot be written.
    """
    beside = out.with_name(out.name + WRITING)
    try:
        with beside.open("wb") as stream:
            written = write(stream)
        os.replace(beside, out)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise unwritable(out, error) from error
    return written


def _file_json(out: Path, rows: int) -> dict[str, Any]:
    with out.open("rb") as stream:
        return {"file": str(out), "rows": rows, "sha256": file_digest(stream, "sha256").hexdigest()}


# ---------------------------------------------------------------- answers


def _share_json(share: Share) -> dict[str, Any]:
    return {"numerator": share.numerator, "denominator": share.denominator, "rate": share.rate}


def _figures_json(figures: Figures) -> dict[str, Any]:
    plain = {name: value for name, value in asdict(figures).items() if not isinstance(value, dict)}
    shares = ("apologised", "by_law_day", "by_due_day", "kept_share")
    return {
        **plain,
        **{name: _share_json(getattr(figures, name)) for name in shares},
        "waiting": {state.value: number for state, number in sorted(figures.waiting.items())},
    }


def _line_json(line: ListLine) -> dict[str, Any]:
    document = asdict(line) | {"why": str(line.why)}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in document.items()}


def _balance_text(found: Balance) -> str:
    if found.ok:
        return f"Cân: {found.late} hồ sơ quá hạn đều có trong sổ; {found.foreseen} hồ sơ sắp quá hạn."
    lines = [f"KHÔNG CÂN: {found.late} hồ sơ quá hạn, {len(found.missing)} hồ sơ không có trong sổ,"
             f" {len(found.closed_late)} hồ sơ đã đóng mà vẫn quá hạn. Hãy cập nhật sổ rồi kiểm tra lại."]  # fmt: skip
    lines += [f"  không có trong sổ: {code}" for code in found.missing[:SHOWN]]
    return "\n".join(lines + [f"  đã đóng mà vẫn quá hạn: {code}" for code in found.closed_late[:SHOWN]])


def _list_text(found: LedgerList) -> str:
    share = found.share
    lines = [f"{LISTS[found.key]}: {share.numerator}/{share.denominator} {WHOLES[found.key]}"]
    lines += [
        f"  {line.code}  {line.number}  {line.unit}  {WHYS.get(line.why, line.why)}".rstrip()
        for line in found.lines[:SHOWN]
    ]
    if found.unknown:
        lines.append(f"Chưa xác định được: {len(found.unknown)}")
    return "\n".join(lines)


def _compliance_text(found: Compliance) -> str:
    named = [*found.groups.items(), ("Tổng", found.total)]
    return "\n".join(
        f"{name}: {each.late} hồ sơ quá hạn; đã xin lỗi {share_words(each.apologised)};"
        f" đúng thời gian {share_words(each.by_law_day)}; giữ hẹn {each.kept}/{each.kept_share.denominator}"
        for name, each in named
    )


LETTER_COMMANDS = [check_command, list_command, compliance_command, register_command, report_command]
