"""The worker process's main loop: take jobs of one seat, pass cancels on, give signs of life, end when stuck."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from studio.errors import StudioError
from studio.jobs.durable import DurableQueue, Execution
from studio.jobs.locks import seat_lock
from studio.jobs.runner import Runner
from studio.jobs.store import JobStore, WorkerState
from studio.settings import Settings

log = logging.getLogger(__name__)

TICK_SECONDS = 0.2
CHORE_SECONDS = 3600.0
STALLED_EXIT = 75  # EX_TEMPFAIL of sysexits.h: worth starting again


def end_with_parent() -> None:
    """Ends this process as soon as the parent is gone: the pipe on standard input then closes, even on kill -9."""

    def wait() -> None:
        sys.stdin.buffer.read()
        os._exit(0)

    threading.Thread(target=wait, name="parent", daemon=True).start()


class Worker:
    """Serves one seat until the process ends."""

    def __init__(
        self, settings: Settings, seat: str, store: JobStore, runner: Runner, snapshot: Callable[[], Mapping[str, Any]]
    ) -> None:
        self._settings, self._seat, self._store, self._runner = settings, seat, store, runner
        self._snapshot = snapshot
        self._chores: list[Callable[[], object]] = []

    def every_hour(self, chore: Callable[[], object]) -> None:
        """`chore` is done at the start and then every hour, in a thread of its own, while the seat is held."""
        self._chores.append(chore)

    def _do_chores(self) -> None:
        while True:
            for chore in self._chores:
                try:
                    chore()
                except StudioError:
                    log.exception("a chore failed; it is tried again in an hour")
            time.sleep(CHORE_SECONDS)

    def serve(self) -> None:
        """Never returns; ends the process with STALLED_EXIT when a job makes no progress."""
        # A killed predecessor's lock is free at once; one still ending gets the time to do so.
        with seat_lock(self._settings.data, self._seat).acquire(timeout=30):
            queue = DurableQueue(self._settings, self._seat, Execution(self._runner.attempt, self._runner.give_up))
            self._readopt(queue)
            threading.Thread(target=self._do_chores, name="chores", daemon=True).start()
            next_beat, beat = 0.0, 0
            while True:
                if time.monotonic() >= next_beat:
                    beat += 1
                    self._store.beat(WorkerState(self._seat, os.getpid(), beat, self._snapshot()))
                    next_beat = time.monotonic() + self._settings.heartbeat_seconds
                self._tick(queue)
                time.sleep(TICK_SECONDS)

    def _readopt(self, queue: DurableQueue) -> None:
        """Queue again what is active here by the job table but unknown to, or ended in, the queue."""
        for job in self._store.active(self._seat):
            if not queue.alive(job):
                self._store.requeue(job.id)

    def _tick(self, queue: DurableQueue) -> None:
        for job in self._store.undispatched(self._seat):
            queue.put(job)
            self._store.mark_dispatched(job)
        for identity in self._store.cancel_requests(self._seat):
            self._runner.cancel(identity)
        stalled = self._runner.stalled(self._settings.stall_seconds)
        if stalled:
            # A thread stuck in native code can't be ended; the process can, and its other jobs resume.
            why = f"no progress for {self._settings.stall_seconds:g} s"
            for job in stalled:
                log.error("job %s: %s", job.id, why)
                self._store.record_death(self._seat, self._settings.retries, why, job.id)
            os._exit(STALLED_EXIT)
