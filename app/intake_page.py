"""The filters of the intake page as they stand in the address, and its figures as a page shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from app.typed_dates import day_asked
from app.typed_numbers import row_asked
from tracker.pipeline.intake import IntakeAnswer
from tracker.types import NEEDS_ATTENTION, VN, Channel, IntakeCounts, IntakeVerdict

END_OF_DAY = time(23, 59, 59)
# Without dates the page looks at the last weeks: what is still undecided is always among it.
USUAL_SPAN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class IntakeFilters:
    """What the page shows; `faults` tells in words which parts of the address could not be used."""

    unit_id: int | None
    channel: Channel | None
    state: IntakeVerdict | None
    start: date | None
    day: date | None
    faults: tuple[str, ...]

    @property
    def states(self) -> tuple[IntakeVerdict, ...]:
        """Which verdicts are listed: one, or all that somebody should look at."""
        return NEEDS_ATTENTION if self.state is None else (self.state,)

    def as_of(self, now: datetime) -> datetime:
        """The end of the day asked for, or now."""
        return now if self.day is None else datetime.combine(self.day, END_OF_DAY, VN)

    def begin(self, now: datetime) -> date:
        """The first day of the decisions that are counted."""
        return self.start or self.as_of(now).date() - USUAL_SPAN

    def as_address(self) -> dict[str, str]:
        """The parts of the address that differ from the usual page."""
        given = {
            "don-vi": self.unit_id,
            "kenh": self.channel,
            "ket-qua": self.state,
            "tu": self.start,
            "ngay": self.day,
        }
        return {key: str(value) for key, value in given.items() if value is not None}


def read_filters(address: Mapping[str, str]) -> IntakeFilters:
    """From the query string; what cannot be used is left out and told."""
    faults: list[str] = []
    channel, state = address.get("kenh", ""), address.get("ket-qua", "")
    return IntakeFilters(
        unit_id=row_asked(address, "don-vi"),
        channel=Channel(channel) if channel in set(Channel) else None,
        state=IntakeVerdict(state) if state in set(IntakeVerdict) else None,
        start=day_asked(address, "tu", "Quyết định từ ngày", faults),
        day=day_asked(address, "ngay", "Xét tại ngày", faults),
        faults=tuple(faults),
    )


@dataclass(frozen=True, slots=True)
class IntakeTile:
    """A count over the list, which is a filter as well."""

    state: IntakeVerdict
    count: int


def tiles(answer: IntakeAnswer) -> Sequence[IntakeTile]:
    """What somebody should look at, over all channels."""
    return [
        IntakeTile(state, sum(counts.of(state) for counts in answer.by_channel)) for state in NEEDS_ATTENTION
    ]


def in_all(answer: IntakeAnswer) -> IntakeCounts:
    """All channels together, told under the channel `unknown`."""
    counts = {state: sum(one.of(state) for one in answer.by_channel) for state in IntakeVerdict}
    return IntakeCounts(Channel.UNKNOWN, counts)
