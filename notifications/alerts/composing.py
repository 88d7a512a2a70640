"""What waits for people -> messages in the outbox: one digest each working morning, urgent ones at once in office hours.

Each person and way is a turn of its own: what waits is looked at and put into words first, while others write, then the
message and the rows that it carries are written together, so a crash between two of them leaves nothing half done and the
next run goes on. A message leaves within the office hours of
its day or not at all; what could not leave waits again, and the next digest holds all of it: one instead of a backlog.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from notifications.alerts.causes import AlertPolicy, Moment
from notifications.alerts.digest import INBOX, Digest, html_of, subject_of, text_of
from notifications.alerts.gathering import Gatherer, Reader
from notifications.alerts.hours import Window, allowed_from, next_window, window_of
from notifications.kinds import ALERT_DIGEST, ALERT_KINDS, ALERT_URGENT, ChannelName
from notifications.marks import NO_LONGER_TRUE, no_longer_true
from notifications.outbox import OutboxDraft, put
from notifications.standing import OVERFLOW
from tracker.store import alert_pending, alert_store, outbox
from tracker.store.alert_pending import Way
from tracker.store.calendars import load_history
from tracker.store.locks import Lock, hold
from tracker.store.outbox import MessageState
from tracker.store.people import Account, list_accounts
from tracker.store.session import Session, Store
from tracker.store.turns import Turn, turn
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import VN

CHANNELS = {Way.IN_APP: ChannelName.IN_APP, Way.MAIL: ChannelName.EMAIL}
# So often a digest of one day may be made anew because the one before came to nothing.
MOST_TIMES = 20


@dataclass(frozen=True, slots=True)
class Sending:
    """What the office decided about sending: from which time the digest goes, how many urgent messages a day, how many
    rows a message shows, where its pages are ("" = messages have no links).
    """

    digest_at: time = time(7, 0)
    urgent_cap: int = 5
    rows: int = 10
    public_url: str = ""


@dataclass
class ComposeReport:
    """Messages that were put, by id; rows that they carry, that were dropped since they are no longer so, and that
    messages gave back which came to nothing; people and ways left for a later time.
    """

    messages: list[int] = field(default_factory=list)
    carried: int = 0
    dropped: int = 0
    released: int = 0
    later: int = 0


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A message about to be made: its kind and key, and when it may leave."""

    kind: str
    key: str
    start: datetime
    until: datetime
    is_urgent: bool = False
    is_overflow: bool = False


Alive = Callable[[int, int], None]
Find = Callable[[Session, Account, Way], _Wanted | None]


def _unheard(_done: int, _total: int) -> None:
    return


