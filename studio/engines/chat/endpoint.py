"""Answers by a language model behind an OpenAI-compatible endpoint, held to the evidence sentence by sentence."""

from __future__ import annotations

from collections.abc import Callable

from studio.cancellation import CancelToken
from studio.engines.chat.grounded import GroundedChat, Messages
from studio.engines.chat.service import REMEDY, endpoint, unavailable
from studio.errors import EngineUnavailable
from studio.media.endpoint import Endpoint, stream


class EndpointChat(GroundedChat):
    """`where` is for tests and tools; by default the endpoint is the one of the settings."""

    def __init__(
        self, name: str = "endpoint", device: str = "cpu", rung: int = 0, where: Endpoint | None = None
    ) -> None:
        super().__init__(name, device, rung)
        if where is None and (why := unavailable()):
            raise EngineUnavailable(name, why, REMEDY)
        self._where = where or endpoint()

    @property
    def model(self) -> str:
        return self._where.model

    def reply(self, conversation: Messages, hear: Callable[[str], None], cancel: CancelToken) -> None:
        for piece in stream(self._where, conversation, cancel):
            hear(piece)
