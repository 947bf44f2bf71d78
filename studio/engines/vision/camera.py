"""How the camera moved between two samples, and what a scene's many small moves add up to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from studio.engines.vision.features import Features, correlation

_POINTS, _LEAST_POINTS, _LEAST_SHARE = 120, 10, 0.45
_LEAST_SPREAD = 0.4
"""Of the width and of the height: points all on one thing tell of the thing, not of the camera."""
_STILL = 0.006
"""Of the picture's width a second: slower is a tripod."""


@dataclass(frozen=True)
class Move:
    """Of the picture between two samples `seconds` apart: `right`, `down` shares of the width that things moved,
    `closer` the natural logarithm of how much they grew. `known`: there was enough to follow, and most of it agreed.
    `match` -1..1: correlation of both pictures once the move is undone."""

    seconds: float
    right: float
    down: float
    closer: float
    known: bool
    match: float


def move_between(one: Features, other: Features) -> Move:
    """Lucas and Kanade's sparse flow, and the similarity that most of the points agree on (RANSAC)."""
    unknown = Move(other.time - one.time, 0.0, 0.0, 0.0, False, match_of(one, other))
    if one.grey.shape != other.grey.shape or one.flat or other.flat:
        return unknown
    here, then = _evened(one.grey), _evened(other.grey)
    corners = cv2.goodFeaturesToTrack(here, _POINTS, 0.02, 5)
    if corners is None or len(corners) < _LEAST_POINTS:
        return unknown
    there, found, _ = cv2.calcOpticalFlowPyrLK(here, then, corners, np.empty_like(corners), None, None,
                                               (21, 21), 3)  # fmt: skip
    back, again, _ = cv2.calcOpticalFlowPyrLK(then, here, there, np.empty_like(there), None, None,
                                              (21, 21), 3)  # fmt: skip
    kept = (found.ravel() == 1) & (again.ravel() == 1) & (np.abs(corners - back).max(axis=2).ravel() < 1.0)
    if np.count_nonzero(kept) < max(_LEAST_POINTS, _LEAST_SHARE * len(corners)):
        return unknown
    affine, agree = cv2.estimateAffinePartial2D(corners[kept], there[kept], None, cv2.RANSAC, 1.5)
    if affine is None or agree.sum() < max(_LEAST_POINTS, _LEAST_SHARE * len(corners)):
        return unknown
    height, width = one.grey.shape
    spread = np.ptp(corners[kept][agree.ravel() == 1].reshape(-1, 2), axis=0) / (width, height)
    if min(spread) < _LEAST_SPREAD:
        return unknown
    centre = np.array([width / 2, height / 2])
    shift = affine[:, :2] @ centre + affine[:, 2] - centre
    scale = float(np.hypot(affine[0, 0], affine[1, 0]))
    undone = cv2.warpAffine(one.grey, affine, (width, height), None, cv2.INTER_LINEAR, cv2.BORDER_CONSTANT, (0,))
    inside = cv2.warpAffine(np.ones_like(one.grey), affine, (width, height)) > 0
    match = correlation(np.where(inside, undone, 0), np.where(inside, other.grey, 0)) if inside.mean() > 0.2 else -1.0
    return Move(
        other.time - one.time, float(shift[0] / width), float(shift[1] / width), float(np.log(scale)), True, match
    )


def _evened(grey: np.ndarray) -> np.ndarray:
    """At one brightness and contrast: flow takes light for movement."""
    return np.clip((grey - grey.mean()) * (48 / max(float(grey.std()), 1e-3)) + 128, 0, 255).astype(np.uint8)


def match_of(one: Features, other: Features) -> float:
    """0 for pictures of different shapes."""
    return correlation(one.grey, other.grey) if one.grey.shape == other.grey.shape else 0.0


NO_MOVES = (0.0, 0.0, 0.0, 0.0, 0.0)


def describe(sums: Sequence[float]) -> str:
    """The camera's word in Scene for what `added` summed up."""
    seconds, right, down, closer, way = sums
    if seconds <= 0 or way / seconds < _STILL:
        return "still"
    # Growth moves what lies at a quarter of the width by a quarter of its logarithm.
    parts = {"pan": abs(right), "tilt": abs(down), "zoom": abs(closer) / 4}
    name = max(parts, key=lambda each: parts[each])
    if parts[name] < 0.5 * way or parts[name] / seconds < _STILL:
        return "moving" if way / seconds >= 3 * _STILL else "still"
    # The picture's contents go against the camera.
    turned = {"pan": "left" if right > 0 else "right", "tilt": "up" if down > 0 else "down"}
    return f"{name} {turned[name]}" if name in turned else f"zoom {'in' if closer > 0 else 'out'}"


def added(sums: Sequence[float], move: Move) -> list[float]:
    """Seconds, right, down, closer and the way in all, with `move` added; as they were where it isn't known."""
    if not move.known:
        return list(sums)
    way = abs(move.right) + abs(move.down) + abs(move.closer) / 4
    new = (move.seconds, move.right, move.down, move.closer, way)
    return [have + more for have, more in zip(sums, new, strict=True)]
