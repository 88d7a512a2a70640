"""Quick pages are made one after the other, nobody waits for the end of a slow one, and one that fails holds nobody up."""

import threading
from collections.abc import Callable, Iterator

import pytest

from app.one_by_one import OneByOne


class Task:
    """A request that notes when it is worked on."""

    def __init__(self, does: Callable[[], None]) -> None:
        self.does, self.is_done, self.is_cancelled = does, threading.Event(), False

    def service(self) -> None:
        try:
            self.does()
        finally:
            self.is_done.set()

    def cancel(self) -> None:
        self.is_cancelled = True


@pytest.fixture
def threads() -> Iterator[OneByOne]:
    """Eight threads."""
    made = OneByOne()
    made.set_thread_count(8)
    yield made
    made.shutdown()
    assert not made.threads


def given(threads: OneByOne, *doings: Callable[[], None]) -> list[Task]:
    tasks = [Task(each) for each in doings]
    for task in tasks:
        threads.add_task(task)
    return tasks


def test_quick_pages_are_made_in_their_order_and_one_at_a_time(threads: OneByOne):
    order: list[int] = []
    here: list[int] = []

    def page(number: int) -> Callable[[], None]:
        def make() -> None:
            here.append(number)
            assert here == [number]
            order.append(number)
            here.remove(number)

        return make

    tasks = given(threads, *map(page, range(500)))
    assert all(task.is_done.wait(30) for task in tasks)
    assert order == list(range(500))


def test_pages_go_on_beside_slow_ones_up_to_the_number_of_threads(threads: OneByOne):
    goes_on = threading.Event()

    def slow() -> None:
        assert goes_on.wait(60)

    slow_ones = given(threads, *[slow] * 7)
    quick = given(threads, *[lambda: None] * 50)
    assert all(task.is_done.wait(30) for task in quick)
    assert not any(task.is_done.is_set() for task in slow_ones)
    goes_on.set()
    assert all(task.is_done.wait(30) for task in slow_ones)


def test_a_page_that_breaks_off_holds_nobody_up(threads: OneByOne):
    def broken() -> None:
        raise SystemExit

    tasks = given(threads, broken, lambda: None, broken, lambda: None)
    assert all(task.is_done.wait(30) for task in tasks)


def test_what_is_still_waiting_at_the_end_is_cancelled():
    threads = OneByOne()
    waiting = given(threads, lambda: None, lambda: None)  # no thread is there to take them
    assert threads.shutdown()
    assert [task.is_cancelled for task in waiting] == [True, True]
    assert not any(task.is_done.is_set() for task in waiting)
