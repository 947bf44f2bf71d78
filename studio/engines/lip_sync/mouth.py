"""A mouth that moves: two layers of one picture, bent apart along the line between the lips, and what shows between."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from studio.engines.lip_sync.fields import Grid, MoveFields, grid_for
from studio.engines.lip_sync.interior import Interior, Opening
from studio.engines.lip_sync.rig import MOVES, Rig
from studio.engines.lip_sync.seam import settled
from studio.speech.visemes import PARAMETERS

LARGEST_APERTURE = 0.082
"""Parts of the face's height between the lips at aperture 1: some 15 mm. Wider looks cut out of a photo."""

LARGEST_DROP = 0.062
LARGEST_WIDE, LARGEST_ROUND = 0.018, 0.034
UPPER_SHARE = 0.2
"""Of the lips' parting, what the upper lip does."""

BITE_RISE = 0.008
SPAN = 1.6
"""The lips' curves reach this many half widths to each side."""


@dataclass(frozen=True)
class Amounts:
    """Amounts of MOVES (len(MOVES),), and what the inside of the mouth has to know."""

    moves: np.ndarray
    jaw: float
    tongue: float


def amounts_of(shape: np.ndarray, rig: Rig) -> Amounts:
    """What `shape` (len(PARAMETERS),) asks of this face: what is open in the picture need not be opened."""
    value = dict(zip(PARAMETERS, (float(v) for v in shape), strict=True))
    gap = rig.gap
    wanted = value["aperture"] * max(LARGEST_APERTURE, gap) * rig.gain
    close = 0.0 if gap <= 0 else float(np.clip(1 - wanted / gap, 0, 1))
    more = max(0.0, wanted - gap)
    rise = min(UPPER_SHARE * more, 0.016) + BITE_RISE * value["bite"] * rig.gain
    jaw = value["jaw"] * LARGEST_DROP * rig.gain - min(0.5 * gap, LARGEST_DROP) * (1 - close)
    wide = np.clip(value["wide"], -1, 1) * rig.gain
    spread, narrowed = max(0.0, wide) * LARGEST_WIDE, max(0.0, -wide, value["rounded"] * rig.gain) * LARGEST_ROUND
    # a smile is let go of as its lips meet
    narrowed += 0.25 * close * gap
    moves = dict(lower=more - rise, upper=rise, jaw=max(0.0, jaw), wide=spread, round=narrowed)
    moves |= dict(press=value["pressed"], close=close * rig.closing)
    return Amounts(np.array([moves[name] for name in MOVES], np.float32), max(0.0, jaw), value["tongue"])


class MovingMouth:
    """The mouth of one picture (h, w, 3) or (h, w, 4) uint8; `draw` is for frames that equal it around the mouth."""

    def __init__(self, picture: np.ndarray, rig: Rig) -> None:
        rig = settled(picture, rig)
        self.rig, self._picture = rig, picture
        self._grid = grid_for(rig)
        self._above, self._below = MoveFields(rig.above, rig, self._grid), MoveFields(rig.below, rig, self._grid)
        self._curves = _Curves(rig, self._above, self._below)
        self._area = _inside(self._grid, picture.shape)
        self._x, self._y = _pixels(self._grid)
        self._local = rig.axes.to_face(np.stack([self._x, self._y], axis=-1)).astype(np.float32)
        self._column = self._curves.columns(self._local[..., 0])
        self._interior = Interior(picture, rig)
        self._beside = np.maximum(0, np.abs(self._curves.x) - 0.9 * rig.half_width) * 0.6 + 0.5

    def draw(self, frame: np.ndarray, shape: np.ndarray) -> Opening:
        """Gives the mouth in `frame` the `shape` (len(PARAMETERS),), in place."""
        amounts = amounts_of(shape, self.rig)
        opening = self._curves.opening(amounts.moves)
        if not np.any(amounts.moves):
            return opening
        top, left, bottom, right = self._area
        if bottom <= top or right <= left:
            return opening
        above = self._grid.enlarged(self._above.backward(amounts.moves))
        below = self._grid.enlarged(self._below.backward(amounts.moves))
        y = self._local[..., 1]
        middle = np.take((opening.upper + opening.lower) / 2, self._column).astype(np.float32)
        share = np.clip((y - middle) / np.take(self._beside, self._column).astype(np.float32) + 0.5, 0, 1)[..., None]
        back = above + share * (below - above)
        part = (
            slice(top - self._grid.top, bottom - self._grid.top),
            slice(left - self._grid.left, right - self._grid.left),
        )
        bent = cv2.remap(
            self._picture, self._x[part] + back[part][..., 0], self._y[part] + back[part][..., 1],
            cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE,
        )  # fmt: skip
        frame[top:bottom, left:right] = bent
        self._interior.paint(frame, opening, amounts)
        return opening


class _Curves:
    """The lips' inner edges as they move, over one row of places across the mouth."""

    def __init__(self, rig: Rig, above: MoveFields, below: MoveFields) -> None:
        self._rig = rig
        half = rig.half_width
        self.x = np.linspace(-SPAN * half, SPAN * half, max(65, int(2 * SPAN * half)))
        self._upper, self._lower = self._extended(rig.upper), self._extended(rig.lower)
        turn = np.stack([rig.axes.across, rig.axes.down])
        self._move_upper = above.at(rig.axes.to_picture(self._upper)) @ turn.T
        self._move_lower = below.at(rig.axes.to_picture(self._lower)) @ turn.T

    def _extended(self, edge: np.ndarray) -> np.ndarray:
        return np.stack([self.x, np.interp(self.x, edge[:, 0], edge[:, 1])], axis=1)

    def columns(self, x: np.ndarray) -> np.ndarray:
        """For each x in the mouth's axes the index of its place."""
        step = self.x[1] - self.x[0]
        return np.clip(np.round((x - self.x[0]) / step), 0, len(self.x) - 1).astype(np.intp)

    def opening(self, moves: np.ndarray) -> Opening:
        upper = self._upper + np.tensordot(moves, self._move_upper, axes=1)
        lower = self._lower + np.tensordot(moves, self._move_lower, axes=1)
        high = np.interp(self.x, np.maximum.accumulate(upper[:, 0]), upper[:, 1])
        low = np.interp(self.x, np.maximum.accumulate(lower[:, 0]), lower[:, 1])
        return Opening(self.x, high, np.maximum(low, high))


def _pixels(grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    y, x = np.mgrid[0 : grid.height, 0 : grid.width].astype(np.float32)
    return x + grid.left, y + grid.top


def _inside(grid: Grid, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """Top, left, bottom, right of the grid's part within the picture."""
    return (
        max(0, grid.top), max(0, grid.left),
        min(shape[0], grid.top + grid.height), min(shape[1], grid.left + grid.width),
    )  # fmt: skip
