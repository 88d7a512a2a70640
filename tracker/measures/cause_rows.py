"""One dossier's part in the causes of its month: rows of sums by what took the time. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tracker.measures.step_shares import Attribution, Course, Held
from tracker.types.causes import (
    BETWEEN,
    FLOW,
    FLOW_ENDED,
    FLOW_PAUSED,
    FLOW_RECEIVED,
    KNOWN,
    PAUSE,
    REASON,
    STEP,
    TOTAL,
    UNDIVIDED,
    UNMEASURED,
    CauseSums,
    StepKind,
)

KindOf = Callable[[Held], StepKind]
Row = tuple[str, str, CauseSums]
"""(part, name, sums)."""
LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Ended:
    """A dossier that ended. `late`: how its lateness divides; None = it ended in time. `is_measured`: its minutes are known."""

    course: Course | None
    late: Attribution | None
    reason: str = ""
    is_measured: bool = True


def rows_of(ended: Ended, kind_of: KindOf) -> Iterator[Row]:
    """The rows of one dossier; of one in time without steps none."""
    course, late = ended.course, ended.late
    if late is None:
        yield from _in_time(course, kind_of)
        return
    whole = CauseSums(late=1, overrun=late.late, overran=int(late.late > 0))
    if course is not None:
        shares = sum(step.share or 0 for step in course.steps)
        whole = whole._replace(late_held=course.total, late_share=shares)
    yield TOTAL, "", whole
    yield REASON, ended.reason.strip()[:LONGEST_REASON], whole._replace(late_share=0)
    if not ended.is_measured:
        yield UNMEASURED, "", CauseSums(late=1)
    if late.undivided and late.why is not None:
        yield UNDIVIDED, late.why.value, CauseSums(late=1, overrun=late.undivided, overran=1)
    if course is None:
        return
    if course.steps:
        yield KNOWN, "", whole
    yield from _departments(course, late, kind_of)
    yield from _apart(course, lambda minutes: CauseSums(late=1, late_held=minutes))
    for name, minutes in flow_of(course, kind_of).items():
        yield FLOW, name, CauseSums(late=1, late_held=minutes)


def _in_time(course: Course | None, kind_of: KindOf) -> Iterator[Row]:
    if course is None or not course.steps:
        return
    whole = CauseSums(in_time=1, in_time_held=course.total)
    yield TOTAL, "", whole
    yield KNOWN, "", whole
    held: dict[tuple[StepKind, str], int] = {}
    for step in course.steps:
        key = kind_of(step), step.department
        held[key] = held.get(key, 0) + step.minutes
    for (kind, name), minutes in held.items():
        yield STEP + kind, name, CauseSums(in_time=1, in_time_held=minutes)
    yield from _apart(course, lambda minutes: CauseSums(in_time=1, in_time_held=minutes))
    for name, minutes in flow_of(course, kind_of).items():
        yield FLOW, name, CauseSums(in_time=1, in_time_held=minutes)


def _departments(course: Course, late: Attribution, kind_of: KindOf) -> Iterator[Row]:
    """What each department had in hand, its steps together."""
    found: dict[tuple[StepKind, str], CauseSums] = {}
    for place, (step, part) in enumerate(zip(course.steps, late.shares, strict=True)):
        own = CauseSums(
            late_held=step.minutes, late_share=step.share or 0, overrun=part, first=int(place == course.first)
        )
        key = kind_of(step), step.department
        found[key] = found.get(key, CauseSums()).plus(own)
    for (kind, name), sums in found.items():
        yield STEP + kind, name, sums._replace(late=1, overran=int(sums.overrun > 0))


def _apart(course: Course, sums: Callable[[int], CauseSums]) -> Iterator[Row]:
    """What lay between steps and in suspensions."""
    if course.between:
        yield BETWEEN, "", sums(course.between)
    for kind, minutes in course.paused:
        yield PAUSE + kind, "", sums(minutes)


def flow_of(course: Course, kind_of: KindOf) -> Mapping[str, int]:
    """Hand-overs "from>to" of a dossier, with the minutes in the state that was left; nothing where no step is known.

    States are kinds of departments, a suspension, reception and the end; steps of a kind one after the other are one.
    """
    if not course.steps:
        return {}
    states = [(step.begun, kind_of(step).value, step.minutes) for step in course.steps]
    states += [(start, FLOW_PAUSED, minutes) for start, minutes in course.stops]
    found: dict[str, int] = {}
    state, spent = FLOW_RECEIVED, 0
    for _, name, minutes in sorted(states):
        if name == state:
            spent += minutes
            continue
        found[f"{state}>{name}"] = found.get(f"{state}>{name}", 0) + spent
        state, spent = name, minutes
    found[f"{state}>{FLOW_ENDED}"] = found.get(f"{state}>{FLOW_ENDED}", 0) + spent
    return found
