"""Keeps one worker process alive for a seat: starts it, notices when it dies or hangs, starts it again."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from filelock import Timeout

from studio.jobs.locks import seat_lock
from studio.jobs.store import JobStore
from studio.jobs.worker import STALLED_EXIT
from studio.settings import Settings

_POLL_SECONDS = 0.2
_START_SECONDS = 120.0  # until the first heartbeat: a cold disk can take a minute over the imports


@dataclass(frozen=True)
class Launch:
    """How the worker is started: the command, the folder it runs in, and what is added to the environment."""

    command: Sequence[str]
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)


class Supervisor:
    """Several supervisors of one seat (a second studio on the same data folder) take
    turns: one works, the others wait for it to go."""

    def __init__(self, settings: Settings, seat: str, store: JobStore, launch: Launch) -> None:
        self._settings, self._seat, self._store, self._launch = settings, seat, store, launch
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._supervise, name=f"supervisor-{seat}", daemon=True)
        self._worker: subprocess.Popen[bytes] | None = None

    @property
    def worker_pid(self) -> int | None:
        """The present worker's process id, None between two."""
        worker = self._worker
        return worker.pid if worker and worker.poll() is None else None

    def start(self) -> None:
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Has the worker ended without waiting for it."""
        self._stop.set()

    def stop(self, seconds: float = 5.0) -> None:
        """Ends the worker; unfinished jobs stay and go on at the next start."""
        self.ask_to_stop()
        if self._thread.ident is not None:
            self._thread.join(seconds)

    def _supervise(self) -> None:
        lock = seat_lock(self._settings.data, f"{self._seat}-supervisor")
        while not self._stop.is_set():
            try:
                with lock.acquire(timeout=1.0):
                    self._store.forget_deaths(self._seat)
                    self._keep_alive()
            except Timeout:
                continue

    def _keep_alive(self) -> None:
        quick_deaths = 0
        while not self._stop.is_set():
            started = time.monotonic()
            why = self._run_once()
            fruitless = self._store.record_death(self._seat, self._settings.worker_deaths, why) if why else 0
            quick_deaths = quick_deaths + 1 if time.monotonic() - started < 10.0 else 0
            if fruitless:  # a job that got something done before its worker died is not kept waiting for it
                quick_deaths = min(quick_deaths, fruitless)
            self._stop.wait(min(30.0, 0.2 * 2**quick_deaths))

    def _run_once(self) -> str:
        """Runs one worker to its end; returns why it died, "" where that is known to the jobs already."""
        logs = self._settings.data / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        with _log_file(logs / f"worker-{self._seat}.log") as log:
            worker = self._worker = subprocess.Popen(
                list(self._launch.command),
                cwd=self._launch.folder,
                env={**os.environ, **self._launch.environment},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                # Ctrl-C is for the parent: it decides what becomes of the jobs.
                start_new_session=True,
            )
        hung = self._watch(worker)
        if worker.poll() is None:
            worker.kill()
        code = worker.wait()
        if worker.stdin:
            worker.stdin.close()
        if self._stop.is_set() or code == STALLED_EXIT:
            return ""
        return hung or (f"killed by signal {-code}" if code < 0 else f"exit status {code}")

    def _watch(self, worker: subprocess.Popen[bytes]) -> str:
        """Returns when the worker ended, is to end, or (with the reason) hangs.

        Ages are measured on this process's own clock from the last change seen, so that neither a changed system
        time nor a machine's sleep looks like a hang.
        """
        seen, seen_at, patience = None, time.monotonic(), _START_SECONDS
        while worker.poll() is None and not self._stop.wait(_POLL_SECONDS):
            now = time.monotonic()
            state = self._store.worker(self._seat)
            if state and state.pid == worker.pid and state.beat != seen:
                seen, seen_at, patience = state.beat, now, self._settings.dead_after_seconds
            elif now - seen_at > patience:
                return f"no sign of life for {patience:g} s"
        return ""


def _log_file(path: Path):
    """The worker's log, opened for appending; one that has grown past 10 MB starts anew."""
    if path.exists() and path.stat().st_size > 10_000_000:
        path.unlink()
    return path.open("ab")
