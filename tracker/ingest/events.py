"""Cells of progress events -> typed steps of dossiers, or rejections; what they mean together says `progress`."""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from tracker.ingest.dates import DateParts, DateReader, Sentinel
from tracker.ingest.normalize import Circumstances
from tracker.ingest.progress import Step
from tracker.ingest.readers.portal_json import EVENT_FIELDS, EventRows
from tracker.ingest.redaction import REDACTED, redact
from tracker.ingest.rows import CITIZEN_ID, LONGEST_CODE
from tracker.ingest.words import known_words
from tracker.text import clean, fold, normal_code
from tracker.types import Rejection, SourceStatus

CODE, OFFICER, DEPARTMENT, AT, TEXT, STATUS, STEP_DUE = range(len(EVENT_FIELDS))


class StepRow(NamedTuple):
    """One event of one dossier; `step_due` (UTC epoch seconds) is when its step should be done, `cells` are redacted."""

    number: int
    code: str
    step: Step
    department: str
    step_due: int | None
    cells: list[str]


@dataclass(slots=True)
class ReadEvents:
    """What some elements say: events, rejected elements with their redacted cells, flags counted."""

    steps: list[StepRow] = field(default_factory=list)
    rejected: list[tuple[Rejection, list[str]]] = field(default_factory=list)
    flags: Counter[str] = field(default_factory=Counter)


class EventReader:
    """Reads the events of one file."""

    def __init__(self, file: str, circumstances: Circumstances) -> None:
        self._file, self._now = file, circumstances.now
        parts = DateParts(circumstances.last_year, is_utc=circumstances.zone_utc)
        self._times = DateReader(circumstances.opening, parts)
        self._dues = DateReader(circumstances.closing, parts)

    def read(self, events: EventRows) -> ReadEvents:
        """Every element becomes a step or a rejection."""
        out = ReadEvents()
        for number, cells in zip(events.numbers, events.rows, strict=True):
            self._one(number, [redact(clean(cell)) for cell in cells], out)
        return out

    def _one(self, number: int, cells: list[str], out: ReadEvents) -> None:
        code = normal_code(cells[CODE])
        if not code:
            self._reject(out, number, cells, CODE, "CODE_MISSING", "thiếu mã hồ sơ")
        elif REDACTED in cells[CODE] or CITIZEN_ID.search(code):
            cells[CODE] = REDACTED
            self._reject(
                out, number, cells, CODE, "CODE_IS_IDENTITY",
                "mã hồ sơ là số định danh cá nhân: không lưu",
            )  # fmt: skip
        elif len(code) > LONGEST_CODE:
            self._reject(
                out, number, cells, CODE, "CODE_TOO_LONG",
                f"mã hồ sơ dài hơn {LONGEST_CODE} ký tự: không phải là mã",
            )  # fmt: skip
        elif (at := self._time(cells[AT])) is None:
            self._reject(
                out, number, cells, AT, "DATE_INVALID",
                "thiếu thời điểm, hoặc không đọc được là ngày có thật (cần dạng 20260813160000)",
            )  # fmt: skip
        elif at > self._now:
            self._reject(out, number, cells, AT, "EVENT_IN_FUTURE", "thời điểm xử lý ở tương lai")
        else:
            out.steps.append(self._step(number, code, at, cells, out))

    def _step(self, number: int, code: str, at: int, cells: list[str], out: ReadEvents) -> StepRow:
        status = known_words()["status"].get(fold(cells[STATUS]), SourceStatus.UNKNOWN.value)
        if status == SourceStatus.UNKNOWN:
            out.flags["STATUS_UNKNOWN"] += 1
        step = Step(at, status, cells[STATUS], cells[OFFICER], cells[TEXT])
        return StepRow(number, code, step, cells[DEPARTMENT], self._step_due(cells[STEP_DUE], out), cells)

    def _time(self, cell: str) -> int | None:
        try:
            return self._times.read(cell)
        except (ValueError, Sentinel):
            return None

    def _step_due(self, cell: str, out: ReadEvents) -> int | None:
        try:
            return self._dues.read(cell)
        except (ValueError, Sentinel):
            out.flags["DATE_UNREADABLE"] += 1
            return None

    def _reject(
        self, out: ReadEvents, number: int, cells: list[str], at: int, code: str, message: str
    ) -> None:
        told = Rejection(self._file, "", number, EVENT_FIELDS[at], cells[at], code, message)
        out.rejected.append((told, cells))
