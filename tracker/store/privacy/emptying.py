"""Rows of dossiers emptied of what names people, in the transaction of the caller. Figures, dates and numbers stay."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from tracker.measures.mentions import Mentions
from tracker.search_text import Findable
from tracker.store.cause_marks import TouchedCauses
from tracker.store.models import Dossier, DossierRevision, Letter, Telling
from tracker.store.privacy.places import ERASED, PLACES, SAYS_SO, Place
from tracker.store.search_marks import FOUND_BY, KeyRow, key_rows, remove_keys
from tracker.types.field_words import PERSONAL

LOOSE = {"synchronize_session": False}


def empty_dossiers(session: Session, ids: Sequence[int], mentions: Mentions) -> dict[str, int]:
    """Empty every place of some dossiers; how many rows of which table were changed.

    `mentions`: their people, for words that stay unless they name one of them.
    """
    before, changed = _keys_of(session, ids), {}
    for place in PLACES:
        count = _empty_names(session, place, ids) + _empty_words(session, place, ids, mentions)
        if count:
            changed[place.model.__tablename__] = count
    if count := _empty_tellings(session, ids):
        changed[Telling.__tablename__] = count
    if count := _forget_keys(session, before, _keys_of(session, ids)):
        changed["search_key"] = count
    return changed


def _empty_names(session: Session, place: Place, ids: Sequence[int]) -> int:
    if not place.names:
        return 0
    left = SAYS_SO.get(place.model, "")
    columns = [place.column(name) for name in place.names]
    change = update(place.model).where(
        place.belongs(ids), or_(*(and_(column != "", column != left) for column in columns))
    )
    done: Any = session.execute(change.values(dict.fromkeys(place.names, left)).execution_options(**LOOSE))
    return int(done.rowcount)


def _empty_words(session: Session, place: Place, ids: Sequence[int], mentions: Mentions) -> int:
    """Words that name somebody, one by one: most do not."""
    changed = 0
    for name in place.words:
        column = place.column(name)
        query = select(*place.key, column).where(place.belongs(ids), column != "", column != ERASED)
        for *key, text in session.execute(query).all():
            if not mentions.has_person(text):
                continue
            is_it = and_(*(part == value for part, value in zip(place.key, key, strict=True)))
            session.execute(
                update(place.model).where(is_it).values({name: ERASED}).execution_options(**LOOSE)
            )
            changed += 1
            if place.model is Dossier and name == "late_reason":
                _causes_are_stale(session, key)
    return changed


def _causes_are_stale(session: Session, ids: Sequence[int]) -> None:
    """The causes of a month tell reasons by their words."""
    marks = TouchedCauses()
    marks.followed(ids)
    marks.write(session)


def _empty_tellings(session: Session, ids: Sequence[int]) -> int:
    changed = 0
    query = select(Telling.dossier_id, Telling.source_id, Telling.body).where(Telling.dossier_id.in_(ids))
    for dossier_id, source_id, body in session.execute(query).all():
        told = json.loads(body)
        values = {name: "" if name in PERSONAL and value else value for name, value in told["values"].items()}
        if values != told["values"]:
            text = json.dumps({**told, "values": values}, ensure_ascii=False, sort_keys=True)
            is_it = (Telling.dossier_id == dossier_id, Telling.source_id == source_id)
            session.execute(update(Telling).where(*is_it).values(body=text).execution_options(**LOOSE))
            changed += 1
    return changed


# ---------------------------------------------------------------- search keys


def _keys_of(session: Session, ids: Sequence[int]) -> set[KeyRow]:
    """The keys that dossiers have, and those of their earlier versions."""
    found: set[KeyRow] = set()
    for model in (Dossier, DossierRevision):
        columns = [getattr(model, name) for name in FOUND_BY]
        for number, code, name, phone, unit in session.execute(
            select(model.id, *columns).where(model.id.in_(ids))
        ):
            found.update(key_rows(number, unit, Findable(code, name, phone)))
    return found


def _forget_keys(session: Session, before: set[KeyRow], after: set[KeyRow]) -> int:
    gone = sorted(before - after)
    remove_keys(session, gone)
    return len(gone)


# ---------------------------------------------------------------- letters' files


def letter_files(session: Session, ids: Sequence[int]) -> list[tuple[int, str, str]]:
    """(letter, file, signed file) of dossiers whose letters still have one."""
    query = select(Letter.id, Letter.file, Letter.signed_file).where(
        Letter.dossier_id.in_(ids), or_(Letter.file != "", Letter.signed_file != "")
    )
    return [(number, file, signed) for number, file, signed in session.execute(query.order_by(Letter.id))]


def forget_files(session: Session, letter_ids: Iterable[int]) -> None:
    """Letters whose files are gone; the hash of a signed one stays as the proof of what it was."""
    for number in letter_ids:
        change: Mapping[str, str] = {"file": "", "signed_file": ""}
        session.execute(update(Letter).where(Letter.id == number).values(change).execution_options(**LOOSE))
