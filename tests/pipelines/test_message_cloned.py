"""A voice made and a message's words said by it: the pipelines and the manager, with tiny networks as published."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from studio.cancellation import CancelToken
from studio.contracts import Sound, SpeechRequest
from studio.engines.speech.qwen_tts import QwenSpeech
from studio.models.devices import cpu_device
from studio.models.manager import ModelManager
from studio.models.outcomes import LeaseOptions
from studio.models.registry import load_registry
from studio.models.weights import WeightsShelf, read_items
from studio.pipelines import video_message, voice_profile
from studio.pipelines.context import Context, ContextParts
from studio.pipelines.timing import Timings
from studio.pipelines.voices import voice_reference
from studio.requests import MessageRequest, VoiceRequest
from studio.settings import ROOT, read_settings
from studio.store.projects import Project
from studio.store.voices import NewVoice, VoiceStore
from tests.engines.tiny_qwen_tts import write_qwen_tts
from tests.engines.tiny_whisper import write_whisper
from tests.hostile_files import write_wav
from tests.speech_samples import MARCH, at, file_of, joe

TEXT = "Hello there, we meet again."


@dataclass(frozen=True)
class Desk:
    """A worker's parts, and one voice."""

    parts: ContextParts
    store: VoiceStore
    voice: str

    def said(self, folder: Path) -> Context:
        torch.set_num_threads(1)
        project = Project.at(folder)
        request = MessageRequest(
            project=project.folder, text=TEXT, voice=self.voice, goal="speech", engines={"speech": "qwen-tts-small"}
        )
        context = Context(project.folder, CancelToken(), lambda *_: None, lambda: None, self.parts)
        video_message.run(request.to_json(), context)
        return context

    def made(self, folder: Path, recording: Path, language: str) -> Context:
        torch.set_num_threads(1)
        context = Context(folder, CancelToken(), lambda *_: None, lambda: None, self.parts)
        request = VoiceRequest(Project.at(folder).folder, f"In {language}", (recording,), language)
        voice_profile.run(request.to_json(), context)
        return context


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("cloned")
    write_qwen_tts(folder / "models" / "qwen3-tts-0.6b")
    settings = read_settings(folder / "data", {"KINORA_MODELS": str(folder / "models")})
    shelf = WeightsShelf(read_items(ROOT / "presets" / "weights.yaml"), settings.models)
    registry = load_registry(ROOT / "presets" / "engines.yaml", "cpu", shelf)
    manager = ModelManager(registry, cpu_device())
    store = VoiceStore(settings.voices)
    sample = write_wav(folder / "joe.wav", np.clip(at(joe(), 24_000).samples, -1, 1)[:, None], 24_000)
    voice = store.create(NewVoice("Joe", [sample], transcript=MARCH[:60]))
    yield Desk(ContextParts(settings, manager, registry, Timings(folder / "timings.json")), store, voice.id)
    manager.close()


def test_the_words_are_said_by_the_voice_whose_prompt_is_kept_with_it(desk: Desk, tmp_path: Path) -> None:
    context = desk.said(tmp_path / "project")
    assert not [notice for notice in context.notices if "instead" in notice]
    spoken = json.loads((tmp_path / "project" / "speech.json").read_text())
    assert (spoken["kind"], spoken["voice"]) == ("cloned", "Cloned from the reference by Qwen3-TTS")
    assert (tmp_path / "project" / "speech.wav").stat().st_size > 50_000
    voice = desk.store.get(desk.voice)
    assert [path.name for path in voice.prompts.iterdir()] == ["qwen-tts-small.safetensors"]
    desk.store.export_zip(voice.id, tmp_path / "voice.zip")
    assert b"prompts" not in (tmp_path / "voice.zip").read_bytes()
    assert not desk.store.import_zip(tmp_path / "voice.zip").prompts.exists()
    assert desk.store.get(desk.voice).damaged == ""


def test_where_memory_runs_out_it_speaks_one_rung_lower(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    attempt, rungs, notices = QwenSpeech._attempt, [], []

    def short_of_memory(self: QwenSpeech, *arguments: Any) -> Any:
        rungs.append(self.rung)
        if self.rung == 0:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return attempt(self, *arguments)

    monkeypatch.setattr(QwenSpeech, "_attempt", short_of_memory)
    voice = voice_reference(desk.store.get(desk.voice))
    options = LeaseOptions(notify=notices.append)
    speech = desk.parts.manager.run(
        "speech/qwen-tts-small", options, lambda engine: engine.speak(SpeechRequest(TEXT, voice=voice), CancelToken())
    )
    assert speech.kind == "cloned"
    assert rungs == [0, 1]
    assert any("speech tokenizer and word table in RAM" in notice for notice in notices)


def test_what_a_voice_says_is_written_down_by_a_recogniser_that_knows_its_language(desk: Desk, tmp_path: Path) -> None:
    sound = Sound(joe().samples[: round(3.8 * joe().sample_rate)], joe().sample_rate)
    recording = file_of(sound, tmp_path / "joe.wav")
    context = desk.made(tmp_path / "before", recording, "de")
    assert [notice for notice in context.notices if "no recogniser here knows the language de" in notice]
    write_whisper(desk.parts.settings.models / "whisper-small")
    context = desk.made(tmp_path / "after", recording, "de")
    assert not [notice for notice in context.notices if "recogniser" in notice]
    drafts = {profile.transcript: profile.transcript_draft for profile in desk.store.list() if profile.language == "de"}
    assert drafts == {"": False, "Guten Morgen, die Boote kommen jetzt.": True}
