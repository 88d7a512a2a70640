"""The life of one dossier, and what a one-stop system would have exported of it at any moment: no more than had happened."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import NamedTuple

from tests.flows.office import Row, moment

SHAPE = "%d/%m/%Y %H:%M:%S"
ENDS = ("finished_at", "returned_at", "withdrawn_at", "refused_at")
# What the sources write while a dossier waits, by the word before its suspension.
WAITING = {
    "Nghĩa vụ tài chính": "Yêu cầu thực hiện nghĩa vụ tài chính",
    "Bổ sung hồ sơ": "Yêu cầu bổ sung giấy tờ",
}
STOPPED, PROCESSING, FILED, DONE = "Dừng xử lý", "Đang xử lý", "Mới đăng ký", "Đã xử lý xong"


class Pause(NamedTuple):
    """One suspension as the source words it."""

    word: str
    start: datetime
    end: datetime | None


class Edit(NamedTuple):
    """From a moment on the source tells other values of a dossier."""

    since: datetime
    values: Mapping[str, str]


@dataclass(frozen=True)
class Life:
    """A dossier as it ends up, and when each part of it happened. `edits`: what a scenario lets happen to it.

    `known_from`: before that, its source does not tell of it, however long it has lain there.
    """

    row: Row
    code: str
    filed: datetime | None
    received: datetime | None
    ends: Mapping[str, datetime]
    pauses: tuple[Pause, ...]
    moved_at: datetime | None
    known_from: datetime | None = None
    edits: tuple[Edit, ...] = field(default=())

    def edited(self, since: datetime, **values: str) -> "Life":
        """The same, told otherwise from then on; the latest saying counts."""
        return replace(self, edits=(*self.edits, Edit(since, values)))

    @property
    def begun(self) -> datetime | None:
        """When it is first told of."""
        return min((each for each in (self.filed, self.received) if each), default=None)

    @property
    def ended(self) -> datetime | None:
        """When it ended, if it did."""
        return min(self.ends.values(), default=None)

    def told(self, at: datetime) -> dict[str, str] | None:
        """The row of an export made at a moment; None while there is nothing to tell."""
        if self.begun is None or max(self.begun, self.known_from or self.begun) > at:
            return None
        told = dict(self.row)
        if self.received is None or self.received > at:
            told |= {"received_at": "", "due_at": "", "previous_due_at": ""}
        for name in ENDS:
            if name in self.ends and self.ends[name] > at:
                told[name] = ""
        if self.moved_at is not None and self.moved_at > at:
            told |= {"due_at": told["previous_due_at"], "previous_due_at": ""}
        is_open = all(end > at for end in self.ends.values())
        if is_open and self.ends:
            told |= {"late_reason": "", "officer_name": self.row["officer_name"]}
        told["suspensions"] = "; ".join(_words(pause, at) for pause in self.pauses if pause.start <= at)
        told["status"] = self._status(at, is_open=is_open)
        for edit in self.edits:
            if edit.since <= at:
                told |= edit.values
        return told

    def _status(self, at: datetime, *, is_open: bool) -> str:
        if not is_open:
            return self.row["status"] if max(self.ends.values()) <= at else DONE
        if self.received is None or self.received > at:
            return FILED
        standing = [p for p in self.pauses if p.start <= at and (p.end is None or p.end > at)]
        return WAITING.get(standing[0].word, STOPPED) if standing else PROCESSING


def life_of(row: Row, *, code: str = "") -> Life:
    """From the last row that is told of a dossier. Where it names the date before, that one was moved a day ahead of it."""
    before = moment(row["previous_due_at"])
    if row["previous_due_at"] == row["due_at"]:
        before, row = None, {**row, "previous_due_at": ""}
    ends = {name: at for name in ENDS if (at := moment(row[name]))}
    code = code or row["dossier_code"]
    return Life(
        row={**row, "dossier_code": code},
        code=code,
        filed=moment(row["filed_at"]),
        received=moment(row["received_at"]),
        ends=ends,
        pauses=tuple(pauses(row["suspensions"])),
        moved_at=before and datetime.combine(before - timedelta(days=1), time(10), before.tzinfo),
    )


def pauses(text: str) -> Iterable[Pause]:
    """The suspensions of a cell."""
    for each in filter(None, text.split("; ")):
        word, _, span = each.partition(": ")
        start, _, end = span.partition(" -")
        begun = moment(start.strip())
        assert begun is not None
        yield Pause(word, begun, moment(end.strip()))


def _words(pause: Pause, at: datetime) -> str:
    end = pause.end if pause.end is not None and pause.end <= at else None
    return f"{pause.word}: {pause.start:{SHAPE}} -" + (f" {end:{SHAPE}}" if end else "")
