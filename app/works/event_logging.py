"""The event log as a file: a short one at once, a long one by a worker; the same words on the page and the command line."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from app.cause_filters import CauseFilters, read_filters
from app.cause_words import KINDS
from app.context import AppContext
from app.grip import Grip
from app.presenters import day, moment
from app.works.exporting import View, Watch, keep_file, view_of
from tracker.config_data import load_step_kinds
from tracker.pipeline.event_log import count_cases, event_log
from tracker.reports import event_log as log_file
from tracker.store import catalogue, procedure_codes
from tracker.store.session import Session
from tracker.types.event_log import EventLogQuestion, LogBy, LogCase

BY: Mapping[LogBy, str] = {LogBy.ENDED: "kết thúc trong kỳ", LogBy.RECEIVED: "tiếp nhận trong kỳ"}
# Cases that a request writes itself: each has about ten events.
CASES_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class LogAsked:
    """A log as somebody asked for it: which cases, in words, as which kind of file."""

    question: EventLogQuestion
    scope: str
    ending: str

    @property
    def name(self) -> str:
        """What the file is called."""
        start, end = self.question.start, self.question.end
        return f"nhat-ky-su-kien-{start:%Y%m%d}-{end:%Y%m%d}{self.ending}"

    @property
    def title(self) -> str:
        """What it holds and of when, as the file itself says it."""
        asked = self.question
        return (
            f"Nhật ký sự kiện: hồ sơ {BY[asked.by]} {day(asked.start)} – {day(asked.end)}, {self.scope}, "
            f"xét tại {moment(asked.as_of)}; không có người nộp và cán bộ"
        )


def chosen_of(session: Session, address: Mapping[str, str], *, year: int) -> CauseFilters:
    """The filters of an address, held against the words of the catalogue."""
    return read_filters(
        address, catalogue.fields(session).values(), procedure_codes.by_code(session), year=year
    )


def by_of(address: Mapping[str, str]) -> LogBy:
    """Which dossiers are cases, by the address."""
    asked = address.get("theo", "")
    return LogBy(asked) if asked in set(LogBy) else LogBy.ENDED


def ending_of(address: Mapping[str, str]) -> str:
    """Which kind of file, by the address."""
    asked = f".{address.get('tep', '')}"
    return asked if asked in log_file.ENDINGS else log_file.XES


def asked_of(context: AppContext, chosen: CauseFilters, view: View, address: Mapping[str, str]) -> LogAsked:
    """The log of an address, for a view."""
    question = EventLogQuestion(
        chosen.start, chosen.end, view.now, by_of(address), view.unit_ids, chosen.field, chosen.procedure
    )
    with context.store.read() as session:
        unit = catalogue.units(session).get(chosen.unit_id) if chosen.unit_id is not None else None
    parts = (unit.name if unit else "mọi đơn vị", chosen.field, chosen.procedure)
    return LogAsked(question, ", ".join(part for part in parts if part), ending_of(address))


def log_address(chosen: CauseFilters, asked: LogAsked) -> dict[str, str]:
    """The parts of the address that say what is in the file."""
    return {**chosen.as_address(), "theo": asked.question.by.value, "tep": asked.ending.removeprefix(".")}


def is_long(context: AppContext, asked: LogAsked) -> bool:
    """Too long for a request. Receptions have no index of their own, so only a worker looks for them."""
    if asked.question.by is LogBy.RECEIVED:
        return True
    return count_cases(context.store, asked.question, cap=CASES_AT_ONCE) > CASES_AT_ONCE


def cases(context: AppContext, asked: LogAsked) -> Iterator[LogCase]:
    """The cases, streamed."""
    return event_log(context.store, context.calendars, kind_of, asked.question)


def kind_of(department: str, at: datetime) -> tuple[str, str]:
    """The kind of step that a department does on a day: its key and its word."""
    kind = load_step_kinds().of(department, _day(at))
    return kind.value, KINDS[kind]


def _day(at: datetime) -> date:
    return at.date()


def write_log(path: Path, asked: LogAsked, found: Iterable[LogCase]) -> int:
    """Write the file; the number of events."""
    return log_file.write(path, found, asked.title)


# ---------------------------------------------------------------- by a worker


def event_log_export(grip: Grip) -> Mapping[str, Any]:
    """The log of the params, as its asker was allowed to see it when asking."""
    context, filters = grip.context, grip.params["filters"]
    view = view_of(grip.params["view"])
    with context.store.read() as session:
        chosen = chosen_of(session, filters, year=view.now.year)
    asked = asked_of(context, chosen, view, filters)
    grip.progress(0, None, "Đang đếm hồ sơ")
    total = count_cases(context.store, asked.question, cap=10_000_000)

    def write(target: Path, watch: Watch) -> str:
        beside = target.with_suffix(asked.ending)
        write_log(beside, asked, watch(cases(context, asked)))
        beside.replace(target)
        return asked.name

    return keep_file(grip, total, write)
