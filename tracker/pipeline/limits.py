"""The published limits of the store as the pure `LimitBook`; ingest and single answers read the same one."""

from datetime import datetime

from tracker.config_data import load_field_days
from tracker.ingest.documented import AskedLimit, LimitBook, PublishedLimit
from tracker.store import catalogue
from tracker.store.session import Session
from tracker.text import fold
from tracker.timekeeping.limits import FieldDays
from tracker.types import Channel, DossierRow, Limit, LimitUnit, NoLimit


def limit_book(session: Session) -> LimitBook:
    """The published limits of all procedures, and what "ngày" means in which field."""
    published: dict[str, list[PublishedLimit]] = {}
    for row in catalogue.published_limits(session):
        published.setdefault(row.procedure, []).append(
            PublishedLimit(
                row.limit_text,
                LimitUnit(row.day_kind) if row.day_kind else None,
                row.valid_from,
                row.valid_to,
                Channel(row.channel) if row.channel else None,
            )
        )
    fields = {fold(name): number for number, name in catalogue.fields(session).items()}
    days: dict[int, list[FieldDays]] = {}
    for entry in load_field_days():
        if (number := fields.get(fold(entry.field))) is not None:
            days.setdefault(number, []).append(entry)
    return LimitBook(published, days, fields)


def limit_of(row: DossierRow, received: datetime, book: LimitBook) -> Limit | NoLimit | None:
    """The limit of a dossier as the store knows it; None where neither it nor the catalogue has one."""
    asked = AskedLimit(row.limit_text, row.channel.value, book.fields.get(fold(row.field)))
    return book.limit(row.procedure_code, asked, int(received.timestamp()))
