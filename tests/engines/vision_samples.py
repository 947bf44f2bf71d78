"""Samples of films whose scenes are one colour each, and readings of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from studio.cancellation import CancelToken
from studio.contracts import SceneReading, VisionEngine, WatchRequest
from studio.index.facts import Scene
from studio.media.sampling import Sample
from tests.engines.tiny_qwen_vl import COLOURS, picture


def film(scenes: Sequence[tuple[str, int]]) -> list[Sample]:
    """A sample a second of scenes (their sentence, seconds), with noise that changes all the time."""
    samples: list[Sample] = []
    for text, seconds in scenes:
        for _ in range(seconds):
            samples.append(Sample(float(len(samples)), picture(COLOURS[text], len(samples)), is_key=True))
    return samples


def read(
    engine: VisionEngine, samples: Sequence[Sample], state: Mapping[str, Any] | None = None, **more: Any
) -> list[SceneReading]:
    """`more`: of WatchRequest; its duration is a second more than the last sample's time where it is not given."""
    duration = more.pop("duration", samples[-1].time + 1.0 if samples else 3.0)
    return list(engine.read(WatchRequest(iter(samples), duration, state, **more), CancelToken()))


def scenes_of(readings: Sequence[SceneReading]) -> list[Scene]:
    return [scene for reading in readings for scene in reading.scenes]
