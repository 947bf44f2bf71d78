"""Flashes in a film, counted as WCAG 2.3.1 defines them."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

LEAST = 0.10
"""Change of relative luminance, of the largest there is, from which a change counts."""

BRIGHT = 0.80
"""A change counts only where its darker side is below this relative luminance."""

CELLS = (24, 16)


def luminance(frame: np.ndarray) -> np.ndarray:
    """Relative luminance 0..1 (WCAG 2.2, sRGB) of an RGB frame in cells, (16, 24)."""
    small = cv2.resize(frame, (CELLS[0] * 4, CELLS[1] * 4), interpolation=cv2.INTER_AREA).astype(np.float64) / 255
    linear = np.where(small <= 0.04045, small / 12.92, ((small + 0.055) / 1.055) ** 2.4)
    return cv2.resize(linear @ (0.2126, 0.7152, 0.0722), CELLS, interpolation=cv2.INTER_AREA)


def most_flashes(frames: Iterable[np.ndarray], fps: int, share: float = 0.25) -> int:
    """The largest number of flashes (pairs of opposing changes) within any second that `share` of the picture sees."""
    tracks = np.array([luminance(frame) for frame in frames]).reshape(-1, CELLS[0] * CELLS[1])
    changes = np.zeros(tracks.shape, int)
    for cell in range(tracks.shape[1]):
        for frame in _turns(tracks[:, cell]):
            changes[frame, cell] += 1
    window = np.cumsum(np.vstack([np.zeros(tracks.shape[1]), changes]), axis=0)
    counts = [window[min(n + fps, len(tracks))] - window[n] for n in range(len(tracks))]
    return max(int(np.quantile(count, 1 - share) // 2) for count in counts)


def _turns(track: np.ndarray) -> list[int]:
    """Frames that end a change of LEAST or more against the change before: the luminance's zigzag."""
    turns, low, high, heading = [], track[0], track[0], 0
    for frame, value in enumerate(track):
        if heading >= 0 and high - value >= LEAST and value < BRIGHT:
            turns.append(frame)
            heading, low, high = -1, value, value
        elif heading <= 0 and value - low >= LEAST and low < BRIGHT:
            turns.append(frame)
            heading, low, high = 1, value, value
        low, high = min(low, value), max(high, value)
    return turns
