"""The worker process's main loop: take jobs of one seat, pass cancels on, give signs of life, end when stuck."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from studio.errors import StudioError
from studio.jobs.durable import DurableQueue, Execution
from studio.jobs.locks import is_held, seat_lock
from studio.jobs.runner import Runner
from studio.jobs.seats import STUDIO_SEAT, Post, Standing, choose, engines_named, is_studio_seat
from studio.jobs.store import Job, JobStore, WorkerState
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
        self,
        settings: Settings,
        post: Post,
        store: JobStore,
        runner: Runner,
        snapshot: Callable[[], Mapping[str, Any]],
    ) -> None:
        self._settings, self._seat, self._store, self._runner = settings, post.seat, store, runner
        # The studio's first worker shares its jobs out; the others take what they are given.
        self._helpers = tuple(n for n in post.others if n != post.seat) if post.seat == STUDIO_SEAT else ()
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
            if self._seat == STUDIO_SEAT:
                self._call_back()
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

    def _call_back(self) -> None:
        """Has the jobs back of devices that this start has no worker for."""
        for seat in self._store.burdens(self._seat):
            gone = is_studio_seat(seat) and seat not in (self._seat, *self._helpers)
            if gone and not is_held(seat_lock(self._settings.data, seat)):
                for job in self._store.active(seat):
                    self._store.resume(job.id, self._seat)

    def _next_jobs(self) -> list[Job]:
        """What this worker is to start now; the studio's first worker hands on what others are to do."""
        jobs = self._store.undispatched(self._seat, self._helpers)
        if not jobs or not self._helpers:
            return jobs
        mine, standings = [], {standing.seat: standing for standing in self._standings()}
        for job in jobs:
            taker = choose(engines_named(job.request), standings.values(), self._settings.jobs_per_worker)
            if taker is None:
                break
            standings[taker.seat] = replace(taker, jobs=taker.jobs + 1)
            if taker.seat == self._seat:
                mine.append(job)
            else:
                self._store.hand_on(job, taker.seat)
        return mine

    def _standings(self) -> Iterator[Standing]:
        """Of this worker and of the others that are up."""
        burdens = self._store.burdens(self._seat)
        for state in self._store.workers():
            there = state.seat in self._helpers and is_held(seat_lock(self._settings.data, state.seat))
            if there or state.seat == self._seat:
                kept = state.snapshot.get("ram_tier", {}).get("models", ())
                resident = state.snapshot.get("resident")
                yield Standing(state.seat, burdens.get(state.seat, 0), resident, tuple(kept))

    def _tick(self, queue: DurableQueue) -> None:
        for job in self._next_jobs():
            queue.put(job)
            self._store.mark_dispatched(job)
        for identity in self._store.cancel_requests(self._seat):
            self._runner.cancel(identity)
        for identity, said in self._store.controls(self._seat).items():
            self._runner.control(identity, said)
        stalled = self._runner.stalled(self._settings.stall_seconds)
        if stalled:
            # A thread stuck in native code can't be ended; the process can, and its other jobs resume.
            why = f"no progress for {self._settings.stall_seconds:g} s"
            for job in stalled:
                log.error("job %s: %s", job.id, why)
                self._store.record_death(self._seat, self._settings.retries, why, job.id)
            os._exit(STALLED_EXIT)
