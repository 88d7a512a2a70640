"""One look at all that is open: gather, decide, claim in one transaction. Whoever runs it how often, a rung is claimed once.

    gather   open dossiers by slices with their claims, words of persons, rules and people
    decide   `rungs` and `deciding`, for each dossier and each other cause
    apply    claims with whom they tell, counts by unit, the run: all or nothing

Sends nothing: what waits for a person is put into messages by `composing`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

from notifications.alerts.causes import AlertPolicy, Cause, Finder, Moment
from notifications.alerts.claiming import Claimer, Subject, Ways, claimed
from notifications.alerts.deciding import Claimed, Decided, Fate, decide, due_before, due_version
from notifications.alerts.directory import Directory, Leave, Person
from notifications.alerts.judging import COUNTED, Judge, count_words
from notifications.alerts.kept_rules import rule_book
from notifications.alerts.rules import Place
from notifications.alerts.rungs import PAST, Measure, Rung, reached
from tracker.store import alert_store, office_events
from tracker.store.alert_candidates import OpenRow, open_rows
from tracker.store.alert_store import DOSSIER, NewAlert, NewTold
from tracker.store.calendars import load_history
from tracker.store.locks import Lock
from tracker.store.office_events import EventKind, NewEvent
from tracker.store.session import Session, Store
from tracker.store.turns import turn

UNIT, BATCH = "unit", "batch"
MONTHS = 12
NO_UNIT = 0


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """What came of a look. `created`: claims, of which `told` are for somebody; the others say why not."""

    day: date
    looked_at: int
    told: int
    passed: int
    overtaken: int
    nobody: int
    revived: int

    @property
    def created(self) -> int:
        """All claims."""
        return self.told + self.skipped

    @property
    def skipped(self) -> int:
        """Claims that nobody is told of one by one."""
        return self.passed + self.overtaken + self.nobody


InSameStep = Callable[[Session, EvaluationReport], None]


def _nothing(_session: Session, _report: EvaluationReport) -> None:
    return


def evaluate(  # noqa: PLR0913 -- for which day and moment, by whose clock: all by keyword
    store: Store,
    policy: AlertPolicy,
    *,
    day: date,
    as_of: datetime,
    now: datetime,
    finders: Sequence[Finder] = (),
    in_same_step: InSameStep = _nothing,
    dry_run: bool = False,
    dossiers: bool = True,
    counts_day: bool = True,
) -> EvaluationReport:
    """Claim every rung that is reached at `as_of` and was not claimed before; `day` is the day of the alerts.

    `dossiers` False: of what the finders tell only. `counts_day`: keep the counts by unit as those of the day. A dry run
    writes nothing.

    Raises:
        WorkFailed: another look took too long, or the database fails; nothing was kept.
    """
    with turn(store, Lock.ALERTS) as held:
        calendars = load_history(held.session, policy.calendar_key)
        look = _Look(Moment(store, held.session, policy, calendars, day, as_of))
        for rows in open_rows(held.session, as_of, policy.basis) if dossiers else ():
            look.take(rows)
        look.finish(finders)
        report = look.report()
        if not dry_run:
            held.begin_writing()
            look.write(held.session, now, report, dossiers=dossiers, counts_day=counts_day and dossiers)
            in_same_step(held.session, report)
    return report


def directory_of(session: Session, day: date) -> Directory:
    """Who is there on a day."""
    people = [
        Person(each.account_id, each.login, each.full_name, each.role, each.unit_id)
        for each in alert_store.accounts(session)
    ]
    leaves = [Leave(*each) for each in alert_store.leaves(session, day)]
    return Directory(people, alert_store.units_above(session), leaves, day)


class _Waiting(NamedTuple):
    """A dossier that a new load brought, until it is known how many of that load are newly overdue."""

    subject: Subject
    reached: list[tuple[Rung, int]]
    seen: list[Claimed]
    is_held: bool
    is_moved: bool
    batch_id: int
    is_of_new_source: bool


class _Look:
    """What one look has found so far."""

    def __init__(self, moment: Moment) -> None:
        session, last = moment.session, alert_store.last_run(moment.session)
        self._moment = moment
        self._judge = Judge(moment)
        self._book = rule_book(session, moment.day)
        self._directory = directory_of(session, moment.day)
        people = {each.account_id: each for each in alert_store.accounts(session)}
        ways = Ways(moment.policy.has_mail, people, alert_store.settings(session))
        self._claimer = Claimer(self._directory, ways)
        self._seen_batch = last.last_batch_id if last else 0
        self._newest_batch = alert_store.newest_batch(session)
        self._new_sources = alert_store.new_sources(session, self._seen_batch)
        self._alerts: list[NewAlert] = []
        self._revived: list[int] = []
        self._waiting: list[_Waiting] = []
        self._newly_late: Counter[int] = Counter()
        self._by_unit: dict[int, Counter[str]] = {}
        self._looked_at = 0

    # ------------------------------------------------------------ dossiers

    def take(self, rows: Sequence[OpenRow]) -> None:
        """Judge a slice of open dossiers."""
        session, ids = self._moment.session, [row.dossier_id for row in rows]
        claims = alert_store.claims_of(session, DOSSIER, ids)
        acks, assigned = alert_store.acks_of(session, ids), alert_store.assigned_of(session, ids)
        self._looked_at += len(rows)
        for row in rows:
            ack = acks.get(row.dossier_id)
            facts, verdict = self._judge.verdict(row)
            counts = self._by_unit.setdefault(row.unit_id or NO_UNIT, Counter())
            counts.update(count_words(facts, verdict, self._moment.day))
            standing = self._judge.standing(row, facts, verdict, ack.promised_on if ack else None)
            found = reached(standing, self._rungs(row)) if standing else []
            if found:
                seen = [claimed(each) for each in claims.get(row.dossier_id, ())]
                is_held = bool(ack and ack.promised_on and ack.promised_on >= self._moment.day)
                subject, is_moved = _subject(
                    row, seen, ack.ack_id if ack else 0, assigned.get(row.dossier_id)
                )
                is_late = standing.get(Measure.DAYS_LEFT) == PAST
                self._settle(row, _Waiting(
                    subject, found, seen, is_held, is_moved, row.batch_id, row.source_id in self._new_sources
                ), is_late=is_late)  # fmt: skip

    def _rungs(self, row: OpenRow) -> tuple[Rung, ...]:
        return self._book.at(Place(self._directory.path(row.unit_id), row.field_id, row.procedure_id))

    def _settle(self, row: OpenRow, found: _Waiting, *, is_late: bool) -> None:
        """Decide at once, but for what a load brought that alerts have not seen: that waits for how many they are."""
        if row.batch_id <= self._seen_batch:
            self._decide(found, is_flood=False)
            return
        self._waiting.append(found)
        was_late = any(each.measure == Measure.DAYS_LATE for each in found.seen)
        self._newly_late[row.batch_id] += is_late and not was_late

    def _decide(self, found: _Waiting, *, is_flood: bool) -> int:
        subject = found.subject
        decided = decide(
            found.reached, found.seen, subject.versions,
            is_held=found.is_held, is_flood=is_flood, is_moved=found.is_moved,
        )  # fmt: skip
        self._alerts += self._claimer.alerts(subject, decided, self._newest_batch if is_flood else None)
        if self._moment.day >= self._moment.as_of.date():
            self._revived += decided.revived
        return sum(claim.fate is Fate.PASSED for claim in decided.claims[:1])

    # ------------------------------------------------------------ what is no dossier's

    def finish(self, finders: Sequence[Finder]) -> None:
        """Decide what waited for the size of its load, then everything that is no dossier's."""
        flooded: Counter[int | None] = Counter()
        for found in self._waiting:
            is_flood = (
                found.is_of_new_source or self._newly_late[found.batch_id] > self._moment.policy.flood_over
            )
            passed = self._decide(found, is_flood=is_flood)
            if passed:
                flooded[found.subject.unit_id] += passed
        self._waiting.clear()
        if flooded:
            self._tell_flood(flooded)
        for finder in finders:
            self._take_causes(finder(self._moment))
        if self._claimer.unheard:
            self._take_causes(self._unheard())

    def _tell_flood(self, flooded: Counter[int | None]) -> None:
        """One claim for all that loads brought past their rungs, told to the heads of every unit concerned."""
        cause = Cause(BATCH, self._newest_batch, {Measure.FLOOD: sum(flooded.values())}, 0)
        rungs = reached(cause.standing, self._book.at(Place()))
        decided = decide(rungs, [], lambda _measure: 0)
        told: dict[int, NewTold] = {}
        alerts: list[NewAlert] = []
        for unit in flooded:
            alerts = self._claimer.alerts(_subject_of(cause, unit), decided)
            told.update((person.account_id, person) for each in alerts for person in each.told)
        fate = Fate.TOLD if told else Fate.NOBODY
        self._alerts += [
            replace(each, unit_id=None, fate=fate.value, told=tuple(told.values())) for each in alerts[:1]
        ]

    def _take_causes(self, causes: Iterable[Cause]) -> None:
        by_kind: dict[str, list[Cause]] = {}
        for cause in causes:
            by_kind.setdefault(cause.subject_kind, []).append(cause)
        for kind, found in by_kind.items():
            claims = alert_store.claims_of(self._moment.session, kind, [each.subject_id for each in found])
            for cause in found:
                seen = [claimed(each) for each in claims.get(cause.subject_id, ())]
                self._take_cause(cause, seen)

    def _take_cause(self, cause: Cause, seen: list[Claimed]) -> None:
        subject = _subject_of(cause, cause.unit_id)
        place = Place(self._directory.path(cause.unit_id))
        decided: Decided = decide(reached(cause.standing, self._book.at(place)), seen, subject.versions)
        self._alerts += self._claimer.alerts(subject, decided)
        self._revived += decided.revived

    def _unheard(self) -> list[Cause]:
        """Units of which nobody could be told: once a month as long as it lasts."""
        month = self._moment.day.year * MONTHS + self._moment.day.month
        unheard = dict(self._claimer.unheard)
        self._claimer.unheard.clear()
        return [
            Cause(UNIT, unit or NO_UNIT, {Measure.NOBODY: count}, month, unit_id=unit)
            for unit, count in unheard.items()
        ]

    # ------------------------------------------------------------ the outcome

    def report(self) -> EvaluationReport:
        """The counts."""
        fates = Counter(alert.fate for alert in self._alerts)
        return EvaluationReport(
            self._moment.day, self._looked_at, fates[Fate.TOLD], fates[Fate.PASSED], fates[Fate.OVERTAKEN],
            fates[Fate.NOBODY], len(self._revived),
        )  # fmt: skip

    def write(
        self, session: Session, now: datetime, report: EvaluationReport, *, dossiers: bool, counts_day: bool
    ) -> None:
        """Everything, in the transaction of the caller."""
        moment = self._moment
        counts = {
            "looked_at": report.looked_at, "told": report.told, "passed": report.passed,
            "overtaken": report.overtaken, "nobody": report.nobody, "revived": report.revived,
        }  # fmt: skip
        seen = self._newest_batch if dossiers else self._seen_batch
        run_id = alert_store.add_run(session, moment.day, moment.as_of, now, seen, counts)
        alert_store.add_alerts(session, run_id, moment.day, self._alerts)
        alert_store.revive(session, self._revived)
        office_events.add(session, _overdue_told(session, self._alerts), now)
        if counts_day:
            days = [
                {"unit_id": unit, **{word: counted[word] for word in COUNTED}}
                for unit, counted in sorted(self._by_unit.items())
            ]
            alert_store.put_unit_days(session, moment.day, moment.as_of, days)


