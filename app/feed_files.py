"""What a secret link answers with: the due dates that it shows, as a calendar or as a feed, with the mark of this content."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.context import AppContext
from app.feed_acts import OpenFeed
from notifications.alerts.causes import AlertPolicy, Moment
from notifications.alerts.feed_dates import MOST, feed_dates
from notifications.alerts.feeds import FeedDate, FeedHead, atom_of, calendar_of
from tracker.store.calendars import load_history
from tracker.store.session import Session
from tracker.types import VN

ABOUT = "Ngày hẹn trả của hồ sơ đang giải quyết, từ 90 ngày trước đến 60 ngày tới."


@dataclass(frozen=True, slots=True)
class FeedForm:
    """One way of writing the dates down: the end of its address, what a browser is told that it is, its writer."""

    ending: str
    content_type: str
    write: Callable[[FeedHead, Sequence[FeedDate]], bytes]


ICAL = FeedForm("ics", "text/calendar; charset=utf-8", calendar_of)
ATOM = FeedForm("atom", "application/atom+xml; charset=utf-8", atom_of)
FORMS: Mapping[str, FeedForm] = {form.ending: form for form in (ICAL, ATOM)}


@dataclass(frozen=True, slots=True)
class FeedAsked:
    """What is asked for, and when; `home`: where the program's pages are, `path`: of the link itself."""

    form: FeedForm
    home: str
    path: str
    now: datetime


@dataclass(frozen=True, slots=True)
class FeedFile:
    """The file; `mark` is that of its content, `count` says how many due dates it has."""

    body: bytes
    mark: str
    count: int


def feed_file(context: AppContext, session: Session, opened: OpenFeed, asked: FeedAsked) -> FeedFile:
    """The due dates of a link at the moment of the question."""
    now, home = asked.now, asked.home
    day = now.astimezone(VN).date()
    policy = AlertPolicy(context.config.calendar_key, due_soon=context.due_soon)
    calendars = load_history(session, policy.calendar_key)
    found = feed_dates(Moment(context.store, session, policy, calendars, day, now), opened.scope)
    feed = opened.feed
    head = FeedHead(
        f"{feed.feed_id} {feed.created_at.timestamp():.0f}", feed.name, ABOUT, home + asked.path, home, feed.created_at, day,
        MOST if found.is_cut else None,
    )  # fmt: skip
    body = asked.form.write(head, found.dates)
    return FeedFile(body, hashlib.sha256(body).hexdigest()[:32], len(found.dates))
