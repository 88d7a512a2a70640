"""Every table of dossiers and letters that may hold what names people: which columns, as data for showing and for erasing.

`names`: columns that hold a person or free words of people: emptied. `words`: what the figures and registers rest on
(reasons, states): emptied only where it names the people of its dossier. A new table with such a column belongs here; a
test holds this list against the models.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from tracker.store.models import (
    AlertAck,
    Assignment,
    Base,
    Dossier,
    DossierNote,
    DossierRevision,
    Event,
    FindingStep,
    Letter,
    LetterNotice,
    LetterNumber,
    LetterStep,
    Obligation,
    ObligationStep,
    ProgressEvent,
)
from tracker.store.models.causes import Finding

# What stands where a text was; a note or message that is blank would look like a fault.
ERASED = "(đã xóa theo thời hạn lưu)"


@dataclass(frozen=True, slots=True)
class Place:
    """One table: what it is called for people, which columns name somebody, and how its rows belong to dossiers."""

    model: type[Base]
    title: str
    names: tuple[str, ...]
    words: tuple[str, ...] = ()
    by: str = "dossier_id"  # dossier_id, id (the dossier itself), letter_id, finding_id
    shown: tuple[str, ...] = ()  # what else tells a reader which row this is

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that may name somebody."""
        return (*self.names, *self.words)

    def column(self, name: str) -> ColumnElement[Any]:
        """A column of the table."""
        found: ColumnElement[Any] = self.model.__table__.c[name]
        return found

    @property
    def key(self) -> tuple[ColumnElement[Any], ...]:
        """Its primary key."""
        return tuple(self.model.__table__.primary_key.columns)  # type: ignore[attr-defined]

    def belongs(self, dossier_ids: Sequence[int]) -> ColumnElement[bool]:
        """The rows of some dossiers."""
        if self.by == "letter_id":
            return self.column("letter_id").in_(select(Letter.id).where(Letter.dossier_id.in_(dossier_ids)))
        if self.by == "finding_id":
            return self.column("finding_id").in_(
                select(Finding.id).where(Finding.dossier_id.in_(dossier_ids))
            )
        return self.column(self.by).in_(dossier_ids)


_OF_DOSSIER = ("applicant_name", "address", "phone", "officer_name", "note")
_WORDS = ("late_reason", "refusal_reason", "status_text")
PLACES: tuple[Place, ...] = (
    Place(Dossier, "Hồ sơ", _OF_DOSSIER, _WORDS, "id", ("code", "received_at", "ended_at", "applicant_kind")),
    Place(DossierRevision, "Bản trước của hồ sơ", _OF_DOSSIER, _WORDS, "id", ("known_from", "known_until")),
    Place(Event, "Diễn biến", (), ("text",), shown=("at", "kind")),
    Place(ProgressEvent, "Bước xử lý", ("officer_name", "text"), ("status_text",), shown=("at", "department")),
    Place(DossierNote, "Ghi chú của cơ quan", ("text",), shown=("written_at",)),
    Place(AlertAck, "Lời nhận việc", ("note",), shown=("at",)),
    Place(Assignment, "Giao việc", ("note",), shown=("at",)),
    Place(Obligation, "Nghĩa vụ xin lỗi", ("note", "late_reason"), shown=("state",)),
    Place(ObligationStep, "Bước của nghĩa vụ xin lỗi", ("note",), shown=("at", "state")),
    Place(Letter, "Thư xin lỗi", (), ("reason",), shown=("short_code", "number", "issued_on", "file", "signed_file")),
    Place(LetterStep, "Bước của thư", ("note",), by="letter_id", shown=("at", "step")),
    Place(LetterNotice, "Lần báo về thư", ("person", "note"), by="letter_id", shown=("at", "channel")),
    Place(LetterNumber, "Số thư", (), ("reason",), by="letter_id", shown=("year", "number", "state")),
    Place(FindingStep, "Giải trình dấu hiệu", (), ("reason", "document"), by="finding_id", shown=("at", "state")),
)  # fmt: skip
# Texts that a reader sees by themselves.
SAYS_SO: Mapping[type[Base], str] = {DossierNote: ERASED}


def rows_of(place: Place, dossier_ids: Sequence[int]) -> Select[Any]:
    """What a place holds of some dossiers: the columns that tell which row it is, then those that name somebody."""
    columns = [place.column(name) for name in (*place.shown, *place.columns)]
    return select(*columns).where(place.belongs(dossier_ids)).order_by(*place.key)
