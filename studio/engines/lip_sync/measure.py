"""What a finished clip's lips do, seen from outside: how far they part, and how well that goes with the sound."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import numpy as np

from studio.contracts import Box
from studio.engines.faces import FaceFinder
from studio.engines.lip_sync import landmarks as mesh
from studio.engines.lip_sync.video import find_near

UPPER, LOWER = 13, 14
LARGEST_LAG = 0.4
"""Seconds to either side in which lips and sound are tried against each other."""


def mouth_openings(frames: Iterable[np.ndarray], box: Box | None = None) -> np.ndarray:
    """For each frame (h, w, 3) or (h, w, 4) the gap between the inner lips of the face at `box` in the first one, or of
    its largest face, in parts of the face's height, (n,) float64; NaN where it isn't found."""
    finder = FaceFinder()
    openings = []
    for frame in frames:
        face = find_near(finder, frame, box) if box else None
        face = face or next(iter(finder.find(np.ascontiguousarray(frame[..., :3]))), None)
        if face is None:
            openings.append(np.nan)
            continue
        # Looked for at the same place as long as it stays there: equal frames then measure equal.
        box = face.box if box is None or _moved(box, face.box) else box
        points = face.landmarks[:, :2]
        height = float(np.linalg.norm(points[mesh.CHIN] - points[mesh.FOREHEAD]))
        openings.append(float(np.linalg.norm(points[LOWER] - points[UPPER])) / max(height, 1e-6))
    return np.array(openings, np.float64)


def lip_sound_lag(openings: np.ndarray, loudness: np.ndarray, fps: Fraction) -> tuple[float, float]:
    """(correlation, lag): Pearson's r where it peaks, and the seconds by which the lips come after the sound there.

    `openings` and `loudness` (n,), one value a frame; NaNs are bridged. (0.0, 0.0) where either never changes.
    """
    lips, sound = _bridged(openings), np.asarray(loudness, np.float64)
    count = min(len(lips), len(sound))
    most = min(round(LARGEST_LAG * float(fps)), count // 3)
    if most < 1 or np.ptp(lips[:count]) < 1e-9 or np.ptp(sound[:count]) < 1e-9:
        return 0.0, 0.0
    lags = np.arange(-most, most + 1)
    scores = np.array(
        [_pearson(lips[max(0, k) : count + min(0, k)], sound[max(0, -k) : count - max(0, k)]) for k in lags]
    )
    best = int(scores.argmax())
    shift = float(lags[best])
    if 0 < best < len(lags) - 1:
        before, here, after = scores[best - 1 : best + 2]
        bend = before - 2 * here + after
        shift += 0.5 * (before - after) / bend if bend < -1e-12 else 0.0
    return float(scores[best]), float(shift) / float(fps)


def _moved(one: Box, two: Box) -> bool:
    """By more than a tenth of its size."""
    middles = [np.array([box[0] + box[2] / 2, box[1] + box[3] / 2]) for box in (one, two)]
    return float(np.linalg.norm(middles[1] - middles[0])) > 0.1 * max(one[2:])


def _bridged(values: np.ndarray) -> np.ndarray:
    values = np.asarray(values, np.float64)
    known = np.flatnonzero(np.isfinite(values))
    return np.interp(np.arange(len(values)), known, values[known]) if len(known) else np.zeros(len(values))


def _pearson(one: np.ndarray, two: np.ndarray) -> float:
    one, two = one - one.mean(), two - two.mean()
    size = float(np.sqrt((one**2).sum() * (two**2).sum()))
    return float((one * two).sum()) / size if size > 1e-12 else 0.0
