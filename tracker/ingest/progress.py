"""Progress events of a dossier (`CapNhatTienDoHoSoMC`) -> its suspensions, ends and status. Pure.

All events of a dossier are followed in the order of their own times, never of arrival, so that a late one finds its
place. Source: formats note 1.3, 5.2 (suspensions from statuses 5, 6, 8), 5.4 (which event ends), 5.5 nos. 8 to 10.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar

from tracker.ingest.columns import SourceSuspension
from tracker.ingest.partial import PAUSES_FROM_EVENTS, PAUSES_UNKNOWN
from tracker.text import fold
from tracker.timekeeping.intake import REASON_UNTOLD
from tracker.types import DossierVersion, SourceStatus, SuspensionKind

# Where an event stands among those of the same second.
RANK = {
    SourceStatus.FILED: 0,
    SourceStatus.ACCEPTED: 1,
    SourceStatus.PROCESSING: 2,
    SourceStatus.AWAITING_SUPPLEMENT: 3,
    SourceStatus.AWAITING_FEE: 3,
    SourceStatus.STOPPED: 3,
    SourceStatus.REFUSED: 4,
    SourceStatus.DONE: 5,
    SourceStatus.RETURNED: 6,
    SourceStatus.WITHDRAWN: 7,
}
STANDING = {
    SourceStatus.AWAITING_SUPPLEMENT: SuspensionKind.SUPPLEMENT,
    SourceStatus.AWAITING_FEE: SuspensionKind.FINANCIAL,
    SourceStatus.STOPPED: SuspensionKind.PAUSE,
}
AT_WORK = (SourceStatus.ACCEPTED, SourceStatus.PROCESSING)
ENDS = {
    SourceStatus.DONE: "finished_at",
    SourceStatus.RETURNED: "returned_at",
    SourceStatus.WITHDRAWN: "withdrawn_at",
    SourceStatus.REFUSED: "refused_at",
}
# Some senders tell 5, 6 and 8 as 9; their text gives it away (formats note 3.4). A finish that the dossier itself dates
# is believed all the same.
WAITING_WORDS = {
    "yeu cau bo sung": SourceStatus.AWAITING_SUPPLEMENT,
    "cho bo sung": SourceStatus.AWAITING_SUPPLEMENT,
    "yeu cau thuc hien nghia vu": SourceStatus.AWAITING_FEE,
    "cho thuc hien nghia vu": SourceStatus.AWAITING_FEE,
    "yeu cau nvtc": SourceStatus.AWAITING_FEE,
    "cho nvtc": SourceStatus.AWAITING_FEE,
}
REFUSED_WORDS = "tu choi"
STATUSES = {status.value: status for status in SourceStatus}
# Written by a sender's program at the moment of reception, to have a last event at all.
PROGRAM = "can bo mot cua"
PLACEHOLDERS = frozenset({PROGRAM, "chuyen vien", "-", ""})
LOSSY, SYNTHETIC, REGRESSION = "STATUS_LOSSY", "EVENT_SYNTHETIC", "STATUS_REGRESSION"


class Standing(NamedTuple):
    """Of a dossier what its events can change, and what they are read by; named as in `DossierVersion`, which is dear to copy."""

    received_at: int | None
    finished_at: int | None
    returned_at: int | None
    withdrawn_at: int | None
    refused_at: int | None
    status: str
    status_text: str
    officer_name: str
    refusal_reason: str
    flags: str


Version = TypeVar("Version", DossierVersion, Standing)


class Step(NamedTuple):
    """One progress event; `at` in UTC epoch seconds, `status` a value of `SourceStatus`, the rest as told."""

    at: int
    status: str
    status_text: str
    officer: str
    text: str


@dataclass(frozen=True, slots=True)
class Course:
    """What all events together say; instants in UTC epoch seconds."""

    pauses: tuple[SourceSuspension, ...]
    ends: dict[str, int]
    last: Step | None
    reopened_at: int | None
    flags: frozenset[str]


def follow(steps: Iterable[Step], version: DossierVersion | Standing) -> Course:
    """The course of a dossier by all of its events, in any order of arrival."""
    walk = _Walk(version.received_at, version.finished_at)
    for step in _in_order(steps):
        walk.take(step)
    return walk.course()


def _in_order(steps: Iterable[Step]) -> list[Step]:
    told = list(steps)
    for one, following in pairwise(told):
        if one[0] >= following[0]:  # their times
            return sorted(told, key=_place)
    return told  # as they nearly always come


def _place(step: Step) -> tuple[int, int, Step]:
    # A word of an enum is equal to its value, also as a key.
    return step.at, RANK.get(step.status, -1), step  # type: ignore[call-overload]


class _Walk:
    """One pass over the events in order of time."""

    def __init__(self, received_at: int | None, finished_at: int | None) -> None:
        self.received_at, self.finished_at = received_at, finished_at
        self.pauses: list[SourceSuspension] = []
        self.standing: tuple[SuspensionKind, int] | None = None
        self.ends: dict[str, int] = {}
        self.last: tuple[Step, SourceStatus] | None = None
        self.reopened_at: int | None = None
        self.flags: set[str] = set()

    def take(self, step: Step) -> None:
        """The next event in time."""
        status = STATUSES[step.status]
        if status in AT_WORK and self.standing is None and not self.ends:
            self.last = step, status  # most events: somebody else has the dossier
            return
        status = self._meaning(step, status)
        if status in STANDING:
            self._reopen(step)
            if self.standing is None or self.standing[0] is not STANDING[status]:
                self._resume(step.at)
                self.standing = (STANDING[status], step.at)
        elif status in AT_WORK:
            self._resume(step.at)
            self._reopen(step)
        elif status in ENDS:
            self._resume(step.at)
            self.ends.setdefault(ENDS[status], step.at)
            if status is SourceStatus.DONE and REFUSED_WORDS in fold(step.text):
                self.ends.setdefault("refused_at", step.at)
        else:
            return
        self.last = step, status

    def _meaning(self, step: Step, status: SourceStatus) -> SourceStatus:
        if status is not SourceStatus.DONE or step.at == self.finished_at:
            return status
        if self.received_at is not None and step.at <= self.received_at and fold(step.officer) == PROGRAM:
            self.flags.add(SYNTHETIC)
            return SourceStatus.UNKNOWN
        text = fold(step.text)
        waiting = next((status for words, status in WAITING_WORDS.items() if words in text), None)
        if waiting is not None:
            self.flags.add(LOSSY)
        return waiting or status

    def _resume(self, at: int) -> None:
        if self.standing is not None:
            self.pauses.append(SourceSuspension(*self.standing, at))
            self.standing = None

    def _reopen(self, step: Step) -> None:
        """Work after an end undoes it; handing in a second time at the very same second does not."""
        if self.ends and step.at > max(self.ends.values()):
            self.ends.clear()
            self.reopened_at = step.at
            self.flags.add(REGRESSION)

    def course(self) -> Course:
        """What they say together."""
        pauses = list(self.pauses)
        if self.standing is not None:
            pauses.append(SourceSuspension(*self.standing, None))
        last = None
        if self.last:
            step, status = self.last
            last = step if step.status == status.value else step._replace(status=status.value)
        return Course(tuple(pauses), self.ends, last, self.reopened_at, frozenset(self.flags))


def without_course(version: DossierVersion, course: Course) -> DossierVersion:
    """The version as if these events had not been followed: ends that came from them are open again."""
    derived: dict[str, Any] = {name: None for name, at in course.ends.items() if getattr(version, name) == at}
    return version._replace(**derived)


def with_course(
    version: Version, course: Course, pauses: Sequence[SourceSuspension]
) -> tuple[Version, tuple[SourceSuspension, ...]]:
    """The version and its suspensions as the events tell them; what the source tells as such goes first.

    Derived values (`ended_at`, documented due date) are left to `partial.settled`.
    """
    if course.last is None:
        return version, tuple(pauses)
    told: dict[str, Any] = {name: _end(version, course, name) for name in ENDS.values()}
    is_ended, has_finished = any(told.values()), told["finished_at"] is not None
    flags = {flag for flag in version.flags.split() if flag != "END_FROM_RETURN"} | course.flags
    if not has_finished and told["returned_at"] is not None:
        flags.add("END_FROM_RETURN")
    if version.received_at is None and "refused_at" in course.ends and not version.refusal_reason:
        flags.add(REASON_UNTOLD)
    if flags & {PAUSES_UNKNOWN, PAUSES_FROM_EVENTS}:
        flags = flags - {PAUSES_UNKNOWN} | {PAUSES_FROM_EVENTS}
        pauses = course.pauses
    status = version.status
    if _is_newest(course.last, (version.received_at, *told.values())):
        status = course.last.status
        told |= {"status": status, "status_text": course.last.status_text}
        if fold(course.last.officer) not in PLACEHOLDERS:
            told["officer_name"] = course.last.officer
    if is_ended or status not in (SourceStatus.DONE, SourceStatus.RETURNED):
        flags.discard("END_MISSING")
    return version._replace(**told, flags=" ".join(sorted(flags))), tuple(pauses)


def _end(version: DossierVersion | Standing, course: Course, name: str) -> int | None:
    told: int | None = getattr(version, name)
    if told is not None and course.reopened_at is not None and told <= course.reopened_at:
        told = None
    return told if told is not None else course.ends.get(name)


def _is_newest(step: Step, dated: Iterable[int | None]) -> bool:
    """Did the step happen after everything that the dossier itself dates?"""
    return all(at is None or at <= step.at for at in dated)
