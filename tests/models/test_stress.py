"""Many threads on one manager at once; what must hold is checked from within the leases."""

from __future__ import annotations

import random
import threading
import time

from studio.cancellation import CancelToken
from studio.errors import Cancelled, LoadFailed, OutOfMemory, TimedOut
from studio.models.manager import LeaseOptions
from tests.models.fakes import KeepableEngine, card

NAMES = ("a", "b", "c", "e")


def test_many_threads_leasing_cancelling_failing_and_swapping(studio):
    s = studio(ram_bytes=2500, backoff=0.001, backoff_most=0.002, patience=0.05)
    s.add("a", sizes=(1000, 500)).add("b", kind=KeepableEngine).add("c", concurrency=2)
    s.add("e", sizes=(0,), embedded=True, concurrency=4)
    manager = s.start()
    limit, faults, ends = {"c": 2, "e": 4}, [], {"served": 0, "ended otherwise": 0}
    active, guard = dict.fromkeys(NAMES, 0), threading.Lock()

    def use(engine):
        with guard:
            active[engine.name] += 1
            on_device = {n for n in "abc" if active[n]}
            if len(on_device) > 1 or active[engine.name] > limit.get(engine.name, 1) or not engine.warm:
                faults.append(dict(active))
        time.sleep(0.0005)
        with guard:
            active[engine.name] -= 1

    def live(seed, end):
        rng = random.Random(seed)
        while time.monotonic() < end:
            token = CancelToken()
            if rng.random() < 0.2:
                threading.Timer(rng.random() * 0.01, token.cancel).start()
            s.world.fate.next = rng.choice(["ok"] * 20 + ["load fails", "warm-up runs out", "close fails"])
            options = LeaseOptions(rng.randrange(3), rng.choice([None, 0.002, 5.0]), token)
            try:
                if rng.random() < 0.02:
                    manager.swap("image/c", card("c", concurrency=2), s.world.factory((rng.choice([900, 20_000]),)))
                else:
                    manager.run(f"image/{rng.choice(NAMES)}", options, use, rng.choice([None, None, "same"]))
                ends["served"] += 1
            except (Cancelled, TimedOut, LoadFailed, OutOfMemory):
                ends["ended otherwise"] += 1
        s.world.fate.next = "ok"

    end = time.monotonic() + 2.5
    threads = [threading.Thread(target=live, args=(seed, end)) for seed in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    assert not faults
    assert ends["served"] > 50
    snapshot = manager.snapshot()
    assert snapshot["health"]["ok"]
    assert not snapshot["waiting"]
    assert all(model["leases"] == 0 for model in snapshot["models"].values())
