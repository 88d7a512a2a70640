"""One unit on a morning: its months, what is open and by whom, what fell due, what was promised, what waits for a decision.

Gathers from the store for a unit with all below it (None = the whole province), gives everything as values. Officers' names
are staff's personal data: their figures are gathered only where the question says so, and who may ask that decides the caller.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from tracker.errors import CalendarError
from tracker.measures.months import Months, before, each
from tracker.pipeline.answers import DUE_SOON
from tracker.pipeline.unit_changes import Worse, added, together, worse
from tracker.pipeline.unit_targets import Target, target_on
from tracker.store import late_queries, unit_open, unit_promises, unit_targets, unit_waits
from tracker.store.late_queries import Candidate, LateFilter
from tracker.store.models import Field, Procedure
from tracker.store.rate_reading import Counting
from tracker.store.remembered import Mark, Remembered
from tracker.store.session import Session
from tracker.store.unit_open import OpenAsked, OpenGroup
from tracker.store.unit_promises import LetterPromise, PromisesAsked, TakenOn
from tracker.store.unit_rates import Ended, UnitRates, names_of
from tracker.store.unit_waits import AlertsAsked, WaitsAsked
from tracker.timekeeping.calendars import Calendars
from tracker.timekeeping.due_soon import DueSoon
from tracker.timekeeping.lateness import classify
from tracker.timekeeping.limits import parse_limit
from tracker.types import VN, Basis, Lateness, Level, Limit, RateCounts, State, UnitRef

MONTHS_BACK = 12  # and the present one
ROWS, MOST_FALLEN, WORST = 20, 400, 8
LAST_SECOND = time(23, 59, 59)
FIGURES = Remembered(300)


@dataclass(frozen=True, slots=True)
class UnitQuestion:
    """Which unit (None = the whole province), at which moment. `unit_ids`: it and all below (None = all).

    `since`: the working day before, from whose morning on a date that passed is newly passed. `soon_until`: the last day
    that is soon. `with_officers`: only for the head of the unit. `alerts`, `decider`: whose alerts, and who may decide on
    changes, as far as they wait here.
    """

    unit_id: int | None
    unit_ids: frozenset[int] | None
    as_of: datetime
    since: date
    soon_until: date
    with_officers: bool = False
    basis: Basis = Basis.SOURCE
    alerts: AlertsAsked | None = None
    decider: str | None = None


@dataclass(frozen=True, slots=True)
class MonthCounts:
    """What ended in a month (year * 100 + month); `target` as it held on the month's last day, or today."""

    month: int
    counts: RateCounts
    target: Target | None


@dataclass(frozen=True, slots=True)
class OpenCount:
    """Open dossiers by how they stand. `due_soon`: after today, up to the last day that is soon."""

    overdue: int = 0
    no_due: int = 0
    suspended: int = 0
    due_today: int = 0
    due_soon: int = 0
    due_later: int = 0

    @property
    def open(self) -> int:
        """All of them."""
        return self.overdue + self.no_due + self.suspended + self.due_today + self.due_soon + self.due_later


@dataclass(frozen=True, slots=True)
class OfficerLoad:
    """What lies with one officer of a unit, by the name that the source tells ("" = none).

    `next_due`: the earliest date of those that can still be kept; `minutes_left`: working time until then, None where the
    calendar cannot say.
    """

    unit_id: int
    officer: str
    standing: OpenCount
    next_due: datetime | None
    minutes_left: int | None


@dataclass(frozen=True, slots=True)
class UnitBelow:
    """A unit directly below with all below it: its months as of the trend, what is open, its target today."""

    unit: UnitRef
    months: tuple[RateCounts, ...]
    standing: OpenCount
    target: Target | None


@dataclass(frozen=True, slots=True)
class FallenRow:
    """A dossier that fell overdue since the working day before."""

    found: Candidate
    verdict: Lateness


@dataclass(frozen=True, slots=True)
class Fallen:
    """Those that are shown, and how many there are; `is_more`: more were not looked at."""

    rows: tuple[FallenRow, ...] = ()
    count: int = 0
    is_more: bool = False


