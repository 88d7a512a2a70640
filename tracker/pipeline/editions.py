"""The editions that govern: what is shipped, and over it what two persons of the office entered by a moment."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tracker.criteria_data import load_editions, load_published, read_edition, read_published
from tracker.errors import UsageError
from tracker.measures.scoring import Edition
from tracker.store import edition_store
from tracker.store.session import Session, kept
from tracker.types.editions import EditionEntryRow, EditionKind, Published

# Under this key a published result is entered: one a year and index.
RESULT = "result"


@dataclass(frozen=True, slots=True)
class KeptEdition:
    """An edition with the entry by which the office set it; None: as it is shipped."""

    edition: Edition
    entry: EditionEntryRow | None


def kept_editions(session: Session, known: datetime | None = None) -> tuple[KeptEdition, ...]:
    """Every edition by what was entered by `known` (None: now), those of a criterion together, shipped ones first."""
    entered = edition_store.governing(session, EditionKind.CRITERION, known)
    there = {(each.criterion, each.key): KeptEdition(each, None) for each in load_editions()}
    there |= {key: KeptEdition(read_edition(row.new.body), row) for key, row in entered.items()}
    order = {criterion: place for place, criterion in enumerate(dict.fromkeys(key[0] for key in there))}
    return tuple(sorted(there.values(), key=lambda each: order[each.edition.criterion]))


def editions(session: Session, known: datetime | None = None) -> tuple[Edition, ...]:
    """The same without where they come from."""
    return tuple(each.edition for each in kept_editions(session, known))


def find_edition(session: Session, criterion: str, key: str, known: datetime | None = None) -> Edition:
    """One edition.

    Raises:
        UsageError: there is none; it names those there are.
    """
    return choose(editions(session, known), criterion, key)


def choose(there: Iterable[Edition], criterion: str, key: str) -> Edition:
    """One of some editions; UsageError as `find_edition`."""
    listed = tuple(there)
    for edition in listed:
        if (edition.criterion, edition.key) == (criterion, key):
            return edition
    names = ", ".join(f"{edition.criterion}/{edition.key}" for edition in listed)
    raise UsageError(f"không có tiêu chí {criterion}/{key}; có: {names}")


def published(session: Session, known: datetime | None = None) -> tuple[Published, ...]:
    """Published results by what was entered by `known` (None: now), the newest year first."""
    if known is None:
        return kept(session, "published results", lambda: _published(session, None))
    return _published(session, known)


def _published(session: Session, known: datetime | None) -> tuple[Published, ...]:
    entered = edition_store.governing(session, EditionKind.PUBLISHED, known)
    results = {result.subject: result for result in load_published()}
    results |= {subject: read_published(row.new.body) for (subject, _key), row in entered.items()}
    return tuple(sorted(results.values(), key=lambda result: -result.year))
