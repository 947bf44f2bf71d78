"""The outside world of the model manager in tests: a device's memory, its clock, and engines that take room on it.

Memory works as on a GPU under torch: a block lives as long as something refers to it, then goes to a cache, and comes
back to the device only when the cache is emptied. An engine, an exception or a traceback that is kept keeps its bytes.
"""

from __future__ import annotations

import gc
import time
import weakref
from collections import deque
from dataclasses import dataclass

from studio.contracts import Engine
from studio.models.cards import EngineCard
from studio.models.devices import Device
from studio.models.manager import ManagerOptions, ModelManager
from studio.models.memory import Clock, Reading
from studio.models.mover import Mover, Outside
from studio.models.options import Place
from studio.models.outcomes import LeaseOptions, Ticket
from studio.models.registry import Registry
from studio.models.scheduler import Scheduler


class FakeClock:
    def __init__(self) -> None:
        self.time = 1000.0
        self.clock = Clock(now=lambda: self.time, sleep=self.pass_time)

    def pass_time(self, seconds: float) -> None:
        self.time += seconds


class Block:
    """`size` bytes on the device, for as long as the object lives."""

    def __init__(self, memory: FakeMemory, size: int) -> None:
        if memory.used + size > memory.total:
            memory.empty_cache()
        if memory.used + size > memory.total:
            raise FakeOutOfMemoryError(f"CUDA out of memory. Tried to allocate {size} bytes")
        memory.live += size
        weakref.finalize(self, memory.forget, size).atexit = False


class FakeOutOfMemoryError(RuntimeError):
    """Named as torch names its own, and as little related to ours."""


FakeOutOfMemoryError.__name__ = "OutOfMemoryError"


class FakeMemory:
    """The gauge, and the memory it measures."""

    def __init__(self, total: int = 10_000, settle_seconds: float = 5.0) -> None:
        self.total, self.live, self.cached, self.settle_seconds = total, 0, 0, settle_seconds

    @property
    def used(self) -> int:
        return self.live + self.cached

    def forget(self, size: int) -> None:
        self.live -= size
        self.cached += size

    def empty_cache(self) -> None:
        self.cached = 0

    def collect(self) -> None:
        gc.collect()
        self.empty_cache()

    def read(self) -> Reading:
        return Reading(self.used, self.total)


@dataclass
class Fate:
    """What happens to the next thing the mover does; back to "ok" once it has happened."""

    next: str = "ok"

    def meet(self, *kinds: str) -> str:
        met, self.next = (self.next, "ok") if self.next in kinds else ("ok", self.next)
        return met


class FakeEngine(Engine):
    """Takes `sizes[rung]` bytes of the device while it is on it."""

    task = "image"

    def __init__(self, world: World, size: int, identity: tuple[str, str, int]) -> None:
        super().__init__(*identity)
        self.world, self.size = world, size
        self.block: Block | None = Block(world.memory, size)
        self.warm, self.closed, self.left_behind, self.uses = False, False, "", 0
        world.engines.add(self)
        if (fate := world.fate.meet("load fails", "load runs out")) != "ok":
            raise _fault(fate)

    def warm_up(self) -> None:
        self.workspace = Block(self.world.memory, 7)
        if (fate := self.world.fate.meet("warm-up fails", "warm-up runs out")) != "ok":
            raise _fault(fate)
        del self.workspace
        self.warm = True

    def residue(self) -> str:
        return self.left_behind

    def close(self) -> None:
        if self.world.fate.meet("close fails") != "ok":
            raise ValueError("this engine does not close")
        self.block, self.closed, self.warm = None, True, False


class KeepableEngine(FakeEngine):
    def leave_device(self) -> bool:
        if self.world.fate.meet("leaving fails") != "ok":
            raise ValueError("this engine does not leave")
        self.block = None
        return True

    def enter_device(self) -> None:
        if self.world.fate.meet("load fails") != "ok":
            raise _fault("load fails")
        self.block = Block(self.world.memory, self.size)


def _fault(fate: str) -> Exception:
    return FakeOutOfMemoryError("CUDA out of memory") if "runs out" in fate else ValueError("bad weights")


class World:
    """Memory, clock and engines. `card` and `factory` make what a registry needs."""

    def __init__(self, total: int = 10_000, clock: FakeClock | None = None) -> None:
        self.memory = FakeMemory(total, 5.0 if clock else 0.0)
        self.fate = Fate()
        self.engines: weakref.WeakSet[FakeEngine] = weakref.WeakSet()
        self.outside = Outside(self.memory, clock.clock if clock else Clock(), free=self.memory.collect)

    def on_device(self) -> list[FakeEngine]:
        return [engine for engine in self.engines if engine.block is not None and engine.size]

    def factory(self, sizes: tuple[int, ...], kind: type[FakeEngine] = FakeEngine):
        return lambda name, device, rung: kind(self, sizes[rung], (name, device, rung))


def card(name: str, **values) -> EngineCard:
    rungs = values.get("rungs", ("full",))
    return EngineCard(**{"name": name, "task": "image", "title": name, "implementation": "tests:None",
                         "memory": (1,) * len(rungs), **values})  # fmt: skip


GPU = Device("cuda", "a pretended GPU", "float16", "as the test wants it")
RUNGS = ("full", "VAE slicing", "half size")


class Studio:
    """A manager over a fake device of 10,000 bytes."""

    def __init__(self, **options) -> None:
        self.world, self.registry = World(), Registry()
        self.options = ManagerOptions(ram_bytes=options.pop("ram_bytes", 0), **options)

    def add(self, name, sizes=(1000,), kind=FakeEngine, **values):
        values.setdefault("rungs", RUNGS[: len(sizes)])
        self.registry.register(card(name, **values), self.world.factory(sizes, kind))
        return self

    def start(self) -> ModelManager:
        self.manager = ModelManager(self.registry, GPU, self.options, self.world.outside)
        return self.manager


def wait_for(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.002)


class HandCranked:
    """A scheduler and a mover without threads: the test decides when the mover works."""

    def __init__(self, s: Studio, clock: FakeClock, unified: bool = False) -> None:
        self.clock, self.orders = clock, deque()
        s.world.outside = Outside(s.world.memory, clock.clock, free=s.world.memory.collect)
        place = Place(s.world.memory.total, s.options.ram_bytes or 0, unified)
        self.scheduler = Scheduler(
            s.registry, place, s.options, clock.clock, lambda _, order: self.orders.append(order)
        )  # fmt: skip
        self.mover, self._count = Mover("cuda", s.world.outside, self.scheduler), 0

    def ask(self, key: str, options: LeaseOptions | None = None) -> Ticket:
        self._count += 1
        ticket = Ticket(self._count, key, options or LeaseOptions(), self.clock.time)
        self.scheduler.ask(ticket)
        return ticket

    def turn(self, times: int = 1) -> None:
        """The mover carries out its next orders."""
        for _ in range(times):
            self.mover.perform(self.orders.popleft())

    def state(self, key: str) -> str:
        return self.scheduler.slots[key].state.value
