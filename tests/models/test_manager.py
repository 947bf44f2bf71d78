"""The manager with its real threads: leases, failed loads, swaps, the RAM tier, health, the end."""

from __future__ import annotations

import json
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest

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
from studio.models.manager import LeaseOptions
from tests.models.fakes import KeepableEngine, Studio, card, wait_for

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
        list(pool.map(lambda _: manager.run("image/paint", None, lambda _: both.wait()), range(2)))
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
    with manager.lease("image/a"), pytest.raises(RuntimeError, match="don't nest"), manager.lease("image/b"):
        pass
    with manager.lease("image/b"):
        pass


def queue_up(manager, pool, names, order):
    """One caller a name, in that order, behind the lease the test holds."""
    for count, name in enumerate(names, 1):
        pool.submit(manager.run, f"image/{name}", None, lambda engine: order.append(engine.name))
        wait_for(lambda c=count: len(manager.snapshot()["waiting"]) == c)


def test_equals_are_grouped_by_model_as_they_come(studio):
    manager = (s := studio().add("a").add("b").add("c")).start()
    order: list[str] = []
    with ThreadPoolExecutor(6) as pool, manager.lease("image/a"):
        queue_up(manager, pool, "bcabca", order)
    assert order == ["a", "a", "b", "b", "c", "c"]
    assert s.world.memory.live == 1000


def test_priority_goes_first(studio):
    manager = studio().add("a").add("b").add("c").start()
    order: list[str] = []
    with ThreadPoolExecutor(7) as pool, manager.lease("image/a"):
        queue_up(manager, pool, "abcabc", order)
        pool.submit(manager.run, "image/c", LeaseOptions(priority=5), lambda _: order.append("urgent"))
        wait_for(lambda: len(manager.snapshot()["waiting"]) == 7)
    assert order == ["urgent", "c", "c", "a", "a", "b", "b"]


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
    with manager.lease("image/a"):
        pass
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
    s.registry.register(card("a"), lambda *_: _unavailable())
    manager = s.start()
    with pytest.raises(EngineUnavailable, match="image/a can't run here: no AVX2"), manager.lease("image/a"):
        pass


def _unavailable():
    raise EngineUnavailable("a", "no AVX2", "use another machine")


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
        assert manager.snapshot()["ram_tier"]["models"] == [], "the budget was exceeded"
    assert manager.snapshot()["models"]["image/a"]["statistics"]["restores"] == 1
    with manager.lease("image/b"):
        pass
    manager.unload("image/a")
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
            waiting = pool.submit(manager.run, "image/a", None, lambda _: True)
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
        waiting = pool.submit(manager.run, "image/a", None, lambda _: True)
        wait_for(lambda: manager.snapshot()["waiting"])
        manager._post(manager._scheduler.warming, "image/a")
        with pytest.raises(StudioError, match="is no move"):
            waiting.result(10)
    assert not manager.health().ok
    assert "is no move" in manager.snapshot()["health"]["reason"]
    assert manager.close()


def test_close_ends_every_wait_and_refuses_what_comes_after(studio):
    manager = (s := studio(close_seconds=0.3).add("a")).start()
    with ThreadPoolExecutor(2) as pool, manager.lease("image/a"):
        waiting = pool.submit(manager.run, "image/a", None, lambda _: True)
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
    manager.run("image/a", LeaseOptions(fixed_rung=1), lambda _: None)
    body = json.loads(json.dumps(manager.snapshot()))
    assert body["device"]["precision"] == "float16"
    assert body["memory"] == {"used_bytes": 800, "total_bytes": 10_000}
    model = body["models"]["image/a"]
    assert (model["state"], model["rung_words"], model["measured_bytes"]) == (
        "ready",
        "VAE slicing",
        {"VAE slicing": 800},
    )
    assert (model["statistics"]["loads"], model["statistics"]["uses"], model["statistics"]["bytes"]) == (1, 1, 800)
