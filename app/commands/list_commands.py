"""`dunghen overdue` and `dunghen dossier`: the late list and the single dossier."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from app.commands.shared import moment_text, note_act, reads_reports, unit_scope
from app.context import AppContext, finish
from app.options import DAY, common_options, time_options
from tracker.errors import UsageError
from tracker.machine import unwritable
from tracker.pipeline import LateAnswer, LateQuestion, dossier, doubles, overdue
from tracker.pipeline.hands import Hands, hands_of
from tracker.reports import late_list
from tracker.store import letter_store
from tracker.store.differing import differing_of
from tracker.types import Basis, DossierAnswer, DossierRow, EventRow, Intake, LateRow, Precision
from tracker.types.reconciling import Disagreement

SHOWN = 30
MASK = "•••"


@click.command("overdue")
@common_options
@time_options
@click.option("--unit", help="Mã hoặc tên đơn vị; tính cả các đơn vị bên dưới.")
@click.option("--field", help="Tên lĩnh vực.")
@click.option("--state", type=click.Choice(["open", "finished", "all"]), default="open", show_default=True)
@click.option("--basis", type=click.Choice([b.value for b in Basis]), default="source", show_default=True)
@click.option("--precision", type=click.Choice(["date", "instant"]), default="date", show_default=True)
@click.option("--from", "start", type=DAY, help="Kết thúc từ ngày (hồ sơ đã giải quyết).")
@click.option("--to", "end", type=DAY, help="Kết thúc đến ngày.")
@click.option("--out", type=click.Path(path_type=Path), help="Ghi ra tệp .xlsx hoặc .csv.")
@click.pass_obj
@reads_reports
def overdue_command(
    context: AppContext,
    as_of: datetime | None,
    known: datetime | None,
    unit: str | None,
    field: str | None,
    state: str,
    basis: str,
    precision: str,
    start: date | None,
    end: date | None,
    out: Path | None,
) -> None:
    """Danh sách hồ sơ quá hạn tại một thời điểm, theo một căn cứ ngày hẹn."""
    question = LateQuestion(
        as_of or context.now(), Basis(basis), state, unit_scope(context, unit), field, start, end,
        Precision(precision), known,
    )  # fmt: skip
    answer = overdue(context.store, context.calendars, question)
    if out is not None:
        _write(context, answer, out)
    context.answer(_late_json(answer), _late_text(answer))


def _write(context: AppContext, answer: LateAnswer, out: Path) -> None:
    if out.suffix.lower() not in (".xlsx", ".csv"):
        raise UsageError(f"--out {out}: cần tệp .xlsx hoặc .csv")
    title = f"Hồ sơ quá hạn tại {answer.question.as_of:%d/%m/%Y %H:%M}: {answer.count} hồ sơ"
    try:
        if out.suffix.lower() == ".xlsx":
            late_list.write_xlsx(out, answer.rows, title)
        else:
            late_list.write_csv(out, answer.rows)
    except OSError as error:
        raise unwritable(out, error) from error
    note_act(context, "export", "late_list", {"rows": answer.count, "basis": answer.question.basis.value})
    context.progress(f"Đã ghi {answer.count} dòng vào {out}")


def _late_json(answer: LateAnswer) -> dict[str, Any]:
    return {
        "as_of": moment_text(answer.question.as_of),
        "basis": answer.question.basis.value,
        "count": answer.count,
        "unknown": answer.unknown,
        "bases": {
            basis.value: {"late": late.late, "computed": late.computed, "total": late.total}
            for basis, late in answer.bases.items()
        },
        "rows": None if answer.count is None else [_row_json(row) for row in answer.rows],
    }


def _row_json(row: LateRow) -> dict[str, Any]:
    return {
        "code": row.code,
        "procedure": row.procedure,
        "field": row.field,
        "unit": row.unit,
        "received_at": moment_text(row.received_at),
        "due_at": moment_text(row.due_at),
        "finished_at": moment_text(row.finished_at),
        "state": row.state.value,
        "late_days": row.late_days,
        "letter": row.letter,
    }


def _late_text(answer: LateAnswer) -> str:
    if answer.count is None:
        return answer.unknown or ""
    lines = [f"{answer.count} hồ sơ quá hạn tại {answer.question.as_of:%d/%m/%Y %H:%M}"]
    lines += [
        f"  {row.code}  hẹn {row.due_at:%d/%m/%Y}  quá {row.late_days} ngày làm việc  {row.unit}"
        for row in answer.rows[:SHOWN]
    ]
    if answer.count > SHOWN:
        lines.append(f"  … và {answer.count - SHOWN} hồ sơ nữa (--out TỆP.xlsx để có tất cả)")
    return "\n".join(lines)


@click.command("dossier")
@common_options
@time_options
@click.argument("code")
@click.option("--mask", is_flag=True, help="Che họ tên, địa chỉ, điện thoại.")
@click.pass_obj
def dossier_command(
    context: AppContext, as_of: datetime | None, known: datetime | None, code: str, mask: bool
) -> None:
    """Một hồ sơ: lịch sử, ba ngày hẹn, vì sao đến hạn ngày đó."""
    answer = dossier(
        context.store,
        context.calendars,
        code,
        as_of=as_of or context.now(),
        known=known,
        due_soon=context.due_soon,
    )
    if answer is None:
        context.answer({"error": {"code": "NOT_FOUND", "message": code}}, f"Không có hồ sơ {code}.")
        finish(1)
        return
    note_act(context, "view", f"dossier:{answer.row.dossier_id}", {"masked": mask})
    with context.store.read() as session:
        letters = [
            letter.state for letter in letter_store.letters_for_dossier(session, answer.row.dossier_id)
        ]
        # Without --known: what another source tells has no history of its own.
        differences = (
            [] if known else doubles.differences(session, differing_of(session, answer.row.dossier_id))
        )
    document = _dossier_json(answer, letters, mask) | {
        "source": answer.row.source,
        "differences": [_difference_json(one) for one in differences],
        **_hands_json(hands_of(answer, context.calendars, known)),
    }
    context.answer(document, _dossier_text(answer))


def _difference_json(one: Disagreement) -> dict[str, Any]:
    def shown(value: datetime | str | None) -> str | None:
        return moment_text(value) if isinstance(value, datetime) else value

    return {
        "field": one.field,
        "source": one.source,
        "value": shown(one.value),
        "other": one.other,
        "other_value": shown(one.other_value),
    }


def _hands_json(hands: Hands | None) -> dict[str, Any]:
    """Who had it in hand; minutes are working minutes, `part` of the lateness."""
    if hands is None:
        return {"steps": [], "undivided": None}
    steps = [
        {
            "department": step.department, "kind": step.kind.value, "from": moment_text(step.begun_at),
            "to": None if step.is_open else moment_text(step.ended_at), "minutes": step.minutes, "share": step.share,
            "overrun": step.overrun, "part": step.part, "first": step.is_first,
        }
        for step in hands.steps
    ]  # fmt: skip
    why = hands.why.value if hands.why else None
    undivided = {"minutes": hands.undivided, "why": why, "between": hands.between}
    return {"steps": steps, "undivided": undivided}


def _person(row: DossierRow, mask: bool) -> dict[str, str]:
    if mask:
        return {"name": MASK, "address": MASK, "phone": MASK}
    return {"name": row.applicant_name, "address": row.address, "phone": row.phone}


def _dossier_json(answer: DossierAnswer, letters: list[str], mask: bool) -> dict[str, Any]:
    row = answer.row
    source = answer.verdicts[Basis.SOURCE]
    proof = answer.proof
    return {
        "code": row.code,
        "as_of": moment_text(answer.as_of),
        "state": source.state.value,
        "refused": source.refused,
        "procedure": row.procedure,
        "field": row.field,
        "unit": row.resolving_unit.name if row.resolving_unit else None,
        "applicant": _person(row, mask),
        "received_at": moment_text(row.received_at),
        "finished_at": moment_text(row.finished_at),
        "returned_at": moment_text(row.returned_at),
        "due": {
            "promised": moment_text(row.promised_at),
            "documented": moment_text(proof.due_at if proof else row.documented_due_at),
            "source": moment_text(row.source_due_at),
        },
        "documented_reason": row.documented_reason,
        "late": {
            basis.value: {
                "state": verdict.state.value,
                "late": verdict.is_late,
                "late_days": verdict.late_days,
                "late_minutes": verdict.late_minutes,
                "remaining_minutes": verdict.remaining_minutes,
            }
            for basis, verdict in answer.verdicts.items()
        },
        "intake": _intake_json(answer.intake),
        "hand_over": None if answer.hand_over is None else {
            "days": answer.hand_over.days, "minutes": answer.hand_over.minutes,
        },
        "suspensions": [
            {"from": moment_text(s.start), "to": moment_text(s.end), "kind": s.kind.value}
            for s in row.suspensions
        ],
        "due_seen": [
            {"kind": d.kind, "due_at": moment_text(d.due_at), "seen_at": moment_text(d.seen_at)}
            for d in row.dues_seen
        ],
        "events": [_event_json(event, mask) for event in row.events],
        "flags": sorted({*row.flags, *source.flags}),
        "letters": letters,
        "proof": [] if proof is None else [
            {"at": moment_text(step.at), "rule": step.rule, "source": step.source, "text": step.text}
            for step in proof.steps
        ],
    }  # fmt: skip


def _intake_json(intake: Intake | None) -> dict[str, Any] | None:
    if intake is None:
        return None
    return {
        "state": intake.state.value,
        "started_at": moment_text(intake.started_at),
        "due_at": moment_text(intake.due_at),
        "late_minutes": intake.late_minutes,
        "late_days": intake.late_days,
        "verified": intake.is_verified,
        "flags": list(intake.flags),
    }


def _event_json(event: EventRow, mask: bool) -> dict[str, Any]:
    document = {"at": moment_text(event.at), "kind": event.kind, "text": event.text}
    if event.kind.startswith("step_"):
        # Free text of a source may name people.
        document |= {"text": "" if mask else event.text, "department": event.department}
        document |= {"begun_at": moment_text(event.begun_at), "due_at": moment_text(event.due_at)}
    return document


def _dossier_text(answer: DossierAnswer) -> str:
    row = answer.row
    lines = [f"{row.code}: {answer.verdicts[Basis.SOURCE].state.value}", f"  {row.procedure} ({row.field})"]
    lines += [
        f"  {name}: {moment:%d/%m/%Y %H:%M}"
        for name, moment in (
            ("tiếp nhận", row.received_at),
            ("ngày hẹn ban đầu", row.promised_at),
            ("hạn tính theo quy định", row.documented_due_at),
            ("ngày hẹn theo nguồn", row.source_due_at),
            ("kết thúc xử lý", row.finished_at),
        )
        if moment
    ]
    return "\n".join(lines + [f"    {step.text}" for step in (answer.proof.steps if answer.proof else ())])


COMMANDS = [overdue_command, dossier_command]
