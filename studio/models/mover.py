"""Carries out what the scheduler orders: loads, warms up, unloads, and measures the memory each of them takes.

One mover works through the orders of its lanes one at a time, in a thread of its own, since a load may take minutes.
It holds no reference to an engine between orders.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from studio.contracts import Engine
from studio.errors import EngineUnavailable, LoadFailed, OutOfMemory
from studio.models.book import MemoryBook
from studio.models.memory import Clock, MemoryGauge, give_back, wait_until_returned
from studio.models.outcomes import Failure, Held
from studio.models.registry import Entry
from studio.models.rungs import is_out_of_memory
from studio.models.states import Build

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outside:
    """Everything the manager touches that isn't its own. Tests put fakes in for the device's memory and the clock.

    loader    makes an engine from (entry, device, rung), not warmed up
    unloader  closes an engine; nothing refers to it afterwards
    gauge     the device's memory
    free      collects garbage and empties caches
    book      what was measured here before
    """

    gauge: MemoryGauge
    clock: Clock = field(default_factory=Clock)
    loader: Callable[[Entry, str, int], Engine] = Entry.create
    unloader: Callable[[Engine], None] = lambda engine: engine.close()
    free: Callable[[], None] = give_back
    book: MemoryBook = field(default_factory=MemoryBook)


@dataclass(frozen=True)
class Load:
    """Load and warm up `build`; from `kept`, the engine in the RAM tier, where there is one."""

    key: str
    build: Build
    kept: Held | None = None


@dataclass(frozen=True)
class Unload:
    """Take the engine off the device: into RAM where `keep`, else closed. `size`: bytes it was measured to take."""

    key: str
    engine: Held
    size: int
    keep: bool


@dataclass(frozen=True)
class Drop:
    """Close an engine that was kept in RAM."""

    key: str
    engine: Held


Order = Load | Unload | Drop


@dataclass(frozen=True)
class Loaded:
    engine: Engine
    size: int
    seconds: float
    restored: bool


@dataclass(frozen=True)
class Unloaded:
    """`kept`: the engine, when it went to RAM; `returned`: bytes that came back; `free`: bytes the device offers now;
    `fault`: what close or leave_device raised, "" normally."""

    kept: Held | None
    returned: int
    free: int
    fault: str = ""


class Reports(Protocol):
    """What the mover tells the scheduler."""

    def warming(self, key: str) -> None: ...
    def loaded(self, key: str, loaded: Loaded) -> None: ...
    def load_failed(self, key: str, failure: Failure) -> None: ...
    def unloaded(self, key: str, unloaded: Unloaded) -> None: ...
    def dropped(self, key: str) -> None: ...


class Mover:
    def __init__(self, device: str, outside: Outside, reports: Reports) -> None:
        self._device, self._outside, self._reports = device, outside, reports

    def perform(self, order: Order) -> None:
        """Carries out one order and reports exactly one ending for it. Never raises."""
        if isinstance(order, Load):
            self._load(order)
        elif isinstance(order, Unload):
            self._unload(order)
        else:
            fault = self._close(order.engine)
            self._outside.free()
            if fault:
                _log.warning("closing %s: %s", order.key, fault)
            self._reports.dropped(order.key)

    def _load(self, order: Load) -> None:
        outside = self._outside
        before, began = outside.gauge.read().used, outside.clock.now()
        result = self._try_to_load(order)
        # Frees what warming up left in caches, or a half-loaded engine, to which nothing refers out here any more.
        outside.free()
        if isinstance(result, Engine):
            size = max(0, outside.gauge.read().used - before)
            seconds = outside.clock.now() - began
            self._reports.loaded(order.key, Loaded(result, size, seconds, order.kept is not None))
            return
        taken = max(0, outside.gauge.read().used - before)
        if taken:
            wait_until_returned(outside.gauge, outside.clock, before + taken, taken)
        self._reports.load_failed(order.key, result)

    def _try_to_load(self, order: Load) -> Engine | Failure:
        engine: Engine | None = None
        try:
            if order.kept is not None:
                engine = order.kept.take()
                engine.enter_device()
            else:
                engine = self._outside.loader(order.build.entry, self._device, order.build.rung)
            self._reports.warming(order.key)
            engine.warm_up()
        except Exception as error:  # noqa: BLE001 - an engine may raise anything; it becomes the waiters' outcome
            failure = _failure(order, error)
            _log.warning("loading %s:\n%s", order.key, "".join(traceback.format_exception(error)))
        else:
            return engine
        if engine is not None:
            fault = self._close(Held(engine))
            if fault:
                _log.warning("closing %s, which did not load: %s", order.key, fault)
        return failure

    def _unload(self, order: Unload) -> None:
        outside = self._outside
        before = outside.gauge.read().used
        engine, kept, fault = order.engine.take(), None, ""
        if order.keep:
            kept, fault = _leave_device(engine)
        if kept is None:
            fault = self._close(Held(engine)) or fault
        del engine
        outside.free()
        returned = wait_until_returned(outside.gauge, outside.clock, before, order.size)
        if fault:
            _log.warning("unloading %s: %s", order.key, fault)
        self._reports.unloaded(order.key, Unloaded(kept, returned, outside.gauge.read().free, fault))

    def _close(self, held: Held) -> str:
        """Closes an engine; returns what it raised, as text: one that can't close is let go of all the same."""
        try:
            self._outside.unloader(held.take())
        except Exception as error:  # noqa: BLE001 - must not leave the model stuck in "unloading"
            return _text(error)
        return ""


def _leave_device(engine: Engine) -> tuple[Held | None, str]:
    try:
        return (Held(engine) if engine.leave_device() else None), ""
    except Exception as error:  # noqa: BLE001 - the caller closes it instead
        return None, _text(error)


def _failure(order: Load, error: Exception) -> Failure:
    key, rung = order.key, order.build.rung
    if is_out_of_memory(error):
        words = order.build.entry.card.rungs[rung]
        return Failure(OutOfMemory.kind, f"{key} does not fit into memory with {words}: {_text(error)}", key, rung)
    if isinstance(error, EngineUnavailable):
        return Failure(error.kind, f"{error.why}" + (f"; {error.remedy}" if error.remedy else ""), key)
    return Failure(LoadFailed.kind, f"{key} did not load: {_text(error)}", key)


def _text(error: BaseException) -> str:
    words: Any = str(error).strip()
    return (
        words
        if isinstance(error, LoadFailed)
        else f"{type(error).__name__}: {words}"
        if words
        else type(error).__name__
    )
