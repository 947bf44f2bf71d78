"""A scene as its samples come in, kept as sums so that an hour's scene is as small as a second's."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import numpy as np

from studio.engines.vision.camera import NO_MOVES, Move, added, describe
from studio.engines.vision.colours import main_colours
from studio.engines.vision.features import Features
from studio.engines.vision.people import SURE, SeenFace
from studio.index.facts import Scene

_CANDIDATES = 24
_CLEAR = 0.15
"""Seconds from a scene's edge: a picture nearer may still hold some of a fade or a codec's first, poor ones."""


@dataclass(frozen=True)
class Observation:
    """All that is known of a sample. `move`, `moved` (0..1, share of the picture) from the sample before; None and 0
    at a cut. `straightness` as in Sample."""

    features: Features
    shares: tuple[float, ...]
    faces: tuple[SeenFace, ...]
    move: Move | None
    moved: float
    straightness: float | None

    @property
    def time(self) -> float:
        return self.features.time

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"features": self.features.to_json()}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Observation:
        return cls(
            Features.from_json(body["features"]),
            tuple(body["shares"]),
            tuple(SeenFace(**each) for each in body["faces"]),
            Move(**body["move"]) if body["move"] else None,
            body["moved"],
            body["straightness"],
        )


@dataclass
class SceneBuilder:
    """`key_candidates` rows of time, sharpness and colour shares, thinned evenly as they grow; `stride`: one sample of
    so many becomes a candidate."""

    start: float
    begins: str
    samples: int = 0
    seconds: float = 0.0
    brightness: float = 0.0
    moved: float = 0.0
    moves: list[float] = field(default_factory=lambda: list(NO_MOVES))
    shares: list[float] = field(default_factory=list)
    faces: int = 0
    before: list[list[float]] = field(default_factory=list)
    blank: bool = True
    stride: int = 1
    key_candidates: list[list[Any]] = field(default_factory=list)

    def add(self, seen: Observation) -> None:
        gap = seen.move.seconds if seen.move and self.samples else 0.0
        self.brightness += seen.features.brightness
        self.seconds += gap
        self.moved += seen.moved * gap
        if seen.move and self.samples:
            self.moves = added(self.moves, seen.move)
        sums = self.shares or [0.0] * len(seen.shares)
        self.shares = [have + more for have, more in zip(sums, seen.shares, strict=True)]
        known = [SeenFace(*each) for each in self.before]
        sure = [face for face in seen.faces if face.score >= SURE or any(face.same_as(one) for one in known)]
        self.faces = max(self.faces, len(sure))
        self.before = [[face.x, face.y, face.size, face.score] for face in seen.faces]
        self.blank = self.blank and seen.features.blank
        if self.samples % self.stride == 0:
            self.key_candidates.append([seen.time, seen.features.sharpness, list(seen.shares)])
        if len(self.key_candidates) > _CANDIDATES:
            self.key_candidates, self.stride = self.key_candidates[::2], self.stride * 2
        self.samples += 1

    def scene(self, end: float) -> Scene:
        count = max(1, self.samples)
        shares = np.array(self.shares) / count
        return Scene(
            start=round(self.start, 3),
            end=round(end, 3),
            begins=self.begins,
            key_time=self._key_time(end, shares),
            brightness=round(self.brightness / count, 3),
            motion=round(self.moved / self.seconds, 3) if self.seconds else 0.0,
            camera=describe(self.moves),
            colours=main_colours(shares),
            faces=self.faces,
        )

    def _key_time(self, end: float, shares: np.ndarray) -> float:
        """The sharpest of those that look like most of the scene, away from its edges where there is a choice. A time
        of a sample, so that the picture is there exactly."""
        inside = [
            each for each in self.key_candidates if self.start + _CLEAR <= each[0] <= end - _CLEAR
        ] or self.key_candidates
        sharpest = max(1e-6, *(each[1] for each in inside))

        def worth(each: list[Any]) -> float:
            return each[1] / sharpest - float(np.abs(np.array(each[2]) - shares).sum())

        return float(max(inside, key=worth)[0])

    def to_json(self) -> dict[str, Any]:
        # a copy: what is handed out must not grow with the scene
        return deepcopy({each.name: getattr(self, each.name) for each in fields(self)})
