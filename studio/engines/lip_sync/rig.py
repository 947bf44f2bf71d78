"""What can move in a lower face and where to: control points and their displacement for each movement of the mouth.

A rig is made from a face's landmarks (face_rig) or from a mouth's box alone (box_rig); all that follows is the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MOVES = ("lower", "upper", "jaw", "wide", "round", "press", "close")
"""lower, upper: that lip moves away from the other; jaw: the chin drops; wide, round: the corners go out or in;
press: the lips grow thin; close: lips that are apart in the picture meet. Amounts of the first three are parts of the
face's height, the others 0..1."""


@dataclass(frozen=True)
class Layer:
    """Control points (n, 2) in pixels and what each move at amount 1 does to them (len(MOVES), n, 2), pixels."""

    points: np.ndarray
    moves: np.ndarray


@dataclass(frozen=True)
class Frame2D:
    """The mouth's own axes in the picture: `origin` between the corners, unit vector `across` from its left to its
    right in the picture, `down` towards the chin. Pixels."""

    origin: np.ndarray
    across: np.ndarray
    down: np.ndarray

    def to_face(self, points: np.ndarray) -> np.ndarray:
        away = points - self.origin
        return np.stack([away @ self.across, away @ self.down], axis=-1)

    def to_picture(self, points: np.ndarray) -> np.ndarray:
        return self.origin + points[..., :1] * self.across + points[..., 1:] * self.down


@dataclass(frozen=True)
class Rig:
    """`above` moves with the upper lip, `below` with the lower one; they agree beside the mouth.

    height        pixels from the hairline to the chin: the unit of the moves
    half_width    pixels from the mouth's middle to a corner
    upper, lower  (k, 2) the lips' inner edges in the picture, in the mouth's own axes, from corner to corner
    ceiling       the mouth's own y above which nothing moves;  floor  the same below the chin;  reach  to each side
    gain          0..1: how much of the usual movement this face bears (faces turned away bear less)
    lip           pixels: thickness of the lips together
    closing       the amount of "close" at which the lips' edges meet
    """

    above: Layer
    below: Layer
    axes: Frame2D
    height: float
    half_width: float
    upper: np.ndarray
    lower: np.ndarray
    ceiling: float
    floor: float
    reach: float
    lip: float
    gain: float = 1.0
    closing: float = 1.0

    @property
    def gap(self) -> float:
        """How far the lips are apart in the picture, as a part of the face's height."""
        return max(0.0, float(np.max(self.lower[:, 1] - self.upper[:, 1]))) / self.height


def smooth(x: np.ndarray | float) -> np.ndarray:
    """0..1 with flat ends for x from 0 to 1."""
    x = np.clip(x, 0.0, 1.0)
    return x * x * (3 - 2 * x)


def almond(x: np.ndarray) -> np.ndarray:
    """How far a lip's inner edge goes at x, -1 and 1 being the corners: an almond."""
    return np.clip(1 - x * x, 0, 1) ** 0.85
