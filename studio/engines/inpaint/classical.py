"""The embedded repair: pieces of the surroundings for holes with a texture around them, smoothness for specks."""

from __future__ import annotations

import cv2
import numpy as np

from studio.cancellation import CancelToken
from studio.contracts import InpaintEngine
from studio.engines.inpaint.patches import RADIUS, patched
from studio.errors import BadInput
from studio.media.scenery import smooth_filling

SPECK = 2.5
"""Pixels from rim to rim's middle: what is nowhere deeper has no room for a texture."""

CONTEXT = 1.0
"""How much of a hole's own longer side is looked at around it."""


class ClassicalInpaint(InpaintEngine):
    """Needs no weights; the same picture and mask give the same filling."""

    def __init__(self, name: str = "classical", device: str = "cpu", rung: int = 0) -> None:
        super().__init__(name, device, rung)

    def repair(self, picture: np.ndarray, mask: np.ndarray, cancel: CancelToken) -> np.ndarray:
        check(picture, mask)
        cancel.check()
        filled = picture.copy()
        for part in _holes(mask):
            cancel.check()
            rows, columns, hole = part
            filled[rows, columns] = _filled(filled[rows, columns], mask[rows, columns], hole, cancel)
        return filled


def check(picture: np.ndarray, mask: np.ndarray) -> None:
    """Raises BadInput for what contracts.InpaintEngine does not take."""
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3 or not picture.size:
        raise BadInput("picture", f"{picture.dtype} {picture.shape}", "a picture (height, width, 3) of uint8")
    if mask.dtype != np.bool_ or mask.shape != picture.shape[:2]:
        raise BadInput("mask", f"{mask.dtype} {mask.shape}", f"bool {picture.shape[:2]}, as the picture")
    if mask.all():
        raise BadInput("mask", "all of the picture", "a mask that leaves something to go by")


def _holes(mask: np.ndarray) -> list[tuple[slice, slice, np.ndarray]]:
    """Each hole with its surroundings: rows, columns, and its own pixels there. Holes close together are one."""
    height, width = mask.shape
    close = cv2.dilate(mask.astype(np.uint8), np.ones((2 * RADIUS + 1,) * 2, np.uint8))
    count, parts, stats, _ = cv2.connectedComponentsWithStats(close)
    found = []
    for index in range(1, count):
        left, top, wide, high = (int(value) for value in stats[index, :4])
        rim = max(6 * RADIUS, round(CONTEXT * max(wide, high)))
        rows = slice(max(0, top - rim), min(height, top + high + rim))
        columns = slice(max(0, left - rim), min(width, left + wide + rim))
        found.append((rows, columns, (parts[rows, columns] == index) & mask[rows, columns]))
    return found


def _filled(picture: np.ndarray, missing: np.ndarray, hole: np.ndarray, cancel: CancelToken) -> np.ndarray:
    """`missing`: every hole in sight; of them `hole` is filled."""
    depth = float(cv2.distanceTransform(np.pad(hole, 1).astype(np.uint8), cv2.DIST_L2, 3).max())
    if depth <= SPECK:
        return _merged(picture, hole, cv2.inpaint(np.ascontiguousarray(picture), _bytes(missing), 3, cv2.INPAINT_TELEA))
    result = patched(picture, missing, cancel)
    if result is None:
        smooth = smooth_filling(picture.astype(np.float32), 1.0 - missing.astype(np.float32))
        result = np.clip(smooth + 0.5, 0, 255).astype(np.uint8)
    return _merged(picture, hole, result)


def _bytes(mask: np.ndarray) -> np.ndarray:
    return mask.astype(np.uint8)


def _merged(picture: np.ndarray, hole: np.ndarray, filled: np.ndarray) -> np.ndarray:
    return np.where(hole[..., None], filled, picture)
