"""The model manager: lends engines, keeps at most one model with weights on the device, survives memory running out.

    with manager.lease("image/painter", LeaseOptions(cancel=token)) as lease:
        lease.engine.paint(...)

    manager.run("image/painter", lambda engine: engine.paint(...), LeaseOptions(notify=say))

`run` also goes down the rungs when memory runs out, and runs equal work once. States: states.py; who is next: turns.py;
what happens then: scheduler.py; the loading itself: mover.py; the threads: machinery.py.
"""

from __future__ import annotations

import itertools
import logging
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from studio.contracts import Engine
from studio.errors import BadInput, Cancelled, OutOfMemory, TimedOut
from studio.models.cards import EngineCard
from studio.models.devices import Device, detect_device
from studio.models.machinery import Machinery
from studio.models.memory import gauge_for, ram_budget
from studio.models.mover import Outside
from studio.models.options import ManagerOptions, Place
from studio.models.outcomes import Done, Failure, Granted, Lead, LeaseOptions, Outcome, Raised, Ticket
from studio.models.registry import Entry, Factory, Registry
from studio.models.rungs import is_out_of_memory, lowered_notice
from studio.models.snapshot import Health, describe, judge

_log = logging.getLogger(__name__)
_SWAP_PRIORITY = 1_000_000
_ANSWER_SECONDS = 2.0

T = TypeVar("T")
E = TypeVar("E", bound=Engine)


class Lease:
    """An engine on loan, until the `with` block ends. `rung` counts from 0, the best; `waited` in seconds."""

    def __init__(self, granted: Granted, waited: float, touch: Callable[[], None]) -> None:
        self._engine: Engine | None = granted.engine
        self.card, self.rung, self.waited, self.touch = granted.entry.card, granted.rung, waited, touch
        """`touch()` tells the manager that long work makes progress, so that its health stays good."""

    @property
    def engine(self) -> Any:
        """The engine. Raises RuntimeError once the lease has ended."""
        if self._engine is None:
            raise RuntimeError(f"the lease of {self.card.key} has ended")
        return self._engine

    def end(self) -> None:
        self._engine = None


@dataclass(frozen=True)
class _RanOut:
    """Memory ran out at `rung`; text only."""

    text: str
    card: EngineCard
    rung: int


