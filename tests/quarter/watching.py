"""What is seen of a living province at each step: its looks held against the recount, and which message carried what."""

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import func, select

from app.context import AppContext
from tests.quarter import people
from tests.quarter.oracle import (
    CalendarOf,
    Claim,
    Due,
    Expected,
    Key,
    Known,
    Look,
    Recount,
    count_states,
    facts_of,
    still_stands,
)
from tests.quarter.province import MAIN, Load, Province
from tracker.store.calendars import load_history
from tracker.store.models import Alert, AlertRun, AlertTold, Dossier, Source, UnitDay
from tracker.store.session import Session

OF_DOSSIERS = "dossier"
MORNING = (7, 0)
COUNTED = ("open", "overdue", "suspended", "not_accepted", "no_due")


@dataclass
class Watch:
    """Keeps what the final count needs; `wrong`: what a look claimed otherwise than the recount says."""

    context: AppContext
    province: Province
    flood_over: int
    people: Mapping[str, tuple[int, str | None]] = field(default_factory=dict)  # by address: account and unit
    silent_units: frozenset[str] = frozenset()
    known: dict[Key, Known] = field(default_factory=dict)
    keys: dict[int, Key] = field(default_factory=dict)
    words: list[tuple[int, str]] = field(
        default_factory=list
    )  # numbers of acknowledgements, and of which dossier
    carried: dict[int, set[tuple[int, int]]] = field(default_factory=dict)  # by message: alerts and accounts
    dropped: dict[tuple[int, int], datetime] = field(default_factory=dict)
    looks: list[tuple[date, datetime]] = field(default_factory=list)
    fates: Counter[str] = field(default_factory=Counter)
    measures: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    seen_run: int = 0
    seen_message: int = 0

    def __post_init__(self) -> None:
        """Nothing was seen yet."""
        self.recount = Recount(self.flood_over)
        self.unseen_loads: list[Load] = []
        self.seen_sources: set[str] = set()
        self.taken_on: dict[Key, tuple[int, date | None]] = {}

    # ------------------------------------------------------------ what goes in

    def loaded(self, load: Load) -> None:
        """A source told something: remember its rows, and which load the store says each dossier stands by."""
        self.unseen_loads.append(load)
        with self.context.store.read() as session:
            found = session.execute(
                select(
                    Dossier.id, Dossier.code, Dossier.batch_id,
                    func.coalesce(Dossier.resolving_unit_id, Dossier.receiving_unit_id),
                ).join(Source, Source.id == Dossier.source_id).where(Source.key == load.source)
            ).all()  # fmt: skip
        for dossier_id, code, batch_id, unit_id in found:
            if code in load.rows:
                key = (load.source, code)
                self.keys[dossier_id] = key
                row = load.rows[code]
                self.known[key] = Known(row, facts_of(row), batch_id, unit_id)

    def promised(self, code: str, until: date | None, by: int) -> None:
        """Somebody takes a dossier on, or takes it back."""
        number = people.take_on(self.context.store, code, until, by, self.context.now())
        self.words.append((number, code))
        self.taken_on[(MAIN, code)] = number, until

    # ------------------------------------------------------------ what came of it

    def look_around(self) -> None:
        """After each step of work: new looks, new messages, what was dropped."""
        with self.context.store.read() as session:
            runs = session.execute(
                select(AlertRun.id, AlertRun.day, AlertRun.as_of, AlertRun.counts)
                .where(AlertRun.id > self.seen_run)
                .order_by(AlertRun.id)
            ).all()
            for run_id, day, as_of, counts in runs:
                self.seen_run = run_id
                if json.loads(counts)["looked_at"]:
                    self._hold_against_recount(session, run_id, day, as_of)
            self._note_messages(session)

    def _hold_against_recount(self, session: Session, run_id: int, day: date, as_of: datetime) -> None:
        fresh = {load.source for load in self.unseen_loads} - self.seen_sources
        look = self._look(session, day, as_of, fresh)
        expected = self.recount.look(look)
        self.looks.append((day, as_of))
        self.seen_sources |= fresh
        self.unseen_loads.clear()
        self._compare(f"{day} {as_of:%H:%M}", self._claims(session, run_id), expected)
        if (as_of.hour, as_of.minute) == MORNING:
            self._compare_counts(session, look)

    def _look(self, session: Session, day: date, as_of: datetime, fresh: Collection[str] = ()) -> Look:
        calendars = load_history(session, people.OFFICE_CALENDAR).present
        batches = {load.batch_id for load in self.unseen_loads}
        return Look(day, as_of, self.known, CalendarOf(calendars), batches, fresh, self.taken_on)

    def _compare_counts(self, session: Session, look: Look) -> None:
        """What digests say of the own units in the morning."""
        u = UnitDay
        rows = session.execute(
            select(u.unit_id, u.open, u.overdue, u.suspended, u.not_accepted, u.no_due).where(
                u.day == look.day
            )
        )
        counted = {
            (row.unit_id, word): value for row in rows for word in COUNTED if (value := getattr(row, word))
        }
        wanted = {place: value for place, value in count_states(look).items() if place[1] in COUNTED}
        if counted != wanted:
            self.wrong.append(f"counts of {look.day}: {set(counted.items()) ^ set(wanted.items())}")

    def _claims(self, session: Session, run_id: int) -> dict[tuple[Key, Due], Expected]:
        a = Alert
        rows = session.execute(
            select(a.subject_id, a.measure, a.threshold, a.version, a.fate, a.reason, a.unit_id).where(
                a.run_id == run_id, a.subject_kind == OF_DOSSIERS
            )
        )
        found = {}
        for subject, measure, threshold, version, fate, reason, _unit in rows:
            found[self.keys[subject], (measure, threshold, version)] = Expected(fate, reason)
        return found

    def _compare(
        self,
        when: str,
        found: Mapping[tuple[Key, Due], Expected],
        expected: Mapping[tuple[Key, Due], Expected],
    ) -> None:
        for claim in sorted(set(found) | set(expected)):
            made, wanted = found.get(claim), expected.get(claim)
            self.fates[made.fate if made else "missing"] += 1
            self.measures[claim[1][0]] += 1
            if made != wanted and not self._has_nobody(claim[0], made, wanted):
                self.wrong.append(f"{when} {claim}: {made}, not {wanted}")

    def _has_nobody(self, key: Key, made: Expected | None, wanted: Expected | None) -> bool:
        """It was to be told, and in that unit there is nobody."""
        nobody = made is not None and wanted is not None and (made.fate, wanted.fate) == ("nobody", "told")
        return nobody and self.known[key].row["resolving_unit"] in self.silent_units

    def _note_messages(self, session: Session) -> None:
        t = AlertTold
        new = session.execute(
            select(t.mail_id, t.alert_id, t.account_id).where(t.mail_id > self.seen_message)
        ).all()
        for message_id, alert_id, account_id in new:
            self.carried.setdefault(message_id, set()).add((alert_id, account_id))
        self.seen_message = max([self.seen_message, *(row[0] for row in new)])
        self._note_dropped(session)

    def _note_dropped(self, session: Session) -> None:
        """What was dropped is no longer so."""
        a, t, now = Alert, AlertTold, self.context.now()
        rows = session.execute(
            select(t.alert_id, t.account_id, a.subject_id, a.measure, a.version, a.due_at)
            .join(a, a.id == t.alert_id)
            .where(t.dropped == "untrue", a.subject_kind == OF_DOSSIERS)
        )
        for alert_id, account_id, subject, *claim in rows:
            if (alert_id, account_id) not in self.dropped:
                self.dropped[alert_id, account_id] = now
                key = self.keys[subject]
                look, word = self._look(session, now.date(), now), self.taken_on.get(key, (0, None))
                if still_stands(Claim(*claim), self.known[key], look, word):
                    self.wrong.append(f"{now:%d/%m %H:%M} {key} {claim}: dropped, and still so")
