"""The manager's threads: one that owns the state, and one mover for the device, one for the embedded engines."""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any

from studio.models.mover import Loaded, Mover, Order, Outside, Unloaded
from studio.models.options import ManagerOptions, Place
from studio.models.outcomes import Failure
from studio.models.registry import Registry
from studio.models.scheduler import Scheduler
from studio.models.states import DEVICE_LANE

_log = logging.getLogger(__name__)

_LONGEST_WAIT = 3600.0
Message = tuple[Callable[..., None], tuple[Any, ...]]


class Machinery:
    """Runs a `Scheduler` on a thread of its own. `post(scheduler.method, *arguments)` is the only way to it."""

    def __init__(
        self, registry: Registry, device: str, place: Place, options: ManagerOptions, outside: Outside
    ) -> None:
        self.scheduler = Scheduler(registry, place, options, outside.clock, self._order, outside.book)
        self._inbox: SimpleQueue[Message] = SimpleQueue()
        self._orders: dict[bool, SimpleQueue[Order | None]] = {True: SimpleQueue(), False: SimpleQueue()}
        self._mover = Mover(device, outside, _Post(self))
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._schedule, name="models", daemon=True),
            threading.Thread(target=self._move, args=(self._orders[True],), name="models-device", daemon=True),
            threading.Thread(target=self._move, args=(self._orders[False],), name="models-embedded", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def post(self, method: Callable[..., None], *arguments: Any) -> None:
        self._inbox.put((method, arguments))
        if self._over.is_set():
            # The thread that would have read it has ended; nothing is left to race with but other refusals.
            self._handle_rest()

    def join(self, seconds: float) -> bool:
        """Waits for the end after `scheduler.close` was posted. False if something holds it up after `seconds`."""
        return self._over.wait(seconds)

    def _order(self, lane: str, order: Order) -> None:
        self._orders[lane == DEVICE_LANE].put(order)

    def _schedule(self) -> None:
        while not self.scheduler.ended:
            try:
                message = self._inbox.get(timeout=self._patience())
            except Empty:
                message = (self.scheduler.tick, ())
            self._handle(message)
            del message  # it may hold an engine
        self._over.set()
        self._handle_rest()
        for orders in self._orders.values():
            orders.put(None)

    def _patience(self) -> float | None:
        seconds = self.scheduler.seconds_to_next()
        return None if seconds is None else min(seconds, _LONGEST_WAIT)

    def _handle(self, message: Message) -> None:
        method, arguments = message
        try:
            method(*arguments)
        except Exception as error:  # noqa: BLE001 - a fault in here must end every wait, not leave it hanging
            _log.error("the model scheduler failed:\n%s", "".join(traceback.format_exception(error)))
            self.scheduler.give_up(f"the model scheduler failed: {type(error).__name__}: {error}")

    def _handle_rest(self) -> None:
        while True:
            try:
                self._handle(self._inbox.get_nowait())
            except Empty:
                return

    def _move(self, orders: SimpleQueue[Order | None]) -> None:
        while (order := orders.get()) is not None:
            try:
                self._mover.perform(order)
            except Exception as error:  # noqa: BLE001 - the gauge failed: nothing can be said of the device any more
                _log.error("moving %s failed:\n%s", order.key, "".join(traceback.format_exception(error)))
                self.post(self.scheduler.give_up, f"the device can't be measured: {type(error).__name__}: {error}")
            del order


class _Post:
    """The mover's reports, each turned into a message."""

    def __init__(self, machinery: Machinery) -> None:
        self._post, self._scheduler = machinery.post, machinery.scheduler

    def warming(self, key: str) -> None:
        self._post(self._scheduler.warming, key)

    def loaded(self, key: str, loaded: Loaded) -> None:
        self._post(self._scheduler.loaded, key, loaded)

    def load_failed(self, key: str, failure: Failure) -> None:
        self._post(self._scheduler.load_failed, key, failure)

    def unloaded(self, key: str, unloaded: Unloaded) -> None:
        self._post(self._scheduler.unloaded, key, unloaded)

    def dropped(self, key: str) -> None:
        self._post(self._scheduler.dropped, key)
