"""Templates that offices uploaded, version by version; one that letters were made from stays for ever."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from tracker.store.models import LetterTemplate

ACTIVE, RETIRED = "active", "retired"


class TemplateRow(NamedTuple):
    """One version without its bytes; `unit_id` None = every unit, `kind` "" = every kind of letter."""

    template_id: int
    unit_id: int | None
    form: str
    kind: str
    version: int
    state: str
    name: str
    sha256: str
    uploaded_by: str
    uploaded_at: datetime
    note: str


class NewTemplate(NamedTuple):
    """A template about to become the newest version of its place: unit, form and kind."""

    unit_id: int | None
    form: str
    kind: str
    name: str
    sha256: str
    body: bytes
    note: str


def templates(session: Session, *, only_active: bool = False) -> list[TemplateRow]:
    """The versions, newest first."""
    t = LetterTemplate
    columns = (
        t.id, t.unit_id, t.form, t.kind, t.version, t.state, t.name, t.sha256, t.uploaded_by, t.uploaded_at, t.note,
    )  # fmt: skip
    query = select(*columns).order_by(t.id.desc())
    if only_active:
        query = query.where(t.state == ACTIVE)
    return [TemplateRow._make(row) for row in session.execute(query)]


def template_body(session: Session, template_id: int) -> tuple[str, bytes] | None:
    """The kind and the bytes of a version; None where there is none."""
    query = select(LetterTemplate.kind, LetterTemplate.body).where(LetterTemplate.id == template_id)
    row = session.execute(query).one_or_none()
    return (row[0], row[1]) if row else None


def add_template(session: Session, new: NewTemplate, *, by: str, at: datetime) -> int:
    """Make it the version that letters of its place are drafted from; its id. Call `letter_store.lock_register` before."""
    t = LetterTemplate
    number = (session.scalar(select(func.max(t.id))) or 0) + 1
    place = (t.form == new.form) & (t.kind == new.kind)
    place &= t.unit_id.is_(None) if new.unit_id is None else t.unit_id == new.unit_id
    version = (session.scalar(select(func.max(t.version)).where(place)) or 0) + 1
    session.execute(update(t).where(place, t.state == ACTIVE).values(state=RETIRED))
    values = {
        "id": number, "version": version, "state": ACTIVE, "uploaded_by": by, "uploaded_at": at, **new._asdict(),
    }  # fmt: skip
    session.execute(insert(t), [values])
    return number


def retire_template(session: Session, template_id: int) -> bool:
    """Let no further letter be drafted from it; False where it was none or retired before."""
    active = (LetterTemplate.id == template_id) & (LetterTemplate.state == ACTIVE)
    found = session.scalar(select(LetterTemplate.id).where(active))
    session.execute(update(LetterTemplate).where(active).values(state=RETIRED))
    return found is not None
