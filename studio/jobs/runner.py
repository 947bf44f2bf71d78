"""Runs jobs inside the worker: from the stored request to the pipeline, and every ending to its last event."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from studio.cancellation import CancelToken
from studio.errors import BadInput, Cancelled, EngineUnavailable, StorageFailed, StudioError
from studio.jobs.durable import AttemptFailed
from studio.jobs.store import Job, JobStore
from studio.pipelines.context import Context, ContextParts
from studio.pipelines.controls import Controls

log = logging.getLogger(__name__)

Pipeline = Callable[[Mapping[str, Any], Context], Mapping[str, Any]]
"""From a request's JSON and a context to the `done` event's result."""

# Another attempt can't end differently.
_LASTING = (BadInput, EngineUnavailable, StorageFailed)


@dataclass
class _Running:
    job: Job
    cancel: CancelToken = field(default_factory=CancelToken)
    controls: Controls = field(default_factory=Controls)
    attempts: int = 0
    last_sign: float = field(default_factory=time.monotonic)


class Runner:
    def __init__(self, store: JobStore, pipelines: Mapping[str, Pipeline], parts: ContextParts) -> None:
        self._store, self._pipelines, self._parts = store, pipelines, parts
        self._running: dict[str, _Running] = {}
        self._lock = threading.Lock()

    def attempt(self, identity: str, run: int) -> None:
        """One attempt at a run, in the calling thread. Raises AttemptFailed where another may end better."""
        job = self._store.begin(identity, run)
        if job is None:
            return
        with self._lock:
            running = self._running.setdefault(identity, _Running(job))
            running.attempts += 1
            running.last_sign = time.monotonic()
        try:
            result = self._pipelines[job.kind](job.request, self._context(running))
        except Cancelled:
            self._finish(job, "cancelled", {})
        except _LASTING as error:
            self._finish(job, "failed", {"error": error.to_json()})
        except Exception as error:
            log.exception("job %s, attempt %d", identity, running.attempts)
            words = str(error) if isinstance(error, StudioError) else f"{type(error).__name__}: {error}"
            self._store.append(identity, "notice", {"text": f"Attempt {running.attempts} failed: {words}"})
            raise AttemptFailed(words) from None
        else:
            self._finish(job, "done", {"result": dict(result)})

    def give_up(self, identity: str, run: int, words: str) -> None:
        with self._lock:
            self._running.pop(identity, None)
        self._store.finish(identity, run, "failed", {"error": {"kind": "failed", "message": words}})

    def cancel(self, identity: str) -> None:
        with self._lock:
            running = self._running.get(identity)
        if running:
            running.cancel.cancel()

    def control(self, identity: str, said: Mapping[str, Any]) -> None:
        """Hands what a person set to a job that runs here."""
        with self._lock:
            running = self._running.get(identity)
        if running:
            running.controls.put(said)

    def stalled(self, seconds: float) -> list[Job]:
        """Jobs that gave no sign of progress for `seconds`."""
        with self._lock:
            return [r.job for r in self._running.values() if time.monotonic() - r.last_sign > seconds]

    def _context(self, running: _Running) -> Context:
        def emit(kind: Any, data: Mapping[str, Any]) -> None:
            running.last_sign = time.monotonic()
            self._store.append(running.job.id, kind, data)

        def sign_of_life() -> None:
            running.last_sign = time.monotonic()

        context = Context(running.job.project, running.cancel, emit, sign_of_life, self._parts)
        context.controls = running.controls
        return context

    def _finish(self, job: Job, kind: Any, data: Mapping[str, Any]) -> None:
        with self._lock:
            self._running.pop(job.id, None)
        self._store.finish(job.id, job.run, kind, data)
