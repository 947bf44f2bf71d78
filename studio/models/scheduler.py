"""The one owner of all state about models on a device: who waits, what is resident, what happens next.

Every method is a message: it runs to its end on the scheduler's thread (manager.py), so there are no locks, and it
ends in `_advance`, which does whatever has become possible. No wake-up can be lost, since nothing is woken: each
message looks at everything again. Work that takes time is ordered from a mover, which reports back by message.
"""

from __future__ import annotations

from collections.abc import Callable

from studio.contracts import Engine
from studio.errors import OutOfMemory, StudioError
from studio.models.book import MemoryBook
from studio.models.memory import Clock
from studio.models.mover import Drop, Load, Loaded, Order, Unload, Unloaded
from studio.models.options import ManagerOptions, Place
from studio.models.outcomes import Done, Failure, Granted, Held, Raised, Ticket
from studio.models.ram_tier import Kept, RamTier
from studio.models.registry import Entry, Registry
from studio.models.rungs import lowered_notice
from studio.models.states import DEVICE_LANE, RESIDENT, Build, Slot, State
from studio.models.turns import Turn, lingers, next_in_turn, wanted
from studio.models.waiting import Waiting


class Scheduler:
    """`send(lane, order)` hands an order to the mover of that lane; movers report by `warming`, `loaded`, ..."""

    def __init__(
        self,
        registry: Registry,
        place: Place,
        options: ManagerOptions,
        clock: Clock,
        send: Callable[[str, Order], None],
        book: MemoryBook | None = None,
    ) -> None:
        self._book = book or MemoryBook()
        self._registry, self._place, self._options, self._clock, self._send = registry, place, options, clock, send
        self.capacity = place.capacity
        self.slots: dict[str, Slot] = {}
        self.waiting = Waiting()
        self.tier = RamTier(place.ram_bytes)
        self.last_move = clock.now()
        self.closing = self.fault = ""
        self._close_asked = False
        self._dropping = 0

    # ---- messages from callers --------------------------------------------------------------------------------

    def ask(self, ticket: Ticket) -> None:
        """Puts a lease or a swap into the queue; its outcome comes through the ticket."""
        slot = self._slot(ticket.key)
        now = self._clock.now()
        if self.closing:
            ticket.resolve(self._closed())
            return
        if ticket.candidate is not None:
            ticket.restore = slot.state in RESIDENT
        elif now < slot.retry_at and slot.failure is not None:
            again = f"{slot.failure.text}; the next attempt is possible in {slot.retry_at - now:.0f} s"
            ticket.resolve(Failure(slot.failure.kind, again, slot.failure.subject))
            return
        self.waiting.add(ticket)
        self._advance()

    def withdraw(self, ticket: Ticket) -> None:
        """The caller's token was cancelled: ends the wait; a lease already granted is the holder's to give back."""
        if self.waiting.withdraw(ticket):
            self._moved()
            self._advance()

    def abandon(self, ticket: Ticket) -> None:
        """The caller is gone (interrupted while it waited) and will never see its outcome."""
        if ticket.number in self._slot(ticket.key).leases:
            self.release(ticket, 0.0, "")
        else:
            self.waiting.flights.abandon(ticket)
            self.withdraw(ticket)

    def release(self, ticket: Ticket, seconds: float, dirt: str) -> None:
        """A lease ends after `seconds`. `dirt`: what it left in the engine, which is then not used again."""
        slot = self._slot(ticket.key)
        slot.leases.remove(ticket.number)
        slot.idle_since, slot.priority = self._clock.now(), ticket.options.priority
        slot.statistics.use_seconds += seconds
        if dirt:
            slot.doomed = slot.doomed or dirt
            slot.statistics.discarded += 1
        self._moved()
        self._advance()

    def worked(self, ticket: Ticket, rung: int) -> None:
        """Work of this shape ran through at `rung`, after memory had run out above it."""
        self._slot(ticket.key).worked[ticket.options.shape] = rung

    def ran_out(self, ticket: Ticket) -> None:
        """Memory ran out while the ticket's lease worked."""
        self._slot(ticket.key).statistics.out_of_memory += 1

    def touch(self) -> None:
        """A lease's holder makes progress."""
        self._moved()

    def unload(self, key: str) -> None:
        """Frees the model's memory, on the device as soon as its leases end, and in RAM."""
        slot = self._slot(key)
        if slot.state in RESIDENT:
            slot.doomed = slot.doomed or "asked to unload"
        self._drop(key)
        self._advance()

    def join(self, work: str, ticket: Ticket) -> None:
        if self.closing:
            ticket.resolve(self._closed())
        else:
            self.waiting.flights.join(work, ticket)

    def land(self, work: str, outcome: Done | Raised | None) -> None:
        self.waiting.flights.land(work, outcome)

    def close(self) -> None:
        """Refuses everything from now on, and unloads as leases end."""
        self._close_asked = True
        self.closing = self.closing or "the studio is closing"
        self.waiting.refuse_all(self._closed())
        for key in self.tier:
            self._drop(key)
        self._advance()

    def give_up(self, why: str) -> None:
        """Something broke that must not: everyone gets an outcome, health is bad, the worker is to be replaced."""
        self.fault = self.closing = why
        self.waiting.refuse_all(self._closed())

    def tick(self) -> None:
        """Time has passed."""
        self._advance()

    # ---- reports from movers ----------------------------------------------------------------------------------

    def warming(self, key: str) -> None:
        self._move(self._slot(key), State.WARMING)

    def loaded(self, key: str, loaded: Loaded) -> None:
        slot = self._slot(key)
        build = self._build(slot)
        self._move(slot, State.READY)
        slot.engine, slot.retried = loaded.engine, None
        slot.since = slot.idle_since = self._clock.now()
        slot.failure, slot.failures_in_a_row, slot.retry_at = None, 0, 0.0
        slot.statistics.loaded(loaded.seconds, loaded.size, loaded.restored)
        self._finish_swaps(slot, build)
        if build.entry is slot.entry:
            slot.measured[build.rung] = max(loaded.size, slot.measured.get(build.rung, 0))
        else:
            slot.doomed = "a swap nobody waits for any more"
        self._advance()

    def load_failed(self, key: str, failure: Failure) -> None:
        slot = self._slot(key)
        build, slot.build = self._build(slot), None
        slot.statistics.failures += 1
        swap = next((t for t in self.waiting.of(key) if t.candidate is build.entry), None)
        if build.entry is not slot.entry:
            self._move(slot, State.ABSENT)
            if swap is not None:
                self._set_back(swap, failure)
        elif failure.kind == OutOfMemory.kind:
            self._move(slot, State.ABSENT)
            self._load_ran_out(slot, build, failure)
        else:
            self._move(slot, State.FAILED)
            self._back_off(slot, failure)
        self._advance()

    def unloaded(self, key: str, unloaded: Unloaded) -> None:
        slot = self._slot(key)
        build, doomed = self._build(slot), slot.doomed
        slot.build, slot.doomed = None, ""
        slot.statistics.unloads += 1
        slot.statistics.unreturned = max(0, slot.statistics.bytes - unloaded.returned)
        self._move(slot, State.ABSENT)
        if slot.lane == DEVICE_LANE:
            self.capacity = unloaded.free + (self.tier.used if self._place.unified else 0)
        if unloaded.kept is not None:
            self.tier.add(key, Kept(build, unloaded.kept, slot.statistics.bytes, self._clock.now()))
            if doomed or self.closing:
                self._drop(key)
        self._advance()

    def dropped(self, key: str) -> None:  # noqa: ARG002 - a report names its model
        self._dropping -= 1

    # ---- questions --------------------------------------------------------------------------------------------

    @property
    def ended(self) -> bool:
        """Closed, and nothing is loaded, kept or under way any more, or broken so that nothing can be."""
        empty = not self._dropping and all(slot.state not in RESIDENT for slot in self.slots.values())
        return self._close_asked and (empty or bool(self.fault))

    def stalled_for(self) -> float:
        """Seconds somebody has been waiting without anything moving; 0 when nobody waits."""
        if not self.waiting:
            return 0.0
        oldest = min(ticket.asked for ticket in self.waiting)
        return self._clock.now() - max(self.last_move, oldest)

    def seconds_to_next(self) -> float | None:
        """How long until time alone changes something, None for never."""
        due = [self.waiting.next_expiry(), self.tier.next_expiry(self._options.ram_idle_seconds)]
        for slot in self.slots.values():
            if slot.state is State.READY and not slot.leases:
                idle = self._idle_seconds(slot)
                due += [slot.idle_since + idle] if idle else []
                due += [slot.idle_since + slot.linger] if self._waiting_in(slot.lane) else []
        soonest = min((time for time in due if time is not None), default=None)
        return None if soonest is None else max(0.0, soonest - self._clock.now())

    # ---- what happens next ------------------------------------------------------------------------------------

    def _advance(self) -> None:
        now = self._clock.now()
        if self.waiting.expire(now):
            self._moved()
        for key in self.tier.expired(now, self._options.ram_idle_seconds):
            self._drop(key)
        for lane in {slot.lane for slot in self.slots.values()}:
            self._advance_lane(lane)

    def _advance_lane(self, lane: str) -> None:
        resident = self._resident(lane)
        if resident is None:
            head = self._head(lane, None)
            if head is not None:
                self._load(head[0].key, head[1])
            return
        if resident.state is State.READY:
            self._serve(resident)
        if resident.state is State.DRAINING and not resident.leases:
            self._unload(resident)

    def _serve(self, slot: Slot) -> None:
        """Grants what can be granted, and drains the model when it is doomed, idle, or another one's turn has come."""
        while not slot.doomed and not self.closing:
            head = self._head(slot.lane, slot)
            if head is None:
                break
            ticket, build = head
            if build != slot.build:
                if slot.leases or lingers(slot, ticket, self._clock.now(), self._options.patience):
                    break
                self._move(slot, State.DRAINING)
                return
            if len(slot.leases) >= slot.entry.card.concurrency:
                break
            self._grant(ticket, slot)
        idle = self._idle_seconds(slot)
        idle_over = idle and not slot.leases and self._clock.now() - slot.idle_since >= idle
        if slot.doomed or self.closing or idle_over:
            self._move(slot, State.DRAINING)

    def _head(self, lane: str, resident: Slot | None) -> tuple[Ticket, Build] | None:
        waiting = ((ticket, self._wanted(ticket)[0]) for ticket in self._waiting_in(lane))
        build, since = (resident.build, resident.since) if resident else (None, 0.0)
        return next_in_turn(waiting, Turn(build, since, self._clock.now(), self._options.patience))

    def _wanted(self, ticket: Ticket) -> tuple[Build, str]:
        return wanted(ticket, self._slot(ticket.key), self.capacity)

    def _grant(self, ticket: Ticket, slot: Slot) -> None:
        engine, build, now = slot.engine, self._build(slot), self._clock.now()
        if slot.state is not State.READY or engine is None:
            raise RuntimeError(f"{ticket.key} is {slot.state.value} and can't serve")
        why = self._wanted(ticket)[1]
        slot.leases.add(ticket.number)
        slot.statistics.used(now, now - ticket.asked)
        notice = lowered_notice(slot.entry.card, build.rung, why) if why else ""
        self._resolve(ticket, Granted(Held(engine), slot.entry, build.rung, notice))

    def _load(self, key: str, build: Build) -> None:
        slot = self._slot(key)
        kept = self.tier.take(key)
        if kept is not None and kept.build != build:
            self.tier.add(key, kept)
            self._drop(key)
            kept = None
        slot.build, slot.doomed = build, ""
        self._move(slot, State.LOADING)
        self._send(slot.lane, Load(key, build, kept.engine if kept else None))

    def _unload(self, slot: Slot) -> None:
        key, engine, slot.engine = slot.entry.card.key, slot.engine, None
        if engine is None:
            raise RuntimeError(f"{key} is {slot.state.value} without an engine")
        keep = not slot.doomed and not self.closing and type(engine).leave_device is not Engine.leave_device
        if keep:
            wanted_now = {ticket.key for ticket in self.waiting}
            keep, victims = self.tier.make_room(slot, self.slots, wanted_now, self._clock.now())
            for victim in victims:
                self._drop(victim)
        self._move(slot, State.UNLOADING)
        self._send(slot.lane, Unload(key, Held(engine), slot.statistics.bytes, keep))

    def _drop(self, key: str) -> None:
        kept = self.tier.take(key)
        if kept is not None:
            self._dropping += 1
            self._send(self._slot(key).lane, Drop(key, kept.engine))

    # ---- when loading goes wrong, and swaps ---------------------------------------------------------------------

    def _load_ran_out(self, slot: Slot, build: Build, failure: Failure) -> None:
        slot.statistics.out_of_memory += 1
        if self._place.unified and list(self.tier) and slot.retried != build:
            slot.retried = build
            for key in self.tier:
                self._drop(key)
            return
        slot.retried = None
        for ticket in self.waiting.of(slot.entry.card.key):
            if self._wanted(ticket)[0] == build:
                self._resolve(ticket, failure)

    def _back_off(self, slot: Slot, failure: Failure) -> None:
        pause = min(self._options.backoff * 2**slot.failures_in_a_row, self._options.backoff_most)
        slot.failures_in_a_row += 1
        slot.failure, slot.retry_at = failure, self._clock.now() + pause
        for ticket in self.waiting.of(slot.entry.card.key):
            if ticket.candidate is None or ticket.setback is not None:
                self._resolve(ticket, failure)

    def _set_back(self, swap: Ticket, failure: Failure) -> None:
        """The candidate failed: the old model is loaded again where it was resident, then the swap fails."""
        if swap.restore:
            swap.setback = failure
        else:
            self._resolve(swap, failure)

    def _finish_swaps(self, slot: Slot, build: Build) -> None:
        for ticket in self.waiting.of(slot.entry.card.key):
            if ticket.candidate is build.entry:
                slot.entry = build.entry
                slot.measured, slot.worked = {}, {}
                self._registry.replace(build.entry)
                self._resolve(ticket, Done())
            elif ticket.setback is not None and build.entry is slot.entry:
                self._resolve(ticket, ticket.setback)

    def peaked(self, entry: Entry, rung: int, extra: int) -> None:
        """A lease's work was seen to take `extra` bytes beside the engine."""
        slot = self._slot(entry.card.key)
        size = slot.statistics.bytes + extra
        if entry is slot.entry and size > slot.measured.get(rung, 0):
            slot.measured[rung] = size
            self._book.note_peak(entry.card, rung, size)

    # ---- small things -------------------------------------------------------------------------------------------

    def _slot(self, key: str) -> Slot:
        if key not in self.slots:
            entry = self._registry.entry(key)
            known = self._book.measured(entry.card), self._book.worked(entry.card)
            self.slots[key] = Slot(entry, measured=known[0], worked=known[1])
        return self.slots[key]

    def _build(self, slot: Slot) -> Build:
        if slot.build is None:
            raise RuntimeError(f"{slot.entry.card.key} is {slot.state.value} without a build")
        return slot.build

    def _resident(self, lane: str) -> Slot | None:
        return next((s for s in self.slots.values() if s.lane == lane and s.state in RESIDENT), None)

    def _waiting_in(self, lane: str) -> list[Ticket]:
        return [ticket for ticket in self.waiting if self._slot(ticket.key).lane == lane]

    def _idle_seconds(self, slot: Slot) -> float:
        card = slot.entry.card
        own = 0.0 if card.embedded else self._options.idle_seconds
        return own if card.idle_seconds is None else card.idle_seconds

    def _resolve(self, ticket: Ticket, outcome: Granted | Done | Failure) -> None:
        self.waiting.resolve(ticket, outcome)
        self._moved()

    def _closed(self) -> Failure:
        return Failure(StudioError.kind, f"no engine is lent any more: {self.closing}")

    def _move(self, slot: Slot, state: State) -> None:
        slot.move(state)
        self._moved()

    def _moved(self) -> None:
        self.last_move = self._clock.now()
