"""The published limits of the store as the pure `LimitBook`; ingest and single answers read the same one."""

from tracker.ingest.documented import LimitBook, PublishedLimit
from tracker.store import catalogue
from tracker.store.session import Session
from tracker.types import LimitUnit


def limit_book(session: Session) -> LimitBook:
    """The published limits of all procedures."""
    published: dict[str, list[PublishedLimit]] = {}
    for code, text, day_kind, valid_from, valid_to in catalogue.published_limits(session):
        published.setdefault(code, []).append(PublishedLimit(text, LimitUnit(day_kind), valid_from, valid_to))
    return LimitBook(published)
