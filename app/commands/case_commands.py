"""`dunghen audit cases`, `audit queries`, `audit sample`: the auditor's late dossiers, kept questions, random samples."""

import hashlib
import json
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import click

from app.audit_query_flags import flag_words
from app.commands.case_options import GivenCases, asked_cases, case_options
from app.commands.shared import moment_text, note_act, reads_reports
from app.context import AppContext
from app.options import common_options
from app.works.case_exporting import ENDINGS, XLSX_ENDING, CasesAsked, all_cases, write_cases, write_sample
from tracker.errors import UsageError
from tracker.machine import unwritable
from tracker.pipeline.case_sampling import CaseSample, draw_cases
from tracker.pipeline.late_cases import nothing_known
from tracker.store import saved_query_store
from tracker.types import Basis
from tracker.types.late_cases import LateCase, SamplePlan, Stratum

SHOWN = 30


@click.command("cases")
@common_options
@case_options
@click.option("--out", type=click.Path(path_type=Path), help="Ghi ra tệp .xlsx hoặc .csv.")
@click.option(
    "--limit", type=click.IntRange(0), default=50, show_default=True, help="Số dòng trả lời trên màn hình."
)
@click.pass_obj
@reads_reports
def cases_command(context: AppContext, out: Path | None, limit: int, **given: Any) -> None:
    """Hồ sơ quá hạn cho kiểm tra: ba ngày hẹn, số ngày trễ theo từng căn cứ, tạm dừng, thư, lý do, lưu ý."""
    asked = asked_cases(context, GivenCases(**given))
    reason = nothing_known(context.store, asked.question)
    if reason:
        context.answer({**_question_json(asked), "count": None, "unknown": reason, "rows": None}, reason)
        return
    tally = Tally(limit if out is None else 0)
    cases = tally.watched(all_cases(context, asked))
    if out is None:
        tally.run_out(cases)
    else:
        _write(out, cases, asked)
    detail = {**asked.chosen.as_address(), "rows": tally.count, "masked": not asked.view.names}
    note_act(context, "case_export" if out else "cases", "command", detail)
    document = {**_question_json(asked), "count": tally.count, "bases": tally.bases_json()}
    context.answer(document | _file_json(out, tally), _cases_text(tally, asked, out))


class Tally:
    """Counts cases while they pass, and keeps the first of them."""

    def __init__(self, kept: int) -> None:
        self.count, self._kept = 0, kept
        self.first: list[LateCase] = []
        self._late: Counter[Basis] = Counter()
        self._told: Counter[Basis] = Counter()

    def watched(self, cases: Iterable[LateCase]) -> Iterator[LateCase]:
        """The same cases."""
        for case in cases:
            self.count += 1
            self._late.update(basis for basis in Basis if case.late[basis].is_late)
            self._told.update(basis for basis in Basis if case.dues[basis] is not None)
            if len(self.first) < self._kept:
                self.first.append(case)
            yield case

    @staticmethod
    def run_out(cases: Iterator[LateCase]) -> None:
        """Look at all of them."""
        for _ in cases:
            pass

    def bases_json(self) -> dict[str, Any]:
        """How many of the listed ones are late on each basis, of how many that have a due date on it."""
        return {
            basis.value: {"late": self._late[basis], "computed": self._told[basis], "total": self.count}
            for basis in Basis
        }


def _write(out: Path, cases: Iterable[LateCase], asked: CasesAsked) -> None:
    if out.suffix.lower() not in ENDINGS:
        raise UsageError(f"--out {out}: cần tệp .xlsx hoặc .csv")
    beside = out.with_name(f".{out.stem}.writing{out.suffix.lower()}")
    try:
        write_cases(beside, cases, asked)
        beside.replace(out)
    except OSError as error:
        raise unwritable(out, error) from error
    finally:
        beside.unlink(missing_ok=True)


def _question_json(asked: CasesAsked) -> dict[str, Any]:
    question = asked.question
    return {
        "as_of": moment_text(question.as_of),
        "basis": question.judged_on.value,
        "state": question.state.value,
        "from": question.start.isoformat() if question.start else None,
        "to": question.end.isoformat() if question.end else None,
    }


def _file_json(out: Path | None, tally: Tally) -> dict[str, Any]:
    if out is None:
        return {"rows": [case_json(case) for case in tally.first]}
    return {"file": str(out), "sha256": _sha256(out)}


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def case_json(case: LateCase) -> dict[str, Any]:
    """One case with everything that stands in a file; days that nobody can tell are null."""
    return {
        "code": case.code,
        "procedure_code": case.procedure_code,
        "procedure": case.procedure,
        "field": case.field,
        "unit": case.unit,
        "level": case.level.value,
        "receiving_unit": case.receiving_unit,
        "channel": case.channel.value,
        "applicant": case.applicant,
        "received_at": moment_text(case.received_at),
        "finished_at": moment_text(case.ended_at),
        "state": case.state.value,
        "due": {basis.value: moment_text(case.dues[basis]) for basis in Basis},
        "late": {
            basis.value: {"late": case.late[basis].is_late if case.dues[basis] else None, "late_days": case.late[basis].late_days}
            for basis in Basis
        },
        "suspensions": {"count": case.stops.times, "workdays": case.stops.days, "kinds": [k.value for k in case.stops.kinds]},
        "letter": {
            "state": case.letter.state or None,
            "number": case.letter.number,
            "issued_on": case.letter.issued_on.isoformat() if case.letter.issued_on else None,
            "new_due_at": moment_text(case.letter.new_due_at),
            "promise": case.letter.promise or None,
        },
        "reason": case.reason,
        "responsible_unit": case.responsible_unit,
        "flags": list(case.flags),
        "dues_seen": case.dues_seen,
    }  # fmt: skip


