"""Is what an alert says still so? One SQL condition for the page of alerts and for the messages that are about to leave.

It asks only whether the cause is the one that was claimed (the same due date, letter, suspension or promise, and not
settled). How late a dossier is today is the judgement's to say, not this one's.
"""

from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from tracker.store.models import Alert, AlertAck, Dossier, Letter, LetterStep
from tracker.store.versions import AWAITING, DUE_COLUMNS, number
from tracker.types import Basis

DOSSIER, LETTER = "dossier", "letter"
# The measures of `notifications/alerts/rungs.py`, by what settles them.
BY_DUE_DATE = ("share_used", "days_left", "days_late")
INTAKE_OVER, SUSPENDED, NO_DUE, PROMISE_PASSED = "intake_over", "suspended", "no_due", "promise_passed"
LETTER_STUCK, LETTER_PROMISE = "letter_stuck", "letter_promise"


@lru_cache(20)
def stands(basis: Basis, day: date) -> ColumnElement[bool]:
    """Does the alert of the caller's query still stand on that day? What is no dossier's or letter's always does.

    The tables that it looks into are its own: the caller may have joined the same ones.
    """
    return or_(
        Alert.subject_kind.not_in((DOSSIER, LETTER)),
        and_(Alert.subject_kind == DOSSIER, _dossier_stands(basis, day)),
        and_(Alert.subject_kind == LETTER, _letter_stands()),
    )


def _dossier_stands(basis: Basis, day: date) -> ColumnElement[bool]:
    d = aliased(Dossier)
    due, since = _instant(d, DUE_COLUMNS[basis]), _instant(d, "suspended_from")
    # Suspended before its due date; a source that says "waiting" without since when is taken at its word.
    stands_still = or_(and_(since.is_not(None), since < due), and_(since.is_(None), d.status.in_(AWAITING)))
    same_due = due == number(Alert.due_at.expression)
    of_measure = or_(
        and_(Alert.measure.in_(BY_DUE_DATE), same_due, ~stands_still, ~_is_held(d, day)),
        and_(Alert.measure == INTAKE_OVER, d.received_at.is_(None)),
        and_(Alert.measure == SUSPENDED, func.coalesce(since, 0) == Alert.version),
        and_(Alert.measure == NO_DUE, due.is_(None)),
        and_(Alert.measure == PROMISE_PASSED, _newest_word(d) == Alert.version),
    )
    # A withdrawal without a date is an end as well.
    return exists().where(d.id == Alert.subject_id, d.ended_at.is_(None), d.end_kind.is_(None), of_measure)


def _instant(table: Any, column: str) -> ColumnElement[int]:
    return number(getattr(table, column))


def _is_held(dossier: Any, day: date) -> ColumnElement[bool]:
    """Somebody took it on, and the day by which it is to be done has not passed."""
    word = aliased(AlertAck)
    return exists().where(word.id == _newest_word(dossier), word.promised_on >= day)


def _newest_word(dossier: Any) -> ColumnElement[int | None]:
    word = aliased(AlertAck)
    return select(func.max(word.id)).where(word.dossier_id == dossier.id).correlate(dossier).scalar_subquery()


def _letter_stands() -> ColumnElement[bool]:
    letter, step = aliased(Letter), aliased(LetterStep)
    newest = select(func.max(step.seq)).where(step.letter_id == Alert.subject_id).correlate(Alert)
    promised = exists().where(
        letter.id == Alert.subject_id,
        letter.promise == "open",
        _instant(letter, "new_due_at") == Alert.version,
    )
    return or_(
        and_(Alert.measure == LETTER_STUCK, newest.scalar_subquery() == Alert.version),
        and_(Alert.measure == LETTER_PROMISE, promised),
    )
