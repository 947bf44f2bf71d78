"""Answers worded by a language model and held to the evidence: what every engine with one shares.

What is counted or measured is answered without it. Each sentence is said once it is checked; where none passes, the
embedded answer stands in, with a notice.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from studio.cancellation import CancelToken
from studio.contracts import ChatEngine, ChatRequest, VideoAsked
from studio.engines.chat.checking import Checked, SentenceCutter, checked, refuses
from studio.engines.chat.prompt import MOST_CHARACTERS, chosen, messages
from studio.errors import EngineUnavailable
from studio.index.answering import answer, with_notice
from studio.index.answers import Answer, Citation, Coverage, View, coverage
from studio.index.embeddings import CACHE, MiniLm, model_folder
from studio.index.evidence import Evidence
from studio.index.questions import routed
from studio.index.retrieval import Encoder, Vectors

MODELLED = frozenset(("lookup", "summary", "said_about", "said_in", "text_in", "happens", "order", "exists"))
"""Kinds of question a language model answers better; what is counted or measured is measured here in any case."""
CONFIDENCE = 0.8
MOST_ENCODED = 100
"""Pieces of evidence that are encoded while somebody waits, about 2 s; more must have been encoded with the index."""
Messages = Sequence[Mapping[str, str]]


@dataclass
class _Reply:
    """What came of a reply so far."""

    evidence: Sequence[Evidence]
    videos: Sequence[VideoAsked]
    say: Callable[[str], None]
    said: list[str] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    dropped: int = 0
    refused: bool = False
    broken: str = ""
    told_of: set[int] = field(default_factory=set)

    def hear(self, sentence: str) -> None:
        if refuses(sentence):
            self.refused = True
            return
        passed = checked(sentence, self.evidence, self.videos)
        if not passed.text:
            self.dropped += 1
            return
        text = f"{self._of(passed)}{passed.text}"
        self.say(text if not self.said else f" {text}")
        self.said.append(text)
        self.citations += [one for one in passed.citations if one not in self.citations]

    def _of(self, passed: Checked) -> str:
        """The name of the video, where a sentence doesn't say of which of several it is and the one before was not of
        it."""
        names = {one.number: one.name for one in self.videos}
        told, self.told_of = self.told_of, {one.video for one in passed.citations}
        if len(names) < 2 or passed.names_video or len(self.told_of) != 1 or self.told_of == told:
            return ""
        return f"{names[passed.citations[0].video]}: "


class GroundedChat(ChatEngine):
    """`notices`: what the engine does otherwise than was asked for, told with every answer."""

    notices: tuple[str, ...] = ()
    characters = MOST_CHARACTERS
    """Of evidence in a prompt."""
    _encoder: Encoder | None = None

    @property
    @abstractmethod
    def model(self) -> str:
        """The model's name, for the person."""

    @abstractmethod
    def reply(self, conversation: Messages, hear: Callable[[str], None], cancel: CancelToken) -> None:
        """The model's reply to `conversation`, piece by piece to `hear`. Raises EngineUnavailable where it breaks off,
        Cancelled."""

    def answer(self, request: ChatRequest, say: Callable[[str], None], cancel: CancelToken) -> Answer:
        embedded = request.own or answer(request.index, request.question, request.history)
        cancel.check()
        evidence, videos = self._evidence(request)
        if not evidence:
            say(embedded.answer)
            return embedded
        reply = self._ask(request, _Reply(evidence, videos, say), cancel)
        if reply.said:
            return self._told(reply, _coverage(request) if request.others else embedded.coverage)
        say(embedded.answer)
        if reply.refused and embedded.abstained:
            return replace(embedded, notices=(*embedded.notices, *self.notices))
        return with_notice(embedded, self._why(reply))

    def _evidence(self, request: ChatRequest) -> tuple[list[Evidence], list[VideoAsked]]:
        """What is shown to the model, and of which video each piece is; nothing for a question that it need not be
        asked, as what is counted or measured."""
        evidence: list[Evidence] = []
        videos: list[VideoAsked] = []
        for video in request.videos:
            question = routed(request.question, video.index)
            if question.kind not in MODELLED or (question.window is not None and question.window.beyond):
                continue
            view = View.of(video.index).within(question.window)
            found = chosen(question, view, self._vectors(video), self.characters // len(request.videos))
            evidence += found
            videos += [video] * len(found)
        return evidence, videos

    def _vectors(self, video: VideoAsked) -> Vectors | None:
        """Search by meaning, where a sentence encoder is installed; it is read once and kept."""
        cache = video.folder / CACHE if video.folder is not None else None
        pieces = len(video.index.speech) + len(video.index.texts)
        if pieces > MOST_ENCODED and not (cache is not None and cache.is_file()):
            return None
        if self._encoder is None and (folder := model_folder()) is not None:
            self._encoder = MiniLm(folder)
        return Vectors(self._encoder, cache) if self._encoder is not None else None

    def _ask(self, request: ChatRequest, reply: _Reply, cancel: CancelToken) -> _Reply:
        cutter = SentenceCutter()

        def hear(piece: str) -> None:
            reply.say("")
            for sentence in cutter.feed(piece):
                reply.hear(sentence)

        try:
            self.reply(messages(request, reply.evidence, reply.videos), hear, cancel)
            for sentence in cutter.rest():
                reply.hear(sentence)
        except EngineUnavailable as error:
            reply.broken = error.why
        return reply

    def _told(self, reply: _Reply, seen: Coverage) -> Answer:
        notices = []
        if reply.dropped:
            notices.append(
                f"{reply.dropped} sentence{'s' * (reply.dropped != 1)} of {self.model} left out: "
                "not borne out by the video"
            )
        if reply.broken:
            notices.append(f"{self.model} broke off: {reply.broken}")
        text, cited = " ".join(reply.said), tuple(reply.citations)
        told = (*notices, *self.notices)
        return Answer(text, False, CONFIDENCE, seen, cited, told, self.model)

    def _why(self, reply: _Reply) -> str:
        if reply.broken:
            return f"{self.model} could not be asked: {reply.broken}. The embedded engine answered"
        if reply.dropped:
            return f"What {self.model} said was not borne out by the video. The embedded engine answered"
        return f"{self.model} found no answer. The embedded engine answered"


def _coverage(request: ChatRequest) -> Coverage:
    """Of all videos together."""
    every = [coverage(one.index, routed(request.question, one.index)) for one in request.videos]
    return Coverage(round(sum(one.seen_seconds for one in every), 3), round(sum(one.total_seconds for one in every), 3))
