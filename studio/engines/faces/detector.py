"""Where faces are: BlazeFace over the picture and over overlapping tiles of it, so that small faces count too.

Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs", 2019. Sizes, strides and scales
are those of MediaPipe's face_detection_short_range graph.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from studio.engines.networks import Network

SIDE = 128
STRIDES = (8, 16, 16, 16)
ANCHORS_PER_CELL = 2
LEAST_SCORE = 0.5
OVERLAP = 0.3
"""Boxes that share more than this (intersection over union) show the same face."""

TILES = (1, 2, 4)
"""The picture's long side in tiles: a face of 1/28 of the long side is still 18 pixels of the detector's 128."""


@dataclass(frozen=True)
class Detection:
    """`box` (left, top, width, height) and `points` (6, 2), in pixels of the picture: right eye, left eye, nose tip,
    mouth, right ear, left ear, as the person has them. `score` 0..1."""

    box: tuple[float, float, float, float]
    points: np.ndarray
    score: float


class FaceDetector:
    def __init__(self) -> None:
        self._network = Network("face_detection_short_range.tflite", ("regressors", "classificators"))
        self._anchors = _anchors()

    def detect(self, picture: np.ndarray) -> list[Detection]:
        """Faces in `picture` (h, w, 3) uint8 RGB, surest first, each once."""
        found = [each for tile in _tiles(picture.shape[:2]) for each in self._in_tile(picture, tile)]
        return _distinct(found)

    def _in_tile(self, picture: np.ndarray, tile: tuple[int, int, int]) -> Iterator[Detection]:
        left, top, side = tile
        scale = SIDE / side
        shift = np.array([[scale, 0, -left * scale], [0, scale, -top * scale]], np.float32)
        part = picture[max(0, top) : top + side, max(0, left) : left + side]
        if scale < 0.5:
            # area averaging first: warping alone would skip pixels
            size = (max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale)))
            canvas = np.zeros((SIDE, SIDE, 3), np.uint8)
            x, y = round(max(0, -left) * scale), round(max(0, -top) * scale)
            small = cv2.resize(part, size, interpolation=cv2.INTER_AREA)[: SIDE - y, : SIDE - x]
            canvas[y : y + small.shape[0], x : x + small.shape[1]] = small
        else:
            canvas = cv2.warpAffine(picture, shift, (SIDE, SIDE), flags=cv2.INTER_LINEAR)
        regressors, logits = self._network(canvas.astype(np.float32) / 127.5 - 1.0)
        scores = 1.0 / (1.0 + np.exp(-np.clip(logits.reshape(-1), -50, 50)))
        height, width = picture.shape[:2]
        for index in np.nonzero(scores >= LEAST_SCORE)[0]:
            values = regressors.reshape(-1, 16)[index].reshape(8, 2) / SIDE
            centre, size, points = values[0] + self._anchors[index], values[1], values[2:] + self._anchors[index]
            x, y = (centre - size / 2) * side + (left, top)
            w, h = size * side
            cut = (x < left < x + w and left > 0) or (y < top < y + h and top > 0)
            cut |= (x + w > left + side and left + side < width) or (y + h > top + side and top + side < height)
            if not cut and w > 0 and h > 0:
                box = (float(x), float(y), float(w), float(h))
                yield Detection(box, points * side + (left, top), float(scores[index]))


def _anchors() -> np.ndarray:
    """Centres (896, 2) of the network's anchors, 0..1."""
    rows, layer = [], 0
    while layer < len(STRIDES):
        same = [stride for stride in STRIDES[layer:] if stride == STRIDES[layer]]
        cells = SIDE // STRIDES[layer]
        grid = (np.arange(cells) + 0.5) / cells
        centres = np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 2)
        rows.append(np.repeat(centres, ANCHORS_PER_CELL * len(same), axis=0))
        layer += len(same)
    return np.concatenate(rows).astype(np.float32)


def _tiles(shape: tuple[int, int]) -> Iterator[tuple[int, int, int]]:
    """(left, top, side) of squares that cover the picture, overlapping by a quarter; the first one holds all of it."""
    height, width = shape
    longest = max(height, width)
    for count in TILES:
        side = round(longest / count * (1.25 if count > 1 else 1.0))
        if count > 1 and side < SIDE:
            return
        starts = []
        for length in (width, height):
            if length <= side:
                starts.append([(length - side) // 2])
            else:
                pieces = int(np.ceil((length - side) / (0.75 * side))) + 1
                starts.append([round(s) for s in np.linspace(0, length - side, pieces)])
        yield from ((left, top, side) for top in starts[1] for left in starts[0])


def _distinct(found: list[Detection]) -> list[Detection]:
    kept: list[Detection] = []
    for each in sorted(found, key=lambda d: -d.score):
        if all(_shared(each.box, other.box) < OVERLAP for other in kept):
            kept.append(each)
    return kept


def _shared(one: tuple[float, ...], two: tuple[float, ...]) -> float:
    """Intersection over union; over the smaller box where one lies within the other."""
    width = min(one[0] + one[2], two[0] + two[2]) - max(one[0], two[0])
    height = min(one[1] + one[3], two[1] + two[3]) - max(one[1], two[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas, common = (one[2] * one[3], two[2] * two[3]), width * height
    return max(common / (sum(areas) - common), 0.5 * common / min(areas))
