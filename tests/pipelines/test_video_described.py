"""A video whose scenes a model describes, indexed, its descriptions kept and asked for; and a reader that runs out of
memory half way. Tiny networks, through the real registry, manager and pipelines."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from studio.cancellation import CancelToken
from studio.compose import known_engines
from studio.contracts import ChatRequest, SceneReading, WatchRequest
from studio.engines.chat.embedded import EmbeddedChat
from studio.engines.chat.prompt import chosen, messages
from studio.engines.vision.embedded import EmbeddedVision
from studio.index.answers import View
from studio.index.facts import VideoIndex
from studio.index.questions import routed
from studio.models.cards import EngineCard
from studio.models.manager import build_manager
from studio.pipelines import context, video_index, video_question
from studio.pipelines.asking import ask
from studio.pipelines.context import Context, ContextParts
from studio.pipelines.timing import Timings
from studio.requests import QuestionRequest, VideoRequest
from studio.settings import read_settings
from studio.store.projects import ProjectStore
from tests.engines.tiny_chat import make_tiny_chat
from tests.engines.tiny_qwen_vl import BLUE, RED, make_tiny_qwen_vl
from tests.hostile_files import ffmpeg

SECONDS = 5


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Red, then blue, without sound."""
    path = tmp_path_factory.mktemp("clip") / "colours.mp4"
    scene = "color=0x{}:s=320x180:r=12:d=" + str(SECONDS) + ",format=yuv420p,setsar=1"
    graph = f"{scene.format('d21e1e')}[a];{scene.format('1e3cc8')}[b];[a][b]concat=n=2"
    ffmpeg("-filter_complex", graph, "-c:v", "libx264", "-preset", "ultrafast", "-g", "12", str(path))
    return path


