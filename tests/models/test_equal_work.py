"""Equal work under way runs once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from studio.cancellation import CancelToken
from studio.errors import (
    BadInput,
    Cancelled,
)
from studio.models.manager import LeaseOptions
from tests.models.fakes import wait_for


def test_equal_work_runs_once(studio):
    manager = studio().add("a").start()
    calls, hold = [], threading.Event()

    def work(engine):
        calls.append(engine.name)
        hold.wait(10)
        return object()

    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(manager.run, "image/a", None, work, dedup_key="seed 7, user 1") for _ in range(7)]
        other = pool.submit(manager.run, "image/a", None, lambda _: "other", dedup_key="seed 8, user 1")
        wait_for(lambda: calls)
        wait_for(lambda: sum(len(p) for p in manager._scheduler.waiting.flights._parties.values()) == 8)
        hold.set()
        results = {id(each.result(10)) for each in asked}
        assert other.result(10) == "other"
    assert len(calls) == 1
    assert len(results) == 1
    assert manager.run("image/a", None, lambda _: "new", dedup_key="seed 7, user 1") == "new"


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


def test_notices_reach_every_follower(studio):
    manager = studio().add("a", sizes=(11_000, 900)).start()
    gate, said = threading.Event(), [[], [], []]
    with ThreadPoolExecutor(3) as pool:
        asked = [
            pool.submit(
                manager.run, "image/a", LeaseOptions(notify=each.append), lambda _: gate.wait(10), dedup_key="k"
            )
            for each in said
        ]
        wait_for(lambda: len(manager._scheduler.waiting.flights.following()) == 2)
        gate.set()
        assert all(each.result(10) for each in asked)
    assert said == [["image/a runs with VAE slicing instead of full: memory ran out before"]] * 3


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
