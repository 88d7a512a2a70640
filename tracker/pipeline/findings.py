"""Looking through the store for signs that lateness was made to disappear, and keeping what was found.

dossiers that may show a sign      store.finding_candidates: one question a kind
| histories                        what was told, when and by which load          store.finding_histories
| judge, move_signs, waves, ...    signs with their evidence                      measures.integrity, pure
| keep                             new, back again, gone; nothing is deleted      store.finding_keep

A look is whole or nothing, and done twice it finds the same. After a load only dossiers that it told of are read anew;
with other rules, and when asked to be whole, all of them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tracker.errors import CalendarError
from tracker.integrity_data import load_integrity
from tracker.measures.integrity import (
    Around,
    Judged,
    Sign,
    Vanished,
    judge,
    move_signs,
    units_with_unusual_ends,
    vanished_sign,
    wave_sign,
    waves,
)
from tracker.measures.integrity_history import Days, History, Telling
from tracker.measures.integrity_moves import JudgedMove
from tracker.measures.integrity_rules import IntegrityRules, rules_on
from tracker.measures.months import Months, each, runs
from tracker.pipeline.vanished import left_out
from tracker.store import batches, finding_candidates, finding_hidden, finding_keep, reported
from tracker.store.finding_hidden import HiddenRow
from tracker.store.finding_histories import histories, told_until
from tracker.store.finding_keep import Kept, Look
from tracker.store.locks import Lock
from tracker.store.session import Session, Store
from tracker.store.turns import turn
from tracker.timekeeping.calendar_definition import local_day
from tracker.timekeeping.calendars import CalendarHistory
from tracker.types import VN
from tracker.types.findings import FindingKind
from tracker.types.reconciling import SeenBatch

# Looked for in all dossiers at every look: the store answers them without reading histories.
OF_ALL = frozenset({FindingKind.WITHDRAWN_IN_WAVE})
MONTHS_AT_ONCE = 12
TOLD_EVERY = 10_000
Ids = NDArray[np.int64]
EPOCH = date(1970, 1, 1).toordinal()
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class LookResult:
    """What a look did: histories read, those outside the calendar's years, findings; `was_whole`: of all dossiers."""

    was_whole: bool
    histories: int
    unjudged: int
    kept: Kept


def current_rules(now: datetime) -> IntegrityRules:
    """The thresholds that hold on the day of a moment."""
    return rules_on(load_integrity(), now.astimezone(VN).date())


def is_behind(store: Store, now: datetime) -> bool:
    """Was anything loaded since the last look, or do other rules hold?"""
    rules = current_rules(now)
    with store.read() as session:
        return _is_behind(session, rules)


def _is_behind(session: Session, rules: IntegrityRules) -> bool:
    last = finding_keep.last_look(session)
    newest = batches.newest_id(session)
    if last is None:
        return newest > 0
    return last.batch_id != newest or last.rules != rules.version


def look(
    store: Store,
    calendars: CalendarHistory,
    now: datetime,
    *,
    whole: bool = False,
    progress: Progress | None = None,
) -> LookResult:
    """Look through what was told since the last look, or through everything, and keep what is found.

    Raises:
        WorkFailed: somebody else looked for too long, or the database fails; nothing was changed.
    """
    say = progress or (lambda told: None)
    rules = current_rules(now)
    with turn(store, Lock.FINDINGS) as mine:
        session = mine.session
        last = finding_keep.last_look(session)
        newest = batches.newest_id(session)
        is_whole = whole or last is None or last.rules != rules.version or last.batch_id > newest
        since = None if is_whole else last
        say("Đang tìm các hồ sơ cần xem")
        vanished = _vanished(session, now)
        chosen = _chosen(session, rules, since, vanished)
        seeing = _Seeing(session, calendars, rules, now)
        seeing.read(chosen.whole, say)
        seeing.read_moves(chosen.groups, chosen.days, say)
        signs = [*seeing.signs(), *_wave_signs(session, rules), *map(vanished_sign, vanished)]
        say("Đang đếm độ trễ bị che")
        hidden = _hidden(session, since)
        mine.begin_writing()
        looked_at = None if is_whole else dict.fromkeys(chosen.whole.tolist()) | seeing.decided
        kept = finding_keep.keep(mine.session, signs, now, looked_at=looked_at, of_all=OF_ALL)
        _put_hidden(mine.session, hidden, is_whole=is_whole)
        finding_keep.put_look(mine.session, Look(now, newest, rules.version))
    return LookResult(is_whole, seeing.histories, seeing.unjudged, kept)


class _Chosen(NamedTuple):
    """The dossiers to read whole; those of which only the moves told on some dates are decided; these dates."""

    whole: Ids
    groups: Ids
    days: Ids


