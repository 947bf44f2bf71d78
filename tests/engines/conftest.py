"""Networks that several test files load, made once a process, and never written to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from studio.contracts import VoiceReference, Weights
    from studio.engines.image.stable_diffusion import StableDiffusion

Folders = pytest.TempPathFactory


@pytest.fixture(scope="session")
def one_thread() -> Iterator[None]:
    """Of torch: tests share their cores."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def tiny_qwen_vl(tmp_path_factory: Folders) -> Path:
    """The files of Qwen2.5-VL."""
    from tests.engines.tiny_qwen_vl import make_tiny_qwen_vl

    return make_tiny_qwen_vl(tmp_path_factory.mktemp("weights") / "qwen2.5-vl-7b-instruct")


@pytest.fixture(scope="session")
def diffusion_models(tmp_path_factory: Folders, one_thread: None) -> Path:
    """A model folder with Stable Diffusion and all that goes with it."""
    from tests.engines.diffusion_samples import write_models

    return write_models(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="session")
def loaded_diffusion(diffusion_models: Path) -> StableDiffusion:
    from tests.engines.diffusion_samples import EXTRAS, load

    return load(diffusion_models, *EXTRAS)


@pytest.fixture
def stable_diffusion(loaded_diffusion: StableDiffusion) -> StableDiffusion:
    """With all extras, as freshly loaded."""
    loaded_diffusion.reset()
    assert loaded_diffusion.residue() == ""
    loaded_diffusion.batch = 1
    return loaded_diffusion


@pytest.fixture(scope="session")
def stable_video_checkpoint(tmp_path_factory: Folders, one_thread: None) -> Path:
    """The files of Stable Video Diffusion."""
    from tests.engines.tiny_video_diffusion import save_stable_video

    return save_stable_video(tmp_path_factory.mktemp("models") / "stable-video-diffusion")


@pytest.fixture(scope="session")
def musetalk_weights(tmp_path_factory: Folders) -> Weights:
    from tests.engines.tiny_musetalk import tiny_musetalk

    return tiny_musetalk(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="session")
def tiny_whisper(tmp_path_factory: Folders, one_thread: None) -> Path:
    """The files of Whisper."""
    from tests.engines.tiny_whisper import write_whisper

    return write_whisper(tmp_path_factory.mktemp("whisper") / "whisper-small")


@pytest.fixture(scope="session")
def tiny_qwen_tts(tmp_path_factory: Folders, one_thread: None) -> Path:
    """The files of Qwen3-TTS."""
    from tests.engines.tiny_qwen_tts import write_qwen_tts

    return write_qwen_tts(tmp_path_factory.mktemp("qwen") / "qwen3-tts-0.6b")


@pytest.fixture(scope="session")
def load_qwen_tts() -> Callable[..., Any]:
    """(folder, rung=0, precision="float32") -> the engine, untyped because tests look into its parts."""
    from studio.contracts import Weights
    from studio.engines.speech.qwen_tts import QwenSpeech

    def loaded(folder: Path, rung: int = 0, precision: str = "float32") -> QwenSpeech:
        return QwenSpeech("qwen-tts", "cpu", rung, Weights({"qwen3-tts-0.6b": folder}, folder.parent, precision))

    return loaded


@pytest.fixture(scope="session")
def qwen_speech(tiny_qwen_tts: Path, load_qwen_tts: Callable[..., Any]) -> Any:
    return load_qwen_tts(tiny_qwen_tts)


@pytest.fixture(scope="session")
def joe_s_voice() -> VoiceReference:
    """Three seconds, with what they say."""
    from studio.contracts import Sound, VoiceReference
    from tests.speech_samples import joe

    sound = Sound(joe().samples[: 3 * joe().sample_rate], joe().sample_rate)
    return VoiceReference(sound, "en", "The new product ships in March.")
