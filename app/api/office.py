"""What a program asks about itself and the office's program: whose token, events, the log, how well everything runs."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from app import current
from app.access import (
    ADMINS,
    ALL,
    CHANGES_READERS,
    LOG_READERS,
    OVERVIEW,
    ROLE_NAMES,
    SOURCES_READERS,
    Role,
)
from app.api.scopes import Scope
from app.api.table import Answer, Asked, Call, Operation, Page, Paged
from app.watchdog import look
from tracker.store import api_tokens, audit, office_events
from tracker.store.audit import ActFilter
from tracker.store.office_events import EventKind

# Who is told of which events: as who may look at the thing itself.
EVENT_READERS: Mapping[EventKind, frozenset[Role]] = {
    EventKind.BATCH_LOADED: SOURCES_READERS,
    EventKind.LETTER_SIGNED: OVERVIEW,
    EventKind.LETTER_DELIVERED: OVERVIEW,
    EventKind.PROMISE_KEPT: OVERVIEW,
    EventKind.PROMISE_BROKEN: OVERVIEW,
    EventKind.DOSSIER_OVERDUE: OVERVIEW,
    EventKind.CALENDAR_CHANGED: ALL,
    EventKind.CHANGE_DECIDED: CHANGES_READERS,
}


class Me(Answer, frozen=True):
    """The account behind the token, and the token."""

    login: str
    role: Role
    role_name: str
    unit_id: int | None
    unit: str | None
    token: str
    scopes: list[str]
    expires_at: datetime
    names_visible: bool


def me(call: Call) -> Me:
    """Whose token it is and what it is good for."""
    calling, account = current.caller(), current.account()
    assert calling is not None
    with current.context().store.read() as session:
        token = api_tokens.find(session, calling.token_id)
    assert token is not None
    call.is_logged = False
    return Me(
        account.login, Role(account.role), ROLE_NAMES[Role(account.role)], account.unit_id, account.unit_name, token.name,
        list(token.scopes), token.expires_at, current.names_visible(),
    )  # fmt: skip


# ---------------------------------------------------------------- events


class EventsAsked(Asked, frozen=True):
    """Events after a number; keep the number of the last one that was read."""

    after: Annotated[int, Meta(ge=0, le=2**63 - 1, description="Số của sự kiện cuối đã đọc; 0: từ đầu.")] = 0
    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    kind: Annotated[list[EventKind], Meta(max_length=len(EventKind))] = msgspec.field(default_factory=list)


class Event(Answer, frozen=True):
    """What happened: ids, codes and counts, no personal data; the same as in a call to a subscribed receiver."""

    id: int
    at: datetime
    kind: EventKind
    subject: str
    unit_id: int | None
    body: dict[str, Any]


class Events(Answer, frozen=True):
    """Events in their order; `last` is what to ask after next time, `more`: there are others already."""

    items: list[Event]
    last: int
    more: bool


def events(call: Call) -> Events:
    """What happened since, of the own units and of no unit in particular."""
    query: EventsAsked = call.query
    role = Role(current.account().role)
    kinds = {kind.value for kind, roles in EVENT_READERS.items() if role in roles}
    if query.kind:
        kinds &= {kind.value for kind in query.kind}
    limit = min(query.limit, current.context().config.api.max_page)
    with current.context().store.read() as session:
        found = office_events.listed(
            session, kinds=kinds, unit_ids=current.scope(), after=query.after, limit=limit + 1
        )
    shown = found[:limit]
    call.saw("events", count=len(shown))
    items = [
        Event(each.event_id, each.at, EventKind(each.kind), each.subject, each.unit_id, dict(each.body))
        for each in shown
    ]
    return Events(items, shown[-1].event_id if shown else query.after, len(found) > len(shown))


# ---------------------------------------------------------------- the log


class LogAsked(Paged, frozen=True):
    """Which entries; days include both ends."""

    actor: Annotated[str, Meta(max_length=60)] | None = None
    action: Annotated[str, Meta(max_length=60)] | None = None
    subject: (
        Annotated[str, Meta(max_length=60, description="Phần đầu, như “dossier:” hay “user:12”.")] | None
    ) = None
    first: date | None = None
    last: date | None = None


class Entry(Answer, frozen=True):
    """One entry: who did what to what; no personal data."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]


def log(call: Call) -> Page[Entry]:
    """Entries of the log, newest first; of a unit's account those of its line alone. Reading is an entry itself."""
    query, after = call.query, call.after(int)
    wanted = ActFilter(
        query.actor or "", query.action or "", query.subject or "", query.first, query.last, current.scope()
    )
    with current.context().store.read() as session:
        found = audit.find_acts(session, wanted, limit=call.limit + 1, before=after[0] if after else None)
    shown = found[: call.limit]
    call.saw("log", count=len(shown), first=shown[0].entry_id if shown else None)
    items = [
        Entry(
            each.entry_id,
            each.act.at,
            each.act.actor,
            each.act.action,
            each.act.subject,
            dict(each.act.detail),
        )
        for each in shown
    ]
    return call.page(items, (shown[-1].entry_id,) if len(found) > len(shown) else None)


# ---------------------------------------------------------------- health


class Finding(Answer, frozen=True):
    """One thing that is wrong, and what to do."""

    code: str
    text: str
    todo: str


class Health(Answer, frozen=True):
    """How well the program runs; `ok`: nothing is wrong."""

    ok: bool
    at: datetime
    findings: list[Finding]


def health(call: Call) -> Health:
    """What is wrong with the running program, as the watchdog sees it."""
    found = look(current.context(), current.now())
    call.saw("health", count=len(found))
    return Health(not found, current.now(), [Finding(each.code, each.text, each.todo) for each in found])


OPERATIONS = (
    Operation(
        "me", "GET", "/me", None, ALL, me, Me, "Khóa này của ai, được làm gì, đến khi nào", is_scoped=False,
    ),
    Operation(
        "events", "GET", "/events", Scope.EVENTS_READ, ALL, events, Events, "Sự kiện sau một số", query=EventsAsked,
    ),
    Operation(
        "log", "GET", "/log", Scope.LOG_READ, LOG_READERS, log, Page[Entry], "Nhật ký, mới nhất trước", query=LogAsked,
    ),
    Operation(
        "health", "GET", "/health", Scope.HEALTH_READ, ADMINS, health, Health, "Chương trình có đang chạy tốt không",
        is_scoped=False,
    ),
)  # fmt: skip
