"""Answers by a language model behind an OpenAI-compatible endpoint, held to the evidence sentence by sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from studio.cancellation import CancelToken
from studio.contracts import ChatEngine, ChatRequest
from studio.engines.chat.checking import checked, refuses, sentences
from studio.engines.chat.prompt import chosen, messages
from studio.engines.chat.service import REMEDY, endpoint, unavailable
from studio.errors import EngineUnavailable
from studio.index.answering import answer, with_notice
from studio.index.answers import Answer, Citation, View
from studio.index.embeddings import CACHE, MiniLm, model_folder
from studio.index.evidence import Evidence
from studio.index.questions import routed
from studio.index.retrieval import Encoder, Vectors
from studio.media.endpoint import Endpoint, stream

MODELLED = frozenset(("lookup", "summary", "said_about", "said_in", "text_in", "happens", "order", "exists"))
"""Kinds of question a language model answers better; what is counted or measured is measured here in any case."""
CONFIDENCE = 0.8
MOST_ENCODED = 100
"""Pieces of evidence that are encoded while somebody waits, about 2 s; more must have been encoded with the index."""


@dataclass
class _Reply:
    """What came of a reply so far."""

    said: list[str] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    dropped: int = 0
    refused: bool = False
    broken: str = ""


class EndpointChat(ChatEngine):
    """`where` is for tests and tools; by default the endpoint is the one of the settings."""

    def __init__(
        self, name: str = "endpoint", device: str = "cpu", rung: int = 0, where: Endpoint | None = None
    ) -> None:
        super().__init__(name, device, rung)
        if where is None and (why := unavailable()):
            raise EngineUnavailable(name, why, REMEDY)
        self._where = where or endpoint()
        self._encoder: Encoder | None = None

    def answer(self, request: ChatRequest, say: Callable[[str], None], cancel: CancelToken) -> Answer:
        question = routed(request.question, request.index)
        embedded = answer(request.index, request.question, request.history)
        cancel.check()
        if question.kind not in MODELLED or (question.window is not None and question.window.beyond):
            say(embedded.answer)
            return embedded
        evidence = chosen(question, View.of(request.index).within(question.window), self._vectors(request))
        if not evidence:
            say(embedded.answer)
            return embedded
        reply = self._ask(request, evidence, say, cancel)
        if reply.said:
            return self._told(reply, embedded)
        say(embedded.answer)
        if reply.refused and embedded.abstained:
            return embedded
        return with_notice(embedded, self._why(reply))

    def _vectors(self, request: ChatRequest) -> Vectors | None:
        """Search by meaning, where a sentence encoder is installed; it is read once and kept."""
        cache = request.folder / CACHE if request.folder is not None else None
        pieces = len(request.index.speech) + len(request.index.texts)
        if pieces > MOST_ENCODED and not (cache is not None and cache.is_file()):
            return None
        if self._encoder is None and (folder := model_folder()) is not None:
            self._encoder = MiniLm(folder)
        return Vectors(self._encoder, cache) if self._encoder is not None else None

    def _ask(
        self, request: ChatRequest, evidence: list[Evidence], say: Callable[[str], None], cancel: CancelToken
    ) -> _Reply:
        reply = _Reply()
        try:
            for sentence in sentences(stream(self._where, messages(request, evidence), cancel)):
                if refuses(sentence):
                    reply.refused = True
                    continue
                passed = checked(sentence, evidence)
                if not passed.text:
                    reply.dropped += 1
                    continue
                say(passed.text if not reply.said else f" {passed.text}")
                reply.said.append(passed.text)
                reply.citations += [one for one in passed.citations if one not in reply.citations]
        except EngineUnavailable as error:
            reply.broken = error.why
        return reply

    def _told(self, reply: _Reply, embedded: Answer) -> Answer:
        notices = []
        if reply.dropped:
            notices.append(
                f"{reply.dropped} sentence{'s' * (reply.dropped != 1)} of {self._where.model} left out: "
                "not borne out by the video"
            )
        if reply.broken:
            notices.append(f"{self._where.model} broke off: {reply.broken}")
        return Answer(
            " ".join(reply.said), False, CONFIDENCE, embedded.coverage, tuple(reply.citations), tuple(notices)
        )

    def _why(self, reply: _Reply) -> str:
        model = self._where.model
        if reply.broken:
            return f"{model} could not be asked: {reply.broken}. The embedded engine answered"
        if reply.dropped:
            return f"What {model} said was not borne out by the video. The embedded engine answered"
        return f"{model} found no answer. The embedded engine answered"
