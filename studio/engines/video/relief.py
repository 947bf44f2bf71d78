"""A flat picture given a soft depth, so that a camera can move over it without tearing it into layers."""

from __future__ import annotations

import math

import cv2
import numpy as np

from studio.contracts import Size
from studio.engines.video.camera import Pose, Reach, place
from studio.engines.video.focus import Focus, salient
from studio.engines.video.planes import Path, enlarged

CELL = 8
"""Pixels a cell of the depth map: it is smooth, so that edges in the picture stretch instead of wobbling."""


def soft_depth(image: np.ndarray, focuses: tuple[Focus, ...]) -> np.ndarray:
    """A plausible depth 0..1 for each 8 x 8 cell: near at the bottom and at what stands out, far above."""
    height, width = image.shape[:2]
    rows, columns = math.ceil(height / CELL), math.ceil(width / CELL)
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    x, y = (x + 0.5) / columns - 0.5, (y + 0.5) / rows - 0.5
    ground = np.clip(0.25 + 0.75 * (y + 0.3), 0.0, 1.0)
    bump = np.zeros_like(ground)
    for focus, weight in zip(focuses[:2], (1.0, 0.6), strict=False):
        away = ((x - focus.x / width) / 0.22) ** 2 + ((y - focus.y / height) / 0.3) ** 2
        bump = np.maximum(bump, weight * np.exp(-away / 2))
    depth = np.maximum(ground, 0.85 * bump)
    return cv2.GaussianBlur(depth, (0, 0), min(rows, columns) / 12)


class FlatScene:
    """A keyframe without layers."""

    def __init__(self, image: np.ndarray, size: Size) -> None:
        self.size, self._image = size, np.ascontiguousarray(image)
        self.focuses = salient(image)
        self._depth = soft_depth(image, self.focuses)
        half = (size.width / 2, size.width / 2, size.height / 2, size.height / 2)
        self.reaches = (Reach(0.0, *half), Reach(1.0, *half))

    def view(self, path: Path) -> FlatView:
        factor = math.sqrt(path.start.zoom * path.end.zoom)
        if factor < 1.12:
            return FlatView(self._image, 1.0, self._depth)
        large = enlarged(self._image, min(factor, 2.0), 0.0)
        return FlatView(large, large.shape[1] / self.size.width, self._depth, self.size)


class FlatView:
    """One shot of a flat picture."""

    def __init__(self, picture: np.ndarray, factor: float, depth: np.ndarray, size: Size | None = None) -> None:
        self._picture, self._factor, self._depth = picture, np.float32(factor), depth
        self._size = size or Size(picture.shape[1], picture.shape[0])
        width, height = self._size.width, self._size.height
        self._x = (np.arange(width, dtype=np.float32) + 0.5 - width / 2)[None, :]
        self._y = (np.arange(height, dtype=np.float32) + 0.5 - height / 2)[:, None]

    def render(self, pose: Pose) -> np.ndarray:
        """The frame (H, W, 3) seen from `pose`. The depth is read where the pivot's plane would be: near enough for a
        depth this smooth."""
        width, height = self._size.width, self._size.height
        half = (width / 2, width / 2, height / 2, height / 2)
        there = place(pose, Reach(pose.pivot, *half), width, height)
        cos, sin = math.cos(pose.roll) / there.scale, math.sin(pose.roll) / there.scale
        # frame -> picture, both from their centres
        x, y = cos * self._x + sin * self._y + there.x, cos * self._y - sin * self._x + there.y
        if pose.dolly or pose.truck_x or pose.truck_y:
            away = self._away(pose, (cos, sin, there.x, there.y))
            x = x + away * (pose.truck_x - pose.dolly * (x - there.x))
            y = y + away * (pose.truck_y - pose.dolly * (y - there.y))
        map_x = (x + np.float32(width / 2)) * self._factor - np.float32(0.5)
        map_y = (y + np.float32(height / 2)) * self._factor - np.float32(0.5)
        return cv2.remap(self._picture, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)

    def _away(self, pose: Pose, turn: tuple[float, float, float, float]) -> np.ndarray:
        """Depth minus pivot for each pixel of the frame, (H, W) float32."""
        cos, sin, x, y = turn
        rows, columns = self._depth.shape
        width, height = self._size.width, self._size.height
        spin = np.array([[cos, sin], [-sin, cos]])
        centre = np.array([columns / 2, rows / 2])
        shift = np.array([x * columns / width, y * rows / height])
        offset = centre + shift - spin @ centre + spin @ (0.5, 0.5) - 0.5
        matrix = np.column_stack([spin, offset])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        cells = cv2.warpAffine(self._depth, matrix, (columns, rows), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return cv2.resize(cells - np.float32(pose.pivot), (width, height), interpolation=cv2.INTER_LINEAR)
