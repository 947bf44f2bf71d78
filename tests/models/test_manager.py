"""The manager with its real threads: leases, rungs, equal work, swaps, health, the end."""

from __future__ import annotations

import json
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.cancellation import CancelToken
from studio.errors import (
    BadInput,
    Cancelled,
    EngineUnavailable,
    LoadFailed,
    NotFound,
    OutOfMemory,
    StudioError,
    TimedOut,
)
from studio.models.devices import Device
from studio.models.manager import LeaseOptions, ManagerOptions, ModelManager
from studio.models.registry import Registry
from tests.models.fakes import Block, FakeEngine, KeepableEngine, World, card

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


@pytest.fixture
def studio():
    made = []

    def make(**options):
        made.append(Studio(**options))
        return made[-1]

    yield make
    for each in made:
        assert each.manager.close(), "the manager did not end"
        assert each.world.memory.used == 0


def wait_for(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.002)


# ---- leases ----


def test_a_lease_lends_a_warm_engine_and_takes_it_back(studio):
    manager = studio().add("a").start()
    with manager.lease("image/a") as lease:
        assert lease.engine.warm
        assert lease.rung == 0
        assert manager.snapshot()["models"]["image/a"]["leases"] == 1
    with pytest.raises(RuntimeError, match="has ended"):
        _ = lease.engine
    assert manager.snapshot()["models"]["image/a"]["leases"] == 0


def test_one_model_at_a_time_and_the_other_is_gone(studio):
    manager = (s := studio().add("a").add("b")).start()
    with manager.lease("image/a") as lease:
        gone = weakref.ref(lease.engine)
    with manager.lease("image/b"):
        assert s.world.memory.used == 1000
        assert gone() is None
    assert manager.snapshot()["resident"] == "image/b"


def test_an_embedded_engine_never_takes_the_device_from_a_model(studio):
    manager = studio().add("a").add("paint", sizes=(0,), embedded=True, concurrency=2).start()
    with manager.lease("image/a"):
        pass
    with ThreadPoolExecutor(2) as pool:
        both = threading.Barrier(2, timeout=10)
        list(pool.map(lambda _: manager.run("image/paint", None, lambda engine: both.wait()), range(2)))
    snapshot = manager.snapshot()
    assert snapshot["resident"] == "image/a"
    assert snapshot["models"]["image/a"]["statistics"]["loads"] == 1
    assert snapshot["models"]["image/paint"]["statistics"]["loads"] == 1


def test_unknown_names_and_rungs_are_refused_in_words(studio):
    manager = studio().add("a").start()
    with pytest.raises(NotFound, match=r"image/b.*accepted is image/a"), manager.lease("image/b"):
        pass
    with pytest.raises(BadInput, match="fixed_rung"), manager.lease("image/a", LeaseOptions(fixed_rung=1)):
        pass
    with pytest.raises(BadInput, match="deadline"):
        LeaseOptions(deadline=float("nan"))


def test_nested_leases_are_refused_rather_than_deadlocked(studio):
    manager = studio().add("a").add("b").start()
    with manager.lease("image/a"):
        with pytest.raises(RuntimeError, match="don't nest"), manager.lease("image/b"):
            pass
    with manager.lease("image/b"):
        pass


def test_priority_goes_first_and_equals_are_grouped_by_model(studio):
    manager = (s := studio().add("a").add("b").add("c")).start()
    order: list[str] = []
    with ThreadPoolExecutor(12) as pool:
        with manager.lease("image/a"):
            for name in "abcabc":
                pool.submit(manager.run, f"image/{name}", None, lambda engine: order.append(engine.name))
                wait_for(lambda n=name: manager.snapshot()["waiting"] and _waits(manager, n))
                count = len(manager.snapshot()["waiting"])
                wait_for(lambda c=count: len(manager.snapshot()["waiting"]) >= c)
            pool.submit(manager.run, "image/c", LeaseOptions(priority=5), lambda engine: order.append("urgent"))
            wait_for(lambda: len(manager.snapshot()["waiting"]) == 7)
    assert order == ["urgent", "c", "c", "a", "a", "b", "b"]
    assert s.world.memory.live == 1000


