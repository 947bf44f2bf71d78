"""Memory running out: down the rungs, with notice, with nothing kept alive."""

from __future__ import annotations

import weakref

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.errors import (
    OutOfMemory,
)
from studio.models.manager import LeaseOptions
from tests.models.fakes import Block, Studio


class Hungry:
    """Work that takes `needs[rung]` bytes on top of the engine's, and keeps it in its frames."""

    def __init__(self, needs) -> None:
        self.needs, self.rungs, self.big = needs, [], []

    def __call__(self, engine):
        self.rungs.append(engine.rung)
        assert all(big() is None for big in self.big), "the last attempt's tensors are still alive"
        first = Block(engine.world.memory, 1)
        self.big.append(weakref.ref(first))
        second = Block(engine.world.memory, self.needs[engine.rung])
        return first is not second and engine.rung


def test_memory_running_out_goes_down_the_rungs_with_notices_and_is_remembered(studio):
    manager = (s := studio().add("a", sizes=(900, 800, 700))).start()
    work, said = Hungry((9500, 9300, 100)), []
    assert manager.run("image/a", LeaseOptions(notify=said.append, shape="big"), work) == 2
    assert work.rungs == [0, 1, 2]
    assert said == [
        "image/a runs with VAE slicing instead of full: memory ran out before",
        "image/a runs with half size instead of full: memory ran out before",
    ]
    again = Hungry((9500, 9300, 100))
    manager.run("image/a", LeaseOptions(notify=said.append, shape="big"), again)
    assert again.rungs == [2], "the rung that worked was forgotten"
    assert len(said) == 3
    small = Hungry((10, 10, 10))
    manager.run("image/a", LeaseOptions(notify=said.append, shape="small"), small)
    assert small.rungs == [0], "work of another shape was made worse"
    assert s.world.memory.live == 900


def test_a_fixed_rung_is_not_changed(studio):
    manager = studio().add("a", sizes=(900, 800, 700)).start()
    work = Hungry((9500, 9500, 100))
    with pytest.raises(OutOfMemory, match="image/a ran out of memory with VAE slicing: CUDA out of memory"):
        manager.run("image/a", LeaseOptions(fixed_rung=1), work)
    assert work.rungs == [1]
    assert manager.run("image/a", None, lambda engine: engine.rung) == 0, "a fixed rung was left to the next caller"


def test_the_last_rung_that_does_not_fit_is_an_error(studio):
    manager = (s := studio().add("a", sizes=(900, 800))).start()
    with pytest.raises(OutOfMemory, match="VAE slicing"):
        manager.run("image/a", None, Hungry((9500, 9500)))
    assert s.world.memory.used == 800


def test_a_model_too_big_to_load_starts_lower_with_notice(studio):
    manager = studio().add("a", sizes=(11_000, 800)).start()
    said: list[str] = []
    assert manager.run("image/a", LeaseOptions(notify=said.append), lambda engine: engine.rung) == 1
    assert said == ["image/a runs with VAE slicing instead of full: memory ran out before"]


def test_a_card_that_says_it_will_not_fit_is_believed(studio):
    manager = studio().add("a", sizes=(900, 800), memory=(12_000_000_000, 1000)).start()
    said: list[str] = []
    assert manager.run("image/a", LeaseOptions(notify=said.append), lambda engine: engine.rung) == 1
    assert said[0].endswith("full needs 12.0 GB and the device offers 0.0 GB")
    assert manager.snapshot()["models"]["image/a"]["statistics"]["loads"] == 1


@settings(max_examples=15, deadline=None)
@given(
    needs=st.lists(st.integers(0, 12_000), min_size=1, max_size=4),
    fixed=st.none() | st.integers(0, 3),
)
def test_rungs_strictly_decrease_and_end(needs, fixed):
    s = Studio()
    s.add("a", sizes=(100,) * len(needs), rungs=tuple(f"rung {n}" for n in range(len(needs))))
    manager, work = s.start(), Hungry(needs)
    fixed = None if fixed is None else min(fixed, len(needs) - 1)
    fits = [n for n, need in enumerate(needs) if need + 101 <= 10_000 and fixed in (None, n)]
    try:
        assert manager.run("image/a", LeaseOptions(fixed_rung=fixed), work) == fits[0]
    except OutOfMemory:
        assert not fits
    assert work.rungs == ([fixed] if fixed is not None else list(range(fits[0] + 1 if fits else len(needs))))
    assert manager.close()
    assert s.world.memory.used == 0
