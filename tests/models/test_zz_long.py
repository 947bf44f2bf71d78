"""Every invariant of the model manager, under any order of requests, cancellations, failures and reports.

The scheduler and the mover are the real ones; messages between them are delivered one by one in whatever order
Hypothesis finds, so that every interleaving two threads could produce is one the machine can walk.
"""

from __future__ import annotations

from collections import deque

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from studio.models.mover import Mover, Outside
from studio.models.options import ManagerOptions, Place
from studio.models.outcomes import Done, Failure, Granted, Lead, LeaseOptions, Raised, Ticket
from studio.models.registry import Entry, Registry
from studio.models.scheduler import Scheduler
from studio.models.states import DEVICE_LANE, RESIDENT, State
from tests.models.fakes import FakeClock, FakeEngine, KeepableEngine, World, card

RUNGS = ("full", "VAE slicing", "half size")
MODELS = {
    "image/ladder": ((900, 600, 300), FakeEngine, {"rungs": RUNGS, "memory": (500, 400, 300)}),
    "image/plain": ((700,), FakeEngine, {}),
    "image/keepable": ((400, 200), KeepableEngine, {"rungs": RUNGS[:2], "memory": (400, 400)}),
    "image/shared": ((300,), KeepableEngine, {"concurrency": 2}),
    "image/embedded": ((0,), FakeEngine, {"embedded": True, "concurrency": 2}),
}
KEYS = st.sampled_from(sorted(MODELS))
FATES = st.sampled_from(
    [
        "ok",
        "ok",
        "ok",
        "load fails",
        "load runs out",
        "warm-up fails",
        "warm-up runs out",
        "close fails",
        "leaving fails",
    ]
)


