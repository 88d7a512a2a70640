"""What `dunghen reconcile` answers: JSON documents and texts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app import reconciling_words as words
from app.commands.time_inputs import moment_text
from app.presenters import CHIPS, day, moment, number
from tracker.pipeline.taking_reports import TakenReport
from tracker.types.reconciling import (
    ComparedRow,
    Comparison,
    Disagreement,
    DoubleGroup,
    Doubles,
    ReportEntry,
    ReportPlace,
    SeenBatch,
    VanishedAnswer,
    VanishedRow,
)

SHOWN = 30
MASK = "•••"


def place_json(place: ReportPlace) -> dict[str, Any]:
    """Which report."""
    return {
        "source": place.source,
        "form": place.form,
        "from": place.start.isoformat(),
        "to": place.end.isoformat(),
        "unit": place.unit_id,
    }


# ---------------------------------------------------------------- reports


def taken_json(taken: TakenReport) -> dict[str, Any]:
    """What came of a report."""
    return {
        "report": taken.report_id,
        **place_json(taken.place),
        "new": taken.is_new,
        "rows": taken.rows,
        "figures": taken.figures,
        "unknown_units": list(taken.unknown_units),
        "faults": list(taken.faults),
    }


def taken_text(taken: TakenReport) -> str:
    """The same in words."""
    what = f"Báo cáo số {taken.report_id}: {words.place_name(taken.place)}, {number(taken.figures)} số liệu"
    lines = [what if taken.is_new else f"{what} (đã có từ trước, không ghi thêm)"]
    lines += [f"  danh mục chưa biết đơn vị “{unit}”" for unit in taken.unknown_units]
    lines += [f"  {fault}" for fault in taken.faults]
    return "\n".join(lines)


def reports_json(entry: ReportEntry) -> dict[str, Any]:
    """A report that came in."""
    return {
        "report": entry.report_id,
        **place_json(entry.place),
        "file": entry.file or None,
        "rows": entry.rows,
        "figures": entry.figures,
        "entered_by": entry.entered_by,
        "entered_at": moment_text(entry.entered_at),
    }


def reports_text(entries: Sequence[ReportEntry]) -> str:
    """All of them, one a line."""
    lines = [
        f"  số {one.report_id}  nguồn {one.place.source}  {words.place_name(one.place)}  "
        f"{one.file or 'nhập tay'}, {number(one.figures)} số liệu, {moment(one.entered_at)}"
        for one in entries
    ]
    return "\n".join(lines) or "Chưa có báo cáo nào của nguồn: dunghen reconcile import TỆP"


# ---------------------------------------------------------------- the comparison


def compared_json(answer: Comparison) -> dict[str, Any]:
    """Every row with every figure."""
    return {
        **place_json(answer.place),
        "form_name": answer.form_name,
        "form_verified": answer.is_verified,
        "form_source": answer.form_source,
        "as_of": moment_text(answer.as_of),
        "unknown": answer.unknown,
        "differences": answer.differences,
        "last_told": moment_text(answer.last_told),
        "rejected": answer.rejected,
        "excluded": dict(answer.excluded),
        "notes": dict(answer.notes),
        "reports": [one.report_id for one in answer.reports],
        "rows": None if answer.unknown else [_compared_row(row) for row in answer.rows],
    }


def _compared_row(row: ComparedRow) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "name": row.name,
        "unit": row.unit_id,
        "lines": list(row.rows),
        "reported": row.is_reported,
        "units_below": row.below,
        "causes": [{"cause": one.cause.value, "count": one.count} for one in row.reasons],
        "imbalances": [
            {"total": one.total, "told": one.told, "parts": list(one.parts), "sum": one.added}
            for one in row.imbalances
        ],
        "figures": {
            cell.measure: {
                "theirs": cell.theirs,
                "ours": cell.ours,
                "difference": cell.difference,
                "parts": {("-" if part.sign < 0 else "") + part.counter: part.value for part in cell.parts},
                "causes": [{"cause": one.cause.value, "count": one.count} for one in cell.reasons],
            }
            for cell in row.cells
        },
    }


def compared_text(answer: Comparison) -> str:
    """What differs, in words."""
    head = f"Nguồn {answer.place.source}, {words.place_name(answer.place, answer.form_name)}"
    if answer.unknown:
        return f"{head}: {answer.unknown}"
    lines = [f"{head}, xét tại {moment(answer.as_of)}: {number(answer.differences)} số liệu khác nhau"]
    if not answer.is_verified:
        lines.append(f"  (cách tính của biểu chưa đối chiếu văn bản: {answer.form_source})")
    for row in answer.rows:
        lines += _row_lines(row, answer)
    return "\n".join(lines)


def _row_lines(row: ComparedRow, answer: Comparison) -> list[str]:
    told = [words.reason(one, answer.notes) for one in row.reasons] + [
        words.imbalance(one) for one in row.imbalances
    ]
    lines = []
    for cell in row.cells:
        if cell.difference:
            why = "; ".join(words.reasons(cell, answer.notes))
            lines.append(
                f"    {words.MEASURES[cell.measure].lower()}: báo cáo {number(cell.theirs)}, phần mềm "
                f"{number(cell.ours)}, chênh {words.difference(cell.difference)}{f' ({why})' if why else ''}"
            )
    if not told and not lines:
        return []
    return [f"  {words.row_name(row)}{': ' if told else ''}{'; '.join(told)}", *lines]


# ---------------------------------------------------------------- vanished


def vanished_json(answer: VanishedAnswer) -> dict[str, Any]:
    """The dossiers, late ones first."""
    return {
        "source": answer.source,
        "latest": _batch_json(answer.latest),
        "before": _batch_json(answer.before),
        "doubtful": answer.is_doubtful,
        "count": len(answer.rows),
        "late": answer.late,
        "unaccepted": answer.unaccepted,
        "rows": [_vanished_row(one) for one in answer.rows],
    }


def _batch_json(batch: SeenBatch | None) -> dict[str, Any] | None:
    if batch is None:
        return None
    return {
        "batch": batch.batch_id,
        "at": moment_text(batch.at),
        "full": bool(batch.is_full),
        "dossiers": batch.dossiers,
        "open": batch.open_dossiers,
    }


def _vanished_row(one: VanishedRow) -> dict[str, Any]:
    row = one.row
    return {
        "code": row.code,
        "unit": row.unit,
        "procedure": row.procedure,
        "received_at": moment_text(row.received_at),
        "due_at": moment_text(row.due_at),
        "finished_at": moment_text(row.finished_at),
        "state": row.state.value,
        "late": one.is_late,
        "late_days": row.late_days,
        "last_told": _batch_json(one.last),
    }


def vanished_text(answer: VanishedAnswer) -> str:
    """The same in words."""
    if answer.latest is None or answer.before is None:
        return (
            f"Nguồn {answer.source} chưa có hai bản xuất toàn bộ để so sánh "
            "(nạp bằng dunghen ingest --full); không kết luận hồ sơ nào biến mất."
        )
    lines = [
        f"{number(len(answer.rows))} hồ sơ nguồn {answer.source} không còn kể ở lần nạp {answer.latest.batch_id} "
        f"({moment(answer.latest.at)}), trong đó {number(answer.late)} quá hạn"
    ]
    if answer.is_doubtful:
        lines.append(
            f"  Lần nạp này chỉ kể {number(answer.latest.dossiers)} hồ sơ, lần trước {number(answer.before.dossiers)}: "
            "có thể không phải bản xuất toàn bộ."
        )
    if answer.unaccepted:
        lines.append(f"  Ngoài ra {number(answer.unaccepted)} hồ sơ chưa tiếp nhận: xem dunghen intake.")
    lines += [
        f"  {one.row.code}  {CHIPS[one.row.state].word.lower()}  hẹn {moment(one.row.due_at)}  {one.row.unit}"
        + (f"  còn kể {moment(one.last.at)} (lần nạp {one.last.batch_id})" if one.last else "")
        for one in answer.rows[:SHOWN]
    ]
    return "\n".join([*lines, *_rest(len(answer.rows))])


# ---------------------------------------------------------------- doubles


def doubles_json(answer: Doubles, *, mask: bool) -> dict[str, Any]:
    """Groups, differing tellings, conflicts."""
    return {
        "from": answer.start.isoformat(),
        "to": answer.end.isoformat(),
        "looked_at": answer.looked_at,
        "groups": [_group_json(one, mask=mask) for one in answer.groups],
        "disagreements": [_disagreement_json(one) for one in answer.disagreements],
        "conflicts": [
            {
                "rejection": one.rejection_id,
                "batch": one.batch_id,
                "source": one.source,
                "file": one.file,
                "row": one.row,
                "code": one.code,
                "message": one.message,
            }
            for one in answer.conflicts
        ],
    }


def _group_json(group: DoubleGroup, *, mask: bool) -> dict[str, Any]:
    return {
        "applicant": MASK if mask else group.applicant,
        "procedure": group.procedure,
        "received_on": group.day.isoformat(),
        "dossiers": [
            {"code": row.code, "source": row.source, "unit": row.unit, "open": row.is_open}
            for row in group.rows
        ],
    }


def _disagreement_json(one: Disagreement) -> dict[str, Any]:
    return {
        "code": one.code,
        "unit": one.unit,
        "field": one.field,
        "source": one.source,
        "value": _value_json(one.value),
        "other": one.other,
        "other_value": _value_json(one.other_value),
    }


def _value_json(value: datetime | str | None) -> str | None:
    return moment_text(value) if isinstance(value, datetime) else value


def doubles_text(answer: Doubles) -> str:
    """The same in words."""
    lines = [
        f"{number(len(answer.groups))} nhóm hồ sơ có thể là một, trong {number(answer.looked_at)} hồ sơ "
        f"tiếp nhận {day(answer.start)} – {day(answer.end)}"
    ]
    lines += [
        f"  {day(group.day)}  {group.procedure}: "
        + ", ".join(f"{row.code} ({row.source})" for row in group.rows)
        for group in answer.groups[:SHOWN]
    ]
    lines += _rest(len(answer.groups))
    lines.append(f"{number(len(answer.disagreements))} chỗ các nguồn nói khác nhau")
    lines += [
        f"  {one.code}  {words.FIELDS.get(one.field, one.field).lower()}: {one.source} ghi "
        f"{words.value(one.field, one.value)}, {one.other} ghi {words.value(one.field, one.other_value)}"
        for one in answer.disagreements[:SHOWN]
    ]
    lines += _rest(len(answer.disagreements))
    lines.append(f"{number(len(answer.conflicts))} dòng có mã đã là của hồ sơ khác")
    lines += [f"  {one.code}  {one.file}, dòng {one.row}" for one in answer.conflicts[:SHOWN]]
    return "\n".join([*lines, *_rest(len(answer.conflicts))])


def _rest(count: int) -> list[str]:
    return [f"  … và {number(count - SHOWN)} nữa (--json hoặc --out để có tất cả)"] if count > SHOWN else []