def _waits(manager, name):
    return any(waiting["model"] == f"image/{name}" for waiting in manager.snapshot()["waiting"])


def test_a_cancelled_wait_ends_at_once_and_takes_nothing(studio):
    manager = studio().add("a").start()
    token, done = CancelToken(), []

    def wait():
        with pytest.raises(Cancelled), manager.lease("image/a", LeaseOptions(cancel=token)):
            pass
        done.append(True)

    with manager.lease("image/a"):
        thread = threading.Thread(target=wait)
        thread.start()
        wait_for(lambda: manager.snapshot()["waiting"])
        token.cancel()
        thread.join(10)
        assert done
    with manager.lease("image/a", LeaseOptions(deadline=10)):
        pass


def test_a_token_cancelled_before_asking_gets_no_engine(studio):
    manager = studio().add("a").start()
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled), manager.lease("image/a", LeaseOptions(cancel=token)):
        pytest.fail("the engine was lent")


def test_a_deadline_ends_the_wait(studio):
    manager = studio().add("a").start()
    with manager.lease("image/a"), ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(manager.run, "image/a", LeaseOptions(deadline=0.05), lambda engine: engine)
        with pytest.raises(TimedOut, match=r"image/a was not free within 0\.05 s"):
            waiting.result(10)


def test_an_interrupted_wait_leaks_no_pin(studio, monkeypatch):
    manager = studio().add("a").start()
    granted = threading.Event()
    from studio.models import outcomes

    real = outcomes.Ticket.wait

    def interrupted(ticket):
        real(ticket)
        granted.set()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(outcomes.Ticket, "wait", interrupted)
        with pytest.raises(KeyboardInterrupt), manager.lease("image/a"):
            pass
    assert granted.is_set()
    with manager.lease("image/a", LeaseOptions(deadline=10)) as lease:
        assert lease.engine.warm


# ---- loading that fails ----


@pytest.mark.parametrize("fate", ["load fails", "warm-up fails"])
def test_a_failed_load_restores_the_baseline_and_backs_off(studio, fate):
    manager = (s := studio(backoff=0.2).add("a").add("b")).start()
    s.world.fate.next = fate
    with pytest.raises(LoadFailed, match="image/a did not load: ValueError: bad weights"), manager.lease("image/a"):
        pass
    assert s.world.memory.used == 0
    assert manager.snapshot()["models"]["image/a"]["state"] == "failed"
    with pytest.raises(LoadFailed, match="next attempt is possible in"), manager.lease("image/a"):
        pass
    assert manager.snapshot()["models"]["image/a"]["statistics"]["failures"] == 1, "the pause was not kept"
    with manager.lease("image/b"):
        pass
    time.sleep(0.21)
    with manager.lease("image/a") as lease:
        assert lease.engine.warm
    assert manager.snapshot()["models"]["image/a"]["failure"] is None


def test_an_engine_that_says_it_cannot_run_is_reported_as_that(studio):
    s = studio()
    s.registry.register(card("a"), lambda *identity: _unavailable())
    manager = s.start()
    with pytest.raises(EngineUnavailable, match="image/a can't run here: no AVX2"), manager.lease("image/a"):
        pass


def _unavailable():
    raise EngineUnavailable("a", "no AVX2", "use another machine")


# ---- memory running out ----


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


@settings(max_examples=25, deadline=None)
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


# ---- equal work ----


