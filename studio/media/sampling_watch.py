"""How much one picture differs from another, cheaply enough to ask at every sample and, smaller, at every frame."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import av

UNCHANGED = 0.02
"""Below, two pictures differ by no more than what a codec does to a still one; a new digit of 1/25 of the height is
above."""
_SIDE, _CELL = 320, 8
_GRID, _POINTS = 24, 4
_NOISE = 2.0
_JUMP, _JUMP_RATIO, _STEPS_KEPT = 4.0, 4.0, 3
"""Of 255, and times the mean of so many steps before. What jumps is only looked at more closely, so it may be often."""


def look(picture: np.ndarray) -> np.ndarray:
    """`picture` (h, w, 3) uint8, small: what `difference` compares."""
    import cv2

    scale = min(1.0, _SIDE / max(picture.shape[:2]))
    size = (max(_CELL, round(picture.shape[1] * scale)), max(_CELL, round(picture.shape[0] * scale)))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """0..1 between two looks: of cells a fortieth of the picture's length wide, how far the most different one went.

    The mean over the picture would overlook a word; a pixel's own difference would see noise.
    """
    import cv2

    if one.shape != other.shape:
        return 1.0
    red, green, blue = cv2.split(cv2.absdiff(one, other))
    cells = cv2.boxFilter(cv2.max(cv2.max(red, green), blue), cv2.CV_32F, (_CELL, _CELL), borderType=cv2.BORDER_REFLECT)
    return float(cells.max() / 255)


class FrameWatch:
    """Follows the frames of a decoded stretch on grids of 24 by 24 places, as `frame_grid` makes them."""

    def __init__(self) -> None:
        self._last: np.ndarray | None = None
        self._begin: np.ndarray | None = None
        self._way = np.zeros(1, np.float32)
        self._steps: deque[float] = deque(maxlen=_STEPS_KEPT)

    def jumps(self, grid: np.ndarray) -> bool:
        """Whether the picture went much further than in the frames before, as it does at a cut."""
        if self._last is None or self._last.shape != grid.shape:
            return False
        step = _step(grid, self._last)
        return step >= _JUMP and step >= _JUMP_RATIO * (sum(self._steps) / max(1, len(self._steps)))

    def see(self, grid: np.ndarray) -> None:
        if self._last is not None and self._last.shape == grid.shape:
            moved = np.abs(grid - self._last)
            self._steps.append(_step(grid, self._last))
            self._way = self._way + np.where(moved > _NOISE, moved, 0)
        else:
            self._begin = None
        self._last = grid

    def take(self) -> float | None:
        """The frame seen last is a sample. 0..1: how directly the picture went from the sample before to this one. A
        dissolve, a fade or a wipe goes straight (near 1), moving things and cameras go to and fro. None at first."""
        begin, self._begin, way = self._begin, self._last, self._way
        self._way = np.zeros(1, np.float32)
        if begin is None or self._last is None:
            return None
        went = np.abs(self._last - begin)
        return min(1.0, float(np.where(went > _NOISE, went, 0).sum()) / max(float(way.sum()), 1.0))


def _step(one: np.ndarray, other: np.ndarray) -> float:
    """Mean over the places of the component that moved most, so that colours of equal luma count."""
    return float(np.abs(one - other).max(axis=0).mean())


def frame_grid(frame: av.VideoFrame) -> np.ndarray:
    """(planes, 24, 24) float32 0..255: up to three planes, each place the mean of 16 pixels of its cell. Whatever the
    planes stand for, luma or colours, a cut makes them jump."""
    planes = [_plane_grid(frame, index) for index in range(min(3, len(frame.planes)))]
    return np.stack(planes)


def _plane_grid(frame: av.VideoFrame, index: int) -> np.ndarray:
    bits = frame.format.components[0].bits
    plane = frame.planes[index]
    rows = np.frombuffer(memoryview(plane), np.uint16 if bits > 8 else np.uint8).reshape(plane.height, -1)
    width = min(plane.width, rows.shape[1]) if frame.format.is_planar else rows.shape[1]
    side = _GRID * _POINTS
    ys, xs = (np.arange(side) * (length - 1) // (side - 1) for length in (plane.height, width))
    points = rows[ys][:, xs].astype(np.float32).reshape(_GRID, _POINTS, _GRID, _POINTS).mean(axis=(1, 3))
    return points / float(1 << max(0, bits - 8))