def _chosen(
    session: Session, rules: IntegrityRules, since: Look | None, vanished: Sequence[Vanished]
) -> _Chosen:
    """All that may show a sign; or those that were told of since the last look, and those that vanished or had.

    Whether moves were made in bulk is seen only with all moves of their dates.
    """
    if since is None:
        return _Chosen(finding_candidates.candidates(session, rules), _ids(()), _ids(()))
    told = finding_candidates.told_since(session, since.batch_id, since.looked_at)
    wanted = finding_candidates.candidates(session, rules, told)
    shown = _ids(finding_keep.dossiers_with_findings(session))
    gone = _ids(finding_keep.dossiers_with_findings(session, FindingKind.VANISHED_LATE))
    missing = _ids([one.dossier_id for one in vanished])
    whole = np.unique(np.concatenate([np.union1d(wanted, np.intersect1d(shown, told)), gone, missing]))
    days = finding_candidates.move_days(session, whole)
    return _Chosen(whole, np.setdiff1d(finding_candidates.moved_on(session, days), whole), days)


def _ids(numbers: Sequence[int]) -> Ids:
    return np.array(numbers, dtype=np.int64)


class _Seeing:
    """One pass over histories: signs of single dossiers, and moves until all of them are counted together."""

    def __init__(
        self, session: Session, calendars: CalendarHistory, rules: IntegrityRules, now: datetime
    ) -> None:
        ends = finding_candidates.unit_ends(session)
        self._session, self._calendars = session, calendars.present
        self._around = Around(int(now.timestamp()), rules, ends, units_with_unusual_ends(ends, rules))
        self._signs: list[Sign] = []
        self._moves: list[JudgedMove] = []
        self.decided: dict[int, frozenset[str]] = {}
        self.histories = self.unjudged = 0

    def read(self, chosen: Ids, say: Progress) -> None:
        """Judge the histories of these dossiers; one that lies outside the calendar's years shows nothing."""
        for judged in self._judged(chosen, say):
            self._signs += judged.signs
            self._moves += judged.moves

    def read_moves(self, chosen: Ids, on_days: Ids, say: Progress) -> None:
        """Of these dossiers only the moves that we were told of on some dates, for the groups of those that are read whole."""
        days = frozenset(on_days.tolist())
        for judged in self._judged(chosen, say):
            for one in judged.moves:
                if local_day(one.move.new.first.at) in days:
                    self._moves.append(one)
                    dossier_id = one.move.dossier_id
                    self.decided[dossier_id] = self.decided.get(dossier_id, frozenset()) | {one.move.key}

    def _judged(self, chosen: Ids, say: Progress) -> Iterator[Judged]:
        for history in histories(self._session, chosen):
            self.histories += 1
            if self.histories % TOLD_EVERY == 0:
                say(f"Đã xem {self.histories:,} hồ sơ".replace(",", "."))
            try:
                yield judge(history, self._days(history), self._around)
            except CalendarError:
                self.unjudged += 1

    def signs(self) -> list[Sign]:
        """All signs of the dossiers that were read."""
        return [*self._signs, *move_signs(self._moves, self._around.rules)]

    def _days(self, history: History) -> Days:
        received = history.received
        day = None if received is None else date.fromordinal(EPOCH + local_day(received))
        return Days(self._calendars.of(history.unit_id or None, day))


def _wave_signs(session: Session, rules: IntegrityRules) -> Iterator[Sign]:
    found = {(wave.unit_id, wave.day): wave for wave in waves(finding_candidates.withdrawals(session), rules)}
    for place, dossiers in finding_candidates.withdrawn_on(session, found).items():
        for one in dossiers:
            yield wave_sign(one, found[place])


def _vanished(session: Session, now: datetime) -> list[Vanished]:
    """Open overdue dossiers that the latest whole export of their source no longer tells of."""
    today = local_day(int(now.timestamp()))
    found = []
    for source_id in reported.loaded_sources(session).values():
        left = left_out(session, source_id)
        until = told_until(session, {one.last.batch_id for one in left.values()})
        for dossier_id, (due, unit_id) in finding_candidates.open_late(session, left, today).items():
            last, first_without = left[dossier_id]
            if local_day(until[last.batch_id]) <= local_day(due):
                continue  # it was not yet late when it was last told
            found.append(Vanished(dossier_id, unit_id, due, _telling(last), _telling(first_without)))
    return found


def _telling(batch: SeenBatch) -> Telling:
    return Telling(int(batch.at.timestamp()), batch.batch_id)


# ---------------------------------------------------------------- hidden lateness

HiddenMonths = list[tuple[Months, list[HiddenRow]]]


def _hidden(session: Session, since: Look | None) -> HiddenMonths:
    """The counts of all months, or of those whose ends were told anew since the last look."""
    spans = runs(finding_hidden.months_touched(session, since.batch_id)) if since else []
    if since is None and (every := finding_hidden.all_months(session)):
        spans = [every]
    return [(part, finding_hidden.count_hidden(session, part)) for span in spans for part in _in_parts(span)]


def _in_parts(months: Months) -> Iterator[Months]:
    """Consecutive months, a year at a time."""
    listed = list(each(*months))
    for start in range(0, len(listed), MONTHS_AT_ONCE):
        part = listed[start : start + MONTHS_AT_ONCE]
        yield part[0], part[-1]


def _put_hidden(session: Session, counted: HiddenMonths, *, is_whole: bool) -> None:
    if is_whole:
        finding_hidden.clear_hidden(session, (counted[0][0][0], counted[-1][0][1]) if counted else None)
    for months, rows in counted:
        finding_hidden.put_hidden(session, months, rows)
