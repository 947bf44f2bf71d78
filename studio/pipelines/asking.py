"""A question about a session's videos, answered from what was read of them so far. Light: no engine is loaded."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cancellation import CancelToken
from studio.errors import BadInput
from studio.index.answers import Answer, Coverage, Turn
from studio.index.facts import VideoIndex
from studio.pipelines.video_index import index_folder, read_indexes
from studio.pipelines.wanted import want
from studio.store.conversation import KeptTurn, add_turn, read_turns

if TYPE_CHECKING:
    from studio.contracts import ChatRequest
    from studio.settings import Settings

EMBEDDED = "embedded"
_LEANT_ON = 3
"""Turns back that a question such as "and after that?" may lean on."""


@dataclass(frozen=True)
class _Video:
    number: int
    index: VideoIndex

    def answer(self, question: str, history: Sequence[Turn]) -> Answer:
        from studio.index.answering import answer

        return self.own(answer(self.index, question, history))

    def own(self, given: Answer) -> Answer:
        cited = [tuple(replace(one, video=self.number) for one in many) for many in (given.citations, given.near)]
        return replace(given, citations=cited[0], near=cited[1])


@dataclass(frozen=True)
class _Found:
    """`video` is the one that answered best, None where all did; `videos` those that a language model would be asked
    about, with `question`."""

    answer: Answer
    question: str
    video: _Video | None
    videos: tuple[_Video, ...] = ()

    def request(self, session: Path, history: tuple[Turn, ...]) -> ChatRequest:
        """For a language model."""
        from studio.contracts import ChatRequest, VideoAsked

        first, *others = (VideoAsked(one.index, index_folder(session, one.number), one.number) for one in self.videos)
        return ChatRequest(self.question, first.index, history, first.folder, first.number, tuple(others), self.answer)


def ask(session: Path, question: str, history: tuple[Turn, ...] = ()) -> Answer:
    """The surest answer of all videos of the session in the folder `session`; of each one's, where it is asked of all.
    Raises BadInput for an empty or overlong question, and where nothing was read yet."""
    found = _found(session, question, history)
    _wish(session, found)
    return found.answer


def worded(
    session: Path, question: str, word: Callable[[ChatRequest], Answer], history: tuple[Turn, ...] = ()
) -> Answer:
    """As `ask`, with what `word` makes of it, of one video or of all."""
    found = _found(session, question, history)
    _wish(session, found)
    return word(found.request(session, history)) if found.videos else found.answer


def converse(
    session: Path,
    question: str,
    settings: Settings,
    use_endpoint: bool,
    say: Callable[[str], None],
    cancel: CancelToken | None = None,
) -> KeptTurn:
    """`question` answered in the light of the conversation, and kept in it. `say` gets the answer's pieces as they
    stand. With `use_endpoint` the language model of the settings words it; where it can't, the studio's own answer
    comes with a notice.

    Raises BadInput as `ask`, and where an endpoint is to be used but none is set; Cancelled, StorageFailed.
    """
    token = cancel or CancelToken()
    if use_endpoint and not (settings.chat_url and settings.chat_model):
        accepted = "a language model once KINORA_CHAT_URL and KINORA_CHAT_MODEL are set"
        raise BadInput("use_endpoint", use_endpoint, accepted, "no endpoint is set")
    history = said_before(session)
    found = _found(session, question, history)
    _wish(session, found)
    token.check()
    given = found.answer
    if use_endpoint and found.videos:
        given = _by_endpoint(settings, found.request(session, history), say, token)
    else:
        say(given.answer)
    return keep(session, question, given)


def said_before(session: Path) -> tuple[Turn, ...]:
    """The conversation so far."""
    return tuple(Turn(one.question, Answer.from_json(one.answer)) for one in read_turns(session))


def keep(session: Path, question: str, given: Answer) -> KeptTurn:
    """`question` and its answer become part of the conversation."""
    turn = KeptTurn(question, shown(session, given), given.engine or EMBEDDED, given.notices)
    add_turn(session, turn)
    return turn


def shown(session: Path, given: Answer) -> dict[str, Any]:
    """`given` as JSON with each passage's `frame` as a path relative to the session, None where there is no picture,
    and its time as `frame_time`."""
    body, pictures = given.to_json(), Pictures(session)
    for cited in (*body["citations"], *body["near"]):
        cited["frame_time"] = cited["frame"]
        cited["frame"] = pictures.at(cited["video"], cited["frame_time"])
    return body


class Pictures:
    """The pictures kept of a session's videos; their folders are listed anew only when they have changed."""

    def __init__(self, session: Path) -> None:
        self._session = session
        self._listed: dict[int, tuple[int, list[int]]] = {}

    def at(self, number: int, time: float) -> str | None:
        """The picture of video `number` kept last before `time`, else its first one: a path relative to the session;
        None without any."""
        folder = index_folder(self._session, number) / "frames"
        if not folder.is_dir():
            return None
        stamp = folder.stat().st_mtime_ns
        known = self._listed.get(number)
        if known is None or known[0] != stamp:
            known = (stamp, sorted(int(path.stem) for path in folder.glob("[0-9]*.jpg")))
            self._listed[number] = known
        times = known[1]
        if not times:
            return None
        found = times[max(0, bisect_right(times, round(1000 * time) + 1) - 1)]
        return (folder / f"{found:09d}.jpg").relative_to(self._session).as_posix()


