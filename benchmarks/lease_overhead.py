"""What a lease costs: the manager against a bare threading.Lock, and a model swap against plain construct and close.

    python -m benchmarks.lease_overhead

Prints medians and the ratio to the named alternative, measured in the same run, turn about.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable

from studio.contracts import Engine
from studio.models.cards import EngineCard
from studio.models.devices import cpu_device
from studio.models.manager import ManagerOptions, ModelManager
from studio.models.memory import give_back
from studio.models.registry import Registry

ROUNDS = 40
LEASES = 200
SWAPS = 5


class Empty(Engine):
    """Loads nothing, so that only the manager's own time is left."""

    task = "image"


class Weights(Engine):
    """32 MB, written once: a load that costs what touching memory costs."""

    task = "image"

    def warm_up(self) -> None:
        self.weights = [bytearray(b"\1" * 2**20) for _ in range(32)]

    def close(self) -> None:
        self.weights = []


def card(name: str) -> EngineCard:
    return EngineCard(name=name, task="image", title=name, implementation="benchmarks:None")


def timed(work: Callable[[], None], times: int) -> float:
    """Seconds one call of `work` takes, averaged over `times`."""
    began = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - began) / times


def compare(title: str, ours: Callable[[], None], theirs: dict[str, Callable[[], None]], times: int) -> None:
    seconds: dict[str, list[float]] = {"manager": [], **{name: [] for name in theirs}}
    for _ in range(ROUNDS):
        for name, work in {"manager": ours, **theirs}.items():
            seconds[name].append(timed(work, times))
    mine = statistics.median(seconds.pop("manager"))
    print(f"{title}: {mine * 1e6:.1f} us")
    for name, each in seconds.items():
        other = statistics.median(each)
        print(f"    {mine / other:8.2f}x  {name} ({other * 1e6:.2f} us)")


def lock_once() -> Callable[[], None]:
    lock = threading.Lock()

    def once() -> None:
        with lock:
            pass

    return once


def hand_over() -> Callable[[], None]:
    """The least any design with an owning thread can cost: a message there, an answer back."""
    from queue import SimpleQueue

    there: SimpleQueue[int] = SimpleQueue()
    back: SimpleQueue[int] = SimpleQueue()

    def serve() -> None:
        while True:
            back.put(there.get())

    threading.Thread(target=serve, daemon=True).start()

    def once() -> None:
        there.put(1)
        back.get()

    return once


def main() -> None:
    registry = Registry()
    for name in ("a", "b"):
        registry.register(card(f"empty-{name}"), Empty)
        registry.register(card(f"weights-{name}"), Weights)
    manager = ModelManager(registry, cpu_device(), ManagerOptions(ram_bytes=0))

    def lease() -> None:
        with manager.lease("image/empty-a"):
            pass

    lease()
    alternatives = {"threading.Lock": lock_once(), "a message to a thread and back": hand_over()}
    compare("a lease of a resident engine", lease, alternatives, LEASES)

    def swap(kind: str) -> None:
        for name in ("a", "b"):
            with manager.lease(f"image/{kind}-{name}"):
                pass

    def plain(collect: bool) -> None:
        for name in ("a", "b"):
            engine = Weights(name, "cpu")
            engine.warm_up()
            engine.close()
            del engine
            if collect:
                # Twice, as the manager does: after warming up and after closing.
                give_back()
                give_back()

    compare(
        "two swaps of 32 MB models",
        lambda: swap("weights"),
        {
            "construct, warm up, close": lambda: plain(False),
            "the same, and memory given back": lambda: plain(True),
        },
        SWAPS,
    )
    manager.close()


if __name__ == "__main__":
    main()