def test_a_model_describes_and_what_it_saw_can_be_asked_for(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_tiny_qwen_vl(tmp_path / "models" / "qwen2.5-vl-7b-instruct")
    monkeypatch.setenv("KINORA_MODELS", str(tmp_path / "models"))
    room = Room(tmp_path / "data", clip)
    index = room.index("tiny")
    assert room.context.notices == []
    assert [(scene.start, scene.description) for scene in index.scenes] == [(0.0, RED), (SECONDS, BLUE)]
    question = "What lies in the harbour?"
    given = ask(room.folder, question)
    assert f"“{BLUE}”" in given.answer
    (cited,) = given.citations
    assert (cited.source, cited.quote) == ("frame", BLUE)
    assert SECONDS <= cited.start < cited.end <= 2 * SECONDS + 0.1
    teach_to_answer(tmp_path / "models" / "qwen2.5-3b-instruct", index, question)
    body = QuestionRequest(room.folder, question, "tiny").to_json()
    worded = video_question.run(body, room.context)["answer"]
    assert worded["answer"] == f"{BLUE.rstrip('.')} [00:05]."
    assert [data for kind, data in room.events if kind == "text"] == [{"text": worded["answer"], "at": 0}]
    assert [(one["source"], one["quote"]) for one in worded["citations"]] == [("frame", BLUE)]
    assert (room.folder / worded["citations"][0]["frame"]).is_file()
    assert worded["engine"] == "qwen2.5-3b-instruct"
    assert "1 sentence" in room.context.notices[0]
    room.close()


def teach_to_answer(folder: Path, index: VideoIndex, question: str) -> None:
    """A language model that answers `question` with what was seen, and a sentence of its own."""
    evidence = chosen(routed(question, index), View.of(index))
    number = next(at for at, one in enumerate(evidence, 1) if one.text == BLUE)
    reply = f"{BLUE.rstrip('.')} [e{number}]. It is a yacht of the Queen [e{number}]."
    make_tiny_chat(folder, [(messages(ChatRequest(question, index), evidence), reply)])


def test_without_its_weights_the_embedded_reader_stands_in_and_says_so(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KINORA_MODELS", str(tmp_path / "none"))
    registry = known_engines(read_settings(tmp_path))
    card, notice = registry.choose("vision", "qwen-vl", substitutes=True)
    assert card.key == "vision/embedded"
    assert notice is not None
    assert "qwen2.5-vl-7b-instruct are missing" in notice


class Hungry(EmbeddedVision):
    """Out of memory at its third reading, until it is made smaller."""

    def read(self, request: WatchRequest, cancel: CancelToken) -> Iterator[SceneReading]:
        for number, reading in enumerate(super().read(_small(request), cancel), 1):
            if number == 3 and self.rung == 0:
                raise MemoryError("no room for a third")
            yield reading


class _Slow(EmbeddedVision):
    """Tells its room of each reading."""

    def __init__(self, room: Room, *made: Any) -> None:
        super().__init__(*made)
        self._room = room

    def read(self, request: WatchRequest, cancel: CancelToken) -> Iterator[SceneReading]:
        for reading in super().read(_small(request), cancel):
            self._room.readings.append(reading)
            self._room.at_reading(len(self._room.readings))
            yield reading


def _small(request: WatchRequest) -> WatchRequest:
    return WatchRequest(request.samples, request.duration, request.state, batch=2)


def test_a_reader_out_of_memory_goes_on_one_rung_lower_from_what_was_kept(clip: Path, tmp_path: Path) -> None:
    room = Room(tmp_path, clip)
    index = room.index("hungry")
    assert [(scene.start, scene.begins) for scene in index.scenes] == [(0.0, "start"), (SECONDS, "cut")]
    assert index.scenes[-1].end == pytest.approx(2 * SECONDS, abs=0.1)
    assert "smaller" in room.context.notices[0]
    room.close()


def test_a_question_s_model_is_let_by_between_two_batches(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context, "_WAITING_SECONDS", 0.01)
    room = Room(tmp_path, clip)
    answered: list[int] = []
    signs: list[int] = []
    question = Context(room.folder, CancelToken(), lambda *_: None, lambda: signs.append(len(answered)), room.parts)
    asking = threading.Thread(
        target=lambda: question.lease(room.other, lambda _: answered.append(len(room.readings)), priority=1)
    )

    def at_reading(number: int) -> None:
        if number == 2:
            asking.start()
            while not (room.context.is_awaited(room.card) and signs):  # it waits, and is not stuck
                asking.join(0.01)

    room.at_reading = at_reading
    index = room.index("slow")
    asking.join()
    assert [(scene.start, scene.begins) for scene in index.scenes] == [(0.0, "start"), (SECONDS, "cut")]
    assert answered == [2]
    until = [reading.until for reading in room.readings]
    assert until == sorted(set(until[:-1])) + until[-1:]  # nothing is read twice
    assert len(until) > 4
    room.close()


def test_what_comes_close_together_is_told_at_once_and_a_new_attempt_begins_anew() -> None:
    events: list[Any] = []
    now = iter([0.0, 0.0, 0.05, 0.09, 0.2, 0.2, 0.2, 0.2])
    telling = video_question.Telling(lambda kind, data: events.append((kind, dict(data))), lambda: next(now))
    for piece in ("One.", " Two.", "", " Three."):
        telling.say(piece)
    telling.end()
    telling = video_question.Telling(lambda kind, data: events.append((kind, dict(data))), lambda: 9.0)
    telling.say("Anew.")
    assert [data for _, data in events] == [
        {"text": "One.", "at": 0}, {"text": " Two. Three.", "at": 4}, {"text": "Anew.", "at": 0},
    ]  # fmt: skip


class Room:
    """A session with a clip, and a worker's parts in this process."""

    def __init__(self, data: Path, clip: Path) -> None:
        settings = read_settings(data)
        registry = known_engines(settings)
        rungs: dict[str, Any] = {"embedded": True, "memory": (2, 1), "rungs": ("full", "smaller")}
        registry.register(EngineCard("hungry", "vision", "Hungry", "tests:Hungry", **rungs), Hungry)
        for key in ("vision/qwen-vl", "chat/local"):  # as published, but for the memory that so small a one needs
            card = registry.entry(key).card
            registry.register(replace(card, name="tiny", memory=(0,) * len(card.memory)))
        self.readings: list[SceneReading] = []
        self.at_reading: Callable[[int], None] = lambda _: None
        self.card = EngineCard("slow", "vision", "Slow", "tests:Slow", memory=(0,), rungs=("full",))
        self.other = EngineCard("other", "chat", "Other", "tests:Other", memory=(0,), rungs=("full",))
        registry.register(self.card, lambda *made: _Slow(self, *made))
        registry.register(self.other, EmbeddedChat)
        self.folder = ProjectStore(settings.sessions).create("clip").folder
        self._clip = self.folder / "input" / clip.name
        self._clip.parent.mkdir(parents=True, exist_ok=True)
        self._clip.write_bytes(clip.read_bytes())
        self._manager = build_manager(registry, "cpu")
        self.parts = parts = ContextParts(settings, self._manager, registry, Timings(data / "timings.json"))
        self.events: list[tuple[str, Any]] = []
        self.context = Context(
            self.folder, CancelToken(), lambda *event: self.events.append(event), lambda: None, parts
        )

    def index(self, vision: str) -> VideoIndex:
        request = VideoRequest(self.folder, (self._clip,), engines={"vision": vision})
        video_index.run(request.to_json(), self.context)
        ((_, index),) = video_index.read_indexes(self.folder)
        return index

    def close(self) -> None:
        assert self._manager.close()