class ModelManager:
    """One per device. All methods may be called from any thread; `close` it."""

    def __init__(
        self,
        registry: Registry,
        device: Device,
        options: ManagerOptions | None = None,
        outside: Outside | None = None,
    ) -> None:
        self._registry, self.device = registry, device
        self._options = options or ManagerOptions()
        self._outside = outside or Outside(gauge_for(device))
        ram = self._options.ram_bytes
        place = Place(
            capacity=self._outside.gauge.read().free,
            ram_bytes=ram_budget() if ram is None else ram,
            unified=device.kind != "cuda",
        )
        self._machinery = Machinery(registry, device.name, place, self._options, self._outside)
        self._scheduler = self._machinery.scheduler
        self._post = self._machinery.post
        self._numbers = itertools.count(1)
        self._holding = threading.local()

    # ---- leases ----

    @contextmanager
    def lease(self, key: str, options: LeaseOptions | None = None) -> Iterator[Lease]:
        """Lends the engine "task/name" to the calling thread, which may hold one lease at a time.

        Raises NotFound, BadInput (fixed_rung), Cancelled, TimedOut (deadline), LoadFailed, EngineUnavailable (also
        when the manager is closed), OutOfMemory when it does not fit, RuntimeError when leases are nested.
        """
        ticket = self._ticket(key, options or LeaseOptions())
        outcome = self._wait(ticket, self._scheduler.ask, ticket)
        if isinstance(outcome, Failure):
            raise outcome.error()
        with self._lend(ticket, outcome) as lease:
            yield lease

    def run(
        self,
        key: str,
        work: Callable[[Any], T],
        options: LeaseOptions | None = None,
        dedup_key: str | None = None,
    ) -> T:
        """`work(engine)` under a lease, one rung lower each time memory runs out, with a notice.

        dedup_key  names equal work (seed and user included): while it is under way, whoever asks with the same key
                   waits for it and shares its result, which is not to be changed
        Raises what `lease` and `work` raise; OutOfMemory after the last rung, or at the rung the user fixed.
        """
        chosen = options or LeaseOptions()
        if dedup_key is None:
            return self._run_down(key, work, chosen)
        flight = f"{key} {dedup_key}"
        ticket = self._ticket(key, chosen)
        outcome = self._wait(ticket, self._scheduler.join, flight, ticket)
        if isinstance(outcome, Failure):
            raise outcome.error()
        if isinstance(outcome, Raised):
            raise outcome.error
        if isinstance(outcome, Done):
            return outcome.value
        return self._lead(flight, lambda: self._run_down(key, work, _less(chosen, ticket, self._outside.clock.now())))

    # ---- the models themselves ----

    def swap(self, key: str, card: EngineCard, factory: Factory | None = None) -> None:
        """Puts a new engine in the place of `key`, once its leases have ended. When the new one does not load, the old
        one is loaded again if it was there, goes on serving, and the reason is raised (LoadFailed, OutOfMemory, ...).
        """
        old = self._registry.entry(key).card
        if card.key != key or card.embedded != old.embedded:
            kind = "embedded" if old.embedded else "with weights"
            raise BadInput("card", card.key, f"a card of {key}, {kind} like the one it replaces")
        ticket = replace(self._ticket(key, LeaseOptions(priority=_SWAP_PRIORITY)), candidate=Entry(card, factory))
        outcome = self._wait(ticket, self._scheduler.ask, ticket)
        if isinstance(outcome, Failure):
            raise outcome.error()

    def unload(self, key: str) -> None:
        """Frees the model's memory, in RAM too, as soon as its leases end. Does not wait for that."""
        self._registry.entry(key)
        self._post(self._scheduler.unload, key)

    # ---- how it is doing ----

    def health(self) -> Health:
        """Bad, with the reason, when the scheduler does not answer or somebody waits and nothing moves."""
        answer = self._ask_scheduler(lambda: judge(self._scheduler, self._options.stall_seconds))
        return answer or Health(False, f"the model scheduler does not answer within {_ANSWER_SECONDS:g} s")

    def snapshot(self) -> dict[str, Any]:
        """Device, memory, health, who waits, and every model used so far; JSON-ready (see snapshot.py)."""
        reading = self._outside.gauge.read()
        models = self._ask_scheduler(lambda: describe(self._scheduler, self._outside.clock.now()))
        return {
            "device": self.device.to_json(),
            "memory": {"used_bytes": reading.used, "total_bytes": reading.total},
            "health": self.health().to_json(),
            **(models or {}),
        }

    def close(self) -> bool:
        """Ends all waits, unloads everything as leases end. False if something held on for `close_seconds`."""
        self._post(self._scheduler.close)
        return self._machinery.join(self._options.close_seconds)

    # ---- within ----

    def _ticket(self, key: str, options: LeaseOptions, floor: int = 0) -> Ticket:
        card = self._registry.entry(key).card
        if options.fixed_rung is not None and not 0 <= options.fixed_rung <= card.last_rung:
            accepted = ", ".join(f"{rung} ({words})" for rung, words in enumerate(card.rungs))
            raise BadInput("fixed_rung", options.fixed_rung, accepted)
        held = getattr(self._holding, "key", None)
        if held is not None:
            # Two threads, each holding what the other waits for, would wait for ever.
            raise RuntimeError(f"a thread that holds {held} asked for {key}: leases don't nest")
        return Ticket(next(self._numbers), key, options, self._outside.clock.now(), floor)

    def _wait(self, ticket: Ticket, message: Callable[..., None], *arguments: Any) -> Outcome:
        """Posts a message about `ticket` and waits for its outcome; cancelling the ticket's token ends the wait."""
        cancel = ticket.options.cancel
        self._post(message, *arguments)
        forget = cancel.on_cancel(lambda: self._post(self._scheduler.withdraw, ticket)) if cancel else None
        try:
            return ticket.wait()
        except BaseException:
            self._post(self._scheduler.abandon, ticket)
            raise
        finally:
            if forget:
                forget()

    @contextmanager
    def _lend(self, ticket: Ticket, granted: Outcome) -> Iterator[Lease]:
        if not isinstance(granted, Granted):
            raise RuntimeError(f"{ticket.key}: a lease was asked for and {granted} came")
        began = self._outside.clock.now()
        lease = Lease(granted, began - ticket.asked, lambda: self._post(self._scheduler.touch))
        self._holding.key = ticket.key
        dirt = f"{ticket.key}: its lease was not ended properly"
        try:
            if granted.notice and ticket.options.notify:
                ticket.options.notify(granted.notice)
            yield lease
        except BaseException as error:
            self._free_frames(error)
            raise
        finally:
            lease.end()
            dirt = _leftovers(granted)
            self._holding.key = None
            self._post(self._scheduler.release, ticket, self._outside.clock.now() - began, dirt)

    def _free_frames(self, error: BaseException) -> None:
        """Lets go of what the frames an exception passed through still hold, and frees it: a cancelled or failed job
        keeps no device memory."""
        seen: set[int] = set()
        pending: list[BaseException | None] = [error]
        while pending:
            current = pending.pop()
            if current is not None and id(current) not in seen:
                seen.add(id(current))
                traceback.clear_frames(current.__traceback__)
                pending += [current.__cause__, current.__context__]
        self._outside.free()

    def _run_down(self, key: str, work: Callable[[Any], T], options: LeaseOptions) -> T:
        floor, asked, tried = 0, self._outside.clock.now(), False
        while True:
            attempt = self._attempt(self._ticket(key, _later(options, self._outside.clock.now() - asked), floor), work, tried)
            if not isinstance(attempt, _RanOut):
                return attempt
            card, tried = attempt.card, True
            lower = max(floor, attempt.rung) + 1
            if options.fixed_rung is not None or lower > card.last_rung:
                raise OutOfMemory(f"{key} ran out of memory with {card.rungs[min(attempt.rung, card.last_rung)]}: {attempt.text}")
            floor = lower
