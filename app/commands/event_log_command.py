"""`dunghen eventlog`: the event log of a period for process mining, as XES or CSV."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path

import click

from app.commands.shared import moment_text, note_act, reads_reports, unit_scope
from app.context import AppContext
from app.options import AS_OF, DAY, common_options
from app.works.event_logging import LogAsked, cases, write_log
from tracker.errors import UsageError
from tracker.machine import unwritable
from tracker.reports.event_log import ENDINGS
from tracker.types.event_log import EventLogQuestion, LogBy, LogCase


@click.command("eventlog")
@common_options
@click.option("--from", "start", type=DAY, required=True, help="Từ ngày.")
@click.option("--to", "end", type=DAY, required=True, help="Đến hết ngày.")
@click.option(
    "--by", type=click.Choice([each.value for each in LogBy]), default=LogBy.ENDED.value, show_default=True,
    help="Hồ sơ kết thúc (ended) hay tiếp nhận (received) trong kỳ.",
)  # fmt: skip
@click.option("--unit", help="Mã hoặc tên đơn vị giải quyết; tính cả các đơn vị bên dưới.")
@click.option("--as-of", type=AS_OF, help="Hồ sơ chưa xong xét tại thời điểm nào (mặc định: bây giờ).")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Ghi ra tệp .xes hoặc .csv.")
@click.pass_obj
@reads_reports
def event_log_command(
    context: AppContext, start: date, end: date, by: str, unit: str | None, as_of: datetime | None, out: Path
) -> None:
    """Nhật ký sự kiện của hồ sơ để phân tích quy trình (XES, CSV); không có người nộp và cán bộ."""
    if start > end:
        raise UsageError(f"--from {start} sau --to {end}")
    if out.suffix.lower() not in ENDINGS:
        raise UsageError(f"--out {out}: cần tệp .xes hoặc .csv")
    question = EventLogQuestion(start, end, as_of or context.now(), LogBy(by), unit_scope(context, unit))
    asked = LogAsked(question, unit or "mọi đơn vị", out.suffix.lower())
    count = _Count()
    events = _write(out, asked, count.watched(cases(context, asked)))
    detail = {"from": str(start), "to": str(end), "by": by, "cases": count.cases, "events": events}
    note_act(context, "event_log_export", "command", detail)
    document = {
        "file": str(out), "cases": count.cases, "events": events, "by": by, "from": str(start), "to": str(end),
        "as_of": moment_text(question.as_of), "sha256": _sha256(out),
    }  # fmt: skip
    context.answer(document, f"{count.cases} hồ sơ, {events} sự kiện. Đã ghi vào {out}")


class _Count:
    """Counts cases while they pass."""

    def __init__(self) -> None:
        self.cases = 0

    def watched(self, found: Iterable[LogCase]) -> Iterator[LogCase]:
        """The same cases."""
        for case in found:
            self.cases += 1
            yield case


def _write(out: Path, asked: LogAsked, found: Iterable[LogCase]) -> int:
    beside = out.with_name(f".{out.stem}.writing{asked.ending}")
    try:
        events = write_log(beside, asked, found)
        beside.replace(out)
    except OSError as error:
        raise unwritable(out, error) from error
    finally:
        beside.unlink(missing_ok=True)
    return events


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


COMMANDS = [event_log_command]
