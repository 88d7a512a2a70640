"""A sender that is killed: before the hand-over its message is sent by another, after it a person decides. Rivals share."""

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest

from notifications.channels.outcomes import Hold, Outcome, Outgoing, Taken
from notifications.channels.smtp import SmtpChannel
from notifications.kinds import ChannelName
from notifications.outbox import OutboxDraft, put
from tests import warm
from tests.flows.office import ROOT, Office
from tests.mail_server import Certificates, Habits, MailServer, free_port, serving
from tests.mailroom import NOW, SEAL, Clock, Room, mail_config, mail_room, with_mail
from tracker.errors import WorkFailed
from tracker.store import outbox
from tracker.store.outbox import AttemptLost, Lease, MessageState, Way
from tracker.store.session import Session, Store, open_store

PATIENCE_SECONDS = 60
EMAIL = [Way(ChannelName.EMAIL)]
PROGRAM = """
import sys
from pathlib import Path
from app.context import AppContext
from app.dispatching import Dispatching
Dispatching(AppContext(Path(sys.argv[1])), "killed").run_once()
"""


def killed_at(office: Office, server: MailServer) -> None:
    """A sender of its own process, killed where the server keeps silent."""
    environment = {key: value for key, value in office.environment.items() if value is not None}
    command = [sys.executable, "-c", PROGRAM, str(office.config)]
    with warm.Program(command, cwd=ROOT, env={**os.environ, **environment}) as process:
        assert server.reached.wait(PATIENCE_SECONDS)
        process.kill()


def mail_room_of(store: Store, server: MailServer) -> Room:
    """A second sender, some time after the lease of the first."""
    channel = SmtpChannel(mail_config(server.port, security="none"), "")
    room = Room(store, {ChannelName.EMAIL: channel})
    until = room.row().lease_until
    assert until is not None
    room.clock = Clock(until + timedelta(seconds=1))
    return room


@pytest.fixture
def waiting(office: Office) -> Store:
    """An office with one message that has been due for years."""
    store = open_store(office.url)
    with store.transaction() as session:
        put(session, SEAL, NOW - timedelta(days=3000))
    return store


def test_killed_before_the_hand_over_it_is_sent_by_another_exactly_once(office: Office, waiting: Store):
    habits = Habits(silent_at_rcpt=True)
    with serving(habits) as server:
        with_mail(office.config, server.port)
        killed_at(office, server)
        room = mail_room_of(waiting, server)
        assert (room.row().state, room.row().handed_over_at) == (MessageState.SENDING, None)
        habits.silent_at_rcpt = False
        sender = room.sender("hai")
        assert sender.run_once() is False  # it is taken away from the dead one, and waits a little
        room.clock.at = room.row().not_before
        assert sender.run_once() is True
        assert sender.run_once() is False
    assert room.steps() == ["put", "claimed", "lost", "claimed", "handed_over", "sent"]
    assert server.subjects == ["Niêm phong"]
    waiting.close()


@pytest.mark.parametrize(("habit", "taken"), [("keep silent", 0), ("take and keep silent", 1)])
def test_killed_after_the_hand_over_it_is_held_for_a_person_and_not_doubled(
    office: Office, waiting: Store, habit: str, taken: int
):
    with serving(Habits(after_dot=[habit])) as server:
        with_mail(office.config, server.port)
        killed_at(office, server)
        room = mail_room_of(waiting, server)
        assert room.row().handed_over_at is not None
        sender = room.sender("hai")
        assert sender.run_once() is False
        room.clock.move(100_000)
        assert sender.run_once() is False
    row = room.row()
    assert (row.state, row.fault_code, server.dots) == (MessageState.UNSURE, "SENDER_LOST", 1)
    assert len(server.taken) == taken
    waiting.close()


# ---------------------------------------------------------------- rivals


