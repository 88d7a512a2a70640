"""Is what an alert says still so? One SQL condition for the page of alerts and for the messages that are about to leave.

It asks only whether the cause is the one that was claimed (the same due date, letter, suspension or promise, and not
settled). How late a dossier is today is the judgement's to say, not this one's.
"""

from datetime import date

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from tracker.store.models import Alert, AlertAck, Dossier, Letter, LetterStep
from tracker.store.versions import AWAITING, DUE_COLUMNS, number
from tracker.types import Basis

DOSSIER, LETTER = "dossier", "letter"
# The measures of `notifications/alerts/rungs.py`, by what settles them.
BY_DUE_DATE = ("share_used", "days_left", "days_late")
INTAKE_OVER, SUSPENDED, NO_DUE, PROMISE_PASSED = "intake_over", "suspended", "no_due", "promise_passed"
LETTER_STUCK, LETTER_PROMISE = "letter_stuck", "letter_promise"


def stands(basis: Basis, day: date) -> ColumnElement[bool]:
    """Does the alert of the caller's query still stand on that day? What is no dossier's or letter's always does."""
    return or_(
        Alert.subject_kind.not_in((DOSSIER, LETTER)),
        and_(Alert.subject_kind == DOSSIER, _dossier_stands(basis, day)),
        and_(Alert.subject_kind == LETTER, _letter_stands()),
    )


def _dossier_stands(basis: Basis, day: date) -> ColumnElement[bool]:
    d, due = Dossier, number(getattr(Dossier, DUE_COLUMNS[basis]).expression)
    of_measure = or_(
        and_(Alert.measure.in_(BY_DUE_DATE), due == number(Alert.due_at.expression), ~_stands_still(due), ~_is_held(day)),
        and_(Alert.measure == INTAKE_OVER, d.received_at.is_(None)),
        and_(Alert.measure == SUSPENDED, func.coalesce(number(d.suspended_from.expression), 0) == Alert.version),
        and_(Alert.measure == NO_DUE, due.is_(None)),
        and_(Alert.measure == PROMISE_PASSED, _newest_word() == Alert.version),
    )  # fmt: skip
    # A withdrawal without a date is an end as well.
    return exists().where(d.id == Alert.subject_id, d.ended_at.is_(None), d.end_kind.is_(None), of_measure)


def _stands_still(due: ColumnElement[int]) -> ColumnElement[bool]:
    """Suspended before its due date; a source that says "waiting" without since when is taken at its word."""
    since = number(Dossier.suspended_from.expression)
    return or_(and_(since.is_not(None), since < due), and_(since.is_(None), Dossier.status.in_(AWAITING)))


def _is_held(day: date) -> ColumnElement[bool]:
    """Somebody took it on, and the day by which it is to be done has not passed."""
    return exists().where(AlertAck.id == _newest_word(), AlertAck.promised_on >= day)


def _newest_word() -> ColumnElement[int | None]:
    newest = select(func.max(AlertAck.id)).where(AlertAck.dossier_id == Dossier.id).correlate(Dossier)
    return newest.scalar_subquery()


def _letter_stands() -> ColumnElement[bool]:
    steps = (
        select(func.max(LetterStep.seq)).where(LetterStep.letter_id == Alert.subject_id).correlate(Alert)
    ).scalar_subquery()
    promised = exists().where(
        Letter.id == Alert.subject_id,
        Letter.promise == "open",
        number(Letter.new_due_at.expression) == Alert.version,
    )
    return or_(
        and_(Alert.measure == LETTER_STUCK, steps == Alert.version),
        and_(Alert.measure == LETTER_PROMISE, promised),
    )
