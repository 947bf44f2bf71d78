"""Faces from sample to sample: looked for where the picture changed, matched to those before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from studio.engines.faces import FaceFinder
from studio.engines.vision.features import Features

_SIDE = 640
_CHANGED = 2.5
"""Mean difference of the grey, of 255, below which faces are where they were."""
_AGAIN, _OTHER_PICTURE = 0.9, 12.0
SURE = 0.9


@dataclass(frozen=True)
class SeenFace:
    """Centre and size as shares of the picture's width and height; `score` 0..1."""

    x: float
    y: float
    size: float
    score: float

    def same_as(self, other: SeenFace) -> bool:
        """Near enough, and as large, to be the same person a moment later."""
        reach = max(self.size, other.size)
        near = np.hypot(self.x - other.x, self.y - other.y) < reach
        return bool(near and 0.5 < self.size / max(other.size, 1e-6) < 2)


class FaceFollower:
    """Holds the last picture it looked at, so that unchanged ones cost nothing; at most about one look a second."""

    def __init__(self, finder: FaceFinder, state: Mapping[str, Any] | None = None) -> None:
        self._finder = finder
        self._last = Features.from_json(state["last"]) if state and state["last"] else None
        self._faces = tuple(SeenFace(*each) for each in state["faces"]) if state else ()

    def state(self) -> dict[str, Any]:
        faces = [[each.x, each.y, each.size, each.score] for each in self._faces]
        return {"last": self._last.to_json() if self._last else None, "faces": faces}

    def follow(self, features: Features, picture: np.ndarray) -> tuple[SeenFace, ...]:
        """The faces in `picture`: found now, or those of a moment ago where nothing changed since."""
        if self._is_due(features):
            self._last, self._faces = features, self._find(picture)
        return self._faces

    def _is_due(self, features: Features) -> bool:
        if self._last is None or self._last.grey.shape != features.grey.shape:
            return True
        changed = float(cv2.absdiff(self._last.grey, features.grey).mean())
        return changed > _OTHER_PICTURE or (changed > _CHANGED and features.time - self._last.time >= _AGAIN)

    def _find(self, picture: np.ndarray) -> tuple[SeenFace, ...]:
        if min(picture.shape[:2]) < 32 or float(picture.std()) < 4:
            return ()
        scale = min(1.0, _SIDE / max(picture.shape[:2]))
        size = (max(16, round(picture.shape[1] * scale)), max(16, round(picture.shape[0] * scale)))
        small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        width, height = size
        return tuple(
            SeenFace(
                (face.box[0] + face.box[2] / 2) / width,
                (face.box[1] + face.box[3] / 2) / height,
                face.box[2] / width,
                round(face.score, 4),
            )
            for face in self._finder.find(small)
        )
