"""Items made ahead of who takes them: in order, bounded, ended with their faults."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from studio.media.ahead import Ahead


def test_items_are_made_ahead_but_no_further_than_asked() -> None:
    made: list[int] = []
    reached = threading.Event()

    def make() -> Iterator[int]:
        for number in range(10):
            made.append(number)
            if number == 2:
                reached.set()
            yield number

    taking = iter(Ahead(make, 2))
    assert next(taking) == 0
    assert reached.wait(5)  # while nobody asks for more
    assert made == [0, 1, 2]
    assert list(taking) == list(range(1, 10))


def test_a_fault_comes_after_what_was_made_before_it() -> None:
    def make() -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    taken: list[int] = []
    with pytest.raises(ValueError, match="broken"):
        taken.extend(Ahead(make, 4))
    taking = iter(Ahead(make, 4))
    assert next(taking) == 1
    with pytest.raises(ValueError, match="broken"):
        next(taking)


def test_who_stops_taking_ends_the_making_where_it_runs() -> None:
    ended: list[str] = []

    def make() -> Iterator[int]:
        try:
            yield from range(1_000_000)
        finally:
            ended.append(threading.current_thread().name)

    with closing(iter(Ahead(make, 3))) as taking:
        assert next(taking) == 0
    assert ended == ["ahead"]
    assert not any(thread.name == "ahead" for thread in threading.enumerate())
