"""A still photo's small life: a head that sways and nods with what it says, breath, blinks."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.ndimage import gaussian_filter1d

from studio.contracts import LipSyncRequest
from studio.engines.lip_sync.curves import frame_times, loudness
from studio.engines.lip_sync.fields import Grid
from studio.engines.lip_sync.rig import smooth

TURNS = ("across", "down", "roll", "yaw", "pitch", "breath")
LIMITS = np.array([0.008, 0.006, 0.014, 0.034, 0.026, 0.006])
"""Largest amount of each: parts of the face's height for the shifts, radians for the turns."""

BLINK = 0.26
"""Seconds from open to open: a lid falls in a third of them (VanderWerf et al., 2003)."""

CELLS = 96
LARGE = 900
"""Short side in pixels from which linear sampling is fine enough: a sixth of the work, and what it softens is a pixel's
width in a picture of a thousand."""


@dataclass(frozen=True)
class HeadPlace:
    """Where a head is: `centre` between the eyes and the mouth, `down` towards the chin, `height` in pixels."""

    centre: np.ndarray
    down: np.ndarray
    height: float


def blink_curve(count: int, fps: float, seed: int) -> np.ndarray:
    """(count,) 0 open .. 1 closed; people who talk blink every two to six seconds, never twice within one."""
    random = np.random.default_rng([seed, 1])
    times = (np.arange(count) + 0.5) / fps
    closed = np.zeros(count)
    at = random.uniform(0.7, 2.4)
    while count and at < times[-1]:
        # on a frame, so that no blink is missed between two
        phase = (times - times[np.abs(times - at).argmin()]) / BLINK
        closed = np.maximum(closed, smooth(np.where(phase < 0, 1 + phase / 0.35, 1 - phase / 0.65)))
        at += random.uniform(2.0, 5.5)
    return closed


def head_curves(request: LipSyncRequest) -> np.ndarray:
    """(frame_count, len(TURNS)): slow wandering, and nods where the speech is stressed; smooth, and small."""
    random = np.random.default_rng([request.seed, 2])
    fps = float(request.fps)
    times = frame_times(request.frame_count, request.fps)
    curves = np.zeros((request.frame_count, len(TURNS)))
    for n in range(len(TURNS) - 1):
        for frequency, size in ((0.11, 0.5), (0.23, 0.33), (0.41, 0.17)):
            rate, phase = frequency * random.uniform(0.8, 1.25), random.uniform(0, 2 * np.pi)
            curves[:, n] += size * np.sin(2 * np.pi * rate * times + phase)
    voiced = loudness(request.sound, request.fps, request.frame_count) * np.clip(request.speaking, 0, 1)
    slow = gaussian_filter1d(voiced, 0.45 * fps, mode="nearest")
    stress = gaussian_filter1d(voiced, 0.11 * fps, mode="nearest") - slow
    curves[:, TURNS.index("pitch")] += 1.6 * stress
    curves[:, TURNS.index("yaw")] *= 0.7 + 0.3 * slow
    curves[:, TURNS.index("breath")] = np.sin(2 * np.pi * 0.24 * times + random.uniform(0, 2 * np.pi))
    # every clip begins as the photo is; what adds up stays within the limits
    return np.tanh(curves) * smooth(times / 0.8)[:, None] * LIMITS * request.motion


class HeadMotion:
    """Moves the head in pictures of one size: the background bends around it, the picture's edges stay. With an `alpha`
    the whole person moves instead, from a bottom edge that stays."""

    def __init__(self, shape: tuple[int, int], head: HeadPlace, alpha: np.ndarray | None = None) -> None:
        height, width = shape
        step = max(1, round(max(height, width) / CELLS))
        self._grid = Grid(0, 0, -(-width // step), -(-height // step), step)
        self._shape = shape
        self._turns = _turn_fields(self._grid.nodes(), shape, head, alpha).astype(np.float32)
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        self._x, self._y = x, y

    def draw(self, frame: np.ndarray, amounts: np.ndarray) -> np.ndarray:
        """`frame` (h, w, 3) or (h, w, 4), moved by `amounts` (len(TURNS),); itself where they are 0."""
        if not np.any(amounts):
            return frame
        height, width = self._shape
        coarse = np.tensordot(amounts.astype(np.float32), self._turns, axes=1)
        field = self._grid.enlarged(coarse)[:height, :width]
        x, y = cv2.subtract(self._x, field[..., 0]), cv2.subtract(self._y, field[..., 1])
        finest = cv2.INTER_CUBIC if min(self._shape) < LARGE else cv2.INTER_LINEAR
        return cv2.remap(frame, x, y, finest, borderMode=cv2.BORDER_REPLICATE)


def _turn_fields(nodes: np.ndarray, shape: tuple[int, int], head: HeadPlace, alpha: np.ndarray | None) -> np.ndarray:
    """(len(TURNS), rows, columns, 2) pixels for an amount of 1."""
    height = shape[0]
    across = np.array([head.down[1], -head.down[0]])
    away = (nodes - head.centre) / head.height
    x, y = away @ across, away @ head.down
    radius = np.sqrt((x / 0.44) ** 2 + (y / 0.62) ** 2)
    # the neck is the pivot: the head turns about a point under the chin
    pivot = 0.75
    weight = 1 - smooth((radius - 0.9) / 1.5) if alpha is None else smooth((height - nodes[..., 1]) / (0.6 * height))
    bulge = np.sqrt(np.clip(1 - (radius / 1.25) ** 2, 0, 1)) * smooth((1.25 - radius) / 0.5) * 0.36
    chest = weight if alpha is not None else smooth((2.6 - radius) / 1.6)
    zero = np.zeros_like(x)
    local = [
        (weight, zero),
        (zero, weight),
        (-(y - pivot) * weight, x * weight),
        (bulge, zero),
        (zero, bulge),
        (zero, -smooth((y + 0.9) / 1.2) * chest),
    ]
    fields = np.stack([a[..., None] * across + b[..., None] * head.down for a, b in local]) * head.height
    return fields * _edges(nodes, shape, alpha)[None, ..., None]


def _edges(nodes: np.ndarray, shape: tuple[int, int], alpha: np.ndarray | None) -> np.ndarray:
    """0 at the picture's edges (with an alpha only at those that the person touches), 1 well inside."""
    height, width = shape
    margin = 0.14 * min(height, width)
    x, y = nodes[..., 0], nodes[..., 1]
    gaps = {"left": x, "right": width - 1 - x, "top": y, "bottom": height - 1 - y}
    if alpha is not None:
        rims = {"left": alpha[:, 0], "right": alpha[:, -1], "top": alpha[0], "bottom": alpha[-1]}
        gaps = {side: gap for side, gap in gaps.items() if side == "bottom" or int(rims[side].max()) > 8}
    window = np.ones_like(x)
    for gap in gaps.values():
        window = window * smooth(np.maximum(0, gap) / margin)
    return window
