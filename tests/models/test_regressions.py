"""What users of other managers suffered, each as a test."""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest

from studio.cancellation import CancelToken
from studio.errors import Cancelled, StudioError
from studio.models.manager import LeaseOptions
from studio.models.outcomes import Granted
from studio.settings import ROOT
from tests.models.fakes import Block, FakeClock, FakeEngine, HandCranked, Studio, card, wait_for


@pytest.mark.parametrize("orders_done", [0, 1])
def test_llama_swap_946_a_request_during_the_idle_unload_is_served(orders_done):
    crank = HandCranked(Studio(idle_seconds=50).add("a"), FakeClock())
    first = crank.ask("image/a")
    crank.turn()
    assert isinstance(first.wait(), Granted)
    crank.scheduler.release(first, 1.0, "")
    crank.clock.pass_time(50)
    crank.scheduler.tick()
    assert crank.state("image/a") == "unloading"
    crank.turn(orders_done)
    request = crank.ask("image/a")
    assert not request.resolved
    crank.turn(2 - orders_done)
    assert isinstance(request.wait(), Granted)
    assert crank.scheduler.stalled_for() == 0


_SWAPS = """
from studio.contracts import Engine
from studio.models.devices import cpu_device
from studio.models.manager import ManagerOptions, ModelManager
from studio.models.memory import ProcessGauge
from studio.models.registry import Registry
from studio.settings import ROOT
from tests.models.fakes import card

class Shelf(Engine):
    # 40 MB in blocks small enough for the C library to keep for itself
    task = "image"

    def warm_up(self):
        self.weights = [bytearray(16_384) for _ in range(2500)]

    def close(self):
        self.weights = []

registry = Registry()
for name in "ab":
    registry.register(card(name), Shelf)
manager = ModelManager(registry, cpu_device(), ManagerOptions(ram_bytes=0))
gauge, used = ProcessGauge(), []
for turn in range(24):
    with manager.lease(f"image/{'ab'[turn % 2]}"):
        used.append(gauge.read().used)
loads = manager.snapshot()["models"]["image/a"]["statistics"]["loads"]
assert manager.close()
print(loads, max(used[12:]) - used[3], gauge.read().used - used[-1])
"""


def test_comfyui_9408_ram_is_returned_after_swaps():
    # In a process of its own: one that has run other tests has freed memory to fill before it takes any.
    command = [sys.executable, "-c", _SWAPS]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    loads, grown, returned = map(int, result.stdout.split())
    assert loads == 12
    assert grown < 30e6, "memory grows with swaps"
    assert returned < -30e6, "closing did not give the memory back"


class Adapted(FakeEngine):
    """Jobs load LoRAs into it. `reset` removes what it knows of; a fused one can't be removed."""

    def __init__(self, *arguments) -> None:
        super().__init__(*arguments)
        self.adapters: list[str] = []
        self.fused = ""

    def reset(self) -> None:
        self.adapters.clear()

    def residue(self) -> str:
        return f"LoRA {self.fused} is fused into the weights" if self.fused else ""


def test_peft_1639_no_lora_is_left_on_the_next_job(studio):
    manager = studio().add("a", kind=Adapted).start()
    with manager.lease("image/a") as lease:
        lease.engine.adapters.append("anime")
        same = weakref.ref(lease.engine)
    with manager.lease("image/a") as lease:
        assert lease.engine is same()
        assert lease.engine.adapters == []
        lease.engine.fused = "anime"
    with manager.lease("image/a") as lease:
        assert same() is None, "an engine with a fused LoRA was lent again"
        assert lease.engine.fused == ""
    statistics = manager.snapshot()["models"]["image/a"]["statistics"]
    assert (statistics["loads"], statistics["discarded"]) == (2, 1)