def _found(session: Path, question: str, history: Sequence[Turn]) -> _Found:
    from studio.index.questions import tidy

    text = tidy(question)
    videos = [_Video(int(folder.name), index) for folder, index in read_indexes(session)]
    if not videos:
        raise BadInput("SESSION", session.name, "a session of which something was read", "its video is not read yet")
    if len(videos) == 1:
        return _Found(videos[0].answer(text, history), text, videos[0], (videos[0],))
    return _of_several(videos, text, history)


def _of_several(videos: Sequence[_Video], text: str, history: Sequence[Turn]) -> _Found:
    from studio.index.questions import routed
    from studio.index.several import OVERALL, meant, together

    number, rest = meant(text, [one.index.video.name for one in videos])
    if number is not None:
        chosen = next((one for one in videos if one.number == number), None)
        if chosen is None:
            refused = f"There is no video {number} here: {len(videos)} are read."
            return _Found(Answer(refused, True, 0.0, Coverage(0.0, 0.0)), text, None)
        return _Found(chosen.answer(rest, history), rest, chosen, (chosen,))
    leant = _leant_on(videos, text, history)
    if leant is not None:
        return _Found(leant.answer(text, history), text, leant, (leant,))
    answers = [one.answer(text, history) for one in videos]
    if all(routed(text, one.index).kind in OVERALL for one in videos):
        return _Found(together(answers, [one.index.video.name for one in videos]), text, None, tuple(videos))
    best = max(
        range(len(videos)), key=lambda at: (not answers[at].abstained, answers[at].confidence, bool(answers[at].near))
    )
    return _Found(answers[best], text, videos[best], tuple(videos))


def _wish(session: Path, found: _Found) -> None:
    """Where `found` asks after a stretch that was not read yet, whoever reads is told to read it next."""
    from studio.index.questions import routed

    if found.video is None:
        return
    index, number = found.video.index, found.video.number
    readers = ("frames", "text", "speech") if index.video.has_sound else ("frames", "text")
    if all(index.seen_seconds(reader) >= index.video.duration - 1.0 for reader in readers):
        return
    span = routed(found.question, index).window
    if span is None or span.beyond or all(index.has_read(reader, span) for reader in readers[1:]):
        return
    want(index_folder(session, number), (span.start, min(span.end, index.video.duration)))


def _leant_on(videos: Sequence[_Video], text: str, history: Sequence[Turn]) -> _Video | None:
    """The video of the last answer, where `text` is nothing without it ("and after that?")."""
    from studio.index.followups import bare, next_to

    if not next_to(text) and not bare(text):
        return None
    cited = next((turn.answer.citations for turn in reversed(history[-_LEANT_ON:]) if turn.answer.citations), ())
    return next((one for one in videos if cited and one.number == cited[-1].video), None)


def _by_endpoint(settings: Settings, request: ChatRequest, say: Callable[[str], None], cancel: CancelToken) -> Answer:
    from studio.engines.chat.endpoint import EndpointChat
    from studio.media.endpoint import Endpoint

    engine = EndpointChat(where=Endpoint(settings.chat_url, settings.chat_model, settings.chat_key))
    return engine.answer(request, say, cancel)
