"""A job followed to its end: events as JSON or in words, and the exit status that says how it went."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from studio.cli.arguments import BAD_INPUT, CANCELLED, DONE, FAILED
from studio.errors import BadInput, NotFound

if TYPE_CHECKING:
    from studio.compose import Studio
    from studio.events import Event
    from studio.jobs.store import Job

POLL_SECONDS = 0.1
_BAD_INPUT_KINDS = (BadInput.kind, NotFound.kind)


def follow(
    studio: Studio,
    job: Job,
    as_json: bool,
    done: Callable[[Event], None] | None = None,
    first: Mapping[str, Any] | None = None,
) -> int:
    """Prints a job's events to its end, working on it here unless another process has its seat. Ctrl-C cancels.

    `done` prints the result its own way; events are then told in words alone. `first` is added to the first event.
    """
    signal.signal(signal.SIGINT, lambda *_: studio.cancel(job.id))
    seq, narrator = job.first_seq - 1, _Narrator()
    try:
        while True:
            job = studio.attend(studio.job(job.id))
            for event in studio.events(job.id, seq):
                seq = event.seq
                if done and event.kind == "done":
                    narrator.end()
                    done(event)
                elif as_json:
                    print(json.dumps({**event.to_json(), **(first or {})}), flush=True)
                    first = None
                else:
                    narrator.say(event)
            if not job.active:
                status = _exit_status(studio, job, seq)
                if status not in (DONE, BAD_INPUT):
                    narrator.end()
                return status
            time.sleep(POLL_SECONDS)
    finally:
        studio.close()


class _Narrator:
    """Events in words on standard error, results on standard output. A terminal sees one line that changes; a file gets
    what there is to say once the job is done, since a refusal has to stand alone there."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._kept: list[str] = []

    def say(self, event: Event) -> None:
        data = event.data
        if event.kind == "progress":
            self._progress(data)
        elif event.kind == "notice":
            self._line(data["text"])
        elif event.kind == "done":
            self.end()
            for role, value in data["result"].items():
                print(f"{role}\t{value}")

    def _progress(self, data: Mapping[str, Any]) -> None:
        eta = data["eta_seconds"]
        left = "" if eta is None else f", about {max(1, round(eta))} s left"
        if self._terminal:
            print(f"\r\033[K{data['label']}: {data['done']}/{data['total']}{left}", end="", file=sys.stderr, flush=True)

    def _line(self, text: str) -> None:
        if self._terminal:
            print(f"\r\033[K{text}", file=sys.stderr, flush=True)
        else:
            self._kept.append(text)

    def end(self) -> None:
        """Says what was kept back, and leaves a clean line."""
        if self._terminal:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
        for text in self._kept:
            print(text, file=sys.stderr, flush=True)
        self._kept.clear()


def _exit_status(studio: Studio, job: Job, seq: int) -> int:
    if job.state == "done":
        return DONE
    if job.state == "cancelled":
        return CANCELLED
    last = studio.events(job.id, seq - 1)[-1]
    error = last.data.get("error", {})
    print(" ".join(str(error.get("message", "failed")).split()), file=sys.stderr)
    return BAD_INPUT if error.get("kind") in _BAD_INPUT_KINDS else FAILED