class Composer:
    """Makes the messages of one day. `as_of`: of which moment its words are true; `now`: when they are put."""

    def __init__(
        self,
        store: Store,
        policy: AlertPolicy,
        sending: Sending,
        *,
        day: date,
        as_of: datetime,
        now: datetime,
    ) -> None:
        self._store, self._policy, self._sending = store, policy, sending
        self._day, self._as_of, self._now = day, as_of, now
        self._today = now.astimezone(VN).date()
        # Letters of the whole province are counted once, not for each of its readers.
        self._told: dict[Hashable, Any] = {}
        with store.read() as session:
            self._calendars = load_history(session, policy.calendar_key)
            self._people = {each.account_id: each for each in list_accounts(session)}
            self._chosen = alert_store.settings(session)

    def digests(self, alive: Alive = _unheard) -> ComposeReport:
        """Put the digest of everybody for whom something waits and who has had none of this day.

        `alive` is told how far it is, between two people; it may end the work by an exception.
        """
        self._stay_in_program()
        return self._each(self._digest, alive, only_urgent=False)

    def urgents(self, alive: Alive = _unheard) -> ComposeReport:
        """Put what cannot wait for the next morning; beyond the cap of a day one message says that there is more."""
        return self._each(self._urgent, alive, only_urgent=True)

    def _each(self, find: Find, alive: Alive, *, only_urgent: bool) -> ComposeReport:
        report = ComposeReport()
        self._take_back(report)
        with self._store.read() as session:
            todo = [
                (account_id, way)
                for way in Way
                for account_id in alert_pending.waiting_accounts(session, way, only_urgent=only_urgent)
            ]
        for done, (account_id, way) in enumerate(todo):
            alive(done, len(todo))
            account = self._people.get(account_id)
            if account is None or account.disabled_at is not None:
                continue
            while self._only_dropped(find, account, way, report):
                pass
        return report

    def _take_back(self, report: ComposeReport) -> None:
        """What messages carried that came to nothing. Digests of days before that have not left go into those of this day;
        urgent ones whose hours are over as well.
        """
        midnight = datetime.combine(self._today, time.min, VN)
        with turn(self._store, Lock.ALERTS) as held:
            session = held.session
            old = alert_pending.left_waiting(session, ALERT_DIGEST, ALERT_URGENT, midnight, self._now)
            gone = alert_pending.came_to_nothing(session, ALERT_KINDS, NO_LONGER_TRUE, self._now)
            if old or gone:
                held.begin_writing()
                hold(session, Lock.OUTBOX)
                for message_id in old:
                    mark = no_longer_true("superseded")
                    outbox.settle(session, message_id, (MessageState.WAITING,), mark, self._now)
                gone = alert_pending.came_to_nothing(session, ALERT_KINDS, NO_LONGER_TRUE, self._now)
                report.released = alert_pending.release(session, gone)

    def _only_dropped(self, find: Find, account: Account, way: Way, report: ComposeReport) -> bool:
        """Look at what waits for a person, and put it into a message; or drop what is no longer so, to look once more."""
        with turn(self._store, Lock.ALERTS) as held:
            wanted = find(held.session, account, way)
            if wanted is None:
                report.later += 1
                return False
            account_id, policy = account.account_id, self._policy
            gone = alert_pending.untrue(held.session, account_id, way, policy.basis, self._day)
            if gone:
                held.begin_writing()
                report.dropped += alert_pending.drop(held.session, account_id, gone)
                return True
            self._put(held, account, way, wanted, report)
            return False

    # ------------------------------------------------------------ one person

    def _stay_in_program(self) -> None:
        """Whoever chose to have no digest by mail is told in the program alone."""
        with turn(self._store, Lock.ALERTS) as held:
            waiting = alert_pending.waiting_accounts(held.session, Way.MAIL)
            choices = ((each, self._chosen.get(each)) for each in waiting)
            silent = [account_id for account_id, own in choices if own is not None and not own.digest_by_mail]
            if silent:
                held.begin_writing()
                for account_id in silent:
                    alert_pending.not_by_mail(held.session, account_id)

    def _digest(self, session: Session, account: Account, way: Way) -> _Wanted | None:
        window, key = self._window(account), self._free_key(session, account, way)
        if window is None or key is None:
            return None
        start = allowed_from(window, self._now, self._digest_time(account))
        return _Wanted(ALERT_DIGEST, key, start, window.closes)

    def _window(self, account: Account) -> Window | None:
        """The office hours in which the digest of the day may leave; None where it is not to be sent (any more)."""
        calendar = self._calendar(account)
        own = window_of(calendar, self._day)
        if own is None or self._day > self._today:
            return None
        if self._day < self._today:  # asked for afterwards
            return next_window(calendar, self._now)
        return own if self._now < own.closes else None

    def _free_key(self, session: Session, account: Account, way: Way) -> str | None:
        """The key of the digest; None where there was one of this day that did not come to nothing."""
        stem = f"{ALERT_DIGEST}:{self._day}:{account.account_id}:{way}"
        keys = [f"{stem}:{number}" for number in range(1, MOST_TIMES + 1)]
        known = alert_pending.put_before(session, keys)
        if not all(known.values()):
            return None
        return next((key for key in keys if key not in known), None)

    def _may_disturb(self, account: Account, way: Way) -> bool:
        """Now, by this way, after the morning's digest?"""
        chosen = self._chosen.get(account.account_id)
        window = window_of(self._calendar(account), self._today)
        if window is None or (way is Way.MAIL and chosen is not None and not chosen.urgent_by_mail):
            return False
        after_digest = allowed_from(window, window.opens, self._digest_time(account))
        return after_digest <= self._now < window.closes

    def _urgent(self, session: Session, account: Account, way: Way) -> _Wanted | None:
        if not self._may_disturb(account, way):
            return None
        window = window_of(self._calendar(account), self._today)
        assert window is not None
        stem = f"{ALERT_URGENT}:{self._today}:{account.account_id}:{way}"
        numbered = [f"{stem}:{number}" for number in range(1, self._sending.urgent_cap + 1)]
        overflow = f"{stem}:{OVERFLOW}"
        known = alert_pending.put_before(session, [*numbered, overflow])
        free = next((key for key in numbered if key not in known), None)
        if free is not None:
            return _Wanted(ALERT_URGENT, free, self._now, window.closes, is_urgent=True)
        if overflow in known:
            return None
        return _Wanted(ALERT_URGENT, overflow, self._now, window.closes, is_urgent=True, is_overflow=True)

    def _put(self, held: Turn, account: Account, way: Way, wanted: _Wanted, report: ComposeReport) -> None:
        session, policy = held.session, self._policy
        moment = Moment(self._store, session, policy, self._calendars, self._day, self._as_of, self._told)
        reader = Reader(account, way, wanted.is_urgent)
        digest = Gatherer(moment).digest(reader, rows=self._sending.rows, is_overflow=wanted.is_overflow)
        if digest is None:
            return
        draft = self._draft(digest, account, way, wanted)
        held.begin_writing()
        hold(session, Lock.OUTBOX)
        message_id = put(session, draft, self._now)
        if not wanted.is_overflow:
            report.carried += alert_pending.carry(
                session, account.account_id, way, message_id, only_urgent=wanted.is_urgent
            )
        report.messages.append(message_id)

    def _draft(self, digest: Digest, account: Account, way: Way, wanted: _Wanted) -> OutboxDraft:
        base, is_mail = self._sending.public_url, way is Way.MAIL
        carries = OVERFLOW if wanted.is_overflow else wanted.kind
        return OutboxDraft(
            kind=wanted.kind,
            key=wanted.key,
            channel=CHANNELS[way],
            recipient=account.email if is_mail else f"user:{account.account_id}",
            subject=subject_of(digest),
            text=text_of(digest, base),
            html=html_of(digest, base) if is_mail else "",
            link=INBOX,
            cause=f"{carries}:{self._policy.basis.value}:{self._day}",
            unit_id=account.unit_id,
            not_before=wanted.start,
            not_after=wanted.until,
        )

    def _digest_time(self, account: Account) -> time:
        chosen = self._chosen.get(account.account_id)
        told = chosen.digest_at if chosen is not None else ""
        return time.fromisoformat(told) if told else self._sending.digest_at

    def _calendar(self, account: Account) -> WorkingCalendar:
        return self._calendars.present.of(account.unit_id, self._day)