def test_equal_work_runs_once(studio):
    manager = studio().add("a").start()
    calls, hold = [], threading.Event()

    def work(engine):
        calls.append(engine.name)
        hold.wait(10)
        return object()

    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(manager.run, "image/a", None, work, dedup_key="seed 7, user 1") for _ in range(7)]
        other = pool.submit(manager.run, "image/a", None, lambda engine: "other", dedup_key="seed 8, user 1")
        wait_for(lambda: calls)
        wait_for(lambda: sum(len(p) for p in manager._scheduler.waiting.flights._parties.values()) == 8)
        hold.set()
        results = {id(each.result(10)) for each in asked}
        assert other.result(10) == "other"
    assert len(calls) == 1
    assert len(results) == 1
    assert manager.run("image/a", None, lambda engine: "new", dedup_key="seed 7, user 1") == "new"


def test_followers_of_a_cancelled_leader_get_the_work_done(studio):
    manager = studio().add("a").start()
    token, began, ran = CancelToken(), threading.Event(), []

    def lead(engine):
        began.set()
        token.wait(10)

    def follow(engine):
        ran.append(1)
        return "done"

    with ThreadPoolExecutor(3) as pool:
        leader = pool.submit(manager.run, "image/a", LeaseOptions(cancel=token), lead, dedup_key="k")
        assert began.wait(10)
        followers = [pool.submit(manager.run, "image/a", None, follow, dedup_key="k") for _ in range(2)]
        wait_for(lambda: len(manager._scheduler.waiting.flights.following()) == 2)
        token.cancel()
        with pytest.raises(Cancelled):
            leader.result(10)
        assert [f.result(10) for f in followers] == ["done", "done"]
    assert ran == [1]


def test_an_error_reaches_every_follower_as_its_own_exception(studio):
    manager = studio().add("a").start()
    gate = threading.Event()

    def work(engine):
        gate.wait(10)
        raise BadInput("--seed", -1, "a whole number")

    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(manager.run, "image/a", None, work, dedup_key="k") for _ in range(3)]
        wait_for(lambda: len(manager._scheduler.waiting.flights.following()) == 2)
        gate.set()
        errors = [each.exception(10) for each in asked]
    assert [str(e) for e in errors] == ["--seed: '-1' is not accepted: accepted is a whole number"] * 3
    assert len({id(e) for e in errors}) == 3


# ---- swaps ----


def test_a_swap_puts_the_new_engine_in_place(studio):
    manager = (s := studio().add("a")).start()
    with manager.lease("image/a"):
        pass
    manager.swap("image/a", card("a", title="newer"), s.world.factory((2000,)))
    with manager.lease("image/a") as lease:
        assert lease.card.title == "newer"
        assert s.world.memory.used == 2000
    assert s.registry.entry("image/a").card.title == "newer"


def test_a_failed_swap_leaves_the_old_engine_serving(studio):
    manager = (s := studio().add("a")).start()
    with manager.lease("image/a"):
        pass
    with pytest.raises(OutOfMemory, match="does not fit into memory"):
        manager.swap("image/a", card("a", title="newer"), s.world.factory((20_000,)))
    snapshot = manager.snapshot()["models"]["image/a"]
    assert (snapshot["state"], snapshot["title"]) == ("ready", "a")
    assert s.world.memory.used == 1000
    with manager.lease("image/a") as lease:
        assert lease.card.title == "a"
    with pytest.raises(BadInput, match="like the one it replaces"):
        manager.swap("image/a", card("b"))


def test_a_swap_waits_for_leases_and_later_callers_get_the_new_engine(studio):
    manager = (s := studio().add("a")).start()
    with ThreadPoolExecutor(2) as pool:
        with manager.lease("image/a") as lease:
            swap = pool.submit(manager.swap, "image/a", card("a", title="newer"), s.world.factory((2000,)))
            wait_for(lambda: manager.snapshot()["waiting"])
            later = pool.submit(manager.run, "image/a", None, lambda engine: engine.size)
            assert lease.engine.warm
            assert not swap.done()
        swap.result(10)
        assert later.result(10) == 2000


# ---- RAM tier, idling ----