def test_invokeai_6759_a_cancelled_job_keeps_no_memory(studio):
    manager = (s := studio().add("a")).start()

    def denoise(engine, cancel):
        latents = Block(engine.world.memory, 4000)
        cancel.check()
        return latents

    token = CancelToken()
    caught = None
    try:
        with manager.lease("image/a", LeaseOptions(cancel=token)) as lease:
            token.cancel()
            denoise(lease.engine, token)
    except Cancelled as error:
        caught = error
    assert s.world.memory.used == 1000, "the cancelled job's tensors are still on the device"
    assert any("denoise" in line.name for line in _lines(caught)), "where it was cancelled can't be read any more"
    assert manager.run("image/a", LeaseOptions(deadline=10), lambda engine: engine.warm)


def _lines(error):
    import traceback

    return traceback.extract_tb(error.__traceback__)


def test_ollama_7606_unloading_never_gets_stuck():
    s = Studio().add("a", sizes=(400,)).add("b", sizes=(400,))
    crank = HandCranked(s, FakeClock())
    first = crank.ask("image/a")
    crank.turn()
    stolen = first.wait().engine.take().block
    second = crank.ask("image/b")
    s.world.fate.next = "close fails"
    crank.scheduler.release(first, 1.0, "")
    before = crank.clock.time
    crank.turn()
    assert stolen is not None
    assert crank.clock.time - before <= 5.1, "waits for memory that does not come back"
    assert crank.state("image/a") == "absent"
    crank.turn()
    assert isinstance(second.wait(), Granted)
    assert crank.scheduler.slots["image/a"].statistics.unreturned == 400


def test_a_load_that_hangs_turns_health_bad_and_does_not_hold_up_the_end():
    hang = threading.Event()
    s = Studio(stall_seconds=0.1, close_seconds=0.2)
    s.registry.register(card("a"), lambda *_: hang.wait(20))
    manager = s.start()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(manager.run, "image/a", None, lambda engine: engine)
        wait_for(lambda: not manager.health().ok)
        assert "image/a is loading" in manager.health().reason
        began = time.monotonic()
        assert not manager.close()
        assert time.monotonic() - began < 5
        with pytest.raises(StudioError):
            waiting.result(10)
    hang.set()


class Unresettable(FakeEngine):
    def reset(self) -> None:
        if self.uses:
            raise ValueError("half a prompt is still in there")


def test_no_pin_leaks_whatever_goes_wrong_under_a_lease(studio):
    manager = (s := studio().add("a", kind=Unresettable, sizes=(1000, 900), memory=(12_000, 900))).start()

    def raise_it(*_):
        raise ZeroDivisionError

    def spoil(engine):
        engine.uses = 1

    with pytest.raises(ZeroDivisionError):
        manager.run("image/a", LeaseOptions(deadline=10), raise_it)
    with pytest.raises(ZeroDivisionError):
        manager.run("image/a", LeaseOptions(deadline=10, notify=raise_it), lambda _: None)
    manager.run("image/a", LeaseOptions(deadline=10), spoil)
    assert manager.run("image/a", LeaseOptions(deadline=10), lambda engine: engine.uses) == 0
    wait_for(lambda: manager.snapshot()["models"]["image/a"]["leases"] == 0)
    assert s.world.memory.used == 900


def test_two_jobs_that_lease_shot_by_shot_do_not_swap_at_every_shot():
    """The device lingers with its last user, as long as a tenth of a load, until the other's patience is over."""
    s = Studio(patience=60).add("a").add("b")
    crank = HandCranked(s, FakeClock())
    slow = s.world.outside.loader
    object.__setattr__(s.world.outside, "loader", lambda *args: (crank.clock.pass_time(10.0), slow(*args))[1])
    served, last = [], {}
    for name in "ab":
        last[name] = crank.ask(f"image/{name}")
    for _ in range(40):
        while crank.orders:
            crank.turn()
        name = next(n for n, ticket in last.items() if ticket.resolved)
        served.append(name)
        crank.clock.pass_time(5.0)
        crank.scheduler.release(last[name], 5.0, "")
        crank.clock.pass_time(0.3)
        last[name] = crank.ask(f"image/{name}")
    swaps = sum(one != other for one, other in itertools.pairwise(served))
    assert set(served) == {"a", "b"}
    assert 1 <= swaps <= 6, f"{swaps} swaps in 40 shots"