@dataclass(frozen=True, slots=True)
class UnitAnswer:
    """Everything of one unit; `officers` None: not asked for. `letters`: dossiers of the ledger of apologies by state,
    `alerts` of the reader, `changes` that wait for a decision by kind (None: not asked for).

    `mark`: under the same one months, what is open, what went worse and the units below are the same; None: nobody can say.
    """

    question: UnitQuestion
    months: tuple[MonthCounts, ...]
    worse_fields: tuple[Worse, ...]
    worse_procedures: tuple[Worse, ...]
    standing: OpenCount
    officers: tuple[OfficerLoad, ...] | None
    below: tuple[UnitBelow, ...]
    fallen: Fallen
    letters: Mapping[str, int]
    alerts: int | None
    changes: Mapping[str, int] | None
    letter_promises: tuple[LetterPromise, ...]
    taken_on: tuple[TakenOn, ...]
    mark: Mark | None = field(default=None, compare=False)

    @property
    def now(self) -> MonthCounts:
        """The present month so far."""
        return self.months[-1]

    @property
    def last(self) -> MonthCounts:
        """The month before, whole."""
        return self.months[-2]

    @property
    def year(self) -> RateCounts:
        """The present year so far."""
        year = self.now.month // 100
        total = RateCounts()
        for month in self.months:
            total = added(total, month.counts) if month.month // 100 == year else total
        return total


