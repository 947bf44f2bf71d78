"""Answers without a language model: quoted or measured from the index, or refused."""

from __future__ import annotations

from collections.abc import Callable

from studio.cancellation import CancelToken
from studio.contracts import ChatEngine, ChatRequest
from studio.index.answering import answer
from studio.index.answers import Answer


class EmbeddedChat(ChatEngine):
    def __init__(self, name: str = "embedded", device: str = "cpu", rung: int = 0) -> None:
        super().__init__(name, device, rung)

    def answer(self, request: ChatRequest, say: Callable[[str], None], cancel: CancelToken) -> Answer:
        cancel.check()
        given = request.own or answer(request.index, request.question, request.history)
        cancel.check()
        say(given.answer)
        return given
