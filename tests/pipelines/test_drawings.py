"""Drawings made several at a time, each once, shown and told about as they come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.cancellation import CancelToken
from studio.contracts import Cutout, ImageEngine, Keyframe, PaintRequest, Progress, Size
from studio.models.cards import EngineCard
from studio.models.devices import cpu_device
from studio.models.manager import ModelManager
from studio.models.registry import Registry
from studio.music.board import Planned
from studio.music.styles import load_styles
from studio.pipelines.cast import Cast
from studio.pipelines.context import Context, ContextParts
from studio.pipelines.drawings import Drawer, Sheet, Wanted, drawing_key, load_drawing
from studio.pipelines.timing import Timings
from studio.settings import ROOT, read_settings
from studio.store.artifacts import Artifacts
from tests.engines.test_image_contract import request_for

CARD = EngineCard(name="slate", task="image", title="Slate", implementation="tests:None", embedded=True)
STYLE = load_styles(ROOT / "presets" / "styles")["golden-hour"]


class Slate(ImageEngine):
    """Paints the seed's grey, three at a time; shows each on the way and tells once."""

    batch = 3

    def __init__(self, name: str, device: str, rung: int = 0) -> None:
        super().__init__(name, device, rung)
        self.groups: list[list[int]] = []

    def paint(self, request: PaintRequest, progress: Progress, cancel: CancelToken) -> Keyframe:
        grey = request.seed + int(request.options.get("lighter", 0))
        progress(1, 1)
        return Keyframe(np.full((request.size.height, request.size.width, 3), grey, np.uint8))

    def paint_many(self, requests: Sequence[PaintRequest], progress: Progress, cancel: CancelToken) -> list[Keyframe]:
        self.groups.append([request.seed for request in requests])
        for request in requests:
            assert request.show is not None
            assert request.tell is not None
            request.show(np.zeros((8, 8, 3), np.uint8))
            request.tell("drawn in chalk")
        return super().paint_many(requests, progress, cancel)


class NoCast(Cast):
    def load(self, index: int) -> Cutout:
        raise AssertionError(f"character {index} is in no shot")


@pytest.fixture
def slate() -> Slate:
    return Slate("slate", "cpu")


@pytest.fixture
def events() -> list[tuple[str, Any]]:
    return []


@pytest.fixture
def context(tmp_path: Path, slate: Slate, events: list[tuple[str, Any]]) -> Iterator[Context]:
    registry = Registry()
    registry.register(CARD, lambda _name, _device, _rung: slate)
    manager = ModelManager(registry, cpu_device())
    parts = ContextParts(read_settings(tmp_path / "data"), manager, registry, Timings(tmp_path / "timings.json"))
    yield Context(tmp_path, CancelToken(), lambda kind, data: events.append((kind, data)), lambda: None, parts)
    manager.close()


def drawer(context: Context, **options: object) -> Drawer:
    sheet = Sheet(CARD, Size(32, 24), options)
    return Drawer(context, Artifacts(context.project), sheet, NoCast(context.project, ""))


def wanted(seed: int) -> Wanted:
    return Wanted(Planned(replace(request_for(characters=()).shot, seed=seed), STYLE), f"keyframe-{seed}")


def test_what_is_missing_is_drawn_in_batches_each_once_and_in_order(
    context: Context, slate: Slate, events: list[tuple[str, Any]]
) -> None:
    seeds = [10, 20, 30, 40, 20, 50]
    with context.stage("keyframes", "Drawing", len(seeds)) as stage:
        drawer(context).draw(wanted(30).planned, stage, "before")
        drawings = []
        for drawing in drawer(context).draw_all([wanted(seed) for seed in seeds], stage):
            drawings.append(drawing)
            stage.advance()
        assert stage.reused == 2  # 30, there before, and 20 the second time
    assert slate.groups == [[30], [10, 20, 40], [50]]
    assert [int(load_drawing(drawing).image[0, 0, 0]) for drawing in drawings] == seeds
    previews = {Path(data["path"]).stem for kind, data in events if kind == "preview"}
    assert {f"keyframe-{seed}" for seed in (10, 20, 40, 50)} <= previews
    assert [data["text"] for kind, data in events if kind == "notice"] == ["drawn in chalk"]
    done = [data["done"] for kind, data in events if kind == "progress"]
    assert done == sorted(done)


def test_options_reach_the_engine_and_are_part_of_the_key(context: Context) -> None:
    with context.stage("keyframes", "Drawing", 2) as stage:
        plain = drawer(context).draw(wanted(10).planned, stage, "a")
        lighter = drawer(context, lighter=5).draw(wanted(10).planned, stage, "b")
    assert plain.key != lighter.key
    assert int(load_drawing(lighter).image[0, 0, 0]) == 15
    planned = wanted(10).planned
    assert drawing_key(planned, "image/slate", (32, 24), "", {}) == drawing_key(planned, "image/slate", (32, 24), "")
