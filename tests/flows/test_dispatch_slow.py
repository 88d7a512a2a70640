"""Slow servers, clocks that are put back, faults that come again: a message keeps its sender, and no other waits for it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.dispatching import rules_of
from notifications.channels.in_app import InAppChannel
from notifications.channels.outcomes import Hold, Later, Outcome, Outgoing, Taken
from notifications.channels.webhook import WebhookChannel
from notifications.dispatch import REST_SECONDS, SWEEP_SECONDS
from notifications.kinds import ChannelName
from notifications.marks import LONGEST_WAIT_SECONDS
from tests.flows.office import Office
from tests.http_server import HttpServer, answering
from tests.mail_server import Certificates, Habits, free_port, serving
from tests.mailroom import LEASE, NOW, SEAL, TRIES, Room, mail_room
from tracker.config import WebhookTarget, load_config
from tracker.store import inbox, people
from tracker.store.models import OutboxMessage, User
from tracker.store.outbox import CLOCKS_APART, SWEPT_AT_ONCE, MessageState
from tracker.store.people import NewAccount
from tracker.store.session import Store

MOST_OF_A_LEASE = LEASE * 2 // 3


@pytest.fixture(scope="module")
def certificates() -> Certificates:
    """Made once."""
    return Certificates.make()


# ---------------------------------------------------------------- slow, and still at work


def test_a_sender_whose_server_is_slow_at_each_step_keeps_its_message(
    store: Store, certificates: Certificates
):
    habits = Habits()
    with serving(habits, certificates.serving()) as server:
        room = mail_room(store, server, certificates)
        room.put()
        seen = []

        def slow() -> None:
            room.clock.move(MOST_OF_A_LEASE)
            seen.append(room.sender("hai").run_once())

        habits.at_mail = habits.before_data = habits.on_dot = slow
        assert room.send().state == MessageState.SENT
    assert seen == [False, False, False]
    assert room.steps() == ["put", "claimed", "handed_over", "sent"]


def test_however_often_a_sender_was_only_slow_its_message_does_not_die_untried(
    store: Store, certificates: Certificates
):
    habits = Habits()
    with serving(habits, certificates.serving()) as server:
        room = mail_room(store, server, certificates)
        room.put()

        def too_slow() -> None:
            room.clock.move(LEASE + 1)
            room.sender("hai", channels={}).run_once()

        habits.before_data = too_slow
        for _ in range(TRIES + 2):
            assert room.send().state == MessageState.WAITING
            room.clock.move(2 * LONGEST_WAIT_SECONDS)
        habits.before_data = lambda: None
        assert room.send().state == MessageState.SENT
    assert len(server.taken) == 1
    assert room.steps().count("lost") == room.steps().count("slow") == TRIES + 2


class Waiting:
    """A channel during whose wait another looks for what was left behind."""

    recognises_repeats = False

    def __init__(self, room: Room, outcome: Outcome) -> None:
        self._room = room
        self._outcome = outcome

    def send(self, message: Outgoing, hold: Hold) -> Outcome:
        """Wait for longer than the lease, in one piece."""
        self._room.clock.move(LEASE + 1)
        self._room.sender("hai", channels={}).run_once()
        return self._outcome


def test_a_sender_that_finds_its_message_taken_when_it_writes_down_its_fault_was_only_slow(store: Store):
    room = Room(store, {})
    room.channels = {ChannelName.EMAIL: Waiting(room, Later("C", "t", is_channel_fault=True))}
    room.put()
    room.send()
    assert room.steps() == ["put", "claimed", "lost", "slow"]


def test_a_sender_that_dies_each_time_costs_its_message_a_try_each_time(store: Store):
    """Nobody says later that it was only slow: it may be the message that ends its senders."""

    class Dying(Waiting):
        def send(self, message: Outgoing, hold: Hold) -> Outcome:
            super().send(message, hold)
            raise KeyboardInterrupt

    room = Room(store, {})
    room.channels = {ChannelName.EMAIL: Dying(room, Taken())}
    room.put()
    for _ in range(TRIES):
        with pytest.raises(KeyboardInterrupt):
            room.send()
        room.clock.move(2 * LONGEST_WAIT_SECONDS)
    assert (room.row().state, room.row().fault_code) == (MessageState.DEAD, "SENDER_LOST")


@pytest.mark.parametrize(
    ("mail", "gateway", "has_webhook", "lease"),
    [(5, 30, False, 60), (40, 30, False, 125), (5, 200, False, 60), (5, 30, True, 65)],
)
def test_a_lease_outlasts_the_longest_step_of_each_channel_that_is_on(
    office: Office, mail: int, gateway: int, has_webhook: bool, lease: int
):
    shipped = load_config(office.config, {})
    targets = (WebhookTarget("cong", "https://localhost/", "whsec_AAAA"),) if has_webhook else ()
    config = replace(
        shipped,
        mail=replace(shipped.mail, host="localhost", sender="a@vi-du.vn", timeout_seconds=mail),
        gateway=replace(shipped.gateway, timeout_seconds=gateway),
        outbox=replace(shipped.outbox, webhooks=targets),
    )
    assert rules_of(config).lease_seconds == lease


# ---------------------------------------------------------------- clocks that were ahead


def test_a_lease_that_lies_further_ahead_than_one_can_is_over(store: Store, certificates: Certificates):
    room = mail_room(store, free_port(), certificates)
    room.put()
    room.clock.put(86_400)
    with store.transaction() as session:
        message = session.get_one(OutboxMessage, 1)
        message.state, message.attempts = MessageState.SENDING, 1
        message.lease_until = room.clock.at + timedelta(seconds=LEASE)
    room.clock.put(-86_400)
    assert room.sender(channels={}).run_once() is False
    assert (room.row().state, room.steps()) == (MessageState.WAITING, ["put", "lost"])


def test_a_lease_of_a_clock_that_is_a_little_ahead_is_respected(store: Store, certificates: Certificates):
    room = mail_room(store, free_port(), certificates)
    room.put()
    with store.transaction() as session:
        message = session.get_one(OutboxMessage, 1)
        message.state, message.attempts = MessageState.SENDING, 1
        message.lease_until = room.clock.at + timedelta(seconds=LEASE) + CLOCKS_APART
    room.sender(channels={}).run_once()
    assert room.row().state == MessageState.SENDING


def test_a_channel_rests_for_its_seconds_whatever_becomes_of_the_clock(
    store: Store, certificates: Certificates
):
    room = mail_room(store, free_port(), certificates)
    room.put()
    room.put(key="k2")
    sender = room.sender()
    assert [sender.run_once(), sender.run_once()] == [True, False]
    room.clock.put(-LEASE)  # back; the second message was put before, and is due
    with store.transaction() as session:
        session.get_one(OutboxMessage, 2).not_before = room.clock.at
    assert sender.run_once() is False
    room.clock.ticks += REST_SECONDS
    assert sender.run_once() is True


# ---------------------------------------------------------------- one does not hold up the others


def test_a_target_that_is_down_leaves_the_other_targets_alone(store: Store):
    with answering(HttpServer()) as server:
        targets = [
            WebhookTarget("hong", f"http://localhost:{free_port()}/", "whsec_AAAA"),
            WebhookTarget("tot", server.url, "whsec_AAAA"),
        ]
        room = Room(store, {ChannelName.WEBHOOK: WebhookChannel(targets)})
        ids = [
            room.put(SEAL, key=f"k{n}", channel="webhook", recipient=name)
            for n, name in enumerate(("hong", "hong", "tot"))
        ]
        sender = room.sender()
        assert [sender.run_once() for _ in range(3)] == [True, True, False]
    assert [room.row(number).state for number in ids] == ["waiting", "waiting", "sent"]
    assert [room.row(number).attempts for number in ids] == [1, 0, 1]


class Removing:
    """The inbox of an account that somebody removes between the look at it and the message."""

    recognises_repeats = True

    def __init__(self, store: Store) -> None:
        self._store = store
        self._inbox = InAppChannel(store)

    def send(self, message: Outgoing, hold: Hold) -> Outcome:
        """As the real one, and then the account goes."""
        outcome = self._inbox.send(message, hold)
        with self._store.transaction() as session:
            account = session.get(User, int(message.row.recipient.removeprefix("user:")))
            if account is not None and account.login == "di":
                session.delete(account)
        return outcome


def test_an_effect_that_cannot_be_is_told_and_holds_up_no_other_message(store: Store):
    with store.transaction() as session:
        gone, stays = (
            people.add_account(session, NewAccount(login, login, "desk", None, "-", "-"), NOW)
            for login in ("di", "an")
        )
    room = Room(store, {ChannelName.IN_APP: Removing(store)})
    room.put(channel="in_app", recipient=f"user:{gone}")
    room.put(key="k2", channel="in_app", recipient=f"user:{stays}")
    sender = room.sender()
    assert [sender.run_once() for _ in range(3)] == [True, True, False]
    assert (room.row(1).state, room.row(2).state) == (MessageState.SENDING, MessageState.SENT)
    with store.read() as session:
        assert len(inbox.inbox_of(session, stays, limit=9)) == 1
    [told] = [line for line in room.said if not line.startswith("message_tried")]
    assert "IntegrityError" in told
    assert "INSERT" not in told
    room.clock.move(LEASE + 1)
    sender.run_once()
    room.clock.move(LONGEST_WAIT_SECONDS)
    sender.run_once()
    assert (room.row(1).state, room.row(1).fault_code) == (MessageState.DEAD, "ACCOUNT_GONE")


# ---------------------------------------------------------------- many at once


def test_many_messages_past_their_time_are_swept_some_at_a_time_turn_by_turn(store: Store):
    room = Room(store, {})
    count = SWEPT_AT_ONCE + 3
    for number in range(count):
        room.put(key=f"k{number}", not_after=NOW + timedelta(seconds=10))
    room.clock.move(11)
    sender = room.sender()
    left = [sender.run_once() or waiting(room) for _ in range(2)]
    assert left == [3, 0]
    assert room.steps(count) == ["put", "cancelled"]


def test_while_nothing_is_past_its_time_it_is_looked_for_twice_a_minute(store: Store):
    room = Room(store, {})
    sender = room.sender()
    sender.run_once()
    room.put(not_after=NOW)
    room.clock.move(SWEEP_SECONDS - 1)
    sender.run_once()
    assert waiting(room) == 1
    room.clock.move(1)
    sender.run_once()
    assert waiting(room) == 0


def waiting(room: Room) -> int:
    """How many messages wait."""
    with room.store.read() as session:
        return session.query(OutboxMessage).filter_by(state=MessageState.WAITING).count()
