"""What people do about alerts: take dossiers on until a day, take that back, give them to somebody, choose how they are told.

Each call is one transaction under the lock of alerts; one dossier that cannot be acted on does not stop the rest.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from notifications.alerts.directory import DESK, HEAD
from notifications.kinds import ChannelName
from notifications.outbox import OutboxDraft, put
from tracker.errors import CalendarError, UsageError
from tracker.store import alert_acts, alert_store, catalogue
from tracker.store.alert_acts import ActedOn, Deed
from tracker.store.alert_store import AccountRow
from tracker.store.session import Session, Store
from tracker.timekeeping.calendars import Calendars
from tracker.timekeeping.working_calendar import WorkingCalendar

# A longer promise is none: three months of working days.
FARTHEST = 60
LONGEST = 300
MOST_NAMED = 10
# When a digest may come, as a person chooses it.
EARLIEST, LATEST = time(6), time(11)
NOT_KNOWN = "không có hồ sơ này trong phạm vi của bạn"
ENDED = "hồ sơ đã kết thúc"


@dataclass(frozen=True, slots=True)
class AlertAsker:
    """Who acts, and on dossiers of which units (None = all)."""

    account_id: int
    login: str
    unit_ids: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class NotActedOn:
    """A dossier that nothing was done about, and why, in the user's words."""

    dossier_id: int
    code: str
    why: str


@dataclass(frozen=True, slots=True)
class ActReport:
    """What became of it."""

    done: tuple[int, ...]
    refused: tuple[NotActedOn, ...]


InSameStep = Callable[[Session, ActReport], None]
# Why a dossier cannot be acted on; empty: it can.
Fault = Callable[[ActedOn], str]