# Claims of a dossier that is late, told or with nobody to tell; those of a flood are told as one batch.
_OF_LATE = (Fate.TOLD.value, Fate.NOBODY.value)


def _overdue_told(session: Session, alerts: Sequence[NewAlert]) -> list[NewEvent]:
    """What other programs are told: one event a rung of being late that a dossier has reached."""
    late = [
        each
        for each in alerts
        if each.subject_kind == DOSSIER and each.measure == Measure.DAYS_LATE and each.fate in _OF_LATE
    ]
    codes = alert_store.codes_of(session, [each.subject_id for each in late])
    return [
        NewEvent(
            EventKind.DOSSIER_OVERDUE, f"dossier:{codes.get(each.subject_id, each.subject_id)}", each.unit_id,
            {
                "code": codes.get(each.subject_id, ""), "late_days": each.measured, "rung": each.threshold,
                "due_at": each.due_at.isoformat() if each.due_at else None,
            },
        )
        for each in late
    ]  # fmt: skip


def _subject(row: OpenRow, seen: list[Claimed], ack_id: int, assigned: int | None) -> tuple[Subject, bool]:
    due = row.facts.due_at
    due_epoch = None if due is None else int(due.timestamp())
    version, is_moved = due_version(seen, due_epoch)
    paused = row.suspended_from
    own = {
        Measure.SUSPENDED: 0 if paused is None else int(paused.timestamp()),
        Measure.PROMISE_PASSED: ack_id,
        Measure.INTAKE_OVER: 0,
        Measure.NO_DUE: 0,
    }
    before = due_before(seen, version) if is_moved else None
    return (
        Subject(
            DOSSIER, row.dossier_id, row.unit_id, due, lambda measure: own.get(measure, version),
            row.officer, assigned, before=before,
        ),
        is_moved,
    )  # fmt: skip


def _subject_of(cause: Cause, unit_id: int | None = None) -> Subject:
    return Subject(
        cause.subject_kind, cause.subject_id, unit_id, cause.due_at, lambda _measure: cause.version,
        cause.officer, cause.assigned, cause.words,
    )  # fmt: skip
