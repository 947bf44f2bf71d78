"""Memory over 1,000 model swaps, through the manager with its real gauge, beside the same models with no manager.

    python -m benchmarks.model_swaps [SWAPS]

Each model is 48 MB in blocks small enough for the C library to keep after they are freed, which is where other tools
lose RAM. Prints the process's resident memory after each swap (the manager keeps the last model loaded, the other way
does not), its growth over the run, and milliseconds a swap.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable

from studio.contracts import Engine
from studio.models.cards import EngineCard
from studio.models.devices import cpu_device
from studio.models.manager import ManagerOptions, ModelManager
from studio.models.memory import ProcessGauge
from studio.models.registry import Registry

SIZES = {"a": 3000, "b": 2000, "c": 4000}
BLOCK = 16_384


class Shelf(Engine):
    task = "image"

    def warm_up(self) -> None:
        self.weights = [bytearray(BLOCK) for _ in range(SIZES[self.name])]
        self.itself = self  # a cycle, as real models have

    def close(self) -> None:
        self.weights = []


def report(title: str, swap: Callable[[str], None], swaps: int) -> None:
    gauge, used, began = ProcessGauge(), [], time.perf_counter()
    start = gauge.read().used
    for turn in range(swaps):
        swap("abc"[turn % 3])
        used.append(gauge.read().used)
    seconds = (time.perf_counter() - began) / swaps
    tenth = max(3, swaps // 10)
    early, late = max(used[3 : 3 + tenth]), max(used[-tenth:])
    print(f"{title}: {swaps} swaps, {seconds * 1e3:.1f} ms each; resident at start {start / 1e6:.0f} MB,")
    print(f"    highest {max(used) / 1e6:.0f} MB, first tenth {early / 1e6:.1f} MB, last tenth {late / 1e6:.1f} MB,")
    print(f"    growth {(late - early) / 1e6:+.2f} MB", end="")


def managed(swaps: int) -> None:
    registry = Registry()
    for name in SIZES:
        registry.register(EngineCard(name=name, task="image", title=name, implementation="benchmarks:None"), Shelf)
    manager = ModelManager(registry, cpu_device(), ManagerOptions(ram_bytes=0))

    def swap(name: str) -> None:
        with manager.lease(f"image/{name}"):
            pass

    report("the manager", swap, swaps)
    loads = sum(model["statistics"]["loads"] for model in manager.snapshot()["models"].values())
    manager.close()
    print(f", after closing {ProcessGauge().read().used / 1e6:.0f} MB ({loads} loads)")


def plain(swaps: int) -> None:
    def swap(name: str) -> None:
        engine = Shelf(name, "cpu")
        engine.warm_up()
        engine.close()

    report("construct and close", swap, swaps)
    print()


def main() -> None:
    swaps = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    if len(sys.argv) > 2:
        {"managed": managed, "plain": plain}[sys.argv[2]](swaps)
        return
    for kind in ("managed", "plain"):
        # A process each, so that neither inherits the other's heap.
        subprocess.run([sys.executable, "-m", "benchmarks.model_swaps", str(swaps), kind], check=True)


if __name__ == "__main__":
    main()
