"""Questions that are being answered, here or by a worker, for every page that has the session open, or opens it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from studio.cancellation import CancelToken
from studio.errors import Cancelled
from studio.events import now_utc
from studio.requests import QuestionRequest

if TYPE_CHECKING:
    from studio.compose import VideoSession
    from studio.jobs.store import Job
    from studio.store.conversation import KeptTurn

Answering = Callable[["VideoSession", Callable[[str], None], CancelToken], object]


@dataclass(frozen=True)
class Asked:
    """`said` is as much of the answer as stands; `since` when it was asked, ISO 8601 in UTC."""

    question: str
    said: str = ""
    since: str = field(default_factory=now_utc)

    def is_answered(self, turns: Iterable[KeptTurn]) -> bool:
        """Whether the conversation has it already: a worker's job ends a moment later."""
        return any(turn.question == self.question and turn.time >= self.since for turn in turns)


@dataclass
class _Here:
    asked: Asked
    cancel: CancelToken = field(default_factory=CancelToken)


class Questions:
    """What is being answered in this process, by session."""

    def __init__(self) -> None:
        self._here: dict[str, list[_Here]] = {}
        self._lock = threading.Lock()

    def answer(self, session: VideoSession, question: str, answering: Answering) -> bool:
        """`answering(session, say, cancel)` in the calling thread. False where it was stopped."""
        here = _Here(Asked(question))

        def say(piece: str) -> None:
            here.asked = replace(here.asked, said=here.asked.said + piece)

        with self._lock:
            self._here.setdefault(session.id, []).append(here)
        try:
            with suppress(Cancelled):
                answering(session, say, here.cancel)
                return True
            return False
        finally:
            with self._lock:
                self._here[session.id].remove(here)

    def latest(self, session: str) -> Asked | None:
        with self._lock:
            under_way = self._here.get(session)
            return under_way[-1].asked if under_way else None

    def stop(self, session: str) -> None:
        with self._lock:
            under_way = list(self._here.get(session, ()))
        for here in under_way:
            here.cancel.cancel()


def is_question(job: Job) -> bool:
    """Whether the job answers a question of the session's conversation."""
    return job.kind == QuestionRequest.kind and bool(job.request.get("talk"))