def _cases_text(tally: Tally, asked: CasesAsked, out: Path | None) -> str:
    head = f"{tally.count} hồ sơ quá hạn, xét tại {asked.question.as_of:%d/%m/%Y %H:%M}"
    if out is not None:
        return f"{head}\nĐã ghi vào {out}"
    lines = [head, *(_line(case, asked.question.judged_on) for case in islice(tally.first, SHOWN))]
    if tally.count > len(lines) - 1:
        lines.append(f"  … và {tally.count - len(lines) + 1} hồ sơ nữa (--out TỆP.xlsx để có tất cả)")
    return "\n".join(lines)


def _line(case: LateCase, basis: Basis) -> str:
    due = case.dues[basis]
    days = case.late[basis].late_days
    late = f"quá {days} ngày làm việc" if days is not None else "quá hạn, chưa tính được số ngày"
    return f"  {case.code}  hẹn {due:%d/%m/%Y}  {late}  {case.unit}  {flag_words(case.flags)}".rstrip()


# ---------------------------------------------------------------- kept questions


@click.command("queries")
@common_options
@click.pass_obj
def queries_command(context: AppContext) -> None:
    """Các truy vấn mà người dùng đã lưu; mở bằng `audit cases --query TÊN`."""
    with context.store.read() as session:
        rows = saved_query_store.list_queries(session)
    document = {
        "queries": [
            {
                "id": row.query_id, "name": row.name, "owner": row.owner, "shared": row.is_shared,
                "filters": json.loads(row.body), "created_at": moment_text(row.created_at),
            }
            for row in rows
        ]
    }  # fmt: skip
    lines = [
        f"{row.query_id:>5}  {row.name}  ({row.owner}{', dùng chung' if row.is_shared else ''})"
        for row in rows
    ]
    context.answer(document, "\n".join(lines) or "Chưa ai lưu truy vấn nào.")


# ---------------------------------------------------------------- samples


@click.command("sample")
@common_options
@case_options
@click.option("--size", type=click.IntRange(1), required=True, help="Số hồ sơ cần rút.")
@click.option(
    "--seed", help="Hạt giống; ai có nó thì rút lại được đúng mẫu này (mặc định: ngẫu nhiên, in ra)."
)
@click.option(
    "--by",
    type=click.Choice([s.value for s in Stratum if s]),
    help="Chia nhóm theo đơn vị, lĩnh vực, tháng, số ngày.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Ghi ra tệp .xlsx, kèm trang nói cách rút.")
@click.pass_obj
@reads_reports
def sample_command(
    context: AppContext, size: int, seed: str | None, by: str | None, out: Path | None, **given: Any
) -> None:
    """Rút ngẫu nhiên một mẫu hồ sơ quá hạn, chia nhóm nếu cần; ai cũng rút lại được bằng hạt giống."""
    if out is not None and out.suffix.lower() != XLSX_ENDING:
        raise UsageError(f"--out {out}: mẫu được ghi thành tệp .xlsx")
    asked = asked_cases(context, GivenCases(**given))
    plan = SamplePlan(size, seed or secrets.token_hex(4), Stratum(by or ""))
    drawn = draw_cases(context.store, context.calendars, asked.question, plan)
    if out is not None:
        try:
            write_sample(out, drawn, asked)
        except OSError as error:
            raise unwritable(out, error) from error
    detail = {**asked.chosen.as_address(), "rows": len(drawn.cases), "seed": plan.seed, "by": plan.by.value}
    note_act(context, "case_sample", "command", detail)
    file = {} if out is None else {"file": str(out), "sha256": _sha256(out)}
    context.answer({**_question_json(asked), **_sample_json(drawn), **file}, _sample_text(drawn))


def _sample_json(drawn: CaseSample) -> dict[str, Any]:
    sample = drawn.sample
    return {
        "seed": sample.seed,
        "by": drawn.plan.by.value or None,
        "size": len(drawn.cases),
        "population": sample.population,
        "strata": [{"stratum": s.stratum, "population": s.population, "size": s.size} for s in sample.shares],
        "rows": [{"stratum": stratum, "code": case.code} for stratum, case in drawn.cases],
    }


def _sample_text(drawn: CaseSample) -> str:
    sample = drawn.sample
    lines = [f"Rút {len(drawn.cases)} hồ sơ từ {sample.population}, hạt giống {sample.seed}"]
    lines += [f"  {share.stratum}: {share.size}/{share.population}" for share in sample.shares]
    lines += [f"    {case.code}" for _, case in drawn.cases[:SHOWN]]
    return "\n".join(lines)


CASE_COMMANDS = [cases_command, queries_command, sample_command]
