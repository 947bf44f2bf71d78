"""The scheduler, message by message, with the mover turned by hand."""

from __future__ import annotations

from studio.models.outcomes import Failure, Granted, LeaseOptions, Ticket
from studio.models.registry import Entry
from tests.models.fakes import FakeClock, FakeEngine, HandCranked, KeepableEngine, Studio, card


def lend(crank: HandCranked, key: str) -> Ticket:
    ticket = crank.ask(key)
    crank.turn(len(crank.orders))
    assert isinstance(ticket.wait(), Granted)
    return ticket


def test_the_engine_of_a_swap_nobody_waits_for_any_more_never_serves():
    crank = HandCranked(s := Studio().add("a"), FakeClock())
    swap = Ticket(99, "image/a", LeaseOptions(), crank.clock.time, candidate=Entry(card("a"), s.world.factory((400,))))
    crank.scheduler.ask(swap)
    crank.scheduler.abandon(swap)
    crank.turn()
    assert crank.state("image/a") == "unloading"
    crank.turn()
    crank.scheduler.release(lend(crank, "image/a"), 1.0, "")
    assert s.world.memory.used == 1000
    assert crank.scheduler.slots["image/a"].measured == {0: 1000}


def test_a_quiet_hour_before_a_request_is_no_stall():
    crank = HandCranked(Studio().add("a"), FakeClock())
    lend(crank, "image/a")
    crank.clock.pass_time(3600)
    crank.ask("image/a")
    assert crank.scheduler.stalled_for() == 0
    crank.clock.pass_time(7)
    assert crank.scheduler.stalled_for() == 7


class Recorded(FakeEngine):
    def __init__(self, *arguments) -> None:
        super().__init__(*arguments)
        self.world.closings = getattr(self.world, "closings", 0)

    def close(self) -> None:
        self.world.closings += 1
        super().close()


def test_an_engine_that_fails_to_warm_up_is_closed():
    crank = HandCranked(s := Studio().add("a", kind=Recorded), FakeClock())
    s.world.fate.next = "warm-up fails"
    ticket = crank.ask("image/a")
    crank.turn()
    assert isinstance(ticket.wait(), Failure)
    assert s.world.closings == 1


def test_an_engine_that_does_not_close_is_let_go_of():
    crank = HandCranked(s := Studio().add("a"), FakeClock())
    crank.scheduler.release(lend(crank, "image/a"), 1.0, "")
    crank.scheduler.unload("image/a")
    s.world.fate.next = "close fails"
    crank.turn()
    assert s.world.memory.used == 0
    assert crank.scheduler.slots["image/a"].statistics.unreturned == 0


def test_kept_engines_leave_ram_when_nobody_wants_them_for_long():
    s = Studio(ram_bytes=5000, idle_seconds=50, ram_idle_seconds=200).add("a", kind=KeepableEngine)
    crank = HandCranked(s, FakeClock())
    crank.scheduler.release(lend(crank, "image/a"), 1.0, "")
    for seconds, kept in ((50, ["image/a"]), (199, ["image/a"]), (1, [])):
        crank.clock.pass_time(seconds)
        crank.scheduler.tick()
        crank.turn(len(crank.orders))
        assert list(crank.scheduler.tier) == kept


def test_an_engine_asked_to_go_while_it_leaves_is_not_kept():
    crank = HandCranked(Studio(ram_bytes=5000, idle_seconds=50).add("a", kind=KeepableEngine), FakeClock())
    crank.scheduler.release(lend(crank, "image/a"), 1.0, "")
    crank.clock.pass_time(50)
    crank.scheduler.tick()
    crank.scheduler.unload("image/a")
    crank.turn(2)
    assert list(crank.scheduler.tier) == []
    assert not crank.orders


def test_what_fills_ram_makes_way_once_when_device_and_ram_are_one():
    s = Studio(ram_bytes=5000).add("a", kind=KeepableEngine).add("b")
    crank = HandCranked(s, FakeClock(), unified=True)
    crank.scheduler.release(lend(crank, "image/a"), 1.0, "")
    second = crank.ask("image/b")
    crank.turn()
    assert list(crank.scheduler.tier) == ["image/a"]
    s.world.fate.next = "load runs out"
    crank.turn(3)
    assert list(crank.scheduler.tier) == []
    assert isinstance(second.wait(), Granted)


def test_a_pause_after_failures_doubles_up_to_the_most():
    crank = HandCranked(s := Studio(backoff=10, backoff_most=35).add("a"), FakeClock())
    pauses = []
    for _ in range(4):
        s.world.fate.next = "load fails"
        crank.ask("image/a")
        crank.turn()
        slot = crank.scheduler.slots["image/a"]
        pauses.append(slot.retry_at - crank.clock.time)
        crank.clock.pass_time(pauses[-1])
    assert pauses == [10, 20, 35, 35]
    lend(crank, "image/a")
    assert crank.scheduler.slots["image/a"].failures_in_a_row == 0


def test_the_model_that_is_next_is_not_dropped_from_ram_to_keep_a_better_one():
    s = Studio(ram_bytes=1500).add("a", kind=KeepableEngine).add("b", kind=KeepableEngine)
    crank = HandCranked(s, FakeClock())
    slow = s.world.outside.loader
    object.__setattr__(s.world.outside, "loader", lambda *args: (crank.clock.pass_time(10.0), slow(*args))[1])
    crank.scheduler.release(lend(crank, "image/a"), 1.0, "")
    for _ in range(20):
        last = crank.ask("image/b", LeaseOptions(priority=1))
        crank.turn(len(crank.orders))
        crank.turn(len(crank.orders))
        crank.scheduler.release(last, 1.0, "")
    assert list(crank.scheduler.tier) == ["image/a"]
    crank.ask("image/a", LeaseOptions(priority=2))
    while crank.orders:
        crank.turn()
    assert crank.scheduler.slots["image/a"].statistics.restores == 1
    assert crank.scheduler.tier.used == 0