def at_once(work: Callable[[], Any], count: int) -> list[Any]:
    """The same by so many threads; what each brought."""
    brought: list[Any] = []
    threads = [Thread(target=lambda: brought.append(work())) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return brought


def test_many_senders_at_once_send_each_message_once(office: Office):
    certificates = Certificates.make()
    store = open_store(office.url)
    with serving(Habits(), certificates.serving()) as server:
        room = mail_room(store, server, certificates)
        ids = [room.put(key=f"k{number}", subject=str(number)) for number in range(24)]

        def send_all() -> int:
            own = Room(open_store(office.url), room.channels)
            sender = own.sender()
            sent = 0
            while sender.run_once():
                sent += 1
            own.store.close()
            return sent

        counted = at_once(send_all, 4)
    assert sum(counted) == len(ids)
    assert Counter(server.subjects) == Counter(str(number) for number in range(24))
    assert {room.row(number).state for number in ids} == {MessageState.SENT}
    store.close()


def test_the_same_message_put_by_many_at_once_is_one(office: Office):
    def put_it() -> int:
        own = open_store(office.url)
        with own.transaction() as session:
            number = put(session, SEAL, NOW)
        own.close()
        return number

    assert at_once(put_it, 4) == [1, 1, 1, 1]
    assert office.query("SELECT count(*) FROM outbox_message") == [(1,)]


def test_a_message_put_in_a_transaction_that_fails_was_never_put(store: Store):
    def cause_that_fails() -> None:
        with store.transaction() as session:
            put(session, SEAL, NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cause_that_fails()
    with store.transaction() as session:
        assert put(session, OutboxDraft("watchdog", "other", "email", "a@vi-du.vn"), NOW) == 1


# ---------------------------------------------------------------- the fence


def claimed(room: Room, owner: str) -> Any:
    """A message claimed by hand."""
    lease = Lease(owner, room.clock.at + timedelta(seconds=60))
    row = outbox.claim(room.store, lease, room.clock.at, EMAIL)
    assert row is not None
    return row


def test_an_old_attempt_can_neither_hand_over_nor_mark(store: Store):
    room = mail_room(store, free_port(), Certificates.make())
    room.put()
    old = claimed(room, "cũ")
    room.clock.move(3600)
    room.sender(channels={}).run_once()  # sweeps
    room.clock.move(3600)
    new = claimed(room, "mới")
    mark = outbox.Mark(MessageState.SENT, outbox.EventKind.SENT)
    with pytest.raises(AttemptLost):
        outbox.mark_handed_over(store, old, "x", until=room.clock.at, now=room.clock.at)
    with pytest.raises(AttemptLost), store.transaction() as session:
        outbox.finish_in(session, old, mark, room.clock.at)
    assert room.row().state == MessageState.SENDING
    outbox.mark_handed_over(store, new, "x", until=room.clock.at, now=room.clock.at)
    with store.transaction() as session:
        outbox.finish_in(session, new, mark, room.clock.at)
    assert room.row().state == MessageState.SENT


def test_messages_leave_in_the_order_in_which_they_are_due(store: Store):
    room = mail_room(store, free_port(), Certificates.make())
    times = {"sau": 50, "sớm": 10, "giữa": 30}
    for key, seconds in times.items():
        room.put(key=key, not_before=NOW + timedelta(seconds=seconds))
    room.put(key="chưa", not_before=NOW + timedelta(seconds=101))
    room.clock.move(100)
    assert [claimed(room, "w").key for _ in times] == ["sớm", "giữa", "sau"]
    assert outbox.claim(store, Lease("w", room.clock.at), room.clock.at, EMAIL) is None


def test_what_is_no_longer_true_is_cancelled_and_not_sent(store: Store):
    room = mail_room(store, free_port(), Certificates.make())
    room.put(not_after=NOW + timedelta(seconds=10))
    room.clock.move(11)
    assert room.send().state == MessageState.CANCELLED
    assert room.steps() == ["put", "cancelled"]


def test_a_letter_that_is_no_more_is_not_sent(store: Store):
    room = mail_room(store, free_port(), Certificates.make())
    room.put(kind="letter_delivery", cause="letter:77")
    assert room.send().state == MessageState.CANCELLED
    assert room.steps() == ["put", "claimed", "cancelled"]


class SometimesAway(Store):
    """A store whose database is away while a test says so."""

    is_away = False

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """As the store's, or none."""
        if self.is_away:
            raise WorkFailed("away")
        with super().transaction() as session:
            yield session


class Severing:
    """A channel that takes a message, whereupon the database goes away."""

    recognises_repeats = False
    sent = 0

    def __init__(self, store: SometimesAway, *, before: bool = False) -> None:
        self._store = store
        self._before = before

    def send(self, message: Outgoing, hold: Hold) -> Outcome:
        """Take it."""
        self._store.is_away = self._before
        hold.hand_over("ref")
        self.sent += 1
        self._store.is_away = True
        return Taken("ref")


def test_what_was_sent_while_the_database_went_away_is_written_down_when_it_is_back(store: Store):
    own = SometimesAway(store.engine)
    channel = Severing(own)
    room = Room(own, {ChannelName.EMAIL: channel})
    room.put()
    sender = room.sender()
    for _ in range(3):
        with pytest.raises(WorkFailed):
            sender.run_once()
    own.is_away = False
    assert sender.run_once() is False
    assert (room.row().state, channel.sent) == (MessageState.SENT, 1)


def test_a_database_that_goes_away_before_the_hand_over_costs_no_try_and_sends_nothing(store: Store):
    own = SometimesAway(store.engine)
    channel = Severing(own, before=True)
    room = Room(own, {ChannelName.EMAIL: channel})
    room.put()
    sender = room.sender()
    for _ in range(3):
        with pytest.raises(WorkFailed):
            sender.run_once()
    own.is_away = False
    assert sender.run_once() is False
    assert (room.row().state, room.row().fault_code) == (MessageState.WAITING, "DATABASE_AWAY")
    assert (room.steps(), channel.sent) == (["put", "claimed", "postponed"], 0)


class Broken:
    """A channel with a fault of the program in it, before or after the hand-over."""

    recognises_repeats = False

    def __init__(self, *, late: bool) -> None:
        self._late = late

    def send(self, message: Outgoing, hold: Hold) -> Outcome:
        """Fail with an address in the message of the error."""
        if self._late:
            hold.hand_over("ref")
        raise RuntimeError(f"could not send to {message.row.recipient}")


@pytest.mark.parametrize(("late", "state"), [(False, MessageState.WAITING), (True, MessageState.UNSURE)])
def test_a_fault_of_the_program_is_told_by_class_and_place_and_without_any_data(
    store: Store, late: bool, state: str
):
    room = Room(store, {ChannelName.EMAIL: Broken(late=late)})
    room.put()
    row = room.send()
    assert (row.state, row.fault_code) == (state, "UNEXPECTED")
    assert "RuntimeError tại test_dispatch_kill.py" in row.fault
    assert "@" not in row.fault + "".join(room.said)
