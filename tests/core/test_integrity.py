"""The rules of the signs, one boundary a row: what is pointed out, and what explains it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

import pytest

from tracker.calendar_data import load_calendar
from tracker.integrity_data import load_integrity
from tracker.measures.integrity import (
    Around,
    Sign,
    UnitEnds,
    Withdrawals,
    judge,
    move_signs,
    units_with_unusual_ends,
    waves,
)
from tracker.measures.integrity_history import (
    Days,
    DueTold,
    EventTold,
    Held,
    History,
    LetterTold,
    PauseTold,
    StepTold,
    Telling,
    VersionTold,
)
from tracker.measures.integrity_rules import rule_text, rules_on
from tracker.types import VN
from tracker.types.findings import (
    Evidence,
    EvidenceSide,
    FindingKind,
    Seen,
    evidence_text,
    read_evidence,
)

DAYS = Days(load_calendar())
RULES = rules_on(load_integrity(), date(2026, 8, 1))


def at(day: int, hour: int = 16, minute: int = 20, month: int = 7, second: int = 10) -> int:
    """A moment of July 2026; the 15th is a Wednesday."""
    return int(datetime(2026, month, day, hour, minute, second, tzinfo=VN).timestamp())


RECEIVED, DUE, TEN_LATER = at(1, 8), at(15), at(29)
LOADS = {1: at(1, 20), 2: at(14, 20), 3: at(17, 20), 4: at(20, 20)}


def told(load: int) -> Telling:
    return Telling(LOADS[load], load)


def held(load: int) -> Held:
    return Held(LOADS[load], told(load))


FIRST = Held(RECEIVED, None)


def version(load: int = 1, before: Held = FIRST, **given: object) -> VersionTold:
    plain = VersionTold("processing", DUE, None, None, True, 1, told(load), before)
    return plain._replace(**given)


def moved(
    to: int = at(23), *, load: int = 4, last: int = 3, documented: int | None = DUE, **given: object
) -> History:
    """Received on the 1st, due on the 15th; another date told by a load, the old one last by the one before."""
    dues = [DueTold(0, DUE, 1, told(1), FIRST), DueTold(1, to, 1, told(load), held(last))]
    versions = [version(), version(load, held(last), due=to)]
    return replace(History(7, 3, RECEIVED, documented, dues, versions), **given)


def signs(history: History, *, now: int = at(31), unusual: frozenset[int] = frozenset()) -> list[Sign]:
    judged = judge(history, DAYS, Around(now, RULES, {}, unusual))
    return [*judged.signs, *move_signs(judged.moves, RULES)]


def kinds(history: History, **given: object) -> set[FindingKind]:
    return {sign.kind for sign in signs(history, **given)}


AFTER, LAST_DAY, RESET = FindingKind.MOVED_AFTER, FindingKind.MOVED_LAST_DAY, FindingKind.MOVED_FULL_TERM
UNEXPLAINED = FindingKind.MOVED_UNEXPLAINED


# ---------------------------------------------------------------- moves


@pytest.mark.parametrize(
    ("history", "found"),
    [
        (moved(), {AFTER}),
        (moved(at(31)), {AFTER, RESET}),
        (moved(at(23), load=3, last=2), {LAST_DAY}),
        (moved(at(29), load=2, last=1), {UNEXPLAINED}),
        (moved(at(17), load=2, last=1), set()),  # two days beyond: programs count differently
        (moved(at(13)), set()),
        (moved(documented=at(23)), set()),
        (moved(documented=at(22)), {AFTER}),
        (moved(letters=[LetterTold(at(23), at(16))]), set()),
        (moved(letters=[LetterTold(at(22), at(16))]), {AFTER}),
        (moved(letters=[LetterTold(at(23), at(28))]), {AFTER}),
        (moved(pauses=[PauseTold("financial", at(14), None, told(2), held(1))]), set()),
        (moved(pauses=[PauseTold("financial", at(14), at(20), told(2), held(1))], documented=at(21)), set()),
        (moved(pauses=[PauseTold("financial", at(14), at(20), told(2), held(1))], documented=None), set()),
        (moved(pauses=[PauseTold("none", at(14), None, told(2), held(1))]), {AFTER}),
        (moved(received=None), set()),
    ],
)
def test_a_move_is_pointed_out_only_where_nothing_explains_it(history: History, found: set[FindingKind]):
    assert kinds(history) == found


def test_of_a_source_that_tells_no_suspensions_only_a_move_after_the_date_is_pointed_out():
    unknown = [version(pauses_known=False), version(4, held(3), due=at(23), pauses_known=False)]
    assert kinds(moved(versions=unknown)) == {AFTER}
    early = [version(pauses_known=False), version(2, held(1), due=at(29), pauses_known=False)]
    assert kinds(moved(at(29), load=2, last=1, versions=early)) == set()


@pytest.mark.parametrize("status", ["awaiting_fee", "awaiting_supplement", "stopped", "unknown"])
def test_while_it_waits_for_somebody_else_a_date_that_moves_is_no_sign_of_lateness(status: str):
    waiting = [version(status=status), version(4, held(3), due=at(23))]
    assert AFTER not in kinds(moved(versions=waiting))


def test_a_date_put_right_within_hours_of_reception_is_no_sign():
    loads = [
        DueTold(0, DUE, 1, told(1), FIRST),
        DueTold(1, at(29), 1, Telling(at(2, 20), 2), Held(at(1, 9), told(1))),
    ]
    history = moved(dues=loads, versions=[version(), version(2, Held(at(1, 9), told(1)), due=at(29))])
    assert kinds(history) == set()


def test_a_term_given_anew_is_told_from_any_other_date():
    reset = moved(at(24), load=2, last=1, documented=None)
    assert RESET not in kinds(reset)
    early = [
        DueTold(0, DUE, 1, told(1), FIRST),
        DueTold(1, at(21), 1, Telling(at(7, 20), 2), Held(at(6, 20), told(1))),
    ]
    versions = [version(), version(2, Held(at(6, 20), told(1)), due=at(21))]
    assert RESET in kinds(moved(dues=early, versions=versions))
    assert RESET not in kinds(
        moved(dues=[early[0], early[1]._replace(before=Held(at(1, 20), told(1)))], versions=versions)
    )


def test_another_source_that_takes_over_moves_nothing():
    dues = [DueTold(0, DUE, 1, told(1), FIRST), DueTold(1, at(23), 2, told(4), held(3))]
    assert kinds(moved(dues=dues)) == set()


def test_ten_of_a_unit_on_one_day_by_the_same_days_are_a_bulk_and_nine_are_not():
    def of(count: int) -> set[FindingKind]:
        moves = []
        for number in range(count):
            one = replace(moved(at(29), load=2, last=1), dossier_id=number)
            moves += judge(one, DAYS, Around(at(31), RULES)).moves
        return {sign.kind for sign in move_signs(moves, RULES)}

    assert of(RULES.bulk_least) == {FindingKind.MOVED_IN_BULK}
    assert of(RULES.bulk_least - 1) == {UNEXPLAINED}


# ---------------------------------------------------------------- suspensions


def paused(
    kind: str = "supplement", start: int = at(14), end: int | None = at(20), **given: object
) -> History:
    """Told as at work on the 17th, two days after the date; on the 20th with a suspension."""
    pause = PauseTold(kind, start, end, told(4), held(3))
    dues = [DueTold(0, DUE, 1, told(1), FIRST)]
    versions = [version(), version(4, held(3))]
    return replace(History(7, 3, RECEIVED, DUE, dues, versions, pauses=[pause]), **given)


SUSPENDED, ON_LAST_DAY = FindingKind.SUSPENDED_AFTER, FindingKind.SUSPENDED_LAST_DAY


@pytest.mark.parametrize(
    ("history", "found"),
    [
        (paused(), {SUSPENDED}),
        (paused(end=None), {SUSPENDED}),
        (paused("financial"), {SUSPENDED}),
        (paused(start=at(16)), set()),  # it began after the date: it changes nothing
        (paused(end=at(14, 17)), set()),  # it was over before the date
        (paused(versions=[version(pauses_known=False), version(4, held(3))]), set()),
        (paused(versions=[version(status="awaiting_fee"), version(4, held(3))]), set()),
        (paused(pauses=[PauseTold("supplement", at(14), at(20), told(1), None)]), set()),
        (paused(pauses=[PauseTold("supplement", at(14), at(20), told(2), held(1))]), set()),
        (paused(pauses=[PauseTold("supplement", at(15, 9), None, told(2), held(1))]), {ON_LAST_DAY}),
        (paused(pauses=[PauseTold("pause", at(15, 9), None, told(2), held(1))]), {ON_LAST_DAY}),
        (paused(pauses=[PauseTold("financial", at(15, 9), None, told(2), held(1))]), set()),
        (paused(pauses=[PauseTold("supplement", at(15, 9), None, told(2), held(1))], received=at(13)), set()),
    ],
)
def test_a_suspension_is_pointed_out_where_it_came_too_late_or_begins_on_the_last_day(
    history: History, found: set[FindingKind]
):
    assert kinds(history) == found


# ---------------------------------------------------------------- ends


def ended(end: int, *, load: int = 4, before: Held | None = None, due: int = DUE, **given: object) -> History:
    """Open when first told, ended as a load says."""
    last = version(load, before or held(3), ended=end, end_kind="finished", status="done", due=due)
    return replace(
        History(7, 3, RECEIVED, due, [DueTold(0, due, 1, told(1), FIRST)], [version(due=due), last]), **given
    )


EQUAL, BACK, BEFORE_STEP = FindingKind.END_IS_DUE, FindingKind.END_BACKDATED, FindingKind.END_BEFORE_STEP
FULL_HOUR = at(15, 17, 0, second=0)
STEP = StepTold(at(17), "processing", "Phòng Nghiệp vụ", told(3))


@pytest.mark.parametrize(
    ("history", "found"),
    [
        (ended(at(14)), {BACK}),  # told as open two days after the date
        (ended(at(14), load=3, before=held(2)), set()),
        (ended(at(14), before=Held(at(16, 20), told(2))), set()),
        (ended(at(16)), set()),
        (ended(DUE, load=3, before=held(2)), {EQUAL}),
        (ended(DUE), {EQUAL, BACK}),
        (ended(FULL_HOUR, load=3, before=held(2), due=FULL_HOUR), set()),
        (ended(at(14), load=3, before=held(2), steps=[STEP]), {BEFORE_STEP}),
        (ended(at(14), load=3, before=held(2), steps=[STEP._replace(department="Bộ phận Một cửa")]), set()),
        (ended(at(14), load=3, before=held(2), steps=[STEP._replace(department="")]), set()),
        (ended(at(14), load=3, before=held(2), steps=[STEP._replace(status="returned")]), set()),
        (ended(at(14), load=3, before=held(2), steps=[STEP._replace(at=at(15, 8))]), set()),
        (ended(at(16), load=3, before=held(2), steps=[STEP]), set()),  # it was late anyway
    ],
)
def test_an_end_is_pointed_out_where_it_does_not_fit_what_was_told_around_it(
    history: History, found: set[FindingKind]
):
    assert kinds(history) == found


def test_without_seconds_equal_ends_are_a_sign_only_in_units_that_have_too_many():
    plain = at(15, 16, 20, second=0)
    history = ended(plain, load=3, before=held(2), due=plain, received=at(1, 8, second=0))
    assert kinds(history) == set()
    assert kinds(history, unusual=frozenset({3})) == {EQUAL}


@pytest.mark.parametrize(
    ("equal", "ended", "is_unusual"), [(10, 100, True), (9, 100, False), (10, 600, False), (12, 500, True)]
)
def test_a_unit_is_unusual_by_number_share_and_the_others(equal: int, ended: int, is_unusual: bool):
    ends = {3: UnitEnds(ended, equal), 4: UnitEnds(10_000, 30)}
    assert (3 in units_with_unusual_ends(ends, RULES)) == is_unusual


def reopened(again: int, end: int | None, closed: int = at(14)) -> History:
    events = [EventTold(closed, "finished", told(2)), EventTold(again, "reopened", told(3))]
    last = version(4, held(3), ended=end, end_kind="finished" if end else None)
    dues = [DueTold(0, DUE, 1, told(1), FIRST)]
    return History(7, 3, RECEIVED, DUE, dues, [version(), last], events=events)


@pytest.mark.parametrize(
    ("history", "is_found"),
    [
        (reopened(at(17), at(20)), True),
        (reopened(at(17), None), True),
        (reopened(at(15, 8), at(15, 9)), False),  # put right in time
        (reopened(at(29), at(30)), False),  # long after
        (reopened(at(17), at(20), closed=at(16)), False),  # late when it was closed
    ],
)
def test_an_end_in_time_that_was_undone_is_pointed_out_where_the_dossier_became_late(
    history: History, is_found: bool
):
    assert (FindingKind.REOPENED in kinds(history)) == is_found


def test_a_dossier_deleted_when_it_was_overdue_is_pointed_out_and_one_deleted_before_is_not():
    deleted = version(4, held(3), end_kind="deleted", status="deleted")
    late = History(7, 3, RECEIVED, DUE, [DueTold(0, DUE, 1, told(1), FIRST)], [version(), deleted])
    assert kinds(late) == {FindingKind.VANISHED_LATE}
    assert kinds(replace(late, versions=[version(), deleted._replace(before=held(2))])) == set()


# ---------------------------------------------------------------- waves


def days_of(*counts: tuple[int, int, int]) -> list[Withdrawals]:
    return [Withdrawals(3, day, count, late) for day, count, late in counts]


@pytest.mark.parametrize(
    ("days", "found"),
    [
        (days_of((100, 5, 3)), [100]),
        (days_of((100, 4, 4)), []),
        (days_of((100, 5, 2)), []),
        (days_of((90, 2, 0), (100, 5, 5)), []),
        (days_of((90, 2, 0), (100, 6, 6)), [100]),
        (days_of((1, 2, 0), (100, 5, 5)), [100]),
    ],
)
def test_a_wave_is_many_times_the_usual_of_what_was_due(days: Sequence[Withdrawals], found: list[int]):
    assert [wave.day for wave in waves(days, RULES)] == found


# ---------------------------------------------------------------- words and values


@pytest.mark.parametrize("kind", list(FindingKind))
def test_every_kind_says_its_rule_with_its_thresholds(kind: FindingKind):
    assert "{" not in rule_text(kind, RULES)


def test_evidence_is_read_back_as_it_was_kept():
    side = EvidenceSide(
        Seen.SUSPENSION, datetime(2026, 7, 1, tzinfo=VN), None, "supplement", 3, 2, datetime(2026, 7, 2, tzinfo=VN), 5,
        None, 4,
    )  # fmt: skip
    evidence = Evidence(side, EvidenceSide(Seen.GONE), (FindingKind.REOPENED,), {"shift_days": 2})
    assert read_evidence(evidence_text(evidence)) == evidence


def test_other_thresholds_are_another_edition():
    later = replace(RULES, valid_from=date(2027, 1, 1), bulk_least=20)
    assert rules_on((RULES, later), date(2026, 12, 31)) is RULES
    assert rules_on((RULES, later), date(2027, 1, 1)) is later
    assert rules_on((later,), date(2026, 1, 1)) is later
    assert later.version != RULES.version