def test_a_keepable_engine_waits_in_ram_and_comes_back(studio):
    manager = (s := studio(ram_bytes=1500).add("a", kind=KeepableEngine).add("b", kind=KeepableEngine)).start()
    with manager.lease("image/a") as lease:
        first = id(lease.engine)
    with manager.lease("image/b"):
        assert manager.snapshot()["ram_tier"] == {"models": ["image/a"], "used_bytes": 1000, "budget_bytes": 1500}
        assert s.world.memory.used == 1000
    with manager.lease("image/a") as lease:
        assert id(lease.engine) == first
        assert lease.engine.warm
    assert manager.snapshot()["models"]["image/a"]["statistics"]["restores"] == 1
    manager.unload("image/b")
    wait_for(lambda: manager.snapshot()["ram_tier"]["models"] == [])


def test_an_idle_model_leaves_the_device_and_an_embedded_one_stays(studio):
    manager = (s := studio(idle_seconds=0.05).add("a").add("e", sizes=(0,), embedded=True)).start()
    for key in ("image/a", "image/e"):
        with manager.lease(key):
            pass
    wait_for(lambda: manager.snapshot()["resident"] is None)
    assert s.world.memory.used == 0
    assert manager.snapshot()["models"]["image/e"]["state"] == "ready"


# ---- health, the end ----


def test_health_turns_bad_when_somebody_waits_and_nothing_moves(studio):
    manager = studio(stall_seconds=0.1).add("a").start()
    assert manager.health().ok
    with ThreadPoolExecutor(1) as pool:
        with manager.lease("image/a") as lease:
            time.sleep(0.15)
            assert manager.health().ok, "nobody waits"
            waiting = pool.submit(manager.run, "image/a", None, lambda engine: True)
            wait_for(lambda: not manager.health().ok)
            assert "1 waiting and nothing has moved" in manager.health().reason
            assert not manager.snapshot()["health"]["ok"]
            lease.touch()
            assert manager.health().ok
        assert waiting.result(10)
    assert manager.health().ok


def test_a_fault_in_the_scheduler_ends_every_wait_and_shows():
    manager = Studio().add("a").start()
    with ThreadPoolExecutor(1) as pool, manager.lease("image/a"):
        waiting = pool.submit(manager.run, "image/a", None, lambda engine: True)
        wait_for(lambda: manager.snapshot()["waiting"])
        manager._post(manager._scheduler.warming, "image/a")
        with pytest.raises(StudioError, match="is no move"):
            waiting.result(10)
    assert not manager.health().ok
    assert "is no move" in manager.snapshot()["health"]["reason"]
    assert manager.close()


def test_close_ends_every_wait_and_refuses_what_comes_after(studio):
    manager = (s := studio(close_seconds=0.3).add("a")).start()
    with ThreadPoolExecutor(2) as pool:
        with manager.lease("image/a"):
            waiting = pool.submit(manager.run, "image/a", None, lambda engine: True)
            wait_for(lambda: manager.snapshot()["waiting"])
            assert not manager.close(), "a leased engine was taken away"
            with pytest.raises(StudioError, match="closing"):
                waiting.result(10)
            assert s.world.memory.used == 1000
    assert manager.close()
    assert s.world.memory.used == 0
    with pytest.raises(StudioError, match="closing"), manager.lease("image/a"):
        pass
    assert manager.snapshot()["models"]["image/a"]["state"] == "absent"


def test_the_snapshot_is_json_with_what_the_workbench_shows(studio):
    manager = studio().add("a", sizes=(900, 800)).start()
    manager.run("image/a", LeaseOptions(fixed_rung=1), lambda engine: None)
    body = json.loads(json.dumps(manager.snapshot()))
    assert body["device"]["precision"] == "float16"
    assert body["memory"] == {"used_bytes": 800, "total_bytes": 10_000}
    model = body["models"]["image/a"]
    assert (model["state"], model["rung_words"], model["measured_bytes"]) == ("ready", "VAE slicing", {"VAE slicing": 800})
    assert (model["statistics"]["loads"], model["statistics"]["uses"], model["statistics"]["bytes"]) == (1, 1, 800)
