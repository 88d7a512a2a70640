"""Editions of dated data as a change by two persons: what stands, what is checked, how it reads, how it is entered.

One entry a kind of edition in EDITIONS: criteria, published results, official forms; the change itself is the same for all.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.access import EDITION_SETTERS
from app.edition_words import edition_words, published_words
from app.form_edition_words import form_words
from app.two_person_types import Applied, Decision, ToldLine, TwoPersonKind
from tracker.criteria_data import edition_values, published_values, read_edition, read_published
from tracker.errors import UsageError
from tracker.forms_data import form_edition, form_values
from tracker.pipeline.editions import editions, published
from tracker.pipeline.forms import kept_forms
from tracker.store import edition_store
from tracker.store.session import Session
from tracker.types.editions import EditionKind, NewEntry

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EditionSet:
    """An edition as it shall be: `body` its values; `effect` what it changes, as it was counted when it was asked for."""

    kind: str
    subject: str
    key: str
    body: Values
    effect: Sequence[Mapping[str, str]] = field(default=())


@dataclass(frozen=True, slots=True)
class EditionOf:
    """A kind of edition. `standing(session, subject, key)`: its values now; `checked(values)` raises ValueError, KeyError or
    TypeError; `words(values)`: label -> what stands there."""

    standing: Callable[[Session, str, str], Values | None]
    checked: Callable[[Values], object]
    words: Callable[[Values], Mapping[str, str]]


def _standing_criterion(session: Session, subject: str, key: str) -> Values | None:
    found = {(each.criterion, each.key): each for each in editions(session)}.get((subject, key))
    return edition_values(found) if found else None


def _standing_published(session: Session, subject: str, _key: str) -> Values | None:
    found = {each.subject: each for each in published(session)}.get(subject)
    return published_values(found) if found else None


def _standing_form(session: Session, subject: str, key: str) -> Values | None:
    found = {(each.edition.form, each.edition.key): each.edition for each in kept_forms(session)}
    edition = found.get((subject, key))
    return form_values(edition) if edition else None


EDITIONS: Mapping[EditionKind, EditionOf] = {
    EditionKind.CRITERION: EditionOf(_standing_criterion, read_edition, edition_words),
    EditionKind.PUBLISHED: EditionOf(_standing_published, read_published, published_words),
    EditionKind.FORM: EditionOf(_standing_form, form_edition, form_words),
}


def _before(session: Session, asked: EditionSet) -> Values:
    kind = EDITIONS[EditionKind(asked.kind)]
    try:
        kind.checked(asked.body)
    except (ValueError, KeyError, TypeError) as fault:
        raise UsageError(f"các giá trị chưa dùng được: {fault}") from fault
    standing = kind.standing(session, asked.subject, asked.key)
    if standing == asked.body:
        raise UsageError("đề nghị không đổi gì: mọi giá trị vẫn như hiện tại")
    return standing or {}


def _apply(session: Session, asked: EditionSet, decision: Decision) -> Applied:
    entry = NewEntry(
        EditionKind(asked.kind), asked.subject, asked.key, asked.body,
        decision.reason, decision.asked_by, decision.decided_by,
    )  # fmt: skip
    edition_store.add_entry(session, entry, decision.now)
    return Applied(_subject(asked))


def _told(_session: Session, asked: EditionSet, before: Values) -> Sequence[ToldLine]:
    """The values that change, or all of a new edition; then what that changes in the figures."""
    words = EDITIONS[EditionKind(asked.kind)].words
    was, will = words(before) if before else {}, words(asked.body)
    lines = [
        ToldLine(label, was.get(label, "") or (NOTHING if before else ""), text or NOTHING)
        for label, text in will.items()
        if not before or was.get(label) != text
    ]
    named = [ToldLine(label, "", will[label]) for label in IDENTITY if before and label in will]
    return [*named, *lines, *(ToldLine(**each) for each in asked.effect)]


def _subject(asked: EditionSet) -> str:
    return f"edition:{asked.kind}/{asked.subject}/{asked.key}"


NOTHING = "–"
IDENTITY = ("Tiêu chí", "Biểu", "Khóa", "Chỉ số", "Năm")  # said also where they stay as they are
EDITION_KIND = TwoPersonKind(
    "edition", "Phiên bản tiêu chí, biểu mẫu, kết quả công bố", "phiên bản", EDITION_SETTERS, EditionSet,
    _subject, _before, _apply, _told,
)  # fmt: skip
