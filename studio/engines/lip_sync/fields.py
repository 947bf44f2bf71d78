"""Smooth displacement fields through control points, on a coarse grid: mixed, turned around and brought to full size.

Thin-plate splines: Bookstein, "Principal warps", 1989. The grid is coarse because the fields are smooth; only the line
between the lips is sharp, and that is drawn at full size where the two layers meet.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from studio.engines.lip_sync.rig import Layer, Rig, smooth

STIFFNESS = 1e-5
"""Weight of bending against missing a control point, whose distances are in parts of the face's height."""

INVERSE_STEPS = 4
CELLS = 90
"""Grid cells to a face's height: 4 pixels in a head that fills 512."""


@dataclass(frozen=True)
class Grid:
    """Part of a picture, `left`, `top` (may lie outside of it), of `columns` x `rows` cells of `step` pixels."""

    left: int
    top: int
    columns: int
    rows: int
    step: int

    @property
    def width(self) -> int:
        return self.columns * self.step

    @property
    def height(self) -> int:
        return self.rows * self.step

    def nodes(self) -> np.ndarray:
        """(rows, columns, 2) the cells' middles in pixels of the picture."""
        x = self.left + (np.arange(self.columns) + 0.5) * self.step - 0.5
        y = self.top + (np.arange(self.rows) + 0.5) * self.step - 0.5
        return np.stack(np.meshgrid(x, y), axis=-1)

    def enlarged(self, field: np.ndarray) -> np.ndarray:
        return cv2.resize(field, (self.width, self.height), interpolation=cv2.INTER_LINEAR)


def grid_for(rig: Rig) -> Grid:
    corners = np.array([[x, y] for x in (-rig.reach, rig.reach) for y in (rig.ceiling, rig.floor)])
    spread = rig.axes.to_picture(corners)
    step = max(1, round(rig.height / CELLS))
    left, top = (np.floor(spread.min(axis=0)).astype(int) - step).tolist()
    right, bottom = (np.ceil(spread.max(axis=0)).astype(int) + step).tolist()
    return Grid(left, top, -(-(right - left) // step), -(-(bottom - top) // step), step)


class MoveFields:
    """A layer's moves as fields (moves, rows, columns, 2), 0 at and beyond the rig's limits."""

    def __init__(self, layer: Layer, rig: Rig, grid: Grid) -> None:
        self._grid = grid
        weights, self._centres, self._unit = _spline(layer, rig)
        self._weights = weights
        self._rig = rig
        nodes = grid.nodes().reshape(-1, 2)
        self._moves = self.at(nodes).reshape(len(layer.moves), grid.rows, grid.columns, 2).astype(np.float32)
        y, x = np.mgrid[0 : grid.rows, 0 : grid.columns].astype(np.float32)
        self._where = np.stack([x, y], axis=-1)

    def at(self, points: np.ndarray) -> np.ndarray:
        """(moves, n, 2): what each move does to `points` (n, 2)."""
        basis = _basis((points - self._rig.axes.origin) / self._unit, self._centres)
        values = np.tensordot(basis, self._weights, axes=1).transpose(1, 0, 2)
        return values * _window(self._rig, points)[None, :, None]

    def backward(self, amounts: np.ndarray) -> np.ndarray:
        """(rows, columns, 2): from where in the picture, relative to itself, each grid node takes its colour."""
        forward = np.tensordot(amounts.astype(np.float32), self._moves, axes=1)
        back = -forward
        for _ in range(INVERSE_STEPS):
            at = self._where + back / self._grid.step
            back = -cv2.remap(forward, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        return back


def _window(rig: Rig, points: np.ndarray) -> np.ndarray:
    """1 over the mouth, 0 from the nose upwards and at the sides and the neck."""
    local = rig.axes.to_face(points)
    x, y = local[:, 0], local[:, 1]
    top = smooth((y - rig.ceiling) / (0.45 * abs(rig.ceiling)))
    bottom = smooth((rig.floor - y) / (0.24 * rig.height))
    sides = smooth((rig.reach - np.abs(x)) / (0.18 * rig.height))
    return top * bottom * sides


def _spline(layer: Layer, rig: Rig) -> tuple[np.ndarray, np.ndarray, float]:
    """Weights (n + 3, moves, 2) of the thin-plate basis, its centres (n, 2) and the unit they are in."""
    rim = np.array(
        [[x, y] for x in np.linspace(-1.2, 1.2, 9) * rig.reach for y in (rig.ceiling * 1.3, rig.floor * 1.1)]
        + [[x, y] for x in (-1.2 * rig.reach, 1.2 * rig.reach) for y in np.linspace(rig.ceiling, rig.floor, 7)]
    )
    centres = (np.concatenate([layer.points, rig.axes.to_picture(rim)]) - rig.axes.origin) / rig.height
    values = np.concatenate([layer.moves, np.zeros((len(layer.moves), len(rim), 2))], axis=1)
    count = len(centres)
    system = np.zeros((count + 3, count + 3))
    basis = _basis(centres, centres)
    system[:count] = basis
    system[:count, :count] += STIFFNESS * np.eye(count)
    system[count:, :count] = basis[:, count:].T
    right = np.zeros((count + 3, len(layer.moves), 2))
    right[:count] = values.transpose(1, 0, 2)
    # OpenCV's solver is one thread's: NumPy's waits for a second core, 70 ms where the other work has it
    solved = np.asarray(cv2.solve(system, right.reshape(count + 3, -1), flags=cv2.DECOMP_LU)[1])
    return solved.reshape(right.shape), centres, rig.height


def _basis(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    squared = (points**2).sum(axis=1)[:, None] + (centres**2).sum(axis=1)[None] - 2 * points @ centres.T
    squared = np.maximum(squared, 0)
    radial = 0.5 * squared * np.log(squared + 1e-12)
    return np.hstack([radial, np.ones((len(points), 1)), points])
