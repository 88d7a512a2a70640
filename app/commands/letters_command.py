"""`dunghen letters due|draft|status|export`: who is owed an apology, and the letters themselves; further ones beside it."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Any

import click

from app.commands import (
    letter_move_commands,
    letter_number_commands,
    letter_print_commands,
    letter_reason_commands,
    letter_register_commands,
    letter_template_commands,
)
from app.commands.shared import OPERATOR, ask_later, note_act, unit_scope
from app.context import AppContext, finish
from app.options import AS_OF, Command, common_options
from app.works.drafting import letter_policy, noting, scope_params
from letters.case import LetterPolicy
from letters.content import Missing
from letters.experience import Experience
from letters.issue import DueLetter, DueReport, draft, due
from letters.obligations import LetterKind
from letters.register import LetterFolder
from letters.reissue import LackingLetter, LetterScope, default_folder, export, rewrite
from tracker.errors import UsageError
from tracker.store.letter_store import letter_counts

SHOWN = 20  # lines of a list in the text answer; --json gives all
MASK = "***"


@click.group("letters")
def letters() -> None:
    """Văn bản xin lỗi: ai phải được xin lỗi, soạn, xem sổ, xuất."""


def _scope_options(command: Command) -> Command:
    """--as-of, --unit and --kind."""
    command = click.option(
        "--kind", type=click.Choice([kind.value for kind in LetterKind]), help="Chỉ một loại văn bản."
    )(command)
    command = click.option("--unit", help="Mã hoặc tên đơn vị (gồm các đơn vị trực thuộc).")(command)
    return click.option(
        "--as-of", type=AS_OF, help="Xét tại thời điểm nào (mặc định: bây giờ; ngày = hết ngày đó)."
    )(command)


def _out_option(text: str) -> Callable[[Command], Command]:
    return click.option("--out", type=click.Path(file_okay=False, path_type=Path), help=text)


# ---------------------------------------------------------------- commands


@letters.command("due")
@_scope_options
@click.option("--mask", is_flag=True, help="Che tên người nộp.")
@click.option(
    "--foreseen", is_flag=True, help="Cả hồ sơ chưa quá hạn, đã đến ngày phải báo trước, chưa ai ghi lý do."
)
@common_options
@click.pass_obj
def due_command(
    context: AppContext,
    as_of: datetime | None,
    unit: str | None,
    kind: str | None,
    mask: bool,
    foreseen: bool,
) -> None:
    """Những hồ sơ phải xin lỗi mà chưa có văn bản đã ký."""
    scope = _scope(context, as_of, unit, kind)
    report = due(context.store, scope, letter_policy(context), foreseen=foreseen)
    note_act(context, "view", "letters_due", {"rows": len(report.owed), "masked": mask})
    document = {
        "as_of": scope.as_of.isoformat(),
        "count": len(report.owed),
        "to_check": report.to_check,
        "foreseen": report.foreseen,
        "lacking": sum(bool(line.missing) for line in report.owed),
        "rows": [_due_row(line, mask) for line in report.owed],
    }
    context.answer(document, _due_text(report))


@letters.command("draft")
@_scope_options
@_out_option("Thư mục ghi tệp (mặc định: thư mục dữ liệu / letters / năm).")
@click.option("--again", is_flag=True, help="Ghi lại cả tệp của những văn bản đã soạn.")
@click.option(
    "--later", is_flag=True, help="Chỉ ghi vào bảng công việc; một tiến trình dunghen worker sẽ soạn."
)
@common_options
@click.pass_obj
def draft_command(
    context: AppContext,
    as_of: datetime | None,
    unit: str | None,
    kind: str | None,
    out: Path | None,
    again: bool,
    later: bool,
) -> None:
    """Soạn văn bản cho mỗi hồ sơ phải xin lỗi mà chưa có."""
    begun = perf_counter()
    scope = _scope(context, as_of, unit, kind)
    if later:
        if out or again:
            raise UsageError("--later soạn vào thư mục dữ liệu và không ghi lại: bỏ --out và --again")
        ask_later(context, "draft_letters", scope_params(scope))
        return
    policy = letter_policy(context)
    folder = LetterFolder(out or default_folder(context.data_dir, scope), context.data_dir)
    repeated = rewrite(context.store, scope, policy, folder) if again else None
    now = context.now()
    note = noting(scope, OPERATOR, now)
    report = draft(context.store, scope, policy, folder, now=now, actor=OPERATOR, in_same_step=note)
    lacking = (*report.lacking, *(repeated.lacking if repeated else ()))
    files = report.written + (repeated.written if repeated else 0)
    document = {
        **_written(report.written, files, folder, lacking),
        "rewritten": repeated.written if repeated else 0,
        "to_check": report.to_check,
        "foreseen": report.foreseen,
        **_forms(policy, report.forms or (policy.forms.on(scope.day).key,)),
        "seconds": round(perf_counter() - begun, 3),
    }
    context.answer(document, _draft_text(document, lacking))
    finish(1 if lacking else 0)


@letters.command("export")
@_scope_options
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Thư mục ghi bản sao."
)
@common_options
@click.pass_obj
def export_command(
    context: AppContext, as_of: datetime | None, unit: str | None, kind: str | None, out: Path
) -> None:
    """Ghi bản sao mọi văn bản trong sổ (trừ bản đã hủy) vào một thư mục."""
    begun = perf_counter()
    scope = _scope(context, as_of, unit, kind)
    policy = letter_policy(context)
    folder = LetterFolder(out, context.data_dir)
    report = export(context.store, scope, policy, folder)
    note_act(context, "export", "letters", {"written": report.written, "as_of": scope.as_of.isoformat()})
    document = {
        **_written(report.written, report.written, folder, report.lacking),
        "seconds": round(perf_counter() - begun, 3),
    }
    context.answer(document, _draft_text(document, report.lacking))
    finish(1 if report.lacking else 0)


@letters.command("status")
@_scope_options
@common_options
@click.pass_obj
def status_command(context: AppContext, as_of: datetime | None, unit: str | None, kind: str | None) -> None:
    """Sổ văn bản xin lỗi: bao nhiêu văn bản ở mỗi bước, theo đơn vị."""
    scope = _scope(context, as_of, unit, kind)
    with context.store.read() as session:
        counts = letter_counts(session, scope.unit_ids, scope.as_of)
    counts = [line for line in counts if kind is None or line[2] == kind]
    states = Counter[str]()
    for _unit, state, _kind, number in counts:
        states[state] += number
    document = {
        "as_of": scope.as_of.isoformat(),
        "count": states.total(),
        "states": dict(states),
        "rows": [
            {"unit": name, "state": state, "kind": of_kind, "count": number}
            for name, state, of_kind, number in counts
        ],
    }
    lines = [f"{number:>7}  {state}" for state, number in states.most_common()]
    context.answer(document, "\n".join([f"{states.total()} văn bản trong sổ", *lines]))


# ---------------------------------------------------------------- inputs


def _scope(context: AppContext, as_of: datetime | None, unit: str | None, kind: str | None) -> LetterScope:
    return LetterScope(as_of or context.now(), unit_scope(context, unit), LetterKind(kind) if kind else None)


# ---------------------------------------------------------------- answers


def _due_row(line: DueLetter, mask: bool) -> dict[str, Any]:
    facts = line.facts
    return {
        "code": facts.code,
        "kind": facts.kind.value,
        "procedure": facts.procedure,
        "field": facts.field,
        "unit": facts.issuer.name if facts.issuer else "",
        "applicant": MASK if mask else facts.applicant_name,
        "received_at": _iso(facts.received_on),
        "due_at": _iso(facts.due_on),
        "finished_at": _iso(facts.ended_on),
        "new_due_at": _iso(facts.new_due_on),
        "new_due_is_proposal": facts.new_due_on is not None,
        "new_due_rests_on": _rests_on(line.rests_on),
        "reason": facts.reason,
        "owed_because": line.owed_because,
        "lacking": [what.value for what in line.missing],
        "letter": line.letter,
    }


def _rests_on(known: Experience | None) -> dict[str, Any] | None:
    """On what experience the proposed new date rests; None where it is the usual number of working days."""
    if known is None:
        return None
    return {
        "dossiers": known.count,
        "days": known.days,
        "of_procedure": known.is_of_procedure,
        "words": known.words,
    }


def _iso(day: Any) -> str | None:
    return None if day is None else day.isoformat()


def _written(
    written: int, files: int, folder: LetterFolder, lacking: Sequence[LackingLetter]
) -> dict[str, Any]:
    return {
        "written": written,
        "files": files,
        "out": str(folder.root),
        "lacking": len(lacking),
        "lacking_rows": [
            {"code": line.code, "unit": line.unit, "missing": [what.value for what in line.missing]}
            for line in lacking
        ],
    }


def _forms(policy: LetterPolicy, keys: Sequence[str]) -> dict[str, Any]:
    used = [policy.forms.by_key(key) for key in keys]
    return {
        "form_verified": all(form.is_verified for form in used),
        "forms": [
            {"key": form.key, "name": form.name, "source": form.source, "note": form.note} for form in used
        ],
    }


def _due_text(report: DueReport) -> str:
    lines = [
        f"{len(report.owed)} hồ sơ phải xin lỗi chưa có văn bản đã ký; {report.to_check} hồ sơ cần kiểm tra; "
        f"{report.foreseen} hồ sơ chưa quá hạn, đã đến ngày phải báo trước, chưa ghi lý do (--foreseen để xem)."
    ]
    lines += [
        f"  {line.facts.code}  {line.facts.kind.value}  {line.facts.due_on or ''}  "
        f"{line.facts.issuer.name if line.facts.issuer else ''}  {_missing(line.missing)}".rstrip()
        for line in report.owed[:SHOWN]
    ]
    return "\n".join(lines)


def _draft_text(document: dict[str, Any], lacking: Sequence[LackingLetter]) -> str:
    lines = [f"Đã ghi {document['files']} tệp vào {document['out']} ({document['seconds']} giây)."]
    if "to_check" in document:
        lines.append(f"{document['to_check']} hồ sơ cần kiểm tra trước (chỉ quá hạn theo một căn cứ).")
        if document["foreseen"]:
            lines.append(
                f"{document['foreseen']} hồ sơ chưa quá hạn nhưng đã đến ngày phải báo trước: giải quyết trong hạn, "
                "hoặc ghi lý do (dunghen letters reason) để soạn thư."
            )
        lines += [f"Mẫu: {form['name']} ({form['source']}). {form['note']}" for form in document["forms"]]
    if lacking:
        lines.append(f"{len(lacking)} văn bản chưa soạn được:")
        lines += [f"  {line.code}  {line.unit}: {_missing(line.missing)}" for line in lacking[:SHOWN]]
    return "\n".join(lines)


def _missing(missing: Sequence[Missing]) -> str:
    return "thiếu " + ", ".join(missing) if missing else ""


for _command in (
    *letter_move_commands.STEPS,
    *letter_register_commands.LETTER_COMMANDS,
    *letter_number_commands.NUMBER_COMMANDS,
    *letter_print_commands.PRINT_COMMANDS,
    *letter_template_commands.TEMPLATE_COMMANDS,
    *letter_reason_commands.REASON_COMMANDS,
):
    letters.add_command(_command)

COMMANDS = [letters]
