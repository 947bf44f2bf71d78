"""Scores of an analysis against the truth, as the beat tracking field defines them (Davies, Degara & Plumbley 2009)."""

from __future__ import annotations

import numpy as np


def matched(found: np.ndarray, true: np.ndarray, window: float = 0.07) -> list[tuple[float, float]]:
    """Pairs (found, true) at most `window` seconds apart, each used once, in order."""
    pairs, i, j = [], 0, 0
    while i < len(found) and j < len(true):
        gap = found[i] - true[j]
        if abs(gap) <= window:
            pairs.append((float(found[i]), float(true[j])))
            i, j = i + 1, j + 1
        elif gap < 0:
            i += 1
        else:
            j += 1
    return pairs


def f_measure(found: np.ndarray, true: np.ndarray, window: float = 0.07) -> float:
    if not len(found) or not len(true):
        return float(len(found) == len(true))
    return 2 * len(matched(found, true, window)) / (len(found) + len(true))


def lateness(found: np.ndarray, true: np.ndarray) -> float:
    """Mean of found minus true over matched beats, in seconds; nan without any."""
    pairs = np.array(matched(found, true))
    return float((pairs[:, 0] - pairs[:, 1]).mean()) if len(pairs) else float("nan")


def right_octave(tempo: float, true: float, tolerance: float = 0.04) -> bool:
    return abs(tempo - true) <= tolerance * true
