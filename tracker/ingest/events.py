"""Cells of progress events -> typed steps of dossiers, or rejections; what they mean together says `progress`."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import compress
from typing import NamedTuple

from tracker.ingest.dates import SHORT_YEAR, DateParts, DateReader
from tracker.ingest.normalize import Circumstances
from tracker.ingest.progress import Step
from tracker.ingest.readers.portal_json import EVENT_FIELDS, EventRows
from tracker.ingest.redaction import REDACTED, holds_grouped_number, holds_identity_number, redact
from tracker.ingest.rows import CELL, CITIZEN_ID, LONGEST_CODE, holds_citizen_id, plain_codes
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
    cells: Sequence[str] = ()


# What their `_make` does, without asking again how many values there are.
_STEP, _STEP_ROW = partial(tuple.__new__, Step), partial(tuple.__new__, StepRow)


@dataclass(slots=True)
class ReadEvents:
    """What some elements say: events, rejected elements with their redacted cells, flags counted."""

    steps: list[StepRow] = field(default_factory=list)
    rejected: list[tuple[Rejection, list[str]]] = field(default_factory=list)
    flags: Counter[str] = field(default_factory=Counter)


class EventCells(NamedTuple):
    """Some events by column, in the order of `EVENT_FIELDS`: tidied, without citizen ids."""

    numbers: Sequence[int]
    columns: list[Sequence[str]]


class EventTidier:
    """What can be done with events before anything is known of the load that they belong to."""

    def __init__(self) -> None:
        self._same: dict[str, str] = {}

    def tidy(self, events: EventRows) -> EventCells:
        """Their cells, those that have the same text as one object."""
        if not events.rows:
            return EventCells((), [() for _ in EVENT_FIELDS])
        columns = map(self._alike, range(len(EVENT_FIELDS)), zip(*_tidy(events.rows), strict=True))
        return EventCells(events.numbers, list(columns))

    def _alike(self, at: int, column: Sequence[str]) -> Sequence[str]:
        """There are many events, and few officers and words."""
        if at == AT:
            return column  # hardly two happen in the same second
        same = self._same
        if len(same) > MOST_REMEMBERED:
            same.clear()
        return list(map(same.setdefault, column, column))


class EventReader:
    """Reads the events of one file."""

    def __init__(self, file: str, circumstances: Circumstances) -> None:
        self._file, self._now = file, circumstances.now
        parts = DateParts(circumstances.last_year, is_utc=circumstances.zone_utc)
        self._times = DateReader(circumstances.opening, parts)
        self._dues = DateReader(circumstances.closing, parts)

    def read(self, events: EventCells) -> ReadEvents:
        """Every element becomes a step or a rejection."""
        out = ReadEvents()
        if not events.numbers:
            return out
        columns = events.columns
        times, _ = self._times.column(columns[AT])
        dues, odd_dues = self._dues.column(columns[STEP_DUE])
        begun, odd_begun = self._times.column(columns[STEP_BEGUN])
        unreadable = {position for position, what in (*odd_dues, *odd_begun) if what != SHORT_YEAR}
        codes = plain_codes(columns[CODE])
        usable = self._usable(events.numbers, codes, times, columns, out)
        words = known_words()["status"]
        known = {cell: words.get(fold(cell), UNKNOWN) for cell in set(columns[STATUS])}
        statuses = list(map(known.__getitem__, columns[STATUS]))
        steps = map(
            _STEP, zip(times, statuses, *(columns[at] for at in (STATUS, OFFICER, TEXT)), strict=True)
        )
        cells = zip(*columns, strict=True)
        rows = zip(events.numbers, codes, steps, columns[DEPARTMENT], dues, begun, cells, strict=True)
        out.steps = list(map(_STEP_ROW, rows if usable is None else compress(rows, usable)))
        used = statuses if usable is None else list(compress(statuses, usable))
        flags = {
            "STATUS_UNKNOWN": used.count(UNKNOWN),
            "DATE_UNREADABLE": sum(usable is None or usable[position] for position in unreadable),
        }
        out.flags.update({flag: times for flag, times in flags.items() if times})
        return out

    def _usable(
        self,
        numbers: Sequence[int],
        codes: Sequence[str],
        times: Sequence[int | None],
        columns: Sequence[Sequence[str]],
        out: ReadEvents,
    ) -> list[bool] | None:
        """Which elements can be used; None: all of them, as nearly always. The others are rejected."""
        is_suspect = REDACTED in CELL.join(columns[CODE]) or holds_citizen_id(CELL.join(codes))
        is_told = "" not in codes and max(map(len, codes)) <= LONGEST_CODE
        if (
            is_told
            and not is_suspect
            and None not in times
            and max(filter(None, times), default=0) <= self._now
        ):
            return None
        rows = zip(numbers, codes, times, map(list, zip(*columns, strict=True)), strict=True)
        return [self._checked(*row, out) is not None for row in rows]

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
