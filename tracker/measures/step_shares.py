"""Who had a dossier in hand, and how its lateness divides among them, to the minute. Pure.

A step says that a department had finished a piece of work at a moment. It had the dossier since the step began, where that
is told, else since the step before, or reception. A step that ends when it begins opens: the department has the dossier
until its own next step, or another's. Suspensions are left out of what anybody had. Until when a step was to be done gives
its share of the time; what it took beyond that is its overrun. Steps may run side by side: each has its own time. Steps that
name no department are left out, and so is one that opens and of which a dossier that has ended tells nothing more, not even
until when it was to be done: reception alone says nothing about the months after it.

This reading of the protocol (`CapNhatTienDoHoSoMC`) is ours and unverified (docs/sources.md).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tracker.errors import CalendarError
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import SuspensionKind
from tracker.types.causes import Undivided

Span = tuple[int, int]
"""From a moment to another."""


class StepTold(NamedTuple):
    """A step as a source tells it (UTC epoch seconds): done at `at`; None = not told."""

    at: int
    department: str
    begun_at: int | None = None
    due_at: int | None = None


class PauseTold(NamedTuple):
    """A suspension (UTC epoch seconds); `end` None = it lasts to the end."""

    kind: SuspensionKind
    start: int
    end: int | None


@dataclass(frozen=True, slots=True)
class Dossier:
    """A dossier's way: from reception to its end, or to the moment of judging while it is open (UTC epoch seconds).

    `restarted_at`: when a suspension last began the limit anew; what was done before cannot have made it late. `is_open`: it
    has not ended.
    """

    received_at: int
    until: int
    steps: Sequence[StepTold]
    pauses: Sequence[PauseTold] = ()
    restarted_at: int | None = None
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """What one department had in hand, from `begun` to `ended` (UTC epoch seconds). Minutes are working minutes.

    `minutes` leave out suspensions; `before_restart` of them lie before the limit began anew. `share`: what the step had;
    None = nobody told. `is_open`: nobody has told its end.
    """

    department: str
    begun: int
    ended: int
    minutes: int
    before_restart: int
    share: int | None
    overrun: int
    is_open: bool


@dataclass(frozen=True, slots=True)
class Course:
    """Who had a dossier in hand, in order, and what lay between. Minutes are working minutes.

    `total`: from reception to the end, suspensions left out; `between`: of it nobody's, where any step is known.
    `paused`: by kind of suspension, each for itself; `stops`: (beginning, minutes) of all suspensions, those that overlap as one.
    `first`: place of the first step that overran.
    """

    steps: tuple[Held, ...]
    total: int
    between: int
    paused: tuple[tuple[SuspensionKind, int], ...]
    stops: tuple[tuple[int, int], ...]
    first: int | None


@dataclass(frozen=True, slots=True)
class Attribution:
    """How lateness divides: minutes of each step, in the order of the course, and what falls to none, with the reason.

    `late` = the sum of `shares` + `undivided`.
    """

    late: int
    shares: tuple[int, ...]
    undivided: int
    why: Undivided | None


# ---------------------------------------------------------------- who had it


class _Stretch(NamedTuple):
    """A step as a stretch of time."""

    begun: int
    ended: int
    place: int
    department: str
    due_at: int | None
    is_open: bool


def course_of(dossier: Dossier, calendar: WorkingCalendar) -> Course:
    """Who had the dossier in hand.

    Raises:
        CalendarError: reception or end lie outside the calendar's years.
    """
    first, last = dossier.received_at, max(dossier.received_at, dossier.until)
    clock = _Clock(calendar, first, last, dossier.pauses)
    told = (one for one in _stretches(dossier.steps) if dossier.is_open or _is_told(one))
    stretches = sorted(_clipped(told, first, last))
    held = tuple(_held(one, clock, dossier.restarted_at) for one in stretches)
    between = clock.free([(one.begun, one.ended) for one in stretches]) if held else 0
    ahead = next((place for place, one in enumerate(held) if one.overrun), None)
    return Course(held, clock.minutes(first, last), between, clock.paused(), clock.stops(), ahead)


def _stretches(steps: Iterable[StepTold]) -> Iterator[_Stretch]:
    """Steps in order of their being done; of one moment those that end something come before those that begin."""
    told = sorted((step for step in steps if step.department), key=lambda step: (step.at, _opens(step)))
    for place, step in enumerate(told):
        if not _opens(step):
            yield _done(step, place, told[:place])
        elif (stretch := _opened(step, place, told[place + 1 :])) is not None:
            yield stretch


def _is_told(stretch: _Stretch) -> bool:
    """Of a dossier that has ended: is anything known of it but that it opened?"""
    return not stretch.is_open or stretch.due_at is not None


def _opens(step: StepTold) -> bool:
    return step.begun_at == step.at


def _opened(step: StepTold, place: int, later: Sequence[StepTold]) -> _Stretch | None:
    """From its beginning to its own next step, or another's; None where its own next step tells of the same time."""
    next_one = later[0] if later else None
    if any(_takes_up(step, one, next_one) for one in later):
        return None
    ended = OPEN_END if next_one is None else next_one.at
    return _Stretch(step.at, ended, place, step.department, step.due_at, next_one is None)


def _takes_up(opening: StepTold, later: StepTold, next_one: StepTold | None) -> bool:
    """Does a later step of the department tell of the time since it opened?"""
    if later.department != opening.department or _opens(later):
        return False
    if later.begun_at is None or later.begun_at > later.at:
        return later is next_one
    return later.begun_at <= opening.at


