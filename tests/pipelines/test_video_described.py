"""A video whose scenes a model describes, indexed, its descriptions kept and asked for; and a reader that runs out of
memory half way. Tiny networks, through the real registry, manager and pipelines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from studio.cancellation import CancelToken
from studio.compose import known_engines
from studio.contracts import ChatRequest, SceneReading, WatchRequest
from studio.engines.chat.prompt import chosen, messages
from studio.engines.vision.embedded import EmbeddedVision
from studio.index.answers import View
from studio.index.facts import VideoIndex
from studio.index.questions import routed
from studio.models.cards import EngineCard
from studio.models.manager import build_manager
from studio.pipelines import video_index, video_question
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


def _small(request: WatchRequest) -> WatchRequest:
    return WatchRequest(request.samples, request.duration, request.state, batch=2)


def test_a_reader_out_of_memory_goes_on_one_rung_lower_from_what_was_kept(clip: Path, tmp_path: Path) -> None:
    room = Room(tmp_path, clip)
    index = room.index("hungry")
    assert [(scene.start, scene.begins) for scene in index.scenes] == [(0.0, "start"), (SECONDS, "cut")]
    assert index.scenes[-1].end == pytest.approx(2 * SECONDS, abs=0.1)
    assert "smaller" in room.context.notices[0]
    room.close()


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
        self.folder = ProjectStore(settings.sessions).create("clip").folder
        self._clip = self.folder / "input" / clip.name
        self._clip.parent.mkdir(parents=True, exist_ok=True)
        self._clip.write_bytes(clip.read_bytes())
        self._manager = build_manager(registry, "cpu")
        parts = ContextParts(settings, self._manager, registry, Timings(data / "timings.json"))
        self.context = Context(self.folder, CancelToken(), lambda *_: None, lambda: None, parts)

    def index(self, vision: str) -> VideoIndex:
        request = VideoRequest(self.folder, (self._clip,), engines={"vision": vision})
        video_index.run(request.to_json(), self.context)
        ((_, index),) = video_index.read_indexes(self.folder)
        return index

    def close(self) -> None:
        assert self._manager.close()
