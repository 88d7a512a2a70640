"""What a process remembers stays within its room, whatever is asked of it and however often the data change."""

import sys
from collections.abc import Hashable

import pytest

from tracker.store.remembered import MIB, ROOM, Mark, Remembered, Room, weight


def text(size: int, letter: str = "a") -> str:
    return letter * size


def test_the_answers_asked_for_last_stay():
    kept = Remembered(2, room=Room(MIB))
    for key in "ab":
        kept.keep(key, key.upper())
    assert kept.get("a") == "A"
    kept.keep("c", "C")
    assert [kept.get(key) for key in "abc"] == ["A", None, "C"]


def test_an_answer_under_another_stamp_is_none_and_the_next_one_takes_its_place():
    kept = Remembered(100, room=Room(MIB))
    kept.keep(Mark("how many", 1), "seven")
    assert kept.get(Mark("how many", 1)) == "seven"
    assert kept.get(Mark("how many", 2)) is None
    kept.keep(Mark("how many", 2), "eight")
    assert [kept.get(Mark("how many", stamp)) for stamp in (1, 2)] == [None, "eight"]
    assert len(kept.answers) == 1


def test_what_is_made_of_an_answer_and_of_something_else_that_was_asked_is_a_question_of_its_own():
    mark = Mark("how many", 1)
    assert mark.of("in English") == mark.of("in English")
    assert (
        len({mark, mark.of("in English"), mark.of("in Vietnamese"), Mark("how many", 2).of("in English")})
        == 4
    )
    kept = Remembered(100, room=Room(MIB))
    kept.keep(mark, 7)
    kept.keep(mark.of("in English"), "seven")
    assert (kept.get(mark), kept.get(mark.of("in English"))) == (7, "seven")


@pytest.mark.parametrize("keyed", [lambda n: n, lambda n: Mark(n % 50, n)], ids=["values", "marks"])
def test_however_many_answers_come_all_memories_together_stay_within_the_room(keyed):
    room = Room(200_000)
    memories = [Remembered(10_000, room=room) for _ in range(3)]
    for number in range(3_000):
        memories[number % 3].keep(keyed(number), [text(100 + number % 1_000), number])
        assert room.filled <= 200_000
    really = sum(weight((key, held.value)) for each in memories for key, held in each.answers.items())
    assert really <= 200_000
    assert all(memory.filled == sum(held.weight for held in memory.answers.values()) for memory in memories)


def test_where_the_room_is_full_the_answer_of_any_memory_that_was_not_asked_for_longest_goes():
    room = Room(40_000)
    one, other = Remembered(100, room=room), Remembered(100, room=room)
    for number in range(2):
        one.keep(number, text(9_000))
        other.keep(number, text(9_000))
    assert one.get(0)
    one.keep("new", text(9_000))
    assert [memory.get(number) is None for memory in (one, other) for number in range(2)] == [
        False,
        False,
        True,
        False,
    ]


def test_a_memory_with_a_share_takes_no_more_of_the_room():
    room = Room(MIB)
    kept = Remembered(10_000, share=20_000, room=room)
    for number in range(500):
        kept.keep(number, text(1_000))
    assert 10 < len(kept.answers) < 20
    assert kept.filled == room.filled <= 20_000


def test_an_answer_of_more_than_a_quarter_of_the_room_is_not_kept_and_no_old_one_in_its_place():
    room = Room(40_000)
    kept = Remembered(10, room=room)
    kept.keep("small", text(100))
    kept.keep("grown", text(100))
    kept.keep("grown", text(30_000))
    assert (kept.get("small"), kept.get("grown")) == (text(100), None)


def test_a_smaller_room_is_cleared_out_at_once():
    room = Room(MIB)
    kept = Remembered(1_000, room=room)
    for number in range(100):
        kept.keep(number, text(5_000))
    room.limit(50_000)
    assert room.filled <= 50_000
    assert kept.get(99)


def test_a_memory_that_is_gone_takes_no_room():
    room = Room(MIB)
    kept = Remembered(10, room=room)
    kept.keep("a", text(10_000))
    assert room.filled > 10_000
    del kept
    assert room.filled == 0


def test_a_memory_put_aside_takes_no_room_and_comes_back_as_it_was():
    room = Room(MIB)
    kept = Remembered(10, room=room)
    kept.keep("a", "A")
    before = room.filled
    with kept.emptied():
        assert kept.get("a") is None
        kept.keep("b", text(10_000))
    assert (kept.get("a"), kept.get("b"), room.filled) == ("A", None, before)


@pytest.mark.parametrize(
    ("told", "least"),
    [
        (text(1_000), 1_000),
        ([text(1_000, letter) for letter in "abc"], 3_000),
        ({"a": (text(2_000), [text(500)])}, 2_500),
        (Mark(("a", text(700)), 1), 700),
    ],
    ids=["text", "list", "nested", "object"],
)
def test_an_object_weighs_what_all_that_it_is_made_of_weighs(told: Hashable, least: int):
    assert least < weight(told) < least + 1_500


def test_what_is_in_an_object_twice_is_weighed_once_and_a_class_or_function_not_at_all():
    shared = text(10_000)
    assert weight([shared, shared, (shared,)]) < 10_500
    assert weight([sys, Remembered, text, shared.upper]) < 500


def test_weighing_stops_where_it_is_too_much():
    assert 1_000 < weight([text(1_000, chr(97 + n)) for n in range(26)], 1_000) < 3_000


def test_the_memories_of_the_program_share_one_room():
    from app import cause_page, cockpit_page, kept_pieces, unit_words
    from app.drawn import Drawn
    from tracker.pipeline import budget, cause_overview, causes, saving, scores, simulating, unit_home
    from tracker.store import late_page, late_queries, rate_reading

    memories = {
        cause_page.PAGES, cockpit_page.SHOWN, kept_pieces.DRAWN, unit_words.CHARTS, Drawn()._kept, budget.BUDGETS, budget.STAKES,
        cause_overview.OVERVIEWS, causes.ANSWERS, saving.RANKED, saving.SHOWN, scores.REMEMBERED, simulating.GROUNDS,
        simulating.CHOSEN, unit_home.FIGURES, late_page.LINES, late_queries.TALLIES, rate_reading.REMEMBERED,
    }  # fmt: skip
    assert memories <= set(ROOM.memories)
