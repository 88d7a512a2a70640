"""`dunghen audit findings`: signs that lateness was made to disappear, with their evidence, and hidden lateness by unit."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import click

from app import finding_words
from app.commands.shared import moment_text, note_act, reads_reports, unit_scope
from app.context import AppContext, finish
from app.finding_filters import FindingFilters
from app.options import AS_OF, DAY, common_options
from app.works.exporting import View
from app.works.finding import up_to_date
from app.works.finding_exporting import CSV, XLSX_ENDING, at_once
from tracker.errors import UsageError
from tracker.machine import unwritable
from tracker.store import catalogue, finding_candidates, finding_lists, finding_said
from tracker.store.session import Session
from tracker.types.finding_lists import FindingQuestion, FindingRow, HiddenCount, added
from tracker.types.findings import FindingKind, FindingState, evidence_json

SHOWN = 30
TOGETHER = 1_000
EVER = (0, 999_999)


@click.command("findings")
@common_options
@click.option("--from", "start", type=DAY, help="Xảy ra từ ngày.")
@click.option("--to", "end", type=DAY, help="Xảy ra đến hết ngày.")
@click.option("--unit", help="Mã hoặc tên đơn vị; tính cả các đơn vị bên dưới.")
@click.option(
    "--kind", type=click.Choice([kind.value for kind in FindingKind]), help="Chỉ loại dấu hiệu này."
)
@click.option(
    "--state",
    type=click.Choice([state.value for state in FindingState]),
    help="Chỉ ở bước này (mặc định: mọi bước).",
)
@click.option(
    "--as-of",
    type=AS_OF,
    help="Như sổ dấu hiệu lúc đó: đã thấy và còn thấy (mặc định: bây giờ; ngày = hết ngày đó).",
)
@click.option("--out", type=click.Path(path_type=Path), help="Ghi ra tệp .xlsx hoặc .csv.")
@click.pass_obj
@reads_reports
def findings_command(
    context: AppContext,
    start: date | None,
    end: date | None,
    unit: str | None,
    kind: str | None,
    state: str | None,
    as_of: datetime | None,
    out: Path | None,
) -> None:  # fmt: skip
    """Dấu hiệu cần giải trình (dời hạn, ghi lùi ngày, rút hàng loạt…) kèm chứng cứ, và độ trễ bị che theo đơn vị.

    Dấu hiệu không phải là kết luận. Xem trước những gì mới nạp, rồi trả lời. Mã kết thúc 1 khi còn dấu hiệu chờ giải trình.
    """
    if out is not None and (out.suffix.lower() not in (XLSX_ENDING, CSV) or as_of is not None):
        raise UsageError("--out cần tệp .xlsx hoặc .csv, và không đi cùng --as-of")
    up_to_date(context, context.progress)
    units = unit_scope(context, unit)
    chosen = FindingFilters(
        FindingKind(kind) if kind else None, FindingState(state) if state else None, False, None, start, end
    )
    with context.store.read() as session:
        rows = list(_rows(session, chosen.question(units), as_of))
        hidden = _hidden(session, units, start, end)
        equal = _equal_ends(session, units)
    if out is not None:
        _write(out, at_once(context, chosen, View(context.now(), units, True), out.suffix.lower())[1])
    detail = {**chosen.as_address(), "rows": len(rows), "masked": True}
    note_act(context, "finding_export" if out else "findings", "command", detail)
    document = {
        "as_of": moment_text(as_of or context.now()), "count": len(rows),
        "kinds": dict(Counter(row.kind.value for row in rows)), "states": dict(Counter(row.state.value for row in rows)),
        "findings": [] if out else [finding_json(row) for row in rows], "hidden": [_hidden_json(*one) for one in hidden],
        "equal_ends": equal,
    }  # fmt: skip
    context.answer(document | ({"file": str(out)} if out else {}), _text(rows, hidden, out))
    finish(1 if any(row.state is FindingState.OPEN for row in rows) else 0)


# ---------------------------------------------------------------- which ones


def _rows(session: Session, asked: FindingQuestion, as_of: datetime | None) -> Iterator[FindingRow]:
    """The findings as they stand, or as the book of findings stood at a moment."""
    if as_of is None:
        yield from finding_lists.all_findings(session, asked)
        return
    anyhow = replace(asked, state=None)
    standing = finding_lists.all_findings(session, anyhow)
    gone = finding_lists.all_findings(session, replace(anyhow, is_gone=True))
    then = (row for rows in (list(standing), list(gone)) for row in rows if _stood(row, as_of))
    while part := list(islice(then, TOGETHER)):
        yield from (row for row in _as_said(session, part, as_of) if asked.state in (None, row.state))


def _stood(row: FindingRow, as_of: datetime) -> bool:
    return row.found_at <= as_of and (row.gone_at is None or row.gone_at > as_of)


def _as_said(session: Session, rows: Sequence[FindingRow], as_of: datetime) -> Iterator[FindingRow]:
    """The rows with the state that they had then."""
    said = finding_said.latest_said(session, [row.finding_id for row in rows])
    for row in rows:
        last = said.get(row.finding_id)
        if last is None or last.at <= as_of:
            yield row
            continue
        before = [one for one in finding_said.said_of(session, row.finding_id) if one.at <= as_of]
        yield replace(row, state=before[0].state if before else FindingState.OPEN)


def _hidden(
    session: Session, units: frozenset[int] | None, start: date | None, end: date | None
) -> list[tuple[str, HiddenCount]]:
    """Hidden lateness of each unit in the months that the period touches, the most hidden first."""
    first = start.year * 100 + start.month if start else EVER[0]
    last = end.year * 100 + end.month if end else EVER[1]
    by_unit: dict[int, list[HiddenCount]] = {}
    for row in finding_lists.hidden_rows(session, units, first, last):
        by_unit.setdefault(row.unit_id, []).append(row.count)
    names = catalogue.units(session)
    found = [
        (names[unit].name if unit in names else "Chưa rõ đơn vị", added(counts))
        for unit, counts in by_unit.items()
    ]
    return sorted(found, key=lambda one: (-one[1].hidden, one[0]))


def _equal_ends(session: Session, units: frozenset[int] | None) -> list[Mapping[str, Any]]:
    """Of each unit the dossiers that ended at the very second of their due date, of all that ended (formats note 5.5 no. 6)."""
    names = catalogue.units(session)
    return [
        {"unit": names[unit].name, "equal": one.equal, "ended": one.ended}
        for unit, one in sorted(finding_candidates.unit_ends(session).items())
        if one.equal and unit in names and (units is None or unit in units)
    ]


# ---------------------------------------------------------------- answers


def finding_json(row: FindingRow) -> dict[str, Any]:
    """One finding as JSON values; nothing of any person."""
    return {
        "id": row.finding_id, "code": row.code, "kind": row.kind.value, "title": finding_words.kind_words(row.kind),
        "at": moment_text(row.at), "unit": row.unit, "procedure": row.procedure, "state": row.state.value,
        "found_at": moment_text(row.found_at), "gone_at": moment_text(row.gone_at),
        "evidence": evidence_json(row.evidence),
    }  # fmt: skip


def _hidden_json(name: str, count: HiddenCount) -> Mapping[str, Any]:
    return {
        "unit": name, "ended": count.ended, "complete": count.complete, "late": count.late,
        "hidden_documented": count.documented, "hidden_promised": count.promised, "hidden": count.hidden,
    }  # fmt: skip


def _text(rows: Sequence[FindingRow], hidden: Sequence[tuple[str, HiddenCount]], out: Path | None) -> str:
    open_ones = sum(row.state is FindingState.OPEN for row in rows)
    lines = [f"{len(rows)} dấu hiệu cần giải trình (không phải kết luận), {open_ones} chưa ai giải trình"]
    for kind, count in Counter(row.kind for row in rows).most_common():
        lines.append(f"  {count:>6}  {finding_words.kind_words(kind)}")
    if out is not None:
        return "\n".join([*lines, f"Đã ghi vào {out}"])
    lines += [_line(row) for row in rows[:SHOWN]]
    if len(rows) > SHOWN:
        lines.append(f"  … và {len(rows) - SHOWN} dấu hiệu nữa (--out TỆP.xlsx để có tất cả)")
    worst = [one for one in hidden if one[1].hidden]
    if worst:
        lines.append("Độ trễ bị che, chỉ tính hồ sơ đủ dữ liệu:")
        lines += [f"  {one.hidden}/{one.complete}  {name}" for name, one in worst[:SHOWN]]
    return "\n".join(lines)


def _line(row: FindingRow) -> str:
    return f"  {row.code}  {finding_words.kind_words(row.kind)}: {finding_words.pair_words(row.evidence)}  {row.unit}".rstrip()


def _write(out: Path, content: bytes) -> None:
    beside = out.with_name(f".{out.stem}.writing{out.suffix.lower()}")
    try:
        beside.write_bytes(content)
        beside.replace(out)
    except OSError as error:
        raise unwritable(out, error) from error
    finally:
        beside.unlink(missing_ok=True)


FINDING_COMMANDS = (findings_command,)
