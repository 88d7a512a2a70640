"""The steps of dossiers as progress events: who had each since when, when it was to be done and when it was.

All moments are local seconds. The events tell nothing that the dossier does not: reception, suspensions and end are its
own, none of them is later than what it dates itself, and so no figure changes by them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tracker.synthetic import batch as b
from tracker.synthetic import step_spans
from tracker.synthetic.own_time import OwnTime
from tracker.synthetic.planted_causes import PlantedCauses
from tracker.synthetic.portal_events import RECEIVED, REFUSAL, RESULT, RESUMED, RESUMED_PLAINLY, STOPS
from tracker.synthetic.step_chains import Chains, ChainStep, Passage
from tracker.synthetic.workshop import Workshop

Bools = NDArray[np.bool_]

_CHANCES = 24
_MOST_STEPS = 7
_UNTOLD, _SHARELESS = 0.08, 0.05  # late dossiers without steps; steps that tell no share
_RETURNED = "Kiểm tra hồ sơ, đề nghị bổ sung"
_OPENED = "Nhận hồ sơ để xử lý"
_TOLD_PART = 0.1
_LEAST = 600  # working seconds of a dossier below which nobody would tell steps


class StepEvent(NamedTuple):
    """One progress event; 0 = not told. `officer` is a place in the pool, -1 = the desk, -2 = nobody is named."""

    at: int
    status: int
    text: str
    department: str = ""
    officer: int = -2
    begun: int = 0
    due: int = 0


BY_DESK, BY_NOBODY = -1, -2


@dataclass(frozen=True, slots=True)
class _Dossier:
    """One dossier as its steps need it; `horizon` is the last moment that anybody knows of (0 = it has ended)."""

    received: int
    due: int
    end: int
    closing: str  # what the last event says; empty where the dossier must not be told to have ended
    pauses: list[tuple[int, int, int]]
    officer: int
    steps: list[ChainStep]
    planted: int | None
    chances: list[float]


def late_and_some(seed: int, batch: b.Batch) -> b.Batch:
    """Those of a batch whose steps are told when a year is looked back at: all late ones, and one in ten others."""
    return _usable(batch, batch.late | _drawn(seed, batch))


def open_and_some(seed: int, batch: b.Batch, since: int) -> b.Batch:
    """Those whose steps are told of a living province: all that are open or ended `since`, one in ten earlier ones.

    Lateness does not decide it: who learns from these steps must not find that only late dossiers have any.
    """
    return _usable(batch, (batch.finished == 0) | (batch.finished >= since) | _drawn(seed, batch))


def _drawn(seed: int, batch: b.Batch) -> Bools:
    return np.random.default_rng([seed, 10, len(batch)]).random(len(batch)) < _TOLD_PART


def _usable(batch: b.Batch, chosen: Bools) -> b.Batch:
    # A dossier that was withdrawn or turned away ended in nobody's hands.
    rows = (
        chosen & (batch.received > 0) & (batch.withdrawn == 0) & ((batch.refused == 0) | (batch.finished > 0))
    )
    return batch.taken(np.flatnonzero(rows))


class StepMaker:
    """Makes the events of batches, always the same ones of the same batches in the same order."""

    def __init__(
        self, shop: Workshop, chains: Chains, seed: int, planted: PlantedCauses | None = None
    ) -> None:
        self._shop, self._chains, self._planted = shop, chains, planted
        self._rng = np.random.default_rng([seed, 11])

    def events(self, batch: b.Batch, horizon: int = 0) -> Iterator[list[StepEvent]]:
        """The events of each dossier in order of time; of open ones up to the `horizon`."""
        drawn = self._rng.random((len(batch), _CHANCES)).tolist()
        kinds = self._planted.kinds(batch) if self._planted else [""] * len(batch)
        communes = self._chains.communes(batch.address).tolist()
        for row, (chances, kind, commune) in enumerate(zip(drawn, kinds, communes, strict=True)):
            yield self._of(batch, row, horizon, (chances, kind, commune))

    def _of(
        self, batch: b.Batch, row: int, horizon: int, drawn: tuple[list[float], str, int]
    ) -> list[StepEvent]:
        chances, kind, commune = drawn
        received, finished = int(batch.received[row]), int(batch.finished[row])
        if not received:
            return []
        pauses = [(start, end, why) for start, end, why in batch.pauses[:, :, row].tolist() if why]
        taxed = bool(self._shop.taxed[batch.procedure[row]])
        unit, receiver = int(batch.unit[row]), int(batch.receiver[row])
        steps = self._chains.chain(Passage(unit, receiver, commune, taxed, kind, chances[-3:]))
        planted = next((place for place, step in enumerate(steps) if kind and step.kind == kind), None)
        closing = ""
        if finished < int(batch.returned[row]):
            closing = REFUSAL if batch.refused[row] else RESULT
        due, officer = int(batch.due[row]), int(batch.officer[row])
        one = _Dossier(received, due, finished, closing, pauses, officer, steps, planted, chances)
        if finished:
            return _ended(self._shop, one)
        is_fresh = int(batch.status[row]) == b.ACCEPTED  # nobody has begun with it
        return _framed(one, [], 0) if is_fresh else _open(self._shop, one, horizon)


def _ended(shop: Workshop, one: _Dossier) -> list[StepEvent]:
    begin = _begin(one)
    time = OwnTime(
        shop.days.calendar, begin, [(start, end) for start, end, _ in one.pauses if start >= begin]
    )
    limit = time.spent(one.due) if one.due else 0
    # What must not be told to have ended is last seen a moment before.
    end = one.end if one.closing else one.end - 1
    spent = time.spent(end)
    is_late = bool(limit) and spent > limit
    if spent < _LEAST or (is_late and one.planted is None and one.chances[-4] < _UNTOLD):
        return _framed(one, [], end)
    steps = one.steps
    own = step_spans.shares([step.part for step in steps], limit if limit > 0 else spent)
    waits = [0] * len(steps)
    if one.planted is None:
        waits = step_spans.waits(spent, len(steps), one.chances)
    at_work = spent - sum(waits)
    late = is_late and at_work > sum(own)
    took = (
        step_spans.late(own, at_work, one.planted, one.chances)
        if late
        else step_spans.in_time(own, at_work, one.chances)
    )
    told = own if limit > 0 else [0] * len(own)
    return _framed(one, _told(one, time, step_spans.Held(waits, took), told), end)


def _begin(one: _Dossier) -> int:
    """Where the limit runs from: the end of a supplement begins it anew."""
    return max((end for _, end, why in one.pauses if why == b.PAUSE_SUPPLEMENT and end), default=one.received)


def _told(one: _Dossier, time: OwnTime, held: step_spans.Held, own: Sequence[int]) -> list[StepEvent]:
    events, spent, begun = [], 0, _begin(one)
    for place, (step, wait, took, share) in enumerate(
        zip(one.steps, held.waits, held.took, own, strict=False)
    ):
        if wait:
            begun = time.at(spent + wait)
        spent += wait + took
        at = time.at(spent)
        shareless = one.planted is None and one.chances[place + _MOST_STEPS] < _SHARELESS
        due = time.after(begun, share) if share and not shareless else 0
        events.append(StepEvent(at, b.PROCESSING, step.text, step.holder, _officer(one, step), begun, due))
        begun = at
    return events


def _officer(one: _Dossier, step: ChainStep) -> int:
    """Officers of the resolving unit have names; who sits elsewhere is not told."""
    if step is one.steps[0]:
        return BY_DESK
    return one.officer if step.holder == one.steps[-1].holder else BY_NOBODY


def _framed(one: _Dossier, steps: list[StepEvent], end: int) -> list[StepEvent]:
    """Reception, suspensions and end round the steps, in order of time."""
    desk = one.steps[0].holder
    received = StepEvent(one.received, b.ACCEPTED, RECEIVED, desk, BY_DESK, one.received)
    is_bare = bool(end) and not steps
    if is_bare:  # nothing is told of its steps, so nobody is told to have had it either
        received = received._replace(department="", begun=0)
    events = [received]
    for start, stopped, why in one.pauses:
        if why == b.PAUSE_SUPPLEMENT and stopped and start - 1 > one.received and not is_bare:
            events.append(StepEvent(start - 1, b.PROCESSING, _RETURNED, desk, BY_DESK, one.received))
        events.append(StepEvent(start, *STOPS[why], officer=one.officer))
        if stopped:
            events.append(
                StepEvent(stopped, b.PROCESSING, RESUMED.get(why, RESUMED_PLAINLY), officer=one.officer)
            )
    if steps and end:
        closed = steps.pop()
        if one.closing:
            closed = closed._replace(status=b.DONE, text=one.closing)
        steps.append(closed._replace(at=end))
    elif end and one.closing:
        events.append(StepEvent(end, b.DONE, one.closing, officer=one.officer))
    # Of one second the dossier's own come first: work goes on after it was resumed.
    return sorted([*events, *steps], key=lambda event: event.at)


def _open(shop: Workshop, one: _Dossier, horizon: int) -> list[StepEvent]:
    """Up to the horizon: the steps done, and who has it now."""
    begin = _begin(one)
    pauses = [(start, end or horizon) for start, end, _ in one.pauses if start >= begin]
    time = OwnTime(shop.days.calendar, begin, pauses)
    spent = time.spent(horizon)
    limit = time.spent(one.due) if one.due else 0
    if spent < _LEAST:
        return _framed(one, [], 0)
    own = step_spans.shares([step.part for step in one.steps], limit if limit > 0 else max(2 * spent, _LEAST))
    # One overdue lies where chance has it; one in time has gone through as many steps as it had time for.
    holding = int(one.chances[-4] * len(own)) if limit and spent > limit else len(own) - 1
    took, left = [], spent
    for share, chance in zip(own[:holding], one.chances, strict=False):
        need = int(share * (0.5 + 0.8 * chance))
        if need >= left - _LEAST:
            break
        took.append(need)
        left -= need
    done = len(took)
    held = step_spans.Held([0] * done, took)
    steps = _told(one, time, held, own[:done] if limit > 0 else [0] * done)
    return _framed(one, [*steps, _taken_up(one, time, done, (sum(took), own[done] if limit > 0 else 0))], 0)


def _taken_up(one: _Dossier, time: OwnTime, place: int, at: tuple[int, int]) -> StepEvent:
    spent, share = at
    step = one.steps[place]
    begun = time.at(spent) + 1 if spent else _begin(one) + 1
    due = time.after(begun, share) if share else 0
    return StepEvent(begun, b.PROCESSING, _OPENED, step.holder, _officer(one, step), begun, due)
