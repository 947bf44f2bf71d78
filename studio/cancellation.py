"""The one way to ask running work to stop: a token checked between frames and steps."""

from __future__ import annotations

import threading
from collections.abc import Callable

from studio.errors import Cancelled


class CancelToken:
    """Set once, from any thread; `check()` in the working thread raises `Cancelled`.

    `on_cancel` callbacks run in the cancelling thread, at once when already cancelled; they wake waiters.
    """

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[], None]] = []

    @property
    def cancelled(self) -> bool:
        return self._event.is_set()

    def cancel(self) -> None:
        with self._lock:
            if self._event.is_set():
                return
            self._event.set()
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    def on_cancel(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Register `callback`; returns a function that takes it back."""
        with self._lock:
            if not self._event.is_set():
                self._callbacks.append(callback)
                return lambda: self._forget(callback)
        callback()
        return lambda: None

    def _forget(self, callback: Callable[[], None]) -> None:
        with self._lock:
            if callback in self._callbacks:
                self._callbacks.remove(callback)

    def check(self) -> None:
        if self._event.is_set():
            raise Cancelled

    def wait(self, seconds: float) -> None:
        """Sleep up to `seconds`; raises `Cancelled` as soon as the token is set."""
        if self._event.wait(seconds):
            raise Cancelled
