"""Checkpoints, LoRAs and steps side by side on the same seed and shots: tiny real networks, loaded as a worker does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from studio.cancellation import CancelToken
from studio.compose import Studio, known_engines
from studio.media.probe import extract_frame, probe_film
from studio.models.manager import build_manager
from studio.pipelines import comparison
from studio.pipelines.context import Context, ContextParts
from studio.pipelines.timing import Timings
from studio.requests import ComparisonRequest, MusicVideoRequest
from studio.settings import Settings
from tests.engines import tiny_diffusion as tiny
from tests.samples import write_character, write_song

FEW = {"steps": 2, "likeness": 0.0}


class Bench:
    """A studio with a checkpoint of two layouts and a LoRA, and a worker's parts in this process."""

    def __init__(self, folder: Path) -> None:
        models = folder / "models"
        tiny.save_stable_diffusion(models / "stable-diffusion-1.5")
        tiny.save_stable_diffusion(models / "checkpoints" / "mine")
        tiny.save_lora(models / "loras" / "noir.safetensors", 1)
        self.settings = Settings(folder / "data", models=models)
        self.studio, registry = Studio(self.settings), known_engines(self.settings)
        self.manager = build_manager(registry, "cpu")
        self.parts = ContextParts(self.settings, self.manager, registry, Timings(folder / "timings.json"))
        files = {"audio": write_song(folder / "song.wav", 4.0), "characters": (write_character(folder / "one.png"),)}
        size = {"width": 128, "height": 128, "fps": 8, "seed": 3}
        self.film = MusicVideoRequest(project=folder / "film", substitutes=False, **files, **size)

    def compare(self, base: dict[str, Any], changes: dict[str, Any]) -> list[dict[str, Any]]:
        job = self.studio.compare(ComparisonRequest(self.film, changes, 4, base))
        context = Context(job.project, CancelToken(), lambda _kind, _data: None, lambda: None, self.parts)
        comparison.run(json.loads(json.dumps(job.request)), context)
        self.studio.cancel(job.id)
        return json.loads((job.project / "compare" / "comparison.json").read_text())["sides"]

    def first_frames(self) -> list[np.ndarray]:
        return [extract_frame(self.film.project / "compare" / f"{side}.mp4", 0.0).astype(int) for side in "ab"]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    torch.set_num_threads(1)
    made = Bench(tmp_path_factory.mktemp("bench"))
    yield made
    made.manager.close()


def test_two_checkpoints_with_loras_and_steps_of_their_own(bench: Bench) -> None:
    sd = {"engines": {"image": "stable-diffusion"}, "options": {"image": FEW}}
    mine = {"engines": {"image": "sd-mine"}, "options": {"image": {**FEW, "loras": {"noir": 1.0}}}}
    a, b = bench.compare(sd, mine)
    assert (a["settings"]["engines"]["image"], b["settings"]["engines"]["image"]) == ("stable-diffusion", "sd-mine")
    assert (a["changes"], b["changes"]) == (sd, mine)
    assert b["settings"]["options"] == mine["options"]
    assert (a["start"], a["end"], a["frames"]) == (b["start"], b["end"], b["frames"])
    assert a["settings"]["seed"] == b["settings"]["seed"] == 3
    for side in (a, b):
        assert side["load_seconds"] > 0
        assert side["seconds"] > 0
        assert side["peak_memory_bytes"] > 100_000_000
        assert probe_film(bench.film.project / side["clip"]).frame_count == side["frames"]
    one, other = bench.first_frames()
    assert np.abs(one - other).mean() > 1
    assert bench.manager.snapshot()["resident"] == "image/sd-mine", "side A's model has left the device"


def test_a_network_beside_the_painter_leaves_it_the_device_alone(bench: Bench) -> None:
    sd = {"engines": {"image": "stable-diffusion"}, "options": {"image": FEW}}
    a, b = bench.compare(sd, {"engines": {"image": "painter"}})
    assert (a["settings"]["engines"]["image"], b["settings"]["engines"]["image"]) == ("stable-diffusion", "painter")
    assert bench.manager.snapshot()["resident"] is None
