"""How far an outline can be believed, from its shape alone."""

from __future__ import annotations

import cv2
import numpy as np

BORDER_COST = 0.34
"""Taken off for each side but the bottom that an outline found by its colours crosses: backgrounds do that."""

SEEN_BORDER_COST = 0.12
"""The same for a subject that a network knows as one: close pictures crop people too."""


def confidence_of(alpha: np.ndarray, pieces: int = 1, border_cost: float = BORDER_COST) -> float:
    """0..1 for alpha (H, W) uint8. Low when next to nothing or nearly everything is subject, when it runs out of the
    picture on several sides (`border_cost` each), falls to more than `pieces` pieces, or is ragged."""
    mask = (_small(alpha) > 127).astype(np.uint8)
    area = float(mask.mean())
    if area < 0.002:
        return 0.0
    shape = _size(area) * _borders(mask, border_cost) * _wholeness(mask, pieces) * _outline(mask)
    return float(np.clip(shape, 0, 1))


def solidity(alpha: np.ndarray) -> float:
    """0..1 for alpha (H, W) uint8: low when much of the subject is half-clear, which no outline is."""
    small = _small(alpha)
    half = float(((small > 40) & (small < 215)).sum()) / max(1.0, float((small > 40).sum()))
    return _ramp(half, 0.55, 0.22)


def _small(alpha: np.ndarray) -> np.ndarray:
    scale = min(1.0, 384 / max(alpha.shape))
    size = (max(1, round(alpha.shape[1] * scale)), max(1, round(alpha.shape[0] * scale)))
    return cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)


def _ramp(value: float, bad: float, good: float) -> float:
    return float(np.clip((value - bad) / (good - bad), 0, 1))


def _size(area: float) -> float:
    return _ramp(area, 0.006, 0.03) * _ramp(area, 0.96, 0.82)


def _borders(mask: np.ndarray, cost: float) -> float:
    """Bodies leave the picture at the bottom; a mask on the top and both sides is a background."""
    height, width = mask.shape
    rim = max(1, round(0.04 * min(height, width)))
    bands = (mask[:rim].max(axis=0), mask[:, :rim].max(axis=1), mask[:, width - rim :].max(axis=1))
    touched = [float(band.mean()) for band in bands]
    return 1.0 - cost * sum(_ramp(share, 0.10, 0.45) for share in touched)


def _wholeness(mask: np.ndarray, pieces: int) -> float:
    """The share of the subject that lies in its `pieces` largest pieces."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask)
    areas = np.sort(stats[1:, cv2.CC_STAT_AREA])
    return 0.35 + 0.65 * _ramp(float(areas[-pieces:].sum() / areas.sum()), 0.45, 0.85) if count > 1 else 0.0


def _outline(mask: np.ndarray) -> float:
    """Length of the outline against that of a smoothed one: foliage and noise are ragged, people are not."""
    smooth = (cv2.GaussianBlur(mask.astype(np.float32), (0, 0), max(1.0, min(mask.shape) / 60)) > 0.5).astype(np.uint8)
    lengths = []
    for each in (mask, smooth):
        outlines, _ = cv2.findContours(each, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
        lengths.append(sum(cv2.arcLength(outline, True) for outline in outlines))
    return _ramp(lengths[0] / max(lengths[1], 1.0), 3.2, 1.7)
