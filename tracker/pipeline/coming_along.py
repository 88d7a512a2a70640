"""Events that come along with their new dossiers: each is stored once, with the history that two steps would have left.

Which dossiers are new is known here; what their events come to was worked out where the files are read.
"""

from collections.abc import Mapping, Sequence

from tracker.ingest.changes import Ending, NewEvent, moved_on
from tracker.ingest.columns import RecordColumns
from tracker.ingest.endings import Dates, ending
from tracker.ingest.events import StepRow
from tracker.ingest.following import Followed
from tracker.ingest.progress import Step
from tracker.types import DossierVersion

UNIT_UNKNOWN = "UNIT_UNKNOWN"


class ComingAlong:
    """The new dossiers of one chunk whose events came along, by position; empty where none did."""

    def __init__(self, columns: RecordColumns, followed: Mapping[int, Followed]) -> None:
        """The columns are changed to what the events make of them."""
        self.followed = followed
        self.steps = {position: _each_once(one.steps) for position, one in followed.items()}
        self.alone = _alone(columns, followed)
        if followed:
            _take(columns, followed)
        self.events: dict[int, tuple[NewEvent, ...]] = {}

    def flags(self, position: int, flags: set[str]) -> str:
        """The flags after the events; `flags`: those of the row."""
        after = set(self.followed[position].flags.split())
        return " ".join(sorted(after | (flags & {UNIT_UNKNOWN})))

    def settle(self, versions: list[DossierVersion], now: int) -> None:
        """Put in place what follows from the change that the events made; `now`: UTC epoch seconds."""
        for position, one in self.followed.items():
            if not one.says_new:
                self.events[position] = ()
                continue
            version = versions[position]
            at = now if one.last_at is None else one.last_at
            flags, self.events[position] = moved_on(self.alone[position], version, told_at=at)
            # What told of it last is an event.
            versions[position] = version._replace(row_no=self.steps[position][-1].number, flags=flags)

    def told(self) -> int:
        """How many events there are, repeated ones among them."""
        return sum(len(one.steps) for one in self.followed.values())

    def new(self) -> int:
        """How many there are, each once."""
        return sum(map(len, self.steps.values()))

    def history(self, position: int) -> list[NewEvent]:
        """What the row alone tells, then what the events changed in it."""
        end, kind, _ = self.alone[position]
        by_row = [] if end is None else [NewEvent(end, kind or "", "")]
        return [*by_row, *self.events[position]]


def _each_once(steps: Sequence[StepRow]) -> list[StepRow]:
    told: dict[Step, StepRow] = {}
    for row in steps:
        told.setdefault(row.step, row)
    return list(told.values())


def _alone(columns: RecordColumns, followed: Mapping[int, Followed]) -> dict[int, Ending]:
    statuses = columns.words["status"]
    names = ("received_at", "finished_at", "returned_at", "withdrawn_at", "refused_at", "updated_at")
    dates = [columns.dates[name] for name in names]
    return {
        position: Ending(
            *ending(statuses[position], Dates(*(column[position] for column in dates))), statuses[position]
        )
        for position in followed
    }


def _take(columns: RecordColumns, followed: Mapping[int, Followed]) -> None:
    status_texts, officers = list(columns.status_texts), list(columns.texts["officer_name"])
    dates = columns.dates
    for position, one in followed.items():
        dates["finished_at"][position], dates["returned_at"][position] = one.finished_at, one.returned_at
        dates["withdrawn_at"][position], dates["refused_at"][position] = one.withdrawn_at, one.refused_at
        columns.words["status"][position] = one.status
        columns.suspensions[position] = one.pauses
        status_texts[position], officers[position] = one.status_text, one.officer_name
    columns.status_texts, columns.texts["officer_name"] = status_texts, officers
