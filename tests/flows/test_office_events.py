"""What other programs are told of: written with what happened or not at all, sent once each, whoever is killed when."""

import base64
import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from notifications.channels.webhook import WebhookChannel
from notifications.kinds import ChannelName
from tests.http_server import HANG_UP, HttpServer, answering
from tests.mailroom import NOW, Room
from tracker.config import WebhookTarget
from tracker.store import office_events, subscriptions
from tracker.store.models import OutboxMessage
from tracker.store.office_events import MOST_ALONE, EventKind, NewEvent
from tracker.store.session import Store
from tracker.store.subscriptions import NewSubscription

SECRET = "whsec_" + base64.b64encode(b"mot khoa bi mat dai ba muoi hai!").decode()
KINDS = [kind.value for kind in EventKind]


def loaded(number: int) -> NewEvent:
    return NewEvent(EventKind.BATCH_LOADED, f"batch:{number}", None, {"batch_id": number, "new": 3})


def subscribe(store: Store, *kinds: EventKind, unit_id: int | None = None) -> int:
    with store.transaction() as session:
        wanted = tuple(kind.value for kind in kinds)
        return subscriptions.add(session, NewSubscription("cong", wanted, unit_id, "admin"), NOW)


def happen(store: Store, *events: NewEvent) -> None:
    with store.transaction() as session:
        office_events.add(session, events, NOW)


def room(store: Store, server: HttpServer) -> Room:
    return Room(store, {ChannelName.WEBHOOK: WebhookChannel([WebhookTarget("cong", server.url, SECRET)])})


def waiting(store: Store) -> list[str]:
    with store.read() as session:
        return sorted(session.scalars(select(OutboxMessage.key)))


def kept(store: Store) -> list[str]:
    with store.read() as session:
        return [each.subject for each in office_events.listed(session, kinds=KINDS, limit=500)]


def test_a_subscribed_receiver_is_told_once_what_the_api_tells(store: Store):
    subscribe(store, EventKind.BATCH_LOADED)
    happen(store, loaded(1), NewEvent(EventKind.CALENDAR_CHANGED, "calendar_change:1"))
    with answering(HttpServer()) as server:
        its = room(store, server)
        its.send()
        its.clock.move(3600)
        its.send()
    [call] = server.calls
    told = json.loads(call.body)
    assert (told["type"], told["id"]) == ("office_event", call.headers["webhook-id"])
    with store.read() as session:
        [event, _] = office_events.listed(session, kinds=KINDS)
    assert told["data"] == {"cause": "event:1", "link": "", **office_events.as_told(event)}


def test_what_was_undone_is_told_to_nobody(store: Store):
    subscribe(store, EventKind.BATCH_LOADED)
    with pytest.raises(ZeroDivisionError), store.transaction() as session:  # noqa: PT012
        office_events.add(session, [loaded(1)], NOW)
        raise ZeroDivisionError
    assert (kept(store), waiting(store)) == ([], [])


def test_a_receiver_that_hangs_up_is_called_again_with_the_same_id(store: Store):
    subscribe(store, EventKind.BATCH_LOADED)
    happen(store, loaded(1))
    with answering(HttpServer([HANG_UP, 200])) as server:
        its = room(store, server)
        its.send()
        its.clock.move(3600)
        its.send()
    ids = [call.headers["webhook-id"] for call in server.calls]
    assert len(ids) == 2
    assert len(set(ids)) == 1


def test_telling_the_same_message_again_puts_no_second_one(store: Store):
    subscribe(store, EventKind.BATCH_LOADED)
    happen(store, loaded(1))
    with store.transaction() as session:
        [subscription] = subscriptions.standing(session)
        events = office_events.listed(session, kinds=KINDS)
        office_events._tell(session, subscription, events, NOW)
    assert waiting(store) == ["office_event:1:event:1"]


def test_many_at_once_are_one_call_that_says_where_they_stand(store: Store):
    subscribe(store, EventKind.BATCH_LOADED)
    happen(store, *(loaded(number) for number in range(1, MOST_ALONE + 2)))
    assert len(kept(store)) == MOST_ALONE + 1
    with answering(HttpServer()) as server:
        room(store, server).send()
    [call] = server.calls
    data = json.loads(call.body)["data"]
    assert data["events"] == {"first": 1, "last": MOST_ALONE + 1, "count": MOST_ALONE + 1}


def test_only_what_is_subscribed_and_only_while_it_is(store: Store):
    number = subscribe(store, EventKind.LETTER_SIGNED)
    happen(store, loaded(1), NewEvent(EventKind.LETTER_SIGNED, "letter:1", None, {"letter_id": 1}))
    assert waiting(store) == [f"office_event:{number}:event:2"]
    with store.transaction() as session:
        assert subscriptions.end(session, number, by="admin", now=NOW + timedelta(hours=1))
        assert not subscriptions.end(session, number, by="admin", now=NOW)
    happen(store, NewEvent(EventKind.LETTER_SIGNED, "letter:2"))
    assert waiting(store) == [f"office_event:{number}:event:2"]


def test_events_are_paged_by_their_number_and_by_unit(store: Store):
    from tracker.store import catalogue

    with store.read() as session:
        one, other = sorted(catalogue.units(session))[:2]
    happen(
        store, loaded(1), NewEvent(EventKind.LETTER_SIGNED, "letter:1", one),
        NewEvent(EventKind.LETTER_SIGNED, "letter:2", other),
    )  # fmt: skip
    with store.read() as session:
        mine = office_events.listed(session, kinds=KINDS, unit_ids=frozenset({one}))
        later = office_events.listed(session, kinds=KINDS, after=2)
        few = office_events.listed(session, kinds=["batch.loaded"])
    assert [each.subject for each in mine] == ["batch:1", "letter:1"]
    assert [each.subject for each in later] == ["letter:2"]
    assert [each.subject for each in few] == ["batch:1"]