class Manager(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.clock = FakeClock()
        self.world = World(total=1000, clock=self.clock)
        self.registry = Registry()
        for key, (sizes, kind, values) in MODELS.items():
            self.registry.register(card(key.split("/")[1], **values), self.world.factory(sizes, kind))
        self.orders = {True: deque(), False: deque()}
        self.reports: deque = deque()
        options = ManagerOptions(patience=30.0, idle_seconds=50.0, ram_idle_seconds=200.0, stall_seconds=40.0)
        self.scheduler = Scheduler(
            self.registry, Place(1000, 500, unified=False), options, self.clock.clock,
            lambda lane, order: self.orders[lane == DEVICE_LANE].append(order),
        )  # fmt: skip
        outside: Outside = self.world.outside
        self.mover = Mover("cuda", outside, _Reports(self))
        self.tickets: list[Ticket] = []
        self.leases: dict[int, tuple[Ticket, FakeEngine]] = {}
        self.outcomes: dict[int, int] = {}
        self.leaders: dict[str, Ticket] = {}
        self.followers: dict[int, str] = {}
        self.landed: dict[str, list[object]] = {}

    # ---- what callers do ----

    @rule(key=KEYS, priority=st.integers(0, 2), deadline=st.sampled_from([None, None, 5.0, 100.0]),
          floor=st.integers(0, 2), fixed=st.sampled_from([None, None, None, 0, 1]))  # fmt: skip
    def ask(self, key, priority, deadline, floor, fixed):
        last = self.registry.entry(key).card.last_rung
        fixed = None if fixed is None else min(fixed, last)
        self._new(key, LeaseOptions(priority, deadline, fixed_rung=fixed), floor=min(floor, last))
        self._see()

    @rule(key=KEYS, good=st.booleans(), rungs=st.integers(1, 3))
    def swap(self, key, good, rungs):
        old = self.registry.entry(key).card
        new = card(old.name, rungs=RUNGS[:rungs], embedded=old.embedded, concurrency=old.concurrency)
        sizes = (0,) * rungs if old.embedded else tuple(range(500, 500 - 100 * rungs, -100))
        factory = self.world.factory(sizes if good else (10**6,) * rungs, FakeEngine)
        self._new(key, LeaseOptions(priority=10**6), candidate=Entry(new, factory))
        self._see()

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def cancel(self, data):
        self.scheduler.withdraw(data.draw(st.sampled_from(self.waiting)))
        self._see()

    @precondition(lambda self: self.tickets)
    @rule(data=st.data())
    def cancel_too_late(self, data):
        """A token may be set at any moment, also when the outcome is on its way."""
        ticket = data.draw(st.sampled_from(self.tickets))
        if ticket.resolved:
            self.scheduler.withdraw(ticket)
            self._see()

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def interrupted(self, data):
        self.scheduler.abandon(data.draw(st.sampled_from(self.waiting)))
        self._see()

    @precondition(lambda self: self.leases)
    @rule(data=st.data(), dirty=st.booleans(), gone=st.booleans())
    def release(self, data, dirty, gone):
        ticket, engine = self.leases.pop(data.draw(st.sampled_from(sorted(self.leases))))
        engine.uses += 1
        if gone:
            self.scheduler.abandon(ticket)
        else:
            engine.left_behind = "a LoRA" if dirty else ""
            self.scheduler.release(ticket, 1.0, engine.left_behind)
        del engine
        self._see()

    @rule(key=KEYS)
    def unload(self, key):
        self.scheduler.unload(key)
        self._see()

    @rule(seconds=st.sampled_from([1.0, 10.0, 31.0, 60.0, 250.0]))
    def time_passes(self, seconds):
        self.clock.pass_time(seconds)
        self.scheduler.tick()
        self._see()

    @rule(work=st.sampled_from("pq"))
    def join(self, work):
        ticket = Ticket(len(self.tickets) + 1, "image/plain", LeaseOptions(deadline=500.0), self.clock.time)
        self.tickets.append(ticket)
        self.followers[ticket.number] = work
        self.scheduler.join(work, ticket)
        self._see()

    @precondition(lambda self: self.leaders)
    @rule(data=st.data(), end=st.sampled_from(["done", "raised", "gave up"]))
    def land(self, data, end):
        work = data.draw(st.sampled_from(sorted(self.leaders)))
        del self.leaders[work]
        outcome = {"done": Done(object()), "raised": Raised(ValueError("no")), "gave up": None}[end]
        self.landed[work] = [outcome]
        self.scheduler.land(work, outcome)
        self._see()

    # ---- what the mover does ----

    @precondition(lambda self: any(self.orders.values()))
    @rule(data=st.data(), fate=FATES)
    def move(self, data, fate):
        orders = self.orders[data.draw(st.sampled_from([lane for lane, queue in self.orders.items() if queue]))]
        before = self.world.memory.used
        self.world.fate.next = fate
        self.mover.perform(orders.popleft())
        self.world.fate.next = "ok"
        if self.reports and self.reports[-1][0] == "load_failed":
            assert self.world.memory.used == before, "a failed load restores the memory baseline"

    @precondition(lambda self: self.reports)
    @rule()
    def deliver(self):
        name, arguments = self.reports.popleft()
        getattr(self.scheduler, name)(*arguments)
        del arguments
        self._see()

    @rule()
    def everything_settles(self):
        """Nobody is forgotten: with the mover working and leases ending, every wait for an engine ends."""
        for _ in range(400):
            self._settle_once()
            if not (self.reports or self.leases or any(self.orders.values()) or len(self.scheduler.waiting)):
                break
        assert not len(self.scheduler.waiting), "a waiter was never woken"

    def _settle_once(self):
        for orders in self.orders.values():
            if orders:
                self.mover.perform(orders.popleft())
        if self.reports:
            self.deliver()
        for number in list(self.leases):
            self.scheduler.release(self.leases.pop(number)[0], 0.0, "")
        self.clock.pass_time(1.0)  # an idle model lingers
        self.scheduler.tick()
        self._see()

    # ---- what must always hold ----

    @invariant()
    def at_most_one_resident_on_the_device(self):
        assert len(self.world.on_device()) <= 1
        states = [s.state for s in self.scheduler.slots.values() if s.lane == DEVICE_LANE and s.state in RESIDENT]
        assert len(states) <= 1

    @invariant()
    def a_leased_engine_is_there_warm_and_alone(self):
        served: dict[int, int] = {}
        for ticket, engine in self.leases.values():
            assert engine.warm
            assert engine.block is not None
            assert not engine.closed
            served[id(engine)] = served.get(id(engine), 0) + 1
            assert served[id(engine)] <= self.scheduler.slots[ticket.key].entry.card.concurrency

    @invariant()
    def no_pin_leaks(self):
        pins = sorted(number for slot in self.scheduler.slots.values() for number in slot.leases)
        assert pins == sorted(self.leases)

    @invariant()
    def accounting_is_what_was_measured(self):
        for key, slot in self.scheduler.slots.items():
            if slot.state is State.READY and slot.engine is not None:
                assert slot.measured.get(slot.build.rung, slot.statistics.bytes) == slot.engine.size, key
        assert self.scheduler.tier.used <= self.scheduler.tier.budget

    @invariant()
    def health_tells_when_nothing_moves(self):
        stalled = self.scheduler.stalled_for()
        assert stalled >= 0.0
        assert stalled == 0.0 or len(self.scheduler.waiting)

    @invariant()
    def time_alone_never_spins(self):
        seconds = self.scheduler.seconds_to_next()
        assert seconds is None or seconds > 0.0

    @invariant()
    def equal_work_has_one_leader(self):
        waiting = {self.followers[t.number] for t in self.scheduler.waiting.flights.following()}
        assert waiting <= set(self.leaders), "a follower without a leader waits for ever"

    def teardown(self):
        self.scheduler.close()
        self._see()
        for _ in range(100):
            self._settle_once()
        assert self.scheduler.ended
        assert not any(self.orders.values())
        assert not list(self.scheduler.tier), "an engine was forgotten in RAM"
        assert all(ticket.resolved for ticket in self.tickets), "somebody got no outcome"
        assert self.world.memory.used == 0, "memory was not given back"
        assert not self.world.on_device()

    # ---- within ----

    @property
    def waiting(self) -> list[Ticket]:
        return [ticket for ticket in self.tickets if not ticket.resolved]

    def _new(self, key, options, floor=0, candidate=None):
        ticket = Ticket(len(self.tickets) + 1, key, options, self.clock.time, floor, candidate)
        self.tickets.append(ticket)
        self.scheduler.ask(ticket)

    def _see(self):
        """Reads new outcomes; `Ticket.resolve` itself refuses a second one."""
        for ticket in self.tickets:
            if ticket.resolved and ticket.number not in self.outcomes:
                self.outcomes[ticket.number] = 1
                self._take(ticket, ticket.wait())

    def _take(self, ticket, outcome):
        if isinstance(outcome, Granted):
            engine = outcome.engine.take()
            assert engine.warm, "only READY serves"
            assert not engine.left_behind, "a lease's leftovers reached the next one"
            assert outcome.rung == engine.rung >= 0
            card = outcome.entry.card
            assert outcome.rung >= min(ticket.floor, card.last_rung) or ticket.options.fixed_rung is not None
            if ticket.options.fixed_rung is not None:
                assert outcome.rung == ticket.options.fixed_rung or outcome.notice
            else:
                assert bool(outcome.notice) == (outcome.rung > 0), "a lower rung comes with a notice"
            self.leases[ticket.number] = (ticket, engine)
        elif isinstance(outcome, Lead):
            work = self.followers[ticket.number]
            assert work not in self.leaders
            self.leaders[work] = ticket
        elif isinstance(outcome, Done | Raised) and ticket.number in self.followers:
            assert outcome is self.landed[self.followers[ticket.number]][0]
        else:
            assert isinstance(outcome, Failure | Done)


class _Reports:
    """The mover's reports, kept until Hypothesis delivers them."""

    def __init__(self, machine: Manager) -> None:
        self._reports = machine.reports

    def __getattr__(self, name):
        return lambda *arguments: self._reports.append((name, arguments))


Manager.TestCase.settings = settings(
    max_examples=700, stateful_step_count=60, deadline=None, suppress_health_check=list(HealthCheck)
)
TestManager = Manager.TestCase
