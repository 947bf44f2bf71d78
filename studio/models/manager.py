"""The model manager: lends engines, keeps at most one model with weights on the device, survives memory running out.

    with manager.lease("image/painter", LeaseOptions(cancel=token)) as lease:
        lease.engine.paint(...)

    manager.run("image/painter", LeaseOptions(notify=say), lambda engine: engine.paint(...))

`run` also goes down the rungs when memory runs out, and runs equal work once. States: states.py; who is next: turns.py;
what happens then: scheduler.py; the loading itself: mover.py; the threads: machinery.py.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from studio.errors import BadInput, Cancelled, OutOfMemory, TimedOut
from studio.models.book import MemoryBook, device_key
from studio.models.cards import EngineCard
from studio.models.devices import Device, detect_device
from studio.models.lending import Lease, RanOut, attempt, bare, free_frames
from studio.models.machinery import Machinery
from studio.models.memory import MemoryGauge, PeakMeter, gauge_for, ram_budget
from studio.models.mover import Outside
from studio.models.options import ManagerOptions, Place
from studio.models.outcomes import Done, Failure, Granted, Lead, LeaseOptions, Outcome, Raised, Ticket
from studio.models.registry import Entry, Factory, Registry
from studio.models.snapshot import Health, describe, judge

__all__ = ["Lease", "LeaseOptions", "ManagerOptions", "ModelManager", "Outside", "build_manager"]

_SWAP_PRIORITY = 1_000_000
_ANSWER_SECONDS = 2.0
_MUTE = Health(False, f"the model scheduler does not answer within {_ANSWER_SECONDS:g} s")

T = TypeVar("T")


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

    @property
    def gauge(self) -> MemoryGauge:
        """Measures the device's memory, or this process's where the device is the CPU."""
        return self._outside.gauge

    # ---- leases ----

    @contextmanager
    def lease(self, key: str, options: LeaseOptions | None = None) -> Iterator[Lease]:
        """Lends the engine "task/name" to the calling thread, which may hold one lease at a time.

        Raises NotFound, BadInput (fixed_rung), Cancelled, TimedOut (deadline), LoadFailed, EngineUnavailable,
        OutOfMemory when it does not fit, StudioError when the manager is closed, RuntimeError when leases are nested.
        """
        ticket = self._ticket(key, options or LeaseOptions())
        outcome = self._wait(ticket, self._scheduler.ask, ticket)
        if not isinstance(outcome, Granted):
            raise _error(outcome)
        with self._lend(ticket, outcome) as lease:
            yield lease

    def run(self, key: str, options: LeaseOptions | None, work: Callable[[Any], T], dedup_key: str | None = None) -> T:
        """`work(engine)` under a lease, one rung lower each time memory runs out, with a notice.

        dedup_key  names equal work (seed and user included): while it is under way, whoever asks with the same key
                   waits for it and shares its result, which is not to be changed
        Raises what `lease` and `work` raise; OutOfMemory after the last rung, or at the rung the user fixed.
        """
        chosen = options or LeaseOptions()
        if dedup_key is None:
            return self._run_down(key, chosen, work)
        flight = f"{key} {dedup_key}"
        ticket = self._ticket(key, chosen)
        outcome = self._wait(ticket, self._scheduler.join, flight, ticket)
        if isinstance(outcome, Done):
            for notice in outcome.notices:
                _tell(chosen, notice)
            return outcome.value
        if not isinstance(outcome, Lead):
            raise _error(outcome)
        return self._lead(flight, key, _after(chosen, self._outside.clock.now() - ticket.asked), work)

    # ---- the models themselves ----

    def swap(self, key: str, card: EngineCard, factory: Factory | None = None) -> None:
        """Puts a new engine in the place of `key`, once its leases have ended. When the new one does not load, the old
        one is loaded again if it was there, goes on serving, and the reason is raised (LoadFailed, OutOfMemory, ...).
        """
        old = self._registry.entry(key).card
        if card.key != key or card.embedded != old.embedded:
            kind = "embedded" if old.embedded else "with weights"
            raise BadInput("card", card.key, f"a card of {key}, {kind} like the one it replaces")
        ticket = self._ticket(key, LeaseOptions(priority=_SWAP_PRIORITY))
        ticket.candidate = Entry(card, factory)
        outcome = self._wait(ticket, self._scheduler.ask, ticket)
        if not isinstance(outcome, Done):
            raise _error(outcome)

    def unload(self, key: str) -> None:
        """Frees the model's memory, in RAM too, as soon as its leases end. Does not wait for that."""
        self._registry.entry(key)
        self._post(self._scheduler.unload, key)

    def is_lending(self) -> bool:
        """Whether somebody works with an engine now."""
        return bool(self._inquire(lambda: any(slot.leases for slot in self._scheduler.slots.values())))

    def is_awaited(self, key: str) -> bool:
        """Whether somebody waits for a model that can't be on the device beside `key`."""

        def others() -> bool:
            waiting = (ticket.key for ticket in self._scheduler.waiting)
            return any(each != key and not self._registry.entry(each).card.embedded for each in waiting)

        return bool(self._inquire(others))

    # ---- how it is doing ----

    def health(self) -> Health:
        """Bad, with the reason, when the scheduler does not answer or somebody waits and nothing moves."""
        return self._inquire(lambda: judge(self._scheduler, self._options.stall_seconds)) or _MUTE

    def snapshot(self) -> dict[str, Any]:
        """Device, memory, health, who waits, and every model used so far; JSON-ready (see snapshot.py)."""
        reading = self._outside.gauge.read()
        models = self._inquire(lambda: describe(self._scheduler, self._outside.clock.now()))
        return {
            "device": self.device.to_json(),
            "memory": {"used_bytes": reading.used, "total_bytes": reading.total},
            "health": (self.health() if models else _MUTE).to_json(),
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
    def _lend(self, ticket: Ticket, granted: Granted) -> Iterator[Lease]:
        clock, options = self._outside.clock, ticket.options
        began = clock.now()
        lease = Lease(granted, began - ticket.asked, lambda: self._post(self._scheduler.touch))
        self._holding.key = ticket.key
        dirt = "its last lease was not ended properly"
        try:
            if options.cancel:
                options.cancel.check()
            if granted.notice:
                _tell(options, granted.notice)
            with self._metered(granted):
                yield lease
        except BaseException as error:
            free_frames(error)
            self._outside.free()
            raise
        finally:
            try:
                dirt = lease.end()
            finally:
                self._holding.key = None
                self._post(self._scheduler.release, ticket, clock.now() - began, dirt)

    @contextmanager
    def _metered(self, granted: Granted) -> Iterator[None]:
        """Measures what the work takes on the device beside the engine, and remembers the most."""
        if granted.entry.card.embedded:
            yield
            return
        with PeakMeter(self._outside.gauge) as meter:
            before = meter.peak
            yield
        self._post(self._scheduler.peaked, granted.entry, granted.rung, max(0, meter.peak - before))

    def _run_down(self, key: str, options: LeaseOptions, work: Callable[[Any], T]) -> T:
        asked, floor = self._outside.clock.now(), 0
        while True:
            remaining = _after(options, self._outside.clock.now() - asked)
            result = self._attempt(self._ticket(key, remaining, floor), work)
            if not isinstance(result, RanOut):
                return result
            floor = max(floor, result.rung) + 1
            if options.fixed_rung is not None or floor > self._registry.entry(key).card.last_rung:
                raise OutOfMemory(result.text)

    def _attempt(self, ticket: Ticket, work: Callable[[Any], T]) -> T | RanOut:
        outcome = self._wait(ticket, self._scheduler.ask, ticket)
        if isinstance(outcome, Failure) and outcome.rung is not None:
            return RanOut(outcome.text, outcome.rung)
        if not isinstance(outcome, Granted):
            raise _error(outcome)
        with self._lend(ticket, outcome) as lease:
            result = attempt(work, lease)
            if isinstance(result, RanOut):
                self._outside.free()
                self._post(self._scheduler.ran_out, ticket)
            elif ticket.floor:
                self._post(self._scheduler.worked, ticket, lease.rung)
                self._outside.book.note_worked(lease.card, ticket.options.shape, lease.rung)
        return result

    def _lead(self, flight: str, key: str, options: LeaseOptions, work: Callable[[Any], T]) -> T:
        """Does the work all followers of `flight` wait for. Its own end of patience is no outcome for them."""
        landing: Done | Raised | None = None
        notices: list[str] = []

        def note(text: str) -> None:
            notices.append(text)
            _tell(options, text)

        try:
            value = self._run_down(key, replace(options, notify=note), work)
            landing = Done(value, tuple(notices))
            return value
        except (Cancelled, TimedOut):
            raise
        except Exception as error:
            landing = Raised(bare(error))
            raise
        finally:
            self._post(self._scheduler.land, flight, landing)

    def _inquire(self, question: Callable[[], T]) -> T | None:
        """What the scheduler's thread says to `question`; None if it does not answer."""
        answer: SimpleQueue[T] = SimpleQueue()
        self._post(lambda: answer.put(question()))
        try:
            return answer.get(timeout=_ANSWER_SECONDS)
        except Empty:
            return None


def build_manager(
    registry: Registry, device: str | None = None, options: ManagerOptions | None = None, book: Path | None = None
) -> ModelManager:
    """The manager of this worker: of the device called `device`, or of the best one. Holds `registry` to that device.
    What it measures is kept in the file `book`.

    Raises BadInput or EngineUnavailable for a device that is none or isn't there.
    """
    found = detect_device(device)
    registry.device, registry.precision = found.name, found.precision
    gauge = gauge_for(found)
    outside = Outside(gauge, book=MemoryBook(book, device_key(found.title, gauge.read().total)))
    return ModelManager(registry, found, options, outside)


def _after(options: LeaseOptions, seconds: float) -> LeaseOptions:
    """`options` with what is left of the deadline after `seconds`."""
    return options if options.deadline is None else replace(options, deadline=max(0.0, options.deadline - seconds))


def _tell(options: LeaseOptions, notice: str) -> None:
    if options.notify:
        options.notify(notice)


def _error(outcome: Outcome) -> BaseException:
    if isinstance(outcome, Failure):
        return outcome.error()
    return bare(outcome.error) if isinstance(outcome, Raised) else RuntimeError(f"unexpected outcome {outcome}")
