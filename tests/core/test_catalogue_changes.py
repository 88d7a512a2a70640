"""What a row of a catalogue changes in the limits of its procedure: new, changed, unchanged, or refused with a reason."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.ingest.catalogue_changes import FROM_THE_FIRST, change_limits
from tracker.types.catalogue import KeptLimit, LimitTold


def limit(text="10 ngày làm việc", since="2020-01-01", until=None, channel="", case="", source="QĐ 1"):
    day = date.fromisoformat
    return LimitTold(
        channel, case, text, "", "", day(since) if since else None, day(until) if until else None, source
    )


def kept(*limits):
    return [KeptLimit(number, each) for number, each in enumerate(limits, 1)]


def outcome(stored, *told):
    changes = change_limits(kept(*stored), list(enumerate(told, 2)))
    return [each.verdict.value for each in changes.outcomes], changes


def test_a_first_limit_is_new_and_one_without_a_day_holds_from_the_first():
    verdicts, changes = outcome([], limit(since=None))
    assert verdicts == ["new"]
    assert changes.writes == [KeptLimit(0, limit(since=FROM_THE_FIRST.isoformat()))]


def test_the_same_limit_again_is_unchanged_with_and_without_its_day():
    for since in ("2020-01-01", None):
        verdicts, changes = outcome([limit()], limit(since=since))
        assert (verdicts, changes.writes) == (["unchanged"], [])


def test_what_a_row_does_not_tell_stays():
    verdicts, changes = outcome([limit(until="2024-12-31")], limit("8 ngày", source=""))
    assert verdicts == ["changed"]
    assert changes.writes == [KeptLimit(1, limit("8 ngày", until="2024-12-31"))]


def test_a_later_limit_ends_the_open_one_on_the_day_before():
    verdicts, changes = outcome([limit()], limit("8 ngày làm việc", since="2025-07-01"))
    assert verdicts == ["new"]
    assert changes.closed == 1
    assert [each.limit.valid_to for each in changes.writes] == [date(2025, 6, 30), None]


def test_an_earlier_limit_ends_before_the_known_one_by_itself():
    verdicts, changes = outcome([limit()], limit("8 ngày làm việc", since="2019-01-01"))
    assert (verdicts, changes.closed) == (["new"], 0)
    assert [each.limit.valid_to for each in changes.writes] == [date(2019, 12, 31)]


@pytest.mark.parametrize(
    ("stored", "told", "words"),
    [
        ([limit()], limit("8 ngày", since=None), "ghi ngày áp dụng"),
        (
            [limit(until="2025-12-31")],
            limit("8 ngày", since="2025-07-01"),
            "chồng lên thời hạn “10 ngày làm việc”",
        ),
        ([limit(since="2025-01-01")], limit("8 ngày", "2024-01-01", "2025-02-01"), "đến nay"),
    ],
)
def test_a_row_of_which_nobody_could_say_what_counts_is_refused(stored, told, words):
    verdicts, changes = outcome(stored, told)
    assert verdicts == ["rejected"]
    assert words in changes.outcomes[0].message
    assert changes.writes == []


def test_a_refused_row_leaves_no_trace_in_the_others():
    verdicts, changes = outcome(
        [limit()], limit("8 ngày", "2022-01-01", "2025-12-31"), limit("9 ngày", "2024-01-01")
    )
    assert verdicts == ["new", "rejected"]
    assert [(each.limit_id, each.limit.valid_to) for each in changes.writes] == [
        (1, date(2021, 12, 31)),
        (0, date(2025, 12, 31)),
    ]


def test_a_row_that_contradicts_one_above_it_is_refused_and_names_it():
    verdicts, changes = outcome([], limit(), limit("8 ngày"), limit())
    assert verdicts == ["new", "rejected", "unchanged"]
    assert "trùng với dòng 2" in changes.outcomes[1].message


def test_channels_and_cases_go_their_own_ways():
    told = (limit(), limit("5 ngày làm việc", channel="online"), limit("30 ngày", case="Phải xác minh"))
    verdicts, changes = outcome([], *told)
    assert verdicts == ["new"] * 3
    assert [each.limit for each in changes.writes] == list(told)


days = st.dates(date(2019, 1, 1), date(2024, 12, 31))
limits = st.builds(
    lambda channel, text, since, length: limit(
        text,
        since.isoformat(),
        None if length is None else date.fromordinal(since.toordinal() + length).isoformat(),
        channel,
    ),
    st.sampled_from(["", "online"]),
    st.sampled_from(["5 ngày", "9 ngày"]),
    days,
    st.none() | st.integers(0, 900),
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(limits, max_size=7), st.lists(limits, max_size=7))
def test_no_two_limits_of_a_slot_ever_hold_on_one_day_and_a_file_taken_in_whole_is_unchanged_next_time(
    first, second
):
    standing: list[KeptLimit] = []
    for told in (first, second):
        rows = list(enumerate(told, 2))
        changes = change_limits(standing, rows)
        assert sorted(each.row for each in changes.outcomes) == [row for row, _ in rows]
        by_id = {each.limit_id: each for each in standing}
        for write in changes.writes:
            number = write.limit_id or len(by_id) + 1
            by_id[number] = KeptLimit(number, write.limit)
        standing = list(by_id.values())
        again = change_limits(standing, rows)
        refused = {each.row for each in changes.outcomes if each.verdict == "rejected"}
        if not refused:  # a row that was refused may have had its say in what the others came to
            assert again.writes == []
            assert {each.verdict for each in again.outcomes} <= {"unchanged"}
    for one in standing:
        for other in standing:
            if (
                one is not other
                and one.limit.slot == other.limit.slot
                and one.limit.valid_from <= other.limit.valid_from
            ):
                assert one.limit.valid_to < other.limit.valid_from