def _done(step: StepTold, place: int, earlier: Sequence[StepTold]) -> _Stretch:
    """From when it began, else from the step before; its share from the opening where it tells none itself."""
    begun = step.begun_at
    if begun is None or begun > step.at:
        begun = _since(step, earlier)
    due = step.due_at
    if due is None:
        openings = (one for one in reversed(earlier) if _opens(one) and one.department == step.department)
        opening = next(openings, None)
        due = opening.due_at if opening is not None and opening.at == begun else None
    return _Stretch(begun, step.at, place, step.department, due, is_open=False)


def _since(step: StepTold, earlier: Sequence[StepTold]) -> int:
    """Since the step before; where another department opened that one, the time was told to be the other's."""
    if not earlier:
        return SINCE_EVER
    before = earlier[-1]
    return step.at if _opens(before) and before.department != step.department else before.at


# Before any reception and after any end: clipped to these.
SINCE_EVER, OPEN_END = -(1 << 62), 1 << 62


def _clipped(stretches: Iterable[_Stretch], first: int, last: int) -> Iterator[_Stretch]:
    """What of them lies between reception and end."""
    for one in stretches:
        begun, ended = max(one.begun, first), min(one.ended, last)
        if begun < ended:
            yield one._replace(begun=begun, ended=ended)


def _held(one: _Stretch, clock: "_Clock", restarted_at: int | None) -> Held:
    minutes = clock.minutes(one.begun, one.ended)
    if restarted_at is None or restarted_at <= one.begun:
        share = clock.share(one.begun, one.due_at)
        over = 0 if share is None else max(0, minutes - share)
        return Held(one.department, one.begun, one.ended, minutes, 0, share, over, one.is_open)
    if restarted_at >= one.ended:
        share = clock.share(one.begun, one.due_at)
        return Held(one.department, one.begun, one.ended, minutes, minutes, share, 0, one.is_open)
    counted = clock.minutes(restarted_at, one.ended)
    # A due date before the restart was that of the limit before.
    due = one.due_at if one.due_at is not None and one.due_at > restarted_at else None
    share = clock.share(restarted_at, due)
    over = 0 if share is None else max(0, counted - share)
    return Held(one.department, one.begun, one.ended, minutes, minutes - counted, share, over, one.is_open)


class _Clock:
    """Working time of one dossier with its suspensions left out."""

    def __init__(self, calendar: WorkingCalendar, first: int, last: int, pauses: Iterable[PauseTold]) -> None:
        self._calendar, self._at = calendar, calendar.seconds_before
        self.first, self.last = first, last
        self._pauses = [
            (one.kind, max(one.start, first), min(last if one.end is None else one.end, last))
            for one in pauses
        ]
        self._stopped = _united((start, end) for _, start, end in self._pauses)

    def minutes(self, begun: int, ended: int) -> int:
        """Working minutes from one moment to another without what lies in suspensions, rounded down."""
        return self._seconds(begun, ended) // 60

    def _seconds(self, begun: int, ended: int) -> int:
        worked = self._at(ended) - self._at(begun)
        for start, end in self._stopped:
            if start < ended and end > begun:
                worked -= self._at(min(end, ended)) - self._at(max(start, begun))
        return worked

    def share(self, begun: int, due: int | None) -> int | None:
        """Working minutes from a beginning to when the step was to be done; None where nobody can tell."""
        if due is None:
            return None
        try:
            return self._calendar.working_seconds(begun, due) // 60
        except CalendarError:
            return None

    def free(self, taken: Iterable[Span]) -> int:
        """Working minutes in which nobody had it and nothing was suspended."""
        left, reached = 0, self.first
        for begun, ended in _united(taken):
            left += self._seconds(reached, begun)
            reached = ended
        return (left + self._seconds(reached, self.last)) // 60

    def stops(self) -> tuple[tuple[int, int], ...]:
        """Where suspensions begin and the working minutes in them."""
        return tuple((start, (self._at(end) - self._at(start)) // 60) for start, end in self._stopped)

    def paused(self) -> tuple[tuple[SuspensionKind, int], ...]:
        """Working minutes of suspensions by kind, in order of their names."""
        kinds = sorted({kind for kind, start, end in self._pauses if start < end})
        return tuple((kind, self._paused(kind)) for kind in kinds)

    def _paused(self, wanted: SuspensionKind) -> int:
        spans = _united((start, end) for kind, start, end in self._pauses if kind == wanted)
        return sum(self._at(end) - self._at(start) for start, end in spans) // 60


def _united(spans: Iterable[Span]) -> list[Span]:
    """The same time as stretches that do not touch, in order; empty ones left out."""
    found: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


# ---------------------------------------------------------------- whose lateness


def attributed(late: int, course: Course) -> Attribution:
    """Lateness (working minutes, of `lateness.classify`) divided among the steps that overran.

    Where they overran by less than that, the rest is nobody's; where by more, each bears its part in proportion.
    """
    overruns = [step.overrun for step in course.steps]
    shares = divided(late, overruns)
    rest = late - sum(shares)
    return Attribution(late, tuple(shares), rest, _why(rest, course) if rest else None)


def divided(late: int, overruns: Sequence[int]) -> list[int]:
    """Whole minutes that add up to `late` where the overruns reach it, else to the overruns; largest remainders first,
    of equal ones the earlier.
    """
    together = sum(overruns)
    if together <= late:
        return list(overruns)
    shares = [late * over // together for over in overruns]
    remainders = [late * over % together for over in overruns]
    places = sorted(range(len(overruns)), key=lambda place: (-remainders[place], place))
    for place in places[: late - sum(shares)]:
        shares[place] += 1
    return shares


def _why(rest: int, course: Course) -> Undivided:
    if not course.steps:
        return Undivided.NO_STEPS
    if any(step.share is None and step.minutes > step.before_restart for step in course.steps):
        return Undivided.NO_SHARES
    return Undivided.WAITING if course.between >= rest else Undivided.REST
