"""Networks that several test files load, made once a run."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def tiny_qwen_vl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of Qwen2.5-VL at tiny size; never written to."""
    from tests.engines.tiny_qwen_vl import make_tiny_qwen_vl

    return make_tiny_qwen_vl(tmp_path_factory.mktemp("weights") / "qwen2.5-vl-7b-instruct")


@pytest.fixture(scope="session")
def diffusion_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder with Stable Diffusion and all that goes with it at tiny size; never written to."""
    from tests.engines.diffusion_samples import write_models

    return write_models(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="session")
def tiny_qwen_tts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of Qwen3-TTS at tiny size; never written to."""
    from tests.engines.tiny_qwen_tts import write_qwen_tts

    return write_qwen_tts(tmp_path_factory.mktemp("qwen") / "qwen3-tts-0.6b")