def _nothing(_session: Session, _report: ActReport) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Acting:
    """Somebody at work on alerts at a moment; `day` is the office's. `in_same_step` writes into the transaction, last."""

    store: Store
    asker: AlertAsker
    now: datetime
    day: date
    in_same_step: InSameStep = _nothing

    def take_on(
        self, dossier_ids: Sequence[int], promised_on: date, note: str, calendars: Calendars
    ) -> ActReport:
        """Say that these dossiers will be done by a day: until it has passed the rungs of their due dates are silent.

        Raises:
            UsageError: the day is past, too far away or a day off by the calendar of one of the units.
        """
        deed = self._deed(note)

        def write(session: Session, found: Sequence[ActedOn]) -> None:
            for calendar in _calendars_of(found, calendars, self.day):
                check_promise(promised_on, self.day, calendar)
            alert_acts.add_acks(session, [each.dossier_id for each in found], promised_on, deed)

        return self._act(dossier_ids, lambda each: ENDED if each.is_ended else "", write)

    def take_back(self, dossier_ids: Sequence[int], note: str = "") -> ActReport:
        """Take back that they were taken on: their rungs are told again."""
        deed = self._deed(note)
        with self.store.read() as session:
            words = alert_store.acks_of(session, dossier_ids)
        held = {number for number, word in words.items() if word.promised_on is not None}

        def write(session: Session, found: Sequence[ActedOn]) -> None:
            alert_acts.add_acks(session, [each.dossier_id for each in found], None, deed)

        return self._act(
            dossier_ids, lambda each: "" if each.dossier_id in held else "chưa ai nhận việc này", write
        )

    def assign(self, dossier_ids: Sequence[int], account_id: int | None, note: str = "") -> ActReport:
        """Say whose work they are; None: nobody's in particular any more.

        Raises:
            UsageError: there is no such account that could be given work.
        """
        deed = self._deed(note)
        with self.store.read() as session:
            account = None if account_id is None else _assignable(session, account_id)
            reach = Reach(session)

        def fault(each: ActedOn) -> str:
            if each.is_ended:
                return ENDED
            is_seen = account is None or reach.covers(account, each.unit_id)
            return "" if is_seen else "tài khoản được giao không xem được hồ sơ của đơn vị này"

        def write(session: Session, found: Sequence[ActedOn]) -> None:
            alert_acts.add_assignments(session, [each.dossier_id for each in found], account_id, deed)
            if account_id is not None and account_id != self.asker.account_id:
                put(session, _given(account_id, found, self.now), self.now)

        return self._act(dossier_ids, fault, write)

    def _deed(self, note: str) -> Deed:
        return Deed(self.now, self.asker.account_id, checked_note(note))

    def _act(
        self, dossier_ids: Sequence[int], fault: Fault, write: Callable[[Session, Sequence[ActedOn]], None]
    ) -> ActReport:
        wanted = list(dict.fromkeys(dossier_ids))
        with self.store.transaction() as session:
            alert_acts.lock_alerts(session)
            known = alert_acts.dossiers_acted_on(session, wanted, self.asker.unit_ids)
            refused = [NotActedOn(number, "", NOT_KNOWN) for number in wanted if number not in known]
            found: list[ActedOn] = []
            for each in (known[number] for number in wanted if number in known):
                why = fault(each)
                if why:
                    refused.append(NotActedOn(each.dossier_id, each.code, why))
                else:
                    found.append(each)
            if found:
                write(session, found)
            report = ActReport(tuple(each.dossier_id for each in found), tuple(refused))
            self.in_same_step(session, report)
        return report


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody chose; `digest_at` empty: as soon as the office opens."""

    digest_by_mail: bool = True
    urgent_by_mail: bool = True
    digest_at: str = ""


def choose(
    store: Store,
    account_id: int,
    chosen: Choice,
    *,
    now: datetime,
    in_same_step: Callable[[Session], None],
) -> None:
    """Keep how a person wants to be told; in the program it is told always.

    Raises:
        UsageError: the hour is none, or outside what the office allows.
    """
    at = chosen.digest_at and f"{checked_hour(chosen.digest_at):%H:%M}"
    with store.transaction() as session:
        alert_acts.lock_alerts(session)
        alert_acts.put_setting(
            session, account_id, digest_by_mail=chosen.digest_by_mail, urgent_by_mail=chosen.urgent_by_mail,
            digest_at=at, now=now,
        )  # fmt: skip
        in_same_step(session)


# ---------------------------------------------------------------- what may be


def check_promise(promised_on: date, day: date, calendar: WorkingCalendar) -> None:
    """Is it a day by which work can be promised?

    Raises:
        UsageError: it is not, with the day that is meant perhaps.
    """
    told = f"{promised_on:%d/%m/%Y}"
    if promised_on < day:
        raise UsageError(f"ngày hẹn xong {told} đã qua; hãy hẹn từ hôm nay")
    try:
        if not calendar.is_working(promised_on):
            meant = calendar.next_workday(promised_on)
            raise UsageError(f"{told} là ngày nghỉ; ngày làm việc tiếp theo là {meant:%d/%m/%Y}")
        ahead = calendar.count_workdays(day, promised_on)
    except CalendarError as fault:
        raise UsageError(f"chưa có lịch làm việc đến ngày {told}") from fault
    if ahead > FARTHEST:
        raise UsageError(
            f"ngày hẹn xong {told} cách {ahead} ngày làm việc; hẹn xa nhất là {FARTHEST} ngày làm việc"
        )


def checked_note(text: str) -> str:
    """A note on one line; UsageError where it is too long."""
    words = " ".join(text.split())
    if len(words) > LONGEST:
        raise UsageError(f"ghi chú dài quá {LONGEST} ký tự")
    return words


def checked_hour(text: str) -> time:
    """The hour from which a digest may come; UsageError outside what the office allows."""
    try:
        at = time.fromisoformat(text)
    except ValueError:
        raise UsageError(f"giờ nhận bản tin “{text[:20]}” không đúng; hãy viết như 07:30") from None
    if at.tzinfo is not None or not EARLIEST <= at <= LATEST:
        raise UsageError(f"giờ nhận bản tin phải từ {EARLIEST:%H:%M} đến {LATEST:%H:%M}")
    return at


def assignable(session: Session, unit_ids: Iterable[int | None]) -> list[AccountRow]:
    """The accounts that dossiers of all these units could be given to, by name."""
    reach = Reach(session)
    wanted = set(unit_ids)
    found = [each for each in _workers(session) if all(reach.covers(each, unit) for unit in wanted)]
    return sorted(found, key=lambda each: (each.full_name, each.account_id))


class Reach:
    """Whose dossiers an account sees, by the catalogue of units as it stands."""

    def __init__(self, session: Session) -> None:
        self._units = catalogue.units(session)
        self._lines: dict[int | None, frozenset[int]] = {}

    def covers(self, account: AccountRow, unit_id: int | None) -> bool:
        """Does this account see dossiers of that unit?"""
        return account.unit_id is None or account.unit_id in self._line(unit_id)

    def _line(self, unit_id: int | None) -> frozenset[int]:
        """The unit and all that it lies below, by parents and successors; as `catalogue.unit_subtree`, from below."""
        if unit_id not in self._lines:
            found: set[int] = set()
            waiting = [unit_id]
            while waiting:
                unit = self._units.get(waiting.pop() or 0)
                if unit is not None and unit.unit_id not in found:
                    found.add(unit.unit_id)
                    waiting += [unit.parent_id, unit.successor_id]
            self._lines[unit_id] = frozenset(found)
        return self._lines[unit_id]


def _given(account_id: int, found: Sequence[ActedOn], now: datetime) -> OutboxDraft:
    """What the person reads in the program who was given work; by mail it comes with the next rung."""
    codes = [each.code for each in found]
    more = len(codes) - MOST_NAMED
    text = ", ".join(codes[:MOST_NAMED]) + (f" và {more} hồ sơ khác" if more > 0 else "")
    return OutboxDraft(
        kind="alert_assigned",
        key=f"alert_assigned:{account_id}:{int(now.timestamp())}:{found[0].dossier_id}",
        channel=ChannelName.IN_APP,
        recipient=f"user:{account_id}",
        subject=f"Bạn được giao {len(codes)} hồ sơ",
        text=f"{text}. Từ nay cảnh báo của các hồ sơ này đến bạn với tư cách người xử lý.",
        link=f"/ho-so/{codes[0]}" if len(codes) == 1 else "/canh-bao",
        cause=f"dossier:{found[0].dossier_id}",
    )


def _workers(session: Session) -> list[AccountRow]:
    return [each for each in alert_store.accounts(session) if each.role in (DESK, HEAD)]


def _assignable(session: Session, account_id: int) -> AccountRow:
    found = next((each for each in _workers(session) if each.account_id == account_id), None)
    if found is None:
        raise UsageError("không có tài khoản một cửa hoặc thủ trưởng nào như thế đang mở")
    return found


def _calendars_of(found: Sequence[ActedOn], calendars: Calendars, day: date) -> list[WorkingCalendar]:
    known = {id(each): each for each in (calendars.of(row.unit_id, day) for row in found)}
    return list(known.values())
