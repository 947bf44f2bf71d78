"""Items made in a thread of their own while the ones before are worked with."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from queue import SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")


class _Faulty:
    """How the making ended: with `fault`, or None at its end."""

    def __init__(self, fault: BaseException | None = None) -> None:
        self.fault = fault


class Ahead(Generic[T]):
    """Iterate over it once: what `make()` yields, in order, up to `depth` made before they are taken. What it raises is
    raised here, after the items before it. Whoever stops taking closes it, and its generator is closed where it runs.
    """

    def __init__(self, make: Callable[[], Iterator[T]], depth: int) -> None:
        self._make, self._made = make, SimpleQueue[T | _Faulty]()
        self._room, self._stopped = threading.Semaphore(depth), threading.Event()
        self._thread = threading.Thread(target=self._work, name="ahead", daemon=True)

    def __iter__(self) -> Generator[T]:
        self._thread.start()
        try:
            while not isinstance(item := self._made.get(), _Faulty):
                self._room.release()
                yield item
            if item.fault is not None:
                raise item.fault
        finally:
            self._stopped.set()
            self._room.release()
            self._thread.join()

    def _work(self) -> None:
        end = _Faulty()
        items = self._make()
        try:
            while self._room.acquire() and not self._stopped.is_set():
                self._made.put(next(items))
        except StopIteration:
            pass
        except BaseException as fault:  # noqa: BLE001 - whatever it is, it is raised where the items are taken
            end.fault = fault
        finally:
            close = getattr(items, "close", None)
            if close is not None:
                close()
            self._made.put(end)
