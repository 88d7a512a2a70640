"""The published limits of the store as the pure `LimitBook`; ingest and single answers read the same one."""

from datetime import datetime

from tracker.config_data import load_field_days
from tracker.ingest.documented import CommuneExtras, LimitBook, PublishedExtra, PublishedLimit
from tracker.store import catalogue
from tracker.store.session import Session, kept, once
from tracker.text import fold
from tracker.timekeeping.limits import FieldDays
from tracker.types import Channel, DossierRow, Limit, LimitUnit, NoLimit


def limit_book(session: Session, procedure: str | None = None) -> LimitBook:
    """The published limits of all procedures, or for a single dossier of its own, and what "ngày" means in which field."""
    return once(session, ("limit_book", procedure), lambda: _limit_book(session, procedure))


def _limit_book(session: Session, procedure: str | None) -> LimitBook:
    published = kept(session, ("limits", procedure), lambda: _published(session, procedure))
    return LimitBook(published, *kept(session, "terms of limits", lambda: _terms(session)))


def _published(session: Session, procedure: str | None) -> dict[str, list[PublishedLimit]]:
    published: dict[str, list[PublishedLimit]] = {}
    for row in catalogue.published_limits(session, procedure):
        published.setdefault(row.procedure, []).append(
            PublishedLimit(
                row.limit_text,
                _kind(row.day_kind),
                row.valid_from,
                row.valid_to,
                Channel(row.channel) if row.channel else None,
                row.case_name,
                row.statutory_text,
                row.source,
            )
        )
    return published


def _terms(session: Session) -> tuple[dict[int, list[FieldDays]], dict[str, int], CommuneExtras]:
    """What "ngày" means by field, the ids of the fields by their folded names, extras."""
    fields = {fold(name): number for number, name in catalogue.fields(session).items()}
    days: dict[int, list[FieldDays]] = {}
    for entry in load_field_days():
        if (number := fields.get(fold(entry.field))) is not None:
            days.setdefault(number, []).append(entry)
    return days, fields, _extras(session)


def _kind(word: str) -> LimitUnit | None:
    return LimitUnit(word) if word else None


def _extras(session: Session) -> CommuneExtras:
    rows = [
        PublishedExtra(
            row.extra_text, _kind(row.day_kind), row.commune_class, row.valid_from, row.valid_to, row.source,
            row.procedure, row.field_id,
        )
        for row in catalogue.limit_extras(session)
    ]  # fmt: skip
    return CommuneExtras(rows, catalogue.commune_classes(session) if rows else {})


def published_for(session: Session, row: DossierRow) -> list[PublishedLimit]:
    """The published limits that may hold for a dossier, with the statutory ones beside them, as the catalogue has them now."""
    if row.received_at is None:
        return []
    return limit_book(session, row.procedure_code).published(
        row.procedure_code, row.channel, row.received_at.date()
    )


def limit_of(row: DossierRow, received: datetime, book: LimitBook) -> Limit | NoLimit | None:
    """The limit of a dossier as the store knows it; None where neither it nor the catalogue has one."""
    field_id = book.fields.get(fold(row.field))
    asked = book.asked(row.limit_text, row.channel.value, field_id, row.working_unit_id)
    return book.limit(row.procedure_code, asked, int(received.timestamp()))
