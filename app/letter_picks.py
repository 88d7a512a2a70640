"""What somebody picked on a list of letters or obligations: rows that are ticked, or all of the list as it was seen."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.asking import ask_for, key_of
from app.context import AppContext
from app.key_forms import Typed
from app.letter_forms import Filled
from app.letter_offers import OFFERS, Offer, Reach, Subject
from app.letter_page import OF_DUTIES, OF_LETTERS, LetterFilters, read_filters
from app.typed_numbers import row_number
from letters.moving import Asker
from tracker.store import letter_rows
from tracker.store.session import Session
from tracker.types.work import BY_PEOPLE, WorkRequest

# More than so many at once are left to a worker: a person waits no longer than some seconds.
AT_ONCE = 2_000
TICKED = "chon"


@dataclass(frozen=True, slots=True)
class Pick:
    """An act and what it shall be done to; `seen` is the mark of the list that was confirmed, "" before that."""

    offer: Offer
    filters: LetterFilters
    ticked: tuple[int, ...]
    is_all: bool
    seen: str = ""

    def ids(self, session: Session, unit_ids: frozenset[int] | None) -> list[int]:
        """What it means now, of these units (None = all)."""
        of_letters = self.offer.subject is Subject.LETTERS
        if self.is_all:
            listed = letter_rows.letter_ids if of_letters else letter_rows.duty_ids
            return listed(session, self.filters.rows(unit_ids))
        if of_letters:
            own = letter_rows.letters_by_id(session, self.ticked, unit_ids)
            return [letter.letter_id for letter in own]
        return [row.dossier_id for row in letter_rows.duties_by_id(session, self.ticked, unit_ids)]

    def as_fields(self, ids: Sequence[int]) -> list[tuple[str, str]]:
        """The same as hidden fields of the form that carries it out."""
        address = list(self.filters.as_address().items())
        if self.is_all:
            return [*address, ("tat-ca", "1"), ("dau", mark_of(ids))]
        return [*address, *((TICKED, str(number)) for number in ids)]


def read_pick(typed: Typed, key: str) -> Pick | None:
    """From an address or a form; None for an act that is none. One letter alone never means a whole list."""
    offer = OFFERS.get(key)
    if offer is None:
        return None
    states = OF_LETTERS if offer.subject is Subject.LETTERS else OF_DUTIES
    flat = {name: typed.get(name, "") for name in ("trang-thai", "don-vi", "loai", "ma")}
    filters = read_filters(flat, states)
    numbers = [row_number(text) for text in typed.getlist(TICKED)[:AT_ONCE]]
    # A whole list is meant only where all of it stands at the step that the act is for.
    is_all = typed.get("tat-ca", "") == "1" and offer.reach is Reach.ALL and filters.state in offer.states
    ticked = tuple(number for number in numbers if number is not None)
    return Pick(
        offer, filters, ticked[:1] if offer.reach is Reach.ONE else ticked, is_all, typed.get("dau", "")
    )


def mark_of(ids: Sequence[int]) -> str:
    """What a list is known by: who confirmed another one confirms anew."""
    return hashlib.sha256(",".join(map(str, ids)).encode()).hexdigest()[:16]


def ask_worker(
    context: AppContext, pick: Pick, form: Filled, ids: Sequence[int], *, asker: Asker, now: datetime
) -> int:
    """Leave a long act to a worker; the same list is asked for once."""
    params: dict[str, Any] = {
        "act": pick.offer.key,
        "filters": pick.filters.as_address(),
        "units": None if asker.unit_ids is None else sorted(asker.unit_ids),
        "values": dict(form.values),
        "last": ids[-1],
        "count": len(ids),
    }
    key = key_of("letter_step", asker.login, params, mark_of(ids))
    request = WorkRequest("letter_step", key, params, asker.login, priority=BY_PEOPLE)
    detail = {"count": len(ids), **pick.filters.as_logged()}
    return ask_for(context, request, action="letter_step_asked", detail=detail, now=now)
