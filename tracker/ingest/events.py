"""Cells of progress events -> typed steps of dossiers, or rejections; what they mean together says `progress`."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tracker.ingest.dates import SHORT_YEAR, DateParts, DateReader
from tracker.ingest.normalize import Circumstances
from tracker.ingest.progress import Step
from tracker.ingest.readers.portal_json import EVENT_FIELDS, EventRows
from tracker.ingest.redaction import REDACTED, holds_grouped_number, holds_identity_number, redact
from tracker.ingest.rows import CELL, CITIZEN_ID, LONGEST_CODE, plain_codes
from tracker.ingest.tidiness import is_untidy
from tracker.ingest.words import known_words
from tracker.text import clean, fold
from tracker.types import Rejection, SourceStatus

CODE, OFFICER, DEPARTMENT, AT, TEXT, STATUS, STEP_DUE, STEP_BEGUN = range(len(EVENT_FIELDS))
UNKNOWN = SourceStatus.UNKNOWN.value
# Texts held once each; beyond so many they are forgotten.
MOST_REMEMBERED = 200_000


class StepRow(NamedTuple):
    """One event of one dossier; `cells` are redacted.

    `step_due` is when its step should be done, `step_begun` when it began (UTC epoch seconds; None: not told, or not
    readable, which is flagged).
    """

    number: int
    code: str
    step: Step
    department: str
    step_due: int | None
    step_begun: int | None
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
        self._same: dict[str, str] = {}

    def read(self, events: EventRows) -> ReadEvents:
        """Every element becomes a step or a rejection."""
        out = ReadEvents()
        if not events.rows:
            return out
        columns = [self._alike(column) for column in zip(*_tidy(events.rows), strict=True)]
        times, _ = self._times.column(columns[AT])
        dues, odd_dues = self._dues.column(columns[STEP_DUE])
        begun, odd_begun = self._times.column(columns[STEP_BEGUN])
        unreadable = {position for position, what in (*odd_dues, *odd_begun) if what != SHORT_YEAR}
        codes = plain_codes(columns[CODE])
        is_suspect = REDACTED in CELL.join(columns[CODE]) or CITIZEN_ID.search(CELL.join(codes)) is not None
        words = known_words()["status"]
        statuses = {cell: words.get(fold(cell), UNKNOWN) for cell in set(columns[STATUS])}
        steps = zip(times, dues, begun, strict=True)
        elements = zip(events.numbers, codes, steps, map(list, zip(*columns, strict=True)), strict=True)
        for position, (number, code, (told, due, since), cells) in enumerate(elements):
            is_plain = told is not None and told <= self._now and code and len(code) <= LONGEST_CODE
            at = told if is_plain and not is_suspect else self._checked(number, code, told, cells, out)
            if at is None:
                continue
            status = statuses[cells[STATUS]]
            if status == UNKNOWN:
                out.flags["STATUS_UNKNOWN"] += 1
            if position in unreadable:
                out.flags["DATE_UNREADABLE"] += 1
            step = Step(at, status, cells[STATUS], cells[OFFICER], cells[TEXT])
            out.steps.append(StepRow(number, code, step, cells[DEPARTMENT], due, since, cells))
        return out

    def _alike(self, column: Sequence[str]) -> list[str]:
        """The cells, those that have the same text as one object: there are many events, and few officers and words."""
        same = self._same
        if len(same) > MOST_REMEMBERED:
            same.clear()
        return list(map(same.setdefault, column, column))

    def _checked(
        self, number: int, code: str, at: int | None, cells: list[str], out: ReadEvents
    ) -> int | None:
        """When it happened; None if the element cannot be used, which is then among the rejected ones."""
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
        elif at is None:
            self._reject(
                out, number, cells, AT, "DATE_INVALID",
                "thiếu thời điểm, hoặc không đọc được là ngày có thật (cần dạng 20260813160000)",
            )  # fmt: skip
        elif at > self._now:
            self._reject(out, number, cells, AT, "EVENT_IN_FUTURE", "thời điểm xử lý ở tương lai")
        else:
            return at
        return None

    def _reject(
        self, out: ReadEvents, number: int, cells: list[str], at: int, code: str, message: str
    ) -> None:
        told = Rejection(self._file, "", number, EVENT_FIELDS[at], cells[at], code, message)
        out.rejected.append((told, cells))


def _tidy(rows: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    """The cells in one Unicode form, spaces collapsed, citizen ids dropped, where any of them needs it."""
    encoded = CELL.join(map(CELL.join, rows)).encode("utf-8", "surrogatepass")
    if not is_untidy(encoded) and not holds_identity_number(encoded) and not holds_grouped_number(encoded):
        return rows
    return [[redact(clean(cell)) for cell in row] for row in rows]
