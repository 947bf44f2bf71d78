"""A rig from a mouth's box alone: drawings, pets and toys, whose faces no network finds."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from studio.contracts import Box
from studio.engines.lip_sync.rig import MOVES, Frame2D, Layer, Rig, almond, smooth

MOUTH_TO_FACE = 0.29
"""A mouth's width in parts of the face's height, as in a grown-up's face."""

POINTS = 13
CURVE_POINTS = 65


@dataclass(frozen=True)
class Lines:
    """Offsets in pixels from the box's middle: `y` (CURVE_POINTS,) the mouth's line over `x`; `half` its half width."""

    x: np.ndarray
    y: np.ndarray
    half: float


def box_rig(picture: np.ndarray, box: Box) -> Rig:
    """The rig of a level mouth that fills `box` in `picture` (h, w, 3)."""
    left, top, width, height = box
    half = 0.46 * width
    unit = min(width / MOUTH_TO_FACE, 9.0 * max(height, 0.2 * width))
    axes = Frame2D(np.array([left + width / 2, top + height / 2]), np.array([1.0, 0.0]), np.array([0.0, 1.0]))
    lines = _mouth_line(picture, box, half)
    thick = float(np.clip(0.5 * height, 0.05 * width, 0.16 * width))
    above, below = _layer(lines, thick, unit, axes, -1), _layer(lines, thick, unit, axes, 1)
    edge = np.stack([lines.x, lines.y], axis=1)
    ceiling = -(thick + 0.18 * width)
    return Rig(above, below, axes, unit, half, edge, edge.copy(), ceiling, 1.05 * width, 0.95 * width, 2 * thick, 0.95)


def _mouth_line(picture: np.ndarray, box: Box, half: float) -> Lines:
    """The darkest line from side to side in the box; its middle where nothing is dark."""
    left, top, width, height = box
    x = np.linspace(-half, half, CURVE_POINTS)
    rows = np.linspace(-0.38 * height, 0.38 * height, 41)
    at = np.stack(np.meshgrid(x + left + width / 2, rows + top + height / 2), axis=-1).astype(np.float32)
    grey = cv2.cvtColor(picture[..., :3], cv2.COLOR_RGB2GRAY)
    grey = cv2.GaussianBlur(grey, (0, 0), max(0.6, height / 40))
    seen = cv2.remap(grey, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(float)
    contrast = np.percentile(seen, 75) - seen
    weight = np.clip(contrast, 0, None) ** 2 + 1e-6
    sure = np.clip((contrast.max(axis=0) - 12) / 30, 0, 1)
    if float(sure.mean()) < 0.15:
        return Lines(x, np.zeros(CURVE_POINTS), half)
    found = (weight * rows[:, None]).sum(axis=0) / weight.sum(axis=0)
    # a parabola: open mouths, moustaches and teeth must not make it wander
    fit = np.polynomial.Polynomial.fit(x, found, 2, w=np.sqrt(sure * weight.max(axis=0)) + 1e-3)
    return Lines(x, np.clip(fit(x), rows[0], rows[-1]), half)


def _layer(lines: Lines, thick: float, unit: float, axes: Frame2D, sign: int) -> Layer:
    """Control points of the upper (`sign` -1) or lower (1) half, on the lip's inner and outer edge and around them."""
    index = {name: n for n, name in enumerate(MOVES)}
    places = np.linspace(-1, 1, POINTS)
    along = places * lines.half
    seam = np.interp(along, lines.x, lines.y)
    points, moves = [], []
    for share in (0.0, 0.5, 1.0):
        inside = almond(places)
        move = np.zeros((len(MOVES), POINTS, 2))
        name = "lower" if sign > 0 else "upper"
        move[index[name], :, 1] = sign * inside * (1 - 0.2 * share)
        if sign > 0:
            move[index["jaw"], :, 1] = 0.18 * share * inside
        move[index["wide"], :, 0], move[index["round"], :, 0] = places, -places
        move[index["round"], :, 1] = sign * 0.25 * inside * share
        move[index["press"], :, 1] = -sign * 0.22 * inside * share * thick / unit
        points.append(np.stack([along, seam + sign * share * thick * np.sqrt(np.clip(1 - places**2, 0, 1))], axis=1))
        moves.append(move)
    if sign > 0:
        spots = np.array([[x, y] for y in (0.75, 1.15, 1.6, 2.2) for x in np.linspace(-1.4, 1.4, 9)]) * lines.half
        move = np.zeros((len(MOVES), len(spots), 2))
        drop = smooth(spots[:, 1] / (1.3 * lines.half)) * (1 - smooth((spots[:, 1] / lines.half - 1.6) / 0.7))
        move[index["jaw"], :, 1] = 0.9 * drop * (1 - smooth((np.abs(spots[:, 0]) / lines.half - 0.5) / 1.0))
        points.append(spots)
        moves.append(move)
    local = np.concatenate(points)
    return Layer(axes.to_picture(local), np.concatenate(moves, axis=1) * unit)
