"""What a verdict says of its whole day: a row that is shown again later that day has to be what would be judged anew."""

from datetime import datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from tracker.calendar_data import load_calendar
from tracker.timekeeping.lateness import classify, holds_all_day
from tracker.types import VN, Facts, Precision, SourceStatus, State, Suspension, SuspensionKind

B = load_calendar("B")
MIDNIGHT = datetime(2026, 8, 26, tzinfo=VN)
DAY = timedelta(days=1)
SECONDS_OF_A_DAY = 86_400

of_the_day = st.integers(0, SECONDS_OF_A_DAY - 1).map(lambda n: MIDNIGHT + timedelta(seconds=n))
moments = st.one_of(
    st.integers(-4 * SECONDS_OF_A_DAY, 2 * SECONDS_OF_A_DAY).map(lambda n: MIDNIGHT + timedelta(seconds=n)),
    st.sampled_from([MIDNIGHT - timedelta(seconds=1), MIDNIGHT, MIDNIGHT + DAY]),
)
past = st.integers(1, 4 * SECONDS_OF_A_DAY).map(lambda n: MIDNIGHT - timedelta(seconds=n))
pauses = st.builds(Suspension, moments, st.one_of(st.none(), moments), st.sampled_from(SuspensionKind))
NINE, TEN, ELEVEN = (MIDNIGHT + timedelta(hours=hour) for hour in (9, 10, 11))
RECEIVED, DUE = MIDNIGHT - 4 * DAY, MIDNIGHT - 3 * DAY
LONG_OVERDUE = Facts(RECEIVED, DUE)
STOPPED_TILL_TEN = Suspension(DUE - DAY / 2, TEN, SuspensionKind.PAUSE)
VALUES = {
    **dict.fromkeys(
        ("received_at", "due_at", "finished_at", "returned_at", "withdrawn_at", "refused_at", "filed_at",
         "reopened_at", "intake_due_at"), moments
    ),
    "status": st.sampled_from(SourceStatus),
    "suspensions": st.lists(pauses, min_size=1, max_size=2).map(tuple),
}  # fmt: skip


@st.composite
def nearly_overdue(draw):
    """Overdue, or it would be, but for up to two things that are told of it."""
    told = {"received_at": draw(past), "due_at": draw(past)}
    for name in draw(st.sets(st.sampled_from(list(VALUES)), max_size=2)):
        told[name] = draw(VALUES[name])
    return Facts(**told)


@given(nearly_overdue(), of_the_day, of_the_day, st.sampled_from(Precision))
@example(LONG_OVERDUE, MIDNIGHT, MIDNIGHT + DAY - timedelta(seconds=1), Precision.DATE)
@example(Facts(RECEIVED, DUE, finished_at=TEN), NINE, ELEVEN, Precision.DATE)
@example(Facts(RECEIVED, DUE, suspensions=(STOPPED_TILL_TEN,)), ELEVEN, NINE, Precision.DATE)
@example(Facts(RECEIVED, TEN), ELEVEN, NINE, Precision.INSTANT)
def test_where_it_is_said_to_hold_all_day_every_moment_has_the_state_and_the_days(
    facts, one, other, precision
):
    verdict = classify(facts, B, as_of=one, precision=precision)
    if not holds_all_day(facts, verdict, as_of=one):
        return
    again = classify(facts, B, as_of=other, precision=precision)
    assert (verdict.state, verdict.late_days, verdict.is_late) == (
        again.state,
        again.late_days,
        again.is_late,
    )


def test_what_is_overdue_since_a_day_before_holds_all_day():
    ended = Suspension(MIDNIGHT - 4 * DAY, MIDNIGHT - timedelta(seconds=1), SuspensionKind.PAUSE)
    for told in (LONG_OVERDUE, Facts(RECEIVED, DUE, suspensions=(ended,))):
        verdict = classify(told, B, as_of=MIDNIGHT)
        assert verdict.state is State.OVERDUE
        assert holds_all_day(told, verdict, as_of=MIDNIGHT)
