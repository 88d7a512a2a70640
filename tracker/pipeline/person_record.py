"""Everything that is kept about one person: her dossiers with all versions, letters, notes, messages, raw and rejected rows.

Found by name (the same words), telephone and code; each that is given must fit. People of one name are not told apart:
who answers has to.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tracker.errors import UsageError
from tracker.ingest.raw_erasing import CODES, Sought, rows_of
from tracker.measures.mentions import Mentions, Person, people_of, without_tags
from tracker.store.privacy import loose, persons, places
from tracker.store.privacy.persons import Called, Found, Wanted
from tracker.store.session import Session, Store
from tracker.text import normal_code

MOST = 200
Told = Callable[[int, int | None, str], None]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Section:
    """Rows of one kind, by their columns."""

    title: str
    table: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class DossierRecord:
    """One dossier and all that hangs on it."""

    dossier_id: int
    code: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """All of it; `mentions` finds her in files as well."""

    dossiers: tuple[DossierRecord, ...]
    elsewhere: tuple[Section, ...]
    mentions: Mentions

    @property
    def rows(self) -> int:
        """How many rows there are."""
        every = [*self.elsewhere, *(section for one in self.dossiers for section in one.sections)]
        return sum(len(section.rows) for section in every)


def gather(store: Store, wanted: Wanted, told: Told) -> PersonRecord:
    """Everything about a person, in one snapshot.

    Raises:
        UsageError: nothing was asked for, or so many dossiers fit that it cannot be one person.
    """
    if not (wanted.name.strip() or wanted.phone.strip() or wanted.code.strip()):
        raise UsageError("cần ít nhất một trong: --name, --phone, --code")
    wanted = Wanted(wanted.name, wanted.phone, normal_code(wanted.code))
    with store.read() as session:
        found = persons.dossiers_of(
            session, wanted, lambda count: told(count, None, "Đọc hồ sơ và các bản trước")
        )
        if len(found) > MOST:
            raise UsageError(f"{len(found)} hồ sơ khớp, nhiều hơn {MOST}: hãy thêm --phone hoặc --code")
        called = persons.called(session, [one.dossier_id for one in found])
        phones, names = people_of((*called.people, Person(wanted.name, "", wanted.phone)))
        mentions = Mentions(called.codes, phones, names)
        dossiers = tuple(DossierRecord(*one, _sections(session, one)) for one in found)
        return PersonRecord(dossiers, _elsewhere(session, called, mentions, told), mentions)


def _sections(session: Session, found: Found) -> tuple[Section, ...]:
    sections = []
    for place in places.PLACES:
        rows = [dict(row._mapping) for row in session.execute(places.rows_of(place, [found.dossier_id]))]
        # A row that says nothing in words is told all the same where it is the dossier or a letter of hers.
        shown = [
            row
            for row in rows
            if any(row[name] for name in place.columns) or place.by in ("id", "dossier_id")
        ]
        sections.append(Section(place.title, place.model.__tablename__, tuple(map(_plain, shown))))
    rows = [
        {"source": key, **{name: value for name, value in json.loads(body)["values"].items() if value}}
        for key, body in persons.tellings(session, found.dossier_id)
    ]
    sections.append(Section("Nguồn khác kể", "telling", tuple(rows)))
    return tuple(section for section in sections if section.rows)


def _plain(row: Row) -> Row:
    """Instants and dates as text, and nothing that is empty."""
    return {
        name: value.isoformat() if isinstance(value, date | datetime) else value
        for name, value in row.items()
        if value not in (None, "")
    }


def _elsewhere(session: Session, called: Called, mentions: Mentions, told: Told) -> tuple[Section, ...]:
    raw: list[Row] = []
    keys, sought = loose.block_keys(session), Sought(called.codes, called.places, mentions)
    for number, (batch_id, place) in enumerate(keys):
        told(number, len(keys), "Đọc các dòng gốc đã giữ")
        block = loose.block(session, batch_id, place)
        for row in rows_of(block.body):
            if sought.has(row, batch_id):
                raw.append({"batch": batch_id, "file": block.file, "row": row.number, **row.told})
    rejected: list[Row] = []
    for one in loose.rejected(session):
        cells, fields = json.loads(one.cells or "[]"), json.loads(one.fields or "[]")
        codes = {normal_code(cell) for name, cell in zip(fields, cells, strict=False) if name in CODES}
        if not called.codes.isdisjoint(codes) or mentions.has_person("\n".join(cells)):
            rejected.append({"id": one.rejection_id, "file": one.file, "row": one.row, "message": one.message, "cells": [c for c in cells if c]})  # fmt: skip
    letters = {f"{loose.OF_LETTER}{number}" for number in called.letters}
    messages = [
        {"id": one.message_id, "cause": one.cause, "state": one.state, "channel": one.channel,
         "recipient": one.recipient, "subject": one.subject, "text": one.text}
        for one in loose.messages(session)
        if one.cause in letters or mentions.in_text(without_tags(one.whole))
    ]  # fmt: skip
    waiting = loose.waiting(session, persons.waiting_ids(session, called.codes, None))
    sections = (
        Section("Dòng gốc đã giữ", "raw_block", tuple(raw)),
        Section("Dòng bị từ chối", "rejection", tuple(rejected)),
        Section("Sự kiện chờ hồ sơ", "waiting_event", tuple(map(_plain, waiting))),
        Section("Thông báo đã gửi, đang gửi", "outbox_message", tuple(messages)),
    )
    return tuple(section for section in sections if section.rows)
