"""A question about a session's videos, worded by a language model that is an engine: in the worker, where it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from studio.pipelines.asking import keep, said_before, shown, worded
from studio.requests import QuestionRequest

if TYPE_CHECKING:
    from studio.contracts import ChatRequest
    from studio.index.answers import Answer
    from studio.pipelines.context import Context


def run(body: Mapping[str, Any], context: Context) -> Mapping[str, Any]:
    """Returns the answer as `studio.pipelines.asking.shown` gives it."""
    request = QuestionRequest.from_json(body)
    card = context.engine("chat", {"chat": request.engine}, request.substitutes)
    with context.stage("answer", "Answering", 1) as stage:

        def word(asked: ChatRequest) -> Answer:
            return context.lease(card, lambda engine: engine.answer(asked, lambda _: stage.report(), context.cancel))

        history = said_before(request.project) if request.talk else ()
        given = worded(request.project, request.question, word, history)
    for notice in given.notices:
        context.notice(notice)
    if request.talk:
        return {"answer": keep(request.project, request.question, given).answer}
    return {"answer": shown(request.project, given)}
