"""A question about a session's videos, worded by a language model that is an engine: in the worker, where it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from studio.pipelines.asking import keep, said_before, shown, worded
from studio.requests import QuestionRequest

if TYPE_CHECKING:
    from studio.contracts import ChatRequest
    from studio.index.answers import Answer
    from studio.pipelines.context import Context

TOLD_SECONDS = 0.1
"""Between two events at least, however fast a model writes."""
_PRIORITY = 1
"""Somebody waits for it, and it is short: it goes between two batches of whatever is read or drawn."""


def run(body: Mapping[str, Any], context: Context) -> Mapping[str, Any]:
    """Returns the answer as `studio.pipelines.asking.shown` gives it; its sentences come as events before."""
    request = QuestionRequest.from_json(body)
    card = context.engine("chat", {"chat": request.engine}, request.substitutes)
    with context.stage("answer", "Answering", 1) as stage:

        def word(asked: ChatRequest) -> Answer:
            def answer(engine: Any) -> Answer:
                telling = Telling(context.emit)

                def say(piece: str) -> None:
                    stage.report()
                    telling.say(piece)

                given = engine.answer(asked, say, context.cancel)
                telling.end()
                return given

            return context.lease(card, answer, priority=_PRIORITY)

        history = said_before(request.project) if request.talk else ()
        given = worded(request.project, request.question, word, history)
    for notice in given.notices:
        context.notice(notice)
    if request.talk:
        return {"answer": keep(request.project, request.question, given).answer}
    return {"answer": shown(request.project, given)}


class Telling:
    """An answer told in pieces as events, those that come close together in one. Each telling begins anew: what an
    attempt before it told counts no more."""

    def __init__(
        self, emit: Callable[[str, Mapping[str, Any]], None], now: Callable[[], float] = time.monotonic
    ) -> None:
        self._emit, self._now = emit, now
        self._told, self._waiting, self._last = 0, "", float("-inf")

    def say(self, piece: str) -> None:
        self._waiting += piece
        if self._now() - self._last >= TOLD_SECONDS:
            self.end()

    def end(self) -> None:
        """What is left is told."""
        if not self._waiting:
            return
        self._emit("text", {"text": self._waiting, "at": self._told})
        self._told, self._waiting, self._last = self._told + len(self._waiting), "", self._now()