@dataclass(frozen=True, slots=True)
class _Told:
    """What the store told of a unit and of those below it alike: ends of a span of months, open ones, targets."""

    span: Months
    ended: Ended
    groups: Sequence[OpenGroup]
    targets: Sequence[unit_targets.TargetRow]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known before anything is counted: all units, the calendars, when something is due soon."""

    units: Mapping[int, UnitRef]
    calendars: Calendars
    due_soon: DueSoon = field(default=DUE_SOON)


@dataclass(frozen=True, slots=True)
class _Figures:
    """What of a unit is made of dossiers, calendars, catalogues and targets alone: the same at every moment of a day.

    `officers` are without their working time; `fallen`: those that are shown, judged when they are.
    """

    months: tuple[MonthCounts, ...]
    worse_fields: tuple[Worse, ...]
    worse_procedures: tuple[Worse, ...]
    standing: OpenCount
    officers: tuple[OfficerLoad, ...] | None
    below: tuple[UnitBelow, ...]
    fallen: tuple[Candidate, ...]
    fallen_count: int
    is_more: bool


def unit_home(session: Session, question: UnitQuestion, around: Surroundings) -> UnitAnswer:
    """A unit as it stands; what waits and what was promised by two questions, the figures by few more, and once a process
    until anything of them changes.
    """
    mark = _mark(session, question)
    figures: _Figures | None = None if mark is None else FIGURES.get(mark)
    if figures is None:
        figures = _figures(session, question, around)
        if mark is not None:
            FIGURES.keep(mark, figures)
    waits = unit_waits.waits(session, WaitsAsked(question.unit_ids, question.alerts, question.decider))
    soon = datetime.combine(question.soon_until, LAST_SECOND, VN)
    promised = unit_promises.promises(
        session, PromisesAsked(question.unit_ids, soon, question.as_of.date(), ROWS)
    )
    rows = tuple(FallenRow(one, _verdict(one, question, around)) for one in figures.fallen)
    officers = None
    if figures.officers is not None:
        officers = tuple(_timed(load, question, around) for load in figures.officers)
    return UnitAnswer(
        question=question,
        months=figures.months,
        worse_fields=figures.worse_fields,
        worse_procedures=figures.worse_procedures,
        standing=figures.standing,
        officers=officers,
        below=figures.below,
        fallen=Fallen(rows, figures.fallen_count, figures.is_more),
        letters=waits.letters,
        alerts=waits.alerts,
        changes=waits.changes,
        letter_promises=promised.letters,
        taken_on=promised.taken_on,
        mark=mark,
    )


def _mark(session: Session, question: UnitQuestion) -> Mark | None:
    """Under the same mark the figures are the same; officers are told apart only under one that says so."""
    still = Counting(session, None).still(int(question.as_of.timestamp()))
    if still is None:
        return None
    days = question.as_of.date(), question.since, question.soon_until
    asked = question.unit_id, question.unit_ids, question.with_officers, question.basis
    return Mark(asked, (still, days))


def _figures(session: Session, question: UnitQuestion, around: Surroundings) -> _Figures:
    rates = UnitRates(session, question.unit_ids, as_of=question.as_of, basis=question.basis)
    span = _months(question.as_of)
    groups = unit_open.open_groups(session, _open_asked(question))
    told = _Told(span, rates.by_unit(span), groups, unit_targets.targets(session))
    fields, procedures = _works(session, rates, question)
    fallen, is_more = _fallen(session, question, around)
    return _Figures(
        months=_trend(question, told),
        worse_fields=fields,
        worse_procedures=procedures,
        standing=_standing(groups),
        officers=_officers(groups) if question.with_officers else None,
        below=_below(question, around, told),
        fallen=tuple(fallen[:ROWS]),
        fallen_count=len(fallen),
        is_more=is_more,
    )


# ---------------------------------------------------------------- months


def _months(as_of: datetime) -> Months:
    last = as_of.year * 100 + as_of.month
    first = last
    for _ in range(MONTHS_BACK):
        first = before(first)
    return first, last


def _trend(question: UnitQuestion, told: _Told) -> tuple[MonthCounts, ...]:
    sums, today = _by_month(told.ended), question.as_of.date()
    return tuple(
        MonthCounts(
            month,
            sums.get(month, RateCounts()),
            target_on(told.targets, question.unit_id, min(_last_day(month), today)),
        )
        for month in each(*told.span)
    )


def _by_month(ended: Ended) -> dict[int, RateCounts]:
    sums: dict[int, RateCounts] = {}
    for (month, _unit_id), counts in ended.items():
        sums[month] = added(sums.get(month, RateCounts()), counts)
    return sums


def _last_day(month: int) -> date:
    year, of_year = divmod(month, 100)
    return date(year + of_year // 12, of_year % 12 + 1, 1) - timedelta(days=1)


def _works(
    session: Session, rates: UnitRates, question: UnitQuestion
) -> tuple[tuple[Worse, ...], tuple[Worse, ...]]:
    """What went worse since the month before, by field and by procedure."""
    now = _months(question.as_of)[1]
    ended = rates.by_work((before(now), now))
    fields = names_of(session, Field, (key[1] for key in ended))
    procedures = names_of(session, Procedure, (key[2] for key in ended))
    told = []
    for at, names in ((1, fields), (2, procedures)):
        of_month = [
            together((names.get(key[at], ""), counts) for key, counts in ended.items() if key[0] == month)
            for month in (before(now), now)
        ]
        told.append(worse(*of_month, limit=WORST))
    return told[0], told[1]


# ---------------------------------------------------------------- what is open


def _open_asked(question: UnitQuestion) -> OpenAsked:
    soon = datetime.combine(question.soon_until, LAST_SECOND, VN)
    return OpenAsked(
        question.unit_ids,
        int(question.as_of.timestamp()),
        int(soon.timestamp()),
        question.basis,
        by_officer=question.with_officers,
    )


_NAMES = {
    unit_open.IS_LATE: "overdue",
    unit_open.HAS_NO_DUE: "no_due",
    unit_open.IS_SUSPENDED: "suspended",
    unit_open.DUE_TODAY: "due_today",
    unit_open.DUE_SOON: "due_soon",
    unit_open.DUE_LATER: "due_later",
}
_KEEPABLE = (unit_open.DUE_TODAY, unit_open.DUE_SOON, unit_open.DUE_LATER)


def _standing(groups: Iterable[OpenGroup]) -> OpenCount:
    counts = Counter[str]()
    for group in groups:
        counts[_NAMES[group.state]] += group.dossiers
    return OpenCount(**counts)


def _officers(groups: Iterable[OpenGroup]) -> tuple[OfficerLoad, ...]:
    """Most overdue first, then most to be kept soon; without working time."""
    by_name: dict[tuple[int, str], list[OpenGroup]] = {}
    for group in groups:
        by_name.setdefault((group.unit_id, " ".join(group.officer.split())), []).append(group)
    return tuple(sorted((_load(key, of_name) for key, of_name in by_name.items()), key=_burden))


def _burden(load: OfficerLoad) -> tuple[int, int, int, str]:
    standing = load.standing
    soon = standing.due_today + standing.due_soon
    return (-standing.overdue, -soon, -standing.open, load.officer)


def _load(key: tuple[int, str], groups: Sequence[OpenGroup]) -> OfficerLoad:
    dues = [group.first_due for group in groups if group.state in _KEEPABLE and group.first_due is not None]
    due = datetime.fromtimestamp(min(dues), VN) if dues else None
    return OfficerLoad(*key, _standing(groups), due, None)


def _timed(load: OfficerLoad, question: UnitQuestion, around: Surroundings) -> OfficerLoad:
    """With the working time until the earliest date that can still be kept, where the calendar can say."""
    due, as_of = load.next_due, question.as_of
    if due is None:
        return load
    try:
        calendar = around.calendars.of(load.unit_id or None, as_of.date())
        minutes = calendar.working_minutes(as_of, due) if due > as_of else 0
    except CalendarError:
        return load
    return replace(load, minutes_left=minutes)


# ---------------------------------------------------------------- the units below


def _below(question: UnitQuestion, around: Surroundings, told: _Told) -> tuple[UnitBelow, ...]:
    """The units directly below in which anything ended or is open."""
    under, today = _under(around.units), question.as_of.date()
    listed = children(around.units, question.unit_id)
    holders: dict[int, list[int]] = {}  # a unit -> those of the list that it counts in
    for unit in listed:
        for inside in _closure(under, unit.unit_id):
            holders.setdefault(inside, []).append(unit.unit_id)
    ended: dict[int, dict[int, RateCounts]] = {}
    for (month, unit_id), counts in told.ended.items():
        for holder in holders.get(unit_id, ()):
            sums = ended.setdefault(holder, {})
            sums[month] = added(sums.get(month, RateCounts()), counts)
    groups: dict[int, list[OpenGroup]] = {}
    for group in told.groups:
        for holder in holders.get(group.unit_id, ()):
            groups.setdefault(holder, []).append(group)
    found = [
        UnitBelow(
            unit,
            tuple(ended.get(unit.unit_id, {}).get(month, RateCounts()) for month in each(*told.span)),
            _standing(groups.get(unit.unit_id, ())),
            target_on(told.targets, unit.unit_id, today),
        )
        for unit in listed
        if unit.unit_id in ended or unit.unit_id in groups
    ]
    return tuple(sorted(found, key=_trouble))


def _trouble(below: UnitBelow) -> tuple[int, int, str]:
    return (-below.months[-1].late, -below.standing.overdue, below.unit.name)


def children(units: Mapping[int, UnitRef], unit_id: int | None) -> list[UnitRef]:
    """The units directly below; of the province those with none above, whose work no successor took over.

    Where one of these stands over all others, as a province's committee does, those below it.
    """
    if unit_id is not None:
        return [unit for unit in units.values() if unit.parent_id == unit_id]
    tops = [unit for unit in units.values() if unit.parent_id not in units and unit.successor_id not in units]
    known = [unit for unit in tops if unit.level is not Level.UNKNOWN]
    if len(known) != 1:
        return tops
    below = [unit for unit in units.values() if unit.parent_id == known[0].unit_id]
    return [*below, *(unit for unit in tops if unit is not known[0])] if below else tops


def subtree(units: Mapping[int, UnitRef], unit_id: int) -> frozenset[int]:
    """A unit, all below it, and those whose successor one of them is; as `catalogue.unit_subtree`."""
    return _closure(_under(units), unit_id)


def _under(units: Mapping[int, UnitRef]) -> dict[int, list[int]]:
    """The units directly below each, and those that it succeeded."""
    under: dict[int, list[int]] = {}
    for unit in units.values():
        for above in (unit.parent_id, unit.successor_id):
            if above is not None:
                under.setdefault(above, []).append(unit.unit_id)
    return under


def _closure(under: Mapping[int, Sequence[int]], unit_id: int) -> frozenset[int]:
    inside, waiting = {unit_id}, [unit_id]
    while waiting:
        new = [each for each in under.get(waiting.pop(), ()) if each not in inside]
        inside.update(new)
        waiting += new
    return frozenset(inside)


# ---------------------------------------------------------------- what fell due


def _fallen(session: Session, question: UnitQuestion, around: Surroundings) -> tuple[list[Candidate], bool]:
    """Dossiers whose date passed since the morning of the working day before, as far as `classify` says overdue; are there
    more than were looked at?
    """
    opening, today = (
        int(datetime.combine(day, time.min, VN).timestamp())
        for day in (question.since, question.as_of.date())
    )
    ids = unit_open.fallen_due_ids(
        session, question.unit_ids, (opening, today), question.basis, limit=MOST_FALLEN + 1
    )
    asked = LateFilter(int(question.as_of.timestamp()), question.basis)
    known = {one.dossier_id: _for_list(one) for one in late_queries.of_ids(session, asked, ids[:MOST_FALLEN])}
    found = [known[key] for key in ids if key in known]
    late = [one for one in found if _verdict(one, question, around).state is State.OVERDUE]
    return late, len(ids) > MOST_FALLEN


def _for_list(one: Candidate) -> Candidate:
    """Its limit read once; whose dossier it is, the list does not say."""
    limit = parse_limit(one.limit_text)
    facts = replace(one.facts, limit=limit if isinstance(limit, Limit) else None)
    return replace(one, applicant="", facts=facts)


def _verdict(one: Candidate, question: UnitQuestion, around: Surroundings) -> Lateness:
    received = one.facts.received_at
    calendar = around.calendars.of(one.working_unit_id, received.date() if received else None)
    return classify(one.facts, calendar, as_of=question.as_of, due_soon=around.due_soon)
