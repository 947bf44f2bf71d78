"""Scenes, colours, motion, camera and faces with what comes with the studio: no download, no GPU."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from studio.cancellation import CancelToken
from studio.contracts import SceneReading, VisionEngine, WatchRequest
from studio.engines.faces import FaceFinder
from studio.engines.vision.camera import Move, move_between
from studio.engines.vision.colours import ColourNamer
from studio.engines.vision.features import Features, features_of
from studio.engines.vision.people import FaceFollower
from studio.engines.vision.scene_builder import Observation
from studio.engines.vision.splitter import Splitter
from studio.errors import BadInput
from studio.media.sampling import Sample

_STILL = 1.5
"""Mean difference of the grey, of 255, that coding noise makes: nothing moved."""
_MOVED = 10


class EmbeddedVision(VisionEngine):
    """Holds the face networks and the table of colours; what it has seen of a video lives in the readings' state."""

    def __init__(self, name: str, device: str, rung: int = 0) -> None:
        super().__init__(name, device, rung)
        self._finder, self._namer = FaceFinder(), ColourNamer()

    def read(self, request: WatchRequest, cancel: CancelToken) -> Iterator[SceneReading]:
        if request.batch < 1:
            raise BadInput("batch", request.batch, "at least 1 sample")
        state: Mapping[str, Any] = request.state or {}
        splitter = Splitter(state.get("scenes"))
        follower = FaceFollower(self._finder, state.get("faces"))
        scenes = []
        for number, sample in enumerate(request.samples, 1):
            cancel.check()
            scenes += splitter.add(self._observe(sample, splitter.last, follower))
            if number % request.batch == 0:
                yield _reading(scenes, splitter, follower)
                scenes = []
        scenes += splitter.finish(request.duration)
        until = splitter.last.time if splitter.last else None
        yield SceneReading(tuple(scenes), (), until, {"scenes": splitter.state(), "faces": follower.state()})

    def _observe(self, sample: Sample, last: Observation | None, follower: FaceFollower) -> Observation:
        features = features_of(sample.time, sample.picture)
        shares = tuple(round(float(each), 5) for each in self._namer.shares(features.thumb))
        faces = follower.follow(features, sample.picture)
        before = last.features if last else None
        move, moved = _moved(before, features) if before else (None, 0.0)
        return Observation(features, shares, faces, move, moved, sample.straightness)


def _moved(before: Features, features: Features) -> tuple[Move, float]:
    seconds = features.time - before.time
    if before.grey.shape != features.grey.shape:
        return Move(seconds, 0.0, 0.0, 0.0, False, 0.0), 1.0
    gap = np.abs(before.grey.astype(np.int16) - features.grey)
    if float(gap.mean()) < _STILL and float(gap.max()) < 8 * _MOVED:
        return Move(seconds, 0.0, 0.0, 0.0, True, 1.0), round(float(np.mean(gap > _MOVED)), 4)
    return move_between(before, features), round(float(np.mean(gap > _MOVED)), 4)


def _reading(scenes: list, splitter: Splitter, follower: FaceFollower) -> SceneReading:
    until = splitter.last.time if splitter.last else None
    state = {"scenes": splitter.state(), "faces": follower.state()}
    return SceneReading(tuple(scenes), splitter.preview(), until, state)
