"""How the columns of a kind of file are to be read, as a person has confirmed it: kept by key, found by its headings."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from tracker.store.models import SavedLayout


@dataclass(frozen=True, slots=True)
class LayoutRow:
    """A saved layout: `signature` of the headings that it fits, `mapping` folded heading -> our field ("" = left out)."""

    key: str
    name: str
    signature: str
    mapping: Mapping[str, str]
    made_by: str
    made_at: datetime


def all_layouts(session: Session) -> list[LayoutRow]:
    """All of them, the newest first: of two for the same headings the newer counts."""
    query = select(SavedLayout).order_by(SavedLayout.made_at.desc(), SavedLayout.key)
    return [
        LayoutRow(row.key, row.name, row.signature, json.loads(row.mapping), row.made_by, row.made_at)
        for row in session.scalars(query)
    ]


def save(session: Session, layout: LayoutRow) -> None:
    """Keep a layout in place of one with the same key."""
    remove(session, layout.key)
    values = {
        "key": layout.key, "name": layout.name, "signature": layout.signature,
        "mapping": json.dumps(dict(layout.mapping), ensure_ascii=False, sort_keys=True),
        "made_by": layout.made_by, "made_at": layout.made_at,
    }  # fmt: skip
    session.execute(insert(SavedLayout), [values])


def remove(session: Session, key: str) -> bool:
    """Forget a layout; False if there is none of that key."""
    found = session.execute(
        delete(SavedLayout).where(SavedLayout.key == key).returning(SavedLayout.key)
    ).one_or_none()
    session.expire_all()
    return found is not None
